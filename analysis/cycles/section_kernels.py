"""Maps that carry a state along a flow: over a period, or to its next passage through a plane.

A map's function has no room for what it needs beside state and parameters. So its plan, a vector of integers whose places
are named below, is passed by its address where a reset gets the number of its event, and one kernel, kept on disk, serves
every flow. The tangent vectors of a Jacobian are scaled together on the way, so that none of them is lost.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray

from analysis.lyapunov import (
    BUDGET_USED,
    CLOCK_SIZE,
    COUNT_SIZE,
    DONE,
    EDGE,
    EVERY,
    EXTRA_ROWS,
    FRESH,
    PIECE,
    TOGETHER,
    Bins,
    H,
    Pair,
    Signals,
    T,
    advance_flow,
)
from neurodynamics import METHODS
from neurodynamics.compiling import WIDTH, call, copy, doubles, integers_at, kernel, pointer, pointer_kernel

# plan: four addresses of functions first, as the driver takes them
RHS = 0
N_FLOW, BASE, N_INPUTS, TERMS, N_TERMS, DATA, N_DATA, BREAKS, N_BREAKS, VARYING, NUMBERS, SECTION, OUTPUTS = range(4, 17)
PLAN_SIZE = 17

# numbers
START, DURATION, RTOL, TANGENT_RTOL, ATOL, OFFSET, PERIOD = range(7)
NUMBERS_SIZE = 7  # PERIOD: of an angle, after which the plane comes again; or inf
# section: normal (N), origin (N), basis (N - 1, N)

DOP853: Any = METHODS["dop853"].tableau
_A, _B, _C, _ERROR, _ERROR_3 = (
    np.ascontiguousarray(part) for part in (DOP853.a, DOP853.b, DOP853.c, DOP853.error, DOP853.error_3)
)
_ORDER, _STAGES, _TOTAL = float(DOP853.error_order), DOP853.stages, len(DOP853.a)
_NO_KEY = np.uint64(0)
MOST_STEPS = 1_000_000
NEWTON = 30
ROUNDING = 1e-15


class Memory(NamedTuple):
    """A trajectory with its tangent vectors, and the logarithm of their common growth."""

    clock: Any
    count: Any
    y: Any
    growth: Any


@kernel
def extended_width(n, k):
    """Length of a state with k tangent vectors, padded."""
    size = n + 1 + k * n
    return max(WIDTH, -(-size // WIDTH) * WIDTH)


@kernel
def memory_of(n, k, start):
    """Return a trajectory with k tangent vectors, those of the identity."""
    clock, count = np.zeros(CLOCK_SIZE), np.zeros(COUNT_SIZE, dtype=np.int64)
    clock[T] = start
    count[EVERY], count[TOGETHER] = 1, 1
    y, growth = np.zeros(extended_width(n, k)), np.zeros((1, max(k, 1)))
    for j in range(k):
        y[n + 1 + j * n + j] = 1.0
    return Memory(clock, count, y, growth)


@kernel
def carry(plan, params, p, k, end, memory, budget):
    """Take at most so many steps towards a time; return the driver's code."""
    numbers, n, m = doubles(plan, NUMBERS), plan[N_FLOW], plan[N_INPUTS]
    clock, count, y, growth = memory.clock, memory.count, memory.y, memory.growth
    count[EDGE], count[FRESH] = 0, 1  # the slope at the start is not kept between calls
    breaks = carray(doubles(plan, BREAKS), (plan[N_BREAKS],))
    while count[PIECE] < breaks.size and breaks[count[PIECE]] <= clock[T]:
        count[PIECE] += 1
    edges = np.array([clock[T], end])
    size = n if k > 0 else 0
    bins = Bins(edges, 2, breaks, breaks.size, numbers[RTOL], numbers[TANGENT_RTOL], numbers[ATOL], np.inf, n, k,
                np.zeros((size, size)))  # fmt: skip
    pair = Pair(_A, _B, _C, _STAGES, _TOTAL, _ERROR, _ERROR_3, _ORDER, True, False, _NO_KEY)
    terms = carray(doubles(plan, TERMS), (plan[N_TERMS], 8))
    signals = Signals(carray(doubles(plan, BASE), (m,)), terms, plan[N_TERMS], carray(doubles(plan, DATA), (plan[N_DATA],)),
                      np.zeros(m), plan[VARYING] != 0)  # fmt: skip
    work, traces = np.zeros((_STAGES + 1 + EXTRA_ROWS, y.size)), np.zeros(1)
    return advance_flow(carray(plan, (4,)), pair, bins, signals, carray(params, (p,)), clock, count, y, work, growth,
                        traces, budget)  # fmt: skip


@kernel
def tangent_of(y, growth, n):
    """Return the derivative (N, N) of the state with respect to where it started."""
    return np.exp(growth[0, 0]) * np.ascontiguousarray(y[n + 1 : n + 1 + n * n].reshape(n, n).T)


# Over a period -------------------------------------------------------------------------------------------------------


@kernel
def over_a_period(plan, y, n, params, p, k):
    """Return (code, state with k tangent vectors, growth) after the duration of the plan."""
    numbers = doubles(plan, NUMBERS)
    memory = memory_of(n, k, numbers[START])
    for i in range(n):
        memory.y[i] = y[i]
    code = carry(plan, params, p, k, numbers[START] + numbers[DURATION], memory, MOST_STEPS)
    return code, memory.y, memory.growth


@pointer_kernel
def period_map(address, t, y, n, u, m, params, p, out, k):
    """The state after a period."""
    code, state, growth = over_a_period(integers_at(address), y, n, params, p, 0)
    for i in range(n):
        out[i] = state[i] if code == DONE else np.nan


