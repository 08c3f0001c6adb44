"""Recorded functions as tables, for the compiled sweeps of :mod:`neurodynamics.systems.table_sweeps`.

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
from neurodynamics.compiling import WIDTH, address_of, load_first, pointer_kernel, store_first
from neurodynamics.systems.additive_duals import dual_functions
from neurodynamics.systems.table_sweeps import PLACES, Tables, backwards, forwards, holds, tangents
from neurodynamics.systems.tape import Block, Op, Operation, Relation, Tape, record
from neurodynamics.validation import Floats

MOST_TABLES = 4096  # of one function; beyond, it is called


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
        return int(np.diff(self.tables.bounds[:, PLACES]).max())

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
