"""Basins of attraction: a picture of two neurons against diffrax, and a million states of eight neurons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .. import machine, ours, peers, workloads
from ..options import Options
from ..table import Table, number
from . import _compare

TITLE = "basins: 500 x 500 states of two neurons with four attractors, a million states of eight neurons"


def measure(options: Options) -> Iterator[Table]:
    problem = workloads.basins(100 if options.quick else 500)
    cases = peers.cases("basins", problem, chosen=options.peers)
    timings, failures = _compare.timed(cases, options)
    order = _compare.fastest(timings, cases)
    base = _compare.baseline(order)
    table = Table(
        f"{len(problem.states)} states of {problem.size} neurons",
        ("program", *_compare.TIMES, "cores", "labels that differ"),
    )
    for case in sorted((c for c in cases if c.label in order), key=lambda c: order[c.label]):
        timing = timings[case.label]
        wrong = int(np.sum(timing.result != timings[base].result))
        table.rows.append(
            (case.label, *_compare.times(timing, timings[base]), str(case.cores or machine.cores()), str(wrong))
        )
    table.notes = _compare.notes(cases, failures, base)
    yield table
    yield _many(options)


def _many(options: Options) -> Table:
    table = Table("random states of 8 neurons", ("program", *_compare.TIMES, "attractors", "states a second"))
    count = 50_000 if options.quick else 1_000_000
    cases = {case.label: (case, attractors) for case, attractors in ours.many_basins(count)}
    timings, failures = _compare.timed([case for case, _ in cases.values()], options)
    for label, timing in timings.items():
        cells = _compare.times(timing, timing)
        table.rows.append((label, *cells, str(cases[label][1]), number(count / timing.median)))
    table.notes = [f"stopped: {label}: {why}" for label, why in failures.items()]
    return table
