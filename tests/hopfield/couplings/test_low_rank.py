"""Patterns whose outer products are never written out."""

import tracemalloc

import numpy as np
import pytest

from hopfield.couplings import Block, Dense, LowRank
from hopfield.couplings.int8 import expand, overlaps


def symmetric(rng, n):
    a = rng.normal(size=(n, n))
    return a + a.T


def spins(rng, *shape):
    return rng.choice(np.array([-1, 1], np.int8), size=shape)


def test_integer_patterns_stay_integers_and_fields_are_exact(rng):
    xi = spins(rng, 300, 501)  # more than int8 sums hold
    w = LowRank(xi, scale=501, diagonal=0.0)
    s = spins(rng, 70, 501)
    exact = (s.astype(object) @ xi.T.astype(object)) @ xi.astype(object) - 300 * s.astype(object)
    assert w.left.dtype == np.int8
    assert w.exact
    for count in (1, 70):
        np.testing.assert_array_equal(w.scaled_product(s[:count]), exact[:count].astype(float))
    assert LowRank(xi.astype(np.int64) * 1000, scale=501).left.dtype == np.float64
    assert not LowRank(xi + 0.5).exact


def test_nothing_of_size_n_squared_is_formed(rng):
    """N = 20000: the matrix would take 3.2 GB; everything is answered within 60 MB."""
    n = 20_000
    xi = spins(rng, 50, n)
    tracemalloc.start()
    w = LowRank(xi, scale=n, diagonal=0.0)
    w.product(rng.normal(size=n))
    w.product(spins(rng, 20, n))
    w.index(np.ones(n))
    low, high = w.extreme_eigenvalues()
    w.eigenvalue_bounds(), w.row_norms(), w.diagonal()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6
    largest = np.linalg.eigvalsh(xi.astype(float) @ xi.T / n)[-1]
    assert low == pytest.approx(-50 / n, rel=1e-9)
    assert high == pytest.approx(largest - 50 / n, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("p", "n"), [(1, 1), (3, 7), (4, 16), (5, 31), (6, 32), (9, 33), (8, 100), (13, 129)])
def test_int8_kernels_agree_with_numpy_at_every_remainder(p, n, dtype, rng):
    xi = rng.integers(-127, 128, size=(p, n), dtype=np.int8)
    v, m, h = (rng.normal(size=k).astype(dtype) for k in (n, p, n))
    sums, fields = np.empty(p, dtype), h.copy()
    overlaps(xi.reshape(-1), v, sums)
    expand(xi.reshape(-1), m, fields, 0, n // 3)
    expand(xi.reshape(-1), m, fields, n // 3, n)
    x = xi.astype(float)
    eps = np.finfo(dtype).eps
    assert (np.abs(sums - x @ v) <= n * eps * (np.abs(x) @ np.abs(v))).all()
    assert (np.abs(fields - (h + x.T @ m)) <= (p + 1) * eps * (np.abs(h) + np.abs(x.T) @ np.abs(m))).all()


def test_symmetric_couplings_tell_the_patterns_that_they_are_made_of(rng):
    xi, half = spins(rng, 3, 12), spins(rng, 3, 5)
    made = [LowRank(xi, scale=12.0, diagonal=0.0), LowRank(xi, core=symmetric(rng, 3)), Block(LowRank(xi, half))]
    for w in made:
        columns, core, removed = w.factors()
        np.testing.assert_allclose(columns.T @ core @ columns - np.diag(removed), w.dense(), atol=1e-12)
    assert Dense(np.eye(3)).factors() is None
    assert LowRank(xi, spins(rng, 3, 12)).factors() is None
    assert Block(LowRank(xi, half), LowRank(half, xi, core=np.full(3, 2.0))).factors() is None
