"""Sigmoids and their derivatives in short branch-free chains of operations, for numbers and for vectors alike.

All exponentials here are the quotient ``exp(x) = s (R + r) / (R - r)`` where ``x = n ln 2 + r``, ``s = 2**n`` and
``R = r coth(r/2)``, an even and nearly constant function: five coefficients are enough for double precision. The
quotient disappears in the division that a sigmoid needs anyway. Where a result would not be a normal number it is zero,
so nothing here slows down on subnormal numbers or depends on how a processor treats them. Beyond the range of s the
quotients are garbage (NaN included), and the selection at the end puts the limits there; selecting last is quicker
than clamping first, and leaves a NaN argument alone.

Constants are pairs: for double, for single precision. Coefficients are Chebyshev fits made with mpmath (40 digits), for
quotients weighted least squares with Lawson's weights. The errors beside them are those of the function they serve, in
units of 2**-53 and of 2**-24.
"""

from __future__ import annotations

import math
from typing import Any

from neurodynamics.compiling import (
    SHIFTER,
    absolute,
    clamp,
    copysign,
    fma,
    kernel,
    polynomial,
    power2,
    precision,
    select_outside,
    select_positive,
)

LOG2E = 1.4426950408889634
LN2 = (0.6931471805599453, 0.6931471824645996)
LN2_REST = (2.3190468138462996e-17, -1.9046542121259336e-09)  # ln 2 less the above
LOWEST, HIGHEST = (-708.396, -87.3365), (708.396, 87.3365)  # exp of these is still a normal number

# r coth(r/2) = 2 + r**2/6 + r**4 P(r**2) for |r| <= ln(2)/2; 0.03 and 0.1
SIXTH = (0.1666666666666666, 0.1666665468210926)
COTH = (
    (-0.0027777777777561225, 6.613756470039141e-05, -1.6534057578052208e-06, 4.143649700830961e-08),
    (-0.0027698236994446496,),
)


@kernel
def nearest_octave(x: Any, octaves: Any) -> Any:
    """Return (n, 2**n) with n the integer nearest to x * octaves."""
    shifter = precision(x, SHIFTER)
    shifted = fma(x, octaves, shifter)
    return shifted - shifter, power2(shifted)


@kernel
def reduce(x: Any, rest: Any) -> Any:
    """Return (s, near, r) with ``x + rest = n ln 2 + r``, ``s = 2**n``; near is r rounded less well, but earlier."""
    n, s = nearest_octave(x, LOG2E)
    near = fma(n, -precision(x, LN2), x)
    return s, near, near - (n * precision(x, LN2_REST) - rest)


@kernel
def add_coth(first: Any, near: Any, r: Any) -> Any:
    """Return ``first + r coth(r/2) - 2``: R where first is 2, R - r where it is 2 - r."""
    z = near * near
    return fma(z * z, polynomial(z, COTH), fma(r * r, precision(z, SIXTH), first))


@kernel
def unless_tiny(x: Any, result: Any) -> Any:
    """Return the result, or zero where exp(x) is not a normal number; x is not above HIGHEST."""
    return select_positive(precision(x, LOWEST) - x, 0.0, result)


@kernel
def exponential(x: Any, rest: Any) -> Any:
    """exp(x + rest) as (B + 2r) / B with B = R - r; x is not above HIGHEST."""
    s, near, r = reduce(x, rest)
    B = add_coth(2.0 - r, near, r)
    return unless_tiny(x, s * ((B + (r + r)) / B))


# Logistic ------------------------------------------------------------------------------------------------------------


@kernel
def logistic(x: Any) -> Any:
    """1 / (1 + exp(-x)); the bottom is never rounded to less than the top, so it does not exceed 1."""
    s, near, r = reduce(-x, 0.0)
    B = add_coth(2.0 - r, near, r)
    inside = B / fma(B, 1.0 + s, s * (r + r))
    return select_outside(x, precision(x, LOWEST), precision(x, HIGHEST), select_positive(x, 1.0, 0.0), inside)


@kernel
def logistic_derivative(x: Any) -> Any:
    """exp(-|x|) / (1 + exp(-|x|))**2; exactly 1/4 at zero, where s = 1, and not more anywhere."""
    u = -absolute(x)
    s, near, r = reduce(u, 0.0)
    R = add_coth(2.0, near, r)
    root = fma(R, 1.0 + s, r * (s - 1.0))
    return unless_tiny(u, s * fma(R, R, -r * r) / (root * root))


# Hyperbolic tangent --------------------------------------------------------------------------------------------------

TANH_IS_ONE = 20.0


@kernel
def tanh(x: Any) -> Any:
    """(exp(2x) - 1) / (exp(2x) + 1): bitwise odd, and accurate near zero, where s - 1 = 0."""
    n, s = nearest_octave(x, 2.0 * LOG2E)
    r = fma(n, -precision(x, LN2), x + x)  # n is small here: the rest of ln 2 makes no difference
    R = add_coth(2.0, r, r)
    d = copysign(s - 1.0, x)  # so that zero keeps its sign
    inside = fma(R, d, r * (s + 1.0)) / fma(R, s + 1.0, r * d)
    return select_outside(x, -TANH_IS_ONE, TANH_IS_ONE, copysign(1.0, x), inside)


@kernel
def tanh_derivative(x: Any) -> Any:
    """1 / cosh(x)**2."""
    return 4.0 * logistic_derivative(x + x)


# Softplus ------------------------------------------------------------------------------------------------------------

