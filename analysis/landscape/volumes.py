"""Volumes of basins of minima: shares of random states, with binomial intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.landscape.additive import Additive
from analysis.landscape.stationary import Model
from neurodynamics.compiling import each
from neurodynamics.validation import Floats

CONFIDENT = 1.959963984540054  # standard deviations: 95 %
AROUND = 0.5  # of the spread of the points: how far beyond them states are drawn
ELEMENTS = 5e5  # of all the states of a sample
SAMPLES = (64, 1000)


@dataclass(frozen=True, eq=False)
class Volumes:
    """Shares of the states that go to each minimum.

    Attributes
    ----------
    samples : int
    counts : array of int, shape (M,)
        Samples that went to each.
    undecided : int
        Samples that went to none of them.
    share, low, high : array, shape (M,)
        Estimate, and the ends of Wilson's interval of 95 %.
    measure : str
        How states were drawn.
    """

    samples: int
    counts: np.ndarray
    measure: str

    @property
    def undecided(self) -> int:
        """Samples that went to none of the minima."""
        return self.samples - int(self.counts.sum())

    @property
    def share(self) -> Floats:
        """Share of each; NaN without samples."""
        return self.counts / self.samples if self.samples else np.full(len(self.counts), np.nan)

    @property
    def _interval(self) -> tuple[Floats, Floats]:
        """Wilson (1927), J. Am. Stat. Assoc. 22, 209."""
        n, k, z = self.samples, self.counts, CONFIDENT
        if not n:
            return np.zeros(len(k)), np.ones(len(k))
        centre = (k + z * z / 2) / (n + z * z)
        half = z * np.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
        return np.where(k == 0, 0.0, centre - half), np.where(k == n, 1.0, centre + half)

    @property
    def low(self) -> Floats:
        """Lower ends of the intervals of 95 %."""
        return self._interval[0]

    @property
    def high(self) -> Floats:
        """Upper ends of the intervals of 95 %."""
        return self._interval[1]


def default_samples(n: int) -> int:
    """Return how many states of n numbers are drawn when nobody says."""
    return int(np.clip(ELEMENTS / max(n, 1), *SAMPLES))


def draw(model: Model, points: Floats, box: Floats | None, count: int, rng: np.random.Generator) -> tuple[Floats, str]:
    """Return states (count, N) of all neurons, and how they were drawn."""
    n = model.system.state_dim
    if box is not None:
        return rng.uniform(box[:, 0], box[:, 1], (count, n)), "states drawn uniformly from `box`"
    network: Any = model.system
    bounded = isinstance(model, Additive) and np.isfinite(network.activation.range).all()
    if bounded and network.activation.inverse is not None:
        low, high = network.activation.range
        inside = rng.uniform(low, high, (count, n))
        x = each(network.activation.inverse, np.clip(inside, np.nextafter(low, high), np.nextafter(high, low)))
        return x / network.gains - network.biases, "outputs drawn uniformly from their range"
    full = model.expand(points) if len(points) else np.zeros((1, n))
    reach = AROUND * np.maximum(np.ptp(full, axis=0).max(initial=0.0), 1.0)
    states = rng.uniform(full.min(axis=0) - reach, full.max(axis=0) + reach, (count, n))
    return states, f"states drawn uniformly from a box {reach:.3g} wider on each side than the stationary points"
