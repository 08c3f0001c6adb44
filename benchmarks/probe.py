"""One run in a process of its own, which reports its memory: ``python -m benchmarks.probe PEER LABEL STEPS``."""

from __future__ import annotations

import importlib
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from . import workloads
from .case import Run

WARM_MEMBERS = 64
LONG_STEPS, LONG_STRIDE = 10_000_000, 10_000


def population(peer: str, label: str, steps: int) -> dict[str, float]:
    """Return the memory of one population run: parameters and states are there before."""
    module = importlib.import_module(f"benchmarks.{peer}")
    pop = workloads.population(steps=steps)

    def build(members: int) -> Run:
        few = pop.head(members)
        return next(case for case in module.population(few) if case.label == label).build()

    build(WARM_MEMBERS)()
    run = build(pop.members)
    return _added(run)


def long_run(steps: int) -> dict[str, float]:
    """Return the memory of many steps of which few are kept."""
    from . import ours

    ours.long_run(workloads.SIZE, 1000, 10)()
    return _added(ours.long_run(workloads.SIZE, steps, LONG_STRIDE))


def _added(run: Callable) -> dict[str, float]:
    before = _status("VmRSS")
    _forget_peak()
    run()
    return {"before": before, "added": max(0.0, _status("VmHWM") - before)}


def _forget_peak() -> None:
    """Start a new high-water mark (Linux); elsewhere, the peak of the whole process counts."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def _status(entry: str) -> float:
    """Return a memory figure of this process in bytes."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return 1024.0 * float(next(line for line in lines if line.startswith(entry)).split()[1])


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    steps = int(arguments.pop())
    print(json.dumps(long_run(steps) if what == "long" else population(what, *arguments, steps)))
