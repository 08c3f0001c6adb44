"""Array expressions in a Python loop: what most scripts do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..case import Case, Run
from ..workloads import Population

PACKAGE = "numpy"
SHARE = 0.05  # of the steps that are asked for
LEAST = 1000


def available() -> bool:
    return True


def fixed(pop: Population, method: str) -> list[Case]:
    steps = _some_of(pop.steps)
    step = {"euler": _euler, "rk4": _rk4}[method]
    return [Case("numpy loop", lambda: _runner(pop.lasting(steps), step), share=steps / pop.steps)]


def population(pop: Population) -> list[Case]:
    steps = max(1, pop.steps // 50)
    if pop.steps <= LEAST:
        steps = pop.steps
    label = "numpy loop over steps"
    return [Case(label, lambda: _runner(pop.lasting(steps), _euler), cores=0, share=steps / pop.steps)]


def controller(pop: Population) -> list[Case]:
    def build() -> Callable[[np.ndarray], np.ndarray]:
        W, b, tau, y = pop.W[0], pop.b[0], pop.tau[0], pop.y0[0].copy()

        def step(u: np.ndarray) -> np.ndarray:
            y[:] += pop.dt * (W @ _sigma(y + b) - y + u) / tau
            return _sigma(y + b)

        return step

    return [Case("numpy step", build)]


def controllers(pop: Population) -> list[Case]:
    def build() -> Callable[[np.ndarray], np.ndarray]:
        y = pop.y0.copy()

        def step(u: np.ndarray) -> np.ndarray:
            y[:] += pop.dt * (_drive(pop.W, _sigma(y + pop.b)) - y + u) / pop.tau
            return _sigma(y + pop.b)

        return step

    return [Case("numpy step, all members", build)]


def _some_of(steps: int) -> int:
    return min(steps, max(LEAST, int(SHARE * steps)))


def _runner(pop: Population, step: Callable) -> Run:
    W, b, tau = (pop.W[0], pop.b[0], pop.tau[0]) if pop.members == 1 else (pop.W, pop.b, pop.tau)
    start = pop.y0[0] if pop.members == 1 else pop.y0

    def slope(y: np.ndarray) -> np.ndarray:
        o = _sigma(y + b)
        drive = W @ o if y.ndim == 1 else _drive(W, o)
        return (drive - y) / tau

    def run() -> np.ndarray:
        y = start
        for _ in range(pop.steps):
            y = step(slope, y, pop.dt)
        return y.reshape(pop.y0.shape)

    return run


def _drive(W: np.ndarray, o: np.ndarray) -> np.ndarray:
    return o @ W.T if W.ndim == 2 else np.matmul(W, o[:, :, None])[:, :, 0]


def _sigma(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _euler(slope: Callable, y: np.ndarray, dt: float) -> np.ndarray:
    return y + dt * slope(y)


def _rk4(slope: Callable, y: np.ndarray, dt: float) -> np.ndarray:
    k1 = slope(y)
    k2 = slope(y + dt / 2 * k1)
    k3 = slope(y + dt / 2 * k2)
    k4 = slope(y + dt * k3)
    return y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
