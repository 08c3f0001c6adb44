"""The driver of Taylor steps.

The polynomial of a step is its own dense output; its coefficients come from the right-hand side
(:mod:`neurodynamics.methods.taylor_series`, :mod:`neurodynamics.methods.traced_series`). The step is proposed from
the size of the last two terms [1]_ and accepted by the residual ``h (p'(h) - f(p(h)))`` of the polynomial p at its end,
which divided by the order plus one is the local error, and whose f starts the next step. So a threshold that the
coefficients cannot see (a saturated neuron has none) rejects the step that jumps it.

References
----------
.. [1] Jorba & Zou (2005), A software package for the numerical integration of ODEs by means of high-order Taylor
   methods, Experimental Mathematics 14, 99.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from neurodynamics.compiling import (
    WIDTH,
    absolute,
    all_finite,
    call_address,
    doubles,
    extract,
    fma,
    integers,
    kernel,
    load,
    padded,
    row,
    splat,
    store,
)
from neurodynamics.methods import frame as F, protocol as P
from neurodynamics.methods.frame import no_doubles
from neurodynamics.methods.output import NOTHING, RESTART, Step, accept, begin, full
from neurodynamics.methods.protocol import problem_of, trajectory_of
from neurodynamics.methods.taylor_rows import AT_END, AT_START, POINT, PREPARE, SCALE, SLOPE, Y_NEW, coefficients_of

GROW_AT_MOST = 4.0
SHRINK, SHRINK_MUCH, HOPELESS = 0.6, 0.25, 1e6  # after a rejection, and after one by more than so much
TIMID, BOLD = 0.3, 2.5  # limits of the factor on proposed steps that past residuals suggest
STRETCH = 1.01
LONGEST = 14.0  # binary logarithm of the largest growth of a step
TOO_LONG = 0.01  # says that coefficients overflowed, and by how much to shorten what they are formed for
TRIES = 20  # at the end of one polynomial, after which it is formed anew for the shorter step
ONE_BITS = 0x3FF0000000000000  # the number one
SMALLEST = 10.0 * 2.0**-52  # step in units of the time
LEAST = 5e-323  # step near the time zero
HUGE = 1e150  # a state whose products overflow whatever the step


@kernel
def advance_taylor(frame, budget):
    """Take Taylor steps under error control; see :mod:`neurodynamics.methods.frame`."""
    problem, trajectory = problem_of(frame, no_doubles()), trajectory_of(frame, no_doubles())
    numbers, whole = doubles(frame, F.NUMBERS), integers(frame, F.WHOLE)
    t0, t_end, rtol = numbers[F.T0], numbers[F.T_END], numbers[F.RTOL]
    h_first, h_max, order = numbers[F.FIRST_STEP], numbers[F.MAX_STEP], whole[F.ORDER]
    atol, edges = doubles(frame, F.ATOL), doubles(frame, F.BREAKS)
    y, work = doubles(frame, F.Y), doubles(frame, F.WORK)
    clock, count, n, width = trajectory.clock, trajectory.count, problem.n, problem.width
    functions, series = problem.functions, coefficients_of(frame)
    y_new, f, scale, end_slope = (row(work, Y_NEW, width), row(work, SLOPE, width), row(work, SCALE, width),
                                  row(work, POINT, width))  # fmt: skip
    per_state = 1.0 / max(n, 1)
    per_square, per_order, per_lower = per_state / (order + 1.0) ** 2, -0.5 / order, -0.5 / (order - 1)
    direction = 1.0 if t_end >= t0 else -1.0
    if count[P.STARTED] == 0:
        if not all_finite(y, n):
            return P.NON_FINITE
        call_address(functions[P.SLOPE], (frame, PREPARE, t0, t0))
        begin(problem, trajectory, y, t0, 0.5 * (edges[0] + edges[1]))
        clock[P.BOLDNESS] = 1.0
        if t0 == t_end:
            return P.DONE
    for _ in range(budget):
        if full(trajectory):
            return P.OUTPUT_FULL
        t, edge = clock[P.T], edges[count[P.SEGMENT] + 1]
        t_ref = 0.5 * (edges[count[P.SEGMENT]] + edge)
        smallest = SMALLEST * abs(t) + LEAST
        if count[P.FRESH]:
            call_address(functions[P.SLOPE], (frame, AT_START, t, t_ref))
            count[P.EVALUATIONS] += 1
            count[P.FRESH] = 0
            if not all_finite(f, n):
                return P.NON_FINITE
        if clock[P.H] == 0.0:
            clock[P.H] = h_first if h_first > 0.0 else _first_length(y, f, rtol, atol, n)
            clock[P.H] = max(min(clock[P.H], h_max, abs(edge - t)), smallest)
        r = direction * clock[P.H]
        _weights_of_errors(y, rtol, atol, width, scale)
        call_address(functions[P.ORDERS], (frame, t, t_ref, r))
        count[P.EVALUATIONS] += order - 1
        length = _length(series.Y, scale, width, order, per_state, per_order, per_lower)
        if length == TOO_LONG and _largest(y, n) > HUGE:
            return P.NON_FINITE
        if length == TOO_LONG and abs(r) > smallest:
            clock[P.H] = TOO_LONG * abs(r)
            count[P.REJECTED] += 1
            continue
        h = min(abs(r) * clock[P.BOLDNESS] * length, GROW_AT_MOST * abs(r), h_max)
        last = STRETCH * h >= abs(edge - t)
        h = edge - t if last else direction * h
        square, tries = np.inf, 0
        while square > 1.0 and tries < TRIES:
            if abs(h) < smallest and not last:
                return P.STEP_TOO_SMALL if all_finite(y_new, n) else P.NON_FINITE
            _polynomial_of_step(series.Y, series.q, order, h / r, y, width, y_new, end_slope)
            t_new = edge if last else t + h
            call_address(functions[P.SLOPE], (frame, AT_END, t_new, t_ref))
            count[P.EVALUATIONS] += 1
            square = _residual(end_slope, f, h, scale, width) * per_square
            if square > 1.0:
                _weights_of_growth(y, y_new, rtol, atol, width, scale)
                square = _residual(end_slope, f, h, scale, width) * per_square
            if square > 1.0:
                h *= SHRINK if square < HOPELESS**2 else SHRINK_MUCH
                last = False
                clock[P.BOLDNESS] = max(TIMID, 0.85 * clock[P.BOLDNESS])
                count[P.REJECTED] += 1
                tries += 1
        if square > 1.0:
            clock[P.H] = abs(h)
            count[P.FRESH] = 1
            continue
        count[P.STEPS] += 1
        if not last or abs(h) > clock[P.H]:
            clock[P.H] = abs(h)
        clock[P.BOLDNESS] = min(BOLD, clock[P.BOLDNESS] * (1.1 if square < 0.05**2 else 0.97 if square > 0.5**2 else 1.0))
        happened = accept(problem, trajectory, Step(t, h, t_new, t_ref, y, y_new, series.q, order, end_slope))
        if happened != NOTHING and happened != RESTART:
            return happened
        if clock[P.T] == edge:
            if edge == t_end:
                return P.DONE
            count[P.SEGMENT] += 1
        if happened != NOTHING or last:
            count[P.FRESH] = 1
    return P.BUDGET_USED


@kernel(inline=True)
def _weights_of_errors(y, rtol, atol, width, scale):
    """One over the tolerance of each neuron."""
    for i in range(0, width, WIDTH):
        store(scale, i, 1.0 / (load(atol, i) + rtol * absolute(load(y, i))))


@kernel(inline=True)
def _length(Y, scale, width, order, per_state, per_order, per_lower):
    """Largest h / r for which the last two terms stay below the tolerance; TOO_LONG where they are not finite."""
    last = splat(0.0)
    before = splat(0.0)
    for i in range(0, width, WIDTH):
        weight = load(scale, i)
        e = load(Y, order * width + i) * weight
        last = fma(e, e, last)
        e = load(Y, (order - 1) * width + i) * weight
        before = fma(e, e, before)
    a, b = _sum(last) * per_state, _sum(before) * per_state
    if not (a < np.inf and b < np.inf):
        return TOO_LONG
    return np.exp2(min(LONGEST, per_order * _log2(a), per_lower * _log2(b)))


@kernel
def _largest(y, n):
    largest = 0.0
    for i in range(n):
        largest = max(largest, abs(y[i]))
    return largest


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
def _polynomial_of_step(Y, q, order, fraction, y, width, y_new, end_slope):
    """q[d] = Y[d + 1] fraction^(d+1), y_new = y + sum_d q[d], end_slope = sum_d (d + 1) q[d]: even and odd d interleaved."""
    square = fraction * fraction
    for i in range(0, width, WIDTH):
        power, next_power, degree = fraction, square, 1.0
        total, other, slope, other_slope = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
        for d in range(0, order - 1, 2):
            term = load(Y, (d + 1) * width + i) * power
            following = load(Y, (d + 2) * width + i) * next_power
            power *= square
            next_power *= square
            store(q, d * width + i, term)
            store(q, (d + 1) * width + i, following)
            total = total + term
            other = other + following
            slope = fma(degree, term, slope)
            other_slope = fma(degree + 1.0, following, other_slope)
            degree += 2.0
        if order % 2:
            term = load(Y, order * width + i) * power
            store(q, (order - 1) * width + i, term)
            total = total + term
            slope = fma(degree, term, slope)
        store(y_new, i, load(y, i) + (total + other))
        store(end_slope, i, slope + other_slope)


@kernel(inline=True)
def _residual(end_slope, f, step, scale, width):
    """Square of the polynomial's residual at its end, in units of the tolerance: a sum over the states."""
    total = splat(0.0)
    for i in range(0, width, WIDTH):
        e = (step * load(f, i) - load(end_slope, i)) * load(scale, i)
        total = fma(e, e, total)
    square = _sum(total)
    return square if square < np.inf else np.inf


