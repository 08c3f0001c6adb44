"""The loop that a user of numba writes in ten minutes, one network or a population over prange."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np

from ..case import Case, Run
from ..workloads import Population

PACKAGE = "numba"


def available() -> bool:
    return True


def fixed(pop: Population, method: str) -> list[Case]:
    step = {"euler": _euler, "rk4": _rk4}[method]

    def run() -> np.ndarray:
        y = pop.y0.copy()
        step(pop.W[0], pop.b[0], pop.tau[0], y[0], pop.dt, pop.steps)
        return y

    return [Case("naive numba", lambda: run)]


def population(pop: Population) -> list[Case]:
    return [
        Case("naive numba", lambda: _ensemble(pop, _serial)),
        Case("naive numba prange", lambda: _ensemble(pop, _parallel), cores=0),
    ]


def _ensemble(pop: Population, function: Callable) -> Run:
    pop = pop.expanded()

    def run() -> np.ndarray:
        y = pop.y0.copy()
        function(pop.W, pop.b, pop.tau, y, pop.dt, pop.steps)
        return y

    return run


def controller(pop: Population) -> list[Case]:
    def build() -> Callable[[np.ndarray], np.ndarray]:
        y = pop.y0[0].copy()
        return lambda u: _step(pop.W[0], pop.b[0], pop.tau[0], y, u, pop.dt)

    return [Case("naive numba step", build)]


@numba.njit
def _slope(W, b, tau, y, o, dy):
    for j in range(y.size):
        o[j] = 1.0 / (1.0 + np.exp(-(y[j] + b[j])))
    for i in range(y.size):
        drive = -y[i]
        for j in range(y.size):
            drive += W[i, j] * o[j]
        dy[i] = drive / tau[i]


@numba.njit
def _euler(W, b, tau, y, dt, steps):
    o = np.empty_like(y)
    dy = np.empty_like(y)
    for _ in range(steps):
        _slope(W, b, tau, y, o, dy)
        for i in range(y.size):
            y[i] += dt * dy[i]


@numba.njit
def _rk4(W, b, tau, y, dt, steps):
    o = np.empty_like(y)
    k1, k2, k3, k4, stage = np.empty_like(y), np.empty_like(y), np.empty_like(y), np.empty_like(y), np.empty_like(y)
    for _ in range(steps):
        _slope(W, b, tau, y, o, k1)
        for i in range(y.size):
            stage[i] = y[i] + 0.5 * dt * k1[i]
        _slope(W, b, tau, stage, o, k2)
        for i in range(y.size):
            stage[i] = y[i] + 0.5 * dt * k2[i]
        _slope(W, b, tau, stage, o, k3)
        for i in range(y.size):
            stage[i] = y[i] + dt * k3[i]
        _slope(W, b, tau, stage, o, k4)
        for i in range(y.size):
            y[i] += dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i])


@numba.njit
def _serial(W, b, tau, y, dt, steps):
    for m in range(y.shape[0]):
        _euler(W[m], b[m], tau[m], y[m], dt, steps)


@numba.njit(parallel=True)
def _parallel(W, b, tau, y, dt, steps):
    for m in numba.prange(y.shape[0]):
        _euler(W[m], b[m], tau[m], y[m], dt, steps)


@numba.njit
def _step(W, b, tau, y, u, dt):
    o = 1.0 / (1.0 + np.exp(-(y + b)))
    for i in range(y.size):
        drive = u[i] - y[i]
        for j in range(y.size):
            drive += W[i, j] * o[j]
        y[i] += dt * drive / tau[i]
    return 1.0 / (1.0 + np.exp(-(y + b)))
