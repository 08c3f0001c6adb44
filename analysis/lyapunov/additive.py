"""Tangent products of additive networks, without forming the Jacobian.

    dq_i/dt = (-lambda_i q_i + sum_j W_ij s_j q_j) / tau_i,    s_j = g_j phi'(g_j (y_j + b_j))

Small networks: four tangent vectors share each load of a column of W. Large networks: one matrix product in BLAS, which
for the largest also holds the outputs of the state, so that W is read once.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numba import carray

from neurodynamics.activations import Activation
from neurodynamics.compiling import (
    WIDTH,
    SystemFunction,
    copy_to,
    fma,
    kernel,
    load,
    load_first,
    offset,
    pointer,
    pointer_kernel,
    splat,
    stack,
    store,
    store_first,
)
from neurodynamics.systems import BIAS, BLAS_FROM, CONSTANT, GAIN, LEAK, TAU, WEIGHTS, additive_functions

PRODUCT_BLAS_FROM = 48  # neurons from which BLAS forms the products
FOUR_ROWS = 4 * PRODUCT_BLAS_FROM


@functools.cache
def additive_tangent(activation: Activation) -> SystemFunction:
    """Return the slope of the extended state of additive networks with this activation."""
    rhs = additive_functions(activation)["rhs"].source
    slopes = _slopes(activation.derivative)
    outputs = additive_functions(activation)["outputs"].source

    @kernel
    def large(t, y, n, u, m, params, p, out, k):
        """State and vectors by one product: the first row holds the outputs, the others s_j q_j."""
        q = offset(y, n + 1)
        rows, s = np.empty((k + 1, n)), np.empty(n)
        first = pointer(rows)
        outputs(0, t, y, n, u, m, params, p, first, n)
        slopes(params, y, n, s)
        for i in range(k):
            _times(s, offset(q, i * n), n, offset(first, (i + 1) * n))
        product = np.dot(rows, carray(offset(params, WEIGHTS * n), (n, n)))
        state_slope(product[0], y, n, u, m, params, p, out)
        out[n] = trace_of(params, s, n)
        for i in range(k):
            target = offset(out, n + 1 + i * n)
            copy_to(offset(pointer(product), (i + 1) * n), n, target)
            _leak_and_scale(params, n, offset(q, i * n), target)

    @pointer_kernel
    def additive_extended_slope(index, t, y, n, u, m, params, p, out, k):
        q, products = offset(y, n + 1), offset(out, n + 1)
        if n >= BLAS_FROM:
            large(t, y, n, u, m, params, p, out, k)
            return
        rhs(0, t, y, n, u, m, params, p, out, n)
        if n >= PRODUCT_BLAS_FROM:
            s = np.empty(n)
            slopes(params, y, n, s)
            out[n] = trace_of(params, s, n)
            products_by_blas(params, s, n, q, products, k)
        else:
            few = stack(PRODUCT_BLAS_FROM)
            slopes(params, y, n, few)
            out[n] = trace_of(params, few, n)
            products_by_rows(params, few, n, q, products, k)

    return SystemFunction("rhs", additive_extended_slope)


@kernel
def state_slope(drive, y, n, u, m, params, p, out):
    """out = (W o + V u + c - lambda y) / tau, with the drive W o at hand."""
    weights_end = WEIGHTS * n + n * n
    weighted = p > weights_end
    for i in range(n):
        total = drive[i] + params[CONSTANT * n + i] - params[LEAK * n + i] * y[i]
        if weighted:
            for j in range(m):
                total += params[weights_end + j * n + i] * u[j]
        elif m > 0:
            total += u[i]
        out[i] = total / params[TAU * n + i]


def _slopes(derivative: Any) -> Any:
    @kernel
    def slopes(params, y, n, s):
        """s_j = g_j phi'(g_j (y_j + b_j))."""
        for i in range(0, n, WIDTH):
            rest = min(n - i, WIDTH)
            g = load_first(params, GAIN * n + i, rest)
            y_plus_b = load_first(y, i, rest) + load_first(params, BIAS * n + i, rest)
            store_first(s, i, g * derivative(g * y_plus_b), rest)

    return slopes


