"""Orthonormal tangent vectors, and how much each of them grew.

Tangent vectors are the rows of a (k, n) array. Row m is freed of the rows before it and scaled to length one; the
logarithm of the length that was left is its growth. Projections are repeated where they cancelled ("twice is enough").
Many vectors are freed of earlier blocks of them at once, through BLAS.

A row that is mapped to zero, or into the span of those before it, is dead: it grows by minus infinity and stays zero.
"""

from __future__ import annotations

import numpy as np
from numba import carray

from neurodynamics.compiling import WIDTH, extract, fma, kernel, load, load_first, offset, row, splat, store, store_first

BLOCK = 32  # rows that are made orthogonal to each other one by one
CANCELLED = 0.25  # of the squared length is left: project again
DEAD = 1e-15  # of the length is left, times the square root of the dimension: nothing but rounding


@kernel
def dot(x, y, n):
    """sum_i x_i y_i."""
    total = 0.0
    if n < WIDTH:
        for i in range(n):
            total = fma(x[i], y[i], total)
        return total
    acc, other = splat(0.0), splat(0.0)
    whole = n - n % (2 * WIDTH)
    for i in range(0, whole, 2 * WIDTH):
        acc = fma(load(x, i), load(y, i), acc)
        other = fma(load(x, i + WIDTH), load(y, i + WIDTH), other)
    for i in range(whole, n, WIDTH):
        rest = min(n - i, WIDTH)
        acc = fma(load_first(x, i, rest), load_first(y, i, rest), acc)
    acc = acc + other
    for i in range(WIDTH):
        total += extract(acc, i)
    return total


@kernel
def add_multiple(y, factor, x, n):
    """y += factor x."""
    if n < WIDTH:
        for i in range(n):
            y[i] = fma(factor, x[i], y[i])
        return
    whole = n - n % WIDTH
    for i in range(0, whole, WIDTH):
        store(y, i, fma(splat(factor), load(x, i), load(y, i)))
    rest = n - whole
    if rest:
        store_first(y, whole, fma(splat(factor), load_first(x, whole, rest), load_first(y, whole, rest)), rest)


def _host_orthonormalise(q, n, k, growth):
    vectors = q[: k * n].reshape(k, n)
    spread = 0.0
    for m, v in enumerate(vectors):
        before = np.linalg.norm(v)
        for _ in range(2):
            v -= (vectors[:m] @ v) @ vectors[:m]
        length = np.linalg.norm(v)
        alive = length > DEAD * np.sqrt(n) * before and before > 0
        v[:] = v / length if alive or np.isnan(length) else 0.0
        growth[m] += np.log(length) if alive or np.isnan(length) else -np.inf
        spread = max(spread, abs(np.log(length))) if alive else spread
    return float(spread) if np.isfinite(vectors).all() else np.nan


@kernel(host=_host_orthonormalise)
def orthonormalise(q, n, k, growth):
    """Make k rows orthonormal; add the logarithms of their growth; return the largest of their sizes, NaN if one is."""
    spread = 0.0
    for first in range(0, k, BLOCK):
        last = min(first + BLOCK, k)
        if first > 0:
            free_of_earlier(q, n, first, last)
        for m in range(first, last):
            change = free_and_scale(q, n, first, m, growth)
            spread = max(spread, change) if change == change else np.nan
            if spread != spread:
                return spread
    return spread


def _host_rescale(q, n, k, growth):
    size = np.linalg.norm(q[: k * n]) / np.sqrt(k)
    q[: k * n] /= size
    growth[0] += np.log(size)
    return float(abs(np.log(size)))


@kernel(host=_host_rescale)
def rescale(q, n, k, growth):
    """Scale all rows by one factor, so that they neither overflow nor vanish; add its logarithm to growth[0]."""
    size = np.sqrt(dot(q, q, k * n) / k)
    for i in range(k * n):
        q[i] /= size
    growth[0] += np.log(size)
    return abs(np.log(size))


@kernel
def free_of_earlier(q, n, first, last):
    """Project the rows first .. last - 1 off the rows before them, twice."""
    earlier = carray(q, (first, n))
    block = carray(offset(q, first * n), (last - first, n))
    for _ in range(2):
        block -= np.dot(np.dot(block, earlier.T), earlier)


@kernel
def free_and_scale(q, n, first, m, growth):
    """Project row m off the rows first .. m - 1, scale it to length one, and return the size of its growth."""
    v = row(q, m, n)
    before = dot(v, v, n)
    left = before
    for _ in range(2):
        start = left
        for j in range(first, m):
            other = row(q, j, n)
            add_multiple(v, -dot(other, v, n), other, n)
        left = dot(v, v, n) if m > first else left
        if left > CANCELLED * start:
            break
    if left <= DEAD * DEAD * n * before or left == 0.0:
        growth[m] = -np.inf
        for i in range(n):
            v[i] = 0.0
        return 0.0
    change = 0.5 * np.log(left)
    growth[m] += change
    factor = 1.0 / np.sqrt(left)
    for i in range(n):
        v[i] *= factor
    return abs(change)
