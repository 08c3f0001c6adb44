"""Reverse differentiation: a right-hand side runs once on numbers that record what is done with them.

The record is a list of operations, of which a :class:`~neurodynamics.systems.replay.Replay` makes a table that compiled
sweeps run through: forwards for values and for derivatives in given directions, backwards for the derivatives of one
combination of results by all states, inputs and parameters. Products of a matrix of parameters with a vector
(:func:`add_block`) are one operation. Where a function compares numbers, the record holds for points with the same answers,
and keeps the question as a guard.

References
----------
.. [1] Griewank & Walther (2008), Evaluating Derivatives, 2nd ed., SIAM, chapters 3 and 4.
"""

from __future__ import annotations

import enum
import functools
import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import ROLES, kernel
from neurodynamics.systems.elementary import SLOPES, value_at
from neurodynamics.tracing import in_python
from neurodynamics.validation import Floats

MOST_FACTORS = 8  # of a power that is recorded as a product


class Op(enum.IntEnum):
    """What an operation does."""

    CONSTANT = 0
    ADD = 1
    SUBTRACT = 2
    MULTIPLY = 3
    DIVIDE = 4
    PRODUCT = 5  # z + W x
    CALL = 6  # a function that is not recorded, differentiated by differences
    NEGATE = 7
    APPLY = 8  # a function of one number: an activation, or one of numpy's


class Relation(enum.IntEnum):
    """What a guard asks of two numbers."""

    LESS = 0
    LESS_OR_EQUAL = 1
    EQUAL = 2


class Operation(NamedTuple):
    """One operation on the numbers at places a and b; ``more`` is what is applied, or the product."""

    op: Op
    a: int = 0
    b: int = 0
    more: Any = None


class Block(NamedTuple):
    """``z + W x``: places of z and x; that of W[0, 0], and the distance of its columns."""

    z: np.ndarray
    x: np.ndarray
    first: int
    stride: int


class Guard(NamedTuple):
    """A comparison of the numbers at two places, and its answer."""

    relation: Relation
    a: int
    b: int
    answer: bool


