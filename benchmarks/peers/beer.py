"""The C++ of the field: a class with one loop over the neurons a step, run on one core."""

from __future__ import annotations

import ctypes

import numpy as np

from .. import native
from ..case import Case
from ..workloads import Population
from . import _compiled

PACKAGE = "g++"
SOURCE = "beer.cpp"
LABEL = "C++ in Beer's style -O3"


def available() -> bool:
    return native.available(SOURCE)


def fixed(pop: Population, method: str) -> list[Case]:
    return [Case(LABEL, lambda: _compiled.fixed(SOURCE, pop, method))]


def walker(pop: Population) -> list[Case]:
    function = native.library("walker.cpp").walkers
    function.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_double, *native.NETWORK, native.DOUBLES]
    function.restype = None

    def run() -> np.ndarray:
        scores = np.empty(pop.members)
        function(pop.members, pop.size, pop.steps, pop.dt, pop.W, pop.b, pop.tau, pop.y0, scores)
        return scores

    return [Case(LABEL, lambda: run)]


def population(pop: Population) -> list[Case]:
    return [Case(LABEL, lambda: _compiled.population(SOURCE, pop))]
