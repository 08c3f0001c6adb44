"""heyoka: Taylor series of high order, compiled for the one network that it is given."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np

from ..case import Case, Run
from ..workloads import Adaptive

PACKAGE = "heyoka"
LARGEST = 100  # an expression a synapse: 1000 neurons would be a million
COMPACT_FROM = 50  # unrolled code is faster for small networks and takes minutes to compile for large ones

STARTUP = """
import numpy as np, heyoka as hy
W = 3 * np.random.default_rng(1).normal(size=(3, 3)) / np.sqrt(3)
x = hy.make_vars("a", "b", "c")
s = [hy.tanh(v) for v in x]
rhs = [(x[i], -x[i] + hy.sum([W[i, j] * s[j] for j in range(3)])) for i in range(3)]
ta = hy.taylor_adaptive(rhs, [0.1, 0.2, 0.3], tol=1e-6)
ta.propagate_grid(np.linspace(0, 100, 1001))
"""


def available() -> bool:
    return importlib.util.find_spec("heyoka") is not None


def adaptive(problem: Adaptive) -> list[Case]:
    if problem.size > LARGEST:
        return []
    return [Case("heyoka", lambda tolerance: _build(problem, tolerance), note="heyoka compiles for each network")]


def _build(problem: Adaptive, tolerance: float) -> Run:
    import heyoka

    compact = problem.size >= COMPACT_FROM
    integrator = heyoka.taylor_adaptive(_equations(problem), problem.x0, tol=tolerance, compact_mode=compact)
    grid = np.concatenate([[0.0], problem.t])

    def run() -> np.ndarray:
        integrator.time = 0.0
        integrator.state[:] = problem.x0
        return integrator.propagate_grid(grid)[-1][1:].T

    return run


def _equations(problem: Adaptive) -> list[tuple[Any, Any]]:
    import heyoka

    x = heyoka.make_vars(*(f"x{i}" for i in range(problem.size)))
    s = [heyoka.tanh(v) for v in x]
    drives = [heyoka.sum([w * o for w, o in zip(row, s, strict=True)]) for row in problem.W]
    return [(v, -v + drive) for v, drive in zip(x, drives, strict=True)]
