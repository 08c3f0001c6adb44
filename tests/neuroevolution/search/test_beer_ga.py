"""Selection and mutation of the genetic algorithm, against their closed forms."""

from math import gamma, pi, sqrt

import numpy as np
import pytest

from neuroevolution import BeerGA
from neuroevolution.search.beer_ga import expected_offspring, universal_sampling
from neuroevolution.search.variation import steps


def test_mutations_change_each_gene_by_the_published_mean():
    n, variance = 8, 0.2
    mean = np.abs(steps(np.random.default_rng(1), (200_000, n), sqrt(variance))).mean()
    assert mean == pytest.approx(sqrt(2 * variance) * gamma(n / 2) / (pi * gamma((n + 1) / 2)), rel=0.01)


@pytest.mark.parametrize("selection", ["rank", "fitness"])
def test_sampling_gives_everybody_the_floor_or_the_ceiling(selection):
    scores = np.sort(np.random.default_rng(1).random(30))[::-1]
    expected = expected_offspring(scores, BeerGA(30, selection=selection, max_offspring=1.6))
    assert expected.sum() == pytest.approx(30)
    assert expected[0] == pytest.approx(1.6) or selection == "fitness"
    for seed in range(50):
        counts = np.bincount(universal_sampling(np.random.default_rng(seed), expected, 30), minlength=30)
        assert (np.abs(counts - expected) < 1).all()


def test_the_elite_is_smaller_than_the_population():
    with pytest.raises(ValueError, match="`elite`"):
        BeerGA(population=4, elite=4)
