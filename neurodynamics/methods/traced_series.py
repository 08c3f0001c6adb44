"""The Taylor coefficients of a traced right-hand side (:mod:`neurodynamics.tracing.program`) as straight-line code.

The code is written as LLVM instructions, without loops and past numba's front end: coefficients that an order hands to the
next stay in registers, those that are zero (of constants, of the time) cost nothing, and it is there in a fraction of a
second.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from neurodynamics.compiling import DOUBLES, doubles, kernel, offset, padded, row
from neurodynamics.inputs import input_coefficients
from neurodynamics.methods import frame as F
from neurodynamics.methods.frame import no_doubles
from neurodynamics.methods.instructions import Emitter, Sums
from neurodynamics.methods.protocol import evaluate_drive, problem_of
from neurodynamics.methods.taylor_rows import AT_START, PREPARE, SLOPE, Y_NEW, coefficients_of, own_rows, shared_rows
from neurodynamics.tracing import Operation, Program

MOST_TERMS = 12_000  # products in the code of all orders


def traced_rows(order: int, n: int, program: Program) -> int:
    """Return the number of work rows: what is shared, the values of the registers, coefficients of the inputs."""
    numbers = program.registers + program.inputs * (order + 1)
    return shared_rows.py_func(order) + -(-numbers // padded(n))


@functools.lru_cache(maxsize=1000)
def order_for(rtol: float, operations: int, products: int) -> int:
    """Return the order that reaches a tolerance at least cost per unit of time; costs in nanoseconds, measured."""
    orders = np.arange(6, 31)
    costs = 90.0 + orders * (0.4 * operations + 3.0) + orders**2 * 0.11 * products
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
            sums = Sums(emit, program.operations, series)

            def set_state(k: int) -> None:
                step = emit.times(r, emit.number(1.0 / k))
                for i, output in enumerate(program.outputs):
                    lower = series[output]
                    series[i].append(emit.times(step, lower[k - 1] if k <= len(lower) else None))
                emit.store_row([series[i][k] for i in range(n)], Y, builder.mul(width, ir.Constant(width.type, k)))

            emit.store_row([series[i][0] for i in range(n)], Y, ir.Constant(width.type, 0))
            for k in range(1, order):
                set_state(k)
                series[n].append(r if k == 1 else None)
                for i in range(m):
                    series[n + 1 + i].append(emit.load(inputs, k * m + i) if varying else None)
                for each in program.constants:
                    series[each.to].append(None)
                older = sums.older(k)
                for each in program.operations:
                    series[each.to].append(emit.coefficient(each, k, series, older.get(each.to)))
            set_state(order)
            return context.get_dummy_value()

        return types.void(DOUBLES, DOUBLES, DOUBLES, types.int64, types.float64), codegen

    return climb
