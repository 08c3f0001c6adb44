"""What ``loop.c`` and ``beer.cpp`` have in common: the same three functions, called through ctypes."""

from __future__ import annotations

import ctypes

import numpy as np

from .. import native
from ..case import Run
from ..workloads import Population


def fixed(source: str, pop: Population, method: str, flags: tuple[str, ...] = native.FLAGS) -> Run:
    function = getattr(native.circuit(source, flags), method)

    def run() -> np.ndarray:
        y = pop.y0.copy()
        function(pop.size, pop.steps, pop.dt, pop.W[0], pop.b[0], pop.tau[0], y[0])
        return y

    return run


def population(source: str, pop: Population, flags: tuple[str, ...] = native.FLAGS) -> Run:
    function = native.circuit(source, flags).population
    pop = pop.expanded()

    def run() -> np.ndarray:
        y = pop.y0.copy()
        function(pop.members, pop.size, pop.steps, pop.dt, pop.W, pop.b, pop.tau, y)
        return y

    return run


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Return the address of an array that the caller keeps alive."""
    return ctypes.c_void_p(array.ctypes.data)
