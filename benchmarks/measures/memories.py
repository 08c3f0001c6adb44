"""Associative memories: storing, asynchronous recall, a field, and graded recall of a hundred thousand units."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from .. import machine, memory_cases
from ..case import Case
from ..options import Options
from ..table import Table, error, number, seconds
from . import _compare

TITLE = "associative memories: storing, recall of 2000 probes, one field, graded recall of N = 10^5"
ROOT = Path(__file__).parents[2]
MEGABYTE = 1e6
LOW_RANK, LARGE = (500, 10_000), (1000, 100_000)  # patterns, units
QUICK_LOW_RANK, QUICK_LARGE = (100, 2000), (100, 10_000)


def measure(options: Options) -> Iterator[Table]:
    count, size = memory_cases.STORED, memory_cases.STORED_SIZE
    yield _table(f"Hebb's rule, {count} patterns of {size}", memory_cases.store(), options)
    probes = memory_cases.PROBES // 10 if options.quick else memory_cases.PROBES
    yield _recall(probes, options)
    chains = 100 if options.quick else 1000
    for kind in ("of patterns", "real"):
        title = f"5 sweeps of Glauber's dynamics, {chains} chains of N = {memory_cases.SIZE}, couplings {kind}, T = 0.6"
        yield comparison(title, memory_cases.glauber(kind, chains), options)
    count, size = QUICK_LOW_RANK if options.quick else LOW_RANK
    title = f"field of {count} patterns of {size} units, graded state"
    yield _table(title, memory_cases.field(count, size), options, "error", _relative_error)
    yield _large(*(QUICK_LARGE if options.quick else LARGE))


def _recall(probes: int, options: Options) -> Table:
    cases = memory_cases.recall(4 / probes, probes)
    xi = memory_cases.random_patterns(memory_cases.PATTERNS, memory_cases.SIZE)

    def overlap(states: np.ndarray, all_results: Sequence[np.ndarray]) -> str:
        stored = np.tile(xi, (probes // len(xi), 1))[: len(states)]
        return f"{np.einsum('ki,ki->k', states, stored, dtype=float).mean() / xi.shape[1]:.4f}"

    p, n, noise = memory_cases.PATTERNS, memory_cases.SIZE, memory_cases.NOISE
    title = f"asynchronous recall, N = {n}, p = {p}, {probes} probes with {noise:.0%} of the units wrong"
    return _table(title, cases, options, "overlap", overlap)


def _relative_error(field: np.ndarray, all_results: Sequence[np.ndarray]) -> str:
    """The largest difference from the dense product, relative to the largest field."""
    exact = all_results[-1]
    return error(float(np.abs(field - exact).max() / np.abs(exact).max()))


def _table(
    title: str, cases: Sequence[Case], options: Options, judged: str = "", judge: Callable[..., str] | None = None
) -> Table:
    table = comparison(title, cases, options, judged, judge)
    table.notes += [f"not installed: {name}" for name in memory_cases.PEERS if not memory_cases.installed(name)]
    return table


def comparison(
    title: str, cases: Sequence[Case], options: Options, judged: str = "", judge: Callable[..., str] | None = None
) -> Table:
    """Time the cases beside each other."""
    timings, failures = _compare.timed(cases, options)
    order = _compare.fastest(timings, cases)
    base = next(case for case in cases if case.label in order)
    results = [timings[case.label].result for case in cases if case.label in timings]
    judgement = (judged,) if judge else ()
    table = Table(title, ("program", *_compare.TIMES, "cores", "run", *judgement))
    for case in sorted((c for c in cases if c.label in order), key=lambda c: order[c.label]):
        cells = _compare.times(timings[case.label], timings[base.label], case.share, base.share)
        cells += (str(case.cores or machine.cores()), _compare.share_of(case))
        table.rows.append((case.label, *cells, *((judge(timings[case.label].result, results),) if judge else ())))
    table.notes = _compare.notes(cases, failures, base.label)
    return table


def _large(count: int, size: int) -> Table:
    columns = ("rule", "learning", "recall", "cpu", "steps", "|du/dt|", "overlap", "patterns, MB", "peak of process, MB")
    table = Table(f"graded recall of a pattern of which 10 % are wrong, N = {size}, p = {count}", columns)
    for rule in ("hebbian", "pseudo_inverse"):
        command = [sys.executable, "-m", "benchmarks.large_recall", rule, str(size), str(count)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            table.notes.append(f"stopped: {rule}: {done.stderr.strip().splitlines()[-1][:80]}")
            continue
        f = json.loads(done.stdout.splitlines()[-1])
        times = (seconds(f[name]) for name in ("learning", "recall", "recall_cpu"))
        sizes = (number(f[name] / MEGABYTE) for name in ("patterns", "peak"))
        table.rows.append((rule, *times, number(f["steps"]), error(f["residual"]), f"{f['overlap']:.4f}", *sizes))
    matrix = size * size / MEGABYTE
    table.notes.append(f"W written out would take {4 * matrix:.0f} MB in float32 and {8 * matrix:.0f} MB in float64")
    return table
