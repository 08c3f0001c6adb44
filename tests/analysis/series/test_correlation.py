"""Correlation sums by brute force, and dimensions that are known."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import correlation_dimension, correlation_sum
from neurodynamics import models, simulate


@pytest.mark.parametrize("theiler", [1, 2, 7])
def test_sums_are_shares_of_pairs_counted_one_by_one(theiler):
    x, radii = np.random.default_rng(0).normal(size=(40, 3)), np.array([2.0, 0.5, 1.0])
    pairs = [(i, j) for i in range(40) for j in range(40) if abs(i - j) >= theiler]
    distances = np.array([np.linalg.norm(x[i] - x[j]) for i, j in pairs])
    np.testing.assert_allclose(correlation_sum(x, radii, theiler=theiler), [(distances <= r).mean() for r in radii])


@pytest.mark.parametrize("dimension", [1, 2])
def test_lines_and_squares_have_theirs_in_the_interval(dimension):
    found = correlation_dimension(np.random.default_rng(1).uniform(size=(3000, dimension)))
    assert found.interval[0] < dimension < found.interval[1]
    assert found.interval[1] - found.interval[0] < 0.25 * dimension


def test_the_cantor_set_has_ln_2_over_ln_3():
    digits = np.random.default_rng(2).integers(0, 2, (4000, 25))
    found = correlation_dimension((2 * digits) @ 3.0 ** -np.arange(1, 26))
    assert found.interval[0] < np.log(2) / np.log(3) < found.interval[1]
    assert found.dimension == pytest.approx(np.log(2) / np.log(3), abs=0.05)


def test_henon_has_that_of_the_literature():
    """1.21 (1) by Grassberger & Procaccia (1983), 1.220 (36) by Sprott & Rowlands (2001)."""
    found = correlation_dimension(simulate(models.henon(), 5000, [0.1, 0.1]).y.T[100:])
    assert found.interval[0] < 1.21
    assert found.interval[1] > 1.22
    assert found.dimension == pytest.approx(1.215, abs=0.03)


def test_few_radii_give_no_dimension_and_equal_points_are_refused():
    x = np.random.default_rng(0).uniform(size=200)
    assert np.isnan(correlation_dimension(x, radii=[0.1, 0.11, 0.12]).dimension)
    with pytest.raises(ValueError, match="`points` must differ"):
        correlation_dimension(np.ones(200))
    with pytest.raises(ValueError, match="`theiler` must be below"):
        correlation_sum(x, [0.1], theiler=200)
