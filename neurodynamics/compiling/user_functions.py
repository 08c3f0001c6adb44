"""Users' functions as machine code that stays in its arrays, and that tells where it did not.

A function is compiled with a check of every index. Where it would raise an exception, its result becomes NaN, which ends
a run with a status, and the arguments of that call are kept in a record: called again with them, uncompiled, the function
raises the exception that a reader understands.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray
from numba.core import cgutils, types
from numba.core.errors import NumbaError
from numba.extending import intrinsic

from neurodynamics.compiling.captured import compile_copy, plain_function
from neurodynamics.compiling.jit import compiled, kernel
from neurodynamics.compiling.pointers import ABSENT, DOUBLES, address_of, call_address
from neurodynamics.compiling.trial_run import WRITES, name_of
from neurodynamics.compiling.waiting import whole

ROOM = 4096  # numbers of a record: what is called with more is told without its arguments
NO_RECORD = 0  # of functions of this project, which do not fail
_HEAD = 7  # how often it happened, event, time, and the sizes of y, u, params and out


def compile_for(name: str, function: Callable, arguments: tuple[Any, ...], slots: Mapping[Any, Any]) -> tuple[Any, Any]:
    """Compile our own copy of a user's function for these types; return it with the type of its result.

    `slots` stand for values that it takes from outside. What does not compile is explained.
    """
    where = f"`{name}` ({name_of(plain_function(function))})"
    dispatcher = compile_copy(function, slots)
    more = [*inspect.signature(dispatcher.py_func).parameters.values()][len(arguments) :]
    arguments = (*arguments, *(types.Omitted(each.default) for each in more))  # what has a default keeps it
    try:
        whole(lambda: dispatcher.compile(arguments))
    except (NumbaError, AttributeError) as error:  # numba's own AttributeError for `y += 1`
        text = str(error)
        if "Cannot modify readonly array" in text or "'NoneType' object has no attribute 'args'" in text:
            raise TypeError(WRITES.format(where, "these, and arrays from outside,")) from error
        raise TypeError(
            f"{where} cannot be compiled by numba; it may use numbers, arrays, loops, functions of math and numpy, and "
            f"functions of your own that do. numba says: {last_lines(text)}"
        ) from error
    dispatcher.disable_compile()
    return dispatcher, dispatcher.overloads[arguments].signature.return_type


def compile_role(
    name: str, function: Callable, arguments: tuple[Any, ...], slots: Mapping[Any, Any], *, number: bool
) -> Any:
    """Compile a function that returns a number, or writes to `out` and returns nothing."""
    dispatcher, returned = compile_for(name, function, arguments, slots)
    if number and not isinstance(returned, (types.Float, types.Integer, types.Boolean)):
        raise TypeError(f"`{name}` ({name_of(plain_function(function))}) must return a number; it returns {returned}.")
    if not number and returned != types.none:
        raise TypeError(
            f"`{name}` ({name_of(plain_function(function))}) must write its result to `out[:]` and return nothing; it "
            f"returns {returned}."
        )
    return dispatcher


def last_lines(text: str) -> str:
    """Return what is useful in a message of numba."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("During:", "raised from", "This error may", "Failed in"))]
    return " | ".join(useful[:4])


@intrinsic
def read_only(typingctx: Any, array: Any) -> Any:
    """Return the same array, of the read-only type."""
    return array.copy(readonly=True)(array), lambda context, builder, sig, args: args[0]


@intrinsic
def outcome(typingctx: Any, function: Any, arguments: Any) -> Any:
    """Call a compiled function and return its number, 0 where it returns none, NaN where it raises."""
    given = tuple(arguments)
    if not any(each[: len(given)] == given for each in function.dispatcher.overloads):
        function.dispatcher.compile(given)  # a kernel; functions of users are compiled before

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:  # numba keeps it, so that it must keep no code
        overloads = function.dispatcher.overloads
        known = next(known for each, known in overloads.items() if each[: len(given)] == given)
        omitted = len(known.signature.args) - len(given)
        values = cgutils.unpack_tuple(builder, args[1]) + omitted * [context.get_dummy_value()]
        context.active_code_library.add_linking_library(known.library)
        status, result = context.call_internal_no_propagate(builder, known.fndesc, known.signature, values)
        number = context.get_constant(types.float64, 0.0)
        if known.signature.return_type != types.none:
            number = context.cast(builder, result, known.signature.return_type, types.float64)
        return builder.select(status.is_error, context.get_constant(types.float64, np.nan), number)

    return types.float64(function, arguments), codegen


