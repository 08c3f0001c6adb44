"""The driver of Taylor steps for additive networks whose activation solves a Riccati equation.

With ``x = g (y + b)``, ``s = phi(x)`` and ``phi' = alpha + beta phi + gamma phi**2 =: q`` the coefficients of a solution
follow from each other (Y[k] = y^(k) r^k / k!, and so on, r a length near the step):

    Y[k+1] = r / ((k+1) tau) (-lambda Y[k] + W S[k] + V U[k] + c [k = 0])
    Q[k]   = alpha [k = 0] + beta S[k] + gamma sum_j S[j] S[k-j]
    S[k+1] = 1 / (k+1) sum_j Z[j] Q[k-j],      Z[j] = (j+1) g Y[j+1]

One matrix-vector product an order, one activation a step. The polynomial is its own dense output.

The step is proposed from the size of the last two terms [1]_ and accepted by the residual ``h (p'(h) - f(p(h)))`` of the
polynomial p at its end, which divided by the order plus one is the local error, and whose f starts the next step. So a
threshold that the coefficients cannot see (a saturated neuron has none) rejects the step that jumps it.

References
----------
.. [1] Jorba & Zou (2005), A software package for the numerical integration of ODEs by means of high-order Taylor
   methods, Experimental Mathematics 14, 99.
"""

from __future__ import annotations

import functools

import numpy as np

from neurodynamics import _frame as F
from neurodynamics import _protocol as P
from neurodynamics._additive_kernels import BIAS, BLAS_FROM, CONSTANT, GAIN, LEAK, TAU, WEIGHTS
from neurodynamics._blas import matrix_vector
from neurodynamics._convolution import inner_terms, inner_terms_of_four
from neurodynamics._frame import doubles, integers, no_doubles
from neurodynamics._jit import kernel
from neurodynamics._output import NOTHING, STOP, accept, begin, full
from neurodynamics._pointer import call, offset, row, rows
from neurodynamics._protocol import book_of, problem_of
from neurodynamics._state import all_finite, padded
from neurodynamics._vector import WIDTH, absolute, extract, fma, load, splat, store
from neurodynamics.signals import evaluate_inputs, input_coefficients

GROW_AT_MOST = 4.0
SHRINK, SHRINK_MUCH, HOPELESS = 0.6, 0.25, 1e6  # after a rejection, and after one by more than so much
TIMID, BOLD = 0.3, 2.5  # limits of the factor on proposed steps that past residuals suggest
STRETCH = 1.01
LONGEST = 14.0  # binary logarithm of the largest growth of a step
ONE_BITS = 0x3FF0000000000000  # the number one
SMALLEST = 10.0 * 2.0**-52  # step in units of the time
FUSED_BELOW = 25  # neurons below which the product stays in registers
UNROLL = 4  # columns of the matrix at a time

# rows of the work array: constants of the run, scratch, then the coefficients
(_INVERSE_TAU, _LEAK, _GAIN, _SCALE, _F, _Y_NEW, _DRIVE, _POINT,
 _AHEAD, _AHEAD_GAIN, _TURN, _BIAS, _STEADY, _CONSTANTS) = range(14)  # fmt: skip


def work_rows(order: int, n: int) -> int:
    """Return the number of work rows: constants, Y, Z, S, Q, the step's polynomial, and W by columns for small N."""
    return _CONSTANTS + 5 * (order + 1) + (padded(n) if n < BLAS_FROM else 0)


