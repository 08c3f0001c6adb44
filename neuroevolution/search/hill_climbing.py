"""Hill climbing and simulated annealing: single points that move by small steps, many side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_count, as_number
from neuroevolution.search.method import Search
from neuroevolution.search.variation import as_spread, steps


@dataclass(frozen=True)
class HillClimbing:
    """Climbers that keep a step where it is no worse, and start anew after ``patience`` steps without a gain.

    Examples
    --------
    >>> from neuroevolution import HillClimbing
    >>> HillClimbing(population=4).start(3, rng=1).ask().shape
    (4, 3)
    """

    population: int = 20
    step: float = 0.1
    patience: int = 50

    def __post_init__(self) -> None:
        as_count(self.population, "population", minimum=1)
        as_spread(self.step, "step", positive=True)
        as_count(self.patience, "patience", minimum=1)

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes; the first climbers begin at the `initial` ones."""
        return _HillClimbing(self, size, rng, initial)


class _HillClimbing(Search):
    arrays = ("genes", "scores", "waited", "asked")

    def _begin(self, genes: Floats) -> None:
        self.genes = self.asked = genes
        self.scores, self.waited = np.full(len(genes), -np.inf), np.zeros(len(genes), int)

    def _propose(self) -> Floats:
        return self.asked

    def _learn(self, genes: Floats, scores: Floats) -> None:
        self.waited = np.where(scores > self.scores, 0, self.waited + 1)
        kept = scores >= self.scores
        self.genes, self.scores = np.where(kept[:, None], genes, self.genes), np.where(kept, scores, self.scores)
        moved = np.clip(self.genes + steps(self.rng, genes.shape, self.method.step), -1.0, 1.0)
        anew = self.waited >= self.method.patience
        self.asked = np.where(anew[:, None], self.rng.uniform(-1.0, 1.0, genes.shape), moved)
        self.scores, self.waited = np.where(anew, -np.inf, self.scores), np.where(anew, 0, self.waited)


@dataclass(frozen=True)
class SimulatedAnnealing:
    """Metropolis chains whose temperature falls by the factor ``cooling`` with each step, down to ``coldest``.

    A step that worsens the score by d is taken with the probability ``exp(-d / temperature)``. Steps are reflected at -1
    and 1, so that at a constant temperature the chains visit genes in proportion to ``exp(score / temperature)``.

    Examples
    --------
    >>> from neuroevolution import SimulatedAnnealing
    >>> SimulatedAnnealing(population=4).start(3, rng=1).ask().shape
    (4, 3)
    """

    population: int = 20
    step: float = 0.3
    temperature: float = 1.0
    cooling: float = 0.99
    coldest: float = 1e-6

    def __post_init__(self) -> None:
        as_count(self.population, "population", minimum=1)
        as_spread(self.step, "step", positive=True)
        for name in ("temperature", "cooling", "coldest"):
            as_number(getattr(self, name), name, positive=True)
        for name, most in (("cooling", 1.0), ("coldest", self.temperature)):
            if getattr(self, name) > most:
                raise ValueError(f"`{name}` must be at most {most:g}; got {getattr(self, name):g}.")

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes; the first chains begin at the `initial` ones."""
        return _SimulatedAnnealing(self, size, rng, initial)


class _SimulatedAnnealing(Search):
    arrays = ("genes", "scores", "temperature", "asked")

    def _begin(self, genes: Floats) -> None:
        self.genes = self.asked = genes
        self.scores, self.temperature = np.full(len(genes), -np.inf), self.method.temperature

    def _propose(self) -> Floats:
        return self.asked

    def _learn(self, genes: Floats, scores: Floats) -> None:
        kept = self.rng.random(len(genes)) < acceptance(self.scores, scores, self.temperature)
        self.genes, self.scores = np.where(kept[:, None], genes, self.genes), np.where(kept, scores, self.scores)
        self.asked = reflected(self.genes + steps(self.rng, genes.shape, self.method.step))
        self.temperature = max(self.temperature * self.method.cooling, self.method.coldest)


def acceptance(old: Floats, new: Floats, temperature: float) -> Floats:
    """Return Metropolis's probability of a step, 1 where it is no worse."""
    worse = new < old
    loss = np.subtract(old, new, where=worse, out=np.zeros(len(new)))
    return np.exp(-loss / temperature)


def reflected(genes: Floats) -> Floats:
    """Return genes in [-1, 1], those outside mirrored at the walls."""
    return np.abs((genes - 1.0) % 4.0 - 2.0) - 1.0
