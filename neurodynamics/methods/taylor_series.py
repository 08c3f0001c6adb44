"""The Taylor coefficients of additive networks whose activation solves a Riccati equation.

With ``x = g (y + b)``, ``s = phi(x)`` and ``phi' = alpha + beta phi + gamma phi**2 =: q`` the coefficients of a solution
follow from each other (Y[k] = y^(k) r^k / k!, and so on, r a length near the step):

    Y[k+1] = r / ((k+1) tau) (-lambda Y[k] + W S[k] + V U[k] + c [k = 0])
    Q[k]   = alpha [k = 0] + beta S[k] + gamma sum_j S[j] S[k-j]
    S[k+1] = 1 / (k+1) sum_j Z[j] Q[k-j],      Z[j] = (j+1) g Y[j+1]

One matrix-vector product an order, one activation a step. Orders follow each other, so the time of one is what small
networks wait for: up to sixteen neurons S[k] and Y[k] stay in registers from order to order.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from neurodynamics.compiling import (
    WIDTH,
    call,
    doubles,
    extract,
    fma,
    kernel,
    load,
    matrix_vector,
    offset,
    padded,
    row,
    rows,
    splat,
    store,
)
from neurodynamics.inputs import input_coefficients
from neurodynamics.methods import frame as F, protocol as P
from neurodynamics.methods.convolution import inner_terms, inner_terms_of_four
from neurodynamics.methods.frame import no_doubles
from neurodynamics.methods.protocol import evaluate_drive, problem_of
from neurodynamics.methods.taylor_rows import AT_START, FIRST, PREPARE, SLOPE, Y_NEW, coefficients_of, own_rows
from neurodynamics.systems import BIAS, BLAS_FROM, CONSTANT, GAIN, LEAK, TAU, WEIGHTS

FUSED_BELOW = 25  # neurons below which the product stays in registers
UNROLL = 4  # columns of the matrix at a time

# rows: 1 / tau, lambda, g; scratch for W S; r / tau and g r / tau; 2 gamma s + beta; b; c + V u; then coefficients
INVERSE_TAU, LEAK_ROW, GAIN_ROW, DRIVE, AHEAD, AHEAD_GAIN, TURN, BIAS_ROW, STEADY, FIXED_ROWS = range(10)


def work_rows(order: int, n: int) -> int:
    """Return the number of work rows: what is shared, constants, Z, S, Q, and W by columns for small N."""
    return FIRST + FIXED_ROWS + 5 * (order + 1) + (padded(n) if n < BLAS_FROM else 0)


class Series(NamedTuple):
    """The coefficients Y, Z, S, Q of a step, and W by padded columns; `work` holds the constants."""

    order: int
    alpha: float
    beta: float
    gamma: float
    work: Any
    Y: Any
    Z: Any
    S: Any
    Q: Any
    W: Any
    weights: Any


@kernel
def series_of(frame):
    """Return the series of a frame."""
    numbers, shared = doubles(frame, F.NUMBERS), coefficients_of(frame)
    work, width, length = own_rows(frame), frame[F.WIDTH], shared.order + 1
    return Series(
        shared.order, numbers[F.ALPHA], numbers[F.BETA], numbers[F.GAMMA], work, shared.Y, rows(work, FIXED_ROWS, width),
        rows(work, FIXED_ROWS + length, width), rows(work, FIXED_ROWS + 2 * length, width),
        rows(work, FIXED_ROWS + 3 * length, width), offset(doubles(frame, F.PARAMS), WEIGHTS * frame[F.N]),
    )  # fmt: skip


@kernel
def pack(params, n, width, work, W):
    """Copy what every order needs into padded rows."""
    for i in range(n):
        work[INVERSE_TAU * width + i] = 1.0 / params[TAU * n + i]
        work[LEAK_ROW * width + i] = params[LEAK * n + i]
        work[GAIN_ROW * width + i] = params[GAIN * n + i]
        work[BIAS_ROW * width + i] = params[BIAS * n + i]
    if n < BLAS_FROM:
        for j in range(n):
            for i in range(n):
                W[j * width + i] = params[WEIGHTS * n + j * n + i]


@kernel
def _product(s, n, width, W, weights, out):
    """out += W s: from padded columns, four blocks of neurons at a time, or for large networks by BLAS."""
    if n >= BLAS_FROM:
        matrix_vector(weights, s, n, 1.0, out)
        return
    i = 0
    while i + 4 * WIDTH <= width:
        a, b = load(out, i), load(out, i + WIDTH)
        c, d = load(out, i + 2 * WIDTH), load(out, i + 3 * WIDTH)
        for j in range(n):
            sj = splat(s[j])
            column = j * width + i
            a = fma(load(W, column), sj, a)
            b = fma(load(W, column + WIDTH), sj, b)
            c = fma(load(W, column + 2 * WIDTH), sj, c)
            d = fma(load(W, column + 3 * WIDTH), sj, d)
        store(out, i, a)
        store(out, i + WIDTH, b)
        store(out, i + 2 * WIDTH, c)
        store(out, i + 3 * WIDTH, d)
        i += 4 * WIDTH
    while i < width:
        store(out, i, _block_product(s, n, width, W, i, load(out, i)))
        i += WIDTH


@kernel(inline=True)
def _block_product(s, n, width, W, i, acc):
    """Acc + (W s) of eight neurons, as four interleaved sums; columns beyond n are zero."""
    a, b, c = splat(0.0), splat(0.0), splat(0.0)
    for j in range(0, n, UNROLL):
        column = j * width + i
        acc = fma(load(W, column), splat(s[j]), acc)
        a = fma(load(W, column + width), splat(s[j + 1]), a)
        b = fma(load(W, column + 2 * width), splat(s[j + 2]), b)
        c = fma(load(W, column + 3 * width), splat(s[j + 3]), c)
    return (acc + a) + (b + c)


@kernel
def _add_inputs(problem, factor, out):
    """out += factor V u."""
    params, n, m, u = problem.params, problem.n, problem.drive.m, problem.drive.u
    V = WEIGHTS * n + n * n
    if problem.p == V and m > 0:
        for i in range(n):
            out[i] += factor * u[i]
    else:
        for k in range(m):
            for i in range(n):
                out[i] += factor * params[V + k * n + i] * u[k]


@kernel
def additive_slope(frame, stage, t, t_ref):
    """S[0] = phi(g (y + b)) and f = f(t, y)."""
    problem, series, shared = problem_of(frame, no_doubles()), series_of(frame), doubles(frame, F.WORK)
    if stage == PREPARE:
        pack(problem.params, problem.n, problem.width, series.work, series.W)
        steady_drive(problem, row(series.work, STEADY, problem.width))
        return 0
    y = doubles(frame, F.Y) if stage == AT_START else row(shared, Y_NEW, problem.width)
    f = row(shared, SLOPE, problem.width)
    work, s, n, width, drive = series.work, series.S, problem.n, problem.width, problem.drive
    for i in range(0, width, WIDTH):
        store(s, i, load(work, GAIN_ROW * width + i) * (load(y, i) + load(work, BIAS_ROW * width + i)))
    call(problem.functions[P.ACTIVATION], t, s, width, drive.u, drive.m, problem.params, problem.p, s, width)
    steady = row(work, STEADY, width)
    if drive.varying:
        evaluate_drive(problem, t, t_ref)
        steady_drive(problem, steady)
    for i in range(0, width, WIDTH):
        store(f, i, fma(-load(work, LEAK_ROW * width + i), load(y, i), load(steady, i)))
    _product(s, n, width, series.W, series.weights, f)
    for i in range(0, width, WIDTH):
        store(f, i, load(f, i) * load(work, INVERSE_TAU * width + i))
    return 0


@kernel
def steady_drive(problem, out):
    """out = c + V u."""
    n, params = problem.n, problem.params
    for i in range(n):
        out[i] = params[CONSTANT * n + i]
    _add_inputs(problem, 1.0, out)


@kernel(inline=True)
def first_order(frame, series, width, r):
    """Y[0], Y[1], Z[0], Q[0] and S[1] from S[0] and f, and what every order needs.

    An order waits for the one before it, so all that it does not need comes first: sums take what is newest last.
    """
    work, beta, gamma = series.work, series.beta, series.gamma
    y, f = doubles(frame, F.Y), row(doubles(frame, F.WORK), SLOPE, width)
    for i in range(0, width, WIDTH):
        ahead = r * load(work, INVERSE_TAU * width + i)
        gain = load(work, GAIN_ROW * width + i)
        first = r * load(f, i)
        s = load(series.S, i)
        slope = fma(fma(gamma, s, beta), s, series.alpha)
        z = gain * first
        store(work, AHEAD * width + i, ahead)
        store(work, AHEAD_GAIN * width + i, ahead * gain)
        store(work, TURN * width + i, fma(2.0 * gamma, s, beta))
        store(series.Y, i, load(y, i))
        store(series.Y, width + i, first)
        store(series.Z, i, z)
        store(series.Q, i, slope)
        store(series.S, width + i, z * slope)


@functools.cache
def orders_for(n: int, varying: bool) -> Any:
    """Return the kernel that climbs to Y[order] from y and f, for networks of n neurons; drivers have its address."""
    if n > 2 * WIDTH or varying:
        return climb_any
    columns = max(4, -(-n // 4) * 4)
    if n > WIDTH:
        return _climb_two(columns)
    return _climb_one(columns, inner_terms_of_four if columns == 4 else inner_terms)


@kernel
def climb_any(frame, t, t_ref, r):
    """The orders of a network of any size, with inputs that may vary."""
    problem, series = problem_of(frame, no_doubles()), series_of(frame)
    n, width, drive, work = problem.n, problem.width, problem.drive, series.work
    first_order(frame, series, width, r)
    Y, Z, S, Q, W, gamma = series.Y, series.Z, series.S, series.Q, series.W, series.gamma
    product = row(work, DRIVE, width)
    power = 1.0
    fused = n < FUSED_BELOW and not drive.varying
    for k in range(1, series.order):
        s = row(S, k, width)
        if not fused:
            for i in range(0, width, WIDTH):
                store(product, i, 0.0)
            if drive.varying:
                power *= r
                input_coefficients(drive.m, drive.terms, drive.n_terms, drive.data, t, t_ref, k, drive.u)
                _add_inputs(problem, power, product)
            _product(s, n, width, W, series.weights, product)
        for i in range(0, width, WIDTH):
            leak = -load(work, LEAK_ROW * width + i) * load(Y, k * width + i)
            rate = _block_product(s, n, width, W, i, leak) if fused else load(product, i) + leak
            chain, square = inner_terms(Z, Q, S, k, width, i)
            _next(k, i, width, gamma, chain, square, rate, load(s, i), work, Y, Z, S, Q)
    return 0


def _climb_one(columns, inner_terms):
    """Return the orders of a network of one vector; what an order hands to the next stays in registers."""

    @kernel
    def climb(frame, t, t_ref, r):
        series = series_of(frame)
        gamma, work, W, Y, Z, S, Q = series.gamma, series.work, series.W, series.Y, series.Z, series.S, series.Q
        first_order(frame, series, WIDTH, r)
        s, y = load(S, WIDTH), load(Y, WIDTH)
        for k in range(1, series.order):
            a, b, c, d = -load(work, LEAK_ROW * WIDTH) * y, splat(0.0), splat(0.0), splat(0.0)
            for j in range(0, columns, UNROLL):
                a = fma(load(W, j * WIDTH), splat(extract(s, j)), a)
                b = fma(load(W, (j + 1) * WIDTH), splat(extract(s, j + 1)), b)
                c = fma(load(W, (j + 2) * WIDTH), splat(extract(s, j + 2)), c)
                d = fma(load(W, (j + 3) * WIDTH), splat(extract(s, j + 3)), d)
            rate = (a + b) + (c + d)
            chain, square = inner_terms(Z, Q, S, k, WIDTH, 0)
            s, y = _next(k, 0, WIDTH, gamma, chain, square, rate, s, work, Y, Z, S, Q)
        return 0

    return climb


def _climb_two(columns):
    """Return the orders of a network of two vectors."""
    width, other = 2 * WIDTH, WIDTH

    @kernel
    def climb(frame, t, t_ref, r):
        series = series_of(frame)
        gamma, work, W, Y, Z, S, Q = series.gamma, series.work, series.W, series.Y, series.Z, series.S, series.Q
        first_order(frame, series, width, r)
        s, s_2, y, y_2 = load(S, width), load(S, width + other), load(Y, width), load(Y, width + other)
        for k in range(1, series.order):
            a, b = -load(work, LEAK_ROW * width) * y, splat(0.0)
            a_2, b_2 = -load(work, LEAK_ROW * width + other) * y_2, splat(0.0)
            for j in range(0, WIDTH, 2):
                left, right = splat(extract(s, j)), splat(extract(s, j + 1))
                a, b = fma(load(W, j * width), left, a), fma(load(W, (j + 1) * width), right, b)
                a_2, b_2 = fma(load(W, j * width + other), left, a_2), fma(load(W, (j + 1) * width + other), right, b_2)
            for j in range(0, columns - WIDTH, 2):
                left, right = splat(extract(s_2, j)), splat(extract(s_2, j + 1))
                column = (WIDTH + j) * width
                a, b = fma(load(W, column), left, a), fma(load(W, column + width), right, b)
                a_2, b_2 = fma(load(W, column + other), left, a_2), fma(load(W, column + width + other), right, b_2)
            chain, square = inner_terms(Z, Q, S, k, width, 0)
            s, y = _next(k, 0, width, gamma, chain, square, a + b, s, work, Y, Z, S, Q)
            chain, square = inner_terms(Z, Q, S, k, width, other)
            s_2, y_2 = _next(k, other, width, gamma, chain, square, a_2 + b_2, s_2, work, Y, Z, S, Q)
        return 0

    return climb


@kernel(inline=True)
def _next(k, i, width, gamma, chain, square, rate, s, work, Y, Z, S, Q):
    """Y[k+1] and S[k+1] of a vector of neurons, from the sums of order k."""
    share = 1.0 / (k + 1.0)
    slope = fma(load(work, TURN * width + i), s, gamma * square)
    z = load(work, AHEAD_GAIN * width + i) * rate
    chain = fma(share * load(Z, i), slope, share * chain)
    s = fma(z, share * load(Q, i), chain)
    y = (share * load(work, AHEAD * width + i)) * rate
    store(Z, k * width + i, z)
    store(Q, k * width + i, slope)
    store(S, (k + 1) * width + i, s)
    store(Y, (k + 1) * width + i, y)
    return s, y
