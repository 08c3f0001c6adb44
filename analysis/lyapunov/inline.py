"""Tangent products of small systems of a user: right-hand side and Jacobian compiled into one function.

The Jacobian then lives in registers. This is compiled anew in every process, as everything that a user defines.
"""

from __future__ import annotations

import functools
from typing import Any

from neurodynamics.compiling import SystemFunction, compiled, fma, stack

LARGEST = 4  # states


@functools.lru_cache(maxsize=64)
def inlined_slope(rhs: SystemFunction, jac: SystemFunction, size: int) -> SystemFunction:
    """Return the slope of the extended state of a system of `size` states; see :mod:`analysis.lyapunov.slopes`."""
    f, derivative = rhs.kernel, jac.kernel
    squared = size * size

    @compiled
    def slope_of_small_system(index, t, y, n, u, m, params, p, out, k):
        f(0, t, y, size, u, m, params, p, out, size)
        entries = stack(squared)
        derivative(0, t, y, size, u, m, params, p, entries, squared)
        trace = 0.0
        for i in range(size):
            trace += entries[i * size + i]
        out[size] = trace
        for row in range(k):
            first = size + 1 + row * size
            for i in range(size):
                total = 0.0
                for j in range(size):
                    total = fma(entries[i * size + j], y[first + j], total)
                out[first + i] = total

    slope_of_small_system.is_pointer_kernel = True
    return SystemFunction("rhs", slope_of_small_system)


def can_be_inlined(system: Any) -> bool:
    """Whether a system is small and gives its Jacobian as a plain function."""
    if system.state_dim > LARGEST or not system.has("jac") or system.kind != "flow":
        return False
    return not any(getattr(system.function(role).source, "is_pointer_kernel", False) for role in ("rhs", "jac"))
