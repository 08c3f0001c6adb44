"""Couplings that are never formed against the same matrices written out."""


import numpy as np
import pytest
from scipy import sparse

from hopfield.couplings import Block, Dense, LowRank, Sparse, as_coupling

N = 40


def symmetric(rng, n):
    a = rng.normal(size=(n, n))
    return a + a.T


def spins(rng, *shape):
    return rng.choice(np.array([-1, 1], np.int8), size=shape)


def low_rank(rng, p, *, core=None, diagonal=None, right=False, scale=1.0, real=False):
    """A low-rank coupling and its matrix, by the definition."""
    left = rng.normal(size=(p, N)) if real else spins(rng, p, N)
    other = spins(rng, p, N) if right else None
    middle = np.eye(p) if core is None else np.diag(core) if core.ndim == 1 else core
    matrix = left.T.astype(float) @ middle @ (left if other is None else other) / scale
    if diagonal is not None:
        np.fill_diagonal(matrix, diagonal)
    return LowRank(left, other, core=core, scale=scale, diagonal=diagonal), matrix


def make_cases():
    rng = np.random.default_rng(20)
    thin = sparse.random_array((N, N), density=0.1, rng=rng)
    between = rng.normal(size=(15, 25))
    zeros = np.zeros
    whole = np.block([[zeros((15, 15)), between], [between.T, zeros((25, 25))]])
    a, b = spins(rng, 6, 15), spins(rng, 6, 25)
    product = a.T.astype(float) @ b
    pairs = np.block([[zeros((15, 15)), product], [product.T, zeros((25, 25))]])
    back = rng.normal(size=(25, 15))
    two_way = np.block([[zeros((15, 15)), between], [back, zeros((25, 25))]])
    dense, any_matrix = symmetric(rng, N), rng.normal(size=(N, N))
    return {
        "dense": (Dense(dense), dense),
        "dense, asymmetric": (Dense(any_matrix, scale=3.0), any_matrix / 3),
        "hebb": low_rank(rng, 7, scale=N, diagonal=0.0),
        "hebb, diagonal kept": low_rank(rng, 7, scale=N),
        "weighted": low_rank(rng, 5, core=np.array([1.0, 2, 3, 4, 5])),
        "core": low_rank(rng, 5, core=symmetric(rng, 5), diagonal=0.3),
        "uneven diagonal": low_rank(rng, 5, core=symmetric(rng, 5), diagonal=rng.normal(size=N)),
        "sequence": low_rank(rng, 6, right=True, scale=N, diagonal=0.0),
        "real factors": low_rank(rng, 6, real=True, diagonal=0.0),
        "more patterns than units": low_rank(rng, 60, scale=N, diagonal=0.0),
        "sparse": (Sparse(thin + thin.T), (thin + thin.T).toarray()),
        "sparse, asymmetric": (Sparse(thin, scale=2.0), thin.toarray() / 2),
        "block": (Block(between), whole),
        "block of patterns": (Block(LowRank(a, b)), pairs),
        "block, two matrices": (Block(between, back), two_way),
    }


