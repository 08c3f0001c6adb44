"""From cases to timings and rows: what every measurement does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from .. import table
from ..case import Case, Run
from ..options import Options
from ..timing import Timing, describe, interleave

OURS = "ctrnn"
TIMES = ("time", "spread", "ratio", "cpu", "cpu ratio")


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


def fastest(timings: Mapping[str, Timing], cases: Sequence[Case] = ()) -> dict[str, float]:
    """Return the shortest times of the whole workload by label: what rows are ordered by, undisturbed by others."""
    shares = {case.label: case.share for case in cases}
    return {label: timing.low / shares.get(label, 1.0) for label, timing in timings.items()}


def times(timing: Timing, base: Timing, per: float = 1.0, base_per: float = 1.0) -> tuple[str, ...]:
    """Write the cells of ``TIMES``: a case in units of ``per`` calls, and its ratios to the base in the same rounds."""
    relative = base_per / per
    return (
        table.seconds(timing.median / per),
        table.spread(timing.low / per, timing.high / per),
        table.number(timing.ratio_to(base) * relative),
        table.seconds(timing.cpu / per),
        table.number(timing.cpu_ratio_to(base) * relative),
    )


def notes(cases: Sequence[Case], failures: Mapping[str, str], base: str | None) -> list[str]:
    """Return the lines under a table."""
    lines = [f"ratios: to '{base}' in the same rounds; cpu: processor time of all threads"] if base else []
    lines += list(dict.fromkeys(case.note for case in cases if case.note))
    return lines + [f"stopped: {label}: {why}" for label, why in failures.items()]


def share_of(case: Case) -> str:
    """Write how much of a workload really ran."""
    return "all" if case.share == 1 else f"{100 * case.share:.2g} %"


def worst_error(find: Callable[[], float]) -> float:
    """Return an error, or nan where the run that it needs fails."""
    try:
        return find()
    except Exception:  # of a peer, whatever that is; the table shows nan, and the run goes on
        return math.nan
