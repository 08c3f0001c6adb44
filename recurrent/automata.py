"""Finite automata: in networks, and out of them again."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import DynamicalSystem, Sampled, simulate
from neurodynamics.validation import (
    Floats,
    as_count,
    as_floats,
    as_generator,
    as_instance,
    as_items,
    as_number,
    as_size,
    as_whole,
    require_room,
)
from recurrent.network import as_symbols
from recurrent.second_order import SecondOrder


@dataclass(frozen=True, eq=False)
class Automaton:
    """A deterministic finite automaton.

    Attributes
    ----------
    table : ndarray of int, shape (Q, M)
        ``table[q, a]`` is the state after symbol a in state q; there are no holes.
    accepting : ndarray of bool, shape (Q,)
    start : int

    Examples
    --------
    >>> from recurrent import Automaton
    >>> odd = Automaton([[0, 1], [1, 0]], [False, True])  # an odd number of ones
    >>> odd.accepts([1, 0, 1, 1]), odd.accepts([])
    (True, False)
    """

    table: np.ndarray
    accepting: np.ndarray
    start: int = 0

    def __post_init__(self) -> None:
        given = self.table if isinstance(self.table, np.ndarray) else as_items(self.table, "table")
        rows = [list(row) if isinstance(row, (list, tuple, np.ndarray)) else [row] for row in given]
        if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
            raise ValueError(f"`table` must have shape (Q, M), rows of one length; got {[len(row) for row in rows]}.")
        for q, row in enumerate(rows):
            for a, r in enumerate(row):
                if not (isinstance(r, (int, np.integer)) and not isinstance(r, bool) and 0 <= r < len(rows)):
                    raise ValueError(
                        f"`table[{q}, {a}]` must be a state, 0 to {len(rows) - 1}; got {r}. Send what has no successor to a "
                        "state of its own that accepts nothing."
                    )
        table, answers = np.array(rows), as_floats(self.accepting, "accepting")
        if not np.isin(answers, (0.0, 1.0)).all():
            raise ValueError(f"`accepting` must hold 0 and 1; got {answers[~np.isin(answers, (0.0, 1.0))][0]:g}.")
        accepting = answers != 0
        if accepting.shape != (len(table),):
            raise ValueError(f"`accepting` must have shape (Q,) = ({len(table)},); got {accepting.shape}.")
        start = as_count(self.start, "start")
        if start >= len(table):
            raise ValueError(f"`start` must be a state, 0 to {len(table) - 1}; got {start}.")
        self.__dict__.update(table=table.astype(np.int64), accepting=accepting)

    def run(self, symbols: Sequence[int]) -> list[int]:
        """Return the states along a string, the start first."""
        states = [self.start]
        for symbol in as_symbols(symbols, self.table.shape[1]):
            states.append(int(self.table[states[-1], symbol]))
        return states

    def accepts(self, symbols: Sequence[int]) -> bool:
        """Whether the string is in the language."""
        return bool(self.accepting[self.run(symbols)[-1]])

    def minimised(self) -> Automaton:
        """Return the smallest automaton of the same language, states in the order in which they are met (Hopcroft)."""
        successors = self.table.tolist()
        blocks = _hopcroft(successors, self.accepting, _reached(self.start, successors))
        of = {q: k for k, block in enumerate(blocks) for q in block}
        joined = [[of[r] for r in successors[min(block)]] for block in blocks]
        order = _reached(of[self.start], joined)
        new = {k: i for i, k in enumerate(order)}
        table = [[new[r] for r in joined[k]] for k in order]
        return Automaton(np.array(table), np.array([self.accepting[min(blocks[k])] for k in order]))

    def same_language(self, other: Automaton) -> bool:
        """Whether both accept the same strings: their smallest automata are equal."""
        a, b = self.minimised(), as_instance(other, "other", Automaton).minimised()
        return np.array_equal(a.table, b.table) and np.array_equal(a.accepting, b.accepting)

    def encode(self, strength: float = 8.0) -> SecondOrder:
        """Return a second-order network that runs the automaton: a unit a state and one that responds.

        ``+H`` leads to the next state and ``-H`` away from the present one, the bias is ``-H/2``. Units are bistable for
        H > 4; how far above it strings of any length are right depends on the automaton. The unit that responds hears
        the small activities of all states: it is right for some hundred states, beyond which :meth:`read` tells the state.

        References
        ----------
        .. [1] Omlin & Giles (1996), Constructing deterministic finite-state automata in recurrent neural networks,
           J. ACM 43, 937.
        """
        H = as_number(strength, "strength", positive=True)
        q, m = self.table.shape
        W = np.zeros((q + 1, q + 1, m))
        for j in range(q):
            for a in range(m):
                W[j, j, a] = -H
                W[self.table[j, a], j, a] = H
                W[q, j, a] = H if self.accepting[self.table[j, a]] else -H
        return SecondOrder(W, -H / 2)

    def read(self, states: ArrayLike) -> np.ndarray:
        """Return the automaton's states (T,) that states (Q + 1, T) of its network say: the numbers of the largest units."""
        given = as_floats(states, "states")
        if given.ndim not in (1, 2) or len(given) != len(self.table) + 1:
            raise ValueError(f"`states` must have shape (Q + 1,) or (Q + 1, T), Q = {len(self.table)}; got {given.shape}.")
        return np.argmax(given[: len(self.table)], axis=0)

    def start_state(self) -> Floats:
        """Return the state of the network of :meth:`encode` in which a string begins."""
        state = np.zeros(len(self.table) + 1)
        state[self.start] = 1.0
        state[-1] = float(self.accepting[self.start])
        return state


