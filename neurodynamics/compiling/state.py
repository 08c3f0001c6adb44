"""Arithmetic on whole states, for the drivers; each kernel has a numpy twin for systems that run uncompiled.

States and work rows are padded with zeros to a multiple of the vector width (:func:`padded`), so kernels need no tails.
`width` is that length, n the number of states.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.compiling.jit import kernel
from neurodynamics.compiling.pointers import offset, row
from neurodynamics.compiling.vector import WIDTH, fma, load, load_first, splat, store, store_first, width_of
from neurodynamics.validation import Floats

CACHE_LINE = 64  # bytes


def padded(n: int) -> int:
    """Return the length of a work row for n states."""
    return max(WIDTH, -(-n // WIDTH) * WIDTH)


def aligned_zeros(shape: int | tuple[int, ...], dtype: str = "float64") -> Floats:
    """Return zeros that begin where a cache line begins: a vector across two lines costs twice."""
    item = np.dtype(dtype).itemsize
    size = int(np.prod(shape))
    raw = np.zeros(size + CACHE_LINE // item, dtype=dtype)
    skip = -raw.ctypes.data % CACHE_LINE // item
    return raw[skip : skip + size].reshape(shape)


def _host_combine(y, h, weights, k, count, width, out):
    out[:] = y + (h * weights[:count]) @ k[:count]


@kernel(host=_host_combine, inline=True)
def combine(y, h, weights, k, count, width, out):
    """out = y + h sum_s weights[s] k[s], over the first `count` rows of k; four vectors share a weight."""
    vector = width_of(y)
    i = 0
    while i + 4 * vector <= width:
        p, q = load(y, i), load(y, i + vector)
        r, s = load(y, i + 2 * vector), load(y, i + 3 * vector)
        for stage in range(count):
            if weights[stage] != 0.0:
                factor = h * weights[stage]
                slope = offset(k, stage * width + i)
                p = fma(factor, load(slope, 0), p)
                q = fma(factor, load(slope, vector), q)
                r = fma(factor, load(slope, 2 * vector), r)
                s = fma(factor, load(slope, 3 * vector), s)
        store(out, i, p)
        store(out, i + vector, q)
        store(out, i + 2 * vector, r)
        store(out, i + 3 * vector, s)
        i += 4 * vector
    while i < width:
        acc = load(y, i)
        for stage in range(count):
            if weights[stage] != 0.0:
                acc = fma(h * weights[stage], load(k, stage * width + i), acc)
        store(out, i, acc)
        i += vector


def _host_scaled_norm(k, h, error, error_3, count, y, y_new, atol, rtol, n, width):
    scale = atol[:n] + rtol * np.maximum(np.abs(y[:n]), np.abs(y_new[:n]))
    e = (error @ k[:count, :n]) / scale
    e3 = (error_3 @ k[:count, :n]) / scale
    return combine_norms(h, float(e @ e), float(e3 @ e3), n)


@kernel(host=_host_scaled_norm)
def scaled_norm(k, h, error, error_3, count, y, y_new, atol, rtol, n, width):
    """Root mean square of the error estimate in units of the tolerance."""
    squares = 0.0
    squares_3 = 0.0
    for i in range(n):
        e = 0.0
        e_3 = 0.0
        for s in range(count):
            slope = k[s * width + i]
            e = fma(error[s], slope, e)
            e_3 = fma(error_3[s], slope, e_3)
        scale = 1.0 / (atol[i] + rtol * max(abs(y[i]), abs(y_new[i])))
        squares += (e * scale) ** 2
        squares_3 += (e_3 * scale) ** 2
    return combine_norms(h, squares, squares_3, n)


@kernel
def combine_norms(h, squares, squares_3, n):
    """|h| e^2 / sqrt((e^2 + 0.01 e3^2) n), which is |h| e / sqrt(n) without a second estimate (DOP853)."""
    if squares == 0.0:
        return 0.0
    return abs(h) * squares / np.sqrt((squares + 0.01 * squares_3) * n)


def _host_weighted_norm(x, y, atol, rtol, n):
    return float(np.sqrt(np.mean((x[:n] / (atol[:n] + rtol * np.abs(y[:n]))) ** 2))) if n else 0.0


@kernel(host=_host_weighted_norm)
def weighted_norm(x, y, atol, rtol, n):
    """Root mean square of x in units of the tolerance at y."""
    total = 0.0
    for i in range(n):
        total += (x[i] / (atol[i] + rtol * abs(y[i]))) ** 2
    return np.sqrt(total / max(n, 1))


def _host_distance(x, y, n):
    return float(np.linalg.norm(x[:n] - y[:n]))


@kernel(host=_host_distance)
def distance(x, y, n):
    """Euclidean distance."""
    total = 0.0
    for i in range(n):
        total += (x[i] - y[i]) ** 2
    return np.sqrt(total)


def _host_all_finite(y, n):
    return bool(np.isfinite(y[:n]).all())


@kernel(host=_host_all_finite)
def all_finite(y, n):
    """Whether no element is NaN or infinite."""
    total = 0.0
    for i in range(n):
        total += y[i] * 0.0
    return total == 0.0


def _host_dense_rows(k, h, dense, count, degree, width, q):
    q[:degree] = h * (dense[:count].T @ k[:count])


@kernel(host=_host_dense_rows)
def dense_rows(k, h, dense, count, degree, width, q):
    """q[d] = h sum_s dense[s, d] k[s]: the interpolant's coefficients in the fraction of the step."""
    for d in range(degree):
        for i in range(0, width, width_of(q)):
            acc = splat(0.0)
            for s in range(count):
                weight = dense[s * degree + d]
                if weight != 0.0:
                    acc = fma(h * weight, load(row(k, s, width), i), acc)
            store(row(q, d, width), i, acc)


