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

import numpy as np

from neurodynamics import _protocol as P
from neurodynamics._additive_kernels import BIAS, BLAS_FROM, CONSTANT, GAIN, LEAK, TAU, WEIGHTS
from neurodynamics._jit import kernel
from neurodynamics._output import NOTHING, STOP, accept, begin, full
from neurodynamics._pointer import call
from neurodynamics._state import all_finite
from neurodynamics._vector import WIDTH, absolute, extract, fma, load, splat, store
from neurodynamics.signals import evaluate_inputs, input_coefficients

GROW_AT_MOST = 4.0
REJECT_FACTOR = 0.6
STRETCH = 1.01

# rows of the work array: constants of the run, then the coefficients
_INVERSE_TAU, _LEAK, _GAIN, _SCALE, _F, _Y_NEW, _DRIVE, _Z, _FIXED_ROWS = range(9)


def work_rows(order: int, n: int) -> int:
    """Return the number of work rows: constants, Y, Z, S, Q, the step's polynomial, and W by columns for small N."""
    return _FIXED_ROWS + 5 * (order + 1) + (n if n < BLAS_FROM else 0)


@kernel
def advance_taylor(functions, method, settings, inputs, params, clock, count, y, work, out, log, budget):
    """Take Taylor steps under error control; see :mod:`neurodynamics._protocol`."""
    order, alpha, beta, gamma = method
    t0, t_end, edges, rtol, atol, h_first, h_max, refine, keep, directions, terminal = settings
    n = out[1].shape[1]
    rows = order + 1
    Y = work[_FIXED_ROWS : _FIXED_ROWS + rows]
    Z = work[_FIXED_ROWS + rows : _FIXED_ROWS + 2 * rows]
    S = work[_FIXED_ROWS + 2 * rows : _FIXED_ROWS + 3 * rows]
    Q = work[_FIXED_ROWS + 3 * rows : _FIXED_ROWS + 4 * rows]
    q = work[_FIXED_ROWS + 4 * rows : _FIXED_ROWS + 5 * rows - 1]
    W = work[_FIXED_ROWS + 5 * rows :]
    direction = 1.0 if t_end >= t0 else -1.0
    if count[P.STARTED] == 0:
        if not all_finite(y, n):
            return P.NON_FINITE
        _pack(params, n, work, W)
        begin(functions, inputs, params, clock, count, y, n, t0, 0.5 * (edges[0] + edges[1]), refine, out, log)
        clock[P.BOLDNESS] = 1.0
        if t0 == t_end:
            return P.DONE
    y_new, f = work[_Y_NEW], work[_F]
    for _ in range(budget):
        if full(refine, keep, directions, out, log, count):
            return P.OUTPUT_FULL
        t, edge = clock[P.T], edges[count[P.SEGMENT] + 1]
        t_ref = 0.5 * (edges[count[P.SEGMENT]] + edge)
        if count[P.FRESH]:
            _slope(functions, inputs, params, t, t_ref, y, n, work, W, S[0], f)
            count[P.EVALUATIONS] += 1
            count[P.FRESH] = 0
        if clock[P.H] == 0.0:
            clock[P.H] = h_first if h_first > 0.0 else min(h_max, abs(edge - t), _first_length(y, f, rtol, atol, n))
        r = direction * clock[P.H]
        _coefficients(inputs, params, t, t_ref, r, order, alpha, beta, gamma, y, f, n, work, Y, Z, S, Q, W)
        count[P.EVALUATIONS] += order - 1
        h = abs(r) * clock[P.BOLDNESS] * _length(Y, y, work[_SCALE], rtol, atol, n, order)
        h = min(h, GROW_AT_MOST * abs(r) if count[P.AFTER_REJECTION] == 0 else abs(r), h_max)
        last = STRETCH * h >= abs(edge - t)
        step = edge - t if last else direction * h
        while True:
            if abs(step) < 10.0 * np.spacing(abs(t)) and not last:
                return P.STEP_TOO_SMALL if all_finite(y_new, n) else P.NON_FINITE
            _polynomial_of_step(Y, q, step / r, y, y_new)
            t_new = edge if last else t + step
            _slope(functions, inputs, params, t_new, t_ref, y_new, n, work, W, S[0], f)
            count[P.EVALUATIONS] += 1
            size = _residual(q, f, step, work[_SCALE], n)
            if size <= 1.0:
                break
            step *= REJECT_FACTOR if size < 1e6 else 0.25
            last = False
            clock[P.BOLDNESS] = max(0.3, 0.85 * clock[P.BOLDNESS])
            count[P.REJECTED] += 1
        count[P.STEPS] += 1
        if not last or abs(step) > clock[P.H]:
            clock[P.H] = abs(step)
        clock[P.BOLDNESS] *= 1.1 if size < 0.05 else 0.97 if size > 0.5 else 1.0
        clock[P.BOLDNESS] = min(clock[P.BOLDNESS], 2.5)
        happened = accept(functions, inputs, params, clock, count, y, y_new, q, work[_Z], t, step, t_new, t_ref, n, refine,
                          keep, directions, terminal, out, log)  # fmt: skip
        if happened == STOP:
            return P.STOPPED_BY_EVENT
        if happened == NOTHING and last:
            if edge == t_end:
                return P.DONE
            count[P.SEGMENT] += 1
        if happened != NOTHING or last:
            count[P.FRESH] = 1
    return P.BUDGET_USED