CASES = make_cases()
SYMMETRIC = [name for name, (_, matrix) in CASES.items() if np.allclose(matrix, matrix.T)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", [1, 3, 90])
def test_products_are_those_of_the_matrix(name, count, rng):
    w, matrix = CASES[name]
    for states in (rng.normal(size=(count, N)), spins(rng, count, N)):
        expected = states @ matrix.T
        limit = 1e-13 * (np.abs(states) @ np.abs(matrix).T + 10 * np.abs(matrix).sum()) + 1e-15
        assert (np.abs(w.product(states) - expected) <= limit).all()
        np.testing.assert_array_equal(w.product(states[0]).shape, (N,))
    np.testing.assert_allclose(w @ states.T, w.product(states).T, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_single_precision_stays_within_its_bound(name, rng):
    """(N + p) 2^-24 of the sum of absolute terms, taken with the factors where the matrix is a product of factors."""
    w, matrix = CASES[name]
    states = rng.normal(size=(5, N)).astype(np.float32)
    fields = w.product(states)
    assert fields.dtype == np.float32
    parts = w.between if isinstance(w, Block) else w
    terms = np.abs(matrix).sum() if not isinstance(parts, LowRank) else parts.scaled_bound / parts.scale
    assert np.abs(fields - states.astype(float) @ matrix.T).max() <= (N + 60) * 2.0**-24 * terms * np.abs(states).max()


@pytest.mark.parametrize("name", CASES)
def test_entries_norms_and_transposes_are_those_of_the_matrix(name):
    w, matrix = CASES[name]
    close = {"rtol": 1e-12, "atol": 1e-13}
    np.testing.assert_allclose(w.dense(), matrix, **close)
    np.testing.assert_allclose(w.diagonal(), np.diagonal(matrix), **close)
    np.testing.assert_allclose(w.row_norms(), np.linalg.norm(matrix, axis=1), **close)
    np.testing.assert_allclose(w.transpose().dense(), matrix.T, **close)
    assert w.symmetric == (name in SYMMETRIC)
    assert w.field_bound() >= np.abs(matrix).sum(axis=1).max() * (1 - 1e-14)


@pytest.mark.parametrize("name", SYMMETRIC)
def test_eigenvalues_are_those_of_the_matrix(name, rng, monkeypatch):
    w, matrix = CASES[name]
    values = np.linalg.eigvalsh(matrix)
    size = np.abs(values).max()
    np.testing.assert_allclose(w.extreme_eigenvalues(), values[[0, -1]], rtol=0, atol=1e-12 * size)
    low, high = w.eigenvalue_bounds()
    assert low <= values[0]
    assert values[-1] <= high
    monkeypatch.setattr("hopfield.couplings.coupling.SMALL", 1)  # Lanczos and the bounds for large matrices
    np.testing.assert_allclose(w.extreme_eigenvalues(), values[[0, -1]], rtol=0, atol=1e-10 * size)
    low, high = w.eigenvalue_bounds()
    assert low <= values[0]
    assert values[-1] <= high
    for scale in (0.05, 0.5, 5.0):
        slopes = scale * rng.random(N)
        scaled = np.linalg.eigvalsh(np.sqrt(slopes)[:, None] * matrix * np.sqrt(slopes))
        assert w.index(slopes) == (scaled > 1).sum()


@pytest.mark.parametrize("name", CASES)
def test_singular_values_are_those_of_the_matrix(name, rng):
    w, matrix = CASES[name]
    out, into = rng.random((2, N))
    scaled = np.sqrt(out)[:, None] * matrix * np.sqrt(into)
    for found, exact in ((w.singular_values(), matrix), (w.singular_values(out, into), scaled)):
        values = np.linalg.svd(exact, compute_uv=False)
        np.testing.assert_allclose(found, values[: len(found)], rtol=0, atol=1e-7 * values[0])
        assert (values[len(found) :] < 1e-12 * values[0]).all()


def test_not_a_number_passes_through(rng):
    w = CASES["hebb"][0]
    v = rng.normal(size=N)
    v[3] = np.nan
    assert np.isnan(w.product(v)).all()
    assert np.isnan(w.product(v.astype(np.float32))).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Dense([[0, np.nan], [1, 0]]), r"`weights\[0, 1\]` must be finite; got nan"),
        (lambda: Dense([1, 2]), r"`weights` must have shape"),
        (lambda: LowRank([[1, 1]], [[1, 1], [1, 1]]), "`right` must have as many rows"),
        (lambda: LowRank([[1, 1]], core=[1, 2]), r"`core` must have shape"),
        (lambda: LowRank(np.empty((0, 3))), r"`left` must have shape \(p, N\) with p, N >= 1"),
        (lambda: LowRank([[1, 1]], scale=0), "`scale` must be positive; got 0"),
        (lambda: LowRank([[1, 1]], [[1, 1, 1]], diagonal=0), "`diagonal` needs a square matrix"),
        (lambda: Block([[1, 2]], [[1, 2]]), r"`back` must have shape \(2, 1\)"),
        (lambda: Dense([[0, 1], [1, 0]]).product([1, 2, 3]), r"`states` must have shape \(N,\) = \(2,\)"),
        (lambda: Dense([[0, 1], [2, 0]]).extreme_eigenvalues(), "needs symmetric `couplings`"),
        (lambda: as_coupling(3.0), "must be a matrix"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
