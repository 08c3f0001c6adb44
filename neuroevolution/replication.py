"""Evolution again and again, with other seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Interrupted
from neurodynamics.validation import Floats, as_count, as_generator, as_number

MOST = 10_000  # runs, which are all kept


@dataclass(frozen=True, eq=False, repr=False)
class Replicates(Record):
    """Runs that differ in nothing but their seeds.

    Attributes
    ----------
    runs : tuple of Run
    """

    runs: tuple[Any, ...]

    plot = drawn("plot_replicates", "Draw the best scores over the generations")

    @property
    def scores(self) -> Floats:
        """The best score of each, -inf where no network has one."""
        return np.array([run.best.score for run in self.runs])

    @property
    def best(self) -> Any:
        """The best individual of all."""
        return max((run.best for run in self.runs), key=lambda each: each.score)

    def median(self, *, confidence: float = 0.95, rng: np.random.Generator | int | None = 0) -> tuple[float, float, float]:
        """Return the median of the best scores with its bootstrap interval (percentiles): median, low, high."""
        level, scores = _level(confidence), self.scores
        resampled = as_generator(rng).choice(scores, (9999, len(scores)))
        ends = [0.5 - 0.5 * level, 0.5 + 0.5 * level]
        low, high = np.quantile(np.median(resampled, axis=1), ends, method="inverted_cdf")  # scores may be -inf
        return float(np.median(scores)), float(low), float(high)

    def reached(self, score: float, *, confidence: float = 0.95) -> tuple[float, float, float]:
        """Return the share of the runs whose best score is at least so much, with Wilson's interval: share, low, high."""
        from scipy.stats import binomtest  # late: half a second of imports

        count = int((self.scores >= as_number(score, "score")).sum())
        interval = binomtest(count, len(self.runs)).proportion_ci(_level(confidence), method="wilson")
        return count / len(self.runs), float(interval.low), float(interval.high)

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.runs)

    def __repr__(self) -> str:
        return f"Replicates({self.summary()})"

    def summary(self) -> str:
        """Return the median with its interval in words, and how many runs have no score."""
        if not len(self):
            return "n = 0"
        median, low, high = self.median()
        without = int(np.isneginf(self.scores).sum())
        missing = f", {without} of them without a score" if without else ""
        return f"median best {median:.4g} [{low:.4g}, {high:.4g}], n = {len(self)}{missing}"


def _level(confidence: float) -> float:
    level = as_number(confidence, "confidence")
    if not 0.0 < level < 1.0:
        raise ValueError(f"`confidence` must lie between 0 and 1; got {level:g}.")
    return level


def replicates(evolution: Callable[..., Any], count: int, rng: np.random.Generator | int | None = None) -> Replicates:
    """Return runs ``evolution(rng=seed)`` of `count` seeds.

    Ctrl-C leaves those that are complete, as ``.result``.

    Parameters
    ----------
    evolution : callable
        ``evolution(rng=seed)`` returns a `Run`; a run's own is ``run.replicates(count)``.
    count : int
    rng : optional
        The generator that the seeds are drawn from.

    Examples
    --------
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import RandomSearch, evolve, replicates
    >>> genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    >>> def search(rng):
    ...     return evolve(genotype, lambda genes: genes[:, 0], RandomSearch(4), generations=3, rng=rng)
    >>> len(replicates(search, 5, rng=1))
    5
    """
    if not callable(evolution):
        raise TypeError(f"`evolution` must be a function of `rng` that returns a Run; got {type(evolution).__name__}.")
    if as_count(count, "count", minimum=1) > MOST:
        raise ValueError(f"`count` must be at most {MOST:,}; got {count}.")
    seeds = as_generator(rng).integers(0, 2**63, count)
    runs: list[Any] = []
    for seed in seeds.tolist():
        try:
            run = evolution(rng=seed)
        except KeyboardInterrupt:
            raise Interrupted(Replicates(tuple(runs))) from None
        if not hasattr(run, "best") or not hasattr(run, "history"):
            raise TypeError(f"`evolution` must return a Run; got {type(run).__name__}.")
        runs.append(run)
    return Replicates(tuple(runs))
