"""Plain pointers in kernels, and one C signature for all functions of a dynamical system.

Drivers receive the addresses of functions as integers, so they are compiled once and serve every system. Inside, they work
on pointers and lengths rather than on arrays: numba counts references at each slice of an array and at each tuple that
holds one, which costs more than a step of a small network.

Every helper is an ordinary Python function for which an intrinsic stands in kernels. Run uncompiled, a "pointer" is the
array itself, so that the same driver source serves systems of plain Python functions.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from neurodynamics.compiling.twins import in_kernels
from neurodynamics.compiling.waiting import whole

DOUBLES = types.CPointer(types.float64)
SINGLES = types.CPointer(types.float32)
INTEGERS = types.CPointer(types.int64)


def c_signature(real: Any, reals: Any) -> Any:
    """(index, t, y, n, u, m, params, p, out, k): index is the event for `reset`, else 0."""
    return types.void(types.int64, real, reals, types.int64, reals, types.int64, reals, types.int64, reals, types.int64)


ABSENT = 0  # the address of a function that a system does not have
SIGNATURE = c_signature(types.float64, DOUBLES)
ADVANCE = types.int64(INTEGERS, types.int64)  # of a driver, see :mod:`neurodynamics.methods.frame`
SIGNATURE32 = c_signature(types.float32, SINGLES)


def address_of(dispatcher: Any, signature: Any = SIGNATURE) -> int:
    """Compile a kernel of the given C signature and return its address; it stays valid while the kernel lives."""
    if hasattr(dispatcher, "address"):  # a kernel, or a closure over addresses
        return dispatcher.address(signature)
    result = whole(lambda: dispatcher.get_compile_result(signature))
    return result.library.get_pointer_to_function(result.fndesc.llvm_cfunc_wrapper_name)


# Functions by their address ------------------------------------------------------------------------------------------


def call(f: Any, t: float, y: Any, n: int, u: Any, m: int, params: Any, p: int, out: Any, k: int) -> None:
    """Call the function at address f; run uncompiled, call f itself with arrays."""
    f(t, y[:n], u, params, out[:k])


def call_reset(f: Any, event: int, t: float, y: Any, n: int, u: Any, m: int, params: Any, p: int, out: Any) -> None:
    """Call the reset function at address f; run uncompiled, call f itself with arrays."""
    f(event, t, y[:n], u, params, out[:n])


@in_kernels(call)
def _call(typingctx: Any, f: Any, t: Any, y: Any, n: Any, u: Any, m: Any, params: Any, p: Any, out: Any, k: Any) -> Any:
    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        f, *values = args
        index = ir.Constant(ir.IntType(64), 0)
        return _invoke(context, builder, f, [index, *_cast(context, builder, values, sig.args[1:], y.dtype)])

    return types.void(f, t, y, n, u, m, params, p, out, k), codegen


@in_kernels(call_reset)
def _call_reset(typingctx: Any, f: Any, event: Any, t: Any, y: Any, n: Any, u: Any, m: Any, params: Any, p: Any,
                out: Any) -> Any:  # fmt: skip
    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        f, event, *values = args
        index = context.cast(builder, event, sig.args[1], types.int64)
        values = _cast(context, builder, [*values, args[4]], [*sig.args[2:], sig.args[4]], y.dtype)
        return _invoke(context, builder, f, [index, *values])

    return types.void(f, event, t, y, n, u, m, params, p, out), codegen


def _cast(context: Any, builder: Any, values: list[Any], given: Any, real: Any) -> list[Any]:
    wanted = c_signature(real, types.CPointer(real)).args[1:]
    return [context.cast(builder, value, *kinds) for value, *kinds in zip(values, given, wanted, strict=True)]


def _invoke(context: Any, builder: Any, address: Any, values: list[Any]) -> Any:
    function = ir.FunctionType(ir.VoidType(), [value.type for value in values])
    builder.call(builder.inttoptr(address, function.as_pointer()), values)
    return context.get_dummy_value()


def call_address(f: Any, args: tuple[Any, ...]) -> int:
    """Call the kernel at address f, which returns an integer; run uncompiled, call f itself."""
    return f(*args)


@in_kernels(call_address)
def _call_address(typingctx: Any, f: Any, args: Any) -> Any:
    """The arguments must be of the types that the kernel was compiled for; literal integers count as int64."""

    def codegen(context: Any, builder: Any, sig: Any, given: Any) -> Any:
        values = [
            context.cast(builder, value, kind, types.unliteral(kind))
            for value, kind in zip(cgutils.unpack_tuple(builder, given[1]), sig.args[1].types, strict=True)
        ]
        function = ir.FunctionType(ir.IntType(64), [value.type for value in values])
        return builder.call(builder.inttoptr(given[0], function.as_pointer()), values)

    return types.int64(f, args), codegen


@intrinsic
def call_advance(typingctx: Any, f: Any, frame: Any, budget: Any) -> Any:
    """Call the driver at address f; frame is a pointer."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        budget = context.cast(builder, args[2], sig.args[2], types.int64)
        function = ir.FunctionType(ir.IntType(64), [args[1].type, budget.type])
        return builder.call(builder.inttoptr(args[0], function.as_pointer()), [args[1], budget])

    return types.int64(f, frame, budget), codegen


# Pointers ------------------------------------------------------------------------------------------------------------


def pointer(array: Any) -> Any:
    """Return where the contiguous array begins; run uncompiled, the array."""
    return array


def row(matrix: Any, k: int, width: int) -> Any:
    """Return where row k of a matrix of rows of that width begins; run uncompiled, the row."""
    return matrix[k]


def rows(matrix: Any, k: int, width: int) -> Any:
    """Return where the rows from k on begin; run uncompiled, those rows."""
    return matrix[k:]


def offset(vector: Any, k: int) -> Any:
    """Return where element k of a vector is; run uncompiled, the rest of the vector."""
    return vector[k:]


@in_kernels(pointer)
def _pointer(typingctx: Any, array: Any) -> Any:
    if not isinstance(array, types.Array):  # a pointer already, or the address of a function
        return array(array), lambda context, builder, sig, args: args[0]
    if array.layout != "C":
        raise TypingError(f"kernels take contiguous arrays only, not {array}")

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_array(sig.args[0])(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), codegen


def _whole_numbers(context: Any, builder: Any, sig: Any, args: Any) -> list[Any]:
    """Return the arguments behind the first."""
    return [context.cast(builder, value, kind, types.int64) for value, kind in zip(args[1:], sig.args[1:], strict=True)]


def _row(typingctx: Any, matrix: Any, k: Any, width: Any) -> Any:
    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        k, width = _whole_numbers(context, builder, sig, args)
        return builder.gep(args[0], [builder.mul(k, width)])

    return matrix(matrix, k, width), codegen


in_kernels(row)(_row)
in_kernels(rows)(_row)


@in_kernels(offset)
def _offset(typingctx: Any, vector: Any, k: Any) -> Any:
    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.gep(args[0], _whole_numbers(context, builder, sig, args))

    return vector(vector, k), codegen


@intrinsic
def address(typingctx: Any, array: Any) -> Any:
    """Return the address of the first element of a contiguous array, as an integer."""
    if array.layout != "C":
        raise TypingError(f"kernels take contiguous arrays only, not {array}")

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(data, ir.IntType(64))

    return types.int64(array), codegen