@kernel
def _pack(params, n, work, W):
    """Copy what every order needs into padded rows."""
    for i in range(n):
        work[_INVERSE_TAU, i] = 1.0 / params[TAU * n + i]
        work[_LEAK, i] = params[LEAK * n + i]
        work[_GAIN, i] = params[GAIN * n + i]
    for j in range(W.shape[0]):
        for i in range(n):
            W[j, i] = params[WEIGHTS * n + j * n + i]


@kernel
def _product(params, s, n, W, out):
    """out = W s."""
    if n >= BLAS_FROM:
        np.dot(params[WEIGHTS * n : WEIGHTS * n + n * n].reshape(n, n).T, s[:n], out[:n])
        return
    for i in range(0, out.size, WIDTH):
        even = splat(0.0)
        odd = splat(0.0)
        for j in range(0, n - 1, 2):
            even = fma(load(W[j], i), splat(s[j]), even)
            odd = fma(load(W[j + 1], i), splat(s[j + 1]), odd)
        if n % 2:
            even = fma(load(W[n - 1], i), splat(s[n - 1]), even)
        store(out, i, even + odd)


@kernel
def _add_inputs(u, params, n, factor, out):
    """out += factor V u."""
    V = WEIGHTS * n + n * n
    if params.size == V:
        for i in range(n):
            out[i] += factor * u[i]
    else:
        for m in range(u.size):
            for i in range(n):
                out[i] += factor * params[V + m * n + i] * u[m]


@kernel
def _slope(functions, inputs, params, t, t_ref, y, n, work, W, s, f):
    """s = phi(g (y + b)) and f = f(t, y)."""
    base, terms, data, u, varying = inputs
    call(functions[P.OUTPUTS], t, y[:n], u, params, s[:n])
    _product(params, s, n, W, f)
    if varying:
        evaluate_inputs(base, terms, data, t, t_ref, u)
    _add_inputs(u, params, n, 1.0, f)
    for i in range(n):
        f[i] = (f[i] + params[CONSTANT * n + i] - work[_LEAK, i] * y[i]) * work[_INVERSE_TAU, i]


