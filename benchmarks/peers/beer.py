"""The C++ of the field: a class with one loop over the neurons a step, run on one core."""

from __future__ import annotations

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


def population(pop: Population) -> list[Case]:
    return [Case(LABEL, lambda: _compiled.population(SOURCE, pop))]
