"""A pendulum with friction and a torque."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """theta' = w, w' = -gravity / length sin(theta) - friction w + u."""
    gravity, length, friction = params
    out[0] = y[1]
    out[1] = -gravity / length * math.sin(y[0]) - friction * y[1] + u[0]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    gravity, length, friction = params
    out[0, 0], out[0, 1] = 0.0, 1.0
    out[1, 0], out[1, 1] = -gravity / length * math.cos(y[0]), -friction


@kernel
def energy(y, u, params):
    """E = w^2 / 2 - gravity / length cos(theta) - u theta; dE/dt = -friction w^2."""
    gravity, length, friction = params
    return 0.5 * y[1] * y[1] - gravity / length * math.cos(y[0]) - u[0] * y[0]


def pendulum(*, gravity: float = 9.81, length: float = 1.0, friction: float = 0.0) -> DynamicalSystem:
    """Return a pendulum: ``theta' = w, w' = -gravity / length sin(theta) - friction w + u``; it hangs at theta = 0.

    Its energy, per moment of inertia, is a Lyapunov function under a constant torque u.

    Parameters
    ----------
    gravity, length, friction : float
        Of a mass on a rod without weight; friction per moment of inertia, as the torque.

    References
    ----------
    .. [1] Strogatz (1994), Nonlinear Dynamics and Chaos, 6.7.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> sol = simulate(models.pendulum(friction=0.5), 10, [3.0, 0.0])
    >>> bool(sol.max_energy_rise <= 0)
    True
    """
    params = {"gravity": gravity, "length": length, "friction": friction}
    return DynamicalSystem(rhs, 2, params, 1, jac=jac, energy=energy, angles=[0])
