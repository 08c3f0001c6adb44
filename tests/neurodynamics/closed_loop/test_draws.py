"""Random numbers of trials: they differ where they should, and are common where that is asked."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import (
    Task,
    draw_normal,
    draw_uniform,
    evaluate,
    random_ctrnn,
)

N, B, TRIALS = 4, 21, 3


@pytest.fixture
def net(rng):
    return random_ctrnn(N, rng, weights=(-8, 8), biases=(-4, 4))


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in ("scores", "status", "steps")
    )


def reset_draws(key, trial, state, sensors):
    state[0] = draw_uniform(key, 0)
    state[1] = draw_uniform(key, 1)


def step_draws(t, dt, motors, state, sensors, score, key):
    score[0] = state[0]
    score[1] = state[1]
    score[2] += draw_uniform(key, 0)
    score[3] += draw_normal(key, 1) ** 2
    return 0


DRAWS = Task(reset=reset_draws, step=step_draws, state_dim=2, sensors=0, motors=0, score_dim=4)


def test_random_numbers_differ_between_members_trials_steps_and_indices(net):
    result = evaluate(net, DRAWS, params=np.tile(net.params, (40, 1)), trials=25, duration=20, dt=0.1, rng=2)
    assert result.scores.shape == (40, 25, 4)
    first = result.scores[..., :2]
    assert np.unique(first).size == first.size
    runs = 40 * 25
    assert abs(first.mean() - 0.5) < 5 / np.sqrt(12 * 2 * runs)  # five standard errors
    steps = 200 * runs
    assert abs(result.scores[..., 2].sum() / steps - 0.5) < 5 / np.sqrt(12 * steps)
    assert abs(result.scores[..., 3].sum() / steps - 1) < 5 * np.sqrt(2 / steps)
    again = evaluate(net, DRAWS, params=np.tile(net.params, (40, 1)), trials=25, duration=20, dt=0.1, rng=2, workers=1)
    assert same(result, again)
    assert not np.array_equal(result.scores, evaluate(net, DRAWS, params=np.tile(net.params, (40, 1)), trials=25,
                                                      duration=20, dt=0.1, rng=3).scores)  # fmt: skip


def test_common_random_numbers_are_the_same_for_all_members(net):
    rows = np.tile(net.params, (20, 1))
    scores = evaluate(net, DRAWS, params=rows, trials=5, duration=1, dt=0.1, rng=2, common_random_numbers=True).scores
    assert (scores == scores[0]).all()
    assert np.unique(scores[0, :, 0]).size == 5
