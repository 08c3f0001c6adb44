"""Outward rounding by a priori error bounds: compiled code here rounds to nearest, and sums are padded instead.

A sum of n products, in any order, with or without fused operations, is off by at most ``gamma(n)`` times the sum of
the magnitudes of its terms (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1).
"""

from __future__ import annotations

UNIT = 2.0**-53  # relative error of one operation in double precision
TINY = 1e-300  # absolute error of one operation near zero, with room: products below 1e-308 lose their digits


def gamma(n: float) -> float:
    """Return a bound on the relative error of n operations in a row."""
    return n * UNIT / (1.0 - n * UNIT)
