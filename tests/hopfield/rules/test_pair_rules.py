"""Rules for pairs of patterns."""

import numpy as np

from hopfield import patterns
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
