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
from neurodynamics._additive_kernels import BLAS_FROM, CONSTANT, GAIN, LEAK, TAU, WEIGHTS
from neurodynamics._blas import matrix_vector
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
FUSED_BELOW = 25  # neurons below which the product stays in registers

# rows of the work array: constants of the run, scratch, then the coefficients
_INVERSE_TAU, _LEAK, _GAIN, _SCALE, _F, _Y_NEW, _DRIVE, _POINT, _CONSTANTS = range(9)


def work_rows(order: int, n: int) -> int:
    """Return the number of work rows: constants, Y, Z, S, Q, the step's polynomial, and W by columns for small N."""
    return _CONSTANTS + 5 * (order + 1) + (n if n < BLAS_FROM else 0)


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
        _coefficients(problem, method, work, Y, Z, S, Q, W, weights, t, t_ref, r, y, f)
        count[P.EVALUATIONS] += order - 1
        h = abs(r) * clock[P.BOLDNESS] * _length(Y, y, row(work, _SCALE, width), rtol, atol, n, width, order)
        h = min(h, GROW_AT_MOST * abs(r), h_max)
        last = STRETCH * h >= abs(edge - t)
        step = edge - t if last else direction * h
        while True:
            if abs(step) < 10.0 * np.spacing(abs(t)) and not last:
                return P.STEP_TOO_SMALL if all_finite(y_new, n) else P.NON_FINITE
            _polynomial_of_step(Y, q, order, step / r, y, width, y_new)
            t_new = edge if last else t + step
            _slope(problem, work, W, weights, t_new, t_ref, y_new, S, f)
            count[P.EVALUATIONS] += 1
            size = _residual(q, f, step, row(work, _SCALE, width), n, width, order)
            if size <= 1.0:
                break
            step *= SHRINK if size < HOPELESS else SHRINK_MUCH
            last = False
            clock[P.BOLDNESS] = max(TIMID, 0.85 * clock[P.BOLDNESS])
            count[P.REJECTED] += 1
        count[P.STEPS] += 1
        if not last or abs(step) > clock[P.H]:
            clock[P.H] = abs(step)
        clock[P.BOLDNESS] = min(BOLD, clock[P.BOLDNESS] * (1.1 if size < 0.05 else 0.97 if size > 0.5 else 1.0))
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


@kernel
def _block_product(s, n, width, W, i, acc):
    """Acc + (W s) of eight neurons, as two interleaved sums."""
    other = splat(0.0)
    for j in range(0, n - 1, 2):
        acc = fma(load(W, j * width + i), splat(s[j]), acc)
        other = fma(load(W, (j + 1) * width + i), splat(s[j + 1]), other)
    if n % 2:
        acc = fma(load(W, (n - 1) * width + i), splat(s[n - 1]), acc)
    return acc + other


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


@kernel
def _slope(problem, work, W, weights, t, t_ref, y, s, f):
    """S = phi(g (y + b)) and f = f(t, y)."""
    functions, drive, params, p, n, width = problem
    base, m, terms, number, data, u, varying = drive
    call(functions[P.OUTPUTS], t, y, n, u, m, params, p, s, n)
    if varying:
        evaluate_inputs(base, m, terms, number, data, t, t_ref, u)
    for i in range(n):
        f[i] = params[CONSTANT * n + i]
    _add_inputs(u, m, params, p, n, 1.0, f)
    _product(s, n, width, W, weights, f)
    for i in range(0, width, WIDTH):
        rate = fma(-load(work, _LEAK * width + i), load(y, i), load(f, i))
        store(f, i, rate * load(work, _INVERSE_TAU * width + i))


