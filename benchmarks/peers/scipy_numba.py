"""SciPy's solvers with a right-hand side compiled by numba: what a careful user of SciPy has."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
from scipy.integrate import solve_ivp

from ..case import Case, Run
from ..workloads import Adaptive

PACKAGE = "scipy"
BLAS_FROM = 100
METHODS = ("RK45", "DOP853", "LSODA")

STARTUP = """
import numpy as np
from scipy.integrate import solve_ivp
W = 3 * np.random.default_rng(1).normal(size=(3, 3)) / np.sqrt(3)
sol = solve_ivp(lambda t, x: -x + W @ np.tanh(x), (0, 100), [0.1, 0.2, 0.3], t_eval=np.linspace(0, 100, 1001))
assert sol.success
"""


def available() -> bool:
    return True


def adaptive(problem: Adaptive) -> list[Case]:
    rhs = _rhs(problem.size)
    return [Case(f"scipy {method}, numba rhs", _builder(rhs, problem, method)) for method in METHODS]


def _builder(rhs: Callable, problem: Adaptive, method: str) -> Callable[[float], Run]:
    def build(tolerance: float) -> Run:
        def run() -> np.ndarray:
            options = {"rtol": tolerance, "atol": tolerance, "args": (problem.W,)}
            sol = solve_ivp(rhs, (0.0, problem.t[-1]), problem.x0, method, problem.t, **options)
            if not sol.success:
                raise RuntimeError(sol.message)
            return sol.y

        return run

    return build


def _rhs(size: int) -> Callable:
    @numba.njit
    def loops(t, x, W):
        s = np.empty_like(x)
        dx = np.empty_like(x)
        for j in range(x.size):
            s[j] = np.tanh(x[j])
        for i in range(x.size):
            drive = -x[i]
            for j in range(x.size):
                drive += W[i, j] * s[j]
            dx[i] = drive
        return dx

    @numba.njit
    def blas(t, x, W):
        return -x + W @ np.tanh(x)

    return blas if size >= BLAS_FROM else loops
