"""The single-legged walker: against its rules in plain Python, and against what the best of all walks achieves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis import limit_cycle
from ctrnn import CTRNN, evaluate, random_ctrnn
from neuroevolution import tasks

LIMIT = math.pi / 6
BEST = 27.5 / (math.sqrt(600) + 12.5 / math.sqrt(1.5) + math.sqrt((2 * math.pi / 3) / 0.025))


class Rules:
    """The walker's rules as they are written down, one statement each."""

    def __init__(self):
        self.x = self.v = self.omega = 0.0
        self.angle, self.down = LIMIT, False
        self.place_foot()

    def place_foot(self):
        self.foot = self.x + 15 * math.sin(self.angle)
        self.depth = 15 * math.cos(self.angle)

    def step(self, dt, o1, forward, backward):
        self.down = o1 > 0.5
        f = forward - backward
        force = 0.0
        if self.down:
            self.omega = 0.0
            if -LIMIT <= self.angle <= LIMIT or (self.angle < -LIMIT and f < 0) or (self.angle > LIMIT and f > 0):
                force = f
        self.v = float(np.clip(self.v + dt * force, -6, 6))
        self.x += dt * self.v
        if self.down:
            angle = math.atan2(self.foot - self.x, self.depth)
            self.omega = (angle - self.angle) / dt
            self.angle = angle
        else:
            self.v = 0.0
            self.omega = float(np.clip(self.omega + dt * 0.5 * (backward - forward), -1, 1))
            self.angle += dt * self.omega
            if abs(self.angle) > LIMIT:
                self.angle = float(np.clip(self.angle, -LIMIT, LIMIT))
                self.omega = 0.0
            self.place_foot()
        if abs(self.x - self.foot) > 20:
            self.v = 0.0


def motors_of(neurons, o, before):
    """What foot, forward and backward force are, for each number of motor neurons; with one, a force keeps its value."""
    if neurons == 3:
        return o[0], 0.05 * o[1], 0.05 * o[2]
    if neurons == 2:
        return o[0], 0.05 * o[0], 0.05 * o[1]
    if o[0] > 0.5:
        return o[0], 2 * (o[0] - 0.5) * 0.05, before[2]
    return o[0], before[1], 2 * (0.5 - o[0]) * 0.05


@pytest.mark.parametrize("neurons", [1, 2, 3])
@pytest.mark.parametrize("reflexive", [False, True])
def test_the_body_follows_the_rules(rng, neurons, reflexive):
    walked = 0.0
    for _ in range(10):
        net = random_ctrnn(3, rng)
        result = evaluate(net, tasks.LeggedWalker(neurons, reflexive=reflexive), duration=60, dt=0.1, record=(0, 0))
        body, y, motors = Rules(), np.zeros(3), (0.0, 0.0, 0.0)
        for k in range(600):
            u = np.zeros(3)
            u[:neurons] = 5 * body.angle / LIMIT if reflexive else 0.0
            o = 1 / (1 + np.exp(-(y + net.biases)))
            y = y + 0.1 * (-y + net.weights @ o + u) / net.time_constants
            motors = motors_of(neurons, 1 / (1 + np.exp(-(y + net.biases))), motors)
            body.step(0.1, *motors)
            if k == 50:  # rounding grows where a threshold is met
                seen = result.solution.state[:, k + 1]
                rules = [body.x, body.v, body.angle, body.omega, float(body.down), body.foot, body.depth]
                assert seen == pytest.approx([*rules, *motors[1:]][: len(seen)], abs=1e-9)
        assert result.scores[0, 0] == pytest.approx(body.x / 60, abs=1e-6)
        walked += abs(body.x)
    assert walked > 0


def walk_best(dt, duration):
    """Walk as well as the body allows, with motors that are not a network's: the compiled step, called directly."""
    task = tasks.LeggedWalker()
    state, score = np.zeros(7), np.zeros(1)
    task.reset((np.uint64(0), np.uint64(0)), 0, state, np.zeros(0))
    swing = False
    for k in range(round(duration / dt)):
        x, v, angle, foot = state[[0, 1, 2, 5]]
        if swing and angle >= LIMIT:
            swing = False
        elif not swing and x + dt * v - foot > 20:  # the next step would be held
            swing = True
        motors = np.array([0.0, 0.0, 1.0]) if swing else np.array([1.0, 1.0, 0.0])
        task.step(k * dt, dt, motors, state, np.zeros(0), score)
    return score[0]


