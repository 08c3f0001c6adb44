"""Particle swarms with Clerc and Kennedy's constriction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_count
from neuroevolution.search.method import Search
from neuroevolution.search.variation import as_spread


@dataclass(frozen=True)
class ParticleSwarm:
    """Particles drawn to the best that they, and all, have seen; walls at -1 and 1 stop them.

    Parameters
    ----------
    population : int
    attraction : float
        Sum of the accelerations towards both, above 4.

    References
    ----------
    .. [1] Clerc & Kennedy (2002), IEEE Trans. Evol. Comput. 6, 58.

    Examples
    --------
    >>> from neuroevolution import ParticleSwarm
    >>> round(ParticleSwarm().constriction, 4)
    0.7298
    """

    population: int = 40
    attraction: float = 4.1

    def __post_init__(self) -> None:
        as_count(self.population, "population", minimum=1)
        if as_spread(self.attraction, "attraction") <= 4.0:
            raise ValueError(f"`attraction` must be above 4; got {self.attraction:g}.")

    @property
    def constriction(self) -> float:
        """Factor of the velocities, ``2 / |2 - a - sqrt(a^2 - 4 a)|``."""
        a = self.attraction
        return 2.0 / abs(2.0 - a - (a * a - 4.0 * a) ** 0.5)

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes; the first particles begin at the `initial` ones."""
        return _ParticleSwarm(self, size, rng, initial)


class _ParticleSwarm(Search):
    arrays = ("genes", "velocities", "own", "own_scores")

    def _begin(self, genes: Floats) -> None:
        self.genes = self.own = genes
        self.velocities, self.own_scores = np.zeros_like(genes), np.full(len(genes), -np.inf)

    def _propose(self) -> Floats:
        return self.genes

    def _learn(self, genes: Floats, scores: Floats) -> None:
        better = scores > self.own_scores
        self.own = np.where(better[:, None], genes, self.own)
        self.own_scores = np.where(better, scores, self.own_scores)
        pull = 0.5 * self.method.attraction * self.rng.random((2, *genes.shape))
        leader = self.own[np.argmax(self.own_scores)]
        v = self.method.constriction * (self.velocities + pull[0] * (self.own - genes) + pull[1] * (leader - genes))
        self.genes = np.clip(genes + v, -1.0, 1.0)
        self.velocities = np.where(np.abs(genes + v) > 1.0, 0.0, v)
