"""Henon's map."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(k, y, u, params, out):
    """x -> 1 - a x^2 + y, y -> b x."""
    a, b = params
    out[0] = 1 - a * y[0] * y[0] + y[1]
    out[1] = b * y[0]


@kernel
def jac(k, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    a, b = params
    out[0, 0], out[0, 1] = -2 * a * y[0], 1.0
    out[1, 0], out[1, 1] = b, 0.0


def henon(*, a: float = 1.4, b: float = 0.3) -> DynamicalSystem:
    """Return the Henon map: ``x -> 1 - a x^2 + y, y -> b x``.

    It shrinks every area by b. With b = 0.3 a fixed point appears at a = -0.1225 and doubles its period at a = 0.3675.

    Parameters
    ----------
    a, b : float
        The bend and the shrinkage.

    References
    ----------
    .. [1] Henon (1976), Commun. Math. Phys. 50, 69.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> simulate(models.henon(), 1000, [0, 0]).y.shape
    (2, 1001)
    """
    return DynamicalSystem(rhs, 2, {"a": a, "b": b}, jac=jac, kind="map")
