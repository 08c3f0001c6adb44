"""Curves in a plane along which a function is zero, every branch in a box: marching squares, then Newton's method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from contourpy import contour_generator

from neurodynamics.validation import Floats

CELLS = 240  # of the grid, along each side
STEPS = 6  # of Newton's method, up the gradient
DIFFERENCE = 1e-6  # of the side of the box
SHARP = 0.05  # of the largest value on the grid: a curve whose points stay so far from zero is a jump of the function


def zero_curves(function: Callable[[Floats], Floats], box: Floats, cells: int = CELLS) -> list[Floats]:
    """Return the branches, each (K, 2), on which a function of states (K, 2) is zero in a box of rows (least, largest)."""
    x, y = (np.linspace(low, high, cells + 1) for low, high in box)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    with np.errstate(all="ignore"):
        values = function(grid).reshape(cells + 1, cells + 1)
        lines = contour_generator(x, y, np.ma.masked_invalid(values)).lines(0.0)
        size = float(np.nanmax(np.abs(np.where(np.isfinite(values), values, np.nan)), initial=0.0))
        branches = [_refined(function, np.asarray(line), box) for line in lines]
        return [branch for branch in branches if len(branch) > 1 and np.median(np.abs(function(branch))) <= SHARP * size]


def _refined(function: Callable[[Floats], Floats], points: Floats, box: Floats) -> Floats:
    """Move points onto the curve, each within a cell."""
    side = np.ptp(box, axis=1)
    step = DIFFERENCE * side
    start = points.copy()
    for _ in range(STEPS):
        gradient = np.column_stack([(function(points + move) - function(points - move)) / (2.0 * move.sum())
                                    for move in np.diag(step)]) * side  # fmt: skip
        length = (gradient**2).sum(axis=1)
        change = np.where(length > 0, function(points) / np.where(length > 0, length, 1.0), 0.0)[:, np.newaxis] * gradient
        points = np.where(np.isfinite(change), points - change * side, points)
    near = (np.abs(points - start) <= 2.0 * side / CELLS).all(axis=1)
    return np.clip(np.where(near[:, np.newaxis], points, start), box[:, 0], box[:, 1])
