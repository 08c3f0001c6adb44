"""Falling objects: against the paper's rules in plain numpy, and in a mirror."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from scipy.optimize import brentq

from ctrnn import evaluate
from neuroevolution import tasks


def lengths(x, thing, kind, size):
    """Seven rays from the perimeter; a circle by the roots of its quadratic, a line by where its height is reached."""
    out = []
    for k in range(7):
        theta = -math.pi / 12 + k * math.pi / 36
        start = np.array([x + 15 * math.sin(theta), 15 * math.cos(theta)])
        way = np.array([math.sin(theta), math.cos(theta)])
        length = 220.0
        if kind == "line":
            to = (thing[1] - start[1]) / way[1]
            if to >= 0 and abs(start[0] + to * way[0] - thing[0]) <= size / 2:
                length = min(length, to)
        elif kind == "diamond":  # a convex function is zero: |dx| + |dy| less half the diagonal
            apart = lambda s, start=start, way=way: np.abs(start + s * way - thing).sum() - size / math.sqrt(2)  # noqa: E731
            corners = [0.0, *np.maximum((thing - start) / np.where(way == 0, 1e-300, way), 0.0)]
            nearest = min(corners, key=apart)
            if apart(nearest) <= 0:
                length = min(length, brentq(apart, *((0.0, nearest) if apart(0.0) > 0 else (nearest, 1e3)), xtol=1e-14))
        else:
            roots = np.roots([1.0, 2 * way @ (start - thing), (start - thing) @ (start - thing) - (size / 2) ** 2])
            if not np.iscomplex(roots).any() and roots.real.max() >= 0:
                length = min(length, np.abs(roots.real).min())
        out.append(length)
    return np.array(out)


def fall(net, offset, kind):
    """Sense, then the network, then the agent, then the object moves, until it is 15 above the agent."""
    y, x, thing, course = np.zeros(14), 0.0, np.array([offset, 275.0]), []
    while thing[1] > 15:
        u = 10 * (220 - lengths(x, thing, kind, 30.0)) / 220
        o = 1 / (1 + np.exp(-net.gains * (y + net.biases)))
        y = y + 0.1 * (-y + net.weights @ o + net.input_weights @ u) / net.time_constants
        o = 1 / (1 + np.exp(-net.gains * (y + net.biases)))
        x = float(np.clip(x + 0.1 * 5 * (o[0] - o[1]), -200, 200))
        thing = thing - [0, 0.3]
        course.append((x, thing[1]))
    d = min(abs(x - offset), 45) / 45
    return np.array(course).T, 1 - d if kind == "circle" else d


@pytest.fixture(scope="module")
def task():
    return tasks.CategoricalPerception()


@pytest.fixture
def net(task, rng):
    """Centre-crossing, so that it responds to what it senses."""
    genotype = task.genotype()
    return genotype.network(genotype.random(1, rng, centre_crossing=True)[0])


def test_an_agent_follows_the_papers_rules(task, net):
    result = evaluate(net, task, **task.standard, record=[(0, 0), (0, 9), (0, 22), (0, 23)])
    assert result.status.min() == 1
    for loop in result.solutions:
        kind, offset = ("circle", "line")[loop.trial % 2], -50 + 100 * (loop.trial // 2) / 11
        course, score = fall(net, offset, kind)
        np.testing.assert_allclose(loop.state[[0, 2], 1:], course, rtol=0, atol=1e-10)  # rounding grows over 867 steps
        np.testing.assert_allclose(loop.state[[0, 2], 1:100], course[:, :99], rtol=0, atol=1e-12)
        assert loop.scores[0, -1] == pytest.approx(score, abs=1e-11)
    assert np.ptp(result.solution.state[0]) > 0


def test_sensors_see_what_is_there(task, rng):
    """Anywhere, for either shape; brute force is the roots of the equations in the loop above."""
    sensors, score = np.zeros(7), np.zeros(1)
    hits = 0
    for shape, kind in enumerate(("circle", "line", None, "diamond")):
        for _ in range(200 if kind else 0):
            state = np.array([rng.uniform(-40, 40), rng.uniform(-60, 60), rng.uniform(31, 275), shape, 0.0, 0.0])
            task.step.py_func(0.0, 0.0, np.array([0.5, 0.5]), state, sensors, score, task.params)
            expected = 10 * (220 - lengths(state[0], state[1:3], kind, 30.0)) / 220
            np.testing.assert_allclose(sensors, expected, rtol=0, atol=1e-11)
            hits += (expected > 0).sum()
    assert hits > 200


def test_the_mirrored_world_gives_the_mirrored_behaviour(task, net):
    """Trials 0 and 22, 1 and 23, .. are mirror images; bodies and sensors to the last bit, networks to rounding."""
    result = evaluate(net, task, **task.standard, record="all")
    for here, there in zip(result.solutions[:12], [result.solutions[k ^ 1] for k in range(23, 11, -1)], strict=True):
        np.testing.assert_allclose(here.state[0], -there.state[0], rtol=0, atol=1e-9)
        np.testing.assert_array_equal(here.state[1], -there.state[1])
        np.testing.assert_array_equal(here.sensors[:, 0], there.sensors[::-1, 0])
    lopsided = net.replace(biases=net.biases + np.linspace(0, 1, 14))  # the control
    other = evaluate(lopsided, task, **task.standard, record=[(0, 0), (0, 22)]).solutions
    assert np.abs(other[0].state[0] + other[1].state[0]).max() > 1e-6


def test_the_body_is_its_own_mirror_image_to_the_last_bit(task, rng):
    for shape in (0.0, 1.0, 3.0):
        for _ in range(100):
            seen = []
            o, where, thing = rng.uniform(0, 1, 2), rng.uniform(-40, 40), [rng.uniform(-50, 50), rng.uniform(16, 275)]
            for side in (1, -1):
                state, sensors, score = np.zeros(6), np.zeros(7), np.zeros(1)
                state[:] = side * where, side * thing[0], thing[1], shape, 0, -3
                task.step.py_func(0.0, 0.1, o[::side], state, sensors, score, task.params)
                seen.append([side * state[0], *sensors[::side], *score])
            assert seen[0] == seen[1]


def test_a_perfect_catcher_and_one_that_stays(task):
    """A circle straight above an agent at rest is caught; a line is not avoided."""
    still = task.genotype().template
    result = evaluate(still, task.with_params({"offsets": 1}), **{**task.standard, "trials": 2})
    assert result.scores.tolist() == [[1.0, 0.0]]
    far = evaluate(still, task.with_params({"spread": 0, "offset": 18.0}), **{**task.standard, "trials": 2})
    assert far.scores[0] == pytest.approx([1 - 18 / 45, 18 / 45])


def test_constants_by_trial_compile_nothing(task):
    still = task.genotype().template
    result = evaluate(still, task, duration=86.7, dt=0.1, trials=3, record=(0, None),
                      task_params={"shape": np.zeros((1, 3)), "offset": [[0.0, 9, 45]], "spread": 0.0})  # fmt: skip
    assert result.scores[0] == pytest.approx([1, 0.8, 0])
    assert result.solutions[2].task.params[10] == 45


def test_diamonds_take_turns_with_circles(task):
    still = task.genotype().template
    result = evaluate(still, task.with_params({"shape": 4, "offsets": 1}), duration=86.7, dt=0.1, trials=4, record=(0, None))
    assert [loop.state[3, 0] for loop in result.solutions] == [0, 3, 0, 3]
    assert result.scores[0].tolist() == [1, 0, 1, 0]  # a diamond straight above is not avoided
    wide = [(loop.sensors[:, 700] > 0).sum() for loop in result.solutions[:2]]
    assert wide == [5, 7]  # of 15 and 21.2 on either side, at 65: the outermost rays are 17.4 from the middle there
    one = evaluate(still, task.with_params({"shape": 3}), duration=86.7, dt=0.1, trials=2, record=(0, None))
    assert [loop.state[3, 0] for loop in one.solutions] == [3, 3]


def test_oblique_objects_differ_by_trial_and_stay_in_their_ranges():
    task = tasks.VisualOrientation()
    result = evaluate(task.genotype().template, task, **task.standard, rng=3, record=(0, None))
    first = np.array([loop.state[:, 0] for loop in result.solutions])
    assert (np.abs(first[:, 1]) <= 70).all()
    assert (np.abs(first[:, 4]) <= 2).all()
    assert (np.abs(first[:, 5] + 3.5) <= 0.5).all()
    assert all(len(np.unique(first[:, k])) == 20 for k in (1, 4, 5))
    loop = result.solutions[0]
    np.testing.assert_allclose(loop.state[1], loop.state[1, 0] + loop.state[4, 0] * loop.t, atol=1e-10)


def test_constants_that_cannot_be_are_named(task):
    with pytest.raises(ValueError, match="Did you mean 'offset'"):
        task.with_params({"ofset": 3})
    with pytest.raises(ValueError, match="`range` must be positive; got 0"):
        evaluate(task.genotype().template, task, **task.standard, task_params={"range": [0.0]})


def test_the_standard_run_is_what_nobody_has_to_say():
    task = tasks.CategoricalPerception()
    net = task.genotype().network(task.genotype().random(1, rng=4)[0])
    said = evaluate(net, task, duration=86.7, dt=0.1, trials=24).scores
    assert (evaluate(net, task).scores == said).all()
    assert (evaluate(net, task, trials=3).scores == said[:, :3]).all()
    assert evaluate(net, task, duration=10).options["dt"] == 0.1
    assert evaluate(net, task, duration=10, dt=0.1).scores.shape == (1, 1)  # a clock of one's own: nothing else is taken
    half = evaluate(net, task, dt=0.05)
    assert half.scores.shape == (1, 24)
    assert abs(half.steps.max() - 2 * 867) <= 2


def test_noise_is_normal_and_each_rays_own(task, net):
    """What is sensed less what is there, of all trials; none of it leaves the run without noise as it is."""
    noisy = pickle.loads(pickle.dumps(tasks.CategoricalPerception(noisy=True).with_params({"noise": 0.3})))
    result = evaluate(net, noisy, **task.standard, rng=3, record="all")
    apart = []
    for loop in result.solutions:
        kind = ("circle", "line")[loop.trial % 2]
        there = [10 * (220 - lengths(s[0], s[1:3], kind, 30.0)) / 220 for s in loop.state.T[::25]]
        apart.append(loop.sensors.T[::25] - there)
    noise = np.concatenate(apart) / 0.3
    count = len(noise)
    assert np.abs(noise.mean(axis=0)).max() < 5 / np.sqrt(count)
    assert np.abs(np.cov(noise.T) - np.eye(7)).max() < 5 * np.sqrt(2 / count)
    assert np.abs((noise**4).mean() - 3) < 5 * np.sqrt(96 / noise.size)
    quiet = evaluate(net, noisy.with_params({"noise": 0.0}), **task.standard, rng=3).scores
    assert (quiet == evaluate(net, task, **task.standard, rng=3).scores).all()
    assert (quiet != result.scores).any()
    with pytest.raises(ValueError, match=r"`noise` must be 0 but for the noisy task, .*\(noisy=True\); got 0.3"):
        task.with_params({"noise": 0.3})
    with pytest.raises(ValueError, match="`noise` must be at least 0; got -1"):
        noisy.with_params({"noise": -1.0})
