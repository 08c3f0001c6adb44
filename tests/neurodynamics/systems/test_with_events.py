"""Events added to a system that exists, in the contract's form and in SciPy's."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, simulate, simulate_ensemble

DECAY = CTRNN([[0.0]])  # y' = -y: y(t) = exp(-t) from 1


def half(t, y):
    return y[0] - 0.5


@pytest.mark.parametrize("method", [None, "dopri5", "dop853", "RK45", "LSODA"])
def test_a_crossing_is_located(method):
    solution = simulate(DECAY, (0, 3), [1.0], events=half, method=method, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(solution.t_events[0], [np.log(2)], rtol=1e-8)
    np.testing.assert_allclose(solution.y_events[0], [[0.5]], rtol=1e-8)


def test_attributes_are_those_of_scipy():
    def stops(t, y):
        return y[0] - 0.25

    def rises(t, y):
        return y[0] - 0.5

    stops.terminal = True
    rises.direction = 1
    solution = simulate(DECAY, (0, 3), [1.0], events=[rises, stops], rtol=1e-10)
    assert solution.status.name == "EVENT"
    assert solution.t_events[0].size == 0
    np.testing.assert_allclose(solution.t[-1], np.log(4), rtol=1e-8)


def test_the_network_stays_a_network_and_unchanged():
    watched = DECAY.with_events(half, terminal=True)
    assert isinstance(watched, CTRNN)
    assert (watched.event_dim, DECAY.event_dim) == (1, 0)
    assert simulate(watched, 3, [1.0]).method == simulate(DECAY, 3, [1.0]).method
    ends = simulate_ensemble(watched, (0, 3), [[1.0], [2.0], [0.1]], save="final").t_end
    np.testing.assert_allclose(ends, [np.log(2), np.log(4), 3], rtol=1e-5)


def test_the_form_of_the_contract_resets():
    def gates(t, y, u, params, out):
        out[0] = y[0] - 0.5

    def double(event, t, y, u, params, out):
        out[0] = 2 * y[0]

    saw = DECAY.with_events(gates, directions=[-1], reset=double)
    solution = simulate(saw, (0, 3.5 * np.log(2)), [1.0], rtol=1e-10)
    np.testing.assert_allclose(solution.t_events[0], np.log(2) * np.arange(1, 4), rtol=1e-7)


def test_python_functions_serve_host_systems():
    def rhs(t, y, u, params, out):
        out[:] = -y

    system = DynamicalSystem(rhs, 1, host=True)
    solution = simulate(system, (0, 3), [1.0], events=lambda t, y: y[0] - 0.5, rtol=1e-10)
    np.testing.assert_allclose(solution.t_events[0], [np.log(2)], rtol=1e-8)


def test_bad_events_are_named():
    with pytest.raises(TypeError, match=r"`events` must take the arguments \(t, y, u, params, out\)"):
        DECAY.with_events(lambda t: t)
    with pytest.raises(TypeError, match=r"`events\[1\]` must take the arguments \(t, y\)"):
        DECAY.with_events([half, lambda y: y])
    with pytest.raises(ValueError, match="a map has no events"):
        DynamicalSystem(lambda t, y, u, params, out: out.fill(0.0), 1, kind="map").with_events(half)
