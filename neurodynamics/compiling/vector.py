"""An explicit vector type for kernels, and helpers that mean the same for one number and for a vector of them.

LLVM's vectoriser gives up on most of the loops this project lives on, so kernels say what they mean: they load,
combine and store vectors of eight doubles (or sixteen floats). LLVM splits them by itself on processors with narrower
registers. Arithmetic operators work on vectors, and a plain number beside a vector stands for a vector of equal
elements.

======================================  ================================================================================
``load(a, i)``                          ``a[i : i + width]`` of a contiguous array or a pointer
``load_first(a, i, k)``                 the first k of them, zeros behind; memory behind them is not touched
``store``, ``store_first``              the same, writing
``splat(x)``                            every element is x
``extract(x, i)``                       element i
``insert(x, i, value)``                 x with element i replaced
``fma(a, b, c)``                        ``a * b + c``, rounded once
``absolute``, ``copysign``              as in C
``clamp(x, low, high)``                 NaN stays NaN
``select_positive(x, a, b)``            a where x > 0, else b
``select_outside(x, low, high, a, b)``  a where x < low or x > high, else b
``round_even(x)``                       nearest integer, as a floating-point number
``power2(x + SHIFTER)``                 ``2**n``, n the integer nearest to x, from the bits that the sum ends in
``scale2(x, n)``                        ``x * 2**n``; n holds an integer, and 2**n is a normal number
``precision(x, pair)``                  the first constant of a pair in double precision, the second in single
``polynomial(x, pair)``                 ascending coefficients, one tuple for each precision; a short chain
``elementwise(f)``                      a compiled function of numbers, made to work on vectors as well
``stack(n)``                            pointer to n doubles on the stack, n a compile-time constant
======================================  ================================================================================

No operation is contracted or reordered by the compiler, so a scalar and a lane compute bitwise the same.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import extending
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import lower_builtin, models, overload, register_model, type_callable

from neurodynamics.compiling.jit import compiled

intrinsic: Any = extending.intrinsic  # its type says that kernels pass the typing context themselves

WIDTH = 8  # doubles in a vector; twice as many floats


class Vector(types.Type):
    """Numba's name for a vector of ``width`` elements of a floating-point type."""

    def __init__(self, dtype: types.Float, width: int) -> None:
        self.dtype = dtype
        self.width = width
        super().__init__(name=f"vector{width}x{dtype}")


float64s = Vector(types.float64, WIDTH)
float32s = Vector(types.float32, 2 * WIDTH)
_VECTOR_OF = {types.float64: float64s, types.float32: float32s}
_IR = {types.float64: ir.DoubleType(), types.float32: ir.FloatType()}


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Vector) -> None:
        super().__init__(dmm, fe_type, ir.VectorType(_IR[fe_type.dtype], fe_type.width))


# Arithmetic ----------------------------------------------------------------------------------------------------------


def _common(*args: types.Type) -> types.Type | None:
    """The vector type among the arguments, when the others are that type or numbers."""
    vectors = {a for a in args if isinstance(a, Vector)}
    if len(vectors) == 1 and all(isinstance(a, (Vector, types.Number)) for a in args):
        return vectors.pop()
    return None


def _splat(context: Any, builder: Any, value: Any, fromty: types.Type, toty: Vector) -> Any:
    if isinstance(fromty, Vector):
        return value
    value = context.cast(builder, value, fromty, toty.dtype)
    vector_type = ir.VectorType(_IR[toty.dtype], toty.width)
    first = builder.insert_element(ir.Constant(vector_type, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), toty.width), [0] * toty.width)
    return builder.shuffle_vector(first, ir.Constant(vector_type, ir.Undefined), mask)


