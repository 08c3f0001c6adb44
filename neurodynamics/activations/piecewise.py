"""Activations made of straight lines, for numbers and for vectors alike. NaN gives NaN."""

from __future__ import annotations

import math
from typing import Any

from neurodynamics.compiling import absolute, clamp, fma, kernel, select_positive


@kernel
def identity(x: Any) -> Any:
    """X."""
    return x


@kernel
def one(x: Any) -> Any:
    """1."""
    return clamp(x, 1.0, 1.0)


@kernel
def positive_part(x: Any) -> Any:
    """max(x, 0)."""
    return clamp(x, 0.0, math.inf)


@kernel
def step(x: Any) -> Any:
    """1 above zero, else 0."""
    return select_positive(x, 1.0, clamp(x, 0.0, 0.0))


@kernel
def ramp(x: Any) -> Any:
    """1/2 + x/4 between 0 and 1."""
    return clamp(fma(x, 0.25, 0.5), 0.0, 1.0)


@kernel
def ramp_derivative(x: Any) -> Any:
    """1/4 between -2 and 2, else 0."""
    return select_positive(2.0 - absolute(x), 0.25, clamp(x, 0.0, 0.0))
