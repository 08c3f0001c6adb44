"""The compiled drivers: constant steps, error control, Taylor series, maps, and what they share."""

from neurodynamics.methods import adaptive, fixed, frame, maps, protocol, taylor, taylor_series
from neurodynamics.methods.fixed import EXTRA_ROWS, step
from neurodynamics.methods.frame import doubles, integers
from neurodynamics.methods.members import PENDING, run_members
from neurodynamics.methods.protocol import LEAVING, LOOKS, NON_FINITE, crossed
from neurodynamics.methods.taylor import choose_order

__all__ = [
    "EXTRA_ROWS",
    "LEAVING",
    "LOOKS",
    "NON_FINITE",
    "PENDING",
    "adaptive",
    "choose_order",
    "crossed",
    "doubles",
    "fixed",
    "frame",
    "integers",
    "maps",
    "protocol",
    "run_members",
    "step",
    "taylor",
    "taylor_series",
]
