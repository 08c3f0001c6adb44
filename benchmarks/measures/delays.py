"""A delay equation at equal achieved error, beside jitcdde (pip install jitcdde sympy; a C compiler) if it is there."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator

import numpy as np

from ..case import Case, Run
from ..options import Options
from ..table import Table
from . import adaptive

TITLE = "Mackey and Glass's equation, written by a user: the last state at T = 300, at equal achieved error"
DURATION, START = 300.0, 0.5
BETA, GAMMA, POWER, TAU = 0.2, 0.1, 10.0, 17.0
TOLERANCES = (*adaptive.TOLERANCES, 1e-13)


def measure(options: Options) -> Iterator[Table]:
    exact = _ours("dopri5", 1e-13)()  # by another pair than the best of the cases

    def error_of(state: np.ndarray) -> float:
        return float(np.abs(state - exact).max())

    cases = [Case(f"ours, {method}", functools.partial(_ours, method)) for method in ("dop853", "dopri5")]
    if importlib.util.find_spec("jitcdde") is not None:
        cases.append(Case("jitcdde", _jitcdde))
    sweeps, failures = {}, {}
    for case in cases:
        sweeps[case.label], why = adaptive.sweep(case, "Mackey-Glass", error_of, options, TOLERANCES)
        if why:
            failures[case.label] = why
    for target in adaptive.TARGETS:
        yield adaptive.comparison(f"error <= {target:.0e}", target, cases, sweeps, failures, options)


def _slope(t: float, y: np.ndarray, z: np.ndarray, u: np.ndarray, p: np.ndarray, out: np.ndarray) -> None:
    out[0] = BETA * z[0] / (1.0 + z[0] ** POWER) - GAMMA * y[0]


def _ours(method: str, tolerance: float) -> Run:
    from neurodynamics import DelayedSystem, simulate

    system = DelayedSystem(_slope, 1, [(0, TAU)])
    options = {"method": method, "rtol": tolerance, "atol": tolerance, "save": "final"}
    return lambda: simulate(system, DURATION, [START], **options).final


def _jitcdde(tolerance: float) -> Run:
    import jitcdde as jit

    past = jit.y(0, jit.t - TAU)
    equation = jit.jitcdde([BETA * past / (1 + past**POWER) - GAMMA * jit.y(0)], verbose=False)
    equation.set_integration_parameters(rtol=tolerance, atol=tolerance, first_step=1e-3)

    def run() -> np.ndarray:
        equation.purge_past()
        equation.constant_past([START])
        equation.reset_integrator()
        equation.step_on_discontinuities()
        return np.array(equation.integrate(DURATION))

    return run
