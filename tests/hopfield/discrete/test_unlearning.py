"""Unlearning what a network falls into."""

import numpy as np
import pytest

from hopfield import patterns
from hopfield.discrete.unlearning import unlearn
from hopfield.rules import (
    hebbian,
    margins,
)


def without_diagonal(w):
    return w - np.diag(np.diagonal(w))


def test_unlearning_subtracts_what_the_network_fell_into(rng):
    xi = patterns.random(12, 60, rng=rng)
    w = unlearn(hebbian(xi), 3, strength=0.05, rng=rng)
    dreams = w.left[12:]
    for k, dream in enumerate(dreams):  # each was a fixed point of the couplings before it
        before = unlearn_by_hand(xi, dreams[:k], 0.05)
        assert (dream * (before @ dream) >= -1e-12).all()
    np.testing.assert_allclose(w.dense(), unlearn_by_hand(xi, dreams, 0.05), rtol=0, atol=1e-14)


def unlearn_by_hand(xi, dreams, strength):
    w = hebbian(xi).dense()
    for s in dreams.astype(float):
        w = w - without_diagonal(strength * np.outer(s, s) / s.size)
    return w


def test_unlearning_raises_the_smallest_margin_of_a_loaded_network():
    xi = patterns.random(20, 100, rng=3)
    before = margins(hebbian(xi), xi)
    after = margins(unlearn(hebbian(xi), 100, rng=4), xi)
    assert (after < 0).sum() < (before < 0).sum()


def test_unlearn_wants_the_result_of_a_rule():
    with pytest.raises(TypeError, match="must be the LowRank couplings of a learning rule"):
        unlearn(np.eye(3), 1)
