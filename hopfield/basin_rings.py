"""Basins of attraction by rings: cues of a given overlap with a pattern, and whether the pattern comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield import patterns as make
from hopfield.checks import require_room
from hopfield.discrete import DiscreteHopfield
from hopfield.experiments import points_in_time, was_stopped
from hopfield.measures import wilson
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Interrupted
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_instance, as_number
from neurodynamics.watched import as_timeout

RINGS = 20
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class BasinRadii(Record):
    """How far away from patterns recall still leads to them.

    Attributes
    ----------
    rings : ndarray, shape (R,)
        Overlaps of cues with their pattern, in descending order.
    recalled : ndarray, shape (R, p)
        Share of the cues on each ring from which each pattern came back.
    radii : ndarray, shape (p,)
        ``1 - m``, m the overlap of the last ring, from the pattern outwards, of which, as of all before it, at least half of
        the cues came back; 0 where not even the first ring's did. 1 is as far away as unrelated states are.
    mean, error : float
        Over the patterns, with the standard error.
    low, high : ndarray, shape (R,)
        Wilson's 95 % interval of the share over all patterns; cues of one pattern are not quite independent.
    trials : int
        Cues on each ring of each pattern.
    threshold : float
        The overlap that counts as recalled.
    """

    rings: Floats
    recalled: Floats
    radii: Floats
    mean: float
    error: float
    low: Floats
    high: Floats
    trials: int
    threshold: float

    plot = drawn("plot_basin_radii", "Plot the shares ring by ring")


def basin_radii(
    network: DiscreteHopfield,
    rings: ArrayLike | None = None,
    *,
    patterns: int | None = None,
    trials: int = 10,
    threshold: float = 1.0,
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
    **options: Any,
) -> BasinRadii:
    """Return how far from its patterns a network still recalls them, by cues on rings around each.

    Parameters
    ----------
    network : DiscreteHopfield
        One that knows its patterns.
    rings : array_like, shape (R,), optional
        Overlaps of the cues, between 0 and 1; by default that of one wrong unit and 20 more down to 0.
    patterns : int, optional
        How many of the patterns; by default all.
    trials : int
        Cues on each ring of each pattern.
    threshold : float
        The overlap that counts as recalled; below 1 where patterns are kept with a few wrong units, as Hebb's rule does.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; the rings that were finished until then are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with these rings as ``result``, or returns them.
    **options
        Go to ``network.recall``.

    References
    ----------
    .. [1] Kanter & Sompolinsky (1987), Phys. Rev. A 35, 380.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> net = DiscreteHopfield.from_patterns(patterns.random(3, 100, rng=0), "pseudo_inverse", diagonal=False)
    >>> basin_radii(net, [0.9, 0.5], rng=1).radii
    array([0.5, 0.5, 0.5])
    """
    as_instance(network, "network", DiscreteHopfield)
    if network.patterns is None:
        raise ValueError("`network` must know its patterns; build it with from_patterns or pass `patterns`.")
    n, known = network.size, len(network.patterns)
    grid = _as_rings(np.linspace(1 - 2 / n, 0.0, RINGS + 1) if rings is None else rings)
    count = known if patterns is None else min(as_count(patterns, "patterns", minimum=1), known)
    each, limit = as_count(trials, "trials", minimum=1), as_number(threshold, "threshold")
    require_room("cues of `trials`", each, count, n)
    random, which = as_generator(rng), np.repeat(np.arange(count), each)

    def share(start: float, left: float | None) -> Floats | None:
        assert network.patterns is not None
        cues = make.flip(network.patterns[which], (1 - start) / 2, values=network.values, rng=random)
        found = network.recall(cues, rng=random, timeout=left, **options)
        if was_stopped(found):
            return None
        ends = network.overlaps(found.states)[np.arange(len(which)), which]
        return (ends >= limit - ROUNDING).reshape(count, each).mean(axis=1)

    shares, interrupted = points_in_time(share, grid, as_timeout(timeout), on_interrupt)
    result = _summary(grid[: len(shares)], np.array(shares).reshape(len(shares), count), each, limit)
    if interrupted:
        raise Interrupted(result)
    return result


def _as_rings(rings: ArrayLike) -> Floats:
    grid = np.atleast_1d(as_floats(rings, "rings"))
    if grid.ndim != 1 or grid.size == 0 or grid.min() < 0 or grid.max() > 1:
        raise ValueError(f"`rings` must be overlaps between 0 and 1, of shape (R,); got {rings!r:.60}.")
    return np.sort(grid)[::-1]


def _summary(rings: Floats, recalled: Floats, trials: int, threshold: float) -> BasinRadii:
    reached = np.logical_and.accumulate(recalled >= 0.5, axis=0).sum(axis=0)  # rings, from the pattern outwards
    radii = np.where(reached > 0, 1 - rings[np.maximum(reached, 1) - 1], 0.0) if len(rings) else np.zeros(recalled.shape[1])
    count = len(radii)
    error = float(radii.std(ddof=1) / np.sqrt(count)) if count > 1 else np.nan
    low, high = wilson(np.rint(recalled.sum(axis=1) * trials), count * trials)
    return BasinRadii(rings, recalled, radii, float(radii.mean()), error, low, high, trials, threshold)