@kernel
def advance_taylor(frame, budget):
    """Take Taylor steps under error control; see :mod:`neurodynamics._frame`."""
    problem, book = problem_of(frame, no_doubles()), book_of(frame, no_doubles())
    numbers, whole = doubles(frame, F.NUMBERS), integers(frame, F.WHOLE)
    t0, t_end, rtol = numbers[F.T0], numbers[F.T_END], numbers[F.RTOL]
    h_first, h_max = numbers[F.FIRST_STEP], numbers[F.MAX_STEP]
    order, refine, keep = whole[F.ORDER], whole[F.REFINE], whole[F.KEEP] != 0
    method = (order, numbers[F.ALPHA], numbers[F.BETA], numbers[F.GAMMA])
    watch = (refine, keep, integers(frame, F.DIRECTIONS), integers(frame, F.TERMINAL))
    atol, edges = doubles(frame, F.ATOL), doubles(frame, F.BREAKS)
    y, work = doubles(frame, F.Y), doubles(frame, F.WORK)
    weights = offset(problem[2], WEIGHTS * problem[4])
    clock, count = book[0], book[1]
    n, width = problem[4], problem[5]
    y_new, f = row(work, _Y_NEW, width), row(work, _F, width)
    start = _CONSTANTS
    Y, Z = rows(work, start, width), rows(work, start + order + 1, width)
    S, Q = rows(work, start + 2 * (order + 1), width), rows(work, start + 3 * (order + 1), width)
    q, W = rows(work, start + 4 * (order + 1), width), rows(work, start + 5 * (order + 1), width)
    direction = 1.0 if t_end >= t0 else -1.0
    if count[P.STARTED] == 0:
        if not all_finite(y, n):
            return P.NON_FINITE
        _pack(problem[2], n, width, work, W)
        _steady_drive(problem[1][5], problem[1][1], problem[2], problem[3], n, row(work, _STEADY, width))
        begin(problem, book, y, t0, 0.5 * (edges[0] + edges[1]), refine)
        clock[P.BOLDNESS] = 1.0
        if t0 == t_end:
            return P.DONE
    for _ in range(budget):
        if full(book, refine, keep):
            return P.OUTPUT_FULL
        t, edge = clock[P.T], edges[count[P.SEGMENT] + 1]
        t_ref = 0.5 * (edges[count[P.SEGMENT]] + edge)
        if count[P.FRESH]:
            _slope(problem, work, W, weights, t, t_ref, y, S, f)
            count[P.EVALUATIONS] += 1
            count[P.FRESH] = 0
        if clock[P.H] == 0.0:
            clock[P.H] = h_first if h_first > 0.0 else min(h_max, abs(edge - t), _first_length(y, f, rtol, atol, n))
        r = direction * clock[P.H]
        _weights_of_errors(y, rtol, atol, width, row(work, _SCALE, width))
        _coefficients(problem, method, work, Y, Z, S, Q, W, weights, t, t_ref, r, y, f)
        count[P.EVALUATIONS] += order - 1
        h = abs(r) * clock[P.BOLDNESS] * _length(Y, row(work, _SCALE, width), n, width, order)
        h = min(h, GROW_AT_MOST * abs(r), h_max)
        last = STRETCH * h >= abs(edge - t)
        step = edge - t if last else direction * h
        while True:
            if abs(step) < SMALLEST * abs(t) and not last:
                return P.STEP_TOO_SMALL if all_finite(y_new, n) else P.NON_FINITE
            _polynomial_of_step(Y, q, order, step / r, y, width, y_new)
            t_new = edge if last else t + step
            _slope(problem, work, W, weights, t_new, t_ref, y_new, S, f)
            count[P.EVALUATIONS] += 1
            square = _residual(q, f, step, row(work, _SCALE, width), n, width, order)
            if square <= 1.0:
                break
            step *= SHRINK if square < HOPELESS**2 else SHRINK_MUCH
            last = False
            clock[P.BOLDNESS] = max(TIMID, 0.85 * clock[P.BOLDNESS])
            count[P.REJECTED] += 1
        count[P.STEPS] += 1
        if not last or abs(step) > clock[P.H]:
            clock[P.H] = abs(step)
        clock[P.BOLDNESS] = min(BOLD, clock[P.BOLDNESS] * (1.1 if square < 0.05**2 else 0.97 if square > 0.5**2 else 1.0))
        happened = accept(problem, book, watch, y, y_new, q, order, row(work, _POINT, width), t, step, t_new, t_ref)
        if happened == STOP:
            return P.STOPPED_BY_EVENT
        if clock[P.T] == edge:
            if edge == t_end:
                return P.DONE
            count[P.SEGMENT] += 1
        if happened != NOTHING or last:
            count[P.FRESH] = 1
    return P.BUDGET_USED


