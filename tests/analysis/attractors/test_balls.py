"""Absorbing balls: nothing that enters one goes elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from analysis import fixed_points
from analysis.attractors.balls import absorbing_ball
from ctrnn import CTRNN

SHELLS = (1.0, 0.6)


def balls_of(system, size=10.0):
    found = fixed_points(system, rng=0)
    rng = np.random.default_rng(0)
    drive = np.zeros(system.input_dim)
    chosen = np.flatnonzero(found.stable)
    scale = np.full(system.state_dim, size)
    return [absorbing_ball(system, drive, found.x[k], found.radius[k], scale, rng) for k in chosen]


def on_shell(ball, rng, count, share=1.0):
    w = rng.normal(size=(count, len(ball.center)))
    w *= share / np.linalg.norm(w, axis=1, keepdims=True)
    return ball.center + np.linalg.solve(ball.factor, w.T).T


@pytest.mark.parametrize("n", [2, 5, 8])
@pytest.mark.parametrize("activation", ["logistic", "tanh", "hard_sigmoid"])
def test_the_lyapunov_function_falls_everywhere_in_a_verified_ball(n, activation, rng):
    """By numpy alone: d/dt |factor z|^2 at random states of every shell."""
    slope = 4.0 if activation != "tanh" else 1.0
    W = slope * (rng.uniform(-1, 1, (n, n)) + 2.0 * np.eye(n))
    net = CTRNN(W, biases=-W.sum(axis=1) / 2 if activation != "tanh" else 0.0, time_constants=rng.uniform(0.5, 2, n),
                activation=activation)  # fmt: skip
    found = [ball for ball in balls_of(net) if ball is not None]
    assert all(ball.verified for ball in found)
    for ball in found:
        for share in SHELLS:
            states = on_shell(ball, rng, 200, share)
            z = (states - ball.center) @ ball.factor.T
            f = np.array([net.rhs(0.0, y) for y in states]) @ ball.factor.T
            assert ((z * f).sum(axis=1) < 0).all()


def test_a_ball_stays_in_its_basin_and_fills_much_of_the_way():
    """Decoupled units: the basin ends at y = 4, where contraction does at the point of slope 1/8."""
    net = CTRNN(8 * np.eye(2), biases=-4)
    below = 4 - 2 * np.arccosh(1 / np.sqrt(4 / 8))  # s'(x) = 1 / (4 cosh(x/2)^2) = 1/8
    for ball in balls_of(net):
        reach = 1 / np.abs(np.diag(ball.factor))
        low = ball.center[ball.center < 4]
        assert (low + reach[: len(low)] <= below + 1e-9).all()
        assert (reach > 0.9 * np.abs(below - 0.16998)).all()


def test_a_ball_three_times_as_large_does_hold_states_of_other_basins(four_states, rng):
    """The control of the test above: these balls are not small."""
    ball = balls_of(four_states)[1]
    far = ball.center + 3 * (on_shell(ball, rng, 100) - ball.center)
    ends = [solve_ivp(lambda t, y: four_states.rhs(t, y), (0, 80), y, rtol=1e-8).y[:, -1] for y in far[:30]]
    assert any(np.linalg.norm(end - ball.center) > 1 for end in ends)


def test_balls_of_other_systems_are_checked_not_verified(systems, rng):
    for name in ("nested circles", "odd cubic"):
        found = [ball for ball in balls_of(systems[name]) if ball is not None]
        assert found
        assert not any(ball.verified for ball in found)
    (origin,) = balls_of(systems["nested circles"])
    assert np.linalg.norm(on_shell(origin, rng, 50) - origin.center, axis=1).max() < 0.5  # the repelling circle
