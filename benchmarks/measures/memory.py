"""What a run needs beyond its inputs, measured in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .. import ours, peers, workloads
from ..options import Options
from ..probe import LONG_STEPS, LONG_STRIDE
from ..table import Table, number

TITLE = "final states of a population, and a long run with a stride"
STEPS = 100  # memory does not depend on how long a population runs
ROOT = Path(__file__).parents[2]
MEGABYTE = 1e6


def measure(options: Options) -> Iterator[Table]:
    yield _populations(options)
    if ours.available():
        yield _long_run(options)


def _populations(options: Options) -> Table:
    pop = workloads.population(steps=STEPS)
    inputs = sum(a.nbytes for a in (pop.W, pop.b, pop.tau, pop.y0))
    table = Table(f"{pop.members} networks, N = {pop.size}, final states", ("program", "before, MB", "added, MB"))
    for peer in peers.modules(options.peers):
        if not hasattr(peer, "population"):
            continue
        name = peer.__name__.partition(".")[2]
        for case in peer.population(pop):
            if case.share > 1 / pop.members:
                table.rows.append((case.label, *_probe(name, case.label, str(STEPS))))
    table.notes = [f"inputs {number(inputs / MEGABYTE)} MB, results {number(pop.y0.nbytes / MEGABYTE)} MB in float64"]
    return table


def _long_run(options: Options) -> Table:
    steps = LONG_STEPS // 10 if options.quick else LONG_STEPS
    kept = steps // LONG_STRIDE * workloads.SIZE * 8
    table = Table(f"{steps} Euler steps, N = 10, every {LONG_STRIDE}th kept", ("program", "before, MB", "added, MB"))
    table.rows.append(("ctrnn euler", *_probe("long", str(steps))))
    table.notes = [f"what is kept: {number(kept / MEGABYTE)} MB; all steps would be {steps * 80 / MEGABYTE:.0f} MB"]
    return table


def _probe(*arguments: str) -> tuple[str, str]:
    command = [sys.executable, "-m", "benchmarks.probe", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return "failed", done.stderr.strip().splitlines()[-1][:60]
    figures = json.loads(done.stdout.splitlines()[-1])
    return number(figures["before"] / MEGABYTE), number(figures["added"] / MEGABYTE)
