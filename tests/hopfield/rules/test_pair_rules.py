"""Rules for pairs of patterns."""

import numpy as np
import pytest

from hopfield import DiscreteBAM, patterns, rules
from hopfield.rules import (
    bam_hebbian,
    bam_pseudo_inverse,
)


def test_pairs_are_stored_as_defined(rng):
    a, b = patterns.random(3, 40, rng=rng), patterns.random(3, 30, rng=rng)
    weighted = sum(q * np.outer(x, y) for q, x, y in zip((1, 2, 5), a.astype(float), b, strict=True))
    np.testing.assert_array_equal(bam_hebbian(a, b, weights=[1, 2, 5]).between.dense(), weighted)
    exact = bam_pseudo_inverse(a, b)
    np.testing.assert_allclose(exact.product(np.hstack([a, b])), np.hstack([a, b]), rtol=0, atol=1e-12)


def test_a_sequence_of_pairs_is_a_limit_cycle_both_ways(rng):
    a, b = patterns.random(5, 80, rng=rng), patterns.random(5, 50, rng=rng)
    forth, back = (DiscreteBAM.from_pairs(a, b, "bam_sequence", backward=backward) for backward in (False, True))
    r = forth.recall(a=patterns.flip(a[0], 0.1, rng=rng), record=True)
    assert r.periods == [5]
    for t, state in enumerate(r.trace.states[0, :, 1:].T):  # a sweep: b of the pair, then a of the next
        np.testing.assert_array_equal(state, np.concatenate([a[(t + 1) % 5], b[t % 5]]))
    assert back.recall(b=b[0]).periods == [5]
    assert not forth.couplings.symmetric
    np.testing.assert_array_equal(back.couplings.dense(), forth.couplings.dense().T)
    ends = DiscreteBAM.from_pairs(a, b, "bam_sequence", cyclic=False).recall(a=a[0])
    np.testing.assert_array_equal(ends.b[0], b[-1])
    with pytest.raises(ValueError, match="at least two pairs"):
        rules.bam_sequence(a[:1], b[:1])
