"""Couplings of a tour: the products, norms and eigenvalues of the matrix that the formula writes out."""

import itertools

import numpy as np
import pytest

from hopfield import DiscreteHopfield, GradedHopfield, load
from hopfield.couplings import Dense, Tour


def a_tour(n, seed=0):
    points = np.random.default_rng(seed).random((n, 2))
    d = np.linalg.norm(points[:, None] - points, axis=2)
    return Tour((d + d.T) / 2, city=1.5, place=2.5, total=0.7, length=3.0)


def written_out(w):
    """W by four loops over the formula."""
    (a, b, c, length), n = w.weights, w.cities
    matrix = np.empty((n, n, n, n))
    for x, i, y, j in itertools.product(range(n), repeat=4):
        beside = ((i + 1) % n == j) + ((i - 1) % n == j)
        matrix[x, i, y, j] = -a * (x == y) * (i != j) - b * (i == j) * (x != y) - c - length * w.distances[x, y] * beside
    return matrix.reshape(n * n, n * n)


@pytest.mark.parametrize("n", [3, 4, 7])
def test_a_tour_is_the_matrix_of_the_formula(n):
    w = a_tour(n)
    matrix = Dense(written_out(w))
    v = np.random.default_rng(1).normal(size=(5, n * n))
    np.testing.assert_allclose(w.product(v), matrix.product(v), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(w.product(v.astype(np.float32)), matrix.product(v), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(w.dense(), matrix.dense(), atol=1e-12)
    for question in ("diagonal", "row_norms", "field_bounds", "extreme_eigenvalues", "singular_values"):
        np.testing.assert_allclose(getattr(w, question)(), getattr(matrix, question)(), rtol=1e-10, atol=1e-10)
    slopes = np.linspace(0.1, 1.0, n * n)
    assert w.index(slopes) == matrix.index(slopes)
    low, high = w.eigenvalue_bounds()
    values = np.linalg.eigvalsh(matrix.dense())
    assert low <= values[0] <= values[-1] <= high


def test_rows_of_many_cities_are_summed_in_whole_vectors():
    """Fewer and more places than a block of vectors has."""
    for n in (31, 32, 33, 65):
        w, v = a_tour(n), np.random.default_rng(n).normal(size=(n, n))
        (a, b, c, length) = w.weights
        beside = np.roll(v, 1, axis=1) + np.roll(v, -1, axis=1)
        city, place = v.sum(axis=1, keepdims=True) - v, v.sum(axis=0) - v
        fields = -a * city - b * place - c * v.sum() - length * w.distances @ beside
        np.testing.assert_allclose(w.product(v.ravel()), fields.ravel(), rtol=1e-11, atol=1e-9)


def test_networks_keep_the_form_in_files(tmp_path):
    w = a_tour(4)
    for network in (GradedHopfield(w, 1.0, activation="logistic"), DiscreteHopfield(Dense(-np.eye(3) * -1.0))):
        network.save(tmp_path / "net.npz")
        again = load(tmp_path / "net.npz")
        assert type(again.couplings) is type(network.couplings)
        np.testing.assert_array_equal(again.couplings.dense(), network.couplings.dense())


@pytest.mark.parametrize(("wrong", "words"), [
    ([[0, 1], [1, 0]], "n >= 3"),
    ([[0, 1, 1], [2, 0, 1], [1, 1, 0]], r"distances\[0, 1\]` = 1: `distances` must be symmetric"),
    ([[0, 1, 1], [1, 3, 1], [1, 1, 0]], r"distances\[1, 1\]` = 3: `distances` must be zero on the diagonal"),
    ([[0, -1, 1], [-1, 0, 1], [1, 1, 0]], r"distances\[0, 1\]` = -1: `distances` must be zero or positive"),
])  # fmt: skip
def test_wrong_distances_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        Tour(wrong)
