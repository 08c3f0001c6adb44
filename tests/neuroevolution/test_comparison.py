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


def test_runs_without_a_score_are_undecided():
    """Ranks know -inf: of the C(5, 2) = 10 orders of 2 and 3 scores, the two extreme ones have p = 2/10."""
    none = with_scores([-np.inf] * 5)
    assert none.median() == (-np.inf, -np.inf, -np.inf)
    assert "5 of them without a score" in repr(none)
    result = compare({"a": none, "b": with_scores([-np.inf] * 3), "c": with_scores([1.0, 2.0, 3.0])})
    first, second, _ = result.differences
    assert "a and b: undecided, none of n = 5, 3 runs has a score" in str(result)
    assert np.isnan([first.p, first.better]).all()
    assert second.better == 0.0
    mixed = compare({"a": with_scores([-np.inf, 0.0]), "b": with_scores([1.0, 2.0, 3.0])}).differences[0]
    assert mixed.p == pytest.approx(2 / 10)
    result.plot().figure.canvas.draw()
