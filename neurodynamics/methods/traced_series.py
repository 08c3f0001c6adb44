"""The Taylor coefficients of a traced right-hand side (:mod:`neurodynamics.tracing.program`) as straight-line code.

The code is written as LLVM instructions, without loops and past numba's front end: coefficients that an order hands to the
next stay in registers, those that are zero (of constants, of the time) cost nothing, and it is there in a fraction of a
second.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from neurodynamics.compiling import DOUBLES, kernel, offset, padded, row
from neurodynamics.inputs import input_coefficients
from neurodynamics.methods import frame as F
from neurodynamics.methods.frame import doubles, no_doubles
from neurodynamics.methods.protocol import evaluate_drive, problem_of
from neurodynamics.methods.taylor_rows import AT_START, PREPARE, SLOPE, Y_NEW, coefficients_of, own_rows, shared_rows
from neurodynamics.tracing import Kind, Operation, Program, Value

MOST_TERMS = 12_000  # products in the code of all orders
REAL = ir.DoubleType()
_OF_LLVM = {Value.EXP: "exp", Value.SIN: "sin", Value.COS: "cos", Value.LOG: "log"}
_OF_MATH = {Value.SINH: math.sinh, Value.COSH: math.cosh, Value.TANH: math.tanh, Value.ARCTAN: math.atan}


def traced_rows(order: int, n: int, program: Program) -> int:
    """Return the number of work rows: what is shared, the values of the registers, coefficients of the inputs."""
    numbers = program.registers + program.inputs * (order + 1)
    return shared_rows.py_func(order) + -(-numbers // padded(n))


@functools.lru_cache(maxsize=1000)
def order_for(rtol: float, operations: int, products: int) -> int:
    """Return the order that reaches a tolerance at least cost per unit of time; costs in nanoseconds, measured."""
    orders = np.arange(6, 31)
    costs = 100.0 + orders * (0.8 * operations + 6.0) + orders**2 * 0.25 * products
    order = int(orders[np.argmin(costs * rtol ** (-1.0 / (orders + 1)))])
    while order > 6 and products * order**2 > 2 * MOST_TERMS:
        order -= 1
    return order


# Kernels for one right-hand side ---------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=200)
def slope_of(program: Program) -> Any:
    """Return the kernel that evaluates a right-hand side."""
    constants, values = _values(program, program.constants), _values(program, program.operations)
    n, m, outputs = program.states, program.inputs, program.outputs

    @kernel
    def slope(frame, stage, t, t_ref):
        problem, registers, shared = problem_of(frame, no_doubles()), own_rows(frame), doubles(frame, F.WORK)
        if stage == PREPARE:
            constants(registers, problem.params)
            return 0
        y = doubles(frame, F.Y) if stage == AT_START else row(shared, Y_NEW, problem.width)
        evaluate_drive(problem, t, t_ref)
        for i in range(n):
            registers[i] = y[i]
        registers[n] = t
        for i in range(m):
            registers[n + 1 + i] = problem.drive.u[i]
        values(registers, problem.params)
        f = row(shared, SLOPE, problem.width)
        for i in range(n):
            f[i] = registers[outputs[i]]
        return 0

    return slope


@functools.lru_cache(maxsize=200)
def orders_of(program: Program, order: int, varying: bool) -> Any:
    """Return the kernel that climbs from the values to the coefficients of the state."""
    climb = _climb(program, order, varying)
    m, registers_count = program.inputs, program.registers

    @kernel
    def orders(frame, t, t_ref, r):
        problem, registers = problem_of(frame, no_doubles()), own_rows(frame)
        drive, inputs = problem.drive, offset(registers, registers_count)
        power = 1.0
        if drive.varying:
            for k in range(1, order):
                power *= r
                input_coefficients(drive.m, drive.terms, drive.n_terms, drive.data, t, t_ref, k, drive.u)
                for i in range(m):
                    inputs[k * m + i] = power * drive.u[i]
        climb(registers, inputs, coefficients_of(frame).Y, problem.width, r)
        return 0

    return orders


def _values(program: Program, operations: tuple[Operation, ...]) -> Any:
    """Return the intrinsic ``(registers, params)`` that sets the values of operations."""

    @intrinsic
    def values(typingctx: Any, registers: Any, params: Any) -> Any:
        def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            emit = Emitter(context, builder)
            known: dict[int, Any] = {}

            def get(register: int) -> Any:
                if register not in known:
                    known[register] = emit.load(args[0], register)
                return known[register]

            for each in operations:
                known[each.to] = emit.value(each, get, args[1])
                emit.store(known[each.to], args[0], each.to)
            return context.get_dummy_value()

        return types.void(DOUBLES, DOUBLES), codegen

    return values


def _climb(program: Program, order: int, varying: bool) -> Any:
    """Return the intrinsic ``(registers, inputs, Y, width, r)`` that sets the coefficients Y."""
    n, m = program.states, program.inputs

    @intrinsic
    def climb(typingctx: Any, registers: Any, inputs: Any, Y: Any, width: Any, r: Any) -> Any:
        def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            registers, inputs, Y, width, r = args
            emit = Emitter(context, builder)
            series: dict[int, list[Any]] = {i: [emit.load(registers, i)] for i in range(program.registers)}

            def set_state(k: int) -> None:
                step = emit.times(r, emit.number(1.0 / k))
                for i, output in enumerate(program.outputs):
                    lower = series[output]
                    value = emit.times(step, lower[k - 1] if k <= len(lower) else None)
                    series[i].append(value)
                    place = builder.add(builder.mul(width, ir.Constant(width.type, k)), ir.Constant(width.type, i))
                    builder.store(emit.number(0.0) if value is None else value, builder.gep(Y, [place]))

            for i in range(n):
                emit.store(series[i][0], Y, i)
            for k in range(1, order):
                set_state(k)
                series[n].append(r if k == 1 else None)
                for i in range(m):
                    series[n + 1 + i].append(emit.load(inputs, k * m + i) if varying else None)
                for each in program.constants:
                    series[each.to].append(None)
                for each in program.operations:
                    series[each.to].append(emit.coefficient(each, k, series))
            set_state(order)
            return context.get_dummy_value()

        return types.void(DOUBLES, DOUBLES, DOUBLES, types.int64, types.float64), codegen

    return climb


# Instructions ----------------------------------------------------------------------------------------------------------


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

    def call(self, name: str, *args: Any) -> Any:
        """Call an instruction of LLVM."""
        signature = ir.FunctionType(REAL, [REAL] * len(args))
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, signature, f"llvm.{name}.f64"), args)

    def function(self, function: Any, *args: Any) -> Any:
        """Call a function that numba knows."""
        signature = types.float64(*[types.float64] * len(args))
        known = self.context.typing_context.resolve_value_type(function)
        known.get_call_type(self.context.typing_context, signature.args, {})
        return self.context.get_function(known, signature)(self.builder, args)

    def add(self, a: Any, b: Any) -> Any:
        """Return a + b."""
        return b if a is None else a if b is None else self.builder.fadd(a, b)

    def subtract(self, a: Any, b: Any) -> Any:
        """Return a - b."""
        return a if b is None else self.builder.fneg(b) if a is None else self.builder.fsub(a, b)

    def times(self, a: Any, b: Any) -> Any:
        """Return a b."""
        return None if a is None or b is None else self.builder.fmul(a, b)

    def inner(self, x: list[Any], z: list[Any], first: int, k: int) -> Any:
        """Return the sum over first <= j <= k of x_j z_(k-j), what is newest last."""
        places = sorted(range(first, k + 1), key=lambda j: max(j, k - j))
        total = None
        for j in places:
            a, b = x[j] if j < len(x) else None, z[k - j] if k - j < len(z) else None
            if a is not None and b is not None:
                total = self.times(a, b) if total is None else self.call("fma", a, b, total)
        return total

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

    def coefficient(self, each: Operation, k: int, series: dict[int, list[Any]]) -> Any:
        """Return the coefficient of order k >= 1 that an operation gives."""
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
            case Kind.MULTIPLY:
                return self.square(a, k) if each.a == each.b else self.inner(a, b, 0, k)
            case Kind.DIVIDE:
                rest = self.subtract(a[k], self.inner(b, series[each.to], 1, k))
                return None if rest is None else self.builder.fdiv(rest, b[0])
        grown = self.times(self.inner(b, series[each.g], 1, k), self.number(1.0 / k))
        return self.times(grown, series[each.s][0])

    def square(self, a: list[Any], k: int) -> Any:
        """Return the coefficient of a square: each product once."""
        pairs = [(a[j], a[k - j]) for j in range((k - 1) // 2, -1, -1)]
        total = None
        for x, z in pairs:
            if x is not None and z is not None:
                total = self.times(x, z) if total is None else self.call("fma", x, z, total)
        total = self.times(total, self.number(2.0))
        middle = a[k // 2] if k % 2 == 0 else None
        if middle is None:
            return total
        return self.times(middle, middle) if total is None else self.call("fma", middle, middle, total)


@kernel
def _logistic(x):
    """1 / (1 + exp(-x)) without overflow."""
    e = np.exp(-abs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)
