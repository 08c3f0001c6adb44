"""Reverse differentiation: a kernel runs once on numbers that record what is done with them, and sweeps do the rest.

The record is a list of operations with their partial derivatives, so one sweep forwards gives derivatives in one direction
and one sweep backwards those of one combination of results by all states, inputs and parameters. Products of a matrix of
parameters with a vector (:func:`add_block`) are one operation, done by BLAS.

References
----------
.. [1] Griewank & Walther (2008), Evaluating Derivatives, 2nd ed., SIAM, chapters 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import kernel
from neurodynamics.tracing import in_python
from neurodynamics.validation import Floats

CONSTANT = -1  # the place of what depends on nothing: a last row of the sweeps, which nobody looks at


class Operation(NamedTuple):
    """``d to = da d a + db d b``."""

    to: int
    a: int
    da: float
    b: int
    db: float

    def forwards(self, d: Floats) -> None:
        """Continue derivatives (places, k) of everything in k directions."""
        d[self.to] = self.da * d[self.a] + self.db * d[self.b]

    def backwards(self, d: Floats) -> None:
        """Continue derivatives (places, k) of k results by everything."""
        of = d[self.to]
        if of.any():
            d[self.a] += self.da * of
            d[self.b] += self.db * of


class Product(NamedTuple):
    """``z' = z + W x``: the places of z' follow each other, those of W lie in columns."""

    to: slice
    z: np.ndarray
    x: np.ndarray
    W: np.ndarray
    of_x: Floats
    of_W: Floats

    def forwards(self, d: Floats) -> None:
        """Continue derivatives (places, k) of everything in k directions."""
        d[self.to] = d[self.z] + self.of_W @ d[self.x] + np.einsum("j,jik->ik", self.of_x, d[self.W])

    def backwards(self, d: Floats) -> None:
        """Continue derivatives (places, k) of k results by everything."""
        of = d[self.to]
        if of.any():
            np.add.at(d, self.z, of)
            np.add.at(d, self.x, self.of_W.T @ of)
            d[self.W] += self.of_x[:, np.newaxis, np.newaxis] * of


class Recorded:
    """A number with its place on a tape."""

    __slots__ = ("place", "real", "tape")

    def __init__(self, tape: Tape, real: float, place: int) -> None:
        self.tape, self.real, self.place = tape, real, place

    def with_slope(self, value: float, slope: float) -> Recorded:
        """Return the value of a function here that has this slope."""
        return self.tape.note(value, self.place, slope)

    def _with(self, other: Any, value: float, da: float, db: float) -> Recorded:
        return self.tape.note(value, self.place, da, other.place if isinstance(other, Recorded) else CONSTANT, db)

    def __add__(self, other: Any) -> Recorded:
        return self._with(other, self.real + other.real, 1.0, 1.0)

    def __sub__(self, other: Any) -> Recorded:
        return self._with(other, self.real - other.real, 1.0, -1.0)

    def __rsub__(self, other: Any) -> Recorded:
        return self._with(other, other.real - self.real, -1.0, 1.0)

    def __mul__(self, other: Any) -> Recorded:
        return self._with(other, self.real * other.real, other.real, self.real)

    def __truediv__(self, other: Any) -> Recorded:
        quotient = np.float64(self.real) / other.real
        return self._with(other, quotient, 1.0 / np.float64(other.real), -quotient / other.real)

    def __rtruediv__(self, other: Any) -> Recorded:
        quotient = other.real / np.float64(self.real)
        return self._with(other, quotient, -quotient / self.real, 1.0 / np.float64(self.real))

    def __pow__(self, power: Any) -> Recorded:
        if isinstance(power, Recorded):
            return (self.log() * power).exp()  # type: ignore[attr-defined]
        return self.with_slope(self.real**power, power * self.real ** (power - 1) if power else 0.0)

    def __neg__(self) -> Recorded:
        return self.with_slope(-self.real, -1.0)

    def __abs__(self) -> Recorded:
        return -self if self.real < 0 else self

    def __lt__(self, other: Any) -> bool:
        return self.real < other.real

    def __gt__(self, other: Any) -> bool:
        return self.real > other.real

    def __le__(self, other: Any) -> bool:
        return self.real <= other.real

    def __ge__(self, other: Any) -> bool:
        return self.real >= other.real

    __radd__, __rmul__ = __add__, __mul__


ELEMENTARY: dict[str, tuple[Callable, Callable]] = {  # a function, and its slope from argument and value
    "exp": (np.exp, lambda x, f: f),
    "expm1": (np.expm1, lambda x, f: f + 1.0),
    "log": (np.log, lambda x, f: 1.0 / x),
    "sqrt": (np.sqrt, lambda x, f: 0.5 / f),
    "sin": (np.sin, lambda x, f: math.cos(x)),
    "cos": (np.cos, lambda x, f: -math.sin(x)),
    "sinh": (np.sinh, lambda x, f: math.cosh(x)),
    "cosh": (np.cosh, lambda x, f: math.sinh(x)),
    "tanh": (np.tanh, lambda x, f: 1.0 - f * f),
}


def _elementary(function: Callable, slope: Callable) -> Callable:
    def method(self: Recorded) -> Recorded:
        value = function(self.real)
        return self.with_slope(value, slope(self.real, value))

    return method


for _name, (_function, _slope) in ELEMENTARY.items():
    setattr(Recorded, _name, _elementary(_function, _slope))


class Leaves:
    """A vector that a kernel reads, whose entries have places from ``first`` on."""

    dtype = np.dtype(object)  # of what is made like it

    def __init__(self, tape: Tape, values: Floats, first: int) -> None:
        self.tape, self.values, self.first, self.size = tape, values, first, values.size

    def __getitem__(self, k: Any) -> Any:
        if isinstance(k, slice):  # what `offset` takes
            start = k.start or 0
            return Leaves(self.tape, self.values[start:], self.first + start)
        return Recorded(self.tape, float(self.values[k]), self.first + k)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Recorded]:
        return (self[k] for k in range(self.size))


class Tape:
    """The operations of a right-hand side at one point; see :func:`record`.

    The places of states, inputs and parameters come first, one behind the other, then those of operations.
    """

    def __init__(self) -> None:
        self.places = 0
        self.operations: list[Operation | Product] = []
        self.results: np.ndarray = np.zeros(0, dtype=int)

    def leaves(self, values: Floats) -> Leaves:
        """Return a vector with places of its own."""
        self.places += values.size
        return Leaves(self, values, self.places - values.size)

    def note(self, value: float, a: int, da: float, b: int = CONSTANT, db: float = 0.0) -> Recorded:
        """Return the result of an operation."""
        self.operations.append(Operation(self.places, a, da, b, db))
        self.places += 1
        return Recorded(self, value, self.places - 1)

    def forwards(self, seeds: Floats) -> Floats:
        """Return the derivatives (N, k) of the results, from those (leaves, k) of states, inputs and parameters."""
        d = np.zeros((self.places + 1, seeds.shape[1]))
        d[: len(seeds)] = seeds
        for operation in self.operations:
            operation.forwards(d)
        return d[self.results]

    def backwards(self, seeds: Floats, leaves: int) -> Floats:
        """Return the derivatives (leaves, k) of k combinations (N, k) of results."""
        d = np.zeros((self.places + 1, seeds.shape[1]))
        np.add.at(d, self.results, seeds)
        for operation in reversed(self.operations):
            operation.backwards(d)
        return d[:leaves]


def record(source: Any, t: float, y: Floats, u: Floats, params: Floats) -> Tape:
    """Return the tape of a right-hand side of ours, a kernel in the C signature or one with the arguments of its role."""
    tape, out = Tape(), np.empty(y.size, dtype=object)
    leaves = [tape.leaves(vector) for vector in (y, u, params)]
    function = in_python(source)
    with np.errstate(all="ignore"):
        if getattr(source, "is_pointer_kernel", False):
            vectors = [argument for each in leaves for argument in (each, each.size)]
            function(0, t, *vectors, out, out.size)
        else:
            function(t, *leaves, out)
    tape.results = _places(out)
    return tape


def _places(numbers: Any) -> np.ndarray:
    return np.array([getattr(x, "place", CONSTANT) for x in numbers], dtype=int)


# Sums that kernels share ---------------------------------------------------------------------------------------------


def _block_in_python(params: Any, W: int, stride: int, x: Any, n: int, z: Any, rows: int) -> None:
    if not isinstance(params, Leaves):
        for j in range(n):
            for i in range(rows):
                z[i] += params[W + j * stride + i] * x[j]
    elif n and rows:
        tape, old, heard = params.tape, [z[i] for i in range(rows)], [x[j] for j in range(n)]
        where = W + stride * np.arange(n)[:, np.newaxis] + np.arange(rows)
        matrix, of_x = params.values[where].T, np.array([each.real for each in heard])
        new = np.array([each.real for each in old]) + matrix @ of_x
        to = slice(tape.places, tape.places + rows)
        tape.operations.append(Product(to, _places(old), _places(heard), params.first + where, of_x, matrix))
        tape.places += rows
        for i in range(rows):
            z[i] = Recorded(tape, new[i], to.start + i)


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