@kernel
def _coefficients(problem, method, work, Y, Z, S, Q, W, weights, t, t_ref, r, y, f):
    """Y[0 .. order] from S[0] and f."""
    order, alpha, beta, gamma = method
    functions, drive, params, p, n, width = problem
    base, m, terms, number, data, u, varying = drive
    product = row(work, _DRIVE, width)
    for i in range(0, width, WIDTH):
        first = r * load(f, i)
        s = load(S, i)
        slope = fma(fma(gamma, s, beta), s, alpha)
        z = load(work, _GAIN * width + i) * first
        store(Y, i, load(y, i))
        store(Y, width + i, first)
        store(Z, i, z)
        store(Q, i, slope)
        store(S, width + i, z * slope)
        store(product, i, 0.0)
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
        share = 1.0 / (k + 1.0)
        for i in range(0, width, WIDTH):
            q = load(Q, i)
            chain = splat(0.0)
            for j in range(1, k):
                chain = fma(load(Z, j * width + i), load(Q, (k - j) * width + i), chain)
            slope = fma(gamma, _square(S, k, width, i), beta * load(s, i))
            chain = fma(load(Z, i), slope, chain)
            total = _block_product(s, n, width, W, i, splat(0.0)) if fused else load(product, i)
            rate = fma(-load(work, _LEAK * width + i), load(Y, k * width + i), total)
            ahead = r * load(work, _INVERSE_TAU * width + i)
            z = (ahead * load(work, _GAIN * width + i)) * rate
            store(S, (k + 1) * width + i, fma(z, share * q, share * chain))
            store(Y, (k + 1) * width + i, (share * ahead) * rate)
            store(Z, k * width + i, z)
            store(Q, k * width + i, slope)


@kernel
def _square(S, k, width, i):
    """sum_j S[j] S[k-j]."""
    total = splat(0.0)
    for j in range((k + 1) // 2):
        total = fma(load(S, j * width + i), load(S, (k - j) * width + i), total)
    total = total + total
    if k % 2 == 0:
        middle = load(S, (k // 2) * width + i)
        total = fma(middle, middle, total)
    return total


@kernel
def _length(Y, y, scale, rtol, atol, n, width, order):
    """Largest h / r for which the last two terms stay below the tolerance; also sets the scale of the errors."""
    last = splat(0.0)
    before = splat(0.0)
    for i in range(0, width, WIDTH):
        inverse = 1.0 / (load(atol, i) + rtol * absolute(load(y, i)))
        store(scale, i, inverse)
        e = load(Y, order * width + i) * inverse
        last = fma(e, e, last)
        e = load(Y, (order - 1) * width + i) * inverse
        before = fma(e, e, before)
    a = _sum(last) / max(n, 1)
    b = _sum(before) / max(n, 1)
    if not (a < np.inf and b < np.inf):
        return 0.01
    log_length = 10.0
    if a > 0.0:
        log_length = min(log_length, -0.5 * np.log(a) / order)
    if b > 0.0:
        log_length = min(log_length, -0.5 * np.log(b) / (order - 1))
    return np.exp(log_length)


@kernel
def _sum(x):
    total = 0.0
    for lane in range(WIDTH):
        total += extract(x, lane)
    return total


@kernel
def _polynomial_of_step(Y, q, order, fraction, y, width, y_new):
    """q[d] = Y[d + 1] fraction^(d+1), and y_new = y + sum_d q[d]."""
    for i in range(0, width, WIDTH):
        power = fraction
        total = splat(0.0)
        for d in range(order):
            term = load(Y, (d + 1) * width + i) * power
            power *= fraction
            store(q, d * width + i, term)
            total = total + term
        store(y_new, i, load(y, i) + total)


@kernel
def _residual(q, f, step, scale, n, width, order):
    """Local error in units of the tolerance: the residual of the polynomial at its end, over the order plus one."""
    total = splat(0.0)
    for i in range(0, width, WIDTH):
        slope = splat(0.0)
        for d in range(order):
            slope = fma(d + 1.0, load(q, d * width + i), slope)
        e = (step * load(f, i) - slope) * load(scale, i)
        total = fma(e, e, total)
    size = np.sqrt(_sum(total) / max(n, 1)) / (order + 1.0)
    return size if size < np.inf else np.inf


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