def _binary(op: Any, name: str) -> None:
    @type_callable(op)
    def typer(context: Any) -> Any:
        return lambda a, b: _common(a, b)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        a, b = (_splat(context, builder, x, t, sig.return_type) for x, t in zip(args, sig.args, strict=True))
        return getattr(builder, name)(a, b)

    lower_builtin(op, Vector, Vector)(lower)
    lower_builtin(op, Vector, types.Number)(lower)
    lower_builtin(op, types.Number, Vector)(lower)


for _op, _name in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv")):
    _binary(_op, _name)


@type_callable(operator.neg)
def _type_neg(context: Any) -> Any:
    return lambda a: a if isinstance(a, Vector) else None


@lower_builtin(operator.neg, Vector)
def _lower_neg(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.fneg(args[0])


# Memory --------------------------------------------------------------------------------------------------------------


def _element_pointer(context: Any, builder: Any, ty: types.Type, value: Any, index: Any) -> Any:
    data = context.make_array(ty)(context, builder, value).data if isinstance(ty, types.Array) else value
    return builder.gep(data, [index])


def _vector_at(ty: types.Type) -> Vector:
    if isinstance(ty, types.Array) and ty.ndim == 1 and ty.layout == "C":
        return _VECTOR_OF[ty.dtype]
    if isinstance(ty, types.CPointer):
        return _VECTOR_OF[ty.dtype]
    raise TypingError(f"vectors live in contiguous 1-D arrays or behind pointers, not in {ty}")


def _vector_pointer(context: Any, builder: Any, ty: types.Type, value: Any, index: Any) -> tuple[Any, Any, int]:
    vector = _vector_at(ty)
    vector_type = ir.VectorType(_IR[vector.dtype], vector.width)
    pointer = _element_pointer(context, builder, ty, value, index)
    return builder.bitcast(pointer, vector_type.as_pointer()), vector_type, vector.dtype.bitwidth // 8


@intrinsic
def width_of(typingctx: Any, a: Any) -> Any:
    """Return how many elements of the array or pointer one vector holds, a compile-time constant."""
    width = _vector_at(a).width
    return types.IntegerLiteral(width)(a), lambda context, builder, sig, args: context.get_constant(types.int64, width)


@intrinsic
def load(typingctx: Any, a: Any, i: Any) -> Any:
    """Return ``a[i : i + width]``."""
    vector = _vector_at(a)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], sig.args[1], types.intp)
        pointer, _, align = _vector_pointer(context, builder, sig.args[0], args[0], index)
        return builder.load(pointer, align=align)

    return vector(a, i), codegen


@intrinsic
def store(typingctx: Any, a: Any, i: Any, x: Any) -> Any:
    """Set ``a[i : i + width] = x``."""
    vector = _vector_at(a)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], sig.args[1], types.intp)
        pointer, _, align = _vector_pointer(context, builder, sig.args[0], args[0], index)
        builder.store(_splat(context, builder, args[2], sig.args[2], vector), pointer, align=align)
        return context.get_dummy_value()

    return types.void(a, i, x), codegen


def _mask(context: Any, builder: Any, count: Any, count_type: Any, width: int) -> Any:
    lanes = ir.VectorType(ir.IntType(64), width)
    count = context.cast(builder, count, count_type, types.int64)
    first = builder.insert_element(ir.Constant(lanes, ir.Undefined), count, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    counts = builder.shuffle_vector(first, ir.Constant(lanes, ir.Undefined), zeros)
    return builder.icmp_signed("<", ir.Constant(lanes, list(range(width))), counts)


def _masked(name: str, vector_type: Any, returns: Any, leading: list[Any], builder: Any) -> Any:
    suffix = f"v{vector_type.count}f{64 if isinstance(vector_type.element, ir.DoubleType) else 32}"
    bits = ir.VectorType(ir.IntType(1), vector_type.count)
    tail = [bits, vector_type] if name == "load" else [bits]
    fnty = ir.FunctionType(returns, [*leading, vector_type.as_pointer(), ir.IntType(32), *tail])
    return cgutils.get_or_insert_function(builder.module, fnty, f"llvm.masked.{name}.{suffix}.p0")


@intrinsic
def load_first(typingctx: Any, a: Any, i: Any, count: Any) -> Any:
    """Return ``a[i : i + count]`` with zeros behind."""
    vector = _vector_at(a)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], sig.args[1], types.intp)
        pointer, vector_type, align = _vector_pointer(context, builder, sig.args[0], args[0], index)
        mask = _mask(context, builder, args[2], sig.args[2], vector.width)
        function = _masked("load", vector_type, vector_type, [], builder)
        zeros = ir.Constant(vector_type, [0.0] * vector.width)
        return builder.call(function, [pointer, ir.Constant(ir.IntType(32), align), mask, zeros])

    return vector(a, i, count), codegen


