"""Completeness: no equilibrium that anything else finds is absent from the list."""

import itertools

import numpy as np
import pytest

from analysis.equilibria.certified import enclose_equilibria
from neurodynamics.activations.catalogue import ACTIVATIONS


def random_network(rng, activation):
    """Weights of some strength, gains of both signs and zero, biases random or centre-crossing."""
    record = ACTIVATIONS[activation]
    n = int(rng.integers(2, 8))
    unit = 0.25 / record.max_slope * (1.0 if record.range[0] == 0 else 2.0)
    strength = unit * rng.choice([2.0, 4.0, 8.0, 16.0])
    gain = rng.choice([0.5, 1.0, 2.0, -1.5, 0.0], p=[0.2, 0.4, 0.2, 0.15, 0.05], size=n)
    A = gain[:, None] * rng.uniform(-strength, strength, (n, n))
    middle = sum(record.range) / 2
    beta = -A.sum(axis=1) * middle if rng.random() < 0.5 else gain * rng.uniform(-strength, strength, n)
    return A, beta


@pytest.mark.parametrize("activation", ["logistic", "tanh", "arctangent"])
def test_every_equilibrium_found_by_newton_is_in_the_certified_list(activation, rng, oracle):
    found_by_newton = 0
    for _ in range(12):
        A, beta = random_network(rng, activation)
        found = enclose_equilibria(A, beta, activation)
        assert found.complete
        starts = rng.uniform(found.lower, found.upper, (1000, beta.size))
        for x in oracle.newton(A, beta, activation, starts):
            assert np.abs(found.x - x).max(axis=1).min() < 1e-5
            found_by_newton += 1
    assert found_by_newton >= 12


@pytest.mark.parametrize("activation", ["logistic", "tanh", "erf", "arctangent", "hard_sigmoid"])
def test_indices_sum_to_one(activation, rng):
    """The degree of x - beta - A phi(x) in a box that holds all equilibria is 1 (Poincare-Hopf)."""
    for _ in range(25):
        A, beta = random_network(rng, activation)
        found = enclose_equilibria(A, beta, activation, rates=np.ones(beta.size))
        assert found.complete
        assert (found.index >= 0).all()
        assert ((-1.0) ** found.index).sum() == 1


def test_larger_networks_have_the_right_degree(rng):
    for n in (10, 12, 14):
        A = rng.uniform(-16, 16, (n, n))
        for beta in (rng.uniform(-16, 16, n), -A.sum(axis=1) / 2):
            found = enclose_equilibria(A, beta, "logistic", rates=np.ones(n))
            assert found.complete
            assert ((-1.0) ** found.index).sum() == 1


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_relu_networks_by_all_linear_pieces(n, rng):
    """2^n linear systems, one for each set of neurons above zero."""
    for _ in range(10):
        A, beta = 2 * rng.normal(size=(n, n)), rng.normal(size=n)
        expected = []
        for k in range(2**n):
            active = np.array([bool(k >> j & 1) for j in range(n)])
            x = np.linalg.solve(np.eye(n) - A * active, beta)
            if ((x > 0) == active).all() and np.abs(x).max() < 50:
                expected.append(x)
        found = enclose_equilibria(A, beta, "relu", bounds=(-50, 50))
        assert found.complete
        assert len(found) == len(expected)
        if expected:
            expected = np.array(sorted(map(tuple, expected)))
            assert np.allclose(found.x, expected, rtol=1e-9, atol=1e-9)


def test_hard_sigmoid_networks_by_all_linear_pieces(rng):
    """3^n linear systems, one for each set of neurons below, between and above the corners at -2 and 2.

    Newton's method is no oracle here: it goes from piece to piece in circles, past the equilibria of many networks.
    """
    for _ in range(12):
        A, beta = random_network(rng, "hard_sigmoid")
        found = enclose_equilibria(A, beta, "hard_sigmoid")
        pieces = np.array(list(itertools.product((-1, 0, 1), repeat=beta.size)))
        rising = np.where(pieces == 0, 0.25, 0.0)
        J = np.eye(beta.size) - A * rising[:, np.newaxis, :]
        regular = np.abs(np.linalg.det(J)) > 1e-9
        J, pieces, constant = J[regular], pieces[regular], np.where(pieces == 0, 0.5, pieces > 0)[regular]
        x = np.linalg.solve(J, (beta + constant @ A.T)[..., np.newaxis])[..., 0]
        own = (np.where(x <= -2, -1, np.where(x < 2, 0, 1)) == pieces).all(axis=1)
        expected = x[own]
        assert found.complete
        assert len(found) == len(expected) >= 1
        nearest = np.abs(found.x[:, np.newaxis] - expected).max(axis=2)  # the order of a tie is a matter of one rounding
        assert nearest.min(axis=1).max() < 1e-7
        assert sorted(nearest.argmin(axis=1)) == list(range(len(expected)))


def test_result_does_not_depend_on_the_number_of_workers(rng):
    A = rng.uniform(-16, 16, (12, 12))
    one = enclose_equilibria(A, -A.sum(axis=1) / 2, "logistic", workers=1)
    two = enclose_equilibria(A, -A.sum(axis=1) / 2, "logistic", workers=2)
    assert np.array_equal(one.x, two.x)
    assert np.array_equal(one.radius, two.radius)
    assert one.boxes == two.boxes
