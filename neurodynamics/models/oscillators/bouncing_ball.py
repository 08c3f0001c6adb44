"""A ball that bounces: events and a reset."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """h' = v, v' = -gravity."""
    out[0] = y[1]
    out[1] = -params[0]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    out[0, 0], out[0, 1] = 0.0, 1.0
    out[1, 0], out[1, 1] = 0.0, 0.0


@kernel
def ground(t, y, u, params, out):
    """Zero where h is."""
    out[0] = y[0]


@kernel
def bounce(event, t, y, u, params, out):
    """h -> 0, v -> -restitution v."""
    out[0] = 0.0
    out[1] = -params[1] * y[1]


def bouncing_ball(*, gravity: float = 9.81, restitution: float = 0.8) -> DynamicalSystem:
    """Return a bouncing ball: ``h' = v, v' = -gravity``, and ``v -> -restitution v`` where h falls to 0.

    Dropped from h0 it comes to rest after infinitely many bounces, at ``sqrt(2 h0 / gravity) (1 + restitution) /
    (1 - restitution)``; simulate less than that.

    Parameters
    ----------
    gravity : float
        Acceleration downwards.
    restitution : float
        Speed after a bounce, relative to that before.

    References
    ----------
    .. [1] di Bernardo, Budd, Champneys & Kowalczyk (2008), Piecewise-smooth Dynamical Systems, Springer, 1.2.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> flight = simulate(models.bouncing_ball(gravity=2, restitution=0.5), 2.5, [1.0, 0.0])
    >>> [round(float(t), 9) for t in flight.t_events[0]]
    [1.0, 2.0, 2.5]
    """
    params = {"gravity": gravity, "restitution": restitution}
    return DynamicalSystem(rhs, 2, params, jac=jac, events=ground, event_directions=[-1], reset=bounce)
