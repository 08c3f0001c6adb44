"""Recorded functions as tables, for the compiled sweeps of :mod:`neurodynamics.systems.table_sweeps`.

A table holds the operations of a tape in groups: those of one kind that wait for nothing in their own group, so a sweep
decides once for a group what to do and then loops over its numbers. Numbers lie in one vector: states, inputs, parameters,
the time, then constants and results. What a function does may depend on comparisons; then there are several tables, and
the guards of each say for which points it holds.
"""

from __future__ import annotations

import ctypes
import functools
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import addresses, place
from neurodynamics.systems.additive_duals import dual_functions
from neurodynamics.systems.elementary import values_and_slopes
from neurodynamics.systems.table_sweeps import (
    LEAVES,
    PARAMS,
    PLACES,
    SIZE,
    backwards,
    called_address,
    forwards,
    sweep_address,
    tangents_address,
)
from neurodynamics.systems.tape import Block, Op, Operation, Tape, record
from neurodynamics.validation import Floats

MOST_TABLES = 4096  # of one function; beyond, it is called


# From a tape to a table ----------------------------------------------------------------------------------------------


def _levels(tape: Tape) -> np.ndarray:
    """Return how many operations each at waits for, one behind the other."""
    levels = np.zeros(tape.places, dtype=int)
    blocks: dict[int, int] = {}
    for at, each in enumerate(tape.operations, tape.leaves):
        if each.op == Op.PRODUCT:
            if id(each.more) not in blocks:
                blocks[id(each.more)] = 1 + int(max(levels[each.more.z].max(), levels[each.more.x].max()))
            levels[at] = blocks[id(each.more)]
        elif each.op != Op.CONSTANT:
            levels[at] = 1 + max(levels[each.a], levels[each.b])
    return levels


class Table(NamedTuple):
    """One table: its lengths and addresses as kernels take them, and what these point at."""

    record: np.ndarray
    results: np.ndarray
    parts: list[Any]


def _table(tape: Tape) -> Table:
    """Return the table of a tape."""
    levels = _levels(tape)
    kinds: dict[tuple, list[int]] = defaultdict(list)
    for at, each in enumerate(tape.operations, tape.leaves):
        own = (id(each.more), each.b if each.op == Op.APPLY else 0) if each.op in (Op.PRODUCT, Op.APPLY, Op.CALL) else ()
        kinds[int(levels[at]), int(each.op), own].append(at)
    order = sorted(kinds)
    new = np.arange(tape.places)
    new[[at for key in order for at in kinds[key]]] = np.arange(tape.leaves, tape.places)
    a, b = np.zeros(tape.places, dtype=np.int64), np.zeros(tape.places, dtype=np.int64)
    for at, each in enumerate(tape.operations, tape.leaves):
        a[new[at]], b[new[at]] = new[each.a], new[each.b]
    groups: list[list[int]] = []
    gathers: list[int] = []
    for key in order:
        first = tape.operations[kinds[key][0] - tape.leaves]
        if first.op == Op.CONSTANT:
            continue
        groups.append([int(first.op), new[kinds[key][0]], len(kinds[key]), *_further(first, len(gathers))])
        gathers += new[first.more.x].tolist() if first.op == Op.PRODUCT else []
    constants = np.array([each.more for each in tape.operations if each.op == Op.CONSTANT], dtype=np.float64)
    guards = [[guard.relation, new[guard.a], new[guard.b], guard.answer] for guard in tape.guards]
    whole = [np.array(each, dtype=np.int64) for each in (groups, gathers, guards, new[tape.results])]
    record = [tape.leaves, tape.places, tape.first_param, whole[0], len(groups), a, b, whole[1], constants, constants.size,
              whole[2], len(guards), whole[3]]  # fmt: skip
    return Table(addresses(record), whole[3], record)


def _further(operation: Operation, gathered: int) -> list[int]:
    if operation.op == Op.PRODUCT:
        block: Block = operation.more
        return [block.first, block.stride, gathered, block.x.size, 0]
    if operation.op == Op.CALL:
        return list(operation.more)
    return [0, 0, 0, 0, values_and_slopes(operation.more) if operation.op == Op.APPLY else 0]


