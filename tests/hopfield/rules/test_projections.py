"""Projections on patterns."""

import numpy as np
import pytest

from hopfield import patterns
from hopfield.rules import (
    dreaming,
    hebbian,
    pseudo_inverse,
)


def without_diagonal(w):
    return w - np.diag(np.diagonal(w))


def test_pseudo_inverse_is_the_projection_on_the_patterns(rng):
    xi = patterns.correlated(8, 30, 0.5, rng=rng)
    w = pseudo_inverse(xi)
    np.testing.assert_allclose(w.dense(), np.linalg.pinv(xi.astype(float)) @ xi, rtol=0, atol=1e-12)
    np.testing.assert_allclose(w.product(xi), xi, rtol=0, atol=1e-12)
    np.testing.assert_allclose(pseudo_inverse(xi[5:], start=pseudo_inverse(xi[:5])).dense(), w.dense(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(pseudo_inverse(xi, diagonal=False).dense(), without_diagonal(w.dense()), atol=1e-14)


def test_dependent_patterns_are_named_with_their_rank(rng):
    xi = patterns.random(3, 30, rng=rng)
    for extra in (xi[0], -xi[1]):
        with pytest.raises(ValueError, match="linearly independent; got 4 patterns of rank 3"):
            pseudo_inverse([*xi, extra])
        with pytest.raises(ValueError, match=r"`patterns\[0\]` must be linearly independent .* of rank 3"):
            pseudo_inverse([extra], start=pseudo_inverse(xi))


def test_dreaming_leads_from_hebb_to_the_pseudo_inverse(rng):
    xi = patterns.random(6, 40, rng=rng)
    np.testing.assert_allclose(dreaming(xi, 0.0).dense(), hebbian(xi).dense(), rtol=0, atol=1e-14)
    limit = pseudo_inverse(xi, diagonal=False).dense()
    errors = [np.abs(dreaming(xi, t).dense() - limit).max() for t in (1e3, 1e6)]
    assert errors[1] < 1e-5
    assert errors[1] == pytest.approx(errors[0] / 1e3, rel=0.1)  # it approaches as 1/t