def _reached(start: int, successors: list[list[int]]) -> list[int]:
    """Return the states that can be reached, in the order in which they are met."""
    order, met = [start], {start}
    for q in order:
        new = dict.fromkeys(r for r in successors[q] if r not in met)
        order.extend(new)
        met.update(new)
    return order


def _hopcroft(successors: list[list[int]], accepting: np.ndarray, states: list[int]) -> list[set[int]]:
    """Return the classes of states that no string tells apart, split by where their symbols lead, smaller halves first."""
    letters = range(len(successors[0]))
    before: list[dict[int, list[int]]] = [{q: [] for q in states} for _ in letters]  # those that a leads to q
    for a, q in itertools.product(letters, states):
        before[a][successors[q][a]].append(q)
    halves = {q for q in states if accepting[q]}, {q for q in states if not accepting[q]}
    blocks = [half for half in halves if half]
    of = {q: k for k, block in enumerate(blocks) for q in block}
    waiting = set(itertools.product(range(len(blocks)), letters))
    while waiting:
        k, a = waiting.pop()
        led: dict[int, set[int]] = {}  # into block k, by their own blocks
        for q in itertools.chain.from_iterable(before[a][r] for r in blocks[k]):
            led.setdefault(of[q], set()).add(q)
        for j, inside in led.items():
            if len(inside) == len(blocks[j]):
                continue
            blocks[j] -= inside
            of.update(dict.fromkeys(inside, len(blocks)))
            blocks.append(inside)
            smaller = len(blocks) - 1 if len(inside) <= len(blocks[j]) else j
            waiting |= {(len(blocks) - 1 if (j, b) in waiting else smaller, b) for b in letters}
    return blocks


