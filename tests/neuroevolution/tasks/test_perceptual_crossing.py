"""Perceptual crossing: two networks in one world, against two networks in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from ctrnn import CTRNN, evaluate, random_ctrnn
from neuroevolution import tasks


def near(a, b):
    return min(abs(a - b) % 600, 600 - abs(a - b) % 600)


def cross(nets, starts, steps, dt=0.1, *, shadows=True, fixed=True):
    """Sense, then both networks, then both move; the closeness after 400."""
    x, y, course, apart = list(starts), [np.zeros(net.state_dim) for net in nets], [], []
    for k in range(steps):
        u = []
        for a in range(2):
            met = [x[1 - a]] + [(x[1 - a] + 48) % 600] * shadows + [(450, 150)[a]] * fixed
            u.append(expit(8 * (1 - min(near(x[a], each) for each in met))))
        for a, net in enumerate(nets):
            o = 1 / (1 + np.exp(-(y[a] + net.biases)))
            y[a] = y[a] + dt * (-y[a] + net.weights @ o + net.input_weights @ [u[a]]) / net.time_constants
            o = 1 / (1 + np.exp(-(y[a] + net.biases)))
            x[a] = (x[a] + (1, -1)[a] * dt * 2 * (o[1] - o[0])) % 600
        course.append(x.copy())
        if k * dt > 400:
            apart.append(max(near(*x), 2))
    return np.array(course).T, 1 - (np.mean(apart) - 2) / 298 if apart else 0.0


@pytest.fixture
def nets(rng):
    return [random_ctrnn(3, rng, weights=(-8, 8)).replace(input_weights=rng.uniform(-8, 8, (3, 1))) for _ in "ab"]


def test_clones_follow_the_rules(nets):
    task = tasks.PerceptualCrossing()
    loop = evaluate(nets[0], task, duration=440, dt=0.1, rng=2, record=(0, 0)).solution
    course, score = cross([nets[0]] * 2, loop.state[:2, 0], 4400)
    moved = np.abs(loop.state[:2, 1:] - course)
    assert np.minimum(moved, 600 - moved)[:, :300].max() < 1e-12
    assert np.minimum(moved, 600 - moved).max() < 1e-7
    assert loop.scores[0, -1] == pytest.approx(score, abs=1e-8)
    assert loop.scores[0, 3999] == 0


@pytest.mark.parametrize("left_out", ["shadows", "fixed"])
def test_different_agents_and_poorer_worlds(nets, left_out):
    task = tasks.PerceptualCrossing().with_params({f"with {left_out}": 0})
    params = np.stack([net.params for net in nets])[np.newaxis]
    result = evaluate(nets[0], task, params=params, duration=60, dt=0.1, rng=4, record=(0, 0))
    loop = result.solution
    course, _ = cross(nets, loop.state[:2, 0], 600, **{left_out: False})
    moved = np.abs(loop.state[:2, 1:] - course)
    assert np.minimum(moved, 600 - moved).max() < 1e-9
    np.testing.assert_array_equal(result.params, params)


def test_each_agent_alone_is_its_network(nets):
    """Its recorded sensors drive its own network through its recorded states."""
    params = np.stack([net.params for net in nets])[np.newaxis]
    loop = evaluate(nets[0], tasks.PerceptualCrossing(), params=params, duration=30, dt=0.1, rng=4, record=(0, 0)).solution
    for a, net in enumerate(nets):
        own = loop.agent(a)
        np.testing.assert_array_equal(own.system.params, net.params)
        y = own.y[:, 40]
        o = 1 / (1 + np.exp(-(y + net.biases)))
        after = y + 0.1 * (-y + net.weights @ o + net.input_weights[:, 0] * own.sensors[0, 40]) / net.time_constants
        assert own.y[:, 41] == pytest.approx(after, abs=1e-12)
        assert own.motors[:, 41] == pytest.approx(1 / (1 + np.exp(-(own.y[:2, 41] + net.biases[:2]))), abs=1e-12)
        assert own.network.plot() is not None


def test_agents_at_rest_keep_their_distance():
    still = CTRNN(np.zeros((2, 2)), input_weights=np.zeros((2, 1)))
    result = evaluate(still, tasks.PerceptualCrossing(), **tasks.PerceptualCrossing.standard, rng=1, record=(0, None))
    for loop, score in zip(result.solutions, result.scores[0], strict=True):
        assert score == pytest.approx(1 - (max(near(*loop.state[:2, 0]), 2) - 2) / 298)


def test_other_networks_and_numbers_are_refused(nets):
    from neurodynamics import models

    with pytest.raises(TypeError, match="several agents"):
        evaluate(models.lorenz(), tasks.PerceptualCrossing(), duration=1, dt=0.1)
    with pytest.raises(ValueError, match=r"\(B, 2, 30\), a row for each agent"):
        evaluate(nets[0], tasks.PerceptualCrossing(), params=np.zeros((4, 3, 30)), duration=1, dt=0.1)
    loop = evaluate(nets[0], tasks.PerceptualCrossing(), duration=1, dt=0.1, record=(0, 0)).solution
    with pytest.raises(ValueError, match="below 2"):
        loop.agent(2)
