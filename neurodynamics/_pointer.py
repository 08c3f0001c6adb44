"""One C signature for all functions of a dynamical system, and how kernels call a function by its address.

Integrators receive addresses as plain integers, so they are compiled once and serve every system.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, overload

_DOUBLES = types.CPointer(types.float64)
SIGNATURE = types.void(
    types.int64,  # index: which event (reset), else 0
    types.float64,  # t
    _DOUBLES,  # y
    types.int64,
    _DOUBLES,  # u
    types.int64,
    _DOUBLES,  # params
    types.int64,
    _DOUBLES,  # out
    types.int64,
)
_FLOATS = types.CPointer(types.float32)
SIGNATURE32 = types.void(
    types.int64, types.float32, _FLOATS, types.int64, _FLOATS, types.int64, _FLOATS, types.int64, _FLOATS, types.int64
)
ABSENT = 0  # the address of a function that a system does not have


def address_of(dispatcher: Any, signature: Any = SIGNATURE) -> int:
    """Compile a kernel of the given C signature and return its address; it stays valid while the kernel lives."""
    result = dispatcher.get_compile_result(signature)
    return result.library.get_pointer_to_function(result.fndesc.llvm_cfunc_wrapper_name)


def call(f: Any, t: float, y: Any, u: Any, params: Any, out: Any) -> None:
    """Call the function at address f; run uncompiled, call f itself."""
    f(t, y, u, params, out)


def call_reset(f: Any, event: int, t: float, y: Any, u: Any, params: Any, out: Any) -> None:
    """Call the reset function at address f; run uncompiled, call f itself."""
    f(event, t, y, u, params, out)


@overload(call, inline="always")
def _call(f, t, y, u, params, out):  # type: ignore[no-untyped-def]
    return lambda f, t, y, u, params, out: _invoke(f, 0, t, y, u, params, out)


@overload(call_reset, inline="always")
def _call_reset(f, event, t, y, u, params, out):  # type: ignore[no-untyped-def]
    return lambda f, event, t, y, u, params, out: _invoke(f, event, t, y, u, params, out)


@intrinsic
def _invoke(typingctx: Any, f: Any, index: Any, t: Any, y: Any, u: Any, params: Any, out: Any) -> Any:
    """Call by address; arrays of any number of dimensions are passed as their contiguous data."""
    real = out.dtype

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        address, index, t, *arrays = args
        values = [context.cast(builder, index, sig.args[1], types.int64), context.cast(builder, t, sig.args[2], real)]
        for value, ty in zip(arrays, sig.args[3:], strict=True):
            array = context.make_array(ty)(context, builder, value)
            values += [array.data, array.nitems]
        signature = ir.FunctionType(ir.VoidType(), [value.type for value in values])
        builder.call(builder.inttoptr(address, signature.as_pointer()), values)
        return context.get_dummy_value()

    return types.void(f, index, t, y, u, params, out), codegen