@kernel
def _coefficients(inputs, params, t, t_ref, r, order, alpha, beta, gamma, y, f, n, work, Y, Z, S, Q, W):
    """Y[0 .. order] from S[0] and f."""
    base, terms, data, u, varying = inputs
    drive = work[_DRIVE]
    for i in range(0, y.size, WIDTH):
        gain = load(work[_GAIN], i)
        first = r * load(f, i)
        s = load(S[0], i)
        slope = fma(fma(gamma, s, beta), s, alpha)
        z = gain * first
        store(Y[0], i, load(y, i))
        store(Y[1], i, first)
        store(Z[0], i, z)
        store(Q[0], i, slope)
        store(S[1], i, z * slope)
    power = 1.0
    for k in range(1, order):
        _product(params, S[k], n, W, drive)
        if varying:
            power *= r
            input_coefficients(base, terms, data, t, t_ref, k, u)
            _add_inputs(u, params, n, power, drive)
        ahead = r / (k + 1.0)
        share = 1.0 / (k + 1.0)
        for i in range(0, y.size, WIDTH):
            rate = fma(-load(work[_LEAK], i), load(Y[k], i), load(drive, i))
            y_next = ahead * load(work[_INVERSE_TAU], i) * rate
            store(Y[k + 1], i, y_next)
            if k < order - 1:
                z = (k + 1.0) * load(work[_GAIN], i) * y_next
                store(Z[k], i, z)
                square = splat(0.0)
                for j in range((k + 1) // 2):
                    square = fma(load(S[j], i), load(S[k - j], i), square)
                square = square + square
                if k % 2 == 0:
                    half = load(S[k // 2], i)
                    square = fma(half, half, square)
                slope = fma(gamma, square, beta * load(S[k], i))
                store(Q[k], i, slope)
                chain = splat(0.0)
                for j in range(1, k):
                    chain = fma(load(Z[j], i), load(Q[k - j], i), chain)
                chain = fma(load(Z[0], i), slope, chain)
                store(S[k + 1], i, share * fma(z, load(Q[0], i), chain))


@kernel
def _length(Y, y, scale, rtol, atol, n, order):
    """Largest h / r for which the last two terms stay below the tolerance; also sets the scale of the errors."""
    last = splat(0.0)
    before = splat(0.0)
    for i in range(0, y.size, WIDTH):
        inverse = 1.0 / (load(atol, i) + rtol * absolute(load(y, i)))
        store(scale, i, inverse)
        e = load(Y[order], i) * inverse
        last = fma(e, e, last)
        e = load(Y[order - 1], i) * inverse
        before = fma(e, e, before)
    a = _sum(last) / n
    b = _sum(before) / n
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
def _polynomial_of_step(Y, q, fraction, y, y_new):
    """q[d] = Y[d + 1] fraction^(d+1), and y_new = y + sum_d q[d]."""
    for i in range(0, y.size, WIDTH):
        power = fraction
        total = splat(0.0)
        for d in range(q.shape[0]):
            term = load(Y[d + 1], i) * power
            power *= fraction
            store(q[d], i, term)
            total = total + term
        store(y_new, i, load(y, i) + total)


@kernel
def _residual(q, f, step, scale, n):
    """Local error in units of the tolerance: the residual of the polynomial at its end, over the order plus one."""
    total = splat(0.0)
    for i in range(0, f.size, WIDTH):
        slope = splat(0.0)
        for d in range(q.shape[0]):
            slope = fma(d + 1.0, load(q[d], i), slope)
        e = (step * load(f, i) - slope) * load(scale, i)
        total = fma(e, e, total)
    size = np.sqrt(_sum(total) / n) / (q.shape[0] + 1.0)
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


def choose_order(rtol: float, n: int) -> int:
    """Return the order that reaches a tolerance at least cost per time.

    The step grows like ``rtol**(1/order)``; a step costs a constant, plus a matrix-vector product an order, plus the
    convolutions, quadratic in the order.
    """
    orders = np.arange(6, 31)
    costs = FIXED_COST + orders * (ORDER_COST + MATRIX_COST * n * n) + CONVOLUTION_COST * orders**2 * n
    return int(orders[np.argmin(costs * max(rtol, 1e-16) ** (-1.0 / orders))])


# Nanoseconds, measured; only their ratios matter.
FIXED_COST, ORDER_COST, MATRIX_COST, CONVOLUTION_COST = 150.0, 12.0, 0.08, 0.04
