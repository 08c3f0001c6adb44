"""Networks whose equilibria are known in closed form or from the literature (net inputs x = y + theta)."""

from math import comb, log, sqrt

import numpy as np
import pytest

from analysis.equilibria.certified import enclose_equilibria


def balanced(p, n):
    """p patterns of n units in which every column of signs occurs equally often, as Hebbian weights."""
    columns = np.array([[1 - 2 * (c >> k & 1) for k in range(p)] for c in range(2**p)])
    patterns = np.repeat(columns, n // 2**p, axis=0).T
    return patterns.T @ patterns / n


def indices(found):
    return np.bincount(found.index, minlength=found.x.shape[1] + 1).tolist()


def test_two_neuron_oscillator():
    found = enclose_equilibria([[4.5, 1], [-1, 4.5]], [-2.75, -1.75], "logistic", rates=[1, 1])
    assert found.complete
    assert len(found) == 1
    assert np.abs(found.x).max() <= 1e-14
    assert found.radius[0] <= 1e-13
    assert found.index[0] == 2


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9, 1e-11])
def test_near_the_folds_of_one_neuron(side, distance):
    w = 6.0
    root = 2 * log((sqrt(w) + sqrt(w - 4)) / 2)
    fold = side * root - (w + side * sqrt(w * (w - 4))) / 2
    inside = enclose_equilibria([[w]], [fold - side * distance * -1], "logistic", rates=[1])
    outside = enclose_equilibria([[w]], [fold + side * distance * -1], "logistic", rates=[1])
    counts = sorted([len(inside), len(outside)])
    assert inside.complete
    assert outside.complete
    assert counts == [1, 3]


def test_a_fold_is_one_unresolved_set():
    w = 6.0
    beta = 2 * log((sqrt(w) + sqrt(w - 4)) / 2) - (w + sqrt(w * (w - 4))) / 2
    found = enclose_equilibria([[w]], [beta], "logistic", rates=[1])
    assert not found.complete
    assert len(found) == 1
    (fold,) = found.unresolved
    at = log((1 - 1 / 3 + sqrt(1 - 2 / 3)) / (1 / 3))  # s' = 1 / w
    assert fold.lower[0] <= at <= fold.upper[0]
    assert fold.upper[0] - fold.lower[0] < 1e-5
    assert fold.null_directions.tolist() == [[1.0]]
    assert "degenerate" in found.reason


def bogdanov_takens_points(W):
    k = W[0, 1] * W[1, 0] / (W[0, 0] * W[1, 1])
    for a in (1 + sqrt(k / (k - 1)), 1 - sqrt(k / (k - 1))):
        slopes = np.array([a / W[0, 0], (2 - a) / W[1, 1]])
        if (slopes > 0).all() and (slopes <= 0.25).all():
            x = np.log((1 - 2 * slopes + np.sqrt(1 - 4 * slopes)) / (2 * slopes))
            yield from (x * np.array([i, j]) for i in (1, -1) for j in (1, -1))


def test_bogdanov_takens_points_are_degenerate_and_their_neighbourhood_is_not(oracle):
    W = np.array([[8.0, -8], [8, 8]])
    points = list(bogdanov_takens_points(W))
    betas = [x - W @ oracle.value["logistic"](x) for x in points]
    assert len(points) == 8
    assert min(np.abs(np.array(betas) - [2.97118384, -9.99647003]).max(axis=1)) < 1e-8
    for x, beta in zip(points, betas, strict=True):
        found = enclose_equilibria(W, beta, "logistic", rates=[1, 1])
        assert any((u.lower <= x + 1e-9).all() and (x <= u.upper + 1e-9).all() for u in found.unresolved)
        assert all(np.abs(u.upper - u.lower).max() < 1e-2 for u in found.unresolved)
        counts = set()
        for angle in np.arange(8) * np.pi / 4:
            near = enclose_equilibria(W, beta + 1e-4 * np.array([np.cos(angle), np.sin(angle)]), "logistic", rates=[1, 1])
            assert near.complete
            assert ((-1.0) ** near.index).sum() == 1
            counts.add(len(near))
        assert len(counts) == 2  # the fold curve passes through the point


@pytest.mark.parametrize("n", [3, 5, 7])
def test_odd_ring_loses_stability_at_the_hopf_point(n):
    ring = np.roll(np.eye(n), -1, axis=1).T
    hopf = 1 / np.cos(np.pi / n)
    for w, index in ((hopf - 1e-6, 0), (hopf + 1e-6, 2)):
        found = enclose_equilibria(-w * ring, np.zeros(n), "tanh", rates=np.ones(n))
        assert found.complete
        assert found.index.tolist() == [index]


def test_centre_crossing_network_has_an_equilibrium_in_the_middle(rng):
    for n in (2, 5, 8):
        A = rng.uniform(-16, 16, (n, n))
        found = enclose_equilibria(A, -A.sum(axis=1) / 2, "logistic", rates=np.ones(n))
        assert found.complete
        centre = int(np.argmin(np.abs(found.x).max(axis=1)))
        assert np.abs(found.x[centre]).max() <= found.radius[centre] + 1e-13 * np.abs(A).sum()
        assert found.index[centre] == (np.linalg.eigvals(A / 4 - np.eye(n)).real > 0).sum()
        for x in found.x:  # and the others come in pairs
            assert np.abs(found.x + x).max(axis=1).min() < 1e-6


@pytest.mark.parametrize(
    ("activation", "w", "beta"), [("logistic", 8.0, -4.0), ("hard_sigmoid", 8.0, -4.0), ("tanh", 2.0, 0.0)]
)
@pytest.mark.parametrize("n", [1, 4, 7])
def test_decoupled_bistable_units(activation, w, beta, n):
    found = enclose_equilibria(w * np.eye(n), np.full(n, beta), activation, rates=np.ones(n))
    assert found.complete
    assert len(found) == 3**n
    assert indices(found) == [comb(n, k) * 2 ** (n - k) for k in range(n + 1)]


def test_two_neurons_that_inhibit_each_other():
    found = enclose_equilibria([[0, -8], [-8, 0]], [4, 4], "logistic", rates=[1, 1])
    assert indices(found) == [2, 1, 0]


def test_hopfield_1984_figure_3():
    found = enclose_equilibria([[0, 1.4], [1.4, 0]], [0, 0], "arctangent", rates=[1, 1])
    assert indices(found) == [2, 1, 0]
    V = 2 / np.pi * np.arctan(0.5 * np.pi * found.x)
    assert np.abs(V - [[-0.57287298] * 2, [0, 0], [0.57287298] * 2]).max() < 1e-8


def test_curie_weiss(oracle):
    n = 6
    found = enclose_equilibria(np.full((n, n), 2 / n), np.zeros(n), "tanh", rates=np.ones(n))
    m = np.tanh(found.x)
    assert np.abs(m - 0.9575040240772688 * np.array([-1, 0, 1])[:, None]).max() < 1e-14


@pytest.mark.parametrize(
    ("p", "n", "temperature", "expected"), [(2, 4, 0.25, [4, 4, 1]), (2, 8, 0.25, [4, 4, 1]), (3, 8, 0.6, [6, 12, 8, 1])]
)
def test_balanced_patterns_have_a_known_landscape(p, n, temperature, expected):
    found = enclose_equilibria(balanced(p, n) / temperature, np.zeros(n), "tanh", rates=np.ones(n))
    assert found.complete
    assert indices(found)[: p + 1] == expected
    assert len(found) == sum(expected)
