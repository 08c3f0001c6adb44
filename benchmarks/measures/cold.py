"""From the shell to the first trajectory on a machine where nothing was compiled before: an empty cache in each process."""

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

TITLE = "first trajectory with an empty cache, in a new process"
ROOT = Path(__file__).parents[2]
BOTH = "ctrnn: a first trajectory, then a user's right-hand side in another process"


def measure(options: Options) -> Iterator[Table]:
    scripts = _scripts(options)
    cases = [Case(label, lambda label=label: _process(*scripts[label])) for label in scripts]
    timings, failures = _compare.timed(cases, options)
    table = Table("one script in a new process, with an empty cache", ("script", "cpu", "time", "spread"))
    for label, timing in timings.items():
        times = seconds(timing.cpu), seconds(timing.median), spread(timing.low, timing.high)
        table.rows.append((label, *times))
    table.notes = [
        "the whole process, interpreter and imports included; cpu: processor time, the steadier measure",
        *_compare.notes(cases, failures, None),
    ]
    yield table


def _scripts(options: Options) -> dict[str, tuple[str, str]]:
    """Return for each label the scripts that share a cache: one that may go before, and the last."""
    scripts: dict[str, tuple[str, str]] = {}
    if ours.available():
        trajectory, users = ours.STARTUP["ctrnn: import, first trajectory"], ours.STARTUP[ours.USERS]
        scripts = {"ctrnn: first trajectory": ("", trajectory), "ctrnn: a user's right-hand side": ("", users),
                   BOTH: (trajectory, users)}  # fmt: skip
    for peer in peers.modules(options.peers):
        if peer is not ours and hasattr(peer, "STARTUP"):
            scripts[f"{peer.PACKAGE}: first trajectory"] = "", peer.STARTUP
    return scripts


def _process(before: str, script: str) -> Run:
    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
            environment = os.environ | {"PYTHONPATH": path, "NUMBA_CACHE_DIR": folder}
            for text in filter(None, (before, script)):
                done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True)
                if done.returncode:
                    raise RuntimeError(done.stderr.strip().splitlines()[-1])

    return run
