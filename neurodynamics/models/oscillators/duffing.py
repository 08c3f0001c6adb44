"""Duffing's oscillator: a driven mass on a spring that is not linear."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = v, v' = -delta v - alpha x - beta x^3 + gamma cos(omega t) + u."""
    delta, alpha, beta, gamma, omega = params
    out[0] = y[1]
    out[1] = -delta * y[1] - alpha * y[0] - beta * y[0] ** 3 + gamma * math.cos(omega * t) + u[0]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    delta, alpha, beta, gamma, omega = params
    out[0, 0], out[0, 1] = 0.0, 1.0
    out[1, 0], out[1, 1] = -alpha - 3 * beta * y[0] * y[0], -delta


def duffing(
    *, delta: float = 0.3, alpha: float = -1.0, beta: float = 1.0, gamma: float = 0.5, omega: float = 1.2
) -> DynamicalSystem:
    """Return the driven Duffing oscillator: ``x' = v, v' = -delta v - alpha x - beta x^3 + gamma cos(omega t) + u``.

    With the defaults there are two wells, and the drive is strong enough for chaos.

    Parameters
    ----------
    delta : float
        Damping.
    alpha, beta : float
        Linear and cubic stiffness.
    gamma, omega : float
        Amplitude and angular frequency of the drive. With gamma = 0 the system is autonomous, and can be driven through
        its input.

    References
    ----------
    .. [1] Duffing (1918), Erzwungene Schwingungen bei veraenderlicher Eigenfrequenz, Vieweg.
    .. [2] Guckenheimer & Holmes (1983), Nonlinear Oscillations, Dynamical Systems, and Bifurcations of Vector Fields, 2.2.

    Examples
    --------
    >>> from analysis import fixed_points
    >>> from neurodynamics import models
    >>> len(fixed_points(models.duffing(gamma=0), rng=0))  # two wells and the hill between them
    3
    """
    params = {"delta": delta, "alpha": alpha, "beta": beta, "gamma": gamma, "omega": omega}
    return DynamicalSystem(rhs, 2, params, 1, jac=jac)
