"""MAP-Elites: the best of every kind, by the package `ribs`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.extras import extra_package
from neurodynamics.validation import Floats, as_count, as_floats, require_room
from neuroevolution.search.method import Search, check_genes, check_scores
from neuroevolution.search.variation import as_spread


@dataclass(frozen=True)
class MAPElites:
    """Fill a grid over measures of behaviour with the best genes of each cell; children are elites and Gaussian steps.

    Needs the package ribs: ``pip install "neural-attractors[ribs]"``. It is told rows (score, measures): of a `Task` with
    ``score_dim = 1 + m`` the first score and the m others; a function of genes returns them, (B, 1 + m). Who has a measure
    that is not finite has failed.

    Parameters
    ----------
    bounds : sequence of (float, float), length m
        Of the measures; what lies outside counts to the cell at the edge.
    bins : int or sequence of int
        Cells along each measure.
    population : int
        Children of a generation.
    step : float
        Standard deviation of the steps, of each gene.

    References
    ----------
    .. [1] Mouret & Clune (2015), Illuminating search spaces by mapping elites, arXiv:1504.04909.

    Examples
    --------
    >>> from neuroevolution import MAPElites
    >>> method = MAPElites(bounds=[(0, 1), (-5, 5)], bins=10)  # a hundred cells; run.state["elites"] are their elites
    >>> method.measures, method.bins
    (2, (10, 10))
    """

    bounds: Sequence[tuple[float, float]]
    bins: int | Sequence[int] = 20
    population: int = 100
    step: float = 0.1

    def __post_init__(self) -> None:
        limits = as_floats(self.bounds, "bounds")
        if limits.ndim != 2 or limits.shape[1] != 2 or not len(limits) or not (limits[:, 0] < limits[:, 1]).all():
            raise ValueError(f"`bounds` must be pairs (low, high), one a measure; got {self.bounds!r}.")
        given = self.bins if isinstance(self.bins, (list, tuple, np.ndarray)) else [self.bins] * len(limits)
        counts = tuple(int(as_count(each, "bins", minimum=1)) for each in given)
        if len(counts) != len(limits):
            raise ValueError(f"`bins` must be a number or one for each of the {len(limits)} measures; got {len(counts)}.")
        require_room(math.prod(min(each, 2**62) for each in counts), "bins")
        as_count(self.population, "population", minimum=1)
        as_spread(self.step, "step", positive=True)
        object.__setattr__(self, "bounds", tuple((float(low), float(high)) for low, high in limits))
        object.__setattr__(self, "bins", counts)

    @property
    def measures(self) -> int:
        """How many there are."""
        return len(self.bounds)

    def start(self, size: int, *, rng: Any = None, initial: ArrayLike | None = None) -> Search:
        """Return a search over n = `size` genes; the first to be asked for are the `initial` ones."""
        _grid()
        return _MAPElites(self, size, rng, initial)


class _MAPElites(Search):
    """Its memory are the elites: rows of genes, score and measures, in the order of their cells."""

    arrays = ("asked", "elites")

    def _begin(self, genes: Floats) -> None:
        m, n = self.method, self.size
        self.asked, self.elites = genes, np.empty((0, n + 1 + m.measures))
        self._told = np.empty((0, m.measures))
        self._archive = _grid()(solution_dim=n, dims=m.bins, ranges=m.bounds, dtype=np.float64)

    def tell(self, genes: ArrayLike, scores: ArrayLike) -> None:
        """Take rows (score, measures) of the genes that were asked for, (B, 1 + m)."""
        count = len(check_genes(genes, self.size))
        table = check_scores(scores, count, self.method.measures)
        self._told = table[:, 1:]
        super().tell(genes, table[:, 0])

    def _propose(self) -> Floats:
        return self.asked

    def _learn(self, genes: Floats, scores: Floats) -> None:
        self._keep(np.column_stack([genes, scores, self._told]))
        parents = self.asked
        if len(self.elites):
            parents = self.elites[self.rng.integers(len(self.elites), size=len(self.asked)), : self.size]
        self.asked = np.clip(parents + self.method.step * self.rng.standard_normal(self.asked.shape), -1.0, 1.0)

    def _keep(self, rows: Floats) -> None:
        """Put what did not fail into the grid."""
        good, n = rows[np.isfinite(rows).all(axis=1)], self.size
        if len(good):
            self._archive.add(good[:, :n], good[:, n], good[:, n + 1 :])
        found = self._archive.data()
        rows = np.column_stack([found["solution"], found["objective"], found["measures"]])
        self.elites = rows[np.argsort(found["index"], kind="stable")]

    def _rehearse(self) -> None:
        """Fill the grid again."""
        elites = self.elites
        check_genes(self.asked, self.size, "asked")
        self._begin(self.asked)
        self._keep(elites)
        if not np.array_equal(self.elites, elites):
            raise ValueError("`elites` are not those of a grid with these bounds and bins.")


def _grid() -> Any:
    return extra_package("ribs.archives", "ribs", "MAPElites needs the package ribs").GridArchive
