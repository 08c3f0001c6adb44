"""A population in pieces gives what it gives as a whole; numbers that are not finite are no success; limits are obeyed."""

from __future__ import annotations

import numpy as np
import pytest
from punctual import LOADED, PUNCTUAL, at_best, timed

from ctrnn import CTRNN, Task, draw_uniform, evaluate
from neurodynamics import Status

NET = CTRNN([[0.0, -4.0], [4.0, 0.0]], input_weights=[[-4.0], [4.0]])


def reset(key, trial, state, sensors):
    state[0] = 2 * draw_uniform(key, 0) - 1
    sensors[0] = state[0]


def step(t, dt, motors, state, sensors, score):
    state[0] += dt * (motors[0] - motors[1])
    sensors[0] = state[0]
    score[0] -= dt * abs(state[0])
    return 0


TASK = Task(reset=reset, step=step, state_dim=1, sensors=1, motors=2)


@pytest.mark.parametrize("size", [1, 40])
def test_pieces_with_their_first_member_are_the_whole(size):
    params = np.tile(NET.params, (2 * size, 1))
    options = {"duration": 2, "dt": 0.1, "trials": 2, "rng": 3}
    whole = evaluate(NET, TASK, params=params, **options).scores
    cut = [evaluate(NET, TASK, params=params[k : k + size], first_member=k, **options).scores for k in (0, size)]
    np.testing.assert_array_equal(np.concatenate(cut), whole)
    assert len(np.unique(whole)) == whole.size  # control: without their numbers, the pieces are equal
    again = evaluate(NET, TASK, params=params[size:], **options).scores
    np.testing.assert_array_equal(again, whole[:size])


@pytest.mark.parametrize("members", [1, 32])
def test_a_body_that_is_not_finite_is_no_success(members):
    def lost(t, dt, motors, state, sensors, score):
        state[0] = np.nan
        return 0

    task = Task(reset=reset, step=lost, state_dim=1, sensors=1, motors=2)
    result = evaluate(NET, task, duration=1, dt=0.1, params=np.tile(NET.params, (members, 1)))
    assert (result.status == Status.NON_FINITE).all()
    assert np.isnan(result.scores).all()


@pytest.mark.parametrize("members", [1, 32])
def test_the_time_is_kept_within_one_period(members):
    params = np.tile(NET.params, (members, 1))
    evaluate(NET, TASK, duration=1, dt=0.1, params=params)  # compiles
    late = {"duration": 1e9, "dt": 0.1, "substeps": 10**9, "params": params, "timeout": 0.2}
    result, seconds = at_best(lambda: timed(lambda: evaluate(NET, TASK, **late)), 0.2 + PUNCTUAL + LOADED)
    assert seconds < 0.2 + PUNCTUAL + LOADED
    assert (result.status == Status.TIMEOUT).all()
