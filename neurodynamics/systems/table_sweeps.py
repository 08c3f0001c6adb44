"""Compiled sweeps through tables of recorded operations: ahead for values and directions, back for gradients.

Each is entered by its address, compiled once for one point and once for :data:`LANES` points side by side: then each number
is a vector, element ``place * LANES + lane``, and what products give the parameters is summed over the lanes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba.core import types

from neurodynamics.compiling import (
    CUBE_ROOT_EPS,
    DOUBLES,
    INTEGERS,
    WIDTH,
    address_of,
    call,
    call_address,
    doubles,
    fma,
    integers,
    kernel,
    load,
    offset,
    pointer,
    splat,
    stack,
    store,
)
from neurodynamics.systems.tape import Op, Relation

LANES = WIDTH
CONSTANT, ADD, SUBTRACT, MULTIPLY, DIVIDE, PRODUCT, CALL, NEGATE, APPLY = map(int, Op)
LESS, LESS_OR_EQUAL, EQUAL = map(int, Relation)

# Columns of a group, and what some kinds keep in the last of them
OP, START, COUNT, FIRST, STRIDE, X, NX, ADDRESS = range(8)
_N, _M, _P, HELPER = FIRST, STRIDE, X, NX  # of a function that is called

# A table: lengths, and the addresses of its parts
(LEAVES, PLACES, PARAMS, GROUPS, LENGTH, A, B, GATHERS, CONSTANTS, N_CONSTANTS, GUARDS, N_GUARDS, RESULTS,
 SIZE) = range(14)  # fmt: skip

SWEEP = types.int64(INTEGERS, *[DOUBLES] * 5)  # (table, v, s, d, params, by_params)
TANGENTS = types.int64(INTEGERS, DOUBLES, DOUBLES, DOUBLES, types.int64)
_CALLED = types.int64(INTEGERS, types.int64, DOUBLES, DOUBLES, types.int64, types.int64)
VALUES, BACK, AHEAD = range(3)


class Access(NamedTuple):
    """How kernels take the number, or the numbers of all lanes, at a place."""

    get: Any
    put: Any
    same: Any  # a number in all lanes


def access(lanes: int) -> Access:
    """Return how numbers of one point, or of all lanes, are taken."""
    return Access(_get, _put, _same) if lanes == 1 else Access(_get_all, _put_all, _same_in_all)


@kernel(inline=True)
def _get(v, k):
    return v[k]


@kernel(inline=True)
def _put(v, k, x):
    v[k] = x


@kernel(inline=True)
def _same(x):
    return x


@kernel(inline=True)
def _get_all(v, k):
    return load(v, LANES * k)


@kernel(inline=True)
def _put_all(v, k, x):
    store(v, LANES * k, x)


@kernel(inline=True)
def _same_in_all(x):
    return splat(x)


@functools.cache
def forwards(lanes: int) -> Any:
    """Return the kernel that fills in the values v of everything from those of the leaves, and the slopes s.

    It returns in which lanes the comparisons are answered as they were recorded, a bit for each.
    """
    get, put, same = access(lanes)
    product = _product if lanes == 1 else _products

    @kernel
    def sweep_forwards(table, v, s, d, params, by_params):
        leaves, groups, gathers = table[LEAVES], integers(table, GROUPS), integers(table, GATHERS)
        constants = doubles(table, CONSTANTS)
        for k in range(table[N_CONSTANTS]):
            put(v, leaves + k, same(constants[k]))
        for g in range(table[LENGTH]):
            group = offset(groups, 8 * g)
            op, start, count = group[OP], group[START], group[COUNT]
            a, b = offset(integers(table, A), start), offset(integers(table, B), start)
            to = offset(v, lanes * start)
            if op == PRODUCT:
                product(group, offset(gathers, group[X]), v, a, to, offset(params, group[FIRST] - table[PARAMS]))
            elif op == CALL:
                call_address(group[HELPER], (group, leaves, v, v, lanes, VALUES))
            elif op == APPLY:
                slopes = offset(s, lanes * start)
                for i in range(count):
                    put(slopes, i, get(v, a[i]))
                call(group[ADDRESS], v[lanes * b[0]], slopes, lanes * count, slopes, 0, slopes, 0, to, lanes * count)
            elif op == ADD:
                for i in range(count):
                    put(to, i, get(v, a[i]) + get(v, b[i]))
            elif op == SUBTRACT:
                for i in range(count):
                    put(to, i, get(v, a[i]) - get(v, b[i]))
            elif op == MULTIPLY:
                for i in range(count):
                    put(to, i, get(v, a[i]) * get(v, b[i]))
            elif op == DIVIDE:
                for i in range(count):
                    put(to, i, get(v, a[i]) / get(v, b[i]))
            else:
                for i in range(count):
                    put(to, i, -get(v, a[i]))
        return _holds(table, v, lanes)

    return sweep_forwards


@kernel
def _holds(table, v, lanes):
    """In which lanes all comparisons are answered as they were recorded."""
    guards, holds = integers(table, GUARDS), (1 << lanes) - 1
    for k in range(table[N_GUARDS]):
        guard = offset(guards, 4 * k)
        for lane in range(lanes):
            x, y = v[lanes * guard[1] + lane], v[lanes * guard[2] + lane]
            answer = x < y if guard[0] == LESS else x <= y if guard[0] == LESS_OR_EQUAL else x == y
            if answer != (guard[3] != 0):
                holds &= ~(1 << lane)
    return holds


@functools.cache
def backwards(lanes: int) -> Any:
    """Return the kernel that continues derivatives d of results from the results to the leaves, where they are added.

    What products give parameters is added to ``by_params``.
    """
    get, put, _ = access(lanes)
    product_back = _product_back if lanes == 1 else _products_back

    @kernel
    def sweep_backwards(table, v, s, d, params, by_params):
        groups, gathers = integers(table, GROUPS), integers(table, GATHERS)
        for g in range(table[LENGTH] - 1, -1, -1):
            group = offset(groups, 8 * g)
            op, start, count = group[OP], group[START], group[COUNT]
            a, b = offset(integers(table, A), start), offset(integers(table, B), start)
            of = offset(d, lanes * start)
            if op == PRODUCT:
                first = group[FIRST] - table[PARAMS]
                product_back(group, offset(gathers, group[X]), v, a, of, d, offset(params, first), offset(by_params, first),
                             offset(s, lanes * start))  # fmt: skip
            elif op == CALL:
                call_address(group[HELPER], (group, table[LEAVES], v, d, lanes, BACK))
            elif op == APPLY:
                for i in range(count):
                    put(d, a[i], get(d, a[i]) + get(s, start + i) * get(of, i))
            elif op == ADD:
                for i in range(count):
                    put(d, a[i], get(d, a[i]) + get(of, i))
                    put(d, b[i], get(d, b[i]) + get(of, i))
            elif op == SUBTRACT:
                for i in range(count):
                    put(d, a[i], get(d, a[i]) + get(of, i))
                    put(d, b[i], get(d, b[i]) - get(of, i))
            elif op == MULTIPLY:
                for i in range(count):
                    x, y, share = get(v, a[i]), get(v, b[i]), get(of, i)
                    put(d, a[i], get(d, a[i]) + y * share)
                    put(d, b[i], get(d, b[i]) + x * share)
            elif op == DIVIDE:
                for i in range(count):
                    share = get(of, i) / get(v, b[i])
                    put(d, a[i], get(d, a[i]) + share)
                    put(d, b[i], get(d, b[i]) - share * get(v, start + i))
            else:
                for i in range(count):
                    put(d, a[i], get(d, a[i]) - get(of, i))
        return 0

    return sweep_backwards


# Products with matrices of parameters --------------------------------------------------------------------------------


@kernel
def _product(group, x, v, z, to, w):
    """Z + W x, at one point: vectors of rows."""
    rows, stride = group[COUNT], group[STRIDE]
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
def _product_back(group, x, v, z, of, d, w, by_w, spare):
    """For all columns at once: what x gets, ``W' of``, and what W gets, ``of x'``, in one look at both."""
    rows, stride = group[COUNT], group[STRIDE]
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
def _products(group, x, v, z, to, w):
    """Z + W x in all lanes, four rows at a time; sums in the order of one point."""
    rows, stride, columns = group[COUNT], group[STRIDE], group[NX]
    whole = rows - rows % 4
    for i in range(0, whole, 4):
        s0, s1 = load(v, LANES * z[i]), load(v, LANES * z[i + 1])
        s2, s3 = load(v, LANES * z[i + 2]), load(v, LANES * z[i + 3])
        for j in range(columns):
            x_j, part = load(v, LANES * x[j]), offset(w, j * stride + i)
            s0, s1 = fma(splat(part[0]), x_j, s0), fma(splat(part[1]), x_j, s1)
            s2, s3 = fma(splat(part[2]), x_j, s2), fma(splat(part[3]), x_j, s3)
        store(to, LANES * i, s0)
        store(to, LANES * (i + 1), s1)
        store(to, LANES * (i + 2), s2)
        store(to, LANES * (i + 3), s3)
    for i in range(whole, rows):
        total = load(v, LANES * z[i])
        for j in range(columns):
            total = fma(splat(w[j * stride + i]), load(v, LANES * x[j]), total)
        store(to, LANES * i, total)


@kernel
def _products_back(group, x, v, z, of, d, w, by_w, spare):
    """What x gets in each lane, ``W' of``, and what W gets from all, ``of x'``.

    The last is for vectors of rows, for which ``of`` is turned round into ``spare``; what is left of the rows gets it in
    each lane by itself, like any other number.
    """
    rows, stride, columns, first = group[COUNT], group[STRIDE], group[NX], group[FIRST]
    for i in range(rows):
        store(d, LANES * z[i], load(d, LANES * z[i]) + load(of, LANES * i))
        for lane in range(LANES):
            spare[lane * rows + i] = of[LANES * i + lane]
    for j in range(0, columns, 4):
        _four_columns(offset(x, j), min(4, columns - j), d, of, rows, offset(w, j * stride), stride)
    whole = rows - rows % WIDTH
    for j in range(0, columns - 1, 2):
        p, q, by = offset(v, LANES * x[j]), offset(v, LANES * x[j + 1]), offset(by_w, j * stride)
        for i in range(0, whole, WIDTH):
            by_p, by_q = load(by, i), load(by, stride + i)
            for lane in range(LANES):
                part = load(spare, lane * rows + i)
                by_p, by_q = fma(part, splat(p[lane]), by_p), fma(part, splat(q[lane]), by_q)
            store(by, i, by_p)
            store(by, stride + i, by_q)
    for j in range(columns - columns % 2, columns):
        p, by = offset(v, LANES * x[j]), offset(by_w, j * stride)
        for i in range(0, whole, WIDTH):
            by_p = load(by, i)
            for lane in range(LANES):
                by_p = fma(load(spare, lane * rows + i), splat(p[lane]), by_p)
            store(by, i, by_p)
    for j in range(columns if whole < rows else 0):
        heard, by_each = load(v, LANES * x[j]), offset(d, LANES * (first + j * stride))
        for i in range(whole, rows):
            store(by_each, LANES * i, fma(load(of, LANES * i), heard, load(by_each, LANES * i)))


@kernel
def _four_columns(x, count, d, of, rows, w, stride):
    """What as many as four of x get."""
    b, c, e = min(1, count - 1) * stride, min(2, count - 1) * stride, min(3, count - 1) * stride
    s0, s1, s2, s3 = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
    for i in range(rows):
        part = load(of, LANES * i)
        s0, s1 = fma(splat(w[i]), part, s0), fma(splat(w[b + i]), part, s1)
        s2, s3 = fma(splat(w[c + i]), part, s2), fma(splat(w[e + i]), part, s3)
    store(d, LANES * x[0], load(d, LANES * x[0]) + s0)
    if count > 1:
        store(d, LANES * x[1], load(d, LANES * x[1]) + s1)
    if count > 2:
        store(d, LANES * x[2], load(d, LANES * x[2]) + s2)
    if count > 3:
        store(d, LANES * x[3], load(d, LANES * x[3]) + s3)


# Directions, at one point --------------------------------------------------------------------------------------------


@kernel
def tangents(table, v, s, d, directions):
    """Continue derivatives d (places, K) of everything in K directions, from the leaves to the results."""
    groups, gathers = integers(table, GROUPS), integers(table, GATHERS)
    constants = offset(d, table[LEAVES] * directions)
    for k in range(table[N_CONSTANTS] * directions):
        constants[k] = 0.0  # another table may have left its results there
    for g in range(table[LENGTH]):
        group = offset(groups, 8 * g)
        op, start = group[OP], group[START]
        if op == PRODUCT:
            _product_ahead(group, offset(integers(table, A), start), offset(gathers, group[X]), v, d, directions)
        elif op == CALL:
            call_address(group[HELPER], (group, table[LEAVES], v, d, directions, AHEAD))
        else:
            for to in range(start, start + group[COUNT]):
                a, b = integers(table, A)[to], integers(table, B)[to]
                da, db = s[to], 0.0
                if op == ADD or op == SUBTRACT:
                    da, db = 1.0, 1.0 if op == ADD else -1.0
                elif op == MULTIPLY:
                    da, db = v[b], v[a]
                elif op == DIVIDE:
                    da, db = 1.0 / v[b], -v[to] / v[b]
                elif op == NEGATE:
                    da = -1.0
                d_to, d_a = offset(d, to * directions), offset(d, a * directions)
                for k in range(directions):
                    d_to[k] = da * d_a[k]
                if op <= DIVIDE:
                    d_b = offset(d, b * directions)
                    for k in range(directions):
                        d_to[k] += db * d_b[k]
    return 0


@kernel
def _product_ahead(group, z, x, v, d, directions):
    start, stride, first = group[START], group[STRIDE], group[FIRST]
    for i in range(group[COUNT]):
        d_to, d_z = offset(d, (start + i) * directions), offset(d, z[i] * directions)
        for k in range(directions):
            d_to[k] = d_z[k]
        for j in range(group[NX]):
            w = first + j * stride + i
            d_x, d_w, w_ij, x_j = offset(d, x[j] * directions), offset(d, w * directions), v[w], v[x[j]]
            for k in range(directions):
                d_to[k] += w_ij * d_x[k] + x_j * d_w[k]


# Functions that are not recorded -------------------------------------------------------------------------------------


@kernel
def called(group, leaves, v, d, width, way):
    """A function that is called: its values, in each of so many lanes; or derivatives, by central differences."""
    count, points, out = group[COUNT], 1 if way == AHEAD else width, np.empty(group[COUNT])
    low, x = np.empty(group[COUNT]), np.empty(leaves)
    start = group[START]
    for i in range(count * width if way == AHEAD else 0):
        d[start * width + i] = 0.0
    for lane in range(points):
        for leaf in range(leaves):
            x[leaf] = v[leaf * points + lane]
        if way == VALUES:
            _call(group, pointer(x), pointer(out), count)
            for i in range(count):
                v[(start + i) * points + lane] = out[i]
            continue
        for leaf in range(leaves - 1):
            old = x[leaf]
            h = CUBE_ROOT_EPS * max(abs(old), 1.0)
            x[leaf] = old + h
            _call(group, pointer(x), pointer(out), count)
            x[leaf] = old - h
            _call(group, pointer(x), pointer(low), count)
            x[leaf] = old
            for i in range(count):
                slope = (out[i] - low[i]) / (2.0 * h)
                if way == BACK:
                    d[leaf * points + lane] += slope * d[(start + i) * points + lane]
                else:
                    for k in range(width):
                        d[(start + i) * width + k] += slope * d[leaf * width + k]
    return 0


@kernel
def _call(group, x, to, count):
    n, m, p = group[_N], group[_M], group[_P]
    call(group[ADDRESS], x[n + m + p], x, n, offset(x, n), m, offset(x, n + m), p, to, count)


# By their addresses --------------------------------------------------------------------------------------------------


@functools.cache
def sweep_address(way: Callable[[int], Any], lanes: int = 1) -> int:
    """Return the address of :func:`forwards` or :func:`backwards`."""
    return address_of(way(lanes), SWEEP)


@functools.cache
def tangents_address() -> int:
    """Return the address of :func:`tangents`."""
    return address_of(tangents, TANGENTS)


@functools.cache
def called_address() -> int:
    """Return the address of :func:`called`."""
    return address_of(called, _CALLED)