@intrinsic
def _doubles_at(typingctx: Any, address: Any) -> Any:
    """Return the address as a pointer to doubles."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.DoubleType().as_pointer())

    return types.CPointer(types.float64)(types.int64), codegen


# The record ----------------------------------------------------------------------------------------------------------


def new_record() -> Any:
    """Return the memory in which a compiled function says that it failed, and how it was called then."""
    return np.zeros(ROOM)


@kernel
def note(record, event, t, y, n, u, m, params, p, k):
    """Keep the arguments of the first call that failed. (Threads may race here; then one of them wins.)"""
    if record == NO_RECORD:
        return
    memory = _doubles_at(record)
    memory[0] += 1.0
    if memory[0] == 1.0:
        memory[1], memory[2], memory[3], memory[4], memory[5], memory[6] = event, t, n, m, p, k
        if _HEAD + n + m + p <= ROOM:
            for i in range(n):
                memory[_HEAD + i] = y[i]
            for i in range(m):
                memory[_HEAD + n + i] = u[i]
            for i in range(p):
                memory[_HEAD + n + m + i] = params[i]


def call_in(record: Any) -> dict[str, Any] | None:
    """Return the arguments in a record, or None where nothing failed; empty where they did not fit. Clears the record."""
    if record[0] == 0:
        return None
    n, m, p, k = (int(size) for size in record[3:_HEAD])
    found: dict[str, Any] = {"event": int(record[1]), "t": float(record[2])}
    if _HEAD + n + m + p <= ROOM:
        y, u, params, _ = np.split(record[_HEAD:].copy(), [n, n + m, n + m + p])
        found |= {"y": y, "u": u, "params": params, "out": np.zeros(k)}
    record[0] = 0
    return found


# Adaptors from the C signature to the arguments that a user writes. `record` is where a call that failed is kept, by the
# function at the address `failing`, ABSENT for functions of this project; `decorate` compiles. ---------------------------

FILL_NAN, FILL_ZERO, FILL_STATE = range(3)


@kernel(inline=True)
def _prepare(how, y, n, out, k):
    """Give `out` what stays where the function writes nothing."""
    if how == FILL_STATE:
        for i in range(n):
            out[i] = y[i]
    else:
        value = 0.0 if how == FILL_ZERO else np.nan
        for i in range(k):
            out[i] = value


@kernel
def fail(record, event, t, y, n, u, m, params, p, out, k):
    """Keep the arguments of a call that failed; its result is NaN.

    Called by its address: put in line, it took a third of the time in which a user's function is compiled.
    """
    note(record, event, t, y, n, u, m, params, p, k)
    for i in range(k):
        out[i] = np.nan
    return 0


FAIL = types.int64(types.int64, types.int64, types.float64, DOUBLES, types.int64, DOUBLES, types.int64, DOUBLES,
                   types.int64, DOUBLES, types.int64)  # fmt: skip


@functools.cache
def fail_address() -> int:
    """Return where the compiled :func:`fail` is."""
    return address_of(fail, FAIL)


entered = functools.partial(compiled, no_cpython_wrapper=True)  # by its address, or in line


def standard(inner: Any, record: int, failing: int, decorate: Callable = entered) -> Any:
    """Adapt ``f(t, y, u, params, out)``."""

    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        _prepare(FILL_NAN, y, n, out, k)
        arguments = (t, read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p)), carray(out, k))
        failed = outcome(inner, arguments) != 0.0
        if failing != ABSENT and failed:
            call_address(failing, (record, index, t, y, n, u, m, params, p, out, k))

    return function


def jacobian(inner: Any, record: int, failing: int, decorate: Callable = entered) -> Any:
    """Adapt ``jac(t, y, u, params, out)`` with out (N, N)."""

    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        _prepare(FILL_ZERO, y, n, out, k)
        arguments = (t, read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p)), carray(out, (n, n)))
        failed = outcome(inner, arguments) != 0.0
        if failing != ABSENT and failed:
            call_address(failing, (record, index, t, y, n, u, m, params, p, out, k))

    return function


def reset(inner: Any, record: int, failing: int, decorate: Callable = entered) -> Any:
    """Adapt ``reset(event, t, y, u, params, out)``; what it does not write stays."""

    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        _prepare(FILL_STATE, y, n, out, k)
        arguments = (index, t, read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p)),
                     carray(out, k))  # fmt: skip
        failed = outcome(inner, arguments) != 0.0
        if failing != ABSENT and failed:
            call_address(failing, (record, index, t, y, n, u, m, params, p, out, k))

    return function


def outputs(inner: Any, record: int, failing: int, decorate: Callable = entered) -> Any:
    """Adapt ``outputs(y, params, out)``."""

    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        _prepare(FILL_NAN, y, n, out, k)
        failed = outcome(inner, (read_only(carray(y, n)), read_only(carray(params, p)), carray(out, k))) != 0.0
        if failing != ABSENT and failed:
            call_address(failing, (record, index, t, y, n, u, 0, params, p, out, k))

    return function


def energy(inner: Any, record: int, failing: int, decorate: Callable = entered) -> Any:
    """Adapt ``energy(y, u, params) -> float``."""

    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        out[0] = outcome(inner, (read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p))))
        if failing != ABSENT and out[0] != out[0]:
            call_address(failing, (record, index, t, y, n, u, m, params, p, out, 1))

    return function


def signal(inner: Any, record: int, failing: int, decorate: Callable = entered) -> Any:
    """Adapt ``signal(t) -> float``."""

    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        out[0] = outcome(inner, (t,))
        if failing != ABSENT and out[0] != out[0]:
            call_address(failing, (record, index, t, y, 0, u, 0, params, 0, out, 1))

    return function
