"""Events are located, logged in order, end runs and reset states, with every method."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from neurodynamics import METHODS, AdditiveNetwork, DynamicalSystem, Pulse, Status, Step, simulate

COMPILED = ["dopri5", "dop853"]
SCIPY = ["RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA"]
FIXED = ["euler", "heun", "midpoint", "rk4"]
LOCATING = COMPILED + SCIPY
every_method = pytest.mark.parametrize("method", FIXED + LOCATING)
locating = pytest.mark.parametrize("method", LOCATING)


def options(method, dt=0.001):
    return {"method": method, "dt": dt} if METHODS[method].constant_step else {"method": method, "rtol": 1e-9, "atol": 1e-11}


# A ball that bounces -------------------------------------------------------------------------------------------------

GRAVITY, BOUNCE = 10.0, 0.5


def fall(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -params[0]


def ground(t, y, u, params, out):
    out[0] = y[0]


def rebound(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = -params[1] * y[1]


def ball(**more):
    return DynamicalSystem(fall, 2, [GRAVITY, BOUNCE], events=ground, event_directions=[-1], **more)


# From a height of 5 it takes 1 to the ground, then each flight half as long as the one before
HITS = 1 + 2 * (1 - 0.5 ** np.arange(5))
SPEEDS = 10 * 0.5 ** np.arange(5)


@locating
def test_every_bounce_is_found(method):
    """Flights are much shorter than steps: the solution is a parabola, which most methods have exactly."""
    sol = simulate(ball(reset=rebound), 2.9, [5.0, 0.0], **options(method))
    tolerance = 1e-6 if method in ("BDF", "LSODA") else 1e-11
    np.testing.assert_allclose(sol.t_events[0], HITS, atol=tolerance)
    np.testing.assert_allclose(sol.y_events[0], np.column_stack([np.zeros(5), -SPEEDS]), atol=30 * tolerance)
    assert sol.y[0].min() > -30 * tolerance
    flown = 2.9 - HITS[-1]
    speed = SPEEDS[-1] * BOUNCE
    np.testing.assert_allclose(sol.final, [speed * flown - 5 * flown**2, speed - 10 * flown], atol=30 * tolerance)


@pytest.mark.parametrize("method", ["heun", "midpoint", "rk4"])
def test_methods_of_constant_step_bounce_within_their_steps(method):
    """The parabola is exact for them, and so is the cubic of a step."""
    sol = simulate(ball(reset=rebound), 2.9, [5.0, 0.0], **options(method, 0.0137))
    np.testing.assert_allclose(sol.t_events[0], HITS, atol=1e-12)
    flown, speed = 2.9 - HITS[-1], SPEEDS[-1] * BOUNCE
    np.testing.assert_allclose(sol.final, [speed * flown - 5 * flown**2, speed - 10 * flown], atol=1e-10)


@locating
def test_the_picture_of_a_reset_shows_both_states(method):
    """A point before and a point after it."""
    sol = simulate(ball(reset=rebound), 1.5, [5.0, 0.0], **options(method))
    at = np.flatnonzero(sol.t == sol.t_events[0][0])
    velocities = sol.y[1, at]
    assert velocities == pytest.approx([-10.0, 5.0], abs=1e-6)


@every_method
def test_a_terminal_event_ends_the_run_there(method):
    sol = simulate(ball(event_terminal=[True]), 5, [5.0, 0.0], **options(method))
    assert sol.status == Status.EVENT
    assert sol.success
    assert sol.message == "A terminal event ended the run."
    assert sol.t[-1] == sol.t_events[0][0] == pytest.approx(1, abs=0.0011 if method in FIXED else 1e-6)
    np.testing.assert_array_equal(sol.final, sol.y_events[0][0])
    final = simulate(ball(event_terminal=[True]), 5, [5.0, 0.0], save="final", **options(method))
    np.testing.assert_array_equal(final.y, sol.y[:, -1:])
    assert final.t == sol.t[-1]
    some = simulate(ball(event_terminal=[True]), 5, [5.0, 0.0], t_eval=[0, 0.5, 0.99, 1.5, 4], **options(method))
    np.testing.assert_array_equal(some.t, [0, 0.5, 0.99])


@every_method
def test_a_terminal_event_with_a_reset_leaves_the_state_after_it(method):
    sol = simulate(ball(event_terminal=[True], reset=rebound), 5, [5.0, 0.0], **options(method))
    np.testing.assert_allclose(sol.final, [0, 5], atol=0.02)
    np.testing.assert_allclose(sol.y_events[0][0], [0, -10], atol=0.02)


# Where a function of time is zero ------------------------------------------------------------------------------------


def clock(t, y, u, params, out):
    out[0] = 1.0


def wave(t, y, u, params, out):
    out[0] = math.sin(t) - params[0]


def waves(level, directions):
    return DynamicalSystem(clock, 1, [level], events=wave, event_directions=directions)


@locating
@pytest.mark.parametrize(("start", "end"), [(0.3, 20.0), (20.0, 0.3)])
@pytest.mark.parametrize("direction", [-1, 0, 1])
def test_only_crossings_in_the_wanted_direction_count(method, start, end, direction):
    """The direction is that along the run, backwards in time as well, as in SciPy."""
    first = math.asin(0.5)
    rising = first + 2 * np.pi * np.arange(4)
    falling = np.pi - first + 2 * np.pi * np.arange(4)
    if end < start:
        rising, falling = falling, rising
    expected = {1: rising, -1: falling, 0: np.concatenate([rising, falling])}[direction]
    expected = np.sort(expected[(expected > 0.3) & (expected < 20)])[:: 1 if end > start else -1]
    sol = simulate(waves(0.5, [direction]), (start, end), [0.0], max_step=1.0, **options(method))
    np.testing.assert_allclose(sol.t_events[0], expected, atol=1e-9)

    def gate(t, y):
        return math.sin(t) - 0.5

    gate.direction = direction
    scipy = integrate.solve_ivp(lambda t, y: [1.0], (start, end), [0.0], events=gate, max_step=0.5)
    np.testing.assert_allclose(sol.t_events[0], scipy.t_events[0], atol=1e-9)


@every_method
def test_what_starts_at_zero_counts_when_it_comes_back(method):
    """Leaving zero at the start is no event; sin t comes back at pi."""
    for direction in (0, -1):
        sol = simulate(waves(0.0, [direction]), 4, [0.0], **options(method))
        np.testing.assert_allclose(sol.t_events[0], [np.pi], atol=0.0011)
    assert simulate(waves(0.0, [1]), 4, [0.0], **options(method)).t_events[0].size == 0


def alarm(t, y, u, params, out):
    out[0] = t - params[0]


def to_zero(event, t, y, u, params, out):
    out[0] = 0.0


@every_method
def test_an_event_at_the_very_end_counts(method):
    """And its reset is done."""
    at_end = DynamicalSystem(clock, 1, [2.0], events=alarm)
    sol = simulate(at_end, 2, [5.0], **options(method))
    assert sol.status == Status.SUCCESS
    np.testing.assert_array_equal(sol.t_events[0], [2.0])
    sol = simulate(DynamicalSystem(clock, 1, [2.0], events=alarm, reset=to_zero), 2, [5.0], **options(method))
    assert sol.status == Status.SUCCESS
    assert np.isfinite(sol.y).all()
    np.testing.assert_array_equal(sol.final, [0.0])
    sol = simulate(DynamicalSystem(clock, 1, [2.0], events=alarm, event_terminal=[1]), 2, [5.0], **options(method))
    assert sol.status == Status.EVENT
    np.testing.assert_allclose(sol.final, [7.0], rtol=1e-9)


@every_method
def test_an_event_at_the_very_start_does_not_count(method):
    sol = simulate(DynamicalSystem(clock, 1, [0.0], events=alarm, reset=to_zero), 2, [5.0], **options(method))
    assert sol.t_events[0].size == 0
    np.testing.assert_allclose(sol.final, [7.0], rtol=1e-9)


# Several in one step -------------------------------------------------------------------------------------------------


def ladder(t, y, u, params, out):
    for e in range(9):
        out[e] = y[0] - 0.1 * (e + 1)


def downwards(t, y, u, params, out):
    for e in range(9):
        out[e] = y[0] - 0.1 * (9 - e)


@locating
@pytest.mark.parametrize("reverse", [False, True])
def test_several_events_in_one_step_are_all_found_in_order(method, reverse):

    system = DynamicalSystem(clock, 1, events=downwards if reverse else ladder, event_dim=9)
    sol = simulate(system, 1, [0.0], first_step=1.0, **options(method))
    expected = 0.1 * np.arange(1, 10)[:: -1 if reverse else 1]
    np.testing.assert_allclose(np.concatenate(sol.t_events), expected, atol=1e-9)
    if method in COMPILED:
        assert sol.steps == 1


@locating
def test_events_before_a_terminal_one_are_logged_and_those_behind_it_are_not(method):
    system = DynamicalSystem(clock, 1, events=ladder, event_dim=9, event_terminal=[0, 0, 0, 0, 1, 0, 0, 0, 0])
    sol = simulate(system, 1, [0.0], first_step=1.0, **options(method))
    assert [times.size for times in sol.t_events] == [1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert sol.t[-1] == sol.t_events[4][0] == pytest.approx(0.5)


def arch(t, y, u, params, out):
    out[0] = 2 * (1 - t)


def level(t, y, u, params, out):
    out[0] = y[0] - 0.9


@locating
def test_an_event_that_comes_and_goes_in_one_step_is_found_twice(method):
    """Signs are looked at four times a step: 1 - (t - 1)^2 is above 0.9 between 0.684 and 1.316."""

    sol = simulate(DynamicalSystem(arch, 1, events=level), 2, [0.0], first_step=2.0, max_step=2.0, **options(method))
    np.testing.assert_allclose(sol.t_events[0], 1 + np.array([-1, 1]) * np.sqrt(0.1), atol=1e-7)


def fast(t, y, u, params, out):
    out[0] = math.sin(200 * t)


def many(t, y, u, params, out):
    for e in range(400):
        out[e] = t - 0.5 - 1e-3 * e


@every_method
def test_more_events_than_the_log_has_room_for(method):
    """The log is emptied during the run; and there may be more zero functions than it had room for."""

    dt = 0.0012  # not in step with the wave
    sol = simulate(DynamicalSystem(clock, 1, events=fast), 20, [0.0], **options(method, dt), **at_most(method, 0.02))
    expected = np.pi / 200 * np.arange(1, int(20 * 200 / np.pi) + 1)
    np.testing.assert_allclose(sol.t_events[0], expected, atol=dt if method in FIXED else 1e-9)

    sol = simulate(DynamicalSystem(clock, 1, events=many, event_dim=400), 1, [0.0], **options(method))
    expected = 0.5 + 1e-3 * np.arange(400)
    np.testing.assert_allclose(np.concatenate(sol.t_events), expected, atol=0.00101 if method in FIXED else 1e-9)


def at_most(method, step):
    return {} if METHODS[method].constant_step else {"max_step": step}


def drift(t, y, u, params, out):
    out[0] = y[2]
    out[1] = y[3]
    out[2] = 0.0
    out[3] = 0.0


def walls(t, y, u, params, out):
    out[0] = y[0]
    out[1] = 1.0 - y[0]
    out[2] = y[1]
    out[3] = 1.0 - y[1]


def reflect(event, t, y, u, params, out):
    for i in range(4):
        out[i] = y[i]
    out[2 + event // 2] = -y[2 + event // 2]


@every_method
def test_each_event_has_its_reset(method, rng):
    """A ball in a box: unfolding the box, its path is a straight line."""
    box = DynamicalSystem(drift, 4, events=walls, event_dim=4, event_directions=[-1] * 4, reset=reflect)
    start, velocity = rng.uniform(0.2, 0.8, 2), rng.choice([-1, 1], 2) * rng.uniform(0.5, 2, 2)
    sol = simulate(box, 10, [*start, *velocity], **options(method))
    straight = start + 10 * velocity
    folded = np.abs((straight + 1) % 2 - 1)  # a zigzag of period 2
    walls_met = np.abs(np.floor(straight)).sum()
    late = 0.01 * walls_met if method in FIXED else 1e-6
    np.testing.assert_allclose(sol.final[:2], folded, atol=late)
    assert sum(times.size for times in sol.t_events) == walls_met or np.abs(straight - np.round(straight)).min() < late


@pytest.mark.parametrize("method", FIXED)
def test_resets_in_the_same_step_are_all_done(method):
    """Into a corner of the box: both walls within one step."""
    box = DynamicalSystem(drift, 4, events=walls, event_dim=4, event_directions=[-1] * 4, reset=reflect)
    sol = simulate(box, 1, [0.5, 0.5, 1.0, 1.0], method=method, dt=0.01)
    assert [times.size for times in sol.t_events] == [0, 1, 0, 1]
    np.testing.assert_allclose(sol.final, [0.5, 0.5, -1, -1], atol=0.03)


# A neuron that fires -------------------------------------------------------------------------------------------------


def leaky(t, y, u, params, out):
    out[0] = params[0] + u[0] - y[0]


def full(t, y, u, params, out):
    out[0] = y[0] - 1.0


NEURON = DynamicalSystem(leaky, 1, [1.25], 1, events=full, event_directions=[1], reset=to_zero)
PERIOD = np.log(1.25 / 0.25)


def voltage(t):
    return 1.25 * (1 - np.exp(-(np.asarray(t) % PERIOD)))


@locating
def test_times_that_are_asked_for_know_of_the_resets(method):
    times = np.linspace(0, 10, 97)
    sol = simulate(NEURON, 10, [0.0], t_eval=times, **options(method))
    np.testing.assert_allclose(sol.t_events[0], PERIOD * np.arange(1, 7), atol=1e-6)
    np.testing.assert_array_equal(sol.t, times)
    np.testing.assert_allclose(sol.y[0], voltage(times), atol=1e-5)
    at_event = simulate(NEURON, 10, [0.0], t_eval=sol.t_events[0], **options(method))
    np.testing.assert_array_equal(at_event.y, 0)  # as inputs at their breakpoints: what comes after


@locating
def test_dense_output_knows_of_the_resets(method):
    sol = simulate(NEURON, 10, [0.0], dense_output=True, **options(method))
    times = np.linspace(0, 10, 211)
    np.testing.assert_allclose(sol.sol(times)[0], voltage(times), atol=1e-5)


@every_method
def test_a_pulse_makes_a_quiet_neuron_fire(method):
    """It rests below threshold; breakpoints and resets meet in one run."""
    quiet = NEURON.with_params([0.9])
    sol = simulate(quiet, 60, [0.9], inputs=[Pulse(50.0, 0.1, 3.0)], **options(method))
    expected = 50 + np.log(3.0 / 2.9)  # 0.9 + 3 (1 - exp(-s)) = 1
    assert sol.t_events[0][0] == pytest.approx(expected, abs=0.002)
    assert sol.t_events[0].size == 1


def driven(t, y, u, params, out):
    out[0] = u[0] - 0.5


@every_method
def test_an_event_may_read_an_input_that_jumps(method):
    """The jump is where its sign changes."""

    system = DynamicalSystem(leaky, 1, [0.0], 1, events=driven)
    sol = simulate(system, 3, [0.0], inputs=[Step(1.0, 1.0)], **options(method))
    assert sol.t_events[0] == pytest.approx([1.0], abs=0.00101 if method in FIXED else 1e-4)


@pytest.mark.parametrize("method", ["rk4", "dopri5", "dop853", "RK45"])
def test_events_and_resets_work_with_inputs_in_python(method):
    python = simulate(NEURON, 10, [0.0], inputs=lambda t: [0.0], **options(method))
    compiled = simulate(NEURON, 10, [0.0], inputs=[0.0], **options(method))
    assert python.path == ("scipy" if method == "RK45" else "host")
    np.testing.assert_allclose(python.t_events[0], compiled.t_events[0], atol=1e-9)
    assert python.t_events[0].size == 6


def test_compiled_methods_and_scipy_find_the_same_times():
    """Of a pendulum, against solve_ivp itself."""

    def swing(t, y, u, params, out):
        out[0] = y[1]
        out[1] = -np.sin(y[0])

    def turning(t, y, u, params, out):
        out[0] = y[1]

    system = DynamicalSystem(swing, 2, events=turning)
    scipy = integrate.solve_ivp(
        lambda t, y: [y[1], -np.sin(y[0])],
        (0, 12),
        [2.5, 0.0],
        method="DOP853",
        rtol=1e-12,
        atol=1e-12,
        events=lambda t, y: y[1],
    )
    expected = scipy.t_events[0][scipy.t_events[0] > 0]
    for method in LOCATING:
        found = simulate(system, 12, [2.5, 0.0], **options(method)).t_events[0]
        np.testing.assert_allclose(found, expected, atol=1e-5 if method in ("BDF", "RK23", "LSODA") else 1e-7)


def centre(t, y, u, params, out):
    out[0] = y[0] - 2.75


def test_a_network_stops_where_it_is_told():
    """Taylor steps locate events on their own polynomials."""
    net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75]).with_events(centre, directions=[1])
    found = {
        method: simulate(net, 100, [0, 0], method=method, rtol=1e-11, atol=1e-12).t_events[0]
        for method in ("taylor", "dop853", "DOP853")
    }
    assert found["taylor"].size == 4
    np.testing.assert_allclose(found["taylor"], found["DOP853"], atol=1e-8)
    np.testing.assert_allclose(found["dop853"], found["DOP853"], atol=1e-8)


def decay(t, y, u, params, out):
    out[0] = -y[0]


@pytest.mark.parametrize("method", ["dop853", "rk4", "RK45"])
def test_zeros_are_found_up_to_where_a_function_ends(method):
    """ln(1/2 - t) + 3 is zero at 1/2 - e^-3, and no number from 1/2 on: that is said."""
    system = DynamicalSystem(decay, 1)
    dt = {"dt": 0.01} if method == "rk4" else {}
    with pytest.warns(UserWarning, match=r"events\[0\] is (nan|-inf)"):
        found = simulate(system, 1, [1.0], method=method, events=lambda t, y: np.log(0.5 - t) + 3.0, **dt)
    np.testing.assert_allclose(found.t_events[0], [0.5 - np.exp(-3.0)], atol=1e-9)


def test_a_function_that_raises_is_told_of():
    def raises(t, y):
        if t > 0.5:
            raise ValueError("on purpose")
        return y[0] - 5.0

    system = DynamicalSystem(decay, 1)
    with pytest.warns(UserWarning, match=r"events\[0\] is nan, or raises, at t = "):
        simulate(system, 1, [1.0], events=raises)
    with pytest.raises(ValueError, match="on purpose"):
        simulate(system, 1, [1.0], events=raises, debug=True)
