"""Euler and RK4 at constant dt for one network of ten neurons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .. import limits, peers, reference, workloads
from ..case import Case
from ..options import Options
from ..table import Table, error, number, seconds
from . import _compare

TITLE = "one logistic network, N = 10, constant step: time a step"
STEPS = 200_000
CHECKED_STEPS = 1000
METHODS = ("euler", "rk4")


def measure(options: Options) -> Iterator[Table]:
    for method in METHODS:
        yield _table(method, options)


def _table(method: str, options: Options) -> Table:
    pop = workloads.population(1, workloads.SIZE, STEPS // 10 if options.quick else STEPS)
    cases = peers.cases("fixed", pop, method, chosen=options.peers)
    timings, failures = _compare.timed(cases, options)
    times = _compare.fastest(timings, cases)
    errors = _errors(method, options)
    base = _compare.baseline(times)
    limit = limits.single_network(method) if limits.available() else float("nan")
    table = Table(
        f"{method}, N = {pop.size}, dt = {pop.dt}, one step",
        ("program", *_compare.TIMES, "of limit", f"error after {CHECKED_STEPS} steps"),
    )
    for case in sorted((c for c in cases if c.label in times), key=lambda c: times[c.label]):
        label, steps = case.label, pop.steps * case.share
        cells = _compare.times(timings[label], timings[base], steps, pop.steps)
        of_limit = f"{number(timings[label].cpu / steps / limit)} x"
        table.rows.append((label, *cells, of_limit, error(errors[label])))
    table.notes = [f"estimated limit here: {seconds(limit)} a step", *_compare.notes(cases, failures, base)]
    return table


def _errors(method: str, options: Options) -> dict[str, float]:
    pop = workloads.population(1, workloads.SIZE, CHECKED_STEPS)
    exact = reference.fixed_step(pop, method)

    def find(case: Case) -> float:
        return float(np.abs(case.build()() - exact).max())

    cases = peers.cases("fixed", pop, method, chosen=options.peers)
    return {case.label: _compare.worst_error(lambda case=case: find(case)) for case in cases}
