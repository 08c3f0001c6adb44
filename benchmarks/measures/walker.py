"""Ten thousand random brains, each walking on one leg: network and body advance together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .. import machine, peers, workloads
from ..options import Options
from ..table import Table, error, number
from . import _compare

TITLE = "legged walkers: 10 000 brains of 5 neurons, 2200 Euler steps"
SAME = 1e-9


def measure(options: Options) -> Iterator[Table]:
    pop = workloads.walkers(workloads.WALKERS // 10 if options.quick else workloads.WALKERS)
    cases = peers.cases("walker", pop, chosen=options.peers)
    timings, failures = _compare.timed(cases, options)
    order = _compare.fastest(timings, cases)
    base = _compare.baseline(order)
    table = Table(
        f"{pop.members} walkers, {pop.steps} steps",
        ("program", *_compare.TIMES, "cores", "million agent-steps/s", "median difference", f"within {SAME:.0e}"),
    )
    independent = [case.label for case in cases if case.label in timings and not case.label.startswith(_compare.OURS)]
    reference = timings[independent[0]].result if independent else None
    for case in sorted((c for c in cases if c.label in order), key=lambda c: order[c.label]):
        timing = timings[case.label]
        rate = number(pop.members * pop.steps / timing.median / 1e6)
        cells = (*_compare.times(timing, timings[base]), str(case.cores or machine.cores()), rate)
        table.rows.append((case.label, *cells, *_agreement(timing.result, reference)))
    table.notes = _compare.notes(cases, failures, base)
    yield table


def _agreement(scores: np.ndarray, reference: np.ndarray | None) -> tuple[str, str]:
    """Write how far the scores are from those of the first peer; thresholds make single members jump."""
    if reference is None:
        return "-", "-"
    difference = np.abs(scores - reference)
    return error(float(np.median(difference))), f"{100 * np.mean(difference < SAME):.1f} %"
