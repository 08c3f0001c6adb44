"""Networks with stacks: a neural pushdown automaton, and two stacks of rational numbers, which are a Turing machine."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from neurodynamics.validation import Floats, as_count, as_generator, as_instance, as_items, as_mapping, as_number, as_size
from recurrent.automata import Automaton
from recurrent.network import as_shaped, as_symbols
from recurrent.second_order import SecondOrder

FULL = 0.5  # the top of a stack is there where more than half a unit of length is read


@dataclass
class ContinuousStack:
    """A stack of symbols with real lengths, of which the uppermost unit of length is read.

    Examples
    --------
    >>> from recurrent import ContinuousStack
    >>> stack = ContinuousStack()
    >>> stack.push(0, 0.75); stack.push(1, 0.5); stack.read(2).tolist()
    [0.5, 0.5]
    >>> stack.pop(0.6), round(stack.length, 12)
    (0.6, 0.65)
    """

    entries: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        given, self.entries = as_items(self.entries, "entries"), []
        for k, pair in enumerate(given):
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                raise TypeError(f"`entries[{k}]` must be (symbol, length); got {pair!r:.60}.")
            self.push(*pair)

    @property
    def length(self) -> float:
        """The sum of all lengths."""
        return sum(length for _, length in self.entries)

    def push(self, symbol: int, length: float) -> None:
        """Put a length of a symbol on top."""
        if as_number(length, "length", minimum=0.0) > 0 and as_count(symbol, "symbol") >= 0:
            self.entries.append((symbol, length))

    def pop(self, length: float) -> float:
        """Take a length from the top; return how much there was of it."""
        left = as_number(length, "length", minimum=0.0)
        while self.entries and left > 0:
            symbol, top = self.entries.pop()
            if top > left:
                self.entries.append((symbol, top - left))
                return length
            left -= top
        return length - max(left, 0.0)

    def read(self, symbols: int) -> Floats:
        """Return how much of each symbol the uppermost unit of length holds."""
        seen, left = np.zeros(as_size(symbols, "symbols")), 1.0
        for symbol, length in reversed(self.entries):
            if symbol >= len(seen):
                raise ValueError(f"`symbols` must be more than {symbol}, which is on the stack; got {symbols}.")
            seen[symbol] += min(length, left)
            left -= length
            if left <= 0:
                break
        return seen


@dataclass(frozen=True, eq=False)
class PushdownNetwork:
    """A second-order network that moves a continuous stack: inputs are pairs of a symbol and whether the stack is empty.

    Attributes
    ----------
    controller : SecondOrder
        Of 2 M inputs: symbol a with an empty stack is input a, with a full one M + a.
    start : ndarray, shape (N,)
    actions : ndarray, shape (N, M)
        After symbol a the stack grows by ``sum_q s_q actions[q, a]`` (shrinks where negative).
    accepting : ndarray, shape (N,)
        A string is accepted where ``accepting @ s > 1/2`` and the stack is empty.

    References
    ----------
    .. [1] Das, Giles & Sun (1992), Learning context-free grammars: capabilities and limitations of a recurrent neural
       network with an external stack memory, Cognitive Science Society 14, 791.

    Examples
    --------
    >>> from recurrent import counter_network
    >>> net = counter_network()
    >>> net.accepts([0, 0, 1, 1]), net.accepts([0, 1, 1])
    (True, False)
    """

    controller: SecondOrder
    start: Floats
    actions: Floats
    accepting: Floats

    def __post_init__(self) -> None:
        n = as_instance(self.controller, "controller", SecondOrder).state_dim
        if self.controller.input_dim % 2:
            raise ValueError(f"`controller` must have 2 M inputs, M symbols twice; got {self.controller.input_dim}.")
        shapes = {"start": (n,), "actions": (n, self.controller.input_dim // 2), "accepting": (n,)}
        self.__dict__.update({name: as_shaped(getattr(self, name), name, shape) for name, shape in shapes.items()})

    def run(self, symbols: Sequence[int]) -> tuple[Floats, ContinuousStack, float]:
        """Return the last state, the stack, and all that was pushed less all that was popped."""
        state, stack, moved = self.start.copy(), ContinuousStack(), 0.0
        count, step, params = self.actions.shape[1], self.controller.function("rhs"), self.controller.params
        for symbol in as_symbols(symbols, count):
            top = float(stack.read(count).sum())
            inputs = np.zeros(2 * count)
            inputs[symbol], inputs[count + symbol] = float(top <= FULL), float(top > FULL)
            after = np.empty_like(state)
            step(0.0, state, inputs, params, after)  # past the checks: strings are long
            state = after
            amount = float(state @ self.actions[:, symbol])
            if amount > 0:
                stack.push(symbol, amount)
                moved += amount
            else:
                moved -= stack.pop(-amount)
        return state, stack, moved

    def accepts(self, symbols: Sequence[int]) -> bool:
        """Whether the string is in the language."""
        state, stack, _ = self.run(symbols)
        return bool(state @ self.accepting > 0.5 and stack.read(self.actions.shape[1]).sum() <= FULL)


def counter_network(strength: float = 100.0) -> PushdownNetwork:
    """Return the hand-wired network for ``a^n b^n``, n >= 0: push on a, pop on b, and never go back.

    Examples
    --------
    >>> from recurrent import counter_network
    >>> counter_network().controller.state_dim
    4
    """
    grow, shrink, dead = 0, 1, 2  # states; inputs: a and b over an empty stack, a and b over a full one
    table = np.array([[grow, dead, grow, shrink], [dead, dead, dead, shrink], [dead] * 4])
    control = Automaton(table, np.array([True, True, False]))
    actions = np.zeros((4, 2))
    actions[grow, 0], actions[shrink, 1] = 1.0, -1.0
    return PushdownNetwork(control.encode(strength), control.start_state(), actions, np.array([1.0, 1.0, 0.0, 0.0]))


def _is_rule(when: tuple[Any, ...], then: tuple[Any, ...]) -> bool:
    if len(when) != 2 or len(then) != 3 or not isinstance(then[0], Hashable):
        return False
    whole = all(isinstance(each, (int, np.integer)) and not isinstance(each, bool) for each in (when[1], *then[1:]))
    return whole and {when[1], then[1]} <= {0, 1, BLANK} and then[2] in (-1, 0, 1)


BLANK = 2  # the third symbol of a tape, and what an empty stack shows
DIGITS, SYMBOLS = (1, 3, 2), (BLANK, 0, BLANK, 1)  # of symbols in base 4, and back; digit 0 is the bottom


def push(stack: Any, symbol: int) -> Any:
    """Return ``(stack + digit)/4``, digits 1 and 3 for bits and 2 for a blank; an empty stack swallows blanks.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from recurrent.stacks import push
    >>> push(Fraction(0), 1)
    Fraction(3, 4)
    """
    return stack if stack == 0 and symbol == BLANK else (stack + DIGITS[symbol]) / 4


def top(stack: Any) -> int:
    """Return the symbol on top, BLANK for an empty stack; ``sigma(4 stack - 2)`` of a saturated linear unit for bits."""
    return SYMBOLS[min(int(4 * stack), 3)]


def pop(stack: Any) -> Any:
    """Return the stack without its top, ``4 stack - digit``."""
    return 4 * stack - min(int(4 * stack), 3)


@dataclass(frozen=True)
class TwoStackMachine:
    """A Turing machine over 0, 1 and blanks whose tape is two numbers: left of the head, and from the head on.

    Attributes
    ----------
    rules : mapping of (state, read) to (state, written, move)
        ``read`` and ``written`` are 0, 1 or BLANK = 2, ``move`` is -1, 0 or 1. It halts where no rule is.

    References
    ----------
    .. [1] Siegelmann & Sontag (1995), On the computational power of neural nets, J. Computer and System Sciences 50, 132.

    Examples
    --------
    >>> from recurrent import TwoStackMachine
    >>> flip = TwoStackMachine({("go", 0): ("go", 1, 1), ("go", 1): ("go", 0, 1)})
    >>> flip.run("go", [1, 0, 0])
    ('go', [0, 1, 1], 3)
    """

    rules: Mapping[tuple[str, int], tuple[str, int, int]]

    def __post_init__(self) -> None:
        for when, then in as_mapping(self.rules, "rules").items():
            if not isinstance(when, tuple) or not isinstance(then, tuple):
                raise TypeError(f"`rules` must be of (state, read) to (state, written, move); got {when!r}: {then!r}.")
            if not _is_rule(when, then):
                raise ValueError(
                    f"`rules[{when!r}]` must read and write 0, 1 or BLANK = 2 and move by -1, 0 or 1, as in ('go', 0): "
                    f"('go', 1, 1); got {then!r}."
                )

    def run(
        self, state: str, tape: Sequence[int], *, number: Any = Fraction, max_steps: int = 100000
    ) -> tuple[str, list[int], int]:
        """Return the state, the tape and the number of steps when the machine halts; ValueError where it does not.

        The head begins on the first symbol of the tape, which is blank on both sides. ``number`` is the type that
        computes: Fraction is exact, float holds about 26 symbols on each side.
        """
        given, most = as_symbols(tape, 3, "tape"), as_count(max_steps, "max_steps", minimum=1)
        if number is not Fraction and number is not float:
            raise TypeError(f"`number` must be Fraction or float; got {number!r:.60}.")
        if not isinstance(state, Hashable):
            raise TypeError(f"`state` must be the name of a state; got {state!r:.60}.")
        left, right = number(0), number(0)
        for symbol in reversed(given):
            right = push(right, symbol)
        for step in range(most):
            rule = self.rules.get((state, top(right)))
            if rule is None:
                return state, contents(left)[::-1] + contents(right), step
            state, written, move = rule
            right = pop(right)
            if move > 0:
                left = push(left, written)
            else:
                right = push(right, written)
            if move < 0:
                left, right = pop(left), push(right, top(left))
        raise ValueError(f"the machine did not halt within `max_steps` = {max_steps}.")


def contents(stack: Any) -> list[int]:
    """Return the symbols on a stack, the top first."""
    symbols: list[int] = []
    while stack >= 0.25:
        symbols.append(top(stack))
        stack = pop(stack)
    return symbols


def symbols_in_double_precision(rng: np.random.Generator | int | None = None) -> int:
    """Return how many random bits a stack of double precision gives back before the first that is wrong.

    Examples
    --------
    >>> from recurrent import symbols_in_double_precision
    >>> 24 <= symbols_in_double_precision(0) <= 28
    True
    """
    rng = as_generator(rng)
    count = 1
    while True:
        bits = rng.integers(0, 2, count).tolist()
        stack = 0.0
        for bit in reversed(bits):
            stack = push(stack, bit)
        if contents(stack) != bits:
            return count - 1
        count += 1
