"""Patterns: their statistics within standard errors, and pictures that are what they should be."""

import sys

import numpy as np
import pytest

from hopfield import DiscreteHopfield, patterns


def test_random_biased_and_correlated_patterns_have_their_statistics(rng):
    """4.5 standard errors."""
    p, n = 40, 5000
    for made, mean in ((patterns.random(p, n, rng=rng), 0.0), (patterns.biased(p, n, -0.6, rng=rng), -0.6)):
        assert made.dtype == np.int8
        assert set(np.unique(made)) == {-1, 1}
        assert abs(made.mean() - mean) <= 4.5 * np.sqrt((1 - mean**2) / (p * n))
    c = patterns.correlated(p, n, 0.3, rng=rng).astype(float)
    overlaps = (c @ c.T / n)[np.triu_indices(p, 1)]
    assert abs(overlaps.mean() - 0.3) <= 4.5 * 2 * np.sqrt(0.3 * 0.7 / (p * n)) + 4.5 / np.sqrt(n) / p


def test_the_same_seed_gives_the_same_patterns_in_both_alphabets():
    np.testing.assert_array_equal(
        patterns.random(3, 9, rng=4), patterns.to_bipolar(patterns.random(3, 9, rng=4, values="binary"))
    )


@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_flips_are_exact_and_noise_is_right_on_average(values, rng):
    xi = patterns.random(200, 150, values=values, rng=rng)
    flipped = patterns.flip(xi, 0.2, values=values, rng=rng)
    assert ((flipped != xi).sum(axis=1) == 30).all()
    counts = (flipped != xi).sum(axis=0)
    assert np.abs(counts - 40).max() <= 5.5 * np.sqrt(200 * 0.2 * 0.8)  # every unit is equally likely
    noisy = patterns.noise(xi, 0.2, values=values, rng=rng)
    assert abs((noisy != xi).mean() - 0.2) <= 4.5 * np.sqrt(0.16 / xi.size)
    assert set(np.unique(noisy)) == set(np.unique(xi))
    assert patterns.flip(xi[0], 0.0, values=values, rng=rng).shape == (150,)
    np.testing.assert_array_equal(patterns.flip(xi, 0.0, values=values, rng=rng), xi)


def test_alphabets_translate_back_and_forth(rng):
    xi = patterns.random(3, 20, rng=rng)
    np.testing.assert_array_equal(patterns.to_bipolar(patterns.to_binary(xi)), xi)
    assert patterns.to_binary([1, -1]).tolist() == [1, 0]


def test_letters_look_like_letters():
    """L has a left column and a bottom row; O is a ring that is nearly its own mirror image; : has two parts."""
    shape = (16, 12)
    pictures = patterns.letters("LO:", shape, values="binary").reshape(3, *shape)
    assert (pictures[:, [0, -1]] == 0).all()
    assert (pictures[:, :, [0, -1]] == 0).all()
    big_l, ring, colon = pictures[:, 1:-1, 1:-1]
    assert big_l[:, 0].all()
    assert big_l[-1].all()
    assert not big_l[:8, 5:].any()
    assert not ring[5:9, 4:6].any()
    assert ring[7].any()
    assert (ring != ring[:, ::-1]).mean() < 0.05
    assert colon[[0, -1]].any(axis=1).all()
    assert not colon[6:8].any()


def test_letters_can_be_stored_and_recalled():
    xi = patterns.letters("ANLTX", (14, 12))
    net = DiscreteHopfield.from_patterns(xi, "pseudo_inverse")
    r = net.recall(patterns.flip(xi, 0.1, rng=0), rng=1)
    np.testing.assert_array_equal(r.states, xi)


def test_digits_are_those_of_scikit_learn():
    """Ten prototypes: Hebb keeps 0 stable, Storkey 4, the pseudo-inverse 10 (REFERENCE)."""
    pytest.importorskip("sklearn")
    xi = patterns.digit_prototypes()
    assert xi.shape == (10, 64)
    for rule, stable in (("hebbian", 0), ("storkey", 4), ("pseudo_inverse", 10)):
        assert DiscreteHopfield.from_patterns(xi, rule).is_stable(xi).sum() == stable
    pictures, labels = patterns.digits(values="binary")
    assert pictures.shape == (1797, 64)
    assert labels.shape == (1797,)


def test_digits_without_scikit_learn_say_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        patterns.digits()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: patterns.random(0, 3), "`count` must be at least 1"),
        (lambda: patterns.random(3, 3, values="ising"), "`values` must be one of"),
        (lambda: patterns.biased(3, 3, 1.5), "`activity` must lie between -1 and 1"),
        (lambda: patterns.correlated(3, 3, -0.1), "`overlap` must lie between 0 and 1"),
        (lambda: patterns.flip([1, -1], 1.1), "`fraction` must lie between 0 and 1"),
        (lambda: patterns.flip([1, 0], 0.5), r"`patterns\[1\]` must be -1 or 1; got 0"),
        (lambda: patterns.noise([1, -1], -0.1), "`probability` must lie between 0 and 1"),
        (lambda: patterns.to_binary([1, 0]), r"`patterns\[1\]` must be -1 or 1; got 0"),
        (lambda: patterns.letters(""), "`text` must hold characters"),
        (lambda: patterns.letters("a b"), "`text` must hold characters"),
        (lambda: patterns.letters("a", (2, 9)), r"`shape\[0\]` must be at least 3"),
        (lambda: patterns.letters("a", font="Comic"), "`font` must be one of"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
