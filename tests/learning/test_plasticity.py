"""Plastic networks against their equations in numpy, and against what the rules are known to lead to."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import gradient, hebbian, homeostatic, losses, oja
from neurodynamics import Sine, linearise, simulate


def network(rng, n=3, **more):
    return CTRNN(rng.normal(scale=3, size=(n, n)), rng.normal(size=n), rng.uniform(0.5, 2, n), gains=rng.uniform(1, 2, n),
                 input_weights=rng.normal(size=(n, 2)), **more)  # fmt: skip


def slow(net, state, name):
    return np.array(getattr(net.network_at(state), name))


def hebb_by_hand(o, W, rates):
    return rates * (np.outer(o, o) - 0.7 * W), 0


def oja_by_hand(o, W, rates):
    return rates * (o[:, np.newaxis] * (o - o[:, np.newaxis] * W)), 0


def homeostatic_by_hand(o, W, rates):
    rho = np.where(o < 0.4, (0.4 - o) / 0.4, np.where(o > 0.6, (0.6 - o) / 0.4, 0.0))
    return rho[:, np.newaxis] * np.abs(W) / 30, rho / 20


RULES = {
    "hebbian": (lambda net, rates: hebbian(net, rates, decay=0.7), hebb_by_hand),
    "oja": (oja, oja_by_hand),
    "homeostatic": (lambda net, rates: homeostatic(net, 0.4, 0.6, bias_time=20, weight_time=30), homeostatic_by_hand),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_flow_is_that_of_the_equations(rule, rng):
    make, by_hand = RULES[rule]
    net, u, rates = network(rng), rng.normal(size=2), rng.uniform(size=(3, 3))
    plastic = make(net, rates)
    state = plastic.start(rng.normal(size=3))
    state += np.where(np.arange(state.size) < 3, 0.0, 0.1 * rng.normal(size=state.size))  # the slow ones have moved
    now = plastic.network_at(state)
    dW, db = by_hand(now.outputs(state[:3]), np.array(now.weights), rates)
    expected = [now.rhs(0.0, state[:3], u), *([db] if rule == "homeostatic" else []), dW.T.ravel()]
    assert plastic.rhs(0.0, state, u) == pytest.approx(np.concatenate(expected), rel=1e-13, abs=1e-15)
    assert plastic.outputs(state) == pytest.approx(now.outputs(state[:3]), rel=1e-14)


@pytest.mark.parametrize("rule", RULES)
def test_the_jacobian_is_exact_and_gradients_come_through(rule, rng):
    plastic = RULES[rule][0](network(rng), 0.5)
    state, u, h = plastic.start(rng.normal(size=3)), rng.normal(size=2), 1e-6
    columns = [(plastic.rhs(0, state + h * e, u) - plastic.rhs(0, state - h * e, u)) / (2 * h) for e in np.eye(state.size)]
    assert plastic.jac(0, state, u) == pytest.approx(np.array(columns).T, rel=1e-6, abs=1e-8)
    assert linearise(plastic, state, u).exact
    found = gradient(plastic, losses.MeanSquare(), state, [[0.5] * 3], times=[1.0], dt=0.1, inputs=u, check=True)
    assert found.exact
    assert found.gap < 1e-7


@pytest.mark.parametrize("rule", RULES)
def test_it_starts_as_the_network_and_travels(rule, rng):
    plastic = RULES[rule][0](network(rng), 0.5)
    again = pickle.loads(pickle.dumps(plastic))
    state = again.start([1, 2, 3])
    assert again.rhs(0, state, [1, 2]) == pytest.approx(plastic.rhs(0, state, [1, 2]), rel=0)
    assert state[:3].tolist() == [1, 2, 3]
    assert np.array_equal(again.network_at(state).params, plastic.parts[0].params)


def test_oja_finds_the_leading_eigenvector_of_the_correlations():
    """A linear unit hears two sines of different lengths, mixed: correlations R diag(a^2, b^2) R' / 2 on average."""
    angle = 0.6
    R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    V = np.vstack([R @ np.diag([1.0, 0.3]), np.zeros(2)])
    mask = [[0, 0, 0], [0, 0, 0], [1, 1, 0]]
    net = CTRNN(np.array([[0, 0, 0], [0, 0, 0], [1.0, -0.5, 0]]), time_constants=1e-2, input_weights=V,
                activation="linear", mask=mask)  # fmt: skip
    sines = [Sine(1.0, frequency=f) for f in (1.0, 1.4)]
    run = simulate(oja(net, rates=0.05), 400, oja(net).start(), inputs=sines, method="rk4", dt=5e-3, t_eval=[350, 375, 400])
    weights = run.y[3:, :].reshape(3, 3, -1)[:2, 2].mean(axis=1)  # column by column: [j, i]
    assert weights == pytest.approx(R[:, 0] * np.sign(weights @ R[:, 0]), abs=0.02)
    assert np.count_nonzero(run.final[3:]) == 2  # the mask holds


def test_homeostasis_brings_every_output_into_the_range(rng):
    net = CTRNN(rng.normal(scale=4, size=(5, 5)), rng.normal(scale=4, size=5))
    assert not all(0.2 <= o <= 0.8 for o in simulate(net, 200, np.zeros(5)).outputs[:, -1])  # the control
    plastic = homeostatic(net, 0.2, 0.8)
    late = simulate(plastic, 4000, plastic.start(), method="rk4", dt=0.2, t_eval=np.arange(3500, 4000)).outputs
    assert late.mean(axis=1).min() > 0.2 - 0.02
    assert late.mean(axis=1).max() < 0.8 + 0.02


def test_what_cannot_be_is_refused(rng):
    net = network(rng)
    for call, message in (
        (lambda: hebbian(net.replace(noise=0.1)), "`net` must have no noise"),
        (lambda: oja(net, np.ones(2)), r"`rates` must be a number or have shape \(N, N\)"),
        (lambda: homeostatic(net, 0.6, 0.4), "`high` must be below 1, and not below `low`"),
        (lambda: homeostatic(net.replace(activation="tanh")), r"`net` must have outputs in \(0, 1\)"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
