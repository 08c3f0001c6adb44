"""Harvey's microbial genetic algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_count, as_number
from neuroevolution.search.method import Search
from neuroevolution.search.variation import as_spread, steps


@dataclass(frozen=True)
class MicrobialGA:
    """Tournaments of neighbours on a ring: the loser takes over genes of the winner and mutates; the winner stays.

    Harvey's tournaments follow one another; here as many are held at once as the population has pairs, each member meeting a
    neighbour at a distance of at most ``deme``, so that they can be scored together.

    Parameters
    ----------
    population : int
        An even number.
    mutation_variance, infection : float
        Variance of the length of a mutation; probability that a gene of the winner is taken over.
    deme : int, optional
        Largest distance on the ring between opponents; by default anybody meets anybody.

    References
    ----------
    .. [1] Harvey (2011), The microbial genetic algorithm, ECAL 2009, LNCS 5778, 126.

    Examples
    --------
    >>> from neuroevolution import MicrobialGA
    >>> search = MicrobialGA(population=10).start(2, rng=1)
    >>> genes = search.ask()
    >>> search.tell(genes, genes.sum(axis=1))
    >>> search.ask().shape  # one child for each tournament
    (5, 2)
    """

    population: int = 100
    mutation_variance: float = 0.1
    infection: float = 0.5
    deme: int | None = None

    def __post_init__(self) -> None:
        if as_count(self.population, "population", minimum=2) % 2:
            raise ValueError(f"`population` must be even, for tournaments of two; got {self.population}.")
        as_spread(self.mutation_variance, "mutation_variance")
        if not 0.0 <= as_number(self.infection, "infection") <= 1.0:
            raise ValueError(f"`infection` must be between 0 and 1; got {self.infection:g}.")
        if self.deme is not None:
            as_count(self.deme, "deme", minimum=1)

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes; the first of its population are the `initial` ones."""
        return _MicrobialGA(self, size, rng, initial)


class _MicrobialGA(Search):
    arrays = ("genes", "scores", "losers", "children")

    def _begin(self, genes: Floats) -> None:
        self.genes, self.scores = genes, np.full(len(genes), -np.inf)
        self.losers, self.children = np.arange(len(genes)), genes

    def _propose(self) -> Floats:
        return self.children

    def _learn(self, genes: Floats, scores: Floats) -> None:
        self.genes, self.scores = self.genes.copy(), self.scores.copy()
        self.genes[self.losers], self.scores[self.losers] = genes, scores
        first, second = self._pairs()
        won = self.scores[first] >= self.scores[second]
        winners, self.losers = np.where(won, first, second), np.where(won, second, first)
        taken = self.rng.random((len(winners), self.size)) < self.method.infection
        mixed = np.where(taken, self.genes[winners], self.genes[self.losers])
        self.children = np.clip(mixed + steps(self.rng, mixed.shape, self.method.mutation_variance**0.5), -1.0, 1.0)

    def _pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return who meets whom: everybody once, at a distance of at most the deme."""
        count, deme = self.method.population, self.method.deme
        if deme is None or deme >= count // 2:
            drawn = self.rng.permutation(count)
            return drawn[: count // 2], drawn[count // 2 :]
        free, pairs = np.ones(count, bool), []
        turn = (np.arange(count) + self.rng.integers(count)) % count
        for k, one in enumerate(turn):
            if free[one]:
                near = [other for other in turn[k + 1 : k + 1 + deme] if free[other]]
                if near:
                    other = near[self.rng.integers(len(near))]
                    free[[one, other]] = False
                    pairs.append((one, other))
        first, second = np.array(pairs).T
        return first, second
