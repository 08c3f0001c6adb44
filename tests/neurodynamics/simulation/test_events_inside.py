"""Events that touch, that come twice in a step, that are fast, that accumulate; and the state where a run ended."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import METHODS, DynamicalSystem, Status, load_solution, simulate, simulate_ensemble

EVERY = ["dopri5", "dop853", "rk4", "heun", "RK45", "DOP853", "Radau", "LSODA", "BDF"]
every_method = pytest.mark.parametrize("method", EVERY)
EXACT = ["dopri5", "dop853", "rk4", "heun", "RK45", "Radau"]  # for a parabola


def options(method, dt=0.02):
    return {"method": method, "dt": dt} if METHODS[method].constant_step else {"method": method, "rtol": 1e-9, "atol": 1e-11}


def swing(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -y[0]


def level(t, y, u, params, out):
    out[0] = y[0] - params[0]


@every_method
@pytest.mark.parametrize("height", [0.995, 0.999, 0.99999])
def test_two_crossings_within_a_step_are_both_found(method, height):
    """sin t comes to the height at asin h + 2 pi k, and leaves it at pi - asin h + 2 pi k."""
    first = math.asin(height)
    turns = 2 * np.pi * np.arange(7)
    expected = np.sort(np.concatenate([first + turns, np.pi - first + turns]))
    expected = expected[expected < 40]
    found = simulate(DynamicalSystem(swing, 2, [height], events=level), 40, [0.0, 1.0], **options(method, 0.01)).t_events[0]
    loose = method in ("heun", "BDF", "LSODA")
    if loose and height > 0.9999:
        return  # their states, or interpolants, are off by more
    assert found.size == expected.size
    # near the top an error e of the state moves the time by e / cos t
    np.testing.assert_allclose(found, expected, atol=(1e-3 if loose else 3e-7) / math.cos(first))


@pytest.mark.parametrize("method", ["taylor", "dop853"])
@pytest.mark.parametrize("below", [1e-3, 1e-5, 1e-7])
def test_a_network_that_all_but_touches(method, below):
    """The oscillator's crest, less a little, is passed twice a period; steps are longer than that."""
    net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    tight = {"method": method, "rtol": 1e-10, "atol": 1e-12}
    start = simulate(net, 300, [0, 0], save="final", **tight).final

    def slope(t, y):
        return 4.5 / (1 + np.exp(2.75 - y[0])) + 1 / (1 + np.exp(1.75 - y[1])) - y[0]

    crest = simulate(net, 100, start, events=slope, t_eval=[0.0, 100.0], **tight)
    top = crest.y_events[0][:, 0].max()
    count = int((np.abs(crest.y_events[0][:, 0] - top) < 1e-6).sum())
    threshold = top - below
    found = simulate(net, 100, start, events=lambda t, y: y[0] - threshold, **tight).t_events[0]
    assert abs(found.size - 2 * count) <= 1  # one may lie beyond an end


@pytest.mark.parametrize("method", ["dopri5", "dop853", "rk4", "RK45"])
def test_narrow_double_crossings_of_several_functions_at_once(method):
    def gates(t, y, u, params, out):
        out[0] = (y[0] - 0.3) ** 2 - 1e-8
        out[1] = 1e-6 - (y[0] + 0.2) ** 2
        out[2] = math.cos(20 * y[0]) - 0.999
        out[3] = y[0] - 5.0

    def clock(t, y, u, params, out):
        out[0] = 1.0

    sol = simulate(DynamicalSystem(clock, 1, events=gates, event_dim=4), 2, [-1.0], **options(method, 0.5))
    np.testing.assert_allclose(sol.t_events[0], [1.3 - 1e-4, 1.3 + 1e-4], atol=1e-12)
    np.testing.assert_allclose(sol.t_events[1], [0.8 - 1e-3, 0.8 + 1e-3], atol=1e-12)
    half = math.acos(0.999) / 20
    tops = np.arange(-3, 4) * 2 * np.pi / 20
    np.testing.assert_allclose(sol.t_events[2], 1 + np.sort(np.concatenate([tops - half, tops + half])), atol=1e-10)
    assert sol.t_events[3].size == 0


@every_method
def test_times_are_as_good_on_a_short_time_scale(method):
    def decay(t, y, u, params, out):
        out[0] = -1e13 * y[0]

    half = math.exp(-1.06636)
    step = {"dt": 2e-15} if METHODS[method].constant_step else {"rtol": 1e-9, "atol": 1e-12}
    sol = simulate(DynamicalSystem(decay, 1), 1e-12, [1.0], events=lambda t, y: y[0] - half, method=method, **step)
    tolerance = {"heun": 1e-4, "BDF": 1e-6, "LSODA": 1e-6}.get(method, 1e-8)
    np.testing.assert_allclose(sol.t_events[0], [1.06636e-13], rtol=tolerance)


def leaky(t, y, u, params, out):
    out[0] = params[0] - y[0]


def full(t, y, u, params, out):
    out[0] = y[0] - 1.0


def to_zero(event, t, y, u, params, out):
    out[0] = 0.0


