"""Integrals of the activations, for one number; nothing overflows, and small results keep their digits."""

from __future__ import annotations

import math
from typing import Any

from neurodynamics.activations.elementary import PI_OVER_TWO, TWO_OVER_PI
from neurodynamics.compiling import kernel


@kernel
def half_square(x: Any) -> Any:
    """x**2 / 2."""
    return 0.5 * x * x


@kernel
def half_square_of_positive(x: Any) -> Any:
    """max(x, 0)**2 / 2."""
    return 0.0 if x <= 0.0 else 0.5 * x * x


@kernel
def log_one_plus_exp(x: Any) -> Any:
    """ln(1 + exp(x))."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@kernel
def log_cosh(x: Any) -> Any:
    """Ln cosh x."""
    x = abs(x)
    if x < 1.0:
        return 0.5 * math.log1p(math.sinh(x) ** 2)
    return x + math.log1p(math.exp(-2.0 * x)) - math.log(2.0)


# B_2k / (2k + 1)!, B_2k the Bernoulli numbers: u**2k for |u| <= ln 2 leaves 1e-18.
BERNOULLI = (
    1.0,
    1.0 / 36.0,
    -1.0 / 3600.0,
    1.0 / 211680.0,
    -1.0 / 10886400.0,
    1.0 / 526901760.0,
    -4.0647616451442255e-11,
    8.921691020456452e-13,
    -1.9939295860721074e-14,
)


@kernel
def minus_dilogarithm(x: Any) -> Any:
    """-Li2(-exp(x)), the integral of ln(1 + exp(x)) from -inf.

    Below zero the series in u = ln(1 + exp(x)) converges like (u / 2 pi)**2k; above, Li2's inversion formula.

    References
    ----------
    .. [1] D. Zagier, The dilogarithm function (2007), sections 1 and 2.
    """
    u = math.log1p(math.exp(-abs(x)))
    total = 0.0
    for k in range(len(BERNOULLI) - 1, -1, -1):
        total = BERNOULLI[k] + u * u * total
    tail = u * (total + 0.25 * u)
    return tail if x <= 0.0 else math.pi**2 / 6.0 + 0.5 * x * x - tail


@kernel
def erf_integral(x: Any) -> Any:
    """``x erf(x) + (exp(-x**2) - 1) / sqrt(pi)``."""
    return x * math.erf(x) + math.expm1(-x * x) / math.sqrt(math.pi)


@kernel
def arctangent_integral(x: Any) -> Any:
    """(4/pi**2) (u atan u - ln(1 + u**2) / 2) with u = pi x / 2."""
    u = abs(PI_OVER_TWO * x)
    log = 0.5 * math.log1p(u * u) if u < 1.0 else math.log(u) + 0.5 * math.log1p(1.0 / (u * u))
    return TWO_OVER_PI**2 * (u * math.atan(u) - log)


@kernel
def hard_sigmoid_integral(x: Any) -> Any:
    """(x + 2)**2 / 8 between -2 and 2, x above."""
    if x >= 2.0:
        return x
    return 0.0 if x <= -2.0 else 0.125 * (x + 2.0) ** 2
