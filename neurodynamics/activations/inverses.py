"""Inverses of the activations, for one number. Ends of the range give infinities, values beyond it NaN.

Near an end, the distance from it is formed first: that is exact, and what the result depends on.
"""

from __future__ import annotations

import math
from typing import Any

from neurodynamics.activations.elementary import PI_OVER_TWO, TWO_OVER_PI
from neurodynamics.compiling import kernel


@kernel
def identity(v: Any) -> Any:
    """V."""
    return v


@kernel
def logit(v: Any) -> Any:
    """ln(v / (1 - v))."""
    if 0.25 < v < 0.75:
        return 2.0 * math.atanh(2.0 * v - 1.0)
    return math.log(v) - math.log1p(-v)


@kernel
def artanh(v: Any) -> Any:
    """ln((1 + v) / (1 - v)) / 2."""
    return 0.5 * (math.log1p(v) - math.log1p(-v))


@kernel
def softplus_inverse(v: Any) -> Any:
    """ln(exp(v) - 1)."""
    if v < 1.0:
        return math.log(math.expm1(v))
    return v + math.log1p(-math.exp(-v))


@kernel
def arctangent_inverse(v: Any) -> Any:
    """(2/pi) tan(pi v / 2)."""
    if abs(v) > 1.0:
        return math.nan
    if abs(v) > 0.5:
        return math.copysign(TWO_OVER_PI / math.tan(PI_OVER_TWO * (1.0 - abs(v))), v)
    return TWO_OVER_PI * math.tan(PI_OVER_TWO * v)


@kernel
def erf_inverse(v: Any) -> Any:
    """Root of erf(x) = v: Winitzki's formula, then Halley's method, on erfc where v is near an end.

    References
    ----------
    .. [1] S. Winitzki, A handy approximation for the error function and its inverse (2008).
    """
    a = abs(v)
    if not a < 1.0:
        return math.copysign(math.inf, v) if a == 1.0 else math.nan
    log = math.log1p(-a * a)
    half = 2.0 / (math.pi * 0.147) + 0.5 * log
    x = math.sqrt(max(math.sqrt(half * half - log / 0.147) - half, 0.0))
    for _ in range(3):
        error = math.erf(x) - a if a < 0.5 else (1.0 - a) - math.erfc(x)
        step = 0.5 * math.sqrt(math.pi) * math.exp(x * x) * error
        x -= step / (1.0 + x * step)
    return math.copysign(x, v)
