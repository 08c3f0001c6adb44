"""Stretches of a parameter proved to hold no fold: each equilibrium goes on through all of it, and there are no others.

The search that encloses all equilibria of a network takes weights and inputs with errors, and what it proves holds for every
network within them. With the values of a stretch for the error, a complete list says that at each of them there is exactly
one equilibrium for each on the list.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Clock
from analysis.bifurcations.family import Family
from analysis.equilibria import NetInputs, enclose_equilibria, why_not_certified
from neurodynamics.validation import Floats

MOST_BOXES = 600  # a stretch that needs more is cut
FINEST = 2.0**-6  # of the distance of sections: what is left around a fold
SLACK = 1.0 + 1e-12  # rounding of half the width
MOVED = {"biases", "constant_inputs", "input_weights", "weights", "time_constants"}  # linearly, or not at all


class Stretch(NamedTuple):
    """An interval of the parameter, and roughly all equilibria (K, N) in its middle."""

    low: float
    high: float
    x: Floats


def why_no_stretches(family: Family) -> str:
    """Return why nothing can be proved between two values, or an empty string."""
    if family.is_map:
        return "proofs between sections need a flow"
    if reason := why_not_certified(family.system):
        return reason
    layout, direction = family.system.layout, family.directions[0]
    moved = {name for name in layout.shapes if layout.view(direction, name).any()}
    if other := sorted(moved - MOVED):
        return f"{other[0]} move the equations in a way that is not enclosed"
    return ""


def stretches(family: Family, low: float, high: float, clock: Clock) -> Iterator[Stretch]:
    """Cut an interval until each part is proved to hold no fold, or is too small to cut; these are left out."""
    @functools.cache
    def at(p: float) -> NetInputs:
        system, drive = family.at(np.append(np.zeros(family.n), p))
        return NetInputs.of(system, drive)  # type: ignore[arg-type]

    waiting = [(low, high)]
    while waiting and not clock.over:
        a, b = waiting.pop()
        middle = 0.5 * (a + b)
        found = _without_fold(at(a), at(middle), at(b), clock)
        if found is not None:
            yield Stretch(a, b, found)
        elif b - a > FINEST * (high - low):
            waiting += [(middle, b), (a, middle)]


def _without_fold(first: NetInputs, net: NetInputs, last: NetInputs, clock: Clock) -> Floats | None:
    """Roughly all equilibria in the middle of an interval, where there are as many for all its values."""
    reach = SLACK * 0.5 * np.abs(last.beta - first.beta) + np.maximum(first.beta_error, last.beta_error) + net.beta_error
    changed = last.A != first.A
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(changed, SLACK * 0.5 * np.abs(last.A - first.A) / np.abs(net.A), 0.0)
    error = float(relative.max(initial=0.0))
    if not error < 1.0:  # a weight changes its sign
        return None
    try:
        found = enclose_equilibria(
            net.A, net.beta, net.network.activation, weight_error=error + 4.0 * net.weight_error, beta_error=reach,
            max_boxes=MOST_BOXES, timeout=clock.left, refine=False,
        )  # fmt: skip
    except ValueError:  # an unbounded activation, without bounds
        return None
    return net.states(found.x) if found.complete else None
