"""numbalsoda: LSODA and DOP853 without Python between the steps. It says success with NaN: its states are checked."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from ..case import Case, Run
from ..workloads import Adaptive

PACKAGE = "numbalsoda"
BLAS_FROM = 100
MAX_STEPS = 20_000  # far more than it needs; near its rounding errors DOP853 takes as many as it may

STARTUP = """
import numba as nb, numpy as np
from numbalsoda import lsoda_sig, dop853
@nb.cfunc(lsoda_sig, cache=True)
def rhs(t, x, dx, p):
    W = nb.carray(p, (3, 3))
    for i in range(3):
        dx[i] = -x[i]
        for j in range(3):
            dx[i] += W[i, j] * np.tanh(x[j])
W = 3 * np.random.default_rng(1).normal(size=(3, 3)) / np.sqrt(3)
y, success = dop853(rhs.address, np.array([0.1, 0.2, 0.3]), np.linspace(0, 100, 1001), W, rtol=1e-6, atol=1e-6)
assert success
"""


def available() -> bool:
    return importlib.util.find_spec("numbalsoda") is not None


def adaptive(problem: Adaptive) -> list[Case]:
    import numbalsoda

    rhs = _rhs(problem.size)
    solvers = {"numbalsoda dop853": numbalsoda.dop853, "numbalsoda lsoda": numbalsoda.lsoda}
    return [Case(label, _builder(solver, rhs, problem)) for label, solver in solvers.items()]


def _builder(solver: Callable, rhs: Any, problem: Adaptive) -> Callable[[float], Run]:
    times = np.concatenate([[0.0], problem.t])

    def build(tolerance: float) -> Run:
        def run() -> np.ndarray:
            y, success = solver(
                rhs.address, problem.x0, times, problem.W.ravel(), rtol=tolerance, atol=tolerance, mxstep=MAX_STEPS
            )
            if not (success and np.isfinite(y).all()):
                raise RuntimeError("numbalsoda did not reach the end")
            return y[1:].T

        return run

    return build


def _rhs(size: int) -> Any:
    from numbalsoda import lsoda_sig

    @numba.cfunc(lsoda_sig)
    def loops(t, x, dx, p):
        W = numba.carray(p, (size, size))
        s = np.empty(size)
        for j in range(size):
            s[j] = np.tanh(x[j])
        for i in range(size):
            drive = -x[i]
            for j in range(size):
                drive += W[i, j] * s[j]
            dx[i] = drive

    @numba.cfunc(lsoda_sig)
    def blas(t, x, dx, p):
        state = numba.carray(x, (size,))
        out = numba.carray(dx, (size,))
        out[:] = numba.carray(p, (size, size)) @ np.tanh(state) - state

    return blas if size >= BLAS_FROM else loops
