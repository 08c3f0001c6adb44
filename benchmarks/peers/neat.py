"""neat-python's CTRNN: pure Python, and another model (its states are the outputs, leaking).

Its two buffers swap without being copied, so every value moves in every other step only: it runs at half speed. What
is measured is the time of a step, and no error is given.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from ..case import Case, Run
from ..workloads import Population

PACKAGE = "neat-python"
LEAST = 1000
NOTE = "neat-python: another model, at half speed; no error given"

STARTUP = """
from neat.activations import sigmoid_activation
from neat.aggregations import sum_aggregation
from neat.ctrnn import CTRNN, CTRNNNodeEval
nodes = {i: CTRNNNodeEval(1.0, sigmoid_activation, sum_aggregation, 0.0, 1.0, [(j, 1.0) for j in range(3)])
         for i in range(3)}
CTRNN([], [0, 1, 2], nodes).advance([], 100.0, 0.1)
"""


def available() -> bool:
    return importlib.util.find_spec("neat") is not None


def fixed(pop: Population, method: str) -> list[Case]:
    if method != "euler":
        return []
    steps = min(pop.steps, max(LEAST, pop.steps // 50))
    return [Case("neat-python", lambda: _runner(pop.lasting(steps)), share=steps / pop.steps, note=NOTE)]


def population(pop: Population) -> list[Case]:
    return [Case("neat-python", lambda: _runner(pop.expanded().head(1)), share=1 / pop.members, note=NOTE)]


def controller(pop: Population) -> list[Case]:
    def build() -> Callable[[np.ndarray], list[float]]:
        network = _network(pop)
        return lambda u: network.advance(u, pop.dt, pop.dt)

    return [Case("neat-python step", build, note=NOTE)]


def _runner(pop: Population) -> Run:
    def run() -> None:
        _network(pop).advance([0.0] * pop.size, pop.steps * pop.dt, pop.dt)

    return run


def _network(pop: Population) -> Any:
    from neat.activations import sigmoid_activation
    from neat.aggregations import sum_aggregation
    from neat.ctrnn import CTRNN, CTRNNNodeEval

    neurons = range(pop.size)
    inputs = [-1 - i for i in neurons]
    nodes = {}
    for i in neurons:
        links = [(j, float(pop.W[0, i, j])) for j in neurons] + [(-1 - i, 1.0)]
        tau, b = float(pop.tau[0, i]), float(pop.b[0, i])
        nodes[i] = CTRNNNodeEval(tau, sigmoid_activation, sum_aggregation, b, 1.0, links)
    return CTRNN(inputs, list(neurons), nodes)
