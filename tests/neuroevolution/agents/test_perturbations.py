"""Noise on spheres, and tonic input, against agents that are made one by one."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN, Task, draw_uniform, evaluate
from neuroevolution import lesion, robustness, tonic_input

NET = CTRNN([[0.5, -0.4], [0.3, 0.2]], biases=[0.1, -0.2], activation="linear")


def reset_nothing(key, trial, state, sensors):
    pass


def step_distance(t, dt, motors, state, sensors, score):
    score[0] = motors[0] * 3.0 - motors[1]
    return 0


READ = Task(reset=reset_nothing, step=step_distance, state_dim=0, sensors=0, motors=2)
OPTIONS = {"duration": 1, "dt": 0.1}


def test_noise_is_uniform_on_the_sphere():
    """The score after no time is linear in the biases: 3 b1 - b2, whose variance on a circle of radius r is 10 r^2 / 2."""
    found = robustness(NET, READ, [0.5, 2.0], directions=4000, names=["biases"], rng=3, duration=0.1, dt=0.1)
    changes = found.scores - found.intact
    assert found.intact == pytest.approx(evaluate(NET, READ, duration=0.1, dt=0.1).scores[0, 0])
    reach = np.abs(changes).max(axis=1) / [0.5, 2.0]
    assert reach[0] == pytest.approx(reach[1])
    variance = (changes / [[0.5], [2.0]]).var(axis=1)
    assert variance == pytest.approx(reach**2 / 2, rel=0.1)


def test_radius_zero_changes_nothing_and_the_seed_gives_the_directions():
    found = robustness(NET, READ, [0.0, 1.0], directions=5, rng=1, **OPTIONS)
    assert (found.scores[0] == found.intact).all()
    assert np.array_equal(found.scores, robustness(NET, READ, [0.0, 1.0], directions=5, rng=1, **OPTIONS).scores)


def test_tonic_input_is_a_constant_input_to_one_neuron():
    found = tonic_input(NET, READ, [-1.0, 0.0, 2.5], **OPTIONS)
    assert (found.scores[1] == found.intact).all()
    for k, value in enumerate([-1.0, 0.0, 2.5]):
        for i in range(2):
            expected = evaluate(NET.replace(constant_inputs=value * np.eye(2)[i]), READ, **OPTIONS).scores[0, 0]
            assert found.scores[k, i] == expected


def reset_anywhere(key, trial, state, sensors):
    state[0] = draw_uniform(key, 0)


def step_score(t, dt, motors, state, sensors, score, params):
    score[0] = params[0] * state[0] + motors[0]
    return 0


def test_the_tasks_seed_and_constants_are_those_of_evaluate():
    task = Task(reset=reset_anywhere, step=step_score, state_dim=1, sensors=0, motors=2, params={"factor": 2.0})
    given = OPTIONS | {"task_params": {"factor": 5.0}, "trials": 3}
    for seed in (0, 7):
        intact = evaluate(NET, task, rng=seed, **given).mean_scores[0]
        assert robustness(NET, task, [0.5], directions=3, rng=1, task_rng=seed, **given).intact == intact
        assert tonic_input(NET, task, [0.5], rng=seed, **given).intact == intact
        assert lesion(NET, task, rng=seed, **given).intact == intact


def test_what_is_no_option():
    for call in (robustness, tonic_input):
        with pytest.raises(TypeError, match=r"`params` is no option here: .*`task_params`"):
            call(NET, READ, [1.0], params=[1.0], **OPTIONS)
    with pytest.raises(ValueError, match="`radii` must be at least 0; got -1"):
        robustness(NET, READ, [0.5, -1.0], **OPTIONS)


def test_connections_that_the_mask_excludes_stay_away():
    """Of four weights there is one: on the sphere around it are two networks."""
    net = CTRNN([[0.0, 1.0], [0.0, 0.0]], mask=[[0, 1], [0, 0]])
    found = robustness(net, READ, [0.5], directions=20, names=["weights"], rng=1, **OPTIONS)
    two = [evaluate(net.replace(weights=[[0.0, w], [0.0, 0.0]]), READ, **OPTIONS).scores[0, 0] for w in (0.5, 1.5)]
    assert sorted(set(found.scores[0])) == sorted(two)
    with pytest.raises(ValueError, match="`names` must name at least one parameter"):
        robustness(net, READ, [0.5], names=["weights[0, 0]"], **OPTIONS)
