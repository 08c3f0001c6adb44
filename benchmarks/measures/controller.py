"""One network in somebody else's loop: the time of a single step called from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from .. import peers, workloads
from ..case import Case, Run
from ..options import Options
from ..table import Table
from . import _compare

TITLE = "one Euler step called from Python, N = 10"
CALLS = 1000


def measure(options: Options) -> Iterator[Table]:
    pop = workloads.population(1, workloads.SIZE, 1)
    cases = [_in_a_loop(case, pop.size) for case in peers.cases("controller", pop, chosen=options.peers)]
    timings, failures = _compare.timed(cases, options)
    times = _compare.fastest(timings)
    base = _compare.baseline(times)
    table = Table(f"one step, N = {pop.size}", ("program", *_compare.TIMES))
    for label in sorted(times, key=times.__getitem__):
        table.rows.append((label, *_compare.times(timings[label], timings[base], CALLS, CALLS)))
    table.notes = _compare.notes(cases, failures, base)
    yield table


def _in_a_loop(case: Case, size: int) -> Case:
    """Return a case whose run takes many steps, so that the clock can be read."""

    def build() -> Run:
        step: Callable = case.build()
        u = np.zeros(size)

        def run() -> None:
            for _ in range(CALLS):
                step(u)

        return run

    return replace(case, build=build)
