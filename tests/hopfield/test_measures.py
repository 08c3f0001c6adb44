"""Measures against their definitions, and measurements against theory."""

import numpy as np
import pytest
from scipy.stats import binomtest

from hopfield import DiscreteHopfield, capacity_curve, patterns, recall_curve
from hopfield.measures import StateKind, classify, hamming, mixtures, overlap, wilson


def test_overlap_and_hamming_are_the_definitions(rng):
    xi, s = patterns.random(4, 37, rng=rng), patterns.random(6, 37, rng=rng)
    np.testing.assert_allclose(overlap(s, xi), [[x @ y.astype(int) / 37 for y in xi] for x in s])
    np.testing.assert_array_equal(hamming(s, xi), [[(x != y).sum() for y in xi] for x in s])
    binary = [patterns.to_binary(s), patterns.to_binary(xi)]
    np.testing.assert_array_equal(overlap(*binary, values="binary"), overlap(s, xi))
    np.testing.assert_array_equal(hamming(*binary, values="binary"), hamming(s, xi))


def test_wilsons_interval_is_scipys():
    for k, n in ((0, 10), (3, 10), (10, 10), (500, 1000)):
        for confidence in (0.9, 0.95):
            exact = binomtest(k, n).proportion_ci(confidence, method="wilson")
            np.testing.assert_allclose(wilson(k, n, confidence=confidence), exact, rtol=1e-12, atol=1e-15)
    low, high = wilson([1, 2], [4, 4])
    assert low.shape == high.shape == (2,)


def test_mixtures_of_three_are_stable_and_recognised(rng):
    """Amit, Gutfreund & Sompolinsky: stable at small load, overlap 1/2 with each of their three patterns."""
    xi = patterns.random(3, 3000, rng=rng)
    states = mixtures(xi, 3)
    assert len(states) == 4
    np.testing.assert_array_equal(states[0], np.sign(xi.sum(axis=0)))
    assert DiscreteHopfield.from_patterns(xi).is_stable(states).all()
    assert np.abs(np.abs(overlap(states, xi)) - 0.5).max() < 5 / np.sqrt(3000)
    found = classify(np.concatenate([states, xi, -xi, patterns.random(2, 3000, rng=rng)]), xi)
    expected = ["mixture"] * 4 + ["pattern"] * 3 + ["reversed"] * 3 + ["spurious"] * 2
    assert found.kinds == expected
    assert found.count(StateKind.MIXTURE) == 4
    assert set(found.members[0]) == {(0, 1), (1, 1), (2, 1)}
    assert found.nearest[4:7].tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found.overlaps[4:10], [1, 1, 1, -1, -1, -1])


def test_mixtures_of_binary_patterns_are_binary(rng):
    xi = patterns.random(4, 30, rng=rng)
    binary = mixtures(patterns.to_binary(xi), 3, values="binary")
    np.testing.assert_array_equal(patterns.to_bipolar(binary), mixtures(xi, 3))
    assert len(binary) == 4 * 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: overlap([1, -1], [[1, 1, 1]]), r"`states` must have shape \(3,\) or \(K, 3\)"),
        (lambda: wilson(3, 2), "`successes` between 0 and `trials`"),
        (lambda: wilson(1, 2, confidence=1), "`confidence` must lie between 0 and 1"),
        (lambda: mixtures([[1, 1]] * 4, 4), "`count` must be odd and at most the number of patterns, 4; got 4"),
        (lambda: recall_curve(DiscreteHopfield(np.eye(2)), [0.5]), "`network` must know its patterns"),
        (lambda: capacity_curve("hebb", 10, [0.1]), "Did you mean 'hebbian'"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
