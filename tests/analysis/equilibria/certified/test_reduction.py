"""Networks in their own variables: reduction to net inputs, and the way back."""

from fractions import Fraction

import numpy as np
import pytest

from analysis.equilibria.certified import enclose_equilibria, net_inputs, states
from neurodynamics.activations.catalogue import ACTIVATIONS

LOGISTIC = ACTIVATIONS["logistic"]


def random_parameters(rng, n):
    gains = rng.choice([1.0, 2.5, -0.7, 0.0], size=n)
    return {
        "weights": rng.uniform(-8, 8, (n, n)),
        "gains": gains,
        "biases": rng.normal(size=n),
        "leaks": rng.uniform(0.5, 2, n),
        "tau": rng.uniform(0.5, 3, n),
        "inputs": rng.normal(size=n),
    }


def solve(p, activation=LOGISTIC):
    reduced = net_inputs(**p)
    found = enclose_equilibria(activation=activation, **vars(reduced))
    return found, *states(found.x, found.radius, p["weights"], p["gains"], p["biases"], p["leaks"], p["inputs"], activation)


def test_the_exact_reduction_lies_within_the_errors(rng):
    for _ in range(10):
        p = random_parameters(rng, 4)
        r = net_inputs(**p)
        for i in range(4):
            g, b, leak, c = (Fraction(p[k][i]) for k in ("gains", "biases", "leaks", "inputs"))
            assert abs(g * (b + c / leak) - Fraction(r.beta[i])) <= Fraction(r.beta_error[i])
            for j in range(4):
                exact = g * Fraction(p["weights"][i, j]) / leak
                assert abs(exact - Fraction(r.A[i, j])) <= Fraction(r.weight_error) * abs(Fraction(r.A[i, j]))


def test_plain_networks_are_not_made_uncertain():
    n = 3
    one, zero = np.ones(n), np.zeros(n)
    r = net_inputs(8 * np.eye(n), one, -4 * one, one, 2 * one, zero)
    assert r.weight_error == 0
    assert not r.beta_error.any()
    assert r.rates.tolist() == [0.5] * n


def test_states_are_equilibria_of_the_flow(rng):
    for _ in range(10):
        p = random_parameters(rng, 5)
        found, y, radius = solve(p)
        assert found.complete
        s = 0.5 * (1 + np.tanh(0.5 * p["gains"] * (y + p["biases"])))
        residual = -p["leaks"] * y + s @ p["weights"].T + p["inputs"]
        assert np.abs(residual).max() < 1e-12
        assert radius.max() < 1e-10


def test_index_is_that_of_the_flow_in_its_own_variables(rng):
    for _ in range(10):
        p = random_parameters(rng, 5)
        found, y, _ = solve(p)
        slope = 0.25 / np.cosh(0.5 * p["gains"] * (y + p["biases"])) ** 2
        J = p["weights"] * (p["gains"] * slope)[:, None, :] - np.diag(p["leaks"])
        unstable = (np.linalg.eigvals(J / p["tau"][:, None]).real > 0).sum(axis=1)
        assert (found.index == unstable).all()


def test_two_neuron_oscillator_in_its_own_variables():
    one = np.ones(2)
    p = {"weights": np.array([[4.5, 1], [-1, 4.5]]), "gains": one, "biases": np.array([-2.75, -1.75])}
    _, y, radius = solve(p | {"leaks": one, "tau": one, "inputs": 0 * one})
    assert np.abs(y - [2.75, 1.75]).max() <= 1e-14
    assert radius[0] <= 1e-13


def test_leaks_must_be_positive():
    one = np.ones(2)
    with pytest.raises(ValueError, match="`leaks` must be positive"):
        net_inputs(np.eye(2), one, one, np.array([1.0, 0.0]), one, one)
