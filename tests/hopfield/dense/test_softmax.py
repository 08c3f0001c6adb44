"""Attention, Ramsauer's memory and its recall, against their formulas in numpy."""

import pickle

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from hopfield import RecallStatus, SoftmaxMemory, attention, load, patterns


def groups(rng, n=40):
    """Two groups of three patterns that are alike."""
    parents = np.repeat(patterns.random(2, n, rng=rng), 3, axis=0)
    return patterns.flip(parents, 0.05, rng=rng).astype(float)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_attention_is_its_formula_and_one_update(kind, rng):
    X, Q = rng.normal(size=(50, 8)).astype(kind), rng.normal(size=(7, 8)).astype(kind)
    want = softmax(0.7 * Q @ X.T, axis=1) @ X
    found = attention(Q, X, 0.7)
    assert found.dtype == kind
    np.testing.assert_allclose(found, want, rtol=2e-5 if kind is np.float32 else 1e-13)
    np.testing.assert_allclose(SoftmaxMemory(X, 0.7).update(Q), want, rtol=2e-5 if kind is np.float32 else 1e-13)
    np.testing.assert_allclose(attention(Q[0], X, 0.7), want[0], rtol=2e-5)


def test_energy_is_its_formula_and_never_rises(rng):
    X, v = rng.normal(size=(30, 6)) * 2, rng.normal(size=(9, 6))
    net = SoftmaxMemory(X, 0.9)
    np.testing.assert_allclose(net.energy(v), (v * v).sum(1) / 2 - logsumexp(0.9 * v @ X.T, axis=1) / 0.9, rtol=1e-12)
    r = net.recall(v, record=True)
    assert (np.diff(r.trace.energies, axis=1) <= 1e-13 * np.abs(r.trace.energies[:, :1])).all()
    np.testing.assert_allclose(net.update(r.states), r.states, atol=1e-7)


def test_patterns_of_a_byte_and_of_numbers_are_the_same(rng):
    xi, v = patterns.random(9, 12, rng=rng), rng.normal(size=(3, 12))
    small, large = SoftmaxMemory(xi, 0.3), SoftmaxMemory(xi.astype(float), 0.3)
    assert small.patterns.dtype == np.int8
    np.testing.assert_allclose(small.update(v), large.update(v), rtol=1e-12)
    np.testing.assert_allclose(attention(v, xi, 0.3), large.update(v), rtol=1e-12)


def test_patterns_then_means_of_groups_then_the_mean_of_all(rng):
    X = groups(rng)
    ends = [SoftmaxMemory(X, beta).recall(X) for beta in (2.0, 0.13, 0.01)]
    assert all(set(r.status) == {RecallStatus.FIXED_POINT} for r in ends)
    kinds = [len(np.unique(r.states.round(5), axis=0)) for r in ends]
    assert kinds == [6, 2, 1]
    np.testing.assert_allclose(ends[0].states, X, atol=1e-3)
    assert np.corrcoef(ends[1].states[0], X[:3].mean(axis=0))[0, 1] > 0.95
    assert SoftmaxMemory(X, 0.13).weights(ends[1].states[0])[:3].sum() > 0.9
    np.testing.assert_allclose(ends[2].states[0], X.mean(axis=0), atol=0.2)


def test_a_saddle_is_told_from_a_minimum():
    """Two patterns +-a: the mean is stationary, and a minimum where beta |a|^2 < 1."""
    for beta, kind in ((0.9, RecallStatus.FIXED_POINT), (1.1, RecallStatus.SADDLE)):
        assert SoftmaxMemory([[1.0, 0.0], [-1.0, 0.0]], beta).recall([0.0, 0.0]).status == [kind]


def test_many_patterns_are_judged_by_products(rng):
    X = rng.normal(size=(1500, 6))
    r = SoftmaxMemory(X, 0.05).recall(np.zeros(6))
    f = softmax(0.05 * X @ r.states[0])
    C = 0.05 * (X.T * f) @ X - 0.05 * np.outer(f @ X, f @ X)
    assert np.linalg.eigvalsh(C)[-1] < 1
    assert r.status == [RecallStatus.FIXED_POINT]
    assert SoftmaxMemory(np.sign(X) * 4.5, 0.05).recall(np.zeros(6), max_steps=1).status == [RecallStatus.BUDGET]


def test_extremes(rng):
    X = rng.normal(size=(4, 3))
    assert np.isfinite(SoftmaxMemory(X, 1e6).recall(X).energies).all()
    np.testing.assert_allclose(SoftmaxMemory(X, 1e-300).update(X[0]), X.mean(axis=0), rtol=1e-12)
    assert SoftmaxMemory([[2.0]], 1.0).recall([[0.0]]).states.tolist() == [[2.0]]


def test_whole_life(tmp_path, rng):
    for X in (rng.normal(size=(4, 3)), patterns.random(4, 3, rng=rng)):
        net = SoftmaxMemory(X, 0.5)
        net.save(tmp_path / "net.npz")
        for other in (pickle.loads(pickle.dumps(net)), load(tmp_path / "net.npz")):
            np.testing.assert_array_equal(other.update(np.ones(3)), net.update(np.ones(3)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SoftmaxMemory([[1.0, np.nan]]), r"`patterns\[0, 1\]` must be finite"),
        (lambda: SoftmaxMemory([[1.0]], 0.0), "`beta` must be positive"),
        (lambda: SoftmaxMemory([1.0]), r"must have shape \(p, N\)"),
        (lambda: SoftmaxMemory([[1.0, 2.0]]).recall([1.0]), "`probes` must have shape"),
        (lambda: attention([1.0, 2.0], [[1.0]], 1.0), "`queries` must have shape"),
        (lambda: attention(np.float32([np.inf]), np.float32([[1.0]]), 1.0), "`queries"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
