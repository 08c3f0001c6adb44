"""Adaptive solvers at equal achieved error: each sweeps its tolerance, its cheapest run that is good enough counts."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .. import peers, reference, workloads
from ..case import Case, Run
from ..options import Options
from ..table import Table, error, seconds
from ..timing import describe, interleave, sample
from . import _compare

TITLE = "x' = -x + W tanh(x), T = 100, 1000 outputs, at equal achieved error"
SIZES = (3, 10, 100, 1000)
TARGETS = (1e-7, 1e-12)
TOLERANCES = (*(10.0 ** (-k / 2) for k in range(10, 28)), 3e-14)
ENOUGH_BELOW = 0.1  # a sweep ends when its error is this much below the tightest target
SLOW = 0.1  # seconds of a run that is not repeated often to rank it
TOO_LONG = 5.0  # seconds of one run after which a sweep ends
LARGE, LARGE_TAKES = 1000, 900.0  # neurons, and seconds that their sweeps take

ErrorOf = Callable[[np.ndarray], float]  # of the states at the outputs


@dataclass(frozen=True)
class Point:
    """One run of a sweep; ``time`` is the processor's."""

    tolerance: float
    error: float
    time: float
    first: float
    run: Run


def measure(options: Options) -> Iterator[Table]:
    for size in options.sizes or _sizes(options):
        problem = workloads.adaptive(size)
        cases = peers.cases("adaptive", problem, chosen=options.peers)
        sweeps, failures = {}, {}
        for case in cases:
            sweeps[case.label], why = sweep(case, f"N = {size}", functools.partial(_error, size=size), options)
            if why:
                failures[case.label] = why
        if options.details:
            yield _details(size, sweeps)
        for target in TARGETS:
            title = f"N = {size}, error <= {target:.0e} at t <= {workloads.JUDGED_UNTIL:.0f}"
            yield comparison(title, target, cases, sweeps, failures, options)


def _sizes(options: Options) -> tuple[int, ...]:
    if options.quick or options.seconds < LARGE_TAKES:
        print(f"  N = {LARGE} takes {LARGE_TAKES / 60:.0f} minutes: --sizes {LARGE}", file=sys.stderr, flush=True)
        return tuple(size for size in SIZES if size < LARGE)
    return SIZES


def sweep(
    case: Case, name: str, error_of: ErrorOf, options: Options, tolerances: Sequence[float] = TOLERANCES
) -> tuple[list[Point], str]:
    """Run a case at every tolerance until it is better than anyone asks for; return also why it ended early."""
    print(f"  sweeping {name}: {case.label}", file=sys.stderr, flush=True)
    points: list[Point] = []
    for tolerance in tolerances[:: 2 if options.quick else 1]:
        try:
            points.append(_point(case, error_of, tolerance))
        except Exception as problem:
            return points, f"at tolerance {tolerance:.0e}: {describe(problem)}"
        if points[-1].error < ENOUGH_BELOW * min(TARGETS):
            break
        if points[-1].time > TOO_LONG:
            return points, f"slower than {TOO_LONG:.0f} s from tolerance {tolerance:.0e} on"
    return points, ""


def _point(case: Case, error_of: ErrorOf, tolerance: float) -> Point:
    built: list[Run] = []

    def first_run() -> np.ndarray:
        built.append(case.build(tolerance))
        return built[0]()

    results: list[np.ndarray] = []
    first = sample(lambda: results.append(first_run())).wall
    run = built[0]
    time = min(sample(run).cpu for _ in range(3 if first < SLOW else 1))
    return Point(tolerance, error_of(results[0]), time, first, run)


def _error(states: np.ndarray, size: int) -> float:
    exact = reference.adaptive(size)
    if states.shape[1] != workloads.OUTPUTS:
        raise RuntimeError(f"{states.shape[1]} outputs instead of {workloads.OUTPUTS}")
    difference = np.abs(states[:, : exact.shape[1]] - exact).max()
    return float(difference) if np.isfinite(states).all() else float("nan")


def cheapest(points: Sequence[Point], target: float) -> Point | None:
    """Return the fastest run whose error is within the target."""
    return min((p for p in points if p.error <= target), key=lambda p: p.time, default=None)


def comparison(
    title: str,
    target: float,
    cases: Sequence[Case],
    sweeps: dict[str, list[Point]],
    failures: dict[str, str],
    options: Options,
) -> Table:
    chosen = {label: point for label, points in sweeps.items() if (point := cheapest(points, target))}
    timings = interleave(
        {label: point.run for label, point in chosen.items()}, rounds=options.rounds, budget=options.budget
    )
    order = _compare.fastest(timings)
    base = _compare.baseline(order)
    table = Table(
        title,
        ("solver", "tolerance", "error", *_compare.TIMES, "first call"),
    )
    for label in sorted(order, key=order.__getitem__):
        point, timing = chosen[label], timings[label]
        times = _compare.times(timing, timings[base])
        first = max(point.first, sweeps[label][0].first)
        table.rows.append((label, f"{point.tolerance:.0e}", error(point.error), *times, seconds(first)))
    table.rows += [_missed(label, sweeps[label]) for label in sweeps if label not in chosen]
    table.notes = [
        "first call: with what is prepared and compiled for it, the first in this process or the one at this tolerance",
        *_compare.notes(cases, failures, base),
    ]
    return table


def _missed(label: str, points: Sequence[Point]) -> tuple[str, ...]:
    best = min(points, key=lambda p: p.error, default=None)
    if best is None:
        return (label, *"--------")
    return (
        f"{label} (misses)",
        f"{best.tolerance:.0e}",
        error(best.error),
        "-",
        "-",
        "-",
        seconds(best.time),
        "-",
        "-",
    )


def _details(size: int, sweeps: dict[str, list[Point]]) -> Table:
    table = Table(f"N = {size}, all runs", ("solver", "tolerance", "error", "cpu"))
    for label, points in sweeps.items():
        table.rows += [(label, f"{p.tolerance:.1e}", error(p.error), seconds(p.time)) for p in points]
    return table
