"""Phototaxis: against the vehicle's rules in plain numpy, and against what Braitenberg says of crossed wires."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN, evaluate, random_ctrnn
from neuroevolution import tasks


def drive(net, light, steps, inverts_at=np.inf):
    """Sense, then the network, then turn and move along the new heading."""
    y, place, heading, course = np.zeros(net.state_dim), np.zeros(2), 0.0, []
    for k in range(steps):
        u = []
        for side in (1, -1):
            look = np.array([np.cos(heading + side * np.pi / 3), np.sin(heading + side * np.pi / 3)])
            way = light - (place + 4 * look)
            u.append(min(10, 1000 / (way @ way)) if way @ look > 0 else 0.0)
        if k * 0.1 >= inverts_at:
            u = u[::-1]
        o = 1 / (1 + np.exp(-(y + net.biases)))
        y = y + 0.1 * (-y + net.weights @ o + net.input_weights @ u) / net.time_constants
        left, right = 2 / (1 + np.exp(-(y[:2] + net.biases[:2]))) - 1
        heading += 0.1 * (right - left) / 8  # 8 between the wheels, each at up to 1
        place = place + 0.1 * (left + right) / 2 * np.array([np.cos(heading), np.sin(heading)])
        course.append([*place, heading])
    return np.array(course).T


@pytest.mark.parametrize("inverts_at", [1e12, 12.05])
def test_the_vehicle_follows_its_rules(rng, inverts_at):
    net = random_ctrnn(4, rng, weights=(-4, 4)).replace(input_weights=rng.uniform(-2, 2, (4, 2)))
    task = tasks.Phototaxis().with_params({"inverts at": inverts_at})
    loop = evaluate(net, task, duration=40, dt=0.1, rng=5, record=(0, 0)).solution
    light = loop.state[3:5, 0]
    assert 40 <= np.hypot(*light) <= 60
    course = drive(net, light, 400, inverts_at)
    np.testing.assert_allclose(loop.state[:3, 1:101], course[:, :100], rtol=0, atol=1e-12)
    np.testing.assert_allclose(loop.state[:3, 1:], course, rtol=0, atol=1e-9)
    nearer = 1 - np.hypot(*(light - course[:2, -1])) / np.hypot(*light)
    assert loop.scores[0, -1] == pytest.approx(max(0, nearer), abs=1e-9)


def test_crossed_wires_find_the_light_and_inverted_eyes_lose_it():
    """Braitenberg's vehicle 2b; with its eyes exchanged it is 2a, which turns away."""
    crossed = CTRNN(np.zeros((2, 2)), biases=[0.9, 0.4], input_weights=[[0, 3], [3, 0]])
    task = tasks.Phototaxis()
    there = evaluate(crossed, task, **task.standard | {"trials": 16}, rng=1).scores
    inverted = evaluate(crossed, task.with_params({"inverts at": 0}), **task.standard | {"trials": 16}, rng=1).scores
    straight = crossed.replace(input_weights=[[3, 0], [0, 3]])
    away = evaluate(straight, task, **task.standard | {"trials": 16}, rng=1).scores
    assert np.median(there) > 0.8
    assert inverted.max() < 0.1
    np.testing.assert_array_equal(inverted, away)


def test_the_picture_is_the_path_with_the_light(rng):
    net = CTRNN(np.zeros((2, 2)), biases=[0.9, 0.4], input_weights=[[0, 3], [3, 0]])
    loop = evaluate(net, tasks.Phototaxis(), duration=20, dt=0.1, rng=1, record=(0, 0)).solution
    ax = loop.plot()
    drawn = [line.get_xydata() for line in ax.lines]
    assert any(len(xy) == 1 and np.allclose(xy[0], loop.state[3:5, 0]) for xy in drawn)
    assert any(np.array_equal(xy.T, loop.state[:2]) for xy in drawn)
    assert ax.get_xlabel() == "x"
