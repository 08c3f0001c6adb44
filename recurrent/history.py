"""The neural history compressor: levels that hand upwards only what they fail to predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurodynamics import DynamicalSystem
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_instance, as_items, as_number, as_number_of, require_room
from recurrent.network import as_symbols


class Predictor:
    """A recurrent map whose linear readout learns on line to predict the next symbol.

    Parameters
    ----------
    net : DynamicalSystem
        A map with an input for each symbol (one-hot).
    rate : float
        Of the perceptron rule.

    Examples
    --------
    >>> from recurrent import Predictor
    >>> level = Predictor.last_symbol(2)
    >>> [level.step(k % 2) for k in range(6)]
    [True, False, True, True, True, True]
    """

    def __init__(self, net: DynamicalSystem, *, rate: float = 1.0) -> None:
        if as_instance(net, "net", DynamicalSystem).kind != "map" or not net.input_dim:
            raise ValueError("`net` must be a map, with one input for each symbol.")
        self.net, self.rate = net, as_number(rate, "rate", positive=True)
        self.symbols = net.input_dim
        self.readout = np.zeros((self.symbols, net.state_dim))
        self.restart()

    @classmethod
    def last_symbol(cls, symbols: int) -> Predictor:
        """Return the predictor that remembers the last symbol only."""
        from recurrent.fully_recurrent import FullyRecurrent

        n = as_count(symbols, "symbols", minimum=1)
        require_room(n * n, "symbols")
        return cls(FullyRecurrent(np.zeros((n, n)), np.eye(n), activation="linear"))

    def restart(self) -> None:
        """Begin a new sequence: forget the state, keep what was learned."""
        self.state: Floats = np.zeros(self.net.state_dim)

    def guess(self) -> int:
        """Return the symbol that is expected next."""
        return int(np.argmax(self.readout @ self.state))

    def step(self, symbol: int) -> bool:
        """See the next symbol: learn from it, and return whether it was expected."""
        symbol = as_number_of(symbol, "symbol", self.symbols, "symbol")
        expected = self.guess()
        if expected != symbol:
            self.readout[symbol] += self.rate * self.state
            self.readout[expected] -= self.rate * self.state
        one = np.zeros(self.symbols)
        one[symbol] = 1.0
        self.state = self.net.rhs(0, self.state, one)
        return expected == symbol


@dataclass(frozen=True)
class History(Record):
    """Events that reached each level: ``events[k]`` holds (time, symbol), level 0 the whole sequence.

    The last entry is what nothing predicted, from which :meth:`HistoryCompressor.restore` makes the sequence again.

    Examples
    --------
    >>> from recurrent import HistoryCompressor, Predictor
    >>> history = HistoryCompressor([Predictor.last_symbol(2)]).compress([0, 1, 0, 1])
    >>> history.events[-1], history.message().events
    (((1, 1),), ((), ((1, 1),)))
    """

    events: tuple[tuple[tuple[int, int], ...], ...]
    length: int

    def __post_init__(self) -> None:
        as_count(self.length, "length")
        for k, level in enumerate(as_items(self.events, "events")):
            for pair in as_items(level, f"events[{k}]"):
                if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                    raise TypeError(f"`events[{k}]` must hold pairs (time, symbol); got {pair!r:.60}.")
                if as_count(pair[0], f"events[{k}], a time,") >= self.length:
                    raise ValueError(f"`events[{k}]` must hold times below `length`, {self.length}; got {pair[0]}.")

    def message(self) -> History:
        """Return only what the decoder needs: the events at the top, and the times (symbols -1) of the levels between.

        Levels predict symbols, not when they will be asked, so with more than one level the times are part of the message;
        with one, the events at the top are all of it.
        """
        _, *between, top = self.events
        return History(((), *(tuple((t, -1) for t, _ in level) for level in between), top), self.length)


class HistoryCompressor:
    """A cascade of predictors: an event that a level did not expect goes to the level above, with its time.

    Parameters
    ----------
    levels : sequence of Predictor
        The lowest first; each hears the unexpected symbols of the one below.

    References
    ----------
    .. [1] Schmidhuber (1992), Learning complex, extended sequences using the principle of history compression, Neural
       Computation 4, 234.

    Examples
    --------
    >>> from recurrent import HistoryCompressor, Predictor
    >>> make = lambda: HistoryCompressor([Predictor.last_symbol(3), Predictor.last_symbol(3)])
    >>> history = make().compress([0, 1, 2] * 20)
    >>> len(history.events[-1]) < 10, make().restore(history) == [0, 1, 2] * 20
    (True, True)
    """

    def __init__(self, levels: Sequence[Predictor]) -> None:
        self.levels = [as_instance(each, f"levels[{k}]", Predictor) for k, each in enumerate(as_items(levels, "levels"))]
        if not self.levels:
            raise ValueError("`levels` must hold at least one predictor.")
        if len({level.symbols for level in self.levels}) > 1:
            raise ValueError("`levels` must predict the same symbols.")
        if len(set(map(id, self.levels))) < len(self.levels):
            raise ValueError("`levels` must be different predictors: each remembers and learns from what it hears.")

    def compress(self, symbols: Sequence[int]) -> History:
        """Read one sequence from its beginning, learn from it, and return what reached each level."""
        given = as_symbols(symbols, self.levels[0].symbols)
        if not given:
            raise ValueError("`symbols` must hold at least one symbol.")
        events: list[list[tuple[int, int]]] = [[] for _ in range(len(self.levels) + 1)]
        for level in self.levels:
            level.restart()
        for t, symbol in enumerate(given):
            for k, level in enumerate(self.levels):
                events[k].append((t, symbol))
                if level.step(symbol):
                    break
            else:
                events[-1].append((t, symbol))
        return History(tuple(map(tuple, events)), len(given))

    def restore(self, history: History) -> list[int]:
        """Return the sequence from a history or its message, with levels in the state before compressing.

        What did not reach a level was expected by the one below; symbols are read from the events at the top only.
        """
        if len(as_instance(history, "history", History).events) != len(self.levels) + 1:
            raise ValueError(f"`history` must be of {len(self.levels)} levels; got {len(history.events) - 1}.")
        times = [set(range(history.length)), *({t for t, _ in events} for events in history.events[1:])]
        top = dict(history.events[-1])
        for level in self.levels:
            level.restart()
        symbols = []
        for t in range(history.length):
            reached = [k for k in range(len(self.levels)) if t in times[k]]
            symbol = top[t] if t in top else self.levels[reached[-1]].guess()
            for k in reached:
                self.levels[k].step(symbol)
            symbols.append(symbol)
        return symbols
