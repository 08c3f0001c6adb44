"""Sums over products of power series, for kernels that climb from order to order.

The sums of order k have k - 1 terms, so as loops they end somewhere else at every order, with few terms each: most of the
time would go into guessing where. Here the terms lie one after the other in the machine code, those of the newest
coefficients last, and each order jumps to where its terms begin.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from neurodynamics.compiling import WIDTH, float64s

HIGHEST = 32  # order
WORD = ir.IntType(64)


def _terms_of(lanes: int) -> Any:
    def terms(typingctx: Any, Z: Any, Q: Any, S: Any, k: Any, width: Any, i: Any) -> Any:
        """Return sum_j Z[j] Q[k-j] and sum_j S[j] S[k-j] over 0 < j < k <= HIGHEST, of a vector's elements from i on.

        Z, Q, S are pointers to rows of that width. The terms of j and k - j are added together, to three sums: products
        with Z[j] of the upper half, of the lower half, and squares; the middle terms of an even k come first.
        """

        def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            vector = ir.VectorType(ir.DoubleType(), lanes)
            zero = ir.Constant(vector, [0.0] * lanes)
            spread = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [min(lane, lanes) for lane in range(WIDTH)])
            Z, Q, S = args[:3]
            k, width, i = (context.cast(builder, x, t, types.int64) for x, t in zip(args[3:], sig.args[3:], strict=True))
            signature = ir.FunctionType(vector, [vector] * 3)
            multiply_add = cgutils.get_or_insert_function(builder.module, signature, f"llvm.fma.v{lanes}f64")

            def load(base: Any, index: Any) -> Any:
                return builder.load(builder.bitcast(builder.gep(base, [index]), vector.as_pointer()), align=8)

            def fma(a: Any, b: Any, c: Any) -> Any:
                return builder.call(multiply_add, [a, b, c])

            def whole(x: Any) -> Any:
                return x if lanes == WIDTH else builder.shuffle_vector(x, zero, spread)

            pairs = builder.lshr(builder.sub(k, WORD(1)), WORD(1))
            low = builder.add(builder.mul(pairs, width), i)
            high = builder.add(builder.mul(builder.sub(k, pairs), width), i)
            middle = builder.add(builder.mul(builder.lshr(k, WORD(1)), width), i)
            even = builder.icmp_signed("==", builder.and_(k, WORD(1)), WORD(0))
            root = load(S, middle)
            square = builder.select(even, builder.fmul(root, root), zero)
            upper = builder.select(even, builder.fmul(load(Z, middle), load(Q, middle)), zero)

            # pair p is of j = p + 1 and k - j; the jump goes to the last, from where the others follow
            enter, first = builder.block, [upper, zero, zero, high, low]
            blocks = [builder.append_basic_block(f"pair{p}") for p in range(HIGHEST // 2)]
            done = builder.append_basic_block("done")
            switch = builder.switch(pairs, done)
            before, values = enter, first
            for p in reversed(range(HIGHEST // 2)):
                switch.add_case(WORD(p + 1), blocks[p])
                builder.position_at_end(blocks[p])
                upper, lower, half, high, low = _merged(builder, first, enter, values, before)
                z_low, q_low, s_low = load(Z, low), load(Q, low), load(S, low)
                upper, lower = fma(load(Z, high), q_low, upper), fma(load(Q, high), z_low, lower)
                half = fma(load(S, high), s_low, half)
                before, values = blocks[p], [upper, lower, half, builder.add(high, width), builder.sub(low, width)]
                builder.branch(blocks[p - 1] if p else done)
            builder.position_at_end(done)
            upper, lower, half, *_ = _merged(builder, first, enter, values, before)
            sums = [builder.fadd(upper, lower), builder.fadd(builder.fadd(half, half), square)]
            return context.make_tuple(builder, sig.return_type, [whole(x) for x in sums])

        return types.UniTuple(float64s, 2)(Z, Q, S, k, width, i), codegen

    return intrinsic(terms)


inner_terms = _terms_of(WIDTH)
inner_terms_of_four = _terms_of(4)  # of the first four elements, for the smallest networks; the others are 0


def _merged(builder: Any, first: list[Any], enter: Any, second: list[Any], other: Any) -> list[Any]:
    """Return the values of a block that is reached from two others, or from the first alone."""
    if other is enter:
        return first
    merged = []
    for a, b in zip(first, second, strict=True):
        phi = builder.phi(a.type)
        phi.add_incoming(a, enter)
        phi.add_incoming(b, other)
        merged.append(phi)
    return merged
