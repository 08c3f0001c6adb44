"""The compiled drivers: constant steps, error control, Taylor series, maps, and what they share."""

from neurodynamics.methods import (
    adaptive,
    events,
    fixed,
    frame,
    maps,
    output,
    protocol,
    rosenbrock,
    taylor,
    taylor_rows,
    taylor_series,
    traced_series,
)
from neurodynamics.methods.fixed import EXTRA_ROWS, ON_GRID, Scheme, at_pointers, scheme_arrays, step
from neurodynamics.methods.frame import frames_of_members
from neurodynamics.methods.members import KEPT, PENDING, run_members
from neurodynamics.methods.protocol import NON_FINITE, Drive
from neurodynamics.methods.taylor import choose_order, step_cost
from neurodynamics.methods.traced_series import order_for

__all__ = [
    "EXTRA_ROWS",
    "KEPT",
    "NON_FINITE",
    "ON_GRID",
    "PENDING",
    "Drive",
    "Scheme",
    "adaptive",
    "at_pointers",
    "choose_order",
    "events",
    "fixed",
    "frame",
    "frames_of_members",
    "maps",
    "order_for",
    "output",
    "protocol",
    "rosenbrock",
    "run_members",
    "scheme_arrays",
    "step",
    "step_cost",
    "taylor",
    "taylor_rows",
    "taylor_series",
    "traced_series",
]
