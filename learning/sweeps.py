"""Compiled sweeps along a chain of steps, of one trial or of several in lanes; formulas are in :mod:`learning.unrolled`.

Kernels are given a frame, and are entered by their address. Trials of different length end together: until a lane is to
begin its steps have no length, and nothing changes in them, whatever they evaluate.
"""

from __future__ import annotations

import functools
from typing import Any

from learning.frames import (
    A_MAP,
    BACK,
    BY_INPUTS,
    BY_STEP,
    COTANGENTS,
    DF,
    DIRECTIONS,
    KEEP,
    KEPT,
    N_KEPT,
    OF,
    PLACES,
    SENSITIVITIES,
    SHOWS,
    STAGES,
    STOP,
    TABLES,
    TANGENTS,
    TOTAL,
    WHICH,
    A,
    B,
    D,
    F,
    H,
    K,
    M,
    N,
    S,
    V,
    W,
    Y,
)
from learning.stages import stage_kernels
from neurodynamics.compiling import call_address, doubles, integers, kernel, offset, pointer, select_positive, stack
from neurodynamics.inputs import evaluate_inputs
from neurodynamics.systems import RESULTS, TABLE_SIZE, TRIAL_LANES, access

DONE, MISSING, NON_FINITE = 0, 1, 2  # how taking steps ended: at the last, where no record holds, or out of the numbers


@functools.cache
def take_steps(lanes: int) -> Any:
    """Return the kernel that takes steps; where and why it ended is left in STOP."""
    (stage, evaluate, _), (get, put, same) = stage_kernels(lanes), access(lanes)

    @kernel
    def end(frame, k):
        """The state after a step; in which lanes it is not finite."""
        n, stages, h, b, f = frame[N], frame[STAGES], get(doubles(frame, H), k), doubles(frame, B), doubles(frame, F)
        y, zeros, off = offset(doubles(frame, Y), lanes * n * k), same(0.0), stack(TRIAL_LANES)
        to = offset(y, lanes * n)
        for i in range(n):
            new = get(f, i)
            if frame[A_MAP] == 0:
                total = same(0.0)
                for r in range(stages):
                    total = total + b[r] * get(f, r * n + i)
                new = get(y, i) + h * total
            new = select_positive(h, new, get(y, i))  # lanes that wait for their first step have none of a length
            put(to, i, new)
            zeros = zeros + (new - new)
        put(off, 0, zeros)
        lost = 0
        for lane in range(lanes):
            if off[lane] != 0.0:
                lost |= 1 << lane
        return lost

    @kernel
    def steps_taken(frame, first, last):
        """Take steps; or evaluate what is shown at the states that there are."""
        v, s, stages, stop, shows = doubles(frame, V), doubles(frame, S), frame[STAGES], integers(frame, STOP), frame[SHOWS]
        for k in range(first, last):
            stop[0] = k
            for r in range(stages):
                stage(frame, k, r, v)
                f = offset(doubles(frame, F), lanes * (k if shows else r) * frame[K])
                stop[1] = evaluate(frame, v, s, f, offset(integers(frame, WHICH), lanes * (k * stages + r)))
                if stop[1] >= 0:
                    return MISSING
            if shows == 0:
                stop[1] = end(frame, k)
                if stop[1]:
                    return NON_FINITE
        return DONE

    return steps_taken