@kernel
def _pack(params, n, width, work, W):
    """Copy what every order needs into padded rows."""
    for i in range(n):
        work[_INVERSE_TAU * width + i] = 1.0 / params[TAU * n + i]
        work[_LEAK * width + i] = params[LEAK * n + i]
        work[_GAIN * width + i] = params[GAIN * n + i]
        work[_BIAS * width + i] = params[BIAS * n + i]
    if n < BLAS_FROM:
        for j in range(n):
            for i in range(n):
                W[j * width + i] = params[WEIGHTS * n + j * n + i]


@kernel
def _product(s, n, width, W, weights, out):
    """Out += W s: from padded columns, four blocks of neurons at a time, or for large networks by BLAS."""
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
def _add_inputs(u, m, params, p, n, factor, out):
    """Out += factor V u."""
    V = WEIGHTS * n + n * n
    if p == V and m > 0:
        for i in range(n):
            out[i] += factor * u[i]
    else:
        for k in range(m):
            for i in range(n):
                out[i] += factor * params[V + k * n + i] * u[k]


@kernel(inline=True)
def _slope(problem, work, W, weights, t, t_ref, y, s, f):
    """S = phi(g (y + b)) and f = f(t, y)."""
    functions, drive, params, p, n, width = problem
    base, m, terms, number, data, u, varying = drive
    for i in range(0, width, WIDTH):
        store(s, i, load(work, _GAIN * width + i) * (load(y, i) + load(work, _BIAS * width + i)))
    call(functions[P.ACTIVATION], t, s, width, u, m, params, p, s, width)
    steady = row(work, _STEADY, width)
    if varying:
        evaluate_inputs(base, m, terms, number, data, t, t_ref, u)
        _steady_drive(u, m, params, p, n, steady)
    for i in range(0, width, WIDTH):
        store(f, i, fma(-load(work, _LEAK * width + i), load(y, i), load(steady, i)))
    _product(s, n, width, W, weights, f)
    for i in range(0, width, WIDTH):
        store(f, i, load(f, i) * load(work, _INVERSE_TAU * width + i))


@kernel
def _steady_drive(u, m, params, p, n, out):
    """Out = c + V u."""
    for i in range(n):
        out[i] = params[CONSTANT * n + i]
    _add_inputs(u, m, params, p, n, 1.0, out)


@kernel(inline=True)
def _coefficients(problem, method, work, Y, Z, S, Q, W, weights, t, t_ref, r, y, f):
    """Y[0 .. order] from S[0] and f.

    An order waits for the one before it, so all that it does not need comes first: sums take what is newest last.
    """
    order, alpha, beta, gamma = method
    functions, drive, params, p, n, width = problem
    base, m, terms, number, data, u, varying = drive
    product = row(work, _DRIVE, width)
    for i in range(0, width, WIDTH):
        ahead = r * load(work, _INVERSE_TAU * width + i)
        gain = load(work, _GAIN * width + i)
        first = r * load(f, i)
        s = load(S, i)
        slope = fma(fma(gamma, s, beta), s, alpha)
        z = gain * first
        store(work, _AHEAD * width + i, ahead)
        store(work, _AHEAD_GAIN * width + i, ahead * gain)
        store(work, _TURN * width + i, fma(2.0 * gamma, s, beta))
        store(Y, i, load(y, i))
        store(Y, width + i, first)
        store(Z, i, z)
        store(Q, i, slope)
        store(S, width + i, z * slope)
    if n <= 2 * WIDTH and not varying:
        if n <= 4:
            _climb_4(order, gamma, work, Y, Z, S, Q, W)
        elif n <= 8:
            _climb_8(order, gamma, work, Y, Z, S, Q, W)
        elif n <= 12:
            _climb_12(order, gamma, work, Y, Z, S, Q, W)
        else:
            _climb_16(order, gamma, work, Y, Z, S, Q, W)
        return
    power = 1.0
    fused = n < FUSED_BELOW and not varying
    for k in range(1, order):
        s = row(S, k, width)
        if not fused:
            for i in range(0, width, WIDTH):
                store(product, i, 0.0)
            if varying:
                power *= r
                input_coefficients(m, terms, number, data, t, t_ref, k, u)
                _add_inputs(u, m, params, p, n, power, product)
            _product(s, n, width, W, weights, product)
        for i in range(0, width, WIDTH):
            leak = -load(work, _LEAK * width + i) * load(Y, k * width + i)
            rate = _block_product(s, n, width, W, i, leak) if fused else load(product, i) + leak
            chain, square = inner_terms(Z, Q, S, k, width, i)
            _next(k, i, width, gamma, chain, square, rate, load(s, i), work, Y, Z, S, Q)


