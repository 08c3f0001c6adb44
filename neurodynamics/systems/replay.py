"""Recorded functions as tables, and the compiled sweeps through them.

A table holds the operations of a tape in groups: those of one kind that wait for nothing in their own group, so a sweep
decides once for a group what to do and then loops over its numbers. Numbers lie in one vector: states, inputs, parameters,
the time, then constants and results. What a function does may depend on comparisons; then there are several tables, and
the guards of each say for which points it holds.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.activations import Activation
from neurodynamics.compiling import (
    CUBE_ROOT_EPS,
    WIDTH,
    address_of,
    call,
    fma,
    kernel,
    load,
    load_first,
    offset,
    pointer,
    pointer_kernel,
    splat,
    stack,
    store,
    store_first,
)
from neurodynamics.systems.additive_duals import dual_functions
from neurodynamics.systems.tape import Block, Op, Operation, Relation, Tape, record
from neurodynamics.validation import Floats

MOST_TABLES = 4096  # of one function; beyond, it is called

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


_GROUPS, _PLACES, _GATHERS, _CONSTANTS, _GUARDS = range(5)


# From a tape to a table ----------------------------------------------------------------------------------------------


def _levels(tape: Tape) -> np.ndarray:
    """Return how many operations each place waits for, one behind the other."""
    levels = np.zeros(tape.places, dtype=int)
    blocks: dict[int, int] = {}
    for place, each in enumerate(tape.operations, tape.leaves):
        if each.op == Op.PRODUCT:
            if id(each.more) not in blocks:
                blocks[id(each.more)] = 1 + int(max(levels[each.more.z].max(), levels[each.more.x].max()))
            levels[place] = blocks[id(each.more)]
        elif each.op != Op.CONSTANT:
            levels[place] = 1 + max(levels[each.a], levels[each.b])
    return levels


def _table(tape: Tape) -> dict[str, Any]:
    """Return the parts of a table."""
    levels = _levels(tape)
    kinds: dict[tuple, list[int]] = defaultdict(list)
    for place, each in enumerate(tape.operations, tape.leaves):
        own = id(each.more) if each.op in (Op.PRODUCT, Op.APPLY, Op.CALL) else 0
        kinds[int(levels[place]), int(each.op), own].append(place)
    order = sorted(kinds)
    new = np.arange(tape.places)
    new[[place for key in order for place in kinds[key]]] = np.arange(tape.leaves, tape.places)
    a, b = np.zeros(tape.places, dtype=np.int64), np.zeros(tape.places, dtype=np.int64)
    for place, each in enumerate(tape.operations, tape.leaves):
        a[new[place]], b[new[place]] = new[each.a], new[each.b]
    groups: list[list[int]] = []
    gathers: list[int] = []
    for key in order:
        first = tape.operations[kinds[key][0] - tape.leaves]
        if first.op == Op.CONSTANT:
            continue
        groups.append([int(first.op), new[kinds[key][0]], len(kinds[key]), *_further(first, len(gathers))])
        gathers += new[first.more.x].tolist() if first.op == Op.PRODUCT else []
    constants = [each.more for each in tape.operations if each.op == Op.CONSTANT]
    guards = [[guard.relation, new[guard.a], new[guard.b], guard.answer] for guard in tape.guards]
    return {"groups": np.array(groups, dtype=np.int64).reshape(-1, 8), "a": a, "b": b,
            "gathers": np.array(gathers, dtype=np.int64), "constants": np.array(constants, dtype=np.float64),
            "guards": np.array(guards, dtype=np.int64).reshape(-1, 4), "results": new[tape.results]}  # fmt: skip


def _further(operation: Operation, gathered: int) -> list[int]:
    if operation.op == Op.PRODUCT:
        block: Block = operation.more
        return [block.first, block.stride, gathered, block.x.size, 0]
    if operation.op == Op.CALL:
        return list(operation.more)
    return [0, 0, 0, 0, _of_activation(operation.more) if operation.op == Op.APPLY else 0]


@functools.cache
def _applied(activation: Activation) -> Any:
    value, slope = activation.value, activation.derivative

    @pointer_kernel
    def value_and_slope(index, t, y, n, u, m, params, p, out, k):
        """The values of an activation at n numbers, and its slopes in their place, which u names again."""
        for i in range(0, n, WIDTH):
            x, rest = load_first(y, i, n - i), n - i
            store_first(out, i, value(x), rest)
            store_first(u, i, slope(x), rest)

    return value_and_slope


def _of_activation(activation: Activation) -> int:
    return address_of(_applied(activation))


class Point(NamedTuple):
    """A function at one point: the values of everything, and the slopes."""

    tables: Tables
    which: int
    v: Floats
    s: Floats

    def along(self, seeds: Floats) -> Floats:
        """Return the derivatives (results, k) from those (leaves, k) of states, inputs, parameters and time."""
        d = np.zeros((self.v.size, seeds.shape[1]))
        d[: len(seeds)] = seeds
        tangents(self.tables, self.which, self.v, self.s, d)
        return d[self.tables.results[self.which]]

    def back(self, seeds: Floats) -> Floats:
        """Return the derivatives (leaves, k) of k combinations (results, k)."""
        columns = np.zeros((seeds.shape[1], self.tables.leaves))
        for column, seed in zip(columns, seeds.T, strict=True):
            d = np.zeros(self.v.size)
            np.add.at(d, self.tables.results[self.which], seed)
            backwards(self.tables, self.which, self.v, self.s, d)
            column[:] = d[: column.size]
        return columns.T


class Replay:
    """A function of a system as tables: recorded at the points where it is asked, or called where it cannot be.

    Attributes
    ----------
    exact : bool
        Whether derivatives are exact to rounding; those of a function that cannot be recorded are differences.
    sizes : tuple of int
        Numbers of states, inputs, parameters and results.
    """

    def __init__(
        self, source: Any, address: int, sizes: tuple[int, int, int, int], role: str = "rhs", event: int = 0
    ) -> None:
        self.source, self.address, self.sizes, self.role, self.event = source, address, sizes, role, event
        self.exact, self._lock = True, threading.Lock()
        self._parts: list[dict[str, Any]] = []
        self.tables = self._together()

    @property
    def leaves(self) -> int:
        """Number of states, inputs, parameters and the time."""
        return sum(self.sizes[:3]) + 1

    @property
    def places(self) -> int:
        """Room for the numbers of any table."""
        return int(np.diff(self.tables.bounds[:, _PLACES]).max())

    def add(self, t: float, y: Floats, u: Floats, params: Floats) -> int:
        """Record the function at a point; return the number of the table."""
        with self._lock:
            return self._add(t, y, u, params)

    def _add(self, t: float, y: Floats, u: Floats, params: Floats) -> int:
        tape = None if len(self._parts) >= MOST_TABLES else self._recorded(t, y, u, params)
        if tape is None:
            if self.role == "reset":
                raise TypeError("`reset` cannot be recorded: it depends on values in a way other than by comparisons.")
            tape, self.exact = self._called(), False
        self._parts.append(_table(tape))
        self.tables = self._together()
        return len(self._parts) - 1

    def _recorded(self, t: float, y: Floats, u: Floats, params: Floats) -> Tape | None:
        try:
            return record(self.source, t, y, u, params, self.sizes[3], self.role, self.event)
        except Exception:  # whatever a user's function does with numbers that are no floats
            return None

    def at(self, t: float, y: Floats, u: Floats, params: Floats) -> Point:
        """Return the values of everything at a point."""
        leaves = np.concatenate([y, u, params, [t]])
        for which in range(len(self._parts)):
            v, s = self._room(leaves)
            forwards(self.tables, which, v, s)
            if holds(self.tables, which, v):
                return Point(self.tables, which, v, s)
        which = self.add(t, y, u, params)
        v, s = self._room(leaves)
        forwards(self.tables, which, v, s)
        return Point(self.tables, which, v, s)

    def _room(self, leaves: Floats) -> tuple[Floats, Floats]:
        v = np.zeros(self.places)
        v[: leaves.size] = leaves
        return v, np.zeros(self.places)

    def _called(self) -> Tape:
        tape, call = Tape(), (*self.sizes[:3], 0, self.address)
        tape.vector(np.zeros(self.leaves))
        tape.results = np.array([tape.note(Op.CALL, 0.0, more=call).place for _ in range(self.sizes[3])])
        return tape

    def _together(self) -> Tables:
        parts = self._parts or [_table(_empty(self.leaves, self.sizes[3]))]
        sizes = [[len(part[name]) for name in ("groups", "a", "gathers", "constants", "guards")] for part in parts]
        bounds = np.concatenate([np.zeros((1, 5), dtype=np.int64), np.cumsum(sizes, axis=0)])
        joined = {name: np.concatenate([part[name] for part in parts]) for name in Tables._fields[2:8]}
        return Tables(self.leaves, bounds, **joined, results=np.array([part["results"] for part in parts]))


def _empty(leaves: int, results: int) -> Tape:
    """Return a tape that holds nowhere: of a function that is not recorded yet."""
    tape = Tape()
    tape.vector(np.zeros(leaves))
    tape.guard(Relation.LESS, 0.0, 0.0)
    tape.guards[0] = tape.guards[0]._replace(answer=True)
    tape.results = np.zeros(results, dtype=int)
    return tape


_KNOWN: weakref.WeakKeyDictionary[Any, dict[Any, Replay]] = weakref.WeakKeyDictionary()


def replay_of(system: Any, role: str = "rhs", event: int = 0) -> Replay:
    """Return a function of a system as tables: its right-hand side, outputs, events, or the reset of an event."""
    function = system.function(role)
    results = {"outputs": system.output_dim, "events": system.event_dim}.get(role, system.state_dim)
    sizes = (system.state_dim, 0 if role == "outputs" else system.input_dim, system.param_dim, results)
    known = _KNOWN.setdefault(function, {})
    if (sizes, event) not in known:
        network, source = system.structure("additive"), function.source
        if network is not None and role in ("rhs", "outputs"):
            source = dual_functions(network.activation)[1 if role == "outputs" else 0]
        known[sizes, event] = Replay(source, system.address(role), sizes, role, event)
    return known[sizes, event]


# Sweeps --------------------------------------------------------------------------------------------------------------


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
    return _Record(tables.leaves, last[_PLACES] - first[_PLACES], offset(pointer(tables.groups), 8 * first[_GROUPS]),
                   last[_GROUPS] - first[_GROUPS], offset(pointer(tables.a), first[_PLACES]),
                   offset(pointer(tables.b), first[_PLACES]), offset(pointer(tables.gathers), first[_GATHERS]))  # fmt: skip


@kernel
def holds(tables, which, v):
    """Whether the comparisons of a table are answered as when it was recorded."""
    for k in range(tables.bounds[which, _GUARDS], tables.bounds[which + 1, _GUARDS]):
        relation, answer = tables.guards[k, 0], tables.guards[k, 3] != 0
        x, y = v[tables.guards[k, 1]], v[tables.guards[k, 2]]
        if (x < y if relation == 0 else x <= y if relation == 1 else x == y) != answer:
            return False
    return True


@kernel
def forwards(tables, which, v, s):
    """Fill in the values v of everything from those of the leaves, and the slopes s that the way back needs."""
    first = tables.bounds[which, _CONSTANTS]
    for k in range(first, tables.bounds[which + 1, _CONSTANTS]):
        v[tables.leaves + k - first] = tables.constants[k]
    _forwards(_record_of(tables, which), pointer(v), pointer(s))


@kernel
def _forwards(table, v, s):
    for g in range(table.length):
        group = offset(table.groups, 8 * g)
        op, start, count = group[OP], group[START], group[COUNT]
        a, b, to = offset(table.a, start), offset(table.b, start), offset(v, start)
        if op == 6:
            _product(group, table.gathers, v, a, to)
        elif op == 7:
            _call(group, v, to, count)
        elif op == 9:
            _apply(group, v, a, to, offset(s, start))
        elif op >= 8:
            _elementary(op, count, v, a, to, offset(s, start))
        elif op == 1:
            for i in range(count):
                to[i] = v[a[i]] + v[b[i]]
        elif op == 2:
            for i in range(count):
                to[i] = v[a[i]] - v[b[i]]
        elif op == 3:
            for i in range(count):
                to[i] = v[a[i]] * v[b[i]]
        elif op == 4:
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
        if op == 8:
            to[i], s[i] = -x, -1.0
        elif op == 10:
            to[i] = s[i] = np.exp(x)
        elif op == 11:
            to[i] = np.expm1(x)
            s[i] = to[i] + 1.0
        elif op == 12:
            to[i], s[i] = np.log(x), 1.0 / x
        elif op == 13:
            to[i] = np.sqrt(x)
            s[i] = 0.5 / to[i]
        elif op == 14:
            to[i], s[i] = np.sin(x), np.cos(x)
        elif op == 15:
            to[i], s[i] = np.cos(x), -np.sin(x)
        elif op == 16:
            to[i], s[i] = np.sinh(x), np.cosh(x)
        elif op == 17:
            to[i], s[i] = np.cosh(x), np.sinh(x)
        elif op == 18:
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
        if op == 6:
            _product_back(group, table.gathers, v, a, of, d)
        elif op == 7:
            _call_back(group, table.leaves, v, of, d)
        elif op >= 8:
            slopes = offset(s, start)
            for i in range(count):
                d[a[i]] += slopes[i] * of[i]
        elif op == 1:
            for i in range(count):
                d[a[i]] += of[i]
                d[b[i]] += of[i]
        elif op == 2:
            for i in range(count):
                d[a[i]] += of[i]
                d[b[i]] -= of[i]
        elif op == 3:
            for i in range(count):
                x, y = v[a[i]], v[b[i]]
                d[a[i]] += y * of[i]
                d[b[i]] += x * of[i]
        elif op == 4:
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
        if op == 6:
            _product_ahead(group, table.a, table.gathers, v, d, directions)
        elif op == 7:
            _call_ahead(group, table.leaves, v, d, directions)
        else:
            for to in range(start, start + group[COUNT]):
                a, b = table.a[to], table.b[to]
                da, db = s[to], 0.0
                if op == 1 or op == 2:
                    da, db = 1.0, 1.0 if op == 1 else -1.0
                elif op == 3:
                    da, db = v[b], v[a]
                elif op == 4:
                    da, db = 1.0 / v[b], -v[to] / v[b]
                elif op == 5:
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
