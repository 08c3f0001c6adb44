"""Runs resume bit for bit, whoever maps, and stop for the reason that they give."""

import time

import numpy as np
import pytest

from ctrnn import CTRNN, Genotype
from neuroevolution import (
    BeerGA,
    HillClimbing,
    MicrobialGA,
    ParticleSwarm,
    RandomSearch,
    SimulatedAnnealing,
    Stop,
    evolve,
    load_run,
)

GENOTYPE = Genotype(CTRNN(np.zeros((2, 2))), {"weights": (-16, 16)})
METHODS = [BeerGA(10, reevaluate=True), BeerGA(10, hill_climbing=True), MicrobialGA(10, deme=2), ParticleSwarm(10),
           RandomSearch(10), HillClimbing(10, patience=2), SimulatedAnnealing(10)]  # fmt: skip


def peak(genes):
    return -((genes - 0.5) ** 2).sum(axis=1)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_resumed_run_is_the_run(method, tmp_path):
    whole = evolve(GENOTYPE, peak, method, generations=12, rng=3)
    for generations in (5, 12):
        resumed = evolve(GENOTYPE, peak, method, generations=generations, rng=3, checkpoint=tmp_path / "a", workers=map)
    assert all((whole.state[name] == resumed.state[name]).all() for name in whole.state)
    assert (whole.history["best"] == load_run(tmp_path / "a").history["best"]).all()


def test_another_search_is_named(tmp_path):
    evolve(GENOTYPE, peak, BeerGA(10), generations=1, rng=3, checkpoint=tmp_path / "a")
    for name, change in {"method": {"method": BeerGA(12)}, "rng": {"rng": 4}, "task": {"task": np.sum}}.items():
        given = {"task": peak, "method": BeerGA(10), "rng": 3} | change
        with pytest.raises(ValueError, match=f"`{name}`"):
            evolve(GENOTYPE, generations=2, checkpoint=tmp_path / "a", **given)


def test_rules_say_why():
    assert evolve(GENOTYPE, peak, BeerGA(20), stop=Stop(score=-0.5), rng=1).reason == "score = -0.5 reached"
    both = Stop(score=-9.0) & Stop(evaluations=50)
    assert evolve(GENOTYPE, peak, RandomSearch(10), stop=both, rng=1).evaluations == 50


def test_bad_scores():
    with pytest.raises(ValueError, match="`scores` must have shape"):
        evolve(GENOTYPE, lambda genes: [1.0], BeerGA(10), generations=1)
    run = evolve(GENOTYPE, lambda genes: np.where(genes[:, 0] > 0, np.nan, 0.0), BeerGA(10), generations=2, rng=1)
    assert run.best.score == 0.0
    assert run.history["failed"].sum() > 0
    start = time.perf_counter()
    run = evolve(GENOTYPE, lambda genes: time.sleep(9), BeerGA(10), generations=1, timeout=0.3)
    assert time.perf_counter() - start < 1.0
    assert run.generations == 0
