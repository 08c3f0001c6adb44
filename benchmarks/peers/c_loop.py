"""A hand-written C loop: the yardstick of the fixed-step figures."""

from __future__ import annotations

from .. import native
from ..case import Case
from ..workloads import Population
from . import _compiled

PACKAGE = "gcc"
SOURCE = "loop.c"
VARIANTS = {"C loop -O3": native.FLAGS, "C loop -O3 -ffast-math": native.FAST_FLAGS}


def available() -> bool:
    return native.available(SOURCE)


def fixed(pop: Population, method: str) -> list[Case]:
    return [
        Case(label, lambda flags=flags: _compiled.fixed(SOURCE, pop, method, flags))
        for label, flags in VARIANTS.items()
    ]


def population(pop: Population) -> list[Case]:
    label, flags = next(iter(VARIANTS.items()))
    return [Case(label, lambda: _compiled.population(SOURCE, pop, flags))]
