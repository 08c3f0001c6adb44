"""The predators and prey of Lotka and Volterra."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = alpha x - beta x y, y' = delta x y - gamma y."""
    alpha, beta, gamma, delta = params
    out[0] = alpha * y[0] - beta * y[0] * y[1]
    out[1] = delta * y[0] * y[1] - gamma * y[1]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    alpha, beta, gamma, delta = params
    out[0, 0], out[0, 1] = alpha - beta * y[1], -beta * y[0]
    out[1, 0], out[1, 1] = delta * y[1], delta * y[0] - gamma


@kernel
def energy(y, u, params):
    """E = delta x - gamma ln x + beta y - alpha ln y, which stays as it is."""
    alpha, beta, gamma, delta = params
    return delta * y[0] - gamma * math.log(y[0]) + beta * y[1] - alpha * math.log(y[1])


def lotka_volterra(*, alpha: float = 2 / 3, beta: float = 4 / 3, gamma: float = 1.0, delta: float = 1.0) -> DynamicalSystem:
    """Return the Lotka-Volterra system: ``x' = alpha x - beta x y, y' = delta x y - gamma y``.

    Every orbit is closed: ``delta x - gamma ln x + beta y - alpha ln y`` is conserved.

    Parameters
    ----------
    alpha, beta : float
        The prey's growth, and what it loses to the predators.
    gamma, delta : float
        The predators' death, and what they gain from the prey.

    References
    ----------
    .. [1] Lotka (1925), Elements of Physical Biology, Williams & Wilkins.
    .. [2] Volterra (1926), Nature 118, 558.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> energies = simulate(models.lotka_volterra(), 50, [1.0, 1.0], rtol=1e-9).energies
    >>> bool(abs(energies[-1] - energies[0]) < 1e-6)
    True
    """
    params = {"alpha": alpha, "beta": beta, "gamma": gamma, "delta": delta}
    return DynamicalSystem(rhs, 2, params, jac=jac, energy=energy)
