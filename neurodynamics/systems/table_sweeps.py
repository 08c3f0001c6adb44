"""Compiled sweeps through tables of recorded operations: ahead for values and directions, back for gradients.

Inside, they work on pointers: a slice of an array costs more than an operation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import CUBE_ROOT_EPS, WIDTH, call, fma, kernel, load, offset, pointer, splat, stack, store
from neurodynamics.systems.tape import Op, Relation

# Operations and comparisons as numbers of kernels
(
    CONSTANT, ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, PRODUCT, CALL, NEGATE, APPLY,
    EXP, EXPM1, LOG, SQRT, SIN, COS, SINH, COSH, TANH, ARCTAN,
) = map(int, Op)  # fmt: skip
LESS, LESS_OR_EQUAL, EQUAL = map(int, Relation)

# Columns of a group, and what some kinds keep in the last of them
OP, START, COUNT, FIRST, STRIDE, X, NX, ADDRESS = range(8)
_N, _M, _P = FIRST, STRIDE, X  # of a function that is called


class Tables(NamedTuple):
    """All tables of one function, one behind the other; ``bounds[k]`` says where those of table k begin."""

    leaves: int
    bounds: Any  # (tables + 1, 5): groups, places, gathers, constants, guards
    groups: Any
    a: Any
    b: Any
    gathers: Any
    constants: Any
    guards: Any
    results: Any  # (tables, results)


GROUPS, PLACES, GATHERS, CONSTANTS, GUARDS = range(5)


class _Record(NamedTuple):
    """One table behind pointers."""

    leaves: int
    places: int
    groups: Any
    length: int
    a: Any
    b: Any
    gathers: Any


@kernel(inline=True)
def _record_of(tables, which):
    first, last = offset(pointer(tables.bounds), 5 * which), offset(pointer(tables.bounds), 5 * which + 5)
    return _Record(tables.leaves, last[PLACES] - first[PLACES], offset(pointer(tables.groups), 8 * first[GROUPS]),
                   last[GROUPS] - first[GROUPS], offset(pointer(tables.a), first[PLACES]),
                   offset(pointer(tables.b), first[PLACES]), offset(pointer(tables.gathers), first[GATHERS]))  # fmt: skip


@kernel
def holds(tables, which, v):
    """Whether the comparisons of a table are answered as when it was recorded."""
    for k in range(tables.bounds[which, GUARDS], tables.bounds[which + 1, GUARDS]):
        relation, answer = tables.guards[k, 0], tables.guards[k, 3] != 0
        x, y = v[tables.guards[k, 1]], v[tables.guards[k, 2]]
        if (x < y if relation == LESS else x <= y if relation == LESS_OR_EQUAL else x == y) != answer:
            return False
    return True


@kernel
def forwards(tables, which, v, s):
    """Fill in the values v of everything from those of the leaves, and the slopes s that the way back needs."""
    first = tables.bounds[which, CONSTANTS]
    for k in range(first, tables.bounds[which + 1, CONSTANTS]):
        v[tables.leaves + k - first] = tables.constants[k]
    _forwards(_record_of(tables, which), pointer(v), pointer(s))


@kernel
def _forwards(table, v, s):
    for g in range(table.length):
        group = offset(table.groups, 8 * g)
        op, start, count = group[OP], group[START], group[COUNT]
        a, b, to = offset(table.a, start), offset(table.b, start), offset(v, start)
        if op == PRODUCT:
            _product(group, table.gathers, v, a, to)
        elif op == CALL:
            _call(group, v, to, count)
        elif op == APPLY:
            _apply(group, v, a, to, offset(s, start))
        elif op >= NEGATE:
            _elementary(op, count, v, a, to, offset(s, start))
        elif op == ADD:
            for i in range(count):
                to[i] = v[a[i]] + v[b[i]]
        elif op == SUBTRACT:
            for i in range(count):
                to[i] = v[a[i]] - v[b[i]]
        elif op == MULTIPLY:
            for i in range(count):
                to[i] = v[a[i]] * v[b[i]]
        elif op == DIVIDE:
            for i in range(count):
                to[i] = v[a[i]] / v[b[i]]
        else:
            for i in range(count):
                to[i] = v[a[i]] ** v[b[i]]


@kernel
def _apply(group, v, a, to, s):
    """An activation, and its slopes."""
    count = group[COUNT]
    for i in range(count):
        s[i] = v[a[i]]
    call(group[ADDRESS], 0.0, s, count, s, 0, s, 0, to, count)


@kernel
def _elementary(op, count, v, a, to, s):
    """Functions of one number, with their slopes."""
    for i in range(count):
        x = v[a[i]]
        if op == NEGATE:
            to[i], s[i] = -x, -1.0
        elif op == EXP:
            to[i] = s[i] = np.exp(x)
        elif op == EXPM1:
            to[i] = np.expm1(x)
            s[i] = to[i] + 1.0
        elif op == LOG:
            to[i], s[i] = np.log(x), 1.0 / x
        elif op == SQRT:
            to[i] = np.sqrt(x)
            s[i] = 0.5 / to[i]
        elif op == SIN:
            to[i], s[i] = np.sin(x), np.cos(x)
        elif op == COS:
            to[i], s[i] = np.cos(x), -np.sin(x)
        elif op == SINH:
            to[i], s[i] = np.sinh(x), np.cosh(x)
        elif op == COSH:
            to[i], s[i] = np.cosh(x), np.sinh(x)
        elif op == TANH:
            to[i] = np.tanh(x)
            s[i] = 1.0 - to[i] * to[i]
        else:
            to[i], s[i] = np.arctan(x), 1.0 / (1.0 + x * x)


@kernel
def _call(group, v, to, count):
    """A function that is not recorded."""
    n, m, p = group[_N], group[_M], group[_P]
    call(group[ADDRESS], v[n + m + p], v, n, offset(v, n), m, offset(v, n + m), p, to, count)


@kernel
def _difference(group, leaf, v, out):
    """Its central difference by one leaf."""
    old = v[leaf]
    h, low = CUBE_ROOT_EPS * max(abs(old), 1.0), np.empty(out.size)
    v[leaf] = old + h
    _call(group, v, pointer(out), out.size)
    v[leaf] = old - h
    _call(group, v, pointer(low), out.size)
    v[leaf] = old
    for i in range(out.size):
        out[i] = (out[i] - low[i]) / (2.0 * h)


@kernel
def _product(group, gathers, v, z, to):
    """Z + W x."""
    rows, stride, x, w = group[COUNT], group[STRIDE], offset(gathers, group[X]), offset(v, group[FIRST])
    for i in range(rows):
        to[i] = v[z[i]]
    whole = rows - rows % WIDTH
    for j in range(group[NX]):
        x_j, column = v[x[j]], offset(w, j * stride)
        for i in range(0, whole, WIDTH):
            store(to, i, fma(load(column, i), splat(x_j), load(to, i)))
        for i in range(whole, rows):
            to[i] = fma(column[i], x_j, to[i])


@kernel
def backwards(tables, which, v, s, d):
    """Continue derivatives d of the results by everything, from the results to the leaves, where they are added."""
    _backwards(_record_of(tables, which), pointer(v), pointer(s), pointer(d))


@kernel
def _backwards(table, v, s, d):
    for g in range(table.length - 1, -1, -1):
        group = offset(table.groups, 8 * g)
        op, start, count = group[OP], group[START], group[COUNT]
        a, b, of = offset(table.a, start), offset(table.b, start), offset(d, start)
        if op == PRODUCT:
            _product_back(group, table.gathers, v, a, of, d)
        elif op == CALL:
            _call_back(group, table.leaves, v, of, d)
        elif op >= NEGATE:
            slopes = offset(s, start)
            for i in range(count):
                d[a[i]] += slopes[i] * of[i]
        elif op == ADD:
            for i in range(count):
                d[a[i]] += of[i]
                d[b[i]] += of[i]
        elif op == SUBTRACT:
            for i in range(count):
                d[a[i]] += of[i]
                d[b[i]] -= of[i]
        elif op == MULTIPLY:
            for i in range(count):
                x, y = v[a[i]], v[b[i]]
                d[a[i]] += y * of[i]
                d[b[i]] += x * of[i]
        elif op == DIVIDE:
            for i in range(count):
                share = of[i] / v[b[i]]
                d[a[i]] += share
                d[b[i]] -= share * v[start + i]
        else:
            for i in range(count):
                d[a[i]] += of[i] * v[b[i]] * v[a[i]] ** (v[b[i]] - 1.0)


@kernel
def _product_back(group, gathers, v, z, of, d):
    """For all columns at once: what x gets, ``W' of``, and what W gets, ``of x'``, in one look at both."""
    rows, stride, x = group[COUNT], group[STRIDE], offset(gathers, group[X])
    w, by_w = offset(v, group[FIRST]), offset(d, group[FIRST])
    for i in range(rows):
        d[z[i]] += of[i]
    whole, parts = rows - rows % WIDTH, stack(WIDTH)
    for j in range(group[NX]):
        x_j, column, by_column = v[x[j]], offset(w, j * stride), offset(by_w, j * stride)
        sums, total = splat(0.0), 0.0
        for i in range(0, whole, WIDTH):
            part = load(of, i)
            sums = fma(load(column, i), part, sums)
            store(by_column, i, fma(part, splat(x_j), load(by_column, i)))
        store(parts, 0, sums)
        for i in range(WIDTH):
            total += parts[i]
        for i in range(whole, rows):
            total = fma(column[i], of[i], total)
            by_column[i] = fma(of[i], x_j, by_column[i])
        d[x[j]] += total


@kernel
def _call_back(group, leaves, v, of, d):
    column = np.empty(group[COUNT])
    for leaf in range(leaves - 1):
        _difference(group, leaf, v, column)
        for i in range(column.size):
            d[leaf] += column[i] * of[i]


@kernel
def tangents(tables, which, v, s, d):
    """Continue derivatives d (places, K) of everything in K directions, from the leaves to the results."""
    _tangents(_record_of(tables, which), pointer(v), pointer(s), pointer(d), d.shape[1])


@kernel
def _tangents(table, v, s, d, directions):
    for g in range(table.length):
        group = offset(table.groups, 8 * g)
        op, start = group[OP], group[START]
        if op == PRODUCT:
            _product_ahead(group, table.a, table.gathers, v, d, directions)
        elif op == CALL:
            _call_ahead(group, table.leaves, v, d, directions)
        else:
            for to in range(start, start + group[COUNT]):
                a, b = table.a[to], table.b[to]
                da, db = s[to], 0.0
                if op == ADD or op == SUBTRACT:
                    da, db = 1.0, 1.0 if op == ADD else -1.0
                elif op == MULTIPLY:
                    da, db = v[b], v[a]
                elif op == DIVIDE:
                    da, db = 1.0 / v[b], -v[to] / v[b]
                elif op == POWER:
                    da = v[b] * v[a] ** (v[b] - 1.0)
                d_to, d_a, d_b = offset(d, to * directions), offset(d, a * directions), offset(d, b * directions)
                for k in range(directions):
                    d_to[k] = da * d_a[k] + db * d_b[k]


@kernel
def _call_ahead(group, leaves, v, d, directions):
    column, to = np.empty(group[COUNT]), offset(d, group[START] * directions)
    for i in range(column.size * directions):
        to[i] = 0.0
    for leaf in range(leaves - 1):
        _difference(group, leaf, v, column)
        for i in range(column.size):
            for k in range(directions):
                to[i * directions + k] += column[i] * d[leaf * directions + k]


@kernel
def _product_ahead(group, a, gathers, v, d, directions):
    start, stride, first = group[START], group[STRIDE], group[FIRST]
    x = offset(gathers, group[X])
    for i in range(group[COUNT]):
        d_to, d_z = offset(d, (start + i) * directions), offset(d, a[start + i] * directions)
        for k in range(directions):
            d_to[k] = d_z[k]
        for j in range(group[NX]):
            w = first + j * stride + i
            d_x, d_w, w_ij, x_j = offset(d, x[j] * directions), offset(d, w * directions), v[w], v[x[j]]
            for k in range(directions):
                d_to[k] += w_ij * d_x[k] + x_j * d_w[k]
