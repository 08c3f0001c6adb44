"""Equations of users: Lorenz' by Taylor steps, at equal achieved error."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator

import numpy as np
from scipy.integrate import solve_ivp

from ..case import Case, Run
from ..options import Options
from ..table import Table
from . import adaptive

TITLE = "Lorenz' equations, written by a user: the last state at T = 10, at equal achieved error"
DURATION = 10.0
START = np.ones(3)
SIGMA, RHO, BETA = 10.0, 28.0, 8.0 / 3.0
TOLERANCES = (*adaptive.TOLERANCES, 1e-14, 3e-15, 1e-15)  # Taylor steps go on where pairs do not
ORDER, STEPS = 28, 640  # of the reference, in extended precision: truncation below 1e-25 a step


def measure(options: Options) -> Iterator[Table]:
    exact = _reference()

    def error_of(state: np.ndarray) -> float:
        return float(np.abs(state - exact).max())

    cases = [Case(f"ours, {method}", functools.partial(_ours, method)) for method in ("taylor", "dop853")]
    cases.append(Case("SciPy DOP853, Python function", _scipy))
    if importlib.util.find_spec("heyoka") is not None:
        cases.append(Case("heyoka", _heyoka))
    sweeps, failures = {}, {}
    for case in cases:
        sweeps[case.label], why = adaptive.sweep(case, "Lorenz", error_of, options, TOLERANCES)
        if why:
            failures[case.label] = why
    for target in adaptive.TARGETS:
        yield adaptive.comparison(f"error <= {target:.0e}", target, cases, sweeps, failures, options)


def _reference() -> np.ndarray:
    """Return the last state by Taylor series in extended precision, one length for all steps."""
    state, h = START.astype(np.longdouble), np.longdouble(DURATION) / STEPS
    for _ in range(STEPS):
        series = np.zeros((ORDER + 1, 3), np.longdouble)
        series[0] = state
        for k in range(ORDER):
            x, y, z = series[: k + 1].T
            slope = SIGMA * (y[k] - x[k]), RHO * x[k] - x @ z[::-1] - y[k], x @ y[::-1] - np.longdouble(BETA) * z[k]
            series[k + 1] = np.array(slope) / (k + 1)
        state = sum(h**k * series[k] for k in range(ORDER, -1, -1))
    return state.astype(float)


def _slope(t: float, y: np.ndarray, u: np.ndarray, p: np.ndarray, out: np.ndarray) -> None:
    out[0] = SIGMA * (y[1] - y[0])
    out[1] = y[0] * (RHO - y[2]) - y[1]
    out[2] = y[0] * y[1] - BETA * y[2]


def _ours(method: str, tolerance: float) -> Run:
    from neurodynamics import DynamicalSystem, PreparedRun

    run = PreparedRun(DynamicalSystem(_slope, state_dim=3), DURATION, method=method, rtol=tolerance, atol=tolerance)
    return lambda: run(START)


def _scipy(tolerance: float) -> Run:
    def slope(t: float, y: np.ndarray) -> list[float]:
        return [SIGMA * (y[1] - y[0]), y[0] * (RHO - y[2]) - y[1], y[0] * y[1] - BETA * y[2]]

    return lambda: solve_ivp(slope, (0.0, DURATION), START, "DOP853", rtol=tolerance, atol=tolerance).y[:, -1]


def _heyoka(tolerance: float) -> Run:
    import heyoka as hy

    x, y, z = hy.make_vars("x", "y", "z")
    system = [(x, SIGMA * (y - x)), (y, x * (RHO - z) - y), (z, x * y - BETA * z)]
    integrator = hy.taylor_adaptive(system, START, tol=tolerance)

    def run() -> np.ndarray:
        integrator.time = 0.0
        integrator.state[:] = START
        integrator.propagate_until(DURATION)
        return integrator.state.copy()

    return run
