"""The compiled drivers: constant steps, error control, Taylor series, maps, and what they share."""

from neurodynamics.methods import (
    adaptive,
    fixed,
    frame,
    maps,
    output,
    protocol,
    taylor,
    taylor_rows,
    taylor_series,
    traced_series,
)
from neurodynamics.methods.fixed import EXTRA_ROWS, ON_GRID, Scheme, at_pointers, scheme_arrays, step
from neurodynamics.methods.frame import addresses, doubles, frames_of_members, integers_at, place
from neurodynamics.methods.members import PENDING, run_members
from neurodynamics.methods.protocol import LEAVING, LOOKS, NON_FINITE, Drive, crossed
from neurodynamics.methods.taylor import choose_order
from neurodynamics.methods.traced_series import order_for

__all__ = [
    "EXTRA_ROWS",
    "LEAVING",
    "LOOKS",
    "NON_FINITE",
    "ON_GRID",
    "PENDING",
    "Drive",
    "Scheme",
    "adaptive",
    "addresses",
    "at_pointers",
    "choose_order",
    "crossed",
    "doubles",
    "fixed",
    "frame",
    "frames_of_members",
    "integers_at",
    "maps",
    "order_for",
    "output",
    "place",
    "protocol",
    "run_members",
    "scheme_arrays",
    "step",
    "taylor",
    "taylor_rows",
    "taylor_series",
    "traced_series",
]
