"""The gradient of what a network shows at the end of a trajectory of Euler steps, by all its weights and biases."""

from __future__ import annotations

from collections.abc import Iterator

from .. import peers, workloads
from ..options import Options
from ..table import Table
from . import _compare

TITLE = "gradients through Euler steps, N = 10, 100, 1000"
STEPS = {10: 1000, 100: 1000, 1000: 100}


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