@kernel
def trace_of(params, s, n):
    """sum_i (W_ii s_i - lambda_i) / tau_i."""
    total = 0.0
    for i in range(n):
        total += (params[WEIGHTS * n + i * n + i] * s[i] - params[LEAK * n + i]) / params[TAU * n + i]
    return total


@kernel
def products_by_rows(params, s, n, q, out, k):
    """The products of k vectors, four at a time."""
    scaled = stack(FOUR_ROWS)
    m = 0
    while m + 4 <= k:
        for i in range(4):
            for j in range(n):
                scaled[i * n + j] = s[j] * q[(m + i) * n + j]
        _four_products(params, scaled, n, offset(q, m * n), offset(out, m * n))
        m += 4
    while m < k:
        for j in range(n):
            scaled[j] = s[j] * q[m * n + j]
        _one_product(params, scaled, n, offset(q, m * n), offset(out, m * n))
        m += 1


@kernel
def _one_product(params, z, n, q, out):
    for i in range(0, n, WIDTH):
        rest = min(n - i, WIDTH)
        acc = splat(0.0)
        for j in range(n):
            acc = fma(load_first(params, WEIGHTS * n + j * n + i, rest), splat(z[j]), acc)
        acc = fma(-load_first(params, LEAK * n + i, rest), load_first(q, i, rest), acc)
        store_first(out, i, acc * (1.0 / load_first(params, TAU * n + i, rest)), rest)


@kernel
def _four_products(params, z, n, q, out):
    for i in range(0, n, WIDTH):
        rest = min(n - i, WIDTH)
        a, b, c, d = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
        if rest == WIDTH:
            for j in range(n):
                w = load(params, WEIGHTS * n + j * n + i)
                a = fma(w, splat(z[j]), a)
                b = fma(w, splat(z[n + j]), b)
                c = fma(w, splat(z[2 * n + j]), c)
                d = fma(w, splat(z[3 * n + j]), d)
        else:
            for j in range(n):
                w = load_first(params, WEIGHTS * n + j * n + i, rest)
                a = fma(w, splat(z[j]), a)
                b = fma(w, splat(z[n + j]), b)
                c = fma(w, splat(z[2 * n + j]), c)
                d = fma(w, splat(z[3 * n + j]), d)
        leak = load_first(params, LEAK * n + i, rest)
        rate = 1.0 / load_first(params, TAU * n + i, rest)
        store_first(out, i, fma(-leak, load_first(q, i, rest), a) * rate, rest)
        store_first(out, n + i, fma(-leak, load_first(q, n + i, rest), b) * rate, rest)
        store_first(out, 2 * n + i, fma(-leak, load_first(q, 2 * n + i, rest), c) * rate, rest)
        store_first(out, 3 * n + i, fma(-leak, load_first(q, 3 * n + i, rest), d) * rate, rest)


@kernel
def products_by_blas(params, s, n, q, out, k):
    """The products of k vectors as one matrix product: W is packed column by column, which is W' row by row."""
    scaled = np.empty((k, n))
    start = pointer(scaled)
    for m in range(k):
        _times(s, offset(q, m * n), n, offset(start, m * n))
    transposed = carray(offset(params, WEIGHTS * n), (n, n))
    np.dot(scaled, transposed, carray(out, (k, n)))
    for m in range(k):
        _leak_and_scale(params, n, offset(q, m * n), offset(out, m * n))


@kernel
def _times(s, q, n, out):
    whole = n - n % WIDTH
    for i in range(0, whole, WIDTH):
        store(out, i, load(s, i) * load(q, i))
    for i in range(whole, n):
        out[i] = s[i] * q[i]


@kernel
def _leak_and_scale(params, n, q, out):
    """out = (out - lambda q) / tau."""
    whole = n - n % WIDTH
    for i in range(0, whole, WIDTH):
        acc = fma(-load(params, LEAK * n + i), load(q, i), load(out, i))
        store(out, i, acc * (1.0 / load(params, TAU * n + i)))
    for i in range(whole, n):
        out[i] = fma(-params[LEAK * n + i], q[i], out[i]) * (1.0 / params[TAU * n + i])
