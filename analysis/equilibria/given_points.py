"""Fixed points that a user hands over: they must be those of the system and inputs that are looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.common import residuals_at
from analysis.equilibria.search import FixedPoints
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats

SAME = 1e-9  # of the values of two systems: they are one at a state


def as_points_of(system: DynamicalSystem, drive: Floats, points: Any, *, period: int | None = None) -> FixedPoints | None:
    """Return points that are None or fixed points of this system under these inputs; else raise and say what f is there."""
    if points is None:
        return None
    if not isinstance(points, FixedPoints) or period not in (None, points.period):
        of_period = "" if period is None else f", of period {period}"
        raise TypeError(f"`points` must be the FixedPoints of the system{of_period}; got {points!r:.60}.")
    if points.x.shape[1] != system.state_dim:
        raise ValueError(f"`points` have {points.x.shape[1]} states and the system {system.state_dim}: they are of another "
                         "system. Call `fixed_points` with this one.")  # fmt: skip
    if (points.system is system and np.array_equal(points.inputs, drive)) or not len(points):
        return points
    here = residuals_at(system, points.x, drive, points.period)
    then = residuals_at(points.system, points.x, points.inputs, points.period)
    size = 1.0 + np.abs(points.x).max(axis=1, keepdims=True)
    apart = ~(np.abs(here - then) <= SAME * size).all(axis=1)
    if apart.any():
        k = int(np.argmax(apart))
        what = "f" if system.kind == "flow" else "F(x) - x"
        raise ValueError(f"`points` are of another system or of other inputs: at points.x[{k}] = {points.x[k]}, {what} is "
                         f"{here[k]} here. Call `fixed_points` with this system and these inputs.")  # fmt: skip
    return points
