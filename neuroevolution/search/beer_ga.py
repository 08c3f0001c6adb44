"""The genetic algorithm of Beer's evolutionary robotics, as his TSearch documents it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_choice, as_count, as_flag, as_items, as_number
from neuroevolution.search.method import Search
from neuroevolution.search.variation import as_spread, crossed, module_starts, steps


@dataclass(frozen=True)
class BeerGA:
    """A real-valued genetic algorithm: selection, elitism, and mutation or crossover.

    Parameters
    ----------
    population : int
    mutation_variance : float
        A mutation has a length of N(0, variance) in a random direction; what leaves [-1, 1] is clipped.
    elite : int
        How many of the best go on unchanged.
    selection : {"rank", "fitness"}
        Expected offspring fall linearly with the rank from ``max_offspring`` to ``2 - max_offspring``; or are proportional
        to the score, scaled linearly so that the best expects ``max_offspring`` (scores below 0 count as 0).
    max_offspring : float
        Between 1 and 2.
    crossover : {"two_point", "uniform"}
    crossover_probability : float
        A child is made by crossover with this probability, otherwise by mutation, never by both.
    modules : sequence of int, optional
        Lengths of the groups of genes that crossover keeps together; by default each gene is one.
    hill_climbing : bool
        Whether a child takes part only where it is at least as good as its parent.
    reevaluate : bool
        Whether those that go on unchanged are scored again, as noisy tasks need.

    References
    ----------
    .. [1] Beer (1996), Toward the evolution of dynamical neural networks for minimally cognitive behavior, SAB 4, 421.
    .. [2] Baker (1987), Reducing bias and inefficiency in the selection algorithm, ICGA 2, 14.

    Examples
    --------
    >>> from neuroevolution import BeerGA
    >>> search = BeerGA(population=20).start(2, rng=1)
    >>> for _ in range(40):
    ...     genes = search.ask()
    ...     search.tell(genes, -((genes - 0.5) ** 2).sum(axis=1))
    >>> bool(search.best_score > -0.01)
    True
    """

    population: int = 100
    mutation_variance: float = 0.1
    elite: int = 1
    selection: str = "rank"
    max_offspring: float = 1.1
    crossover: str = "two_point"
    crossover_probability: float = 0.0
    modules: Sequence[int] | None = None
    hill_climbing: bool = False
    reevaluate: bool = False

    def __post_init__(self) -> None:
        as_count(self.population, "population", minimum=2)
        as_spread(self.mutation_variance, "mutation_variance")
        if as_count(self.elite, "elite") >= self.population:
            raise ValueError(f"`elite` must be below the population of {self.population}; got {self.elite}.")
        as_choice(self.selection, "selection", ("rank", "fitness"))
        if self.modules is not None:
            object.__setattr__(self, "modules", tuple(as_items(self.modules, "modules")))
            module_starts(self.modules, None)
        for name in ("hill_climbing", "reevaluate"):
            as_flag(getattr(self, name), name)
        as_choice(self.crossover, "crossover", ("two_point", "uniform"))
        if not 1.0 <= as_number(self.max_offspring, "max_offspring") <= 2.0:
            raise ValueError(f"`max_offspring` must be between 1 and 2; got {self.max_offspring:g}.")
        if not 0.0 <= as_number(self.crossover_probability, "crossover_probability") <= 1.0:
            raise ValueError(f"`crossover_probability` must be between 0 and 1; got {self.crossover_probability:g}.")

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes; the first of its population are the `initial` ones."""
        return _BeerGA(self, size, rng, initial)


class _BeerGA(Search):
    arrays = ("genes", "scores", "children", "parents", "origins")

    def _begin(self, genes: Floats) -> None:
        self.starts = module_starts(self.method.modules, self.size)
        self.genes, self.scores = np.empty((0, self.size)), np.empty(0)  # those that go on
        self.children = self.origins = genes
        self.parents = np.full(len(genes), -np.inf)  # scores of those that the children come from

    def _propose(self) -> Floats:
        return np.concatenate([self.genes, self.children]) if self.method.reevaluate else self.children

    def _learn(self, genes: Floats, scores: Floats) -> None:
        new = genes[-len(self.children) :], scores[-len(self.children) :]
        if self.method.reevaluate:
            self.scores = scores[: len(self.genes)]
        if self.method.hill_climbing:
            kept = new[1] >= self.parents
            new = np.where(kept[:, None], new[0], self.origins), np.where(kept, new[1], self.parents)
        self._breed(np.concatenate([self.genes, new[0]]), np.concatenate([self.scores, new[1]]))

    def _breed(self, genes: Floats, scores: Floats) -> None:
        order = np.argsort(-scores, kind="stable")
        genes, scores = genes[order], scores[order]
        elite, m = self.method.elite, self.method
        chosen = universal_sampling(self.rng, expected_offspring(scores, m), m.population - elite)
        self.rng.shuffle(chosen)
        origins = genes[chosen]
        mutated = origins + steps(self.rng, origins.shape, m.mutation_variance**0.5)
        self.children = np.minimum(np.maximum(mutated, -1.0), 1.0)
        for k in (self.rng.random(len(chosen)) < m.crossover_probability).nonzero()[0]:
            other = origins[(k + 1) % len(chosen)]
            self.children[k] = crossed(self.rng, origins[k], other, self.starts, m.crossover)
        self.genes, self.scores = genes[:elite], scores[:elite]
        self.parents, self.origins = scores[chosen], origins


def expected_offspring(scores: Floats, method: BeerGA) -> Floats:
    """Return how many offspring each expects, with the mean 1, of scores that fall."""
    count, most = len(scores), method.max_offspring
    if method.selection == "rank":
        return most - 2.0 * (most - 1.0) * np.arange(count) / (count - 1)
    values = np.maximum(scores, 0.0)
    mean, best, worst = values.mean(), values.max(), values.min()
    if best <= mean:
        return np.ones(count)
    slope = min((most - 1.0) * mean / (best - mean), mean / max(mean - worst, 1e-300))
    scaled = np.maximum(mean + slope * (values - mean), 0.0)
    return scaled * count / scaled.sum()


def universal_sampling(rng: np.random.Generator, expected: Floats, count: int) -> np.ndarray:
    """Return the numbers of `count` parents by Baker's stochastic universal sampling: equally spaced pointers, one draw."""
    wheel = np.cumsum(expected) * (count / expected.sum())
    return np.minimum(np.searchsorted(wheel, rng.random() + np.arange(count), side="right"), len(expected) - 1)
