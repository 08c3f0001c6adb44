"""A kernel of one number, at all elements of an array."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling.jit import kernel
from neurodynamics.validation import Floats


def each(function: Any, x: ArrayLike) -> Floats:
    """Return ``function(x)``, element by element."""
    x = np.asarray(x, dtype=np.float64)
    out = np.empty(x.size)
    _loop_over(function)(np.ascontiguousarray(x).reshape(-1), out)
    return out.reshape(x.shape)


@functools.cache
def _loop_over(function: Any) -> Any:
    @kernel
    def loop(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    return loop