class Point(NamedTuple):
    """A function at one point: the table that holds there, the values of everything, and the slopes."""

    table: Table
    v: Floats
    s: Floats

    @property
    def values(self) -> Floats:
        """What the function returns."""
        return self.v[self.table.results]

    def along(self, seeds: Floats) -> Floats:
        """Return the derivatives (results, k) from those (leaves, k) of states, inputs, parameters and time."""
        d = np.zeros((self.v.size, seeds.shape[1]))
        d[: len(seeds)] = seeds
        _TANGENTS(tangents_address())(*map(place, (self.table.record, self.v, self.s, d)), seeds.shape[1])
        return d[self.table.results]

    def back(self, seeds: Floats) -> Floats:
        """Return the derivatives (leaves, k) of k combinations (results, k)."""
        rows = np.zeros((seeds.shape[1], self.table.parts[LEAVES]))
        for row, seed in zip(rows, seeds.T, strict=True):
            d = np.zeros(self.v.size)
            np.add.at(d, self.table.results, seed)
            _sweep(backwards, self.table, self.v, self.s, d)
            row[:] = d[: row.size]
        return rows.T


_SWEEP = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 6)
_TANGENTS = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 5)


def _sweep(way: Any, table: Table, v: Floats, s: Floats, d: Floats) -> int:
    """Sweep through a table at one point, where parameters are among the values."""
    first = 8 * table.parts[PARAMS]
    at = (place(table.record), *map(place, (v, s, d)))
    return _SWEEP(sweep_address(way))(*at, at[1] + first, at[3] + first)


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
        self, source: Any, address: Callable[[], int], sizes: tuple[int, int, int, int], role: str = "rhs", event: int = 0
    ) -> None:
        self.source, self.address, self.sizes, self.role, self.event = source, address, sizes, role, event
        self.exact, self._lock = True, threading.Lock()
        self.tables: list[Table] = []
        self.records = np.zeros((0, SIZE), dtype=np.int64)
        self.places = self.leaves

    @property
    def leaves(self) -> int:
        """Number of states, inputs, parameters and the time."""
        return sum(self.sizes[:3]) + 1

    def add(self, t: float, y: Floats, u: Floats, params: Floats) -> int:
        """Record the function at a point; return the number of the table."""
        with self._lock:
            return self._add(t, y, u, params)

    def _add(self, t: float, y: Floats, u: Floats, params: Floats) -> int:
        tape = None if len(self.tables) >= MOST_TABLES else self._recorded(t, y, u, params)
        if tape is None:
            if self.role == "reset":
                raise TypeError("`reset` cannot be recorded: it depends on values in a way other than by comparisons.")
            tape, self.exact = self._called(), False
        table = _table(tape)
        self.tables.append(table)
        self.places = max(self.places, tape.places)
        self.records = np.concatenate([self.records, table.record[np.newaxis]])
        return len(self.tables) - 1

    def _recorded(self, t: float, y: Floats, u: Floats, params: Floats) -> Tape | None:
        try:
            return record(self.source, t, y, u, params, self.sizes[3], self.role, self.event)
        except Exception:  # whatever a user's function does with numbers that are no floats
            return None

    def at(self, t: float, y: Floats, u: Floats, params: Floats) -> Point:
        """Return the values of everything at a point."""
        leaves = np.concatenate([y, u, params, [t]])
        found = next(filter(None, (self._try(table, leaves) for table in self.tables)), None)
        if found is None:
            found = self._try(self.tables[self.add(t, y, u, params)], leaves, always=True)
        return found  # type: ignore[return-value]

    def _try(self, table: Table, leaves: Floats, always: bool = False) -> Point | None:
        """Return the values by a table, where it holds."""
        v, s = np.zeros((2, table.parts[PLACES]))
        v[: leaves.size] = leaves
        return Point(table, v, s) if _sweep(forwards, table, v, s, s) or always else None

    def _called(self) -> Tape:
        tape, call = Tape(), (*self.sizes[:3], called_address(), self.address())
        tape.vector(np.zeros(self.leaves))
        tape.first_param = sum(self.sizes[:2])
        tape.results = np.array([tape.note(Op.CALL, 0.0, more=call).place for _ in range(self.sizes[3])])
        return tape


def _address(function: Any) -> int:
    return function().address


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
        known[sizes, event] = Replay(source, functools.partial(_address, weakref.ref(function)), sizes, role, event)
    return known[sizes, event]