class Recorded:
    """A number with its place on a tape."""

    __slots__ = ("place", "tape", "value")

    def __init__(self, tape: Tape, value: float, place: int) -> None:
        self.tape, self.value, self.place = tape, value, place

    @property
    def real(self) -> Recorded:
        """The number itself: what kernels compare."""
        return self

    def applied(self, activation: Any) -> Recorded:
        """Return the value of an activation."""
        return self.tape.note(Op.APPLY, value_at(activation, self.value), self.place, more=activation)

    def _with(self, op: Op, a: Any, b: Any) -> Recorded:
        return self.tape.note(op, _VALUES[op](_value(a), _value(b)), self.tape.place_of(a), self.tape.place_of(b))

    def __add__(self, other: Any) -> Recorded:
        return self._with(Op.ADD, self, other)

    def __sub__(self, other: Any) -> Recorded:
        return self._with(Op.SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Recorded:
        return self._with(Op.SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Recorded:
        return self._with(Op.MULTIPLY, self, other)

    def __truediv__(self, other: Any) -> Recorded:
        return self._with(Op.DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Recorded:
        return self._with(Op.DIVIDE, other, self)

    def __pow__(self, power: Any) -> Any:
        if isinstance(power, Recorded):
            if self > 0.0:
                return (self.log() * power).exp()  # type: ignore[attr-defined]
            power = power.given()  # a whole number
        if float(power).is_integer() and 0 <= power <= MOST_FACTORS:  # products have slopes everywhere
            return functools.reduce(operator.mul, [self] * int(power), 1.0) if power else 1.0
        value = float(np.float64(self.value) ** power)
        return self.tape.note(Op.APPLY, value, self.place, self.tape.place_of(power), "power")

    def __rpow__(self, base: Any) -> Recorded:
        if not base > 0.0:
            raise TypeError("no slope of a power of what is not positive")
        return (self * float(np.log(base))).exp()  # type: ignore[attr-defined]

    def __neg__(self) -> Recorded:
        return self.tape.note(Op.NEGATE, -self.value, self.place)

    def __pos__(self) -> Recorded:
        return self

    def __abs__(self) -> Recorded:
        return -self if self < 0 else self

    def _compare(self, relation: Relation, a: Any, b: Any) -> bool:
        return self.tape.guard(relation, a, b)

    def floor(self) -> float:
        """Return the integer below, which is constant up to the next one."""
        below = float(np.floor(self.value))
        self._compare(Relation.LESS_OR_EQUAL, below, self)
        self._compare(Relation.LESS, self, below + 1.0)
        return below

    def __mod__(self, other: Any) -> Any:
        return self - other * (self / other).floor()

    def __floordiv__(self, other: Any) -> float:
        return (self / other).floor()

    def __lt__(self, other: Any) -> bool:
        return self._compare(Relation.LESS, self, other)

    def __gt__(self, other: Any) -> bool:
        return self._compare(Relation.LESS, other, self)

    def __le__(self, other: Any) -> bool:
        return self._compare(Relation.LESS_OR_EQUAL, self, other)

    def __ge__(self, other: Any) -> bool:
        return self._compare(Relation.LESS_OR_EQUAL, other, self)

    def __eq__(self, other: Any) -> bool:
        return self._compare(Relation.EQUAL, self, other)

    def __ne__(self, other: Any) -> bool:
        return not self == other

    def __bool__(self) -> bool:
        return self != 0.0

    def __float__(self) -> float:
        raise TypeError("what becomes of its value is not seen")

    def __int__(self) -> int:
        return int(self.given())

    def given(self) -> float:
        """Return the value of what decides what is done: an input, a parameter or the time, and no state."""
        if not self.tape.is_given(self.place):
            raise TypeError("what it does depends on the value of a state")
        self._compare(Relation.EQUAL, self, self.value)
        return float(self.value)

    __index__ = None  # numbers of ours are no indices
    __hash__ = object.__hash__
    __radd__, __rmul__, __floor__ = __add__, __mul__, floor
    conjugate, fabs = __pos__, __abs__  # by the names under which numpy looks for them


def _value(number: Any) -> float:
    return number.value if isinstance(number, Recorded) else float(number)


_VALUES: dict[Op, Callable] = {
    Op.ADD: operator.add, Op.SUBTRACT: operator.sub, Op.MULTIPLY: operator.mul,
    Op.DIVIDE: lambda a, b: np.float64(a) / b,
}  # fmt: skip


def _applied(name: str) -> Callable:
    function = getattr(np, name)
    return lambda self: self.tape.note(Op.APPLY, float(function(self.value)), self.place, more=name)


def _of_numbers(operation: Callable) -> Callable:
    """Return an operation that leaves arrays to numpy, which asks entry by entry."""
    return lambda self, other: NotImplemented if isinstance(other, np.ndarray | Leaves) else operation(self, other)


for _name in SLOPES.keys() - {"power"}:
    setattr(Recorded, _name, _applied(_name))  # under which numpy and math look for methods
for _name in "add radd sub rsub mul rmul truediv rtruediv pow rpow mod floordiv lt le gt ge eq ne".split():
    setattr(Recorded, f"__{_name}__", _of_numbers(getattr(Recorded, f"__{_name}__")))


class Leaves(np.lib.mixins.NDArrayOperatorsMixin):
    """A vector that a kernel reads, whose entries have places from ``first`` on; an array of objects where numpy looks."""

    def __init__(self, tape: Tape, values: Floats, first: int) -> None:
        self.tape, self.values, self.first, self.size = tape, values, first, values.size

    def __getitem__(self, k: Any) -> Any:
        if isinstance(k, slice) and k.indices(self.size)[2] == 1:
            start, stop, _ = k.indices(self.size)
            return Leaves(self.tape, self.values[start:stop], self.first + start)
        if not isinstance(k, int | np.integer):
            return np.asarray(self)[k]
        return Recorded(self.tape, float(self.values[k]), self.first + range(self.size)[k])

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Recorded]:
        return (self[k] for k in range(self.size))

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        array = np.empty(self.size, dtype=object)
        array[:] = list(self)
        return array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return getattr(ufunc, method)(*(np.asarray(x) if isinstance(x, Leaves) else x for x in inputs), **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # protocols by which numpy would ask for memory
            raise AttributeError(name)
        return getattr(np.asarray(self), name)


class Tape:
    """The operations of a right-hand side; see :func:`record`.

    The places of states, inputs, parameters and the time come first, one behind the other, then those of operations.
    """

    def __init__(self) -> None:
        self.states = self.first_param = self.leaves = self.places = 0
        self.operations: list[Operation] = []
        self.guards: list[Guard] = []
        self.results: np.ndarray = np.zeros(0, dtype=int)
        self._constants: dict[str, int] = {}

    def vector(self, values: Floats) -> Leaves:
        """Return a vector with places of its own."""
        self.leaves += values.size
        self.places = self.leaves
        return Leaves(self, values, self.places - values.size)

    def is_given(self, place: int) -> bool:
        """Whether a number is an input, a parameter or the time."""
        return self.states <= place < self.leaves

    def note(self, op: Op, value: float, a: int = 0, b: int = 0, more: Any = None) -> Recorded:
        """Return the result of an operation."""
        self.operations.append(Operation(op, a, b, more))
        self.places += 1
        return Recorded(self, value, self.places - 1)

    def note_block(self, block: Block, values: Floats) -> list[Recorded]:
        """Return the results of a product of a matrix with a vector."""
        pairs = zip(block.z, values, strict=True)
        return [self.note(Op.PRODUCT, value, place, row, block) for row, (place, value) in enumerate(pairs)]

    def place_of(self, number: Any) -> int:
        """Return the place of a recorded number, or of a constant."""
        if isinstance(number, Recorded):
            return number.place
        key = float(number).hex()
        if key not in self._constants:
            self._constants[key] = self.note(Op.CONSTANT, float(number), more=float(number)).place
        return self._constants[key]

    def guard(self, relation: Relation, a: Any, b: Any) -> bool:
        """Compare two numbers, and keep the answer."""
        x, y = _value(a), _value(b)
        answer = x < y if relation == Relation.LESS else x <= y if relation == Relation.LESS_OR_EQUAL else x == y
        self.guards.append(Guard(relation, self.place_of(a), self.place_of(b), bool(answer)))
        return bool(answer)


def record(
    source: Any, t: float, y: Floats, u: Floats, params: Floats, results: int | None = None, role: str = "rhs",
    event: int = 0,
) -> Tape:  # fmt: skip
    """Return the tape of a function in the C signature, or of one with the arguments of its role."""
    tape, out = Tape(), np.zeros(y.size if results is None else results, dtype=object)
    leaves = [tape.vector(vector) for vector in (y, u, params, np.array([t]))]
    tape.states, tape.first_param = y.size, y.size + u.size
    moment, function = leaves.pop()[0], in_python(source)
    with np.errstate(all="ignore"):
        if getattr(source, "is_pointer_kernel", False):
            vectors = [argument for each in leaves for argument in (each, each.size)]
            function(event, moment, *vectors, out, out.size)
        else:
            given = {"event": event, "t": moment, **dict(zip(("y", "u", "params"), leaves, strict=True)), "out": out}
            function(*(given[name] for name in ROLES[role].arguments))
    tape.results = np.array([tape.place_of(x) for x in out], dtype=int)
    return tape


# Sums that kernels share ---------------------------------------------------------------------------------------------


def _block_in_python(params: Any, W: int, stride: int, x: Any, n: int, z: Any, rows: int) -> None:
    if not isinstance(params, Leaves) or params.first < params.tape.first_param:
        for j in range(n):
            for i in range(rows):
                z[i] += params[W + j * stride + i] * x[j]
    elif n and rows:
        tape, old, heard = params.tape, [z[i] for i in range(rows)], [x[j] for j in range(n)]
        where = W + stride * np.arange(n)[:, np.newaxis] + np.arange(rows)
        new = np.array([_value(each) for each in old])
        new = new + params.values[where].T @ np.array([_value(each) for each in heard])
        at_z, at_x = (np.array([tape.place_of(each) for each in numbers]) for numbers in (old, heard))
        for i, result in enumerate(tape.note_block(Block(at_z, at_x, params.first + W, stride), new)):
            z[i] = result


@kernel(host=_block_in_python)
def add_block(params, W, stride, x, n, z, rows):
    """Sum: z += W x, with a matrix that begins at W in the parameters, its columns ``stride`` apart."""
    for j in range(n):
        for i in range(rows):
            z[i] += params[W + j * stride + i] * x[j]


@kernel
def add_product(params, W, x, n, z, rows):
    """Sum: z += W x, with a matrix column by column."""
    add_block(params, W, rows, x, n, z, rows)


@kernel
def affine(params, b, W, U, y, n, u, m, z, rows):
    """Sum: z = b + U u + W y; b, W and U say where the vector and the matrices begin in the parameters."""
    for i in range(rows):
        z[i] = params[b + i]
    add_product(params, U, u, m, z, rows)
    add_product(params, W, y, n, z, rows)
