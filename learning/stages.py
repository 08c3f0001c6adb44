"""Kernels for one stage of a step, of one trial or of several in lanes: a function by its tables, and the way back.

What a function does may depend on comparisons, so lanes may be in different tables.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from learning.frames import (
    BACKWARDS,
    BY_PARAMS,
    FORWARDS,
    LEAVES,
    N_TABLES,
    PARAMS,
    SAVED,
    STAGES,
    STOP,
    TABLES,
    U_STEP,
    A,
    C,
    D,
    F,
    H,
    K,
    M,
    N,
    T,
    U,
    Y,
)
from neurodynamics.compiling import call_address, doubles, integers, kernel, offset, stack
from neurodynamics.systems import RESULTS, TABLE_PLACES, TABLE_SIZE, TRIAL_LANES, access


class StageKernels(NamedTuple):
    """Kernels that sweeps share, see their docstrings."""

    stage: Any
    evaluate: Any
    pull: Any


@functools.cache
def stage_kernels(lanes: int) -> StageKernels:
    """Return the kernels for so many lanes."""
    get, put, same = access(lanes)
    everywhere = (1 << lanes) - 1

    @kernel
    def stage(frame, k, r, v):
        """The state, inputs and time of a stage, where a record reads them."""
        n, m, stages, h = frame[N], frame[M], frame[STAGES], get(doubles(frame, H), k)
        a, f, y = offset(doubles(frame, A), r * stages), doubles(frame, F), offset(doubles(frame, Y), lanes * n * k)
        u = offset(doubles(frame, U), k * frame[U_STEP] + lanes * r * m)
        for i in range(n):
            total = same(0.0)
            for q in range(r):
                total = total + a[q] * get(f, q * n + i)
            put(v, i, get(y, i) + h * total)
        for j in range(m):
            put(v, n + j, get(u, j))
        put(v, frame[LEAVES] - 1, get(doubles(frame, T), k) + doubles(frame, C)[r] * h)

    @kernel
    def forward(frame, which, v, s):
        params = doubles(frame, PARAMS)
        table = offset(integers(frame, TABLES), TABLE_SIZE * which)
        return call_address(frame[FORWARDS], (table, v, s, v, params, params))

    @kernel
    def put_where(held, to, k, x):
        """A number, in the lanes where a table holds."""
        if held == everywhere:
            put(to, k, x)
        else:
            each = stack(TRIAL_LANES)
            put(each, 0, x)
            for lane in range(lanes):
                if (held >> lane) & 1:
                    to[lanes * k + lane] = each[lane]

    @kernel
    def take(frame, which, v, f, held):
        """The results of a table, in the lanes where it holds."""
        results = integers(offset(integers(frame, TABLES), TABLE_SIZE * which), RESULTS)
        for i in range(frame[K]):
            put_where(held, f, i, get(v, results[i]))

    @kernel
    def evaluate(frame, v, s, f, which):
        """The function, by tables that hold, from the last that did; the lane in which there is none, or -1."""
        left, count, stop = everywhere, frame[N_TABLES], integers(frame, STOP)
        guess = stop[2]
        for k in range(count):
            table = (guess + k) % count
            held = forward(frame, table, v, s) & left
            if held:
                take(frame, table, v, f, held)
                for lane in range(lanes):
                    if (held >> lane) & 1:
                        which[lane] = table
                left &= ~held
            if left == 0:
                stop[2] = table
                return -1
        lane = 0
        while not (left >> lane) & 1:
            lane += 1
        return lane

    @kernel
    def lanes_of(which, table):
        """The lanes in which a table holds, a bit for each."""
        found = 0
        for lane in range(lanes):
            if which[lane] == table:
                found |= 1 << lane
        return found

    @kernel
    def sweep(frame, which, v, s, of, back, by_inputs, held):
        """Back through one table, from the results in the lanes where it holds."""
        n, m, leaves, d, params = frame[N], frame[M], frame[LEAVES], doubles(frame, D), doubles(frame, PARAMS)
        table = offset(integers(frame, TABLES), TABLE_SIZE * which)
        results = integers(table, RESULTS)
        for i in range(n + m):
            put(d, i, same(0.0))
        for i in range(leaves, table[TABLE_PLACES]):
            put(d, i, same(0.0))
        for i in range(frame[K]):
            put_where(held, d, results[i], get(d, results[i]) + get(of, i))
        call_address(frame[BACKWARDS], (table, v, s, d, params, doubles(frame, BY_PARAMS)))
        for i in range(n):
            put(back, i, get(back, i) + get(d, i))
        for j in range(m):
            put(by_inputs, j, get(by_inputs, j) + get(d, n + j))

    @kernel
    def spread(frame, v, held, lane):
        """Leaves as they are where a table holds, and those of one such lane elsewhere: there are slopes for all."""
        saved, inside, leaves = doubles(frame, SAVED), frame[N] + frame[M], frame[LEAVES]
        for k in range(inside + 1):
            to = lanes * (k if k < inside else leaves - 1)
            for other in range(lanes):
                v[to + other] = saved[lanes * k + (other if (held >> other) & 1 else lane)]

    @kernel
    def pull(frame, which, v, s, of, back, by_inputs):
        """What states get, ``(df/dy)' of``; what inputs and parameters get is added."""
        inside, leaves, saved = frame[N] + frame[M], frame[LEAVES], doubles(frame, SAVED)
        for i in range(frame[N]):
            put(back, i, same(0.0))
        everyone = lanes_of(which, which[0])
        if everyone == everywhere:
            sweep(frame, which[0], v, s, of, back, by_inputs, everyone)
            return
        for k in range(inside + 1):
            put(saved, k, get(v, k if k < inside else leaves - 1))
        left = everywhere
        for lane in range(lanes):
            if (left >> lane) & 1:
                held = lanes_of(which, which[lane])
                spread(frame, v, held, lane)
                forward(frame, which[lane], v, s)
                sweep(frame, which[lane], v, s, of, back, by_inputs, held)
                left &= ~held

    return StageKernels(stage, evaluate, pull)