def test_the_best_walk_scores_what_the_formula_says():
    assert BEST == pytest.approx(0.6270805, abs=5e-8)
    assert 27.5 / BEST == pytest.approx(43.8540, abs=5e-5)
    strides = 2
    coarse, fine = (walk_best(dt, strides * 27.5 / BEST) for dt in (0.01, 0.001))
    assert fine == pytest.approx(BEST, rel=3e-4)  # each phase is a few steps of dt too long or too short
    assert abs(fine - BEST) < abs(coarse - BEST) or coarse == pytest.approx(BEST, rel=3e-4)


def test_no_network_beats_the_best_walk(rng):
    rows = {"weights": rng.uniform(-16, 16, (500, 5, 5)), "biases": rng.uniform(-16, 16, (500, 5))}
    scores = evaluate(CTRNN(np.zeros((5, 5))), tasks.LeggedWalker(), params=rows, duration=220, dt=0.1).scores
    assert scores.max() < BEST * (1 + 0.1 / 43)
    assert (np.abs(scores) > 0.01).any()


def test_a_single_stride_scores_at_most_0_1256():
    """The foot holds the body after 20: 12.5 beyond its reach of 15, and less than one step of dt more."""
    forces = np.linspace(0.97, 1.0, 4000)
    biases = np.column_stack([np.full(4000, 40.0), -np.log(1 / np.minimum(forces, 1 - 1e-15) - 1), np.full(4000, -40.0)])
    net = CTRNN(np.zeros((3, 3)))
    scores = evaluate(net, tasks.LeggedWalker(), params={"biases": biases}, duration=220, dt=0.1).scores
    assert scores.min() >= 27.5 / 220
    assert scores.max() <= (27.5 + 0.1 * 1.2255) / 220
    assert round(float(scores.max()), 4) == 0.1256


def test_the_walker_takes_one_two_or_three_motor_neurons():
    with pytest.raises(ValueError, match="1, 2 or 3"):
        tasks.LeggedWalker(4)
    assert repr(tasks.LeggedWalker(2, reflexive=True)) == "LeggedWalker(neurons=2, reflexive=True)"


def test_a_reflex_walks_with_one_neuron():
    """One neuron and its sense of the leg step again and again (Beer, Chiel & Gallagher, 1999): more than one stride."""
    weights, biases = np.meshgrid(np.linspace(4, 12, 9), np.linspace(-8, 0, 33))
    rows = {"weights": weights.reshape(-1, 1, 1), "biases": biases.reshape(-1, 1)}
    walked = evaluate(CTRNN([[0.0]]), tasks.LeggedWalker(1, reflexive=True), params=rows, duration=220, dt=0.1).scores
    blind = evaluate(CTRNN([[0.0]]), tasks.LeggedWalker(1), params=rows, duration=220, dt=0.1).scores
    assert walked.max() > 0.3
    assert blind.max() < 0.13  # the control: without the sensor a leg stands or swings for ever


GAIT = CTRNN(
    [[2.766, 7.311, -4.522], [-2.902, 11.357, -3.603], [-9.787, -14.119, -6.348]], biases=[0.572, 1.77, 16.0],
    time_constants=[7.235, 0.809, 0.505],
)  # fmt: skip


def one_stride(z, steps):
    """The agent from one move of the body to another, by the rules in plain Python; x begins and ends at 0."""
    y, body = z[:3].copy(), Rules()
    body.x, body.v, body.angle, body.omega, _, body.foot, body.depth = (float(value) for value in z[3:])
    for _ in range(steps):
        body.step(0.1, *motors_of(3, 1 / (1 + np.exp(-(y + GAIT.biases))), None))
        o = 1 / (1 + np.exp(-(y + GAIT.biases)))
        y = y + 0.1 * (-y + GAIT.weights @ o + 5 * body.angle / LIMIT) / GAIT.time_constants
    return np.r_[y, 0.0, body.v, body.angle, body.omega, float(body.down), body.foot - body.x, body.depth]


def test_the_gait_is_a_stable_cycle_of_the_agents_map():
    """Its multipliers are those of finite differences of the rules in plain Python over one stride."""
    task = tasks.LeggedWalker(reflexive=True)
    agent = task.as_map(GAIT, dt=0.1, moving_frame=("x", "foot_x"))
    walk = evaluate(GAIT, task, duration=220, dt=0.1, record=(0, 0)).solution
    cycle = limit_cycle(agent, agent.states(walk)[-1])
    assert cycle.period == 460
    assert cycle.stable
    start, h = cycle.y[:, 0], 1e-6
    assert one_stride(start, 460) == pytest.approx(start, abs=1e-10)
    columns = [(one_stride(start + h * e, 460) - one_stride(start - h * e, 460)) / (2 * h) for e in np.eye(10)]
    largest = np.abs(np.linalg.eigvals(np.column_stack(columns))).max()
    assert abs(cycle.multipliers[0]) == pytest.approx(largest, rel=1e-4)
