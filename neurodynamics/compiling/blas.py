"""The matrix-vector product of BLAS behind pointers: what ``np.dot`` calls, without its arrays and its checks."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_CHAR, _SIZE, _VOID = ir.IntType(8), ir.IntType(64), ir.IntType(8).as_pointer()


@intrinsic
def matrix_vector(typingctx: Any, matrix: Any, x: Any, n: Any, beta: Any, out: Any) -> Any:
    """out = matrix x + beta out, for n columns of n doubles behind each other."""
    from numba.np.linalg import ensure_blas  # brings all of numba's arrays along, which a loaded kernel needs nothing of

    ensure_blas()

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        matrix, x, n, beta, out = args
        n = context.cast(builder, n, sig.args[2], types.int64)
        scalars = []
        for value in (context.get_constant(types.float64, 1.0), context.cast(builder, beta, sig.args[3], types.float64)):
            slot = cgutils.alloca_once(builder, value.type)
            builder.store(value, slot)
            scalars.append(builder.bitcast(slot, _VOID))
        kind, transposed = ir.Constant(_CHAR, ord("d")), ir.Constant(_CHAR, ord("n"))
        signature = ir.FunctionType(ir.IntType(32), [_CHAR, _CHAR, _SIZE, _SIZE, _VOID, _VOID, _SIZE, _VOID, _VOID, _VOID])
        function = cgutils.get_or_insert_function(builder.module, signature, "numba_xxgemv")
        pointers = [builder.bitcast(value, _VOID) for value in (matrix, x, out)]
        builder.call(function, [kind, transposed, n, n, scalars[0], pointers[0], n, pointers[1], scalars[1], pointers[2]])
        return context.get_dummy_value()

    return types.void(matrix, x, n, beta, out), codegen
