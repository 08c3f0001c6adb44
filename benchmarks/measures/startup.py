"""From the shell to the first trajectory, in processes that find what earlier ones compiled."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .. import ours, peers
from ..case import Case, Run
from ..options import Options
from ..table import Table, seconds, spread
from . import _compare

TITLE = "import and first trajectory in a new process"
IMPORTS = "numpy and numba: import"
KERNEL = "numba: import, one cached kernel"
TRIVIAL = """
import numba
@numba.njit("float64(float64)", cache=True)
def double(x):
    return 2.0 * x
double(1.0)
"""
BASES = {IMPORTS: "import numpy, numba", KERNEL: TRIVIAL}
ROOT = Path(__file__).parents[2]


def measure(options: Options) -> Iterator[Table]:
    with tempfile.TemporaryDirectory() as folder:
        scripts = _scripts(options)
        cases = [Case(label, lambda label=label: _process(Path(folder), label, scripts[label])) for label in scripts]
        timings, failures = _compare.timed(cases, options)
    columns = ("script", "time", "spread", "cpu", *(f"cpu over '{base}'" for base in BASES), "first process")
    table = Table("one script in a new process", columns)
    for label, timing in timings.items():
        over = (seconds(timing.over(timings[base])) for base in BASES)
        row = (
            seconds(timing.median),
            spread(timing.low, timing.high),
            seconds(timing.cpu),
            *over,
            seconds(timing.first),
        )
        table.rows.append((label, *row))
    table.notes = [
        "the whole process, interpreter included; the first process may compile, the others find its cache",
        *_compare.notes(cases, failures, None),
    ]
    yield table


def _scripts(options: Options) -> dict[str, str]:
    scripts = dict(BASES)
    if ours.available():
        scripts |= ours.STARTUP
    for peer in peers.modules(options.peers):
        if peer is not ours and hasattr(peer, "STARTUP"):
            scripts[f"{peer.PACKAGE}: import, first trajectory"] = peer.STARTUP
    return scripts


def _process(folder: Path, label: str, script: str) -> Run:
    path = folder / f"{abs(hash(label))}.py"
    path.write_text(script)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}

    def run() -> None:
        done = subprocess.run([sys.executable, str(path)], env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])

    return run
