"""The operations of traced right-hand sides as LLVM instructions: values, and coefficients order by order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types

from neurodynamics.compiling import kernel
from neurodynamics.tracing import Kind, Operation, Value

REAL = ir.DoubleType()
VECTOR = 4  # numbers at once; rows are padded to more
GROUP_FROM = 3  # order from which sums are long enough for vectors
_OF_LLVM = {Value.EXP: "exp", Value.SIN: "sin", Value.COS: "cos", Value.LOG: "log"}
_OF_MATH = {Value.SINH: math.sinh, Value.COSH: math.cosh, Value.TANH: math.tanh, Value.ARCTAN: math.atan}


class Emitter:
    """Writes instructions; None stands for a number that is known to be zero."""

    def __init__(self, context: Any, builder: Any) -> None:
        self.context, self.builder = context, builder

    def number(self, value: float) -> Any:
        """Return a constant."""
        return ir.Constant(REAL, value)

    def load(self, pointer: Any, index: int) -> Any:
        """Return ``pointer[index]``."""
        return self.builder.load(self.builder.gep(pointer, [ir.Constant(ir.IntType(64), index)]))

    def store(self, value: Any, pointer: Any, index: int) -> None:
        """Set ``pointer[index]``."""
        self.builder.store(value, self.builder.gep(pointer, [ir.Constant(ir.IntType(64), index)]))

    def vector(self, values: list[Any], size: int) -> Any:
        """Return a vector of numbers."""
        vector = ir.Constant(ir.VectorType(REAL, size), [0.0] * size)
        for i, value in enumerate(values):
            if value is not None:
                vector = self.builder.insert_element(vector, value, ir.Constant(ir.IntType(32), i))
        return vector

    def store_row(self, values: list[Any], pointer: Any, first: Any) -> None:
        """Set ``pointer[first : first + N]``, several at once: the driver loads whole vectors."""
        for start in range(0, len(values), VECTOR):
            place = self.builder.gep(pointer, [self.builder.add(first, ir.Constant(first.type, start))])
            vector = self.vector(values[start : start + VECTOR], VECTOR)
            self.builder.store(vector, self.builder.bitcast(place, vector.type.as_pointer()), align=8)

    def call(self, name: str, *args: Any) -> Any:
        """Call an instruction of LLVM."""
        kind = args[0].type
        signature = ir.FunctionType(kind, [kind] * len(args))
        full, module = f"llvm.{name}.{'' if kind == REAL else f'v{kind.count}'}f64", self.builder.module
        return self.builder.call(module.globals.get(full) or ir.Function(module, signature, full), args)

    def function(self, function: Any, *args: Any) -> Any:
        """Call a function that numba knows."""
        signature = types.float64(*[types.float64] * len(args))
        known = self.context.typing_context.resolve_value_type(function)
        known.get_call_type(self.context.typing_context, signature.args, {})
        return self.context.get_function(known, signature)(self.builder, args)

    def add(self, a: Any, b: Any) -> Any:
        """Return a + b, of numbers or vectors."""
        return b if a is None else a if b is None else self.builder.fadd(a, b)

    def subtract(self, a: Any, b: Any) -> Any:
        """Return a - b."""
        return a if b is None else self.builder.fneg(b) if a is None else self.builder.fsub(a, b)

    def times(self, a: Any, b: Any) -> Any:
        """Return a b."""
        return None if a is None or b is None else self.builder.fmul(a, b)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """Return a b + c, of numbers or vectors."""
        if a is None or b is None or c is None:
            return self.add(self.times(a, b), c)
        return self.call("fma", a, b, c)

    def sum_of_products(self, terms: list[tuple[Any, Any]]) -> Any:
        """Return a sum of products in two chains, each of which waits for half of the terms."""
        even = odd = None
        for a, b in terms:
            even, odd = odd, self.multiply_add(a, b, even)
        return self.add(even, odd)

    def value(self, each: Operation, get: Any, params: Any) -> Any:
        """Return what an operation gives."""
        if each.kind == Kind.LITERAL:
            return self.number(each.number)
        if each.kind == Kind.PARAMETER:
            return self.load(params, each.a)
        if each.kind == Kind.WEIGH:
            return self.number(0.0)
        if each.kind == Kind.NEGATE:
            return self.builder.fneg(get(each.a))
        if each.kind in (Kind.GROW, Kind.GATHER):
            return self.elementary(Value(each.value), get(each.a), get, each.s)
        a, b = get(each.a), get(each.b)
        if each.kind == Kind.ADD:
            return self.builder.fadd(a, b)
        if each.kind == Kind.SUBTRACT:
            return self.builder.fsub(a, b)
        return self.builder.fmul(a, b) if each.kind in (Kind.SCALE, Kind.MULTIPLY) else self.builder.fdiv(a, b)

    def elementary(self, which: Value, a: Any, get: Any, power: int) -> Any:
        """Return an elementary function of a number."""
        if which == Value.POWER:
            return self.call("pow", a, get(power))
        if which == Value.LOGISTIC:
            return self.function(_logistic, a)
        return self.call(_OF_LLVM[which], a) if which in _OF_LLVM else self.function(_OF_MATH[which], a)

    def coefficient(self, each: Operation, k: int, series: dict[int, list[Any]], older: Any) -> Any:
        """Return the coefficient of order k >= 1 that an operation gives, from its sum over lower ones."""
        a, b = series[each.a], series[each.b]
        match Kind(each.kind):
            case Kind.ADD:
                return self.add(a[k], b[k])
            case Kind.SUBTRACT:
                return self.subtract(a[k], b[k])
            case Kind.NEGATE:
                return self.subtract(None, a[k])
            case Kind.SCALE:
                return self.times(a[k], b[0])
            case Kind.SHRINK:
                return None if a[k] is None else self.builder.fdiv(a[k], b[0])
            case Kind.WEIGH:
                return self.times(a[k], self.number(k))
            case Kind.GATHER:
                return self.times(b[k], self.number(1.0 / k))
            case Kind.MULTIPLY if each.a == each.b:
                return self.multiply_add(self.add(a[0], a[0]), a[k], older)
            case Kind.MULTIPLY:
                return self.multiply_add(a[0], b[k], self.multiply_add(a[k], b[0], older))
            case Kind.DIVIDE:
                rest = self.subtract(a[k], self.multiply_add(b[k], series[each.to][0], older))
                return None if rest is None else self.builder.fdiv(rest, b[0])
        grown = self.times(self.multiply_add(b[k], series[each.g][0], older), self.number(1.0 / k))
        return self.times(grown, series[each.s][0])


class Sums:
    """The sums over products, those of several operations in one vector.

    What a coefficient of order k takes from lower orders alone, ``sum_(0<j<k) x_j z_(k-j)``, needs no other operation, so
    that any operations go together.
    """

    def __init__(self, emit: Emitter, operations: tuple[Operation, ...], series: dict[int, list[Any]]) -> None:
        self._emit, self._series = emit, series
        self._summed = [each for each in operations if each.kind in (Kind.MULTIPLY, Kind.DIVIDE, Kind.GROW)]
        self._groups: list[tuple[Operation, ...]] | None = None
        self._vectors: dict[Any, Any] = {}

    def older(self, k: int) -> dict[int, Any]:
        """Return for each operation the sum over what came before order k."""
        if k == GROUP_FROM:
            self._group()
        if self._groups is None:
            return {each.to: self._sum((each,), k) for each in self._summed}
        sums: dict[int, Any] = {}
        for group in self._groups:
            total = self._sum(group, k)
            for i, each in enumerate(group):
                place = ir.Constant(ir.IntType(32), i)
                sums[each.to] = total if len(group) == 1 else self._emit.builder.extract_element(total, place)
        return sums

    def _group(self) -> None:
        """Put operations together, squares and others; factors that end (those of the time) stay alone."""
        kinds: dict[Any, list[Operation]] = {}
        for each in self._summed:
            ends = any(factor[GROUP_FROM - 1] is None for factor in self._factors(each))
            kinds.setdefault(each.to if ends else _is_square(each), []).append(each)
        self._groups = [
            tuple(kind[first : first + VECTOR]) for kind in kinds.values() for first in range(0, len(kind), VECTOR)
        ]

    def _factors(self, each: Operation) -> tuple[list[Any], list[Any]]:
        """Return the series that an operation multiplies."""
        series = self._series
        match Kind(each.kind):
            case Kind.MULTIPLY:
                return series[each.a], series[each.b]
            case Kind.DIVIDE:
                return series[each.b], series[each.to]
        return series[each.b], series[each.g]

    def _sum(self, group: tuple[Operation, ...], k: int) -> Any:
        emit, square, middle = self._emit, _is_square(group[0]), k // 2
        places = range((k - 1) // 2, 0, -1) if square else sorted(range(1, k), key=lambda j: max(j, k - j))  # newest last
        total = emit.sum_of_products([(self._factor(group, 0, j), self._factor(group, 1, k - j)) for j in places])
        if not square:
            return total
        central = self._factor(group, 0, middle) if k % 2 == 0 else None
        return emit.multiply_add(central, central, emit.add(total, total))

    def _factor(self, group: tuple[Operation, ...], side: int, j: int) -> Any:
        """Return a coefficient of a factor, or the vector of those of a group."""
        if len(group) == 1:
            return self._factors(group[0])[side][j]
        key = group[0].to, side, j
        if key not in self._vectors:
            numbers = [self._factors(each)[side][j] for each in group]
            self._vectors[key] = self._emit.vector(numbers, 2 if len(group) == 2 else VECTOR)
        return self._vectors[key]


def _is_square(each: Operation) -> bool:
    return each.kind == Kind.MULTIPLY and each.a == each.b


@kernel
def _logistic(x):
    """1 / (1 + exp(-x)) without overflow."""
    e = np.exp(-abs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)
