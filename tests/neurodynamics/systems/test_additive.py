"""Additive networks against the equation, written down here, and what they keep of it when they are changed."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from scipy.special import expit

from neurodynamics import AdditiveNetwork, simulate

PHI = {"logistic": expit, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0.0), "linear": lambda x: x}


def arguments(rng, n, m):
    return {
        "weights": rng.normal(size=(n, n)), "biases": rng.normal(size=n), "time_constants": rng.uniform(0.5, 3, n),
        "gains": rng.normal(size=n), "leaks": rng.uniform(0, 2, n), "constant_inputs": rng.normal(size=n),
        "input_weights": rng.normal(size=(n, m)),
    }  # fmt: skip


@pytest.mark.parametrize("activation", PHI)
def test_right_hand_side_and_jacobian_are_those_of_the_equation(rng, activation):
    a, y, u = arguments(rng, 5, 2), rng.normal(size=5), rng.normal(size=2)

    def f(y):
        drive = a["weights"] @ PHI[activation](a["gains"] * (y + a["biases"])) + a["input_weights"] @ u
        return (drive + a["constant_inputs"] - a["leaks"] * y) / a["time_constants"]

    net = AdditiveNetwork(**a, activation=activation)
    np.testing.assert_allclose(net.rhs(0, y, u), f(y), rtol=1e-12, atol=1e-12)
    steps = 1e-6 * np.eye(5)
    differences = np.array([(f(y + h) - f(y - h)) / 2e-6 for h in steps]).T
    np.testing.assert_allclose(net.jac(0, y, u), differences, rtol=1e-6, atol=1e-8)


def test_noise_is_a_diffusion_and_none_is_none():
    assert not AdditiveNetwork(np.eye(2)).has("diffusion")
    noisy = AdditiveNetwork(np.eye(2), noise=[0.0, 0.3])
    out = np.empty(2)
    noisy.function("diffusion")(0.0, np.zeros(2), np.zeros(2), noisy.params, out)
    np.testing.assert_array_equal(out, [0.0, 0.3])


def test_the_network_is_the_structure_that_it_is_asked_for():
    net = AdditiveNetwork(np.eye(2))
    assert net.structure("additive") is net


def test_changes_make_new_networks_and_keep_the_rest(rng):
    net = AdditiveNetwork(**arguments(rng, 3, 3), activation="tanh")
    other = net.replace(biases=[1.0, 2.0, 3.0])
    np.testing.assert_array_equal(other.biases, [1, 2, 3])
    for name in ("weights", "gains", "leaks", "time_constants", "input_weights"):
        np.testing.assert_array_equal(getattr(other, name), getattr(net, name))
    assert other.activation is net.activation
    again = copy.deepcopy(net)
    np.testing.assert_array_equal(simulate(again, 1.0, [0, 0, 0]).y, simulate(net, 1.0, [0, 0, 0]).y)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time_constants": [1.0, 0.0]}, r"`time_constants\[1\]` must be positive; got 0"),
        ({"noise": [-1.0, 0.0]}, r"`noise\[0\]` must be zero or positive; got -1"),
        ({"biases": [np.nan, 0.0]}, r"`biases\[0\]` must be finite"),
        ({"input_weights": [[1.0]]}, r"`input_weights` must have shape \(N, M\) with N = 2; got \(1, 1\)"),
        ({"weights": [[1.0, 2.0]]}, r"`weights` must be a square matrix"),
    ],
)
def test_what_cannot_be_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        AdditiveNetwork(**({"weights": np.eye(2)} | change))
