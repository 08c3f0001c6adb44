"""Bodies that evolve with their networks: genes to constants and back, and each member in a body of its own."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN, Genotype, evaluate
from neuroevolution import BeerGA, EmbodiedGenotype, RandomSearch, evolve, tasks

NETWORK = Genotype(CTRNN(np.zeros((2, 2)), [0.9, 0.4], input_weights=np.zeros((2, 2))), {"input_weights": (-5, 5)})
VEHICLE = EmbodiedGenotype(NETWORK, tasks.Phototaxis(), {"eye": (0, 1.5), "speed": (0.1, 10, "log")})


def test_genes_are_those_of_the_network_then_those_of_the_body(rng):
    genes = VEHICLE.random(50, rng)
    assert genes.shape == (50, 6)
    np.testing.assert_array_equal(VEHICLE.decode(genes), NETWORK.decode(genes[:, :4]))
    constants = VEHICLE.task_params(genes)
    assert constants[:, 2] == pytest.approx(0.75 + 0.75 * genes[:, 4])
    assert constants[:, 1] == pytest.approx(10.0 ** genes[:, 5])
    assert VEHICLE.encode(VEHICLE.decode(genes), constants) == pytest.approx(genes, abs=1e-14)
    assert VEHICLE.task(genes[3]).params.tolist() == constants[3].tolist()
    with pytest.raises(ValueError, match=r"\(eye\) must lie in"):
        VEHICLE.decode([0, 0, 0, 0, 1.5, 0])


def test_each_member_is_scored_in_its_own_body():
    options = {"duration": 100, "dt": 0.1, "trials": 4, "common_random_numbers": True}
    run = evolve(VEHICLE, tasks.Phototaxis(), RandomSearch(30), generations=3, rng=4, **options)
    assert run.best.task.params[2] != tasks.Phototaxis().params[2]
    again = [evolve(VEHICLE, tasks.Phototaxis(), BeerGA(10), generations=3, rng=4, workers=w, **options).best.score
             for w in (1, map)]  # fmt: skip
    assert again[0] == again[1]


def _alone(genes, options):
    return evaluate(VEHICLE.network(genes), VEHICLE.task(genes), rng=1, **options).mean_scores[0]


def test_a_population_is_its_members_in_their_bodies(rng):
    genes = VEHICLE.random(20, rng)
    options = {"duration": 50, "dt": 0.1, "trials": 3, "common_random_numbers": True}
    together = evaluate(VEHICLE.template, tasks.Phototaxis(), params=VEHICLE.decode(genes),
                        task_params=VEHICLE.task_params(genes), rng=1, **options).mean_scores  # fmt: skip
    np.testing.assert_array_equal(together, [_alone(each, options) for each in genes])


def test_a_network_alone_has_no_task():
    run = evolve(NETWORK, lambda genes: genes[:, 0], RandomSearch(4), generations=1, rng=1)
    with pytest.raises(ValueError, match="network alone"):
        _ = run.best.task
