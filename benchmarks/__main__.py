"""The command line: ``python -m benchmarks [workload ...]``."""

from __future__ import annotations

import argparse
import os
import warnings
from collections.abc import Sequence

from . import machine, measures, peers
from .options import Options


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
    for name in chosen.workloads or measures.NAMES:
        measurement = measures.module(name)
        print(f"== {name}: {measurement.TITLE}\n", flush=True)
        for table in measurement.measure(options):
            print(table, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", choices=[*measures.NAMES, []], help="default: all")
    parser.add_argument("--list", action="store_true", help="name the workloads and end")
    parser.add_argument("--quick", action="store_true", help="small and rough: to see that everything runs")
    parser.add_argument("--details", action="store_true", help="print every run of the adaptive sweeps")
    parser.add_argument("--rounds", type=int, help="samples a case (default 7)")
    parser.add_argument("--peers", nargs="+", default=[], choices=peers.NAMES, help="only these peers")
    parser.add_argument("--sizes", nargs="+", type=int, default=[], choices=(3, 10, 100, 1000), help="adaptive only")
    return parser


def _print_header(options: Options) -> None:
    found = [peer.PACKAGE for peer in peers.modules(options.peers)]
    print(machine.describe(name for name in dict.fromkeys(found) if name not in machine.OURS))
    for package in peers.absent(options.peers):
        remedy = "a compiler" if package in ("gcc", "g++") else 'pip install ".[bench]"'
        print(f"not installed: {package} ({remedy})")
    print(flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # JAX talks about missing accelerators
    warnings.filterwarnings("ignore")  # SciPy's about tolerances, JAX's about shapes: the errors are in the tables
    main()
