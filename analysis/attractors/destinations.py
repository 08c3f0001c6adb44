"""Labels of many states: the known attractor that each converges to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.attractors.balls import Ball
from analysis.attractors.flight import Flight
from analysis.attractors.sets import Neighbourhood
from analysis.common import residuals_at
from neurodynamics import UNDECIDED
from neurodynamics.validation import Floats

FIRST_PIECE, LONGEST_PIECE, GROWTH = 4.0, 30.0, 1.2  # units between looks at neighbourhoods
FEWEST_PIECES = 5  # what is patient for a short time only looks more often
PATIENT = 0.05  # of the time spent: pieces grow to that
FIRST_ALONE = 200.0  # units before the first look where there are balls only
AT_REST = 1e-8  # of the size of things in a unit of time
STANDSTILL = 1e-14  # a state on the boundary of basins that has run into a saddle does not leave it any more


@dataclass(frozen=True, eq=False)
class Catch:
    """The test that a state has arrived at an attractor: in one of its balls, its neighbourhood, or at rest within that."""

    balls: tuple[Ball, ...] = ()
    near: Neighbourhood | None = None
    at_rest: bool = False


def destinations(
    flight: Flight,
    catches: Sequence[Catch],
    states: Floats,
    duration: float,
    deadline: float | None = None,
    *,
    fine: bool = False,
    keep: Callable[[np.ndarray], None] | None = None,
) -> tuple[np.ndarray, Floats]:
    """Return the number of the catch of each state (K, N), UNDECIDED or DIVERGES, and where the states were then.

    ``keep`` is given the labels after every piece, so that they are not lost when a call is interrupted.
    """
    numbers = [k for k, catch in enumerate(catches) for _ in catch.balls]
    balls = [ball for catch in catches for ball in catch.balls]
    others = [k for k, catch in enumerate(catches) if catch.near is not None]
    ids = np.array([*numbers, -2, -1])  # of a label of `absorb`, from behind: DIVERGES, UNDECIDED
    labels, ends = np.full(len(states), UNDECIDED), np.array(states)
    waiting, spent = np.arange(len(states)), 0.0
    soon = any(not catches[k].balls for k in others) or not flight.lanes
    piece = (FIRST_PIECE if others and soon else FIRST_ALONE) * flight.unit
    if not flight.lanes:
        piece = min(piece, duration / FEWEST_PIECES)
    seen = np.zeros((len(catches), len(states)), dtype=np.int64)
    while waiting.size:
        found, y = np.full(len(waiting), UNDECIDED), ends[waiting]
        try:
            flight.absorb(y, found, balls, min(piece, duration - spent), deadline, fine=fine)
        finally:  # also where Ctrl-C ends it
            labels[waiting], ends[waiting] = ids[found], y
            if keep is not None:
                keep(labels)
        found = labels[waiting]
        for k in others:
            inside = _inside(catches[k], flight, y)
            seen[k, waiting] = np.where(inside, seen[k, waiting] + 1, 0)
            found[(found == UNDECIDED) & (seen[k, waiting] >= catches[k].near.looks)] = k  # type: ignore[union-attr]
        labels[waiting] = found
        waiting = waiting[found == UNDECIDED]
        waiting = waiting[~(stands_still(flight, ends[waiting]) | flight.sticks(ends[waiting]))]
        if keep is not None:
            keep(labels)
        spent += piece
        piece = min(GROWTH * piece, max(LONGEST_PIECE * flight.unit, PATIENT * spent)) if others else duration
        if spent >= duration or (deadline is not None and time.perf_counter() >= deadline):
            break
    return labels, ends


def _inside(catch: Catch, flight: Flight, states: Floats) -> np.ndarray:
    near = catch.near
    assert near is not None
    inside = near.holds(states)
    if catch.at_rest:
        inside[inside] = is_at_rest(flight, states[inside], near.scale) | flight.sticks(states[inside])
    return inside


def is_at_rest(flight: Flight, states: Floats, scale: Any, limit: float = AT_REST) -> np.ndarray:
    """Whether each of the states (K, N) hardly moves."""
    with np.errstate(all="ignore"):
        f = residuals_at(flight.system, states, flight.drive) * flight.unit
        moved = f / scale
        leaves = flight.signed & (f * states > 0)  # it grows from next to zero, where it keeps its sign
        moved[leaves] = (f / states)[leaves]
        return np.abs(moved).max(axis=1, initial=0.0) <= limit


def stands_still(flight: Flight, states: Floats) -> np.ndarray:
    """Whether each of the states (K, N) does not move at all, but for rounding."""
    size = 1.0 + np.abs(states).max(axis=1, initial=0.0, keepdims=True)
    return is_at_rest(flight, states, size, STANDSTILL)
