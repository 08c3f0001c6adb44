"""Central differences, for a system without a Jacobian: over steps that are short against what f bends over."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import types

from neurodynamics.compiling.jit import kernel
from neurodynamics.compiling.pointers import DOUBLES, address_of, call, pointer
from neurodynamics.compiling.state import keep

CUBE_ROOT_EPS = 6.055454452393343e-06  # balances truncation and rounding of central differences
JUMP = 1e3  # ratio of the differences on either side of a point between which f jumps
AGREED, FINER, FINEST = 1e-8, 0.125, 10  # differences that are one, relative; how much shorter steps become, and how often
ROUNDING = 64 * float(np.finfo(float).eps)


@kernel
def _central_differences(f, t, y, n, u, m, params, p, out):
    """out[i, j] = (f_i(y + h e_j) - f_i(y - h e_j)) / 2h; beside a jump of f, the difference on the side of y.

    Whether steps are short against the distances over which f bends is seen along their sum, half as far: even terms
    cancel, so that odd ones of higher order are left. Where they are not, each column finds its own step.
    """
    moved, above, below, here, steps, terms = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    point = pointer(moved)
    for i in range(n):
        point[i] = y[i]
    call(f, t, point, n, u, m, params, p, pointer(here), n)
    for j in range(n):
        steps[j] = CUBE_ROOT_EPS * max(abs(y[j]), 1.0)
        _column(f, t, y, n, u, m, params, p, point, j, steps[j], here, above, below)
        for i in range(n):
            out[i * n + j] = above[i]
    for side in (0.5, -0.5):
        for j in range(n):
            point[j] = y[j] + side * steps[j]
        call(f, t, point, n, u, m, params, p, pointer(above if side > 0.0 else below), n)
    for j in range(n):
        point[j] = y[j]
    bends = _bends(out, y, n, steps, above, below)
    for _ in range(2 if bends else 0):  # the second time with sizes of terms that are known better
        for i in range(n):
            terms[i] = abs(here[i])
            for j in range(n):
                terms[i] += abs(out[i * n + j] * y[j])
        for j in range(n):
            _refine(f, t, y, n, u, m, params, p, point, j, steps[j], here, above, below, terms, out)
    keep((moved, above, below, here, steps, terms))  # `point` is in `moved`
    return 0


@kernel
def _column(f, t, y, n, u, m, params, p, point, j, step, here, above, below):
    """Write the difference along one state over what is `above`."""
    point[j] = y[j] + step
    call(f, t, point, n, u, m, params, p, pointer(above), n)
    moved = point[j]  # the sum as it was rounded, which matters where y is large
    point[j] = y[j] - step
    call(f, t, point, n, u, m, params, p, pointer(below), n)
    width, step = moved - point[j], moved - y[j]
    point[j] = y[j]
    for i in range(n):
        ahead, behind = above[i] - here[i], here[i] - below[i]
        if max(abs(ahead), abs(behind)) > JUMP * (min(abs(ahead), abs(behind)) + step):
            above[i] = (ahead if abs(ahead) < abs(behind) else behind) / step
        else:
            above[i] = (above[i] - below[i]) / width


@kernel
def _bends(J, y, n, steps, above, below):
    """Whether f along all steps at once, `above` and `below`, is not what its differences say."""
    for i in range(n):
        total, size, terms = 0.0, 0.0, abs(above[i]) + abs(below[i])
        for j in range(n):
            total += J[i * n + j] * steps[j]
            size += abs(J[i * n + j]) * steps[j]
            terms += abs(J[i * n + j] * y[j])
        if abs(above[i] - below[i] - total) > AGREED * size + ROUNDING * terms:
            return True
    return False


@kernel
def _refine(f, t, y, n, u, m, params, p, point, j, step, here, above, below, terms, out):
    """Write a column over shorter and shorter steps: each element where its change and rounding are least."""
    before, errors = np.empty(n), np.full(n, np.inf)
    for i in range(n):
        before[i] = out[i * n + j]
    for _ in range(FINEST):
        step *= FINER
        _column(f, t, y, n, u, m, params, p, point, j, step, here, above, below)
        agreed = True
        for i in range(n):
            change, rounding = abs(above[i] - before[i]), ROUNDING * terms[i] / step
            if change + rounding < errors[i]:
                errors[i], out[i * n + j] = change + rounding, above[i]
            agreed = agreed and change <= AGREED * abs(above[i]) + rounding
            before[i] = above[i]
        if agreed:
            break


_CENTRAL = types.int64(types.int64, types.float64, DOUBLES, types.int64, DOUBLES, types.int64, DOUBLES, types.int64, DOUBLES)


@functools.cache
def central_address() -> int:
    """Return where the compiled differences are."""
    return address_of(_central_differences, _CENTRAL)


def host_differences(rhs: Callable) -> Callable:
    """Return central differences of a right-hand side that runs uncompiled, with the steps of those that are compiled."""

    def at(t: float, y: Any, u: Any, params: Any) -> Any:
        out = np.empty(y.size)
        rhs(t, y, u, params, out)
        return out

    def jac(t: float, y: Any, u: Any, params: Any, out: Any) -> None:
        here = at(t, y.copy(), u, params)

        def column(j: int, step: float) -> Any:
            moved, back = y.copy(), y.copy()
            moved[j], back[j] = y[j] + step, y[j] - step
            above, below = at(t, moved, u, params), at(t, back, u, params)
            width, step = moved[j] - back[j], moved[j] - y[j]
            ahead, behind = above - here, here - below
            near, far = np.minimum(abs(ahead), abs(behind)), np.maximum(abs(ahead), abs(behind))
            one_sided = np.where(abs(ahead) < abs(behind), ahead, behind) / step
            return np.where(far > JUMP * (near + step), one_sided, (above - below) / width)

        steps = CUBE_ROOT_EPS * np.maximum(np.abs(y), 1.0)
        for j in range(y.size):
            out[:, j] = column(j, steps[j])
        above, below = at(t, y + 0.5 * steps, u, params), at(t, y - 0.5 * steps, u, params)
        terms = abs(above) + abs(below) + abs(out) @ abs(y)
        if not np.any(abs(above - below - out @ steps) > AGREED * (abs(out) @ steps) + ROUNDING * terms):
            return
        for j in 2 * list(range(y.size)):  # the second time with sizes of terms that are known better
            terms = abs(here) + abs(out) @ abs(y) if j == 0 else terms
            step, before, errors = steps[j], out[:, j].copy(), np.full(y.size, np.inf)
            for _ in range(FINEST):
                step *= FINER
                now = column(j, step)
                change, rounding = abs(now - before), ROUNDING * terms / step
                better = change + rounding < errors
                errors[better], out[better, j], before = (change + rounding)[better], now[better], now
                if np.all(change <= AGREED * abs(now) + rounding):
                    break

    return jac
