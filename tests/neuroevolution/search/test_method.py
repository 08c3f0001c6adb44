import numpy as np
import pytest

from neuroevolution import (
    CMAES,
    BeerGA,
    HillClimbing,
    MicrobialGA,
    ParticleSwarm,
    RandomSearch,
    SimulatedAnnealing,
)


def test_failed_scores_come_last_and_bad_ones_are_named():
    search = RandomSearch(3).start(2, rng=1)
    genes = search.ask()
    search.tell(genes, [np.nan, -5.0, np.nan])
    assert (search.best_genes == genes[1]).all()
    with pytest.raises(ValueError, match=r"`genes\[0, 0\]` must lie in"):
        search.tell(2 + genes, [0.0, 0.0, 0.0])


@pytest.mark.parametrize(("method", "name", "value"), [
    (BeerGA, "mutation_variance", 1e300), (MicrobialGA, "mutation_variance", -1), (HillClimbing, "step", 1e300),
    (SimulatedAnnealing, "step", 0), (SimulatedAnnealing, "coldest", 2.0), (SimulatedAnnealing, "cooling", 1.5),
    (ParticleSwarm, "attraction", 4.0), (ParticleSwarm, "attraction", 1e300), (RandomSearch, "population", 0),
])  # fmt: skip
def test_settings_that_cannot_work_are_named(method, name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        method(**{name: value})


METHODS = [BeerGA(6), CMAES(population=6), HillClimbing(6), MicrobialGA(6), ParticleSwarm(6), RandomSearch(6),
           SimulatedAnnealing(6)]  # fmt: skip


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_scores_belong_to_what_was_asked_for_in_its_order(method):
    """What is refused changes nothing: a search that was never told wrongly goes on with the same genes."""
    search, other = method.start(2, rng=1), method.start(2, rng=1)
    first = other.ask()
    with pytest.raises(ValueError, match=r"`genes` must be those that were asked for: ask\(\) comes first"):
        search.tell(first, np.zeros(6))
    search.ask()
    for wrong in (first[::-1], first[:3], 0.5 * first):
        with pytest.raises(ValueError, match="`genes` must be those that were asked for: all that"):
            search.tell(wrong, np.zeros(len(wrong)))
    for each in (search, other):
        each.tell(first.tolist(), first.sum(axis=1))
    with pytest.raises(ValueError, match="comes first"):
        search.tell(first, np.zeros(6))
    assert (search.ask() == other.ask()).all()