# 2 artanh(z) = 2 z + z**3 P(z**2) for 0 <= z <= 1/3; 0.05 and 0.01
ARTANH = (
    (
        0.6666666666666666,
        0.40000000000014585,
        0.2857142856710876,
        0.22222222717427864,
        0.18181789436132859,
        0.15385570064958623,
        0.13314144209654935,
        0.12001072809590713,
        0.08800738486144674,
        0.1616404561194353,
    ),
    (0.6666666732052742, 0.3999970633192972, 0.28592357994302836, 0.21706575800880373, 0.2322432922402335),
)


@kernel
def softplus(x: Any) -> Any:
    """max(x, 0) + ln(1 + exp(-|x|)), with ln(1 + e) = 2 artanh(e / (2 + e))."""
    u = -absolute(x)
    s, near, r = reduce(u, 0.0)
    B = add_coth(2.0 - r, near, r)
    A = fma(s, B, s * (r + r))
    z = A / (A + (B + B))
    w = z * z
    return clamp(x, 0.0, math.inf) + unless_tiny(u, fma(z * w, polynomial(w, ARTANH), z + z))


# Error function ------------------------------------------------------------------------------------------------------

TWO_OVER_SQRT_PI = 1.1283791670955126
ERF_IS_ONE = 6.0

# erf(x) = x + x P(x**2) for |x| <= 1; 0.07 and 0.02
ERF = (
    (
        0.12837916709551256,
        -0.37612638903183543,
        0.11283791670945006,
        -0.02686617064323777,
        0.0052239776071164225,
        -0.0008548325975389692,
        0.00012055294904839707,
        -1.492473690741966e-05,
        1.6447424703317362e-06,
        -1.6208483801871705e-07,
        1.3720064546777686e-08,
        -7.795898827002142e-10,
    ),
    (
        0.12837916584835093,
        -0.37612626666720334,
        0.11283594715160218,
        -0.026854212010626412,
        0.005189087423433974,
        -0.000801686428716587,
        7.875875062685488e-05,
    ),
)

# exp(x**2) erfc(x) = P(x) / Q(x) for 1 <= x <= 6; 0.01 and 0.003
ERFC_TOP = (
    (
        0.99999988718133132,
        1.3905412402507060,
        0.94947565039712078,
        0.37357223718372294,
        0.084340247220459570,
        0.0089290112170371730,
    ),
    (1.0010304488992736, 0.7619219473672877, 0.24636244232958016),
)
ERFC_BOTTOM = (
    (
        1.0,
        2.5189192186768188,
        2.7917775925400126,
        1.7570703506540427,
        0.67011222889556123,
        0.14948528827430080,
        0.015826382870395399,
    ),
    (1.0, 1.896929922783171, 1.3669084973253065, 0.4353945454532415),
)


@kernel
def erf(x: Any) -> Any:
    """x + x P(x**2) up to 1, 1 - erfc(|x|) beyond."""
    t = absolute(x)
    square = x * x
    s, near, r = reduce(-square, -fma(x, x, -square))
    B = add_coth(2.0 - r, near, r)
    erfc = fma(s, B, s * (r + r)) * polynomial(t, ERFC_TOP) / (B * polynomial(t, ERFC_BOTTOM))
    beyond = select_outside(x, -ERF_IS_ONE, ERF_IS_ONE, copysign(1.0, x), copysign(1.0 - erfc, x))
    return select_outside(x, -1.0, 1.0, beyond, fma(x, polynomial(square, ERF), x))


@kernel
def erf_derivative(x: Any) -> Any:
    """2 exp(-x**2) / sqrt(pi)."""
    square = x * x
    return TWO_OVER_SQRT_PI * exponential(-square, -fma(x, x, -square))


# Arctangent ----------------------------------------------------------------------------------------------------------

TWO_OVER_PI = 0.6366197723675814
PI_OVER_TWO = 1.5707963267948966
FIRST_FROM, SECOND_FROM = 0.26369654, 1.5369285  # tan(pi/8), tan(3 pi/8), times 2/pi

# (2/pi) atan(pi w / 2) = w + w**3 P(w**2) for |w| <= FIRST_FROM; 0.05 and 0.04
ARCTANGENT = (
    (
        -0.8224670334241131,
        1.2176136379247577,
        -2.1459580212160585,
        4.118285995752476,
        -8.313920542311378,
        17.35753872537129,
        -37.10620987896455,
        80.47823435073686,
        -172.38010972842247,
        328.1211358879265,
        -395.74497236812977,
    ),
    (-0.8224669946325012, 1.2175856622561343, -2.142689495231909, 3.982118338777812, -5.900492958500185),
)


@kernel
def arctangent(x: Any) -> Any:
    """(2/pi) atan(pi x / 2), turned by a quarter (1/2) or a half (1) of its range where the argument is large."""
    t = absolute(x)
    first, second = t - FIRST_FROM, t - SECOND_FROM
    turned = select_positive(second, 1.0, select_positive(first, 0.5, 0.0))
    top = select_positive(
        second, -TWO_OVER_PI * TWO_OVER_PI, select_positive(first, TWO_OVER_PI * (t - TWO_OVER_PI), t)
    )
    bottom = select_positive(second, t, select_positive(first, t + TWO_OVER_PI, 1.0))
    w = top / bottom
    v = w * w
    return copysign(turned + fma(w * v, polynomial(v, ARCTANGENT), w), x)


@kernel
def arctangent_derivative(x: Any) -> Any:
    """1 / (1 + (pi x / 2)**2)."""
    u = PI_OVER_TWO * x
    return 1.0 / fma(u, u, 1.0)