@pointer_kernel
def period_jacobian(address, t, y, n, u, m, params, p, out, k):
    """The derivative of the state after a period."""
    code, state, growth = over_a_period(integers_at(address), y, n, params, p, n)
    tangent = tangent_of(state, growth, n)
    for i in range(n):
        for j in range(n):
            out[i * n + j] = tangent[i, j] if code == DONE else np.nan


# To the next passage -------------------------------------------------------------------------------------------------


@kernel
def lifted(plan, z):
    """Return the state (N,) of a point of the plane with coordinates z (N - 1,)."""
    n, section = plan[N_FLOW], doubles(plan, SECTION)
    y = np.empty(n)
    for i in range(n):
        y[i] = section[n + i]
        for j in range(n - 1):
            y[i] += section[(2 + j) * n + i] * z[j]
    return y


@kernel
def height(plan, y):
    """Normal times y, minus the offset."""
    section, total = doubles(plan, SECTION), -doubles(plan, NUMBERS)[OFFSET]
    for i in range(plan[N_FLOW]):
        total += section[i] * y[i]
    return total


@kernel
def rise(plan, params, p, y, f):
    """Normal times the slope f at y, which is written."""
    n, section, total = plan[N_FLOW], doubles(plan, SECTION), 0.0
    call(plan[RHS], 0.0, pointer(y), n, doubles(plan, BASE), plan[N_INPUTS], params, p, pointer(f), n)
    for i in range(n):
        total += section[i] * f[i]
    return total


@kernel
def first_return(plan, z, params, p, k):
    """Return (time, state with k tangent vectors, growth) at the next passage upwards; without one, time nan."""
    n, numbers = plan[N_FLOW], doubles(plan, NUMBERS)
    memory = memory_of(n, k, 0.0)
    clock, count, y, growth = memory.clock, memory.count, memory.y, memory.growth
    copy(lifted(plan, z), y)
    period = numbers[PERIOD]
    level = period  # of the height, at the next passage; the start is on the plane, give or take rounding
    before, growth_before, then, f = y.copy(), growth.copy(), 0.0, np.zeros(n)
    while clock[T] < numbers[DURATION]:
        copy(y, before), copy(growth[0], growth_before[0])
        then = clock[T]
        code = carry(plan, params, p, k, numbers[DURATION], memory, 1)
        if code != BUDGET_USED and code != DONE:
            break
        above = height(plan, y) - level
        if above >= 0.0:
            step, below = clock[T] - then, height(plan, before) - level
            low, high, tau = 0.0, step, step * below / (below - above)
            for _ in range(NEWTON):
                clock[T], clock[H], count[PIECE] = then, tau, 0
                copy(before, y), copy(growth_before[0], growth[0])
                carry(plan, params, p, k, then + tau, memory, MOST_STEPS)
                h = height(plan, y) - level
                if h < 0.0:
                    low = tau
                else:
                    high = tau
                slope = rise(plan, params, p, y, f)
                change = h / slope if slope > 0.0 else 0.0
                following = tau - change
                if not low <= following <= high or slope <= 0.0:
                    following = 0.5 * (low + high)
                if abs(following - tau) <= ROUNDING * (then + tau) or following == tau:
                    break
                tau = following
            return then + tau, y, growth
        if height(plan, y) < 0.0:
            level = min(level, 0.0)
        while height(plan, y) < level - period:
            level -= period
    return np.nan, y, growth


@pointer_kernel
def return_map(address, t, z, n, u, m, params, p, out, k):
    """Where the flow passes through the plane next."""
    plan = integers_at(address)
    time, y, growth = first_return(plan, z, params, p, 0)
    size, section = plan[N_FLOW], doubles(plan, SECTION)
    for j in range(size - 1):
        total = 0.0 if time == time else np.nan
        for i in range(size):
            total += section[(2 + j) * size + i] * (y[i] - section[size + i])
        out[j] = total


@pointer_kernel
def return_jacobian(address, t, z, n, u, m, params, p, out, k):
    """B (1 - f n'/(n.f)) M B': the return time changes with the start."""
    plan = integers_at(address)
    size, section = plan[N_FLOW], doubles(plan, SECTION)
    time, y, growth = first_return(plan, z, params, p, size)
    tangent, f = tangent_of(y, growth, size), np.zeros(size)
    slope = rise(plan, params, p, y, f) if time == time else np.nan
    moved = np.zeros(size)
    for j in range(size - 1):
        along = 0.0
        for i in range(size):
            moved[i] = 0.0
            for r in range(size):
                moved[i] += tangent[i, r] * section[(2 + j) * size + r]
            along += section[i] * moved[i]
        for q in range(size - 1):
            total = 0.0
            for i in range(size):
                total += section[(2 + q) * size + i] * (moved[i] - f[i] * along / slope)
            out[q * (size - 1) + j] = total


@pointer_kernel
def outputs_on_section(address, t, z, n, u, m, params, p, out, k):
    """What the flow shows in the state on the plane."""
    plan = integers_at(address)
    y = lifted(plan, z)
    if plan[OUTPUTS] != 0:
        call(plan[OUTPUTS], t, pointer(y), y.size, u, 0, params, p, out, k)
    else:
        for i in range(y.size):
            out[i] = y[i]


@kernel
def time_of_return(address, z, params, y):
    """Write the state at the next passage to y and return the time."""
    plan = integers_at(address)
    time, state, growth = first_return(plan, pointer(z), pointer(params), params.size, 0)
    copy(state[: y.size], y)
    return time