@intrinsic
def store_first(typingctx: Any, a: Any, i: Any, x: Any, count: Any) -> Any:
    """Set ``a[i : i + count]`` to the first elements of x."""
    vector = _vector_at(a)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], sig.args[1], types.intp)
        pointer, vector_type, align = _vector_pointer(context, builder, sig.args[0], args[0], index)
        mask = _mask(context, builder, args[3], sig.args[3], vector.width)
        function = _masked("store", vector_type, ir.VoidType(), [vector_type], builder)
        value = _splat(context, builder, args[2], sig.args[2], vector)
        builder.call(function, [value, pointer, ir.Constant(ir.IntType(32), align), mask])
        return context.get_dummy_value()

    return types.void(a, i, x, count), codegen


@intrinsic
def stack(typingctx: Any, n: Any) -> Any:
    """Return a pointer to n doubles on the stack of the calling function; n is a constant."""
    if not isinstance(n, types.IntegerLiteral):
        return None
    length = n.literal_value

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        with builder.goto_entry_block():
            buffer = builder.alloca(ir.ArrayType(ir.DoubleType(), length))
            buffer.align = 64
        return builder.bitcast(buffer, ir.DoubleType().as_pointer())

    return types.CPointer(types.float64)(n), codegen


@intrinsic
def stack_like(typingctx: Any, a: Any, n: Any) -> Any:
    """Return a pointer to n doubles' worth of bytes on the stack of the calling function, of the element type of a."""
    if not isinstance(n, types.IntegerLiteral):
        return None
    element, length = a.dtype, n.literal_value * 64 // a.dtype.bitwidth

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        with builder.goto_entry_block():
            buffer = builder.alloca(ir.ArrayType(_IR[element], length))
            buffer.align = 64
        return builder.bitcast(buffer, _IR[element].as_pointer())

    return types.CPointer(element)(a, n), codegen


@intrinsic
def load_same(typingctx: Any, a: Any, i: Any) -> Any:
    """Return a vector whose elements are all ``a[i]``."""
    vector = _vector_at(a)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], sig.args[1], types.intp)
        value = builder.load(_element_pointer(context, builder, sig.args[0], args[0], index))
        return _splat(context, builder, value, vector.dtype, vector)

    return vector(a, i), codegen


@intrinsic
def splat(typingctx: Any, x: Any) -> Any:
    """Return a vector of equal elements."""
    if isinstance(x, Vector):
        return x(x), lambda context, builder, sig, args: args[0]
    vector = _VECTOR_OF[x]
    return vector(x), lambda context, builder, sig, args: _splat(context, builder, args[0], x, vector)


# Helpers with one meaning for numbers and for vectors ---------------------------------------------------------------


def _llvm_call(name: str, count: int) -> Any:
    """An elementwise LLVM intrinsic of ``count`` arguments, for float64, float32 and vectors of them."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        result = sig.return_type
        ty = context.get_value_type(result)
        suffix = f"v{result.width}f{result.dtype.bitwidth}" if isinstance(result, Vector) else f"f{result.bitwidth}"
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ty, [ty] * count), f"llvm.{name}.{suffix}"
        )
        return builder.call(function, _cast_all(context, builder, sig, args))

    return codegen


def _result(*args: types.Type) -> types.Type:
    """The widest of the arguments: a vector before a number; the first number's precision (constants are cast)."""
    vector = _common(*args)
    if vector is not None:
        return vector
    return next((a for a in args if isinstance(a, types.Float)), types.float64)


