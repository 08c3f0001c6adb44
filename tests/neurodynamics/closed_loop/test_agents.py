"""Several agents in one world do what each does in a world of its own, where they do not meet."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN, MotorCTRNN, Task, evaluate


def reset_one(key, trial, state, sensors):
    state[0] = 1.0
    sensors[0] = 1.0
    sensors[1] = -1.0


def step_one(t, dt, motors, state, sensors, score):
    state[0] += dt * (motors[0] - motors[1] - state[0])
    sensors[0] = state[0]
    sensors[1] = -state[0]
    score[0] += dt * state[0]
    return 0


def reset_three(key, trial, state, sensors):
    for a in range(3):
        state[a] = 1.0
        sensors[a] = 1.0
        sensors[3 + a] = -1.0


def step_three(t, dt, motors, state, sensors, score):
    for a in range(3):
        state[a] += dt * (motors[a] - motors[3 + a] - state[a])
        sensors[a] = state[a]
        sensors[3 + a] = -state[a]
        score[a] += dt * state[a]
    return 0


ONE = Task(reset=reset_one, step=step_one, state_dim=1, sensors=2, motors=2)
THREE = Task(reset=reset_three, step=step_three, state_dim=3, sensors=2, motors=2, agents=3, score_dim=3)


@pytest.mark.parametrize("kind", ["inputs of all", "input weights", "motor weights"])
@pytest.mark.parametrize("members", [1, 20])
def test_three_agents_are_three_runs_to_the_last_bit(rng, kind, members):
    weights = rng.uniform(-4, 4, (3, 3))
    net = {
        "inputs of all": lambda: CTRNN(weights, time_constants=[1, 2, 3]),
        "input weights": lambda: CTRNN(weights, input_weights=rng.uniform(-2, 2, (3, 2))),
        "motor weights": lambda: MotorCTRNN(weights, motor_weights=rng.uniform(-2, 2, (2, 3))),
    }[kind]()
    params = np.tile(net.params, (members, 3, 1))
    params[..., net.layout.slice_of("biases")] = rng.uniform(-2, 2, (members, 3, 3))
    options = {"duration": 5, "dt": 0.1, "y0": [0.1, 0.2, 0.3]}
    together = evaluate(net, THREE, params=params, **options)
    single = [evaluate(net, ONE, params=params[:, a], **options).scores[:, 0] for a in range(3)]
    np.testing.assert_array_equal(together.scores[:, 0], np.transpose(single))
    assert len(np.unique(together.scores)) == 3 * members
    clones = evaluate(net, THREE, params=params[:, 1], **options).scores[:, 0]
    np.testing.assert_array_equal(clones, np.transpose([single[1]] * 3))


def test_an_agent_that_is_not_finite_spoils_its_team():
    net = CTRNN(np.zeros((3, 3)))
    params = np.tile(net.params, (2, 3, 1))
    params[1, 2, 0] = np.nan
    result = evaluate(net, THREE, params=params, duration=1, dt=0.1)
    assert np.isfinite(result.scores[0]).all()
    assert np.isnan(result.scores[1]).all()
