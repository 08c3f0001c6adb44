"""Intrinsic plasticity: the rules as gradients of the divergence, and the distributions that they lead to."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import adapt_reservoir, intrinsic
from recurrent import EchoState

MU, SIGMA = 0.15, 0.3


def divergence(kind, z, g, b):
    """One sample's part of it: -ln do/dz - ln p(o), up to constants."""
    if kind == "logistic":
        o = 1 / (1 + np.exp(-(g * z + b)))
        return -np.log(g * o * (1 - o)) + o / MU
    o = np.tanh(g * z + b)
    return -np.log(g * (1 - o * o)) + (o - MU) ** 2 / (2 * SIGMA**2)


def descent(of, *at):
    h = 1e-6
    return [-(of(*(at + h * e)) - of(*(at - h * e))) / (2 * h) for e in np.eye(len(at))]


@pytest.mark.parametrize("kind", ["logistic", "tanh"])
def test_the_flow_goes_down_the_divergence(kind, rng):
    """With z = y + b inside, so in our parameters g (y + b)."""
    net = CTRNN(np.zeros((4, 4)), rng.normal(size=4), gains=rng.uniform(0.5, 2, 4), activation=kind)
    plastic, y = intrinsic(net, MU, SIGMA, time=10.0), rng.normal(size=4)
    rates = plastic.rhs(0, plastic.start(y), np.zeros(4))[4:].reshape(2, 4)
    for i in range(4):
        down = descent(lambda g, b, y=y[i]: divergence(kind, y + b, g, 0.0), net.gains[i], net.biases[i])
        assert rates[::-1, i] == pytest.approx(np.array(down) / 10.0, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind", ["logistic", "tanh"])
def test_one_step_of_a_reservoir_goes_down_the_divergence(kind, rng):
    net = EchoState(np.zeros((3, 3)), rng.normal(size=(3, 1)), rng.normal(size=3), activation=kind)
    after = adapt_reservoir(net, [[1.0]], mean=MU, deviation=SIGMA, rate=1e-4)
    for i in range(3):
        z, b = net.input_weights[i, 0], net.biases[i]
        down = descent(lambda g, b, z=z: divergence(kind, z, g, b), 1.0, b)
        assert after.biases[i] - b == pytest.approx(1e-4 * down[1], rel=1e-6)
        assert after.input_weights[i, 0] / z - 1 == pytest.approx(1e-4 * down[0], rel=1e-6)


@pytest.mark.parametrize(("kind", "mean", "deviation"), [("logistic", 0.15, 0.15), ("tanh", 0.0, 0.3)])
def test_outputs_become_as_wide_as_they_should(kind, mean, deviation, rng):
    """An exponential distribution is as wide as its mean; the control is the reservoir before."""
    u = rng.normal(size=(1, 20_000))
    net = EchoState(np.zeros((2, 2)), [[0.5], [1.5]], activation=kind)
    after = adapt_reservoir(net, u, mean=mean, deviation=deviation, rate=1e-3)
    said, before = after.harvest(u), net.harvest(u)
    assert said.mean(axis=1) == pytest.approx(mean, abs=0.03)
    assert said.std(axis=1) == pytest.approx(deviation, abs=0.04)  # of two parameters only
    assert np.abs(before.std(axis=1) - deviation).max() > 0.1


def test_what_cannot_be_is_refused():
    net = CTRNN([[1.0]])
    for call, message in (
        (lambda: intrinsic(net, 1.5), "`mean` must be above 0 and below 1"),
        (lambda: intrinsic(net.replace(activation="relu")), "`net` must have the activation 'logistic' or 'tanh'"),
        (lambda: intrinsic(net.replace(gains=-1.0)), r"`net.gains\[0\]` must be positive"),
        (lambda: adapt_reservoir(EchoState([[0.5]], [[1.0]]), [[1.0], [1.0]]), r"`inputs` must have shape \(M, T\)"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(ArithmeticError, match="make them smaller, or the `rate`"):
        adapt_reservoir(EchoState([[0.5]], [[1.0]]), np.ones((1, 50)), rate=1e3)
