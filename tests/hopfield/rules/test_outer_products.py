"""Learning rules against their definitions, written as loops."""

import tracemalloc

import numpy as np
import pytest

from hopfield import DiscreteHopfield, patterns, rules
from hopfield.rules import (
    bam_hebbian,
    bam_pseudo_inverse,
    dreaming,
    hebbian,
    perceptron,
    pseudo_inverse,
    sequence,
    storkey,
)


def storkey_by_loops(xi):
    """The definition, with every sum over k written out."""
    p, n = xi.shape
    w = np.zeros((n, n))
    for x in xi:
        h = np.array([[sum(w[i, k] * x[k] for k in range(n) if k not in (i, j)) for j in range(n)] for i in range(n)])
        w = w + (np.outer(x, x) - x[:, None] * h.T - h * x) / n
    return w


def without_diagonal(w):
    return w - np.diag(np.diagonal(w))


def test_hebb_is_the_sum_of_outer_products(rng):
    xi = patterns.random(6, 20, rng=rng)
    full = sum(np.outer(x, x) for x in xi.astype(float)) / 20
    np.testing.assert_array_equal(hebbian(xi).dense(), without_diagonal(full))
    np.testing.assert_array_equal(hebbian(xi, diagonal=True).dense(), full)
    np.testing.assert_array_equal(hebbian(xi[4:], start=hebbian(xi[:4])).dense(), hebbian(xi).dense())


def test_hebb_for_biased_patterns_subtracts_the_mean(rng):
    xi = patterns.biased(6, 50, 0.6, rng=rng)
    full = sum(np.outer(x - 0.6, x - 0.6) for x in xi) / (50 * (1 - 0.36))
    np.testing.assert_allclose(hebbian(xi, activity=0.6).dense(), without_diagonal(full), rtol=1e-12, atol=1e-14)


def test_storkey_is_its_definition(rng):
    xi = patterns.random(5, 20, rng=rng)
    by_loops = storkey_by_loops(xi)
    np.testing.assert_allclose(storkey(xi, diagonal=True).dense(), by_loops, rtol=0, atol=1e-14)
    np.testing.assert_allclose(storkey(xi).dense(), without_diagonal(by_loops), rtol=0, atol=1e-14)
    for diagonal in (False, True):
        grown = storkey(xi[3:], diagonal=diagonal, start=storkey(xi[:3], diagonal=diagonal))
        np.testing.assert_allclose(grown.dense(), storkey(xi, diagonal=diagonal).dense(), rtol=0, atol=1e-14)


def test_large_patterns_stay_bytes(rng):
    """Of 2 * 10^7 entries no float copy is made, which would take 160 MB: blocks of 16 MB are, beside 20 MB of bytes."""
    xi = patterns.random(200, 100_000, rng=rng)
    small = pseudo_inverse(xi[:150])
    for learn in (pseudo_inverse, lambda x: dreaming(x, 1.0), lambda x: pseudo_inverse(x[150:], start=small)):
        tracemalloc.start()
        w = learn(xi)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1e8
        assert w.left.dtype == np.int8
    np.testing.assert_allclose(w.product(xi[[3, 170]]), xi[[3, 170]], rtol=0, atol=1e-10)


def test_sequence_leads_from_each_pattern_to_the_next(rng):
    xi = patterns.random(4, 300, rng=rng)
    full = sum(np.outer(xi[(k + 1) % 4].astype(float), xi[k]) for k in range(4)) / 300
    np.testing.assert_array_equal(sequence(xi).dense(), without_diagonal(full))
    open_ended = full - np.outer(xi[0].astype(float), xi[3]) / 300
    np.testing.assert_allclose(sequence(xi, cyclic=False, diagonal=True).dense(), open_ended, atol=1e-15)


def test_more_patterns_than_int8_counts_do_not_overflow():
    xi = patterns.random(200, 64, rng=2)
    xi[:, :2] = 1  # W_01 = 200 / 64
    assert hebbian(xi).dense()[0, 1] == 200 / 64


def test_repeated_patterns_are_announced_and_count_again():
    xi = patterns.random(3, 20, rng=0)
    with pytest.warns(UserWarning, match=r"`patterns\[3\]` repeats `patterns\[1\]`"):
        w = hebbian([*xi, xi[1]])
    np.testing.assert_allclose(w.dense(), hebbian(xi).dense() + without_diagonal(np.outer(xi[1], xi[1]) / 20), atol=1e-15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hebbian([[1, 0, 1]]), r"`patterns\[0, 1\]` must be -1 or 1; got 0. They look binary"),
        (lambda: hebbian([[1, 2, 1]]), r"`patterns\[0, 1\]` must be -1 or 1; got 2.$"),
        (lambda: hebbian([[1.0, np.nan]]), r"`patterns\[0, 1\]` must be -1 or 1; got nan"),
        (lambda: hebbian(np.empty((0, 5))), "at least one pattern"),
        (lambda: hebbian([[1, 1], [1]]), "rows of different lengths"),
        (lambda: hebbian(np.ones((3, 5, 6))), r"got \(3, 5, 6\). Pictures are rows as well: patterns.reshape"),
        (lambda: hebbian([[1, -1]], activity=1.0), "`activity` must lie between -1 and 1"),
        (lambda: hebbian([[1, -1]], start=np.eye(2)), "`start` must be the result of an earlier call"),
        (lambda: dreaming([[1, -1]], -1), "`time` must be at least 0"),
        (lambda: sequence([[1, -1]]), "at least two patterns"),
        (lambda: perceptron([[1], [-1]]), "at least two units"),
        (lambda: perceptron([[1, -1]], margin=-1), "`margin` must be at least 0"),
        (lambda: bam_hebbian([[1, 1]], [[1], [1]]), "the same number of rows"),
        (lambda: bam_pseudo_inverse([[1, 1], [1, -1]], [[1, 1], [1, 1]]), "`b` must be linearly independent"),
        (lambda: rules.learn("hebb", [[1, -1]]), "Did you mean 'hebbian'"),
        (lambda: rules.learn("bam_hebbian", [[1, -1]]), "`rule` must be one of"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The registry ---------------------------------------------------------------------------------------------------------


def test_patterns_that_are_too_much_biased_are_noted():
    """20 patterns with 5 % of ones: the others add 19 * 0.9^3 = 14 to a unit's own field of 1, and none is stable."""
    xi = patterns.biased(20, 1000, -0.9, rng=0)
    with pytest.warns(UserWarning, match="mean activity -0.901: .* Pass `activity=-0.901`"):
        plain = DiscreteHopfield.from_patterns(xi)
    assert not plain.is_stable(xi).any()
    assert DiscreteHopfield.from_patterns(xi, activity=-0.9).is_stable(xi).all()
