"""Stationary laws of small chains."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from hopfield import occupancy


def test_two_modes_in_closed_form():
    np.testing.assert_allclose(occupancy([[-2.0, 2.0], [6.0, -6.0]]), [0.75, 0.25], rtol=1e-15)


def test_the_null_vector_of_a_random_generator(rng):
    Q = rng.exponential(size=(7, 7)) * (rng.random((7, 7)) < 0.6)
    Q[np.arange(7), (np.arange(7) + 1) % 7] += 0.1  # so that all modes are in one class
    np.fill_diagonal(Q, 0)
    np.fill_diagonal(Q, -Q.sum(axis=1))
    law = occupancy(Q)
    assert law.sum() == pytest.approx(1, abs=1e-15)
    assert np.abs(law @ Q).max() < 1e-15 * np.abs(Q).max() * 10


def test_tiny_shares_have_all_their_digits():
    """A birth-death chain: pi_k is a product of ratios; a null vector by singular values would lose the last ones."""
    up, n = 1e-6, 6
    Q = np.diag(np.full(n - 1, up), 1) + np.diag(np.ones(n - 1), -1)
    np.fill_diagonal(Q, -Q.sum(axis=1))
    exact = [Fraction(up) ** k for k in range(n)]
    np.testing.assert_allclose(occupancy(Q), [float(x / sum(exact)) for x in exact], rtol=1e-14)


def test_modes_that_are_left_for_ever_have_no_share():
    np.testing.assert_array_equal(occupancy([[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 2.0, -2.0]]), [0, 1, 0])
    np.testing.assert_array_equal(occupancy([[0.0]]), [1])


def test_what_is_no_generator_is_refused():
    for Q, message in [
        ([[-1.0, 1.0]], "must be square"),
        ([[-1.0, 2.0], [1.0, -1.0]], r"`generator\[0\]` must sum to 0; got 1"),
        ([[1.0, -1.0], [1.0, -1.0]], r"`generator\[0, 1\]` must be a rate"),
        ([[0.0, 0.0], [0.0, 0.0]], "one class of modes that it never leaves; it has 2"),
        ([[np.nan, 1.0], [1.0, -1.0]], "`generator.* must be finite"),
    ]:
        with pytest.raises(ValueError, match=message):
            occupancy(Q)
