"""Minima that are not quadratic: their curvature vanishes along one direction, and where the flow goes decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.equilibria import Unresolved
from analysis.landscape.descent import descend
from analysis.landscape.spaces import modes_of
from analysis.landscape.stationary import DEGENERATE, Model, Stationary, size_of
from neurodynamics.validation import Floats

SMALL = 1e-2  # of the size: undecided sets of a larger extent are no points
PUSH = 0.03  # of the size: how far out the flow is followed from, on both sides
RETURNED = 2e-3  # of the size: how near to the point it must come back


def with_flat_minima(model: Model, points: Stationary, deadline: float | None) -> Stationary:
    """Return the points with those undecided ones to which states on both sides of the flat direction return."""
    size = size_of(points.x)
    flat = [found for found in points.unresolved if _is_minimum(model, found, size, deadline)]
    if not flat:
        return points
    x = np.concatenate([points.x, [found.point for found in flat]])
    added = np.zeros(len(flat), dtype=points.index.dtype)
    rest = tuple(found for found in points.unresolved if found not in flat)
    reason = f"{len(flat)} of the minima: no curvature along one direction; the flow returns from both sides, without proof"
    return replace(
        points, x=x, index=np.concatenate([points.index, added]), hits=np.concatenate([points.hits, added + 1]),
        certified=np.concatenate([points.certified, added > 0]), unresolved=rest, complete=False, reason=reason,
    )  # fmt: skip


def _is_minimum(model: Model, found: Unresolved, size: float, deadline: float | None) -> bool:
    one = found.cause == "degenerate" and len(found.null_directions) == 1
    if not one or np.max(found.upper - found.lower) > SMALL * size:
        return False
    x, push = found.point[np.newaxis], PUSH * size * found.null_directions
    rates = modes_of(model, x)[0][0]
    if rates.max() > DEGENERATE * np.abs(rates).max():  # it falls along another direction
        return False
    starts: Floats = np.concatenate([x + push, x - push])
    ends = descend(model.flow, starts, x, np.full(1, RETURNED * size), size=size, jacobian=model.jacobian, deadline=deadline)
    return bool((ends.target == 0).all() and (model.energy(starts) > model.energy(x)).all())
