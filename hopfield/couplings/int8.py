"""Products of int8 patterns with vectors of floats, without a float copy of the patterns.

    overlaps:  m[k] = sum_i xi[k, i] v[i]        expand:  h[i] += sum_k xi[k, i] m[k]

A pattern entry takes one byte of memory traffic instead of eight. In float64 every product is exact and the sums err by
at most ``N * 2**-53`` of their absolute terms; in float32 by ``N * 2**-24`` (typically the square root of it).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from neurodynamics.compiling import Vector, fma, kernel, load, splat, store


@intrinsic
def load_as(typingctx: Any, a: Any, i: Any, like: Any) -> Any:
    """Return ``a[i : i + width]`` of a contiguous array, int8 or float, as a vector of the type of ``like``."""
    if not isinstance(like, Vector):
        raise TypingError(f"the model must be a vector, not {like}")
    if not (isinstance(a, types.Array) and a.ndim == 1 and a.layout == "C" and a.dtype in (types.int8, like.dtype)):
        raise TypingError(f"patterns live in contiguous 1-D arrays of int8 or {like.dtype}, not in {a}")
    small = a.dtype == types.int8
    element = ir.IntType(8) if small else ir.DoubleType() if like.dtype == types.float64 else ir.FloatType()
    align = 1 if small else like.dtype.bitwidth // 8

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], sig.args[1], types.intp)
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        pointer = builder.bitcast(builder.gep(data, [index]), ir.VectorType(element, like.width).as_pointer())
        loaded = builder.load(pointer, align=align)
        if not small:
            return loaded
        words = builder.sext(loaded, ir.VectorType(ir.IntType(32), like.width))
        return builder.sitofp(words, context.get_value_type(like))

    return like(a, i, like), codegen


@kernel
def overlaps(xi, v, m):
    """m[k] = sum_i xi[k * N + i] v[i], with the patterns xi flat and row-major."""
    parts = np.empty(np.int64(64) // v.itemsize, v.dtype)
    fours = m.size - m.size % 4
    for k in range(0, fours, 4):
        _dot_four(xi, k, v, m, parts)
    for k in range(fours, m.size):
        m[k] = 0
        for i in range(v.size):
            m[k] += xi[k * v.size + i] * v[i]


@kernel
def _dot_four(xi, k, v, m, parts):
    """m[k], .., m[k + 3] at once: every part of v is loaded once for four patterns; ``parts`` is room for a vector."""
    n, width = v.size, parts.size
    parts[:] = 0
    zero = load(parts, 0)
    a0, a1, b0, b1, c0, c1, d0, d1 = zero, zero, zero, zero, zero, zero, zero, zero
    a, b, c, d = k * n, (k + 1) * n, (k + 2) * n, (k + 3) * n
    whole = n - n % (2 * width)
    for i in range(0, whole, 2 * width):
        j = i + width
        x, y = load(v, i), load(v, j)
        a0, a1 = fma(load_as(xi, a + i, x), x, a0), fma(load_as(xi, a + j, x), y, a1)
        b0, b1 = fma(load_as(xi, b + i, x), x, b0), fma(load_as(xi, b + j, x), y, b1)
        c0, c1 = fma(load_as(xi, c + i, x), x, c0), fma(load_as(xi, c + j, x), y, c1)
        d0, d1 = fma(load_as(xi, d + i, x), x, d0), fma(load_as(xi, d + j, x), y, d1)
    m[k], m[k + 1] = _total(a0 + a1, parts), _total(b0 + b1, parts)
    m[k + 2], m[k + 3] = _total(c0 + c1, parts), _total(d0 + d1, parts)
    for i in range(whole, n):
        for row in range(4):
            m[k + row] += xi[(k + row) * n + i] * v[i]


@kernel
def _total(vector, parts):
    """The sum of a vector's elements, in their order."""
    store(parts, 0, vector)
    return parts.sum()


@kernel
def expand(xi, m, h, first, last):
    """h[i] += sum_k m[k] xi[k * N + i] for first <= i < last, with the patterns xi flat and row-major."""
    fours = m.size - m.size % 4
    for k in range(0, fours, 4):
        _add_four(xi, k, m, h, first, last)
    for k in range(fours, m.size):
        for i in range(first, last):
            h[i] += xi[k * h.size + i] * m[k]


@kernel
def _add_four(xi, k, m, h, first, last):
    """h[i] += m[k] xi[k, i] + .. + m[k + 3] xi[k + 3, i]: every part of h is loaded and stored once."""
    n = h.size
    width = np.int64(64) // h.itemsize
    whole = last - (last - first) % width
    a, b, c, d = k * n, (k + 1) * n, (k + 2) * n, (k + 3) * n
    m0, m1, m2, m3 = splat(m[k]), splat(m[k + 1]), splat(m[k + 2]), splat(m[k + 3])
    for i in range(first, whole, width):
        total = fma(load_as(xi, a + i, m0), m0, load(h, i))
        total = fma(load_as(xi, b + i, m0), m1, total)
        total = fma(load_as(xi, c + i, m0), m2, total)
        store(h, i, fma(load_as(xi, d + i, m0), m3, total))
    for i in range(whole, last):
        h[i] += xi[a + i] * m[k] + xi[b + i] * m[k + 1] + xi[c + i] * m[k + 2] + xi[d + i] * m[k + 3]
