"""Networks in somebody else's loop: the time of a single step called from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from .. import peers, workloads
from ..case import Case, Run
from ..options import Options
from ..table import Table
from ..workloads import Population
from . import _compare

TITLE = "one Euler step called from Python, N = 10, one network and 64"
CALLS = 1000


def measure(options: Options) -> Iterator[Table]:
    yield _table("controller", workloads.population(1, workloads.SIZE, 1), (workloads.SIZE,), options)
    pop = workloads.population(workloads.CONTROLLED, workloads.SIZE, 1)
    yield _table("controllers", pop, (workloads.CONTROLLED, workloads.SIZE), options)


def _table(workload: str, pop: Population, shape: tuple[int, ...], options: Options) -> Table:
    cases = [_in_a_loop(case, shape) for case in peers.cases(workload, pop, chosen=options.peers)]
    timings, failures = _compare.timed(cases, options)
    times = _compare.fastest(timings)
    base = _compare.baseline(times)
    table = Table(f"one step, N = {pop.size}, networks: {pop.members}", ("program", *_compare.TIMES))
    for label in sorted(times, key=times.__getitem__):
        table.rows.append((label, *_compare.times(timings[label], timings[base], CALLS, CALLS)))
    table.notes = _compare.notes(cases, failures, base)
    return table


def _in_a_loop(case: Case, shape: tuple[int, ...]) -> Case:
    """Return a case whose run takes many steps, so that the clock can be read."""

    def build() -> Run:
        step: Callable = case.build()
        u = np.zeros(shape)

        def run() -> None:
            for _ in range(CALLS):
                step(u)

        return run

    return replace(case, build=build)
