"""Compile what first runs need: ``python -m neurodynamics.prepare [folder]``.

Every run does this by itself for what it needs, once on a machine. To do it beforehand, for a container or for a cluster
whose nodes share a folder, run this command where the code will run, and set ``NUMBA_CACHE_DIR`` to the folder there::

    python -m neurodynamics.prepare /opt/kernels
    NUMBA_CACHE_DIR=/opt/kernels python my_script.py

To bring it along in a wheel, for all processors of a level (and the same versions of Python, numpy and numba)::

    python -m neurodynamics.prepare --ship x86-64-v3
    python -m build --wheel
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numba
import numpy as np

from neurodynamics.closed_loop import Task, evaluate
from neurodynamics.compiling import LEVELS, SHIPPED
from neurodynamics.inputs import Sine
from neurodynamics.simulation import simulate, simulate_ensemble
from neurodynamics.systems import AdditiveNetwork, DynamicalSystem

SIZES = (3, 6, 10, 14, 20)  # one of each kind of loop over the orders of Taylor steps
FIXED = ("euler", "rk4", "exponential_euler")
OTHERS = ("learning.preparing",)
ACTIVATIONS = ("logistic", "tanh")
CHECKSUM, MACHINE_CODE = 32, b'{"library"'  # how kept files begin


def main(arguments: Sequence[str] | None = None) -> None:
    """Compile, and say what takes how long."""
    parser = argparse.ArgumentParser(prog="python -m neurodynamics.prepare", description="Compile what first runs need.")
    parser.add_argument("folder", nargs="?", type=Path, help="where to keep it; by default where runs look for it")
    parser.add_argument("--ship", choices=LEVELS, help="put it into the package, for a level that this processor has")
    options = parser.parse_args(arguments)
    if options.ship:
        _ship(options.ship)
        return
    folder = options.folder
    if folder is not None:
        numba.config.CACHE_DIR = str(folder.resolve())  # type: ignore[attr-defined]
    for name, run in (WORK | _of_others()).items():
        start = time.perf_counter()
        run()
        print(f"{name:36} {time.perf_counter() - start:6.1f} s", flush=True)


def _of_others() -> dict[str, Callable[[], None]]:
    """Return what packages that stand on this one have kernels for, where they are there."""
    found: dict[str, Callable[[], None]] = {}
    for name in OTHERS:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            found |= importlib.import_module(name).WORK
    return found


def _ship(level: str) -> None:
    """Compile for a level in a process of its own, and put what is machine code alone where `cache` looks for it."""
    shutil.rmtree(SHIPPED / level, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CPU_NAME": level, "NUMBA_CPU_FEATURES": ""}
        subprocess.run([sys.executable, "-m", "neurodynamics.prepare", folder], env=environment, check=True)
        for path in Path(folder).rglob("*.nbc"):
            if path.read_bytes()[CHECKSUM:].startswith(MACHINE_CODE):
                room = path.relative_to(folder).parts[0].rpartition("_")[0]  # numba adds a digest of the path
                (SHIPPED / level / room).mkdir(parents=True, exist_ok=True)
                shutil.copy(path, SHIPPED / level / room)
    print(f"{sum(1 for _ in (SHIPPED / level).rglob('*.nbc'))} kernels for {level} are in {SHIPPED / level}")


def network(n: int = 3, name: str = "logistic", noise: float = 0.0) -> AdditiveNetwork:
    """Return a small network of leaky neurons."""
    weights = np.random.default_rng(n).normal(size=(n, n)) / np.sqrt(n)
    return AdditiveNetwork(weights, activation=name, noise=noise)


def _first_trajectories() -> None:
    for name in ACTIVATIONS:
        for n in SIZES:
            simulate(network(n, name), 1.0, np.zeros(n))


def _other_methods() -> None:
    for method in ("dop853", "dopri5"):
        simulate(network(), 1.0, np.zeros(3), method=method)
    for method in FIXED:
        simulate(network(), 1.0, np.zeros(3), method=method, dt=0.01)
    simulate(network(noise=0.1), 1.0, np.zeros(3), method="euler_maruyama", dt=0.01, rng=0)


def _inputs() -> None:
    for method, dt in ((None, None), ("dop853", None), ("rk4", 0.01)):
        simulate(network(), 1.0, np.zeros(3), inputs=[Sine(1.0, 0.3), 0.0, 0.0], method=method, dt=dt)


def _ensembles() -> None:
    states = np.zeros((40, 3))
    simulate_ensemble(network(), 1.0, states, save="final")
    for dtype in ("float64", "float32"):
        for method in FIXED:
            simulate_ensemble(network(), 1.0, states, method=method, dt=0.01, dtype=dtype)
            simulate_ensemble(network(), 1.0, states, params={"biases": states}, method=method, dt=0.01, dtype=dtype)


def _oscillator(t: float, y: Any, u: Any, params: Any, out: Any) -> None:
    out[0] = y[1]
    out[1] = -y[0]


def _falling(t: float, y: Any) -> float:
    return y[0]


def _users() -> None:
    system = DynamicalSystem(_oscillator, state_dim=2)
    for method, dt in ((None, None), ("rk4", 0.01)):
        simulate(system, 1.0, np.ones(2), method=method, dt=dt)
        simulate(system.with_events([_falling]), 3.0, np.ones(2), method=method, dt=dt)
    simulate_ensemble(system, 1.0, np.ones((4, 2)), save="final")


def _reset(key: Any, trial: int, state: Any, sensors: Any) -> None:
    state[0] = 1.0


def _step(t: float, dt: float, motors: Any, state: Any, sensors: Any, score: Any) -> int:
    state[0] += dt * motors[0]
    score[0] = state[0]
    return 0


def _closed_loops() -> None:
    task = Task(reset=_reset, step=_step, motors=1, sensors=1, state_dim=1)
    for params in (None, {"biases": np.zeros((20, 3))}):
        evaluate(network(), task, duration=1.0, dt=0.1, params=params)


WORK: dict[str, Callable[[], None]] = {
    "first trajectories": _first_trajectories,
    "other methods": _other_methods,
    "inputs that vary": _inputs,
    "ensembles": _ensembles,
    "systems of users, events": _users,
    "closed loops": _closed_loops,
}

if __name__ == "__main__":
    main()
