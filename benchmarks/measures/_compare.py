"""From cases to timings and rows: what every measurement does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from .. import table
from ..case import Case, Run
from ..options import Options
from ..timing import Timing, describe, interleave

OURS = "ctrnn"


def build(cases: Sequence[Case]) -> tuple[dict[str, Run], dict[str, str]]:
    """Return the runs by label, and why the others could not be prepared."""
    runs, failures = {}, {}
    for case in cases:
        try:
            runs[case.label] = case.build()
        except Exception as error:
            failures[case.label] = describe(error)
    return runs, failures


def timed(cases: Sequence[Case], options: Options) -> tuple[dict[str, Timing], dict[str, str]]:
    """Prepare and time cases; return timings by label, and failures."""
    runs, failures = build(cases)
    timings = interleave(runs, rounds=options.rounds, budget=options.budget)
    failures |= {label: timing.failure for label, timing in timings.items() if timing.failure}
    return {label: timing for label, timing in timings.items() if not timing.failure}, failures


def baseline(times: Mapping[str, float]) -> str | None:
    """Return what the ratios are taken to: the fastest row of this project, or of all while it has none."""
    ours = {label: value for label, value in times.items() if label.startswith(OURS)}
    candidates = ours or times
    return min(candidates, key=candidates.__getitem__, default=None)


def scaled(cases: Sequence[Case], timings: Mapping[str, Timing]) -> dict[str, float]:
    """Return the median seconds of the whole workload, for cases that ran a share of it."""
    shares = {case.label: case.share for case in cases}
    return {label: timing.median / shares[label] for label, timing in timings.items()}


def ratio(label: str, base: str | None, cases: Sequence[Case], timings: Mapping[str, Timing]) -> str:
    """Write how many times longer one case takes than another, from the rounds in which both ran."""
    if base is None:
        return "-"
    shares = {case.label: case.share for case in cases}
    return table.number(timings[label].ratio_to(timings[base]) * shares[base] / shares[label])


def notes(cases: Sequence[Case], failures: Mapping[str, str], base: str | None) -> list[str]:
    """Return the lines under a table."""
    lines = [f"ratio: time divided by that of '{base}' in the same rounds"] if base else []
    lines += list(dict.fromkeys(case.note for case in cases if case.note))
    return lines + [f"failed: {label}: {why}" for label, why in failures.items()]


def share_of(case: Case) -> str:
    """Write how much of a workload really ran."""
    return "all" if case.share == 1 else f"{100 * case.share:.2g} %"


def worst_error(find: Callable[[], float]) -> float:
    """Return an error, or nan where the run that it needs fails."""
    try:
        return find()
    except Exception:
        return math.nan