@kernel
def _weights_of_growth(y, y_new, rtol, atol, width, scale):
    """The same where the larger of the states at both ends counts, as it does for Runge-Kutta pairs."""
    for i in range(width):
        scale[i] = 1.0 / (atol[i] + rtol * max(abs(y[i]), abs(y_new[i])))


@kernel
def _first_length(y, f, rtol, atol, n):
    """A length on which the solution changes by its own size, or by the size from which the relative tolerance counts."""
    slope = 0.0
    for i in range(n):
        slope += (f[i] / (atol[i] + rtol * abs(y[i]))) ** 2
    return np.sqrt(max(n, 1) / slope) / rtol


@functools.cache
def choose_order(rtol: float, n: int) -> int:
    """Return the order that reaches a tolerance at least cost per unit of time.

    The step grows like ``rtol**(1/(order + 1))``; its cost is a constant, plus a matrix-vector product and some
    bookkeeping an order, plus the convolutions, quadratic in the order. The figures are nanoseconds, measured; only their
    ratios matter.
    """
    orders = np.arange(6, 31)
    return int(orders[np.argmin(step_cost(orders, n) * rtol ** (-1.0 / (orders + 1)))])


def step_cost(order: Any, n: int) -> Any:
    """Return the nanoseconds of a step of so many orders for n neurons."""
    blocks = padded(n) // WIDTH
    return 250.0 + order * (13.0 + 1.5 * n + 0.08 * n * n) + order**2 * (0.3 + 0.4 * blocks)
