"""Exponentials in short branch-free chains, for numbers and for vectors alike.

An exponential is the quotient ``exp(r) = (R + r) / (R - r)`` with ``R = r coth(r/2)``, an even function and nearly
constant: five coefficients are enough for double precision. The quotient disappears in the one that a sigmoid needs
anyway.
"""

from __future__ import annotations

from typing import Any

from ._jit import kernel
from ._vector import SHIFTER, absolute, clamp, copysign, fma, polynomial, power2, precision, select_positive

LN2 = (0.6931471805599453, 0.6931471824645996)  # rounded to double and to single precision
LN2_REST = (2.3190468138462996e-17, -1.9046542121259336e-09)  # ln 2 less these
LOG2E = 1.4426950408889634
TINIEST_LOG = (-708.3964185322641, -87.33654475055310)  # ln of the smallest normal number

# r coth(r/2) = 2 + r**2 P(r**2) for |r| <= ln(2)/2: Chebyshev fits of P, error of the whole 6e-18 and 1.4e-8.
R_COTH = (2.0, 0.1666666666666666, -0.0027777777777561225, 6.613756470039141e-05, -1.6534057578052208e-06,
          4.143649700830961e-08)  # fmt: skip
R_COTH_SINGLE = (2.0, 0.1666665468210926, -0.0027698236994446496)


@kernel
def exponential_parts(x: Any) -> Any:
    """Return (s, r, R) with ``exp(x) = s (R + r) / (R - r)``, s a power of two; exp(x) must be a normal number."""
    shifter = precision(x, SHIFTER[0], SHIFTER[1])
    shifted = fma(x, LOG2E, shifter)
    n = shifted - shifter
    r = fma(n, -precision(x, LN2[0], LN2[1]), x) - n * precision(x, LN2_REST[0], LN2_REST[1])
    return power2(shifted), r, polynomial(r * r, R_COTH, R_COTH_SINGLE)


@kernel
def logistic(x: Any) -> Any:
    """1 / (1 + exp(-x)); zero where that is not a normal number."""
    lowest = precision(x, TINIEST_LOG[0], TINIEST_LOG[1])
    s, r, R = exponential_parts(clamp(-x, lowest, -lowest))
    top = R - r
    return select_positive(x - lowest, top, 0.0 * top) / fma(s, R + r, top)


@kernel
def bell(x: Any) -> Any:
    """exp(x) / (1 + exp(x))**2, the derivative of the logistic function; zero where that is not a normal number."""
    lowest = precision(x, TINIEST_LOG[0], TINIEST_LOG[1])
    u = -absolute(x)
    s, r, R = exponential_parts(clamp(u, lowest, 0.0))
    below, above = s * (R + r), R - r
    root = below + above
    return select_positive(u - lowest, below * above, 0.0 * above) / (root * root)


@kernel
def tanh(x: Any) -> Any:
    """(1 - exp(-2x)) / (1 + exp(-2x)), as an odd function that is accurate near zero."""
    s, r, R = exponential_parts(clamp(-2.0 * absolute(x), precision(x, -90.0, -40.0), 0.0))
    return copysign(fma(R, 1.0 - s, -r * (1.0 + s)), x) / fma(R, 1.0 + s, -r * (1.0 - s))
