"""Random search, the baseline that every comparison must include."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_count
from neuroevolution.search.method import Search


@dataclass(frozen=True)
class RandomSearch:
    """Uniform genes, again and again.

    Parameters
    ----------
    population : int
        How many at a time.

    Examples
    --------
    >>> from neuroevolution import RandomSearch
    >>> RandomSearch(population=5).start(3, rng=1).ask().shape
    (5, 3)
    """

    population: int = 100

    def __post_init__(self) -> None:
        as_count(self.population, "population", minimum=1)

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes; the first to be asked for are the `initial` ones."""
        return _RandomSearch(self, size, rng, initial)


class _RandomSearch(Search):
    arrays = ("asked",)

    def _begin(self, genes: Floats) -> None:
        self.asked = genes

    def _propose(self) -> Floats:
        return self.asked

    def _learn(self, genes: Floats, scores: Floats) -> None:
        self.asked = self.rng.uniform(-1.0, 1.0, self.asked.shape)
