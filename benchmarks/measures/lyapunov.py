"""Lyapunov exponents: a small flow, a network's full spectrum, some exponents of a large one, and many small ones."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence

from .. import lyapunov_cases, machine
from ..case import Case
from ..options import Options
from ..table import Table, number
from . import _compare

TITLE = "Lyapunov exponents: Lorenz, N = 100 and 1000, ten thousand networks of three neurons"
DURATION = 1000.0
NETWORKS = 10_000


def measure(options: Options) -> Iterator[Table]:
    part = 0.05 if options.quick else 1.0
    yield _table(f"Lorenz, all three, T = {DURATION * part:g}", lyapunov_cases.lorenz(DURATION * part), options)
    cases = lyapunov_cases.network(100, DURATION * part, 0.02 / part)
    yield _table(f"N = 100, g = 3, all exponents, T = {DURATION * part:g}", cases, options)
    large = Case("ours, T = 20", lyapunov_cases.large(1000, 50, 20.0), cores=0)
    table = _table("N = 1000, g = 1.5, 50 exponents, T = 20", [large], options)
    table.notes.append(f"largest resident set so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    yield table
    share = 0.02 * part
    many = Case("ours", lyapunov_cases.many(round(NETWORKS * share), DURATION), cores=0, share=share)
    table = _table(f"{NETWORKS} networks of three neurons, all exponents, T = {DURATION:g} each", [many], options)
    yield table


def _table(title: str, cases: Sequence[Case], options: Options) -> Table:
    timings, failures = _compare.timed(cases, options)
    order = _compare.fastest(timings, cases)
    base = next((case.label for case in cases if case.label in order), None)
    table = Table(title, ("program", *_compare.TIMES, "whole workload, s", "cores", "run"))
    for case in sorted((c for c in cases if c.label in order), key=lambda c: order[c.label]):
        timing = timings[case.label]
        whole = number(timing.median / case.share)
        share = next(c.share for c in cases if c.label == base)
        cells = _compare.times(timing, timings[base], case.share, share)
        table.rows.append((case.label, *cells, whole, str(case.cores or machine.cores()), _compare.share_of(case)))
    table.notes = _compare.notes(cases, failures, base)
    return table
