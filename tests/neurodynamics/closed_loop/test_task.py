"""Tasks that cannot be, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import (
    Task,
    draw_uniform,
    evaluate,
    random_ctrnn,
)

N, B, TRIALS = 4, 21, 3


def reset_ball(key, trial, state, sensors):
    state[0] = draw_uniform(key, 0) - 0.5
    state[1] = 0.1 * trial
    sensors[0] = state[0]
    sensors[1] = state[1]


def step_ball(t, dt, motors, state, sensors, score):
    state[1] += dt * (motors[0] - motors[1])
    state[0] += dt * state[1]
    sensors[0] = state[0]
    sensors[1] = state[1]
    score[0] += dt * abs(state[0])
    return abs(state[0]) > 0.6


BALL = Task(reset=reset_ball, step=step_ball, state_dim=2, sensors=2, motors=2)


def idle(key, trial, state, sensors):
    pass


def hold(t, dt, motors, state, sensors, score):
    sensors[0] = 0.7
    return 0


@pytest.fixture
def net(rng):
    return random_ctrnn(N, rng, weights=(-8, 8), biases=(-4, 4))


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in ("scores", "status", "steps")
    )


def wrong(*arguments):
    return 0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"step": lambda t, motors: 0}, TypeError, "must take the arguments"),
        ({"step": wrong}, TypeError, "must take the arguments"),
        ({"reset": 3}, TypeError, "must be a function"),
        ({"step": lambda t, dt, motors, state, sensors, score: score.__setitem__(1, 1.0)}, ValueError, "outside its arrays"),
        ({"state_dim": -1}, ValueError, "state_dim"),
        ({"motors": 1.5}, TypeError, "motors"),
        ({"score_dim": 0}, ValueError, "score_dim"),
    ],
)
def test_a_task_that_cannot_be(change, error, message):
    given = {"reset": idle, "step": hold, "state_dim": 1, "sensors": 1, "motors": 1} | change
    with pytest.raises(error, match=message):
        Task(**given)


def step_without_answer(t, dt, motors, state, sensors, score):
    score[0] = 1.0


def step_that_writes(t, dt, motors, state, sensors, score):
    motors[0] = 1.0
    return 0


def step_of_python(t, dt, motors, state, sensors, score):
    print({"a": open})
    return 0


def test_functions_that_do_not_compile(net):
    def run(step):
        evaluate(net, Task(reset=idle, step=step, state_dim=1, sensors=1, motors=1), duration=1, dt=0.1)

    with pytest.raises(TypeError, match="0 to go on or 1 when the trial is done"):
        run(step_without_answer)
    with pytest.raises(TypeError, match="motors"):
        run(step_that_writes)
    with pytest.raises(TypeError, match="cannot be compiled by numba"):
        run(step_of_python)


def step_that_leaves_later(t, dt, motors, state, sensors, score):
    state[int(t / dt + 0.5)] = 1.0
    return 0


def test_debug_finds_writes_out_of_bounds(net):
    task = Task(reset=idle, step=step_that_leaves_later, state_dim=7, sensors=0, motors=0)
    with pytest.raises(IndexError, match=r"member 0, trial 0, step 7 \(t = 0\.7\)"):
        evaluate(net, task, duration=2, dt=0.1, debug=True)
    assert evaluate(net, task, duration=0.7, dt=0.1, debug=True).success.all()
    assert same(*(evaluate(net, BALL, duration=2, dt=0.1, rng=1, debug=debug) for debug in (False, True)))


@pytest.mark.parametrize(("given", "lacking"), [
    ({}, "`duration` and `dt`"), ({"dt": 0.1}, "`duration`"), ({"duration": 1.0}, "`dt`"),
])  # fmt: skip
def test_a_task_without_a_standard_run_needs_a_clock(given, lacking):
    task = Task(reset=lambda key, trial, state, sensors: None, step=lambda t, dt, motors, state, sensors, score: 0,
                state_dim=1, sensors=0, motors=1)  # fmt: skip
    with pytest.raises(TypeError, match=f"^{lacking} must be given"):
        evaluate(random_ctrnn(1, rng=1), task, **given)
