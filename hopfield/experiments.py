"""Measurements on associative memories: recall against the cue, and capacity against the load, with their errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import patterns as make
from hopfield.capacity import critical_load, overlap
from hopfield.checks import require_room
from hopfield.discrete import DiscreteHopfield, OneLayer
from hopfield.measures import wilson
from hopfield.recall import RecallStatus
from hopfield.rules import known_rule
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Interrupted, Status
from neurodynamics.validation import Floats, as_choice, as_count, as_floats, as_generator, as_number
from neurodynamics.watched import as_timeout, stop_word, watched

THEORIES = {"hebbian": "hebb"}  # the kind of capacity.overlap that belongs to a rule
POINTS = 200  # of a theoretical curve


@dataclass(frozen=True, eq=False)
class RecallCurve(Record):
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
class CapacityCurve(Record):
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
    rule : str
        The name of the learning rule, with its options.
    temperature : float
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
    rule: str = ""
    temperature: float = 0.0

    @property
    def theory(self) -> tuple[Floats, Floats] | None:
        """Loads and mean-field overlaps to put beside the measurement; None for rules without a theory here."""
        if self.rule not in THEORIES or not len(self.loads):
            return None
        top = 1.05 * max(float(self.loads.max()), critical_load(THEORIES[self.rule], temperature=self.temperature))
        loads = np.linspace(0.0, top, POINTS)
        return loads, np.array([overlap(load, self.temperature, kind=THEORIES[self.rule]) for load in loads])

    plot = drawn("plot_capacity", "Plot the measurement, with the theory beside it")


def recall_curve(
    network: OneLayer,
    initial: ArrayLike,
    *,
    trials: int = 100,
    threshold: float = 0.95,
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
    **options: Any,
) -> RecallCurve:
    """Return how well a network recalls its patterns from cues of given overlaps.

    Parameters
    ----------
    network : DiscreteHopfield or DenseMemory
        One that knows its patterns.
    initial : array_like, shape (T,)
        Overlaps of the cues, between 0 and 1: a cue is a pattern with round(N (1 - overlap) / 2) units flipped.
    trials : int
        Cues at each overlap, of patterns in turn.
    threshold : float
        The overlap that counts as recalled.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; the points of the curve that were finished until then are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with these points as ``result``, or returns them.
    **options
        Go to ``network.recall``.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> net = DiscreteHopfield.from_patterns(patterns.random(5, 200, rng=0))
    >>> recall_curve(net, [0.2, 0.8], trials=20, rng=1).recalled[1]
    np.float64(1.0)
    """
    rng = as_generator(rng)
    if not isinstance(network, OneLayer):
        raise TypeError(
            f"`network` must be a DiscreteHopfield or a DenseMemory; got {type(network).__name__}. Other networks have "
            "`recall` and `overlaps`, from which a curve is made in three lines."
        )
    if network.patterns is None:
        raise ValueError("`network` must know its patterns; build it with from_patterns or pass `patterns`.")
    grid = np.atleast_1d(as_floats(initial, "initial"))
    if grid.ndim != 1 or grid.size == 0 or grid.min() < -1 or grid.max() > 1:
        raise ValueError(f"`initial` must be overlaps between -1 and 1, of shape (T,); got {initial!r:.60}.")
    count = as_count(trials, "trials", minimum=1)
    require_room("cues of `trials`", count, network.size)
    limit = as_number(threshold, "threshold")
    which = np.arange(count) % len(network.patterns)

    def final_overlaps(start: float, left: float | None) -> Floats | None:
        assert network.patterns is not None
        cues = make.flip(network.patterns[which], (1 - start) / 2, values=network.values, rng=rng)
        found = network.recall(cues, rng=rng, timeout=left, **options)
        return None if was_stopped(found) else network.overlaps(found.states)[np.arange(count), which]

    ends, interrupted = points_in_time(final_overlaps, grid, as_timeout(timeout), on_interrupt)
    final = np.array(ends).reshape(len(ends), count)
    successes = (final >= limit).sum(axis=1)
    low, high = wilson(successes, count)
    error = final.std(axis=1, ddof=1 if count > 1 else 0) / np.sqrt(count)
    curve = RecallCurve(
        grid[: len(ends)], final.mean(axis=1), error, successes / count, low, high, count, limit
    )
    if interrupted:
        raise Interrupted(curve)
    return curve


def points_in_time(point: Any, grid: NDArray[Any], seconds: float | None, on_interrupt: str) -> tuple[list[Any], bool]:
    """Return ``point(value, seconds left)`` for each value until time is up, and whether Ctrl-C is to be raised."""
    as_choice(on_interrupt, "on_interrupt", ("raise", "return"))
    deadline = None if seconds is None else time.perf_counter() + seconds
    found: list[Any] = []
    try:
        for value in grid:
            left = None if deadline is None else deadline - time.perf_counter()
            result = None if left is not None and left <= 0 else point(value, left)
            if result is None:
                break
            found.append(result)
    except KeyboardInterrupt:
        return found, on_interrupt == "raise"
    return found, False


def was_stopped(found: Any) -> bool:
    """Whether time was up before a recall had ended."""
    return bool((found.status == RecallStatus.TIMEOUT).any())


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
    timeout: float | None = None,
    on_interrupt: str = "raise",
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
    timeout : float, optional
        Seconds; the points of the curve that were finished until then are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with these points as ``result``, or returns them.
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
    rng = as_generator(rng)
    n = as_count(size, "size", minimum=2)
    require_room("a pattern of `size` units", n)
    limit = as_number(threshold, "threshold")
    grid = np.atleast_1d(as_floats(loads, "loads"))
    if grid.ndim != 1 or grid.size == 0 or grid.min() < 0:
        raise ValueError(f"`loads` must be zero or positive, of shape (T,); got {loads!r:.60}.")
    counts = np.maximum(1, np.rint(grid * n))
    require_room("patterns of `size` units at the largest of `loads`", int(min(counts.max(), 1e18)), n)
    repeats, tried = as_count(networks, "networks", minimum=1), as_count(probes, "probes", minimum=1)
    require_room("ends of `networks`", repeats, min(tried, n), itemsize=8)
    if rule_options is not None and not isinstance(rule_options, dict):
        raise TypeError(f"`rule_options` must be a dict of options of the rule; got {rule_options!r:.60}.")
    known_rule(rule)

    def row(p: float, left: float | None) -> Any:
        deadline = np.inf if left is None else time.perf_counter() + left
        ends = []
        for _ in range(repeats):
            end = _retrieve(rule, int(p), n, tried, rng, rule_options or {}, options, deadline)
            if end is None:
                return None
            ends.append(end)
        return _summary(np.array(ends), limit)

    rows, interrupted = points_in_time(row, counts, as_timeout(timeout), on_interrupt)
    name = rule if isinstance(rule, str) else getattr(rule, "__name__", "")
    name += f"({', '.join(f'{key}={value!r}' for key, value in rule_options.items())})" if rule_options else ""
    curve = _capacity_curve(counts[: len(rows)] / n, rows, n, limit, name, float(options.get("temperature", 0.0)))
    if interrupted:
        raise Interrupted(curve)
    return curve


def _capacity_curve(
    loads: Floats, rows: list[Any], n: int, limit: float, rule: str, temperature: float
) -> CapacityCurve:
    means, errors, retrieved, stable, trials = np.array(rows, dtype=float).reshape(len(rows), 5).T
    low, high = wilson(retrieved, trials)
    shares = retrieved / trials, stable / trials
    return CapacityCurve(
        loads, means, errors, *shares, low, high, trials.astype(np.int64), n, limit, rule, temperature
    )


def _retrieve(
    rule: Any, p: int, n: int, probes: int, rng: Any, rule_options: dict, options: dict, deadline: float
) -> Floats | None:
    """The final overlaps of some patterns of one network with themselves; None where time was up."""
    stored = make.random(p, n, rng=rng)
    tried = stored[: min(p, probes)]
    made: list[DiscreteHopfield] = []
    left = None if np.isinf(deadline) else max(0.0, deadline - time.perf_counter())
    ended = watched(
        lambda: made.append(DiscreteHopfield.from_patterns(stored, rule, **rule_options)), stop_word(), timeout=left
    )
    if ended is Status.INTERRUPTED:
        raise KeyboardInterrupt
    if not made:
        return None
    left = None if np.isinf(deadline) else max(0.0, deadline - time.perf_counter())
    ends = made[0].recall(tried, rng=rng, timeout=left, **options)
    return None if was_stopped(ends) else np.einsum("ki,ki->k", ends.states, tried, dtype=float) / n


def _summary(ends: Floats, limit: float) -> tuple[float, float, int, int, int]:
    """Mean, its standard error from network to network, and the numbers retrieved, stable and tried."""
    of_networks = ends.mean(axis=1)
    error = of_networks.std(ddof=1) / np.sqrt(len(ends)) if len(ends) > 1 else np.nan
    return ends.mean(), error, int((ends >= limit).sum()), int((ends == 1).sum()), ends.size
