"""Stages follow one another where a score is reached, and resume to the last bit."""

import time

import numpy as np
import pytest
from punctual import interrupted

from ctrnn import CTRNN, Genotype
from neurodynamics import Status
from neuroevolution import BeerGA, HillClimbing, Stop, evolve, evolve_in_stages

GENOTYPE = Genotype(CTRNN(np.zeros((2, 2))), {"weights": (-16, 16)})


def near(genes):
    return -np.abs(genes - 0.2).max(axis=1)


def nearer(genes):
    return -np.abs(genes - 0.8).max(axis=1)


STAGES = [(near, -0.2), (nearer, -0.1)]


@pytest.mark.parametrize("method", [BeerGA(20), HillClimbing(10)], ids=repr)
def test_the_next_stage_begins_with_the_best_of_the_one_before(method):
    seen = []

    def watched(genes):
        seen.append(genes.copy())
        return nearer(genes)

    runs = evolve_in_stages(GENOTYPE, [(near, -0.2), (watched, -0.1)], method, generations=300, rng=1)
    assert [run.reason for run in runs] == ["score = -0.2 reached", "score = -0.1 reached"]
    assert np.array_equal(seen[0][0], runs[0].best.genes)
    seed = int(np.random.default_rng(1).integers(0, 2**63, 2)[0])
    first = evolve(GENOTYPE, near, method, generations=300, stop=Stop(score=-0.2), rng=seed)
    assert np.array_equal(first.best.genes, runs[0].best.genes)


def test_a_stage_that_is_not_reached_is_the_last():
    runs = evolve_in_stages(GENOTYPE, [(near, 5.0), (nearer, 0.0)], BeerGA(10), generations=3, rng=1)
    assert [run.reason for run in runs] == ["generations = 3 reached"]


def test_stages_resume(tmp_path):
    whole = evolve_in_stages(GENOTYPE, STAGES, BeerGA(20), generations=100, rng=2)
    cut = evolve_in_stages(GENOTYPE, STAGES, BeerGA(20), generations=1, rng=2, checkpoint=tmp_path / "a")
    assert len(cut) == 1
    again = evolve_in_stages(GENOTYPE, STAGES, BeerGA(20), generations=100, rng=2, checkpoint=tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.0", "a.1"]
    for one, other in zip(whole, again, strict=True):
        assert all((one.state[name] == other.state[name]).all() for name in one.state)


@pytest.mark.parametrize("stages", [[], [near], [(near, -1.0, 2)], 3])
def test_what_are_no_stages(stages):
    with pytest.raises((TypeError, ValueError), match="`stages`"):
        evolve_in_stages(GENOTYPE, stages, BeerGA(10), generations=1)


def test_all_stages_have_one_timeout_and_other_rules():
    def slowly(genes):
        time.sleep(0.01)
        return near(genes)

    start = time.perf_counter()
    stages = [(slowly, -0.9)] * 3 + [(slowly, 1.0)]
    runs = evolve_in_stages(GENOTYPE, stages, BeerGA(20), generations=10**6, rng=1, timeout=0.5)
    assert time.perf_counter() - start < 0.9
    assert [run.status for run in runs] == [Status.SUCCESS] * 3 + [Status.TIMEOUT]
    given = {"generations": 10**6, "rng": 1, "stop": Stop(stagnation=4)}
    assert evolve_in_stages(GENOTYPE, [(near, 1.0)], BeerGA(20), **given)[-1].reason == "stagnation = 4 reached"


def test_ctrl_c_leaves_all_stages_that_were_begun():
    def slowly(genes):
        time.sleep(0.02)
        return nearer(genes)

    caught, _ = interrupted(lambda: evolve_in_stages(GENOTYPE, [(near, -0.9), (slowly, 1.0)], BeerGA(20), generations=10**6))
    first, second = caught.result
    assert (first.status, second.status) == (Status.SUCCESS, Status.INTERRUPTED)
