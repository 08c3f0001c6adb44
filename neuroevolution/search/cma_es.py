"""Covariance matrix adaptation, by the package `cma`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.extras import extra_package
from neurodynamics.validation import Floats, as_count, require_room
from neuroevolution.search.method import Search, check_genes, check_scores
from neuroevolution.search.variation import as_spread

FEWEST = 2  # dimensions that the package works in


@dataclass(frozen=True)
class CMAES:
    """Evolution strategy that learns the covariance of successful steps; starts anew where it has converged.

    Needs the package cma: ``pip install "neural-attractors[cma]"``. It knows no single dimension: one gene is searched
    together with a coordinate that counts for nothing.

    Parameters
    ----------
    sigma : float
        Standard deviation of the first steps.
    population : int, optional
        ``4 + floor(3 ln n)`` for n genes.

    References
    ----------
    .. [1] Hansen & Ostermeier (2001), Evol. Comput. 9, 159. Igel (2003), Proc. CEC, 2588: poles.

    Examples
    --------
    >>> from neuroevolution import CMAES
    >>> search = CMAES(population=8).start(3, rng=1)
    >>> for _ in range(100):
    ...     genes = search.ask()
    ...     search.tell(genes, -((genes - 0.5) ** 2).sum(axis=1))
    >>> search.best_score > -1e-8
    True
    """

    sigma: float = 0.3
    population: int | None = None

    def __post_init__(self) -> None:
        as_spread(self.sigma, "sigma", positive=True)
        if self.population is not None:
            as_count(self.population, "population", minimum=2)

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes, whose mean begins at the first of the `initial` ones."""
        _strategies()
        genes = as_count(size, "size", minimum=1)
        require_room(genes**2, "size")
        count = self.population or 4 + int(3 * np.log(genes))
        return _CMAES(replace(self, population=count), size, rng, initial)


class _CMAES(Search):
    """Its memory are the scores that it was told: the strategy is made again from them, with the same random numbers."""

    arrays = ("origin", "told", "seed")

    def _begin(self, genes: Floats) -> None:
        self.origin, self.seed = genes[0], json.dumps(self.rng.bit_generator.state)
        self.told = np.empty((0, len(genes)))
        self._strategy(self.origin)

    def _strategy(self, mean: Floats) -> None:
        mean = np.append(mean, np.zeros(max(FEWEST - self.size, 0)))
        options = {"bounds": [-1.0, 1.0], "popsize": self.method.population, "verbose": -9, "seed": np.nan,
                   "randn": lambda *shape: self.rng.standard_normal(shape)}  # fmt: skip
        self.strategy = _strategies()(mean, self.method.sigma, options)
        self.asked = self._sample()

    def _sample(self) -> Floats:
        return np.clip(np.array(self.strategy.ask()), -1.0, 1.0)

    def _propose(self) -> Floats:
        return self.asked[:, : self.size]

    def _learn(self, genes: Floats, scores: Floats) -> None:
        self.told = np.vstack([self.told, scores])
        self._adapt(scores)

    def _adapt(self, scores: Floats) -> None:
        failed = np.isneginf(scores)
        worst = np.min(scores, initial=np.inf, where=~failed)
        costs = -np.where(failed, worst - 1.0 if np.isfinite(worst) else 0.0, scores)
        self.strategy.tell(list(self.asked), list(costs))
        if self.strategy.stop():
            self._strategy(self.rng.uniform(-1.0, 1.0, self.size))
        else:
            self.asked = self._sample()

    def _rehearse(self) -> None:
        """Make the strategy again that was told these scores."""
        self.rng.bit_generator.state = json.loads(self.seed)
        self._strategy(check_genes(self.origin, self.size, "origin"))
        for scores in self.told:
            self._adapt(check_scores(scores, len(self.asked)))


def _strategies() -> Any:
    return extra_package("cma", "cma", "CMAES needs the package cma").CMAEvolutionStrategy
