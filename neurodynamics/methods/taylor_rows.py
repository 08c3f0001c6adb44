"""What the driver of Taylor steps and the right-hand sides with Taylor coefficients know of each other.

The driver calls two functions of the right-hand side by their address: ``slope(frame, stage, t, t_ref)``, which puts
f(t, y) into the row SLOPE, and ``orders(frame, t, t_ref, r)``, which sets the coefficients ``y^(k) r^k / k!`` of the state,
k = 0 .. order, after the slope at the state was evaluated.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba.core import types

from neurodynamics.compiling import INTEGERS, doubles, integers, kernel, rows
from neurodynamics.methods import frame as F

SCALE, SLOPE, Y_NEW, POINT, FIRST = range(5)  # rows of the work array; then the coefficients
PREPARE, AT_START, AT_END = range(3)  # stages: the constants of a run; the state of a step, and the new one
SLOPE_SIGNATURE = types.int64(INTEGERS, types.int64, types.float64, types.float64)
ORDERS_SIGNATURE = types.int64(INTEGERS, types.float64, types.float64, types.float64)


class Coefficients(NamedTuple):
    """Y: scaled coefficients y^(k) r^k / k!, a row an order; q: those of the step's polynomial in x = (t - t0) / h."""

    order: int
    Y: Any
    q: Any


@kernel
def coefficients_of(frame):
    """Return where the coefficients are."""
    order, work, width = integers(frame, F.WHOLE)[F.ORDER], doubles(frame, F.WORK), frame[F.WIDTH]
    return Coefficients(order, rows(work, FIRST, width), rows(work, FIRST + order + 1, width))


@kernel(inline=True)
def own_rows(frame):
    """Return the work rows that belong to the right-hand side, behind the shared ones."""
    return rows(doubles(frame, F.WORK), shared_rows(integers(frame, F.WHOLE)[F.ORDER]), frame[F.WIDTH])


@kernel(inline=True)
def shared_rows(order):
    """Return how many rows are shared."""
    return FIRST + 2 * (order + 1)
