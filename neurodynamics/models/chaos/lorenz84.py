"""Lorenz's model of the winds of one hemisphere."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = -y^2 - z^2 - a x + a F, y' = x y - b x z - y + G, z' = b x y + x z - z."""
    a, b, f, g = params
    out[0] = -y[1] * y[1] - y[2] * y[2] - a * y[0] + a * f
    out[1] = y[0] * y[1] - b * y[0] * y[2] - y[1] + g
    out[2] = b * y[0] * y[1] + y[0] * y[2] - y[2]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    a, b, f, g = params
    out[0, 0], out[0, 1], out[0, 2] = -a, -2 * y[1], -2 * y[2]
    out[1, 0], out[1, 1], out[1, 2] = y[1] - b * y[2], y[0] - 1, -b * y[0]
    out[2, 0], out[2, 1], out[2, 2] = b * y[1] + y[2], b * y[0], y[0] - 1


def lorenz84(*, a: float = 0.25, b: float = 4.0, f: float = 8.0, g: float = 1.0) -> DynamicalSystem:
    """Return the Lorenz-84 system: ``x' = -y^2 - z^2 - a x + a F, y' = x y - b x z - y + G, z' = b x y + x z - z``.

    The state is the strength of the westerly current and the two phases of a chain of waves on it.

    Parameters
    ----------
    a, b : float
        Damping of the current, and the current's advection of the waves, relative to the damping of the waves.
    f, g : float
        Symmetric and asymmetric heating, F and G.

    References
    ----------
    .. [1] Lorenz (1984), Tellus 36A, 98.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> simulate(models.lorenz84(f=6), 20, [1, 1, 1]).success
    True
    """
    return DynamicalSystem(rhs, 3, {"a": a, "b": b, "f": f, "g": g}, jac=jac)
