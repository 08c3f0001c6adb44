"""How the cost of a synapse in one step depends on the number of neurons, with own and with shared weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import peers, workloads
from ..options import Options
from ..table import Table, number
from ..workloads import SIZE, SYNAPSE_SIZES, Population
from . import _compare

TITLE = "populations: time per synapse and step, N = 5 .. 200"
WORK = 1e9  # synapse-steps of one run
STEPS = 200
COMPARED = ("naive", "beer", "numpy_loop")
KINDS = {"own": workloads.population, "shared": workloads.shared}


@dataclass(frozen=True)
class Entry:
    """One program at one size."""

    program: str
    weights: str
    size: int
    members: int
    cpu: float
    cells: tuple[str, ...]


def measure(options: Options) -> Iterator[Table]:
    entries: list[Entry] = []
    failures: dict[str, str] = {}
    for weights, make in KINDS.items():
        for size in SYNAPSE_SIZES:
            found, failed = _one_size(weights, make, size, options)
            entries += found
            failures |= failed
    yield _table(entries, failures)


def _one_size(
    weights: str, make: Callable[[int, int, int], Population], size: int, options: Options
) -> tuple[list[Entry], dict[str, str]]:
    work = WORK / 10 if options.quick else WORK
    pop = make(round(work / (size**2 * STEPS)), size, STEPS)
    cases = peers.cases("population", pop, chosen=options.peers or COMPARED)
    timings, failures = _compare.timed(cases, options)
    times = _compare.fastest(timings, cases)
    base = _compare.baseline(times)
    entries = []
    for case in (c for c in cases if c.label in times):
        ran = pop.synapse_steps * case.share
        cells = _compare.times(timings[case.label], timings[base], ran, pop.synapse_steps)
        entries.append(Entry(case.label, weights, size, pop.members, timings[case.label].cpu / ran, cells))
    return entries, failures


def _table(entries: list[Entry], failures: dict[str, str]) -> Table:
    table = Table(
        f"Euler, {STEPS} steps, per synapse and step",
        ("program", "weights", "N", "members", *_compare.TIMES, f"cpu to N = {SIZE}"),
    )
    of_ten = {(entry.program, entry.weights): entry.cpu for entry in entries if entry.size == SIZE}
    for entry in sorted(entries, key=lambda entry: (entry.program, entry.weights)):
        to_ten = number(entry.cpu / of_ten.get((entry.program, entry.weights), float("nan")))
        sizes = (entry.weights, str(entry.size), str(entry.members))
        table.rows.append((entry.program, *sizes, *entry.cells, to_ten))
    table.notes = [
        "ratios: to the fastest row of this project with the same weights and N, in the same rounds",
        *_compare.notes([], failures, None),
    ]
    return table
