"""Compiled sweeps along a chain of steps; the formulas are those of :mod:`learning.unrolled`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import kernel, pointer
from neurodynamics.inputs import evaluate_inputs
from neurodynamics.systems import backwards, forwards, holds, tangents

DONE, MISSING, NON_FINITE = 0, 1, 2  # how taking steps ended: at the last, where no record holds, or out of the numbers


class Steps(NamedTuple):
    """The steps of a trajectory: their times (S + 1,), inputs at the stages (S, R, M), and the method."""

    t: Any
    u: Any
    a: Any
    b: Any
    c: Any
    a_map: bool


@kernel
def evaluate_inputs_at(base, terms, number, data, times, c, a_map, u):
    """U at the stages of all steps, each on the smooth piece that holds its step."""
    for k in range(u.shape[0]):
        t, h = times[k], times[k + 1] - times[k]
        for r in range(c.size):
            evaluate_inputs(pointer(base), base.size, pointer(terms), number, pointer(data), t + c[r] * h,
                            t if a_map else t + 0.5 * h, pointer(u[k, r]))  # fmt: skip


@kernel
def _stage(tables, steps, k, r, y, f, v):
    """The state, inputs and time of a stage, where a record reads them."""
    n, m, h = y.size, steps.u.shape[2], steps.t[k + 1] - steps.t[k]
    for i in range(n):
        total = 0.0
        for q in range(r):
            total += steps.a[r, q] * f[q, i]
        v[i] = y[i] + h * total
    for j in range(m):
        v[n + j] = steps.u[k, r, j]
    v[tables.leaves - 1] = steps.t[k] + steps.c[r] * h


@kernel
def _end(steps, k, y, f, to):
    """The state after a step; return whether it is finite."""
    h, finite = steps.t[k + 1] - steps.t[k], True
    for i in range(y.size):
        if steps.a_map:
            to[i] = f[0, i]
        else:
            total = 0.0
            for r in range(steps.b.size):
                total += steps.b[r] * f[r, i]
            to[i] = y[i] + h * total
        finite = finite and np.isfinite(to[i])
    return finite


@kernel
def _table_for(tables, guess, v, s):
    """The number of a table that holds here, from that of the last time on; -1 for none. Values are filled in."""
    count = tables.bounds.shape[0] - 1
    for k in range(count):
        which = (max(guess, 0) + k) % count
        forwards(tables, which, v, s)
        if holds(tables, which, v):
            return which
    return -1


@kernel
def take_steps(tables, steps, y, which, v, s, first, last):
    """Take steps; return the step and stage at which it ended, and why."""
    n, stages, guess = y.shape[1], steps.b.size, -1
    f = np.empty((stages, n))
    for k in range(first, last):
        for r in range(stages):
            _stage(tables, steps, k, r, y[k], f, v[0])
            guess = _table_for(tables, guess, v[0], s[0])
            if guess < 0:
                y[k + 1] = v[0, :n]
                return k, r, MISSING
            which[k, r] = guess
            for i in range(n):
                f[r, i] = v[0, tables.results[guess, i]]
        if not _end(steps, k, y[k], f, y[k + 1]):
            return k, 0, NON_FINITE
    return last, 0, DONE


@kernel
def _stages(tables, steps, y, which, v, s, k, f):
    """Values and slopes of all stages of a step."""
    for r in range(steps.b.size):
        _stage(tables, steps, k, r, y[k], f, v[r])
        forwards(tables, which[k, r], v[r], s[r])
        for i in range(y.shape[1]):
            f[r, i] = v[r, tables.results[which[k, r], i]]


@kernel
def carry_back(tables, steps, y, which, cotangents, w, v, s, d, by_inputs, first, last):
    """Carry the cotangent w of the state ``last`` back to the state ``first``."""
    n, m, stages = y.shape[1], steps.u.shape[2], steps.b.size
    f, back = np.empty((stages, n)), np.empty((stages, n))
    for k in range(last - 1, first - 1, -1):
        h = steps.t[k + 1] - steps.t[k]
        for i in range(n):
            w[i] += cotangents[k + 1, i]
        _stages(tables, steps, y, which, v, s, k, f)
        for r in range(stages - 1, -1, -1):
            d[: n + m] = 0.0
            d[tables.leaves :] = 0.0
            for i in range(n):
                of = w[i] if steps.a_map else h * steps.b[r] * w[i]
                for q in range(r + 1, stages):
                    of += h * steps.a[q, r] * back[q, i]
                d[tables.results[which[k, r], i]] += of
            backwards(tables, which[k, r], v[r], s[r], d)
            back[r] = d[:n]
            for j in range(m):
                by_inputs[k, j] += d[n + j]
        for i in range(n):
            total = 0.0 if steps.a_map else w[i]
            for r in range(stages):
                total += back[r, i]
            w[i] = total


@kernel
def carry_ahead(tables, steps, y, which, v, s, d, S, cotangents, total, keep, kept, count, first, last):
    """Carry sensitivities S (N, K) of the state from ``first`` to ``last``."""
    n, m, stages, directions = y.shape[1], steps.u.shape[2], steps.b.size, S.shape[1]
    f, df = np.empty((stages, n)), np.empty((stages, n, directions))
    for k in range(first, last):
        h = steps.t[k + 1] - steps.t[k]
        _stages(tables, steps, y, which, v, s, k, f)
        for r in range(stages):
            for i in range(n):
                for q in range(directions):
                    d[i, q] = S[i, q]
                for stage in range(r):
                    x = h * steps.a[r, stage]
                    if x != 0.0:
                        for q in range(directions):
                            d[i, q] += x * df[stage, i, q]
            d[n : n + m] = 0.0
            tangents(tables, which[k, r], v[r], s[r], d)
            for i in range(n):
                df[r, i] = d[tables.results[which[k, r], i]]
        for i in range(n):
            for q in range(directions):
                new = 0.0 if steps.a_map else S[i, q]
                for r in range(stages):
                    new += (1.0 if steps.a_map else h * steps.b[r]) * df[r, i, q]
                S[i, q] = new
                total[q] += cotangents[k + 1, i] * new
        if keep[count[0]] == k + 1:
            kept[count[0]] = S
            count[0] += 1