def _host_polynomial(y, q, degree, x, width, out):
    if callable(q):  # an interpolant of SciPy's
        out[:] = q(x)
        return
    acc = q[degree - 1].copy()
    for d in range(degree - 2, -1, -1):
        acc = acc * x + q[d]
    out[:] = y + x * acc


@kernel(host=_host_polynomial, inline=True)
def interpolant_at(y, q, degree, x, width, out):
    """out = y + sum_d q[d] x^(d+1), as two interleaved chains in x^2: half the latency of one."""
    square = x * x
    for i in range(0, width, width_of(y)):
        last = load(row(q, degree - 1, width), i)
        before = load(row(q, degree - 2, width), i) if degree > 1 else load(y, i)
        for d in range(degree - 3, 0, -2):
            last = fma(last, square, load(row(q, d, width), i))
            before = fma(before, square, load(row(q, d - 1, width), i))
        if degree == 1:
            store(out, i, fma(last, x, before))
        elif degree % 2 == 0:  # the chains end with q[1] and q[0]
            store(out, i, fma(fma(last, x, before), x, load(y, i)))
        else:  # they end with q[2] and q[1]
            last = fma(last, square, load(row(q, 0, width), i))
            store(out, i, fma(fma(before, x, last), x, load(y, i)))


def _host_hermite(y, f, y_new, f_new, h, x, width, out):
    rise = y_new - y
    out[:] = y + x * (h * f + x * ((3 * rise - h * (2 * f + f_new)) + x * (h * (f + f_new) - 2 * rise)))


@kernel(host=_host_hermite)
def hermite(y, f, y_new, f_new, h, x, width, out):
    """The cubic with the given values and slopes at both ends of a step, at the fraction x."""
    for i in range(0, width, width_of(y)):
        rise = load(y_new, i) - load(y, i)
        left = h * load(f, i)
        right = h * load(f_new, i)
        cubic = left + right - 2.0 * rise
        square = 3.0 * rise - 2.0 * left - right
        store(out, i, fma(fma(fma(cubic, x, square), x, left), x, load(y, i)))


def _host_cubic_rows(y, f, y_new, f_new, h, width, q):
    rise = y_new - y
    q[0], q[1], q[2] = h * f, 3 * rise - h * (2 * f + f_new), h * (f + f_new) - 2 * rise


@kernel(host=_host_cubic_rows)
def cubic_rows(y, f, y_new, f_new, h, width, q):
    """The coefficients of the same cubic, q[d] of x^(d+1)."""
    for i in range(width):
        rise, left, right = y_new[i] - y[i], h * f[i], h * f_new[i]
        q[i] = left
        q[width + i] = 3.0 * rise - 2.0 * left - right
        q[2 * width + i] = left + right - 2.0 * rise


def _host_add(y, factor, x, width):
    y += factor * x


@kernel(host=_host_add)
def add(y, factor, x, width):
    """y += factor x."""
    for i in range(0, width, width_of(y)):
        store(y, i, fma(factor, load(x, i), load(y, i)))


def _host_multiply(y, x, width):
    y *= x


@kernel(host=_host_multiply)
def multiply(y, x, width):
    """Y *= x, element by element."""
    for i in range(0, width, width_of(y)):
        store(y, i, load(y, i) * load(x, i))


def _host_scale(y, factor, width):
    y *= factor


@kernel(host=_host_scale)
def scale(y, factor, width):
    """Y *= factor."""
    for i in range(0, width, width_of(y)):
        store(y, i, load(y, i) * factor)


def _host_copy(source, n, target):
    target[:n] = source[:n]


@kernel(host=_host_copy, inline=True)
def copy_to(source, n, target):
    """target[:n] = source[:n]."""
    vector = width_of(source)
    whole = n - n % vector
    for i in range(0, whole, vector):
        store(target, i, load(source, i))
    if n > whole:
        store_first(target, whole, load_first(source, whole, n - whole), n - whole)


def _host_copy_all(source, target):
    target[: source.size] = source


@kernel(host=_host_copy_all)
def copy(source, target):
    """target[:source.size] = source, without numba's broadcasting: that takes seconds to compile, and is never kept."""
    for i in range(source.size):
        target[i] = source[i]


@kernel
def keep(arrays):
    """Do nothing: arrays that are mentioned here, of which others have the addresses, have lived until here."""
