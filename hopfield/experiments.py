"""Measurements on associative memories: recall against the cue, and capacity against the load, with their errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import patterns as make
from hopfield.discrete import DiscreteHopfield
from hopfield.measures import wilson
from neurodynamics.pictures import drawn
from neurodynamics.validation import Floats, as_count, as_floats, as_number


@dataclass(frozen=True, eq=False)
class RecallCurve:
    """Recall against the overlap of the cue with its pattern.

    Attributes
    ----------
    initial : ndarray, shape (T,)
        Overlaps that cues start with.
    final : ndarray, shape (T,)
        Mean overlap at the end.
    final_error : ndarray, shape (T,)
        Its standard error.
    recalled : ndarray, shape (T,)
        Share of cues that end with at least ``threshold``.
    low, high : ndarray, shape (T,)
        Wilson's 95 % interval of that share.
    trials : int
        Cues at each overlap.
    threshold : float
    """

    initial: Floats
    final: Floats
    final_error: Floats
    recalled: Floats
    low: Floats
    high: Floats
    trials: int
    threshold: float

    plot = drawn("plot_recall_curve", "Plot the curve with its intervals")


@dataclass(frozen=True, eq=False)
class CapacityCurve:
    """Retrieval against the load, started on the patterns.

    Attributes
    ----------
    loads : ndarray, shape (T,)
        p / N as it was.
    overlaps : ndarray, shape (T,)
        Mean overlap with the pattern at the end.
    overlap_errors : ndarray, shape (T,)
        Its standard error, from network to network.
    retrieved : ndarray, shape (T,)
        Share of patterns that keep at least ``threshold``.
    stable : ndarray, shape (T,)
        Share of patterns of which no unit changes.
    low, high : ndarray, shape (T,)
        Wilson's 95 % interval of ``retrieved``; probes of one network are not quite independent.
    trials : ndarray of int, shape (T,)
        Patterns tried at each load.
    size : int
        N.
    threshold : float
    """

    loads: Floats
    overlaps: Floats
    overlap_errors: Floats
    retrieved: Floats
    stable: Floats
    low: Floats
    high: Floats
    trials: NDArray[np.int64]
    size: int
    threshold: float

    plot = drawn("plot_capacity", "Plot the measurement, with the theory beside it")


def recall_curve(
    network: DiscreteHopfield,
    initial: ArrayLike,
    *,
    trials: int = 100,
    threshold: float = 0.95,
    rng: Any = None,
    **options: Any,
) -> RecallCurve:
    """Return how well a network recalls its patterns from cues of given overlaps.

    Parameters
    ----------
    network : DiscreteHopfield
        One that knows its patterns.
    initial : array_like, shape (T,)
        Overlaps of the cues, between 0 and 1: a cue is a pattern with round(N (1 - overlap) / 2) units flipped.
    trials : int
        Cues at each overlap, of patterns in turn.
    threshold : float
        The overlap that counts as recalled.
    rng : Generator, int or None
    **options
        Go to ``network.recall``.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> net = DiscreteHopfield.from_patterns(patterns.random(5, 200, rng=0))
    >>> recall_curve(net, [0.2, 0.8], trials=20, rng=1).recalled[1]
    np.float64(1.0)
    """
    rng = np.random.default_rng(rng)
    if network.patterns is None:
        raise ValueError("`network` must know its patterns; build it with from_patterns or pass `patterns`.")
    grid = np.atleast_1d(as_floats(initial, "initial"))
    count = as_count(trials, "trials", minimum=1)
    limit = as_number(threshold, "threshold")
    which = np.arange(count) % len(network.patterns)
    ends = []
    for start in grid:
        cues = make.flip(network.patterns[which], (1 - start) / 2, values=network.values, rng=rng)
        found = network.recall(cues, rng=rng, **options).states
        ends.append(network.overlaps(found)[np.arange(count), which])
    final = np.array(ends)
    successes = (final >= limit).sum(axis=1)
    low, high = wilson(successes, count)
    error = final.std(axis=1, ddof=1 if count > 1 else 0) / np.sqrt(count)
    return RecallCurve(grid, final.mean(axis=1), error, successes / count, low, high, count, limit)


def capacity_curve(
    rule: str | Callable[..., Any],
    size: int,
    loads: ArrayLike,
    *,
    networks: int = 5,
    probes: int = 50,
    threshold: float = 0.9,
    rng: Any = None,
    rule_options: dict[str, Any] | None = None,
    **options: Any,
) -> CapacityCurve:
    """Return what networks of random patterns retrieve at several loads, started on the patterns.

    Parameters
    ----------
    rule : str or callable
        A learning rule.
    size : int
        N.
    loads : array_like, shape (T,)
        p / N; p is rounded, and at least 1.
    networks : int
        Networks at each load, each with patterns of its own.
    probes : int
        Patterns tried in each network, all if there are no more.
    threshold : float
        The overlap that counts as retrieved.
    rng : Generator, int or None
    rule_options : dict, optional
        Go to the rule.
    **options
        Go to ``DiscreteHopfield.recall``.

    Examples
    --------
    >>> curve = capacity_curve("hebbian", 200, [0.02, 0.4], networks=2, probes=10, rng=0)
    >>> curve.loads
    array([0.02, 0.4 ])
    >>> bool(curve.retrieved[0] > 0.9 > 0.5 > curve.retrieved[1])
    True
    """
    rng = np.random.default_rng(rng)
    n = as_count(size, "size", minimum=2)
    limit = as_number(threshold, "threshold")
    counts = np.maximum(1, np.rint(np.atleast_1d(as_floats(loads, "loads")) * n).astype(int))
    rows = []
    for p in counts:
        ends = [
            _retrieve(rule, p, n, probes, rng, rule_options or {}, options)
            for _ in range(as_count(networks, "networks", minimum=1))
        ]
        rows.append(_summary(np.array(ends), limit))
    means, errors, retrieved, stable, trials = (np.array(column) for column in zip(*rows, strict=True))
    low, high = wilson(retrieved, trials)
    return CapacityCurve(
        counts / n, means, errors, retrieved / trials, stable / trials, low, high, trials.astype(np.int64), n, limit
    )


def _retrieve(rule: Any, p: int, n: int, probes: int, rng: Any, rule_options: dict, options: dict) -> Floats:
    """The final overlaps of some patterns of one network with themselves."""
    stored = make.random(p, n, rng=rng)
    tried = stored[: min(p, probes)]
    ends = DiscreteHopfield.from_patterns(stored, rule, **rule_options).recall(tried, rng=rng, **options).states
    return np.einsum("ki,ki->k", ends, tried, dtype=float) / n


def _summary(ends: Floats, limit: float) -> tuple[float, float, int, int, int]:
    """Mean, its standard error from network to network, and the numbers retrieved, stable and tried."""
    of_networks = ends.mean(axis=1)
    error = of_networks.std(ddof=1) / np.sqrt(len(ends)) if len(ends) > 1 else np.nan
    return ends.mean(), error, int((ends >= limit).sum()), int((ends == 1).sum()), ends.size
