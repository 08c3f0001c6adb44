"""The PyPI package CTRNN: one network, Euler only, in Python over a sparse matrix.

It recomputes its states from its outputs in every step, so that saturated neurons are clipped (outputs of 1 give
infinite states), and it ignores gain and bias where states are set; a start is given to it as outputs.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from ..case import Case, Run
from ..workloads import Population

PACKAGE = "CTRNN"
LEAST = 1000
MEMBERS = 1  # of a population; the rest is multiplication

STARTUP = """
import numpy as np
from CTRNN import CTRNN
net = CTRNN(3, step_size=0.1)
for _ in range(1000):
    net.euler_step(np.zeros(3))
"""


def available() -> bool:
    return importlib.util.find_spec("CTRNN") is not None


def fixed(pop: Population, method: str) -> list[Case]:
    if method != "euler":
        return []
    steps = min(pop.steps, max(LEAST, pop.steps // 50))
    return [Case("PyPI CTRNN", lambda: _runner(pop.lasting(steps)), share=steps / pop.steps)]


def population(pop: Population) -> list[Case]:
    few = pop.expanded().head(MEMBERS)
    return [Case("PyPI CTRNN", lambda: _runner(few), share=few.members / pop.members)]


def controller(pop: Population) -> list[Case]:
    def build() -> Callable[[np.ndarray], np.ndarray]:
        network = _network(pop, 0)

        def step(u: np.ndarray) -> np.ndarray:
            network.euler_step(u)
            return network.outputs

        return step

    return [Case("PyPI CTRNN step", build)]


def _runner(pop: Population) -> Run:
    nothing = np.zeros(pop.size)

    def run() -> np.ndarray:
        networks = [_network(pop, m) for m in range(pop.members)]
        for network in networks:
            for _ in range(pop.steps):
                network.euler_step(nothing)
        return np.array([network.states for network in networks])

    return run


def _network(pop: Population, member: int) -> Any:
    from CTRNN import CTRNN
    from scipy.sparse import csr_matrix

    network = CTRNN(pop.size, step_size=pop.dt)
    network.taus, network.biases, network.gains = pop.tau[member], pop.b[member], np.ones(pop.size)
    network.weights = csr_matrix(pop.W[member])
    network.outputs = network.sigmoid(pop.y0[member] + pop.b[member])
    return network
