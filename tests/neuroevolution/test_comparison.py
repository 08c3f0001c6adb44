"""Comparison of methods, against an exact distribution."""

import numpy as np
import pytest

from ctrnn import CTRNN, Genotype
from neurodynamics import Status
from neuroevolution import HillClimbing, Individual, RandomSearch, Replicates, Run, compare, evolve, replicates


def with_scores(scores):
    return Replicates(tuple(a_run(score) for score in scores))


def a_run(score):
    return Run(Individual(np.zeros(1), score), {"best": np.array([score])}, "", Status.SUCCESS, {})


def test_mann_whitney_by_enumeration():
    """Of the C(7, 3) = 35 orders of 3 and 4 scores, the most extreme one has p = 2/35."""
    result = compare({"a": with_scores([5, 6, 7]), "b": with_scores([1, 2, 3, 4])}).differences[0]
    assert (result.first, result.second, result.n, result.better) == ("a", "b", (3, 4), 1.0)
    assert result.p == pytest.approx(2 / 35)


def test_climbing_beats_chance_where_a_hill_is_smooth():
    genotype = Genotype(CTRNN(np.zeros((3, 3))), {"weights": (-1, 1)})

    def valley(genes):
        return -(genes**2).sum(axis=1)

    results = {}
    for name, method in (("climbing", HillClimbing()), ("random", RandomSearch(20))):
        results[name] = replicates(
            lambda rng, method=method: evolve(genotype, valley, method, generations=400, rng=rng), 8, rng=1
        )  # fmt: skip
    difference = compare(results).differences[0]
    assert difference.better > 0.9
    assert difference.p < 0.01
    assert "climbing above random" in str(compare(results))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least two methods"):
        compare({"a": with_scores([1])})
    with pytest.raises(TypeError, match=r"`results\['b'\]`"):
        compare({"a": with_scores([1]), "b": 3})