@pytest.mark.parametrize(("method", "error"), [("rk4", 1e-9), ("heun", 1e-4), ("euler", 0.02), ("dop853", 1e-8)])
def test_the_period_of_a_neuron_is_as_good_as_the_method(method, error):
    neuron = DynamicalSystem(leaky, 1, [8.5 / 7.5], events=full, event_directions=[1], reset=to_zero)
    times = simulate(neuron, 40, [0.0], **options(method, 0.01)).t_events[0]
    np.testing.assert_allclose(np.diff(times), math.log(8.5), atol=error)


# Resets that accumulate ----------------------------------------------------------------------------------------------


def fall(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -10.0


def ground(t, y, u, params, out):
    out[0] = y[0]


def rebound(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = -params[0] * y[1]


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("bounce", [0.0, 0.5, 0.9])
def test_a_ball_comes_to_rest_in_finite_time(method, bounce):
    """From a height of 5 it falls for 1, and then flies 2 b^k: until 1 + 2 b / (1 - b)."""
    ball = DynamicalSystem(fall, 2, [bounce], events=ground, event_directions=[-1], reset=rebound)
    sol = simulate(ball, 50, [5.0, 0.0], **options(method))
    assert sol.status == Status.EVENTS_ACCUMULATE
    assert not sol.success
    assert "faster and faster" in sol.message
    assert sol.t[-1] == pytest.approx(1 + 2 * bounce / (1 - bounce), abs=1e-7)
    assert abs(sol.final).max() < 1e-6
    assert sol.y[0].min() > -1e-9


def test_fast_and_simultaneous_resets_do_not_accumulate():
    """Control: a regular neuron for 10 000 periods, and fifty that fire at once."""
    neuron = DynamicalSystem(leaky, 1, [8.5 / 7.5], events=full, event_directions=[1], reset=to_zero)
    assert simulate(neuron, 2e4, [0.0], save="final").success

    def many(t, y, u, params, out):
        for i in range(50):
            out[i] = params[0] - y[i]

    def fires(t, y, u, params, out):
        for i in range(50):
            out[i] = y[i] - 1.0

    def resets(event, t, y, u, params, out):
        for i in range(50):
            out[i] = y[i]
        out[event] = 0.0

    together = DynamicalSystem(many, 50, [1.25], events=fires, event_dim=50, event_directions=[1] * 50, reset=resets)
    for more in ({}, {"method": "rk4", "dt": 0.01}):
        sol = simulate(together, 10, np.zeros(50), save="final", **more)
        assert sol.success
        assert [times.size for times in sol.t_events] == [6] * 50


# Where a run ended ---------------------------------------------------------------------------------------------------


def half(t, y, u, params, out):
    out[0] = y[0] - 0.5


DECAY = CTRNN([[0.0]]).with_events(half, terminal=[True])


@pytest.mark.parametrize("method", ["taylor", "dopri5", "rk4", "RK45", "LSODA"])
@pytest.mark.parametrize("times", [[2.0, 3.0], [0.0, 0.1, 3.0]])
def test_the_final_state_is_that_at_the_event(method, times, tmp_path):
    sol = simulate(DECAY, 3, [1.0], t_eval=times, **options(method))
    assert sol.status == Status.EVENT
    np.testing.assert_allclose(sol.final, [0.5], rtol=1e-6)
    assert sol.end.t == pytest.approx(math.log(2), rel=1e-6)
    sol.save(tmp_path / "run.npz")
    np.testing.assert_array_equal(load_solution(tmp_path / "run.npz", system=DECAY).final, sol.final)
    members = simulate_ensemble(DECAY, 3, [[1.0], [2.0], [0.1]], t_eval=times, **options(method))
    np.testing.assert_array_equal(members[0].final, sol.final)
    np.testing.assert_allclose(members.t_end, [math.log(2), math.log(4), 3.0], rtol=1e-6)
    last = simulate_ensemble(DECAY, 3, [[1.0], [2.0], [0.1]], save="final", **options(method))
    np.testing.assert_allclose(last.y[:, 0], [0.5, 0.5, 0.1 * math.exp(-3)], rtol=1e-5)


def count_up(event, t, y, u, params, out):
    out[0] = y[0]
    out[1] = y[1] + 1.0


def turn(t, y, u, params, out):
    out[0] = 1.0
    out[1] = 0.0


def each_turn(t, y, u, params, out):
    out[0] = math.sin(y[0])


@pytest.mark.parametrize("method", EXACT)
def test_resets_that_leave_the_crossing_as_it_is_go_on(method):
    """Control of the ball without rebound: what passes its zero with speed is counted, 2 pi after 2 pi."""
    counter = DynamicalSystem(turn, 2, events=each_turn, event_directions=[1], reset=count_up)
    sol = simulate(counter, 20, [0.5, 0.0], **options(method))
    assert sol.status == Status.SUCCESS
    assert sol.final[1] == 3.0


@pytest.mark.parametrize("method", ["LSODA", "BDF", "dop853"])
def test_rounding_at_a_zero_is_no_second_event(method):
    """Seven peaks of a sine that pass 0.9999 for 0.03: the slope there is so small that rounding crosses to and fro."""
    circle = DynamicalSystem(rotation, 2)
    found = simulate(circle, 40, [0.0, 1.0], method=method, rtol=1e-8, atol=1e-10, events=lambda t, y: y[0] - 0.9999)
    assert len(found.t_events[0]) == 14
    assert np.diff(found.t_events[0]).min() > 0.02


def rotation(t, y, u, params, out):
    out[0], out[1] = y[1], -y[0]
