"""Arithmetic on whole states, for the drivers; each kernel has a numpy twin for systems that run uncompiled.

Work arrays are rows padded with zeros to a multiple of the vector width (:func:`padded`), so that kernels need no tails.
"""

from __future__ import annotations

import numpy as np

from neurodynamics._jit import kernel
from neurodynamics._vector import WIDTH, fma, load, splat, store


def padded(n: int) -> int:
    """Return the length of a work row for n states."""
    return max(WIDTH, -(-n // WIDTH) * WIDTH)


def _host_combine(y, h, weights, k, count, out):
    out[:] = y + (h * weights[:count]) @ k[:count]


@kernel(host=_host_combine)
def combine(y, h, weights, k, count, out):
    """Out = y + h sum_s weights[s] k[s], over the first `count` rows of k."""
    for i in range(0, y.size, WIDTH):
        acc = load(y, i)
        for s in range(count):
            if weights[s] != 0.0:
                acc = fma(splat(h * weights[s]), load(k[s], i), acc)
        store(out, i, acc)


def _host_scaled_norm(k, h, error, error_3, y, y_new, atol, rtol, n):
    scale = atol[:n] + rtol * np.maximum(np.abs(y[:n]), np.abs(y_new[:n]))
    rows = error.size
    e = (error @ k[:rows, :n]) / scale
    e3 = (error_3 @ k[:rows, :n]) / scale
    return _combine_norms(h, float(e @ e), float(e3 @ e3), n)


@kernel(host=_host_scaled_norm)
def scaled_norm(k, h, error, error_3, y, y_new, atol, rtol, n):
    """Root mean square of the error estimate in units of the tolerance."""
    squares = 0.0
    squares_3 = 0.0
    for i in range(n):
        e = 0.0
        e_3 = 0.0
        for s in range(error.size):
            e = fma(error[s], k[s, i], e)
            e_3 = fma(error_3[s], k[s, i], e_3)
        scale = atol[i] + rtol * max(abs(y[i]), abs(y_new[i]))
        squares += (e / scale) ** 2
        squares_3 += (e_3 / scale) ** 2
    return _combine_norms(h, squares, squares_3, n)


@kernel
def _combine_norms(h, squares, squares_3, n):
    """|h| e^2 / sqrt((e^2 + 0.01 e3^2) n), which is |h| e / sqrt(n) without a second estimate (DOP853)."""
    if squares == 0.0:
        return 0.0
    return abs(h) * squares / np.sqrt((squares + 0.01 * squares_3) * n)


@kernel
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


def _host_dense_rows(k, h, dense, count, rows):
    rows[:] = h * (dense[:count].T @ k[:count])


@kernel(host=_host_dense_rows)
def dense_rows(k, h, dense, count, rows):
    """rows[d] = h sum_s dense[s, d] k[s]: the interpolant's coefficients in the fraction of the step."""
    for d in range(dense.shape[1]):
        row = rows[d]
        for i in range(0, row.size, WIDTH):
            acc = splat(0.0)
            for s in range(count):
                if dense[s, d] != 0.0:
                    acc = fma(splat(h * dense[s, d]), load(k[s], i), acc)
            store(row, i, acc)


def _host_polynomial(y, rows, x, out):
    acc = rows[-1].copy()
    for d in range(rows.shape[0] - 2, -1, -1):
        acc = acc * x + rows[d]
    out[: y.size] = y + x * acc


@kernel(host=_host_polynomial)
def polynomial(y, rows, x, out):
    """Out = y + sum_d rows[d] x^(d+1)."""
    for i in range(0, y.size, WIDTH):
        acc = load(rows[rows.shape[0] - 1], i)
        for d in range(rows.shape[0] - 2, -1, -1):
            acc = fma(acc, splat(x), load(rows[d], i))
        store(out, i, fma(acc, splat(x), load(y, i)))


def _host_hermite(y, f, y_new, f_new, h, x, out):
    out[:] = (
        y + x * (h * f + x * ((3 * (y_new - y) - h * (2 * f + f_new)) + x * (h * (f + f_new) - 2 * (y_new - y))))
    )


@kernel(host=_host_hermite)
def hermite(y, f, y_new, f_new, h, x, out):
    """The cubic with the given values and slopes at both ends of a step, at the fraction x."""
    for i in range(0, y.size, WIDTH):
        rise = load(y_new, i) - load(y, i)
        left = h * load(f, i)
        right = h * load(f_new, i)
        cubic = left + right - 2.0 * rise
        square = 3.0 * rise - 2.0 * left - right
        store(out, i, fma(fma(fma(cubic, splat(x), square), splat(x), left), splat(x), load(y, i)))


def _host_copy(source, n, target):
    target[:n] = source[:n]


@kernel(host=_host_copy)
def copy_to(source, n, target):
    """target[:n] = source[:n]."""
    for i in range(n):
        target[i] = source[i]