def one_hot(symbols: Sequence[int], size: int) -> Floats:
    """Return the inputs (size, T) of a string: 1 for its symbol, 0 for the others.

    Examples
    --------
    >>> from recurrent import one_hot
    >>> one_hot([1, 0], 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    count = as_size(size, "size", minimum=1)
    given = np.array(as_symbols(symbols, count), dtype=np.int64)
    require_room(count * (count + given.size), "size")
    return np.ascontiguousarray(np.eye(count)[given].T)


def run_string(net: SecondOrder, y0: ArrayLike, symbols: Sequence[int]) -> Floats:
    """Return the states (N, T + 1) of a network along a string.

    Examples
    --------
    >>> from recurrent import run_string, tomita
    >>> run_string(tomita(1).encode(10.0), tomita(1).start_state(), [1, 1, 1]).shape
    (3, 4)
    """
    as_instance(net, "net", DynamicalSystem)
    symbols = as_items(symbols, "symbols")
    net.check_state(y0, "y0")
    if not symbols:
        raise ValueError("`symbols` must hold at least one symbol; the empty string leaves the state as it is.")
    inputs = Sampled(np.arange(len(symbols)), one_hot(symbols, net.input_dim))
    return simulate(net, len(symbols), y0, inputs=inputs).y


_TOMITA = {  # tables, accepting states
    1: ([[1, 0], [1, 1]], [1, 0]),  # 1*
    2: ([[2, 1], [0, 2], [2, 2]], [1, 0, 0]),  # (10)*
    3: ([[0, 1], [2, 0], [3, 4], [2, 1], [4, 4]], [1, 1, 0, 1, 0]),  # no odd run of ones before an odd run of zeros
    4: ([[1, 0], [2, 0], [3, 0], [3, 3]], [1, 1, 1, 0]),  # no 000
    5: ([[1, 2], [0, 3], [3, 0], [2, 1]], [1, 0, 0, 0]),  # even numbers of zeros and of ones
    6: ([[1, 2], [2, 0], [0, 1]], [1, 0, 0]),  # as many zeros as ones, modulo 3
    7: ([[0, 1], [2, 1], [2, 3], [4, 3], [4, 4]], [1, 1, 1, 1, 0]),  # 0*1*0*1*
}


def tomita(number: int) -> Automaton:
    """Return Tomita's grammar 1 to 7.

    References
    ----------
    .. [1] Tomita (1982), Dynamic construction of finite-state automata from examples using hill-climbing, Cognitive
       Science Conference, 105.

    Examples
    --------
    >>> from recurrent import tomita
    >>> tomita(4).accepts([0, 0, 1, 0]), tomita(4).accepts([1, 0, 0, 0])
    (True, False)
    """
    if as_count(number, "number") not in _TOMITA:
        raise ValueError(f"`number` must be 1 to 7; got {number!r}.")
    table, accepting = _TOMITA[number]
    return Automaton(np.array(table), np.array(accepting, dtype=bool))


def random_automaton(states: int, symbols: int = 2, *, rng: np.random.Generator | int | None = None) -> Automaton:
    """Return an automaton with random successors, all of whose states can be reached.

    Examples
    --------
    >>> from recurrent import random_automaton
    >>> random_automaton(10, rng=0).table.shape
    (10, 2)
    """
    rng = as_generator(rng)
    q, m = as_count(states, "states", minimum=1), as_count(symbols, "symbols", minimum=1)
    require_room(20 * q * m, "states" if q >= m else "symbols")
    table = rng.integers(0, q, size=(q, m))
    free = [(0, a) for a in range(m)]  # a random tree reaches every state
    for state in range(1, q):
        parent, a = free.pop(rng.integers(len(free)))
        table[parent, a] = state
        free += [(state, a) for a in range(m)]
    return Automaton(table, rng.integers(0, 2, size=q).astype(bool))


def extract_automaton(
    net: SecondOrder, y0: ArrayLike, *, response: int = -1, radius: float = 0.25, max_states: int = 1000
) -> Automaton:
    """Return the automaton that a network runs, from clusters of its states.

    States are searched breadth first, symbol by symbol, and count as one where they are closer than ``radius`` in every
    unit but the response; the automaton is then made as small as its language allows.

    Parameters
    ----------
    net : SecondOrder
    y0 : array_like, shape (N,)
        The state in which strings begin.
    response : int
        The unit whose state above 1/2 accepts.
    radius : float
    max_states : int
        ValueError where more clusters are met: the network is not an automaton of so few states.

    Examples
    --------
    >>> from recurrent import extract_automaton, tomita
    >>> extract_automaton(tomita(5).encode(), tomita(5).start_state()).same_language(tomita(5))
    True
    """
    first = as_instance(net, "net", SecondOrder).check_state(y0, "y0")
    most, reach = as_count(max_states, "max_states", minimum=1), as_number(radius, "radius", positive=True)
    response = as_whole(response, "response")
    if not -net.state_dim <= response < net.state_dim:
        raise ValueError(f"`response` must be the number of one of {net.state_dim} units; got {response}.")
    table: list[list[int]] = []
    centres, count, inputs = first[np.newaxis], 1, np.eye(net.input_dim)  # rows from count on are room
    while len(table) < count:
        row = []
        for symbol in inputs:
            state = net.rhs(0, centres[len(table)], symbol)
            near = _nearest(centres[:count], state, response, reach)
            if near == count:
                if count == most:
                    raise ValueError(f"more than `max_states` = {most} clusters; a larger `radius` joins more.")
                centres = np.concatenate([centres, centres]) if count == len(centres) else centres
                centres[count], count = state, count + 1
            row.append(near)
        table.append(row)
    return Automaton(np.array(table), centres[:count, response] > 0.5).minimised()


def _nearest(centres: Floats, state: Floats, response: int, reach: float) -> int:
    """Return the number of the nearest centre that gives the same answer, one more than the last where none is in reach."""
    apart = np.abs(centres - state)
    apart[:, response] = np.where((centres[:, response] > 0.5) == (state[response] > 0.5), 0.0, np.inf)
    distances = apart.max(axis=1)
    near = int(np.argmin(distances))
    return near if distances[near] < reach else len(centres)
