"""The T-maze: against its rules in plain numpy, with walls met by solving linear equations."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN, evaluate, random_ctrnn
from neuroevolution import tasks

CORNERS = [(-8, 60), (-8, 0), (8, 0), (8, 60), (50, 60), (50, 76), (-50, 76), (-50, 60), (-8, 60)]


def wall_ahead(place, angle):
    """The nearest crossing of a ray with a wall: place + s way = corner + r (next - corner), 0 <= r <= 1."""
    way, nearest = np.array([np.cos(angle), np.sin(angle)]), 30.0
    for a, b in zip(np.array(CORNERS[:-1], float), np.array(CORNERS[1:], float), strict=True):
        matrix = np.column_stack([way, a - b])
        if abs(np.linalg.det(matrix)) > 1e-12:
            s, r = np.linalg.solve(matrix, a - place)
            if s >= 0 and -1e-12 <= r <= 1 + 1e-12:
                nearest = min(nearest, s)
    return nearest


def senses(place, heading, side):
    rays = [(30 - wall_ahead(place, heading + angle)) / 30 for angle in np.linspace(np.pi / 2, -np.pi / 2, 5)]
    lit = 15 <= place[1] <= 25
    return np.array([*rays, float(lit and side == -1), float(lit and side == 1)])


def run(net, heading, side, steps):
    y, place, course = np.zeros(net.state_dim), np.array([0.0, 6.0]), []
    for _ in range(steps):
        o = 1 / (1 + np.exp(-(y + net.biases)))
        y = y + 0.1 * (-y + net.weights @ o + net.input_weights @ senses(place, heading, side)) / net.time_constants
        left, right = 2 / (1 + np.exp(-(y[:2] + net.biases[:2]))) - 1
        heading += 0.1 * (right - left) / 6  # the wheels are 6 apart
        there = place + 0.1 * (left + right) / 2 * np.array([np.cos(heading), np.sin(heading)])
        in_stem, in_arms = abs(there[0]) <= 5 and 3 <= there[1] <= 73, abs(there[0]) <= 47 and 63 <= there[1] <= 73
        place = there if in_stem or in_arms else place
        course.append([*place, heading])
    return np.array(course).T


@pytest.mark.parametrize("trial", [0, 1])
def test_the_robot_follows_its_rules(rng, trial):
    net = random_ctrnn(4, rng, weights=(-3, 3), biases=(-1, 3)).replace(input_weights=rng.uniform(-2, 2, (4, 7)))
    loop = evaluate(net, tasks.TMaze(), duration=30, dt=0.1, trials=2, rng=8, record=(0, trial)).solution
    course = run(net, loop.state[2, 0], (-1, 1)[trial], 300)
    np.testing.assert_allclose(loop.state[:3, 1:51], course[:, :50], rtol=0, atol=1e-12)
    np.testing.assert_allclose(loop.state[:3, 1:], course, rtol=0, atol=1e-8)


def test_sensors_feel_the_walls_from_anywhere(rng):
    task, sensors = tasks.TMaze(), np.zeros(7)
    for _ in range(200):
        place = (rng.uniform(-4, 4), rng.uniform(4, 70)), (rng.uniform(-46, 46), rng.uniform(64, 72))
        state = np.array([*place[rng.integers(2)], rng.uniform(-4, 4), rng.choice([-1, 1])])
        expected = senses(state[:2].copy(), state[2], state[3])
        task.step.py_func(0.0, 0.0, np.array([0.5, 0.5]), state, sensors, np.zeros(1), task.params)
        np.testing.assert_allclose(sensors, expected, rtol=0, atol=1e-11)


def score_at(x, y, trial):
    task, state, score = tasks.TMaze(), np.zeros(4), np.zeros(1)
    task.reset.py_func((np.uint64(1), np.uint64(0)), trial, state, np.zeros(7), task.params)
    state[:2] = x, y
    done = task.step.py_func(0.0, 0.0, np.array([0.5, 0.5]), state, np.zeros(7), score, task.params)
    return score[0], bool(done)


def test_the_arm_of_the_lamp_scores():
    assert score_at(-44, 68, 0) == (1.0, True)
    assert score_at(44, 68, 0) == (0.25, True)
    assert score_at(44, 68, 1) == (1.0, True)
    assert score_at(22, 68, 1) == (0.625, False)
    assert score_at(2, 30, 1) == (0.125, False)


def test_walls_stop_the_robot():
    straight = CTRNN(np.zeros((2, 2)), biases=[30, 30], input_weights=np.zeros((2, 7)))
    task = tasks.TMaze().with_params({"scatter": 0})
    loop = evaluate(straight, task, duration=150, dt=0.1, record=(0, 0)).solution
    assert 72.8 < loop.state[1, -1] <= 73
    assert loop.scores[0, -1] == 0.25
    turning = CTRNN(np.zeros((2, 2)), biases=[30, 0], input_weights=np.zeros((2, 7)))
    assert np.abs(evaluate(turning, task, duration=50, dt=0.1, record=(0, 0)).solution.state[0]).max() <= 5
