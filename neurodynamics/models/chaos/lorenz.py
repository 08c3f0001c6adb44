"""Lorenz's model of convection."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z."""
    sigma, rho, beta = params
    out[0] = sigma * (y[1] - y[0])
    out[1] = y[0] * (rho - y[2]) - y[1]
    out[2] = y[0] * y[1] - beta * y[2]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    sigma, rho, beta = params
    out[0, 0], out[0, 1], out[0, 2] = -sigma, sigma, 0.0
    out[1, 0], out[1, 1], out[1, 2] = rho - y[2], -1.0, -y[0]
    out[2, 0], out[2, 1], out[2, 2] = y[1], y[0], -beta


def lorenz(*, sigma: float = 10.0, rho: float = 28.0, beta: float = 8 / 3) -> DynamicalSystem:
    """Return the Lorenz system: ``x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z``.

    The origin loses its stability at rho = 1; the two equilibria beside it at ``rho = sigma (sigma + beta + 3) /
    (sigma - beta - 1)``, 24.74 by default, in a subcritical Hopf bifurcation.

    Parameters
    ----------
    sigma : float
        Prandtl number.
    rho : float
        Rayleigh number, relative to where convection sets in.
    beta : float
        Shape of the rolls.

    References
    ----------
    .. [1] Lorenz (1963), J. Atmos. Sci. 20, 130.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> simulate(models.lorenz(rho=28), 20, [1, 1, 1]).success
    True
    """
    return DynamicalSystem(rhs, 3, {"sigma": sigma, "rho": rho, "beta": beta}, jac=jac)