def _climb_one(columns, inner_terms):
    """Return the orders of a network of one vector; what an order hands to the next stays in registers."""

    @kernel
    def climb(order, gamma, work, Y, Z, S, Q, W):
        s, y = load(S, WIDTH), load(Y, WIDTH)
        for k in range(1, order):
            a, b, c, d = -load(work, _LEAK * WIDTH) * y, splat(0.0), splat(0.0), splat(0.0)
            for j in range(0, columns, UNROLL):
                a = fma(load(W, j * WIDTH), splat(extract(s, j)), a)
                b = fma(load(W, (j + 1) * WIDTH), splat(extract(s, j + 1)), b)
                c = fma(load(W, (j + 2) * WIDTH), splat(extract(s, j + 2)), c)
                d = fma(load(W, (j + 3) * WIDTH), splat(extract(s, j + 3)), d)
            rate = (a + b) + (c + d)
            chain, square = inner_terms(Z, Q, S, k, WIDTH, 0)
            s, y = _next(k, 0, WIDTH, gamma, chain, square, rate, s, work, Y, Z, S, Q)

    return climb


def _climb_two(columns):
    """Return the orders of a network of two vectors."""
    width, other = 2 * WIDTH, WIDTH

    @kernel
    def climb(order, gamma, work, Y, Z, S, Q, W):
        s, s_2, y, y_2 = load(S, width), load(S, width + other), load(Y, width), load(Y, width + other)
        for k in range(1, order):
            a, b = -load(work, _LEAK * width) * y, splat(0.0)
            a_2, b_2 = -load(work, _LEAK * width + other) * y_2, splat(0.0)
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

    return climb


@kernel(inline=True)
def _next(k, i, width, gamma, chain, square, rate, s, work, Y, Z, S, Q):
    """Y[k+1] and S[k+1] of a vector of neurons, from the sums of order k."""
    share = 1.0 / (k + 1.0)
    slope = fma(load(work, _TURN * width + i), s, gamma * square)
    z = load(work, _AHEAD_GAIN * width + i) * rate
    chain = fma(share * load(Z, i), slope, share * chain)
    s = fma(z, share * load(Q, i), chain)
    y = (share * load(work, _AHEAD * width + i)) * rate
    store(Z, k * width + i, z)
    store(Q, k * width + i, slope)
    store(S, (k + 1) * width + i, s)
    store(Y, (k + 1) * width + i, y)
    return s, y


_climb_4, _climb_8 = _climb_one(4, inner_terms_of_four), _climb_one(8, inner_terms)
_climb_12, _climb_16 = _climb_two(12), _climb_two(16)


@kernel(inline=True)
def _weights_of_errors(y, rtol, atol, width, scale):
    """One over the tolerance of each neuron."""
    for i in range(0, width, WIDTH):
        store(scale, i, 1.0 / (load(atol, i) + rtol * absolute(load(y, i))))