@intrinsic
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c``, rounded once."""
    return _result(a, b, c)(a, b, c), _llvm_call("fma", 3)


@intrinsic
def round_even(typingctx: Any, x: Any) -> Any:
    """Return the nearest integer, ties to even, as a floating-point number."""
    return _result(x)(x), _llvm_call("rint", 1)


@intrinsic
def absolute(typingctx: Any, x: Any) -> Any:
    """Return ``|x|``."""
    return _result(x)(x), _llvm_call("fabs", 1)


@intrinsic
def copysign(typingctx: Any, x: Any, s: Any) -> Any:
    """Return ``|x|`` with the sign of s."""
    return _result(x, s)(x, s), _llvm_call("copysign", 2)


@intrinsic
def clamp(typingctx: Any, x: Any, low: Any, high: Any) -> Any:
    """Return x limited to [low, high]; NaN stays NaN."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        x, low, high = _cast_all(context, builder, sig, args)
        x = builder.select(builder.fcmp_ordered("<", x, low), low, x)
        return builder.select(builder.fcmp_ordered(">", x, high), high, x)

    return _result(x, low, high)(x, low, high), codegen


@intrinsic
def select_positive(typingctx: Any, x: Any, a: Any, b: Any) -> Any:
    """Return a where x > 0, else b (b for NaN)."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        x, a, b = _cast_all(context, builder, sig, args)
        zero = ir.Constant(x.type, [0.0] * x.type.count if isinstance(x.type, ir.VectorType) else 0.0)
        return builder.select(builder.fcmp_ordered(">", x, zero), a, b)

    return _result(x, a, b)(x, a, b), codegen


@intrinsic
def select_outside(typingctx: Any, x: Any, low: Any, high: Any, a: Any, b: Any) -> Any:
    """Return a where x < low or x > high, else b (b for NaN)."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        x, low, high, a, b = _cast_all(context, builder, sig, args)
        outside = builder.or_(builder.fcmp_ordered("<", x, low), builder.fcmp_ordered(">", x, high))
        return builder.select(outside, a, b)

    return _result(x, low, high, a, b)(x, low, high, a, b), codegen


def _cast_all(context: Any, builder: Any, sig: Any, args: Any) -> list[Any]:
    result = sig.return_type
    if isinstance(result, Vector):
        return [_splat(context, builder, x, t, result) for x, t in zip(args, sig.args, strict=True)]
    return [context.cast(builder, x, t, result) for x, t in zip(args, sig.args, strict=True)]


@intrinsic
def precision(typingctx: Any, x: Any, pair: Any) -> Any:
    """Return the first of a pair of constants where x is of double precision, else the second."""
    result = x if isinstance(x, Vector) else _result(x)
    which = 0 if _dtype(result) == types.float64 else 1

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        constant = builder.extract_value(args[1], which)
        return _splat_or_cast(context, builder, constant, pair.types[which], result)

    return result(x, pair), codegen


@intrinsic
def polynomial(typingctx: Any, x: Any, pair: Any) -> Any:
    """Return the sum of ``c[k] * x**k``, c the first tuple of a pair for an x of double precision, else the second.

    Terms are joined in pairs, pairs in pairs and so on (Estrin's scheme): the chain of dependent operations, which is
    what a small network waits for, grows with the logarithm of the degree.
    """
    result = x if isinstance(x, Vector) else _result(x)
    which = 0 if _dtype(result) == types.float64 else 1

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        terms = cgutils.unpack_tuple(builder, builder.extract_value(args[1], which))
        terms = [_splat_or_cast(context, builder, c, types.float64, result) for c in terms]
        power = _splat_or_cast(context, builder, args[0], sig.args[0], result)
        fused = _llvm_call("fma", 3)
        while len(terms) > 1:
            pairs = zip(terms[::2], terms[1::2], strict=False)
            joined = [fused(context, builder, result(result, result, result), (b, power, a)) for a, b in pairs]
            terms = joined + terms[2 * len(joined) :]
            power = builder.fmul(power, power)
        return terms[0]

    return result(x, pair), codegen


