"""Dynamics along a behaviour: against the folds of one neuron, and the cycle of two."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import dynamics_along
from ctrnn import CTRNN, Status, Task, evaluate

FOLDS = (-3.41509291064406, -2.58490708935594)  # of one neuron with w = 6, in the sum of input and bias


def reset_ramp(key, trial, state, sensors):
    state[0] = sensors[0] = -1.0


def step_ramp(t, dt, motors, state, sensors, score):
    state[0] += 0.1 * dt
    sensors[0] = state[0]
    return 0


RAMP = Task(reset=reset_ramp, step=step_ramp, state_dim=1, sensors=1, motors=1)


def ramp(net):
    return evaluate(net, RAMP, duration=20, dt=0.1, record=(0, 0)).solution


def test_points_come_and_go_at_the_folds_of_a_neuron():
    found = dynamics_along(ramp(CTRNN([[6.0]], biases=-3.0)), moments=31)
    inside = (FOLDS[0] < found.inputs[:, 0] - 3.0) & (found.inputs[:, 0] - 3.0 < FOLDS[1])
    assert [len(points) for points in found.points] == np.where(inside, 3, 1).tolist()
    assert inside.any()
    assert not inside.all()
    assert found.success
    ax = found.plot()
    behaviour = ax.lines[0]
    assert np.array_equal(behaviour.get_xdata(), found.solution.sensors[0])
    assert sum(len(line.get_xdata()) for line in ax.lines[1:]) == int(np.where(inside, 3, 1).sum())
    assert ax.get_xlabel() == "sensor 0"


def test_cycles_are_those_of_the_oscillator():
    """At the sensor value 0 the network is Beer's oscillator."""
    net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75], input_weights=[[1.0], [1.0]])
    trial = ramp(net)
    found = dynamics_along(trial, moments=3)
    middle = int(np.argmin(np.abs(found.inputs[:, 0])))
    assert abs(found.inputs[middle, 0]) < 1e-9
    assert found.cycles[middle].period == pytest.approx(28.9999078994859, abs=1e-5)
    assert found.cycles[0] is None
    assert len(found.plot().collections) == 1
    assert dynamics_along(trial, moments=3, cycles=False).cycles == (None, None, None)


def test_what_was_found_in_time_is_returned():
    found = dynamics_along(ramp(CTRNN([[6.0]])), timeout=0.0)
    assert found.status == Status.TIMEOUT
    assert len(found.t) == len(found.points) < 40


def test_a_task_without_sensors_and_what_is_no_trial():
    with pytest.raises(TypeError, match="`solution`"):
        dynamics_along(CTRNN([[0.0]]))
    blind = Task(reset=lambda key, trial, state, sensors: None, step=step_blind, state_dim=0, sensors=0, motors=1)
    trial = evaluate(CTRNN([[0.0]]), blind, duration=1, dt=0.1, record=(0, 0)).solution
    with pytest.raises(ValueError, match="senses nothing"):
        dynamics_along(trial)


def step_blind(t, dt, motors, state, sensors, score):
    return 0
