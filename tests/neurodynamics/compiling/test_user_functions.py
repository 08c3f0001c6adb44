"""Functions of users stay in their arrays, write what they should, and are what they were; whatever their role and size."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numba import njit

from ctrnn import CTRNN, Task, couple, evaluate
from neurodynamics import DynamicalSystem, Signal, simulate, simulate_ensemble

own = sys.modules[__name__]
LIGHT = 3.0
TABLE = np.array([1.0, 2.0])
OUTSIDE = r"reaches outside its arrays: index \d+ is out of bounds"


def decay(t, y, u, params, out):
    for i in range(y.size):
        out[i] = -y[i]


def writes_past_the_end(t, y, u, params, out):
    out[:] = -y
    out[y.size + 5] = 1.0


def writes_past_the_end_later(t, y, u, params, out):
    out[:] = -y
    if t > 0.5:
        out[y.size + 5] = 1.0


def reads_where_the_state_says(t, y, u, params, out):
    out[:] = -y
    if y[0] < 0.7:
        out[0] += params[int(100 * y[0])]


# Reaching outside ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 64, 65])
@pytest.mark.parametrize("rhs", [writes_past_the_end, writes_past_the_end_later, reads_where_the_state_says])
def test_a_right_hand_side_stays_in_its_arrays(rhs, n):
    """At the first call or later, in small systems and in those that are too large to be tried out uncompiled."""
    with pytest.raises(ValueError, match=OUTSIDE):
        simulate(DynamicalSystem(rhs, n, params=[0.0]), 2, np.ones(n), method="rk4", dt=0.1)
    with pytest.raises(ValueError, match=OUTSIDE):
        simulate_ensemble(DynamicalSystem(rhs, n, params=[0.0]), 2, np.ones((2, n)), method="rk4", dt=0.1)
    assert simulate(DynamicalSystem(decay, n), 2, np.ones(n), method="rk4", dt=0.1).success  # the control


def seventh(t, y):
    return y[7]


def seventh_later(t, y):
    return y[7] if t > 0.5 else 1.0


@pytest.mark.parametrize("gate", [seventh, seventh_later])
def test_event_functions_stay_in_their_arrays(gate):
    with pytest.raises(ValueError, match=OUTSIDE):
        simulate(DynamicalSystem(decay, 1), 2, [1.0], events=gate, method="rk4", dt=0.1)


def test_other_roles_stay_in_their_arrays():
    def past(y, params, out):
        out[3] = 1.0

    def reset(event, t, y, u, params, out):
        out[event + 4] = 0.0

    def gates(t, y, u, params, out):
        out[0] = y[0] - 0.5

    with pytest.raises(ValueError, match=r"`outputs` \(past\) " + OUTSIDE):
        DynamicalSystem(decay, 2, outputs=past, output_dim=2)
    with pytest.raises(ValueError, match=r"`reset` \(reset\) " + OUTSIDE):
        DynamicalSystem(decay, 1, events=gates, reset=reset)
    with pytest.raises(ValueError, match=r"`reset` \(reset\) " + OUTSIDE):
        DynamicalSystem(decay, 1).with_events(gates, reset=reset)
    with pytest.raises(ValueError, match=r"`sense` \(past\) " + OUTSIDE):
        couple(CTRNN([[0.0]]), DynamicalSystem(decay, 2), past, past)


def test_signals_stay_in_their_arrays():
    with pytest.raises(ValueError, match=OUTSIDE):
        simulate(CTRNN([[0.0]]), 5, [0.0], inputs=[Signal(lambda t: TABLE[int(t)])], method="rk4", dt=0.1)


def test_the_user_s_own_exception_is_a_status_or_raised():
    def refuses(t, y, u, params, out):
        if t > 0.5:
            raise RuntimeError("too late")
        out[0] = 1.0

    system = DynamicalSystem(refuses, 1)
    assert not simulate(system, 1, [0.0], method="rk4", dt=0.1).success
    with pytest.raises(RuntimeError, match="too late"):
        simulate(system, 1, [0.0], method="rk4", dt=0.1, debug=True)


# Tasks ---------------------------------------------------------------------------------------------------------------


def begin(key, trial, state, sensors):
    sensors[0] = 0.0


def grows(t, dt, motors, state, sensors, score):
    state[int(t / dt + 0.5)] = 1.0
    return 0


def complains(t, dt, motors, state, sensors, score):
    if t > 0.3:
        raise KeyError("mine")
    return 0


def run(step, **options):
    task = Task(reset=begin, step=step, state_dim=5, sensors=1, motors=1)
    return evaluate(CTRNN([[0.0]]), task, duration=2, dt=0.1, trials=8, workers=1, **options)


def test_a_task_that_reaches_outside_its_state_says_where():
    with pytest.raises(ValueError, match=rf"`step` \(grows\) {OUTSIDE}.*trial \d, step 5 \(t = 0\.5\)"):
        run(grows)


def test_debugging_raises_the_exception_of_the_task():
    assert not run(complains).success.any()
    with pytest.raises(KeyError, match="mine"):
        run(complains, debug=True)


# Writing the result --------------------------------------------------------------------------------------------------


# What is captured ----------------------------------------------------------------------------------------------------


def towards_light(t, y, u, params, out):
    out[0] = doubled(LIGHT) + TABLE[1] - y[0]


def doubled(x):
    """A helper that nobody has compiled."""
    return 2.0 * x


def test_a_changed_global_is_refused_and_a_new_system_sees_it(monkeypatch):
    system = DynamicalSystem(towards_light, 1)
    assert system.rhs(0.0, [0.0])[0] == 8.0
    monkeypatch.setitem(globals(), "LIGHT", 5.0)
    with pytest.raises(ValueError, match=r"`LIGHT`, which `rhs` \(towards_light\) takes"):
        simulate(system, 1, [0.0])
    assert DynamicalSystem(towards_light, 1).rhs(0.0, [0.0])[0] == 12.0
    monkeypatch.setitem(globals(), "LIGHT", 3.0)
    assert system.rhs(0.0, [0.0])[0] == 8.0


def test_a_changed_array_and_a_changed_helper_are_refused(monkeypatch):
    system = DynamicalSystem(towards_light, 1)
    system.rhs(0.0, [0.0])
    TABLE[1] = 7.0
    try:
        with pytest.raises(ValueError, match="`TABLE`"):
            simulate(system, 1, [0.0])
    finally:
        TABLE[1] = 2.0
    monkeypatch.setitem(globals(), "doubled", lambda x: 3.0 * x)
    with pytest.raises(ValueError, match="`doubled`"):
        simulate(system, 1, [0.0])
    assert DynamicalSystem(towards_light, 1).rhs(0.0, [0.0])[0] == 11.0


def test_closures_over_other_values_are_other_functions():
    def pulled_to(goal):
        def rhs(t, y, u, params, out):
            out[0] = goal - y[0]

        return DynamicalSystem(rhs, 1)

    assert [pulled_to(goal).rhs(0.0, [0.0])[0] for goal in (1.0, 2.0, 1.0)] == [1.0, 2.0, 1.0]


@pytest.mark.parametrize("draw", [np.random.rand, np.random.standard_normal])
def test_generators_from_outside_are_refused(draw):
    def noisy(t, y, u, params, out):
        out[0] = draw()

    def step(t, dt, motors, state, sensors, score):
        state[0] = draw()
        return 0

    with pytest.raises(ValueError, match=r"`rhs` \(noisy\) uses `draw"):
        DynamicalSystem(noisy, 1)
    with pytest.raises(ValueError, match=r"`step` \(step\) uses `draw"):
        Task(reset=begin, step=step, state_dim=5, sensors=1, motors=1)


# Memory --------------------------------------------------------------------------------------------------------------


# Systems never change ------------------------------------------------------------------------------------------------


def test_tasks_do_not_change():
    task = Task(reset=begin, step=complains, state_dim=5, sensors=1, motors=1)
    with pytest.raises(AttributeError, match="`state_dim` cannot be changed"):
        task.state_dim = 50


# Helpers that their users compiled, without a check of indices -----------------------------------------------------------


@njit
def entry(values, i):
    return values[i]


@njit
def enter(values, i):
    values[i] = 1.0


def reads_by_a_helper(t, y, u, params, out):
    out[0] = entry(params, int(1000 * t))


def writes_by_a_helper(t, y, u, params, out):
    out[0] = 1.0
    if t > 0.5:
        enter(out, 2**28)  # a write that ends a process, where it is made


def reads_by_a_helper_of_a_module(t, y, u, params, out):
    out[0] = own.entry(params, int(1000 * t))


@pytest.mark.parametrize("rhs", [reads_by_a_helper, writes_by_a_helper, reads_by_a_helper_of_a_module])
def test_helpers_compiled_by_users_stay_in_their_arrays(rhs):
    with pytest.raises(ValueError, match=OUTSIDE):
        simulate(DynamicalSystem(rhs, 1, params=[0.0]), 1, [0.0], method="rk4", dt=0.1)


def test_helpers_of_tasks_compiled_by_users_stay_in_their_arrays():
    def reset(key, trial, state, sensors):
        state[0] = sensors[0] = 1.0

    def step(t, dt, motors, state, sensors, score):
        if t > 0.3:
            enter(state, 2**28)
        return 0

    task = Task(reset=reset, step=step, state_dim=1, sensors=1, motors=1)
    with pytest.raises(ValueError, match=OUTSIDE):
        evaluate(CTRNN([[0.0]], input_weights=[[1.0]]), task, duration=1, dt=0.1)


def test_changed_arrays_in_tuples_are_refused():
    pair = (1.0, np.array([2.0]))

    def rhs(t, y, u, params, out):
        out[0] = pair[0] * pair[1][0]

    system = DynamicalSystem(rhs, 1)
    assert simulate(system, 1, [0.0]).final[0] == pytest.approx(2.0)
    pair[1][0] = 7.0
    with pytest.raises(ValueError, match="`pair`"):
        simulate(system, 1, [0.0])
    assert simulate(DynamicalSystem(rhs, 1), 1, [0.0]).final[0] == pytest.approx(7.0)


@pytest.mark.parametrize("n", [2, 65])
def test_a_jacobian_that_writes_nothing_is_refused(n):
    def rebinds(t, y, u, params, out):
        out = -np.eye(y.size)  # noqa: F841

    def zero(t, y, u, params, out):
        out[:] = 0.0

    def adds_zero(t, y, u, params, out):
        out[0, 0] += y[0]

    with pytest.raises(ValueError, match=r"`jac` \(rebinds\) writes nothing to `out`"):
        DynamicalSystem(decay, n, jac=rebinds).jac(0.0, np.ones(n))
    assert not DynamicalSystem(decay, n, jac=zero).jac(0.0, np.ones(n)).any()  # the control
    assert DynamicalSystem(decay, n, jac=adds_zero).jac(0.0, np.ones(n)).sum() == 1.0


def test_indices_that_nobody_checks_are_refused():
    """numba does not check those of `.flat`."""

    def helper(out):
        out.flat[99] = 2.0

    def rhs(t, y, u, params, out):
        out[0] = -y[0]
        if t > 0.5:
            helper(out)

    with pytest.raises(TypeError, match=r"`\.flat`"):
        DynamicalSystem(rhs, 1)