SHIFTER = (1.5 * 2.0**52, 1.5 * 2.0**23)  # the sum with it, double or single, ends in the nearest integer's bits


@intrinsic
def power2(typingctx: Any, shifted: Any) -> Any:
    """Return ``2**n`` for ``shifted = n + SHIFTER``, a normal number; a NaN gives some number."""
    result = shifted if isinstance(shifted, Vector) else _result(shifted)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _power2(builder, args[0], result)

    return result(shifted), codegen


def _power2(builder: Any, shifted: Any, ty: types.Type) -> Any:
    bits, mantissa, bias = (64, 52, 1023) if _dtype(ty) == types.float64 else (32, 23, 127)
    integer = ir.IntType(bits)
    constants = [ir.Constant(integer, bias), ir.Constant(integer, mantissa)]
    if isinstance(ty, Vector):
        integer = ir.VectorType(integer, ty.width)
        constants = [ir.Constant(integer, [c.constant] * ty.width) for c in constants]
    exponent = builder.add(builder.bitcast(shifted, integer), constants[0])
    return builder.bitcast(builder.shl(exponent, constants[1]), shifted.type)


def _dtype(ty: types.Type) -> types.Type:
    return ty.dtype if isinstance(ty, Vector) else ty


def _splat_or_cast(context: Any, builder: Any, value: Any, fromty: types.Type, toty: types.Type) -> Any:
    if isinstance(toty, Vector):
        return _splat(context, builder, value, fromty, toty)
    return context.cast(builder, value, fromty, toty)


@intrinsic
def scale2(typingctx: Any, x: Any, n: Any) -> Any:
    """Return ``x * 2**n``; n holds an integer and 2**n is a normal number."""
    result = _result(x, n)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        x, n = _cast_all(context, builder, sig, args)
        shifter = SHIFTER[0 if _dtype(result) == types.float64 else 1]
        shifter = _splat_or_cast(context, builder, ir.Constant(ir.DoubleType(), shifter), types.float64, result)
        return builder.fmul(x, _power2(builder, builder.fadd(n, shifter), result))

    return result(x, n), codegen


# Elements ------------------------------------------------------------------------------------------------------------


@intrinsic
def extract(typingctx: Any, x: Any, i: Any) -> Any:
    """Return element i of a vector."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.extract_element(args[0], context.cast(builder, args[1], sig.args[1], types.int32))

    return x.dtype(x, i), codegen


@intrinsic
def insert(typingctx: Any, x: Any, i: Any, value: Any) -> Any:
    """Return the vector x with element i replaced."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        element = context.cast(builder, args[2], sig.args[2], sig.args[0].dtype)
        return builder.insert_element(args[0], element, context.cast(builder, args[1], sig.args[1], types.int32))

    return x(x, i, value), codegen


def elementwise(f: Any) -> Any:
    """Return a kernel that is the compiled function f for numbers, and f of every element for vectors."""

    def over_elements(x):  # type: ignore[no-untyped-def]
        return _map(f, x)

    return compiled(over_elements)


def _map(f: Any, x: Any) -> Any:
    raise NotImplementedError("for kernels only")


@overload(_map)
def _overload_map(f, x):  # type: ignore[no-untyped-def]
    if not isinstance(x, Vector):
        return lambda f, x: 1.0 * f(x)
    width = x.width

    def over_vector(f, x):  # type: ignore[no-untyped-def]
        y = x
        for i in range(width):
            y = insert(y, i, 1.0 * f(extract(x, i)))
        return y

    return over_vector
