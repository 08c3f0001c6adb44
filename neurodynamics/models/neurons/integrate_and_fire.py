"""The leaky integrate-and-fire neuron: events and a reset."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """tau V' = rest - V + R (I + u)."""
    tau, resistance, rest, threshold, after, current = params
    out[0] = (rest - y[0] + resistance * (current + u[0])) / tau


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    out[0, 0] = -1 / params[0]


@kernel
def at_threshold(t, y, u, params, out):
    """Zero where V reaches the threshold."""
    out[0] = y[0] - params[3]


@kernel
def after_spike(event, t, y, u, params, out):
    """V -> reset."""
    out[0] = params[4]


def integrate_and_fire(
    *,
    tau: float = 10.0,
    resistance: float = 10.0,
    rest: float = -65.0,
    threshold: float = -50.0,
    reset: float = -65.0,
    current: float = 2.0,
) -> DynamicalSystem:
    """Return the leaky integrate-and-fire neuron: ``tau V' = rest - V + R (I + u)``, and ``V -> reset`` at the threshold.

    A constant current makes it fire with the period ``tau ln((rest + R I - reset) / (rest + R I - threshold))``. Spikes
    are the events of a solution. ms, mV, megohm and nA.

    Parameters
    ----------
    tau, resistance, rest : float
        Of the membrane.
    threshold, reset : float
        Where a spike begins, and where V is after it.
    current : float
        I; the input comes on top.

    References
    ----------
    .. [1] Lapicque (1907), J. Physiol. Pathol. Gen. 9, 620.
    .. [2] Gerstner, Kistler, Naud & Paninski (2014), Neuronal Dynamics, Cambridge University Press, 1.3.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> sol = simulate(models.integrate_and_fire(current=2), 100, [-65])
    >>> len(sol.t_events[0])  # the period is 10 ln 4
    7
    """
    params = {"tau": tau, "resistance": resistance, "rest": rest, "threshold": threshold, "reset": reset,
              "current": current}  # fmt: skip
    return DynamicalSystem(rhs, 1, params, 1, jac=jac, events=at_threshold, event_directions=[1], reset=after_spike)
