import numpy as np
import pytest

from neuroevolution import BeerGA, HillClimbing, MicrobialGA, ParticleSwarm, RandomSearch, SimulatedAnnealing


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
