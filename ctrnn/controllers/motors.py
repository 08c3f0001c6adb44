"""Motor maps: from outputs of neurons to commands of a body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.simulation import motor_weights_of
from neurodynamics.validation import Floats, as_count, as_floats, as_real


@dataclass(frozen=True)
class MotorMap:
    """A map of each motor by itself: threshold, then scale and offset, then limits.

        ``motor = min(max(scale * x + offset, low), high)`` with x the output, or 1 above and 0 up to the threshold.

    Parameters
    ----------
    scale, offset, low, high : float or array_like, shape (K,)
    threshold : float or array_like, shape (K,), optional

    Examples
    --------
    >>> from ctrnn import MotorMap
    >>> MotorMap(scale=2, offset=-1)([0.0, 0.75])
    array([-1. ,  0.5])
    >>> MotorMap(threshold=0.5)([0.2, 0.75])
    array([0., 1.])
    """

    scale: ArrayLike = 1.0
    offset: ArrayLike = 0.0
    low: ArrayLike = -np.inf
    high: ArrayLike = np.inf
    threshold: ArrayLike | None = None

    def __post_init__(self) -> None:
        for name in ("scale", "offset", "low", "high", "threshold"):
            value = getattr(self, name)
            if value is None and name == "threshold":
                continue
            row = as_real(value, name)
            if row.ndim > 1 or (np.isnan(row).any() and name != "threshold"):
                raise ValueError(f"`{name}` must be a number or a vector (K,) of numbers; got {value!r}.")
            object.__setattr__(self, name, row if row.ndim else float(row))

    def __call__(self, outputs: ArrayLike) -> Floats:
        """Return the motors of outputs (..., K)."""
        values = as_floats(outputs, "outputs")
        scale, offset, low, high, threshold = self.table(values.shape[-1])
        x = np.where(np.isnan(threshold), values, values > threshold)
        return np.minimum(np.maximum(scale * x + offset, low), high)

    def table(self, count: int) -> Floats:
        """Return scale, offset, low, high and threshold (NaN for none) as rows (5, K)."""
        rows = np.empty((5, count))
        for row, name in zip(rows, ("scale", "offset", "low", "high", "threshold"), strict=True):
            value = getattr(self, name)
            try:
                row[:] = np.nan if value is None else as_real(value, name)
            except (TypeError, ValueError) as error:
                raise ValueError(f"`{name}` must be a number or have shape ({count},); {error}.") from None
            if name != "threshold" and np.isnan(row).any():
                raise ValueError(f"`{name}` must hold numbers; got NaN.")
        if (rows[2] > rows[3]).any():
            k = int(np.argmax(rows[2] > rows[3]))
            raise ValueError(f"`low` must not exceed `high`; got {rows[2, k]:g} and {rows[3, k]:g} for motor {k}.")
        return rows


def motors_of(net: Any, motors: Any, motor_map: Any) -> tuple[int, int, Floats]:
    """Return how many motors a network moves, where its motor weights begin (0: none), and the table of a map (5, 0 or K).

    Parameters
    ----------
    net : DynamicalSystem
    motors : int or None
        As many of its outputs; all by default. A network with motor weights has as many as these.
    motor_map : MotorMap or None
    """
    available, first = motor_weights_of(net)
    count = available if motors is None else as_count(motors, "motors")
    if count > available or (first and count != available):
        raise ValueError(f"`motors` must be at most the number of outputs, {available}; got {count}.")
    if motor_map is None:
        return count, first, np.zeros((5, 0))
    if not isinstance(motor_map, MotorMap):
        raise TypeError(f"`motor_map` must be a MotorMap; got {type(motor_map).__name__}.")
    return count, first, motor_map.table(count)
