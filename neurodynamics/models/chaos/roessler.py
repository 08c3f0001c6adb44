"""Roessler's band: chaos with a single nonlinear term."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = -y - z, y' = x + a y, z' = b + z (x - c)."""
    a, b, c = params
    out[0] = -y[1] - y[2]
    out[1] = y[0] + a * y[1]
    out[2] = b + y[2] * (y[0] - c)


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    a, b, c = params
    out[0, 0], out[0, 1], out[0, 2] = 0.0, -1.0, -1.0
    out[1, 0], out[1, 1], out[1, 2] = 1.0, a, 0.0
    out[2, 0], out[2, 1], out[2, 2] = y[2], 0.0, y[0] - c


def roessler(*, a: float = 0.2, b: float = 0.2, c: float = 5.7) -> DynamicalSystem:
    """Return the Roessler system: ``x' = -y - z, y' = x + a y, z' = b + z (x - c)``.

    With a = b = 0.2 its cycle doubles its period at c = 2.8324, 3.8374, .. on the way to chaos.

    Parameters
    ----------
    a, b, c : float
        The three parameters of the paper.

    References
    ----------
    .. [1] Roessler (1976), Phys. Lett. A 57, 397.

    Examples
    --------
    >>> from analysis import limit_cycle
    >>> from neurodynamics import models
    >>> round(limit_cycle(models.roessler(c=2.5), [1, 1, 1]).period, 6)
    5.748991
    """
    return DynamicalSystem(rhs, 3, {"a": a, "b": b, "c": c}, jac=jac)
