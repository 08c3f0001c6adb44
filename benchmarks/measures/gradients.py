"""The gradient of what a network shows at the end of a trajectory of Euler steps, by all its weights and biases.

Then the same for 64 trials at once, and how the cost of a step grows with the number of units.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from .. import ours, peers, workloads
from ..case import Case
from ..options import Options
from ..table import Table
from . import _compare

TITLE = "gradients through Euler steps, N = 10, 100, 1000"
STEPS = {10: 1000, 100: 1000, 1000: 100}


TRIALS, TRIAL_STEPS = 64, 200


def measure(options: Options) -> Iterator[Table]:
    for size, steps in STEPS.items():
        if options.quick and size > 100:
            continue
        cases = peers.cases("gradients", workloads.population(1, size, steps), chosen=options.peers)
        timings, failures = _compare.timed(cases, options)
        times = _compare.fastest(timings)
        base = _compare.baseline(times)
        table = Table(f"N = {size}, {steps} steps", ("program", *_compare.TIMES))
        for label in sorted(times, key=times.__getitem__):
            table.rows.append((label, *_compare.times(timings[label], timings[base], 1, 1)))
        table.notes = _compare.notes(cases, failures, base)
        yield table
    for size in (10, 50, 100):
        cases = peers.cases("gradient_batches", workloads.shared(TRIALS, size, TRIAL_STEPS), chosen=options.peers)
        yield _batches(size, cases, options)
    if ours.available():
        yield _slopes(options)


def _batches(size: int, cases: list[Case], options: Options) -> Table:
    timings, failures = _compare.timed(cases, options)
    calls, times = {case.label: case.share for case in cases}, _compare.fastest(timings, cases)
    base = _compare.baseline(times)
    table = Table(f"N = {size}, {TRIALS} trials of {TRIAL_STEPS} steps", ("program", *_compare.TIMES))
    for label in sorted(times, key=times.__getitem__):
        table.rows.append((label, *_compare.times(timings[label], timings[base], calls[label], calls[base])))
    table.notes = _compare.notes(cases, failures, base)
    return table


def _slopes(options: Options) -> Table:
    """Fit the growth of processor time of a step."""
    costs: dict[str, dict[int, float]] = {}
    for method, n, steps, run in ours.gradient_slopes():
        run()
        if options.quick and n > 64:
            continue
        seconds = []
        for _ in range(3):
            start = time.process_time()
            run()
            seconds.append(time.process_time() - start)
        costs.setdefault(method, {})[n] = min(seconds) / steps
    table = Table("processor time of a step against the number of units", ("method", "slope", "times"))
    for method, found in costs.items():
        slope = np.polyfit(np.log(list(found)), np.log(list(found.values())), 1)[0]
        table.rows.append((method, f"{slope:.2f}", ", ".join(f"N = {n}: {1e6 * cost:.1f} us" for n, cost in found.items())))
    return table
