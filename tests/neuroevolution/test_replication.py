"""Replicates and their intervals, against exact figures."""

import time

import numpy as np
import pytest
from punctual import interrupted

from ctrnn import CTRNN, Genotype
from neurodynamics import Status
from neuroevolution import Individual, RandomSearch, Replicates, Run, evolve, load_run, replicates

GENOTYPE = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})


def with_scores(scores):
    return Replicates(tuple(a_run(score) for score in scores))


def a_run(score):
    return Run(Individual(np.zeros(1), score), {"best": np.array([score])}, "", Status.SUCCESS, {})


def test_intervals():
    runs = with_scores([0.0] * 10)
    assert runs.reached(0.5) == (0.0, 0.0, pytest.approx(0.2775, abs=1e-4))  # Wilson at 0 of 10
    assert runs.median() == (0.0, 0.0, 0.0)
    median, low, high = with_scores(range(1, 10)).median()
    assert median == 5
    assert (low, high) == (3, 7) or (low, high) == (2, 8) or (low, high) == (3, 8)  # 95 % between order statistics


def test_the_bootstrap_interval_covers(rng):
    hits = 0
    for _ in range(100):
        _, low, high = with_scores(rng.normal(size=25)).median(rng=rng)
        hits += low <= 0 <= high
    assert hits >= 84  # 95 expected; fewer has a chance below 1e-4 at a true coverage of 94 %


def test_replicates_differ_in_their_seeds_alone():
    run = evolve(GENOTYPE, lambda genes: -np.abs(genes[:, 0] - 0.2), RandomSearch(5), generations=4, rng=1)
    many = run.replicates(6, rng=3)
    again = replicates(lambda rng: evolve(GENOTYPE, lambda genes: -np.abs(genes[:, 0] - 0.2), RandomSearch(5), generations=4,
                                          rng=rng), 6, rng=3)  # fmt: skip
    assert (many.scores == again.scores).all()
    assert len(set(many.scores)) == 6
    assert many.best.score == many.scores.max()
    assert [each.generations for each in many] == [4] * 6


def test_bad_input_is_named(tmp_path):
    evolve(GENOTYPE, lambda genes: genes[:, 0], RandomSearch(3), generations=1, rng=1, checkpoint=tmp_path / "a.run")
    with pytest.raises(ValueError, match="comes from a file"):
        load_run(tmp_path / "a.run").replicates(3)
    with pytest.raises(ValueError, match="`confidence` must lie between 0 and 1"):
        with_scores([1]).median(confidence=1.5)
    with pytest.raises(TypeError, match="`evolution`"):
        replicates(lambda rng: 3, 2)


def test_ctrl_c_leaves_the_runs_that_are_complete():
    def slowly(genes):
        time.sleep(0.02)
        return genes[:, 0]

    def evolution(rng):
        return evolve(GENOTYPE, slowly, RandomSearch(4), generations=5, rng=rng)

    caught, _ = interrupted(lambda: replicates(evolution, 10_000, rng=1), 0.5)
    found = caught.result
    assert 0 < len(found) < 10
    assert all(run.generations == 5 for run in found)
    assert repr(Replicates(())) == "Replicates(n = 0)"