@functools.cache
def carry_back(lanes: int) -> Any:
    """Return the kernel that carries the cotangent W of the last state back to the first."""
    (stage, evaluate, pull), (get, put, same) = stage_kernels(lanes), access(lanes)

    @kernel
    def carried_back(frame, first, last):
        n, stages, places, a_map = frame[N], frame[STAGES], lanes * frame[PLACES], frame[A_MAP]
        a, b, w, of, back = doubles(frame, A), doubles(frame, B), doubles(frame, W), doubles(frame, OF), doubles(frame, BACK)
        v, s, shows, stop = doubles(frame, V), doubles(frame, S), frame[SHOWS], integers(frame, STOP)
        for k in range(last - 1, first - 1, -1):
            h, seen = get(doubles(frame, H), k), offset(doubles(frame, COTANGENTS), lanes * n * (k + 1))
            tables = offset(integers(frame, WHICH), lanes * k * stages)
            for r in range(stages):
                at = offset(v, r * places)
                stage(frame, k, r, at)
                f = lanes * (k if shows else r) * frame[K]
                stop[2] = tables[lanes * r]
                evaluate(frame, at, offset(s, r * places), offset(doubles(frame, F), f), offset(tables, lanes * r))
            if shows:  # derivatives OF by what is shown become those by states, BACK
                pull(frame, tables, v, s, offset(of, lanes * k * frame[K]), offset(back, lanes * k * n), v)
                continue
            for i in range(n):
                put(w, i, get(w, i) + get(seen, i))
            for r in range(stages - 1, -1, -1):
                for i in range(n):
                    total = get(w, i)
                    if a_map == 0:
                        total = h * b[r] * total
                        for q in range(r + 1, stages):
                            total = total + h * a[q * stages + r] * get(back, q * n + i)
                    put(of, i, select_positive(h, total, same(0.0)))
                pull(frame, offset(tables, lanes * r), offset(v, r * places), offset(s, r * places), of,
                     offset(back, lanes * r * n), offset(doubles(frame, BY_INPUTS), k * frame[BY_STEP]))  # fmt: skip
            for i in range(n):
                total = select_positive(h, same(0.0), get(w, i)) if a_map else get(w, i)
                for r in range(stages):
                    total = total + get(back, r * n + i)
                put(w, i, total)
        return DONE

    return carried_back


@functools.cache
def carry_ahead(lanes: int) -> Any:
    """Return the kernel that carries sensitivities S (N, K) of the state ahead; of one trial."""
    stage, evaluate, _ = stage_kernels(lanes)

    @kernel
    def carried_ahead(frame, first, last):
        n, m, stages, a_map, count = frame[N], frame[M], frame[STAGES], frame[A_MAP], frame[DIRECTIONS]
        a, b, d, v, s = doubles(frame, A), doubles(frame, B), doubles(frame, D), doubles(frame, V), doubles(frame, S)
        S_, df, total = doubles(frame, SENSITIVITIES), doubles(frame, DF), doubles(frame, TOTAL)
        kept, stop = integers(frame, N_KEPT), integers(frame, STOP)
        for k in range(first, last):
            h, seen = doubles(frame, H)[k], offset(doubles(frame, COTANGENTS), n * (k + 1))
            for r in range(stages):
                which = offset(integers(frame, WHICH), k * stages + r)
                stage(frame, k, r, v)
                stop[2] = which[0]
                evaluate(frame, v, s, offset(doubles(frame, F), r * n), which)
                for i in range(n * count):
                    d[i] = S_[i]
                for q in range(r):
                    x = h * a[r * stages + q]
                    for i in range(n * count if x != 0.0 else 0):
                        d[i] += x * df[q * n * count + i]
                for i in range(n * count, (n + m) * count):
                    d[i] = 0.0
                table = offset(integers(frame, TABLES), TABLE_SIZE * which[0])
                call_address(frame[TANGENTS], (table, v, s, d, count))
                results, to = integers(table, RESULTS), offset(df, r * n * count)
                for i in range(n):
                    for q in range(count):
                        to[i * count + q] = d[results[i] * count + q]
            for i in range(n):
                for q in range(count):
                    at = i * count + q
                    new = 0.0 if a_map else S_[at]
                    for r in range(stages):
                        new += (1.0 if a_map else h * b[r]) * df[r * n * count + at]
                    S_[at] = new
                    total[q] += seen[i] * new
            if integers(frame, KEEP)[kept[0]] == k + 1:
                to = offset(doubles(frame, KEPT), kept[0] * n * count)
                for i in range(n * count):
                    to[i] = S_[i]
                kept[0] += 1
        return DONE

    return carried_ahead


@kernel
def evaluate_inputs_at(base, terms, number, data, times, c, a_map, u):
    """U at the stages of all steps, each on the smooth piece that holds its step."""
    for k in range(u.shape[0]):
        t, h = times[k], times[k + 1] - times[k]
        for r in range(c.size):
            evaluate_inputs(pointer(base), base.size, pointer(terms), number, pointer(data), t + c[r] * h,
                            t if a_map else t + 0.5 * h, pointer(u[k, r]))  # fmt: skip
