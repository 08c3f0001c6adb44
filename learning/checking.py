"""A gradient beside differences of what it is the gradient of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from neurodynamics.validation import Floats

STEP = 1e-4  # of differences along a direction, relative to each parameter, or to 1 where it is below
# Fourth order, from fractions of a step to weights: central; and to one side, for parameters at the end of their range.
CENTRAL = {1.0: -1 / 6, 0.5: 8 / 6, -0.5: -8 / 6, -1.0: 1 / 6}
AHEAD = {0.0: -25 / 3, 0.25: 16.0, 0.5: -12.0, 0.75: 16 / 3, 1.0: -1.0}
BEHIND = {-side: -weight for side, weight in AHEAD.items()}


def length_of(vector: Any) -> float:
    """Return the length of a vector, which does not overflow where its squares would."""
    return float(scipy.linalg.norm(vector, check_finite=False))


def checked(found: Any, system: Any, positions: np.ndarray, value_of: Callable[[Any], float]) -> Any:
    """Return a gradient with its distance from differences of a loss along it."""
    length = length_of(found.vector)
    if length == 0.0:
        return found
    direction = np.zeros(system.param_dim)
    direction[positions] = found.vector / length
    return dataclasses.replace(found, gap=abs(slope_along(direction, system, value_of) - length) / length)


def slope_along(direction: Floats, system: Any, value_of: Callable[[Any], float]) -> float:
    """Return the derivative of a value along a direction of the parameters.

    Where neither side is allowed, some parameters are at an end of their range, maybe different ones: then it is the sum of
    the derivatives along both halves of the direction.
    """
    h = STEP / float((np.abs(direction) / np.maximum(np.abs(system.params), 1.0)).max())
    refused = ""
    for stencil in (CENTRAL, AHEAD, BEHIND):
        try:
            moved = [(weight, system.with_params(system.params + side * h * direction)) for side, weight in stencil.items()]
        except ValueError as error:
            refused = refused or str(error)
        else:
            return sum(weight * value_of(each) for weight, each in moved) / h
    inside = np.flatnonzero(direction)
    if inside.size == 1:
        raise ValueError(f"`check` moves parameters, and not all may move: {refused} Leave such ones out of `params`.")
    halves = np.zeros((2, direction.size))
    for row, places in zip(halves, np.array_split(inside, 2), strict=True):
        row[places] = direction[places]
    return sum(slope_along(half, system, value_of) for half in halves)
