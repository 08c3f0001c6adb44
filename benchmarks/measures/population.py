"""Ten thousand small networks at once, each with weights of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .. import limits, machine, peers, reference, workloads
from ..case import Case
from ..options import Options
from ..table import Table, error, number, seconds
from ..workloads import Population
from . import _compare

TITLE = "10 240 logistic networks, N = 10, 5000 Euler steps"
CHECKED_STEPS = 500  # later the chaotic members have amplified the last bit
CHECKED_MEMBERS = 256


def measure(options: Options) -> Iterator[Table]:
    pop = workloads.population(steps=workloads.STEPS // 10 if options.quick else workloads.STEPS)
    cases = peers.cases("population", pop, chosen=options.peers)
    timings, failures = _compare.timed(cases, options)
    times = _compare.fastest(timings, cases)
    errors = check(pop, options)
    base = _compare.baseline(times)
    table = Table(
        f"{pop.members} networks, N = {pop.size}, {pop.steps} Euler steps",
        ("program", *_compare.TIMES, "cores", "of limit", "ran", f"error after {CHECKED_STEPS}"),
    )
    for case in sorted((c for c in cases if c.label in times), key=lambda c: times[c.label]):
        row = (
            *_compare.times(timings[case.label], timings[base], case.share),
            str(case.cores or machine.cores()),
            _of_limit(timings[case.label].cpu / case.share, case, pop),
            _compare.share_of(case),
            error(errors[case.label]),
        )
        table.rows.append((case.label, *row))
    table.notes = [*_limit_notes(pop), *_compare.notes(cases, failures, base)]
    yield table


def check(pop: Population, options: Options) -> dict[str, float]:
    """Return the largest error of every case over the first members and steps."""
    few = pop.head(CHECKED_MEMBERS).lasting(CHECKED_STEPS)
    exact = reference.fixed_step(few)
    cases = peers.cases("population", few, chosen=options.peers)
    return {case.label: _compare.worst_error(lambda case=case: _error(case, exact)) for case in cases}


def _error(case: Case, exact: np.ndarray) -> float:
    states = np.asarray(case.build()(), float)
    return float(np.abs(states - exact[: len(states)]).max())


def _of_limit(cpu: float, case: Case, pop: Population) -> str:
    if not limits.available():
        return "-"
    dtype = "float32" if "float32" in case.label else "float64"
    return f"{number(cpu / limits.population(pop, 1, dtype))} x"


def _limit_notes(pop: Population) -> Sequence[str]:
    if not limits.available():
        return []
    cores = machine.cores()
    values = [f"{dtype} {seconds(limits.population(pop, cores, dtype))}" for dtype in ("float64", "float32")]
    return [f"estimated limits on {cores} cores: {', '.join(values)}; 'of limit': cpu to that of one core"]
