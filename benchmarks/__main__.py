"""The command line: ``python -m benchmarks [workload ...]``."""

from __future__ import annotations

import argparse
import dataclasses
import os
import time
import warnings
from collections.abc import Sequence

from . import machine, measures, peers
from .options import Options

REMEDIES = dict.fromkeys(("gcc", "g++"), "a compiler") | {
    "numbalsoda": 'pip install ".[bench-fortran]", which needs a Fortran compiler'
}
CASES = 20  # about so many does a workload have; each gets its share of the time


def main(arguments: Sequence[str] | None = None) -> None:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.list:
        for name in measures.NAMES:
            print(f"{name:12} {measures.module(name).TITLE}")
        return
    options = Options(
        quick=chosen.quick,
        details=chosen.details,
        rounds=chosen.rounds or (3 if chosen.quick else 7),
        budget=2.0 if chosen.quick else 10.0,
        peers=tuple(chosen.peers),
        sizes=tuple(chosen.sizes),
    )
    _print_header(options)
    names = chosen.workloads or measures.NAMES
    start = time.monotonic()
    for number, name in enumerate(names):
        measurement = measures.module(name)
        gone = time.monotonic() - start
        share = max(0.0, 60.0 * chosen.minutes - gone) / (len(names) - number)
        print(f"== {number + 1} of {len(names)}, after {gone / 60.0:.1f} min: {name}: {measurement.TITLE}\n", flush=True)
        for table in measurement.measure(_within(options, share)):
            print(table, flush=True)


def _within(options: Options, share: float) -> Options:
    """Return the options of a workload that has so many seconds: rounds go first, whole cases last."""
    return dataclasses.replace(options, budget=min(options.budget, share / CASES), seconds=share)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", choices=[*measures.NAMES, []], help="default: all")
    parser.add_argument("--list", action="store_true", help="name the workloads and end")
    parser.add_argument("--quick", action="store_true", help="small and rough: to see that everything runs")
    parser.add_argument("--details", action="store_true", help="print every run of the adaptive sweeps")
    parser.add_argument("--minutes", type=float, default=20.0, help="time for all workloads together (default 20)")
    parser.add_argument("--rounds", type=int, help="samples a case (default 7)")
    parser.add_argument("--peers", nargs="+", default=[], choices=peers.NAMES, help="only these peers")
    parser.add_argument("--sizes", nargs="+", type=int, default=[], choices=(3, 10, 100, 1000), help="adaptive only")
    return parser


def _print_header(options: Options) -> None:
    found = [peer.PACKAGE for peer in peers.modules(options.peers)]
    print(machine.describe(name for name in dict.fromkeys(found) if name not in machine.OURS))
    for package in peers.absent(options.peers):
        remedy = REMEDIES.get(package, 'pip install ".[bench]"')
        print(f"not installed: {package} ({remedy})")
    print(flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # JAX talks about missing accelerators
    warnings.filterwarnings("ignore")  # SciPy's about tolerances, JAX's about shapes: the errors are in the tables
    main()
