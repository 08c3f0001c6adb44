"""Large networks of few patterns: neurons that are equal are counted once, and overlaps are searched where all differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import root

from analysis import fixed_points
from analysis.equilibria.equal_neurons import fewer_neurons
from analysis.equilibria.overlaps import few_patterns
from ctrnn import CTRNN
from hopfield import patterns

N = 200


def hebbian(p, rng=0):
    xi = patterns.random(p, N, rng=rng).astype(float)
    return xi, xi.T @ xi / N


def rest_by_scipy(net, start):
    """Oracle: Powell's hybrid method on the right-hand side."""
    return root(lambda y: net.rhs(0.0, y), start, tol=1e-13).x


@pytest.mark.parametrize("diagonal", [True, False])
def test_three_strong_patterns_have_fifteen_points_of_which_six_are_stable(diagonal):
    """Patterns and their opposites attract, mixtures are saddles: 6 - 6 + 2 - 1 = 1, with 0."""
    xi, W = hebbian(3)
    if not diagonal:
        np.fill_diagonal(W, 0.0)
    net = CTRNN(2.0 * W, activation="tanh")
    found = fixed_points(net)
    assert found.complete
    assert np.bincount(found.index).tolist() == [6, 6, 2, 1]
    np.testing.assert_array_equal(found.index, (np.linalg.eigvals(found.jacobians).real > 0).sum(axis=1))  # of all neurons
    for pattern in np.concatenate([xi, -xi]):
        assert np.abs(found.x[found.stable] - rest_by_scipy(net, 2.0 * pattern)).max(axis=1).min() < 1e-9


@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_the_network_of_the_classes_has_the_same_field(rng, activation):
    rows = rng.normal(size=(5, 30))
    member, sign = rng.integers(5, size=30), rng.choice([-1.0, 1.0], size=30)
    biases = np.zeros(5) if activation == "tanh" else rng.normal(size=5)
    sign = sign if activation == "tanh" else np.ones(30)
    net = CTRNN(rows[member] * sign[:, np.newaxis], biases=biases[member], activation=activation)
    classes = fewer_neurons(net, np.zeros(30), 20)
    small, drive = classes.of(net, np.zeros(30))
    y = rng.normal(size=len(classes))
    assert len(classes) == 5
    np.testing.assert_allclose(net.rhs(0.0, classes.expand(y[np.newaxis])[0]),
                               classes.expand(small.rhs(0.0, y, drive)[np.newaxis])[0], atol=1e-12)  # fmt: skip


def test_neurons_that_differ_are_no_class(rng):
    """The control: one bias, or one weight, sets a neuron apart."""
    _, W = hebbian(2)
    bias = np.zeros(N)
    bias[7] = 0.1
    drive = np.zeros(N)
    whole = len(fewer_neurons(CTRNN(W, activation="tanh"), drive, 20))
    assert whole == 2  # of four sets of signs, two are the opposites of the others
    assert len(fewer_neurons(CTRNN(W, biases=bias, activation="tanh"), drive, 20)) == whole + 1
    assert fewer_neurons(CTRNN(rng.normal(size=(N, N)), activation="tanh"), drive, 20) is None


@pytest.mark.parametrize("d", [0.0, 1.0])
def test_few_patterns_are_found_with_and_without_their_diagonal(rng, d):
    left, right = rng.normal(size=(60, 4)), rng.normal(size=(4, 60))
    own = d * rng.normal(size=60)
    found = few_patterns(left @ right - np.diag(own))
    assert found[0].shape == (60, 4)
    np.testing.assert_allclose(found[0] @ found[1], left @ right, atol=1e-10)
    np.testing.assert_allclose(found[2], own, atol=1e-10)
    assert few_patterns(left @ right + 1e-3 * rng.normal(size=(60, 60))) is None  # the control


def test_neurons_of_different_gains_are_searched_in_their_overlaps():
    """Oracle: the degrees of all equilibria of a bounded network sum to 1, and each is one for SciPy as well."""
    rng = np.random.default_rng(5)
    xi = patterns.random(3, 48, rng=5).astype(float)
    net = CTRNN(xi.T @ xi / 48, gains=rng.uniform(2, 4, 48), activation="tanh")
    found = fixed_points(net, rng=0, max_boxes=1)
    assert "overlaps with 3 patterns" in found.reason
    assert ((-1.0) ** found.index).sum() == 1
    assert found.stable.sum() >= 6
    for x in found.x[::4]:
        np.testing.assert_allclose(rest_by_scipy(net, x), x, atol=1e-9)


def test_points_that_the_degree_misses_are_told():
    rng = np.random.default_rng(5)
    net = CTRNN(rng.normal(size=(40, 40)) / 2, activation="tanh")
    found = fixed_points(net, rng=0, starts=40, max_boxes=1)
    short = abs(1 - ((-1.0) ** found.index).sum())
    assert short > 0
    assert f"at least {short:.0f} of them because the indices do not sum to 1" in found.reason
    assert found.missed >= short
