"""TODO"""

from analysis._landscape.flat import RETURNED, with_flat_minima

__all__ = [
    "RETURNED",
    "with_flat_minima",
]
