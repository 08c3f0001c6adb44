"""Solutions to measure errors against, made by none of the programs under test and kept in memory only."""

from __future__ import annotations

import functools

import numpy as np
from scipy.integrate import solve_ivp

from . import workloads
from .workloads import Adaptive, Population

EXTENDED = np.longdouble  # 64 bits of mantissa on x86; plain double, and errors down to 1e-14, where there is no more
ORDER = 24  # with steps of 0.1 the truncation error is below 1e-18
AGREEMENT = 5e-12  # DOP853 at its tightest tolerance is off by up to 1e-12 at t = 10: too close to the 1e-12 wanted


@functools.cache
def adaptive(size: int) -> np.ndarray:
    """Return the states at the outputs up to ``JUDGED_UNTIL``, shape (N, times).

    Taylor series in extended precision, one step an output, checked against SciPy's DOP853 at 3e-14.
    """
    problem = workloads.adaptive(size)
    times = problem.t[problem.t <= workloads.JUDGED_UNTIL + 1e-9]
    states = _taylor_series(problem, times)
    other = _dop853(problem, times)
    difference = np.abs(states - other).max()
    if not difference < AGREEMENT:
        raise RuntimeError(f"the two references for N = {size} differ by {difference:.1e}")
    return states


def _taylor_series(problem: Adaptive, times: np.ndarray) -> np.ndarray:
    W, x = problem.W.astype(EXTENDED), problem.x0.astype(EXTENDED)
    states = []
    for h in np.diff(times, prepend=0.0):
        x = _evaluate(_coefficients(W, x), EXTENDED(h))
        states.append(x.astype(float))
    return np.array(states).T


def _coefficients(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the series of x, from ``x' = -x + W s``, ``s' = q x'`` and ``q = 1 - s^2`` with s = tanh(x)."""
    X, S, Q = (np.zeros((ORDER + 1, x.size), EXTENDED) for _ in range(3))
    X[0], S[0] = x, np.tanh(x)
    Q[0] = 1 - S[0] ** 2
    for k in range(ORDER):
        m = np.arange(1, k + 2, dtype=EXTENDED)[:, None]
        X[k + 1] = (W @ S[k] - X[k]) / (k + 1)
        S[k + 1] = (Q[k::-1] * m * X[1 : k + 2]).sum(axis=0) / (k + 1)
        Q[k + 1] = -(S[: k + 2] * S[k + 1 :: -1]).sum(axis=0)
    return X


def _evaluate(coefficients: np.ndarray, h: np.floating) -> np.ndarray:
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * h + coefficient
    return value


def _dop853(problem: Adaptive, times: np.ndarray) -> np.ndarray:
    W = problem.W
    sol = solve_ivp(
        lambda t, x: -x + W @ np.tanh(x), (0, times[-1]), problem.x0, "DOP853", times, rtol=3e-14, atol=3e-14
    )
    return sol.y


def fixed_step(pop: Population, method: str = "euler") -> np.ndarray:
    """Return the final states, shape (B, N), by array expressions in extended precision."""
    W, b, tau, y = (a.astype(EXTENDED) for a in (pop.W, pop.b, pop.tau, pop.y0))
    dt = EXTENDED(pop.dt)

    def slope(y: np.ndarray) -> np.ndarray:
        o = 1 / (1 + np.exp(-(y + b)))
        return (np.einsum("...ij,...j->...i", W, o) - y) / tau

    for _ in range(pop.steps):
        k1 = slope(y)
        if method == "euler":
            y = y + dt * k1
        else:
            k2 = slope(y + dt / 2 * k1)
            k3 = slope(y + dt / 2 * k2)
            k4 = slope(y + dt * k3)
            y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y.astype(float)
