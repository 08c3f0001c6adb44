"""Tangent products of systems without a Jacobian: differences of f along each tangent vector, two evaluations each.

A Jacobian by differences takes 2 N evaluations and N^2 numbers; k vectors need 2 k, which for sparse equations of many
states is the cost of a simulation with 2 k + 1 members.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from neurodynamics.compiling import CUBE_ROOT_EPS, SystemFunction, call, offset, pointer, pointer_closure

FEWEST = 16  # states: of fewer, a Jacobian is as cheap


@functools.lru_cache(maxsize=64)
def directional_slope(rhs: SystemFunction) -> SystemFunction:
    """Return the slope of the extended state, without the trace; see :mod:`analysis.lyapunov.slopes`."""
    f = rhs.address

    @pointer_closure
    def slope_by_differences(index, t, y, n, u, m, params, p, out, k):
        call(f, t, y, n, u, m, params, p, out, n)
        out[n] = 0.0
        moved, ahead, behind = np.empty(n), np.empty(n), np.empty(n)
        size = 1.0
        for i in range(n):
            size = max(size, abs(y[i]))
        for row in range(k):
            q = offset(y, n + 1 + row * n)
            length = 0.0
            for i in range(n):
                length = max(length, abs(q[i]))
            step = CUBE_ROOT_EPS * size / max(length, 1e-300)
            for i in range(n):
                moved[i] = y[i] + step * q[i]
            call(f, t, pointer(moved), n, u, m, params, p, pointer(ahead), n)
            for i in range(n):
                moved[i] = y[i] - step * q[i]
            call(f, t, pointer(moved), n, u, m, params, p, pointer(behind), n)
            for i in range(n):
                out[n + 1 + row * n + i] = (ahead[i] - behind[i]) / (2.0 * step)

    slope_by_differences.kept = rhs
    return SystemFunction("rhs", slope_by_differences)


def has_directions_only(system: Any, k: int) -> bool:
    """Whether differences along k vectors are cheaper than a Jacobian by differences, which is all there is else."""
    large = system.state_dim >= max(FEWEST, 2 * k)
    return bool(k and large and system.kind == "flow" and not system.host and not system.has("jac"))