@kernel(inline=True)
def _length(Y, scale, n, width, order):
    """Largest h / r for which the last two terms stay below the tolerance."""
    last = splat(0.0)
    before = splat(0.0)
    for i in range(0, width, WIDTH):
        weight = load(scale, i)
        e = load(Y, order * width + i) * weight
        last = fma(e, e, last)
        e = load(Y, (order - 1) * width + i) * weight
        before = fma(e, e, before)
    a = _sum(last) / max(n, 1)
    b = _sum(before) / max(n, 1)
    if not (a < np.inf and b < np.inf):
        return 0.01
    return np.exp2(min(LONGEST, -0.5 * _log2(a) / order, -0.5 * _log2(b) / (order - 1)))


@kernel(inline=True)
def _log2(x):
    """The logarithm to a tenth, from the bits of the number: its exponent, and its mantissa as the fraction."""
    return (np.float64(x).view(np.int64) - ONE_BITS) * 2.0**-52


@kernel(inline=True)
def _sum(x):
    a, b = extract(x, 0) + extract(x, 4), extract(x, 1) + extract(x, 5)
    c, d = extract(x, 2) + extract(x, 6), extract(x, 3) + extract(x, 7)
    return (a + c) + (b + d)


@kernel(inline=True)
def _polynomial_of_step(Y, q, order, fraction, y, width, y_new):
    """q[d] = Y[d + 1] fraction^(d+1), and y_new = y + sum_d q[d]: even and odd d interleaved."""
    square = fraction * fraction
    for i in range(0, width, WIDTH):
        power, next_power = fraction, square
        total, other = splat(0.0), splat(0.0)
        for d in range(0, order - 1, 2):
            term = load(Y, (d + 1) * width + i) * power
            following = load(Y, (d + 2) * width + i) * next_power
            power *= square
            next_power *= square
            store(q, d * width + i, term)
            store(q, (d + 1) * width + i, following)
            total = total + term
            other = other + following
        if order % 2:
            term = load(Y, order * width + i) * power
            store(q, (order - 1) * width + i, term)
            total = total + term
        store(y_new, i, load(y, i) + (total + other))


@kernel(inline=True)
def _residual(q, f, step, scale, n, width, order):
    """Square of the local error in units of the tolerance: the polynomial's residual at its end, over the order plus one."""
    total = splat(0.0)
    for i in range(0, width, WIDTH):
        slope = splat(0.0)
        for d in range(order):
            slope = fma(d + 1.0, load(q, d * width + i), slope)
        e = (step * load(f, i) - slope) * load(scale, i)
        total = fma(e, e, total)
    square = _sum(total) / (max(n, 1) * (order + 1.0) ** 2)
    return square if square < np.inf else np.inf


@kernel
def _first_length(y, f, rtol, atol, n):
    """A length on which the solution changes by about its own size."""
    value, slope = 0.0, 0.0
    for i in range(n):
        w = 1.0 / (atol[i] + rtol * abs(y[i]))
        value += (y[i] * w) ** 2
        slope += (f[i] * w) ** 2
    if slope == 0.0:
        return 1.0
    return max(1e-6, min(1.0, np.sqrt(max(value, 1.0) / slope)))


@functools.cache
def choose_order(rtol: float, n: int) -> int:
    """Return the order that reaches a tolerance at least cost per unit of time.

    The step grows like ``rtol**(1/(order + 1))``; its cost is a constant, plus a matrix-vector product and some
    bookkeeping an order, plus the convolutions, quadratic in the order. The figures are nanoseconds, measured; only their
    ratios matter.
    """
    orders = np.arange(6, 31)
    blocks = padded(n) // WIDTH
    costs = 250.0 + orders * (13.0 + 1.5 * n + 0.08 * n * n) + orders**2 * (0.3 + 0.4 * blocks)
    return int(orders[np.argmin(costs * rtol ** (-1.0 / (orders + 1)))])
