"""The driver that carries a state and its tangent vectors along a flow, by explicit Runge-Kutta steps.

Time runs through the edges of bins; the growth of each tangent vector, and the integral of the trace, are added up per
bin. Steps end at the edges and at breakpoints of the inputs. Between them the vectors are made orthonormal as often as
they need it: so that none grows or shrinks by more than about ``exp(GROW_AT_MOST_BY)`` in between.

Step control is the proportional-integral one of Hairer, Norsett & Wanner (1993), II.4. The error of a tangent vector is
measured against its length, so that the exponents are as precise as the trajectory, and on an equilibrium as well.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.lyapunov.orthonormal import orthonormalise, rescale
from analysis.lyapunov.slopes import DIFFUSION, extended_slope, problem_of
from neurodynamics.compiling import (
    WIDTH,
    all_finite,
    call,
    combine,
    copy_to,
    extract,
    fma,
    kernel,
    load,
    offset,
    pointer,
    row,
    splat,
    store,
)
from neurodynamics.inputs import normal_pair

# clock
T, H, ERROR_OLD = range(3)
CLOCK_SIZE = 3

# count
EDGE, STEPS, REJECTED, EVALUATIONS, SINCE, EVERY, FRESH, PIECE, AFTER_REJECTION, NOISE_STEP, MEMBER, TOGETHER = range(12)
COUNT_SIZE = 12

# what the drivers return
DONE, BUDGET_USED, NON_FINITE, STEP_TOO_SMALL = 0, 10, -4, -5

SAFETY = 0.9
INTEGRAL_SHARE = 0.04  # beta of dopri5; DOP853 does without
SHRINK_AT_MOST, GROW_AT_MOST = 0.2, 6.0
GROW_AT_MOST_BY, GROW_AT_LEAST_BY = 4.0, 1.0  # logarithms of the growth between two orthonormalisations
RARELY = 256  # steps between two orthonormalisations, at most
HUGE = 1e100  # a state beyond this is on its way to infinity
NEARLY = 1e-9  # of a step: less than this is not a step
EXTRA_ROWS = 4  # work rows behind the stages: stage state, new state, noise, scratch


class Pair(NamedTuple):
    """A Runge-Kutta method, a pair with error estimates or one of constant step; arrays or pointers, and its noise."""

    a: Any
    b: Any
    c: Any
    stages: int
    total: int
    error: Any
    error_3: Any
    order: float
    adaptive: bool
    noisy: bool
    key: Any


class Bins(NamedTuple):
    """The edges of the bins of time, the breakpoints of the inputs, and how precise steps must be."""

    edges: Any
    n_edges: int
    breaks: Any
    n_breaks: int
    rtol: float
    tangent_rtol: float  # of tangent vectors, which differences know less well
    atol: float
    h_max: float
    n: int  # states
    k: int  # tangent vectors
    jacobian: Any  # scratch (N, N), empty where no Jacobian is formed


@kernel
def advance_flow(functions, pair, bins, signals, params, clock, count, y, work, growth, traces, budget):
    """Go on for at most `budget` steps, towards the last edge; growth (bins, k) and traces (bins,) add up."""
    problem = problem_of(functions, signals, params, bins.n, bins.k, y.size, bins.jacobian)
    at = Bins(pointer(bins.edges), bins.n_edges, pointer(bins.breaks), bins.n_breaks, bins.rtol, bins.tangent_rtol,
              bins.atol, bins.h_max, bins.n, bins.k, problem.jacobian)  # fmt: skip
    method = Pair(pointer(pair.a), pointer(pair.b), pointer(pair.c), pair.stages, pair.total, pointer(pair.error),
                  pointer(pair.error_3), pair.order, pair.adaptive, pair.noisy, pair.key)  # fmt: skip
    return _advance(problem, method, at, pointer(clock), pointer(count), pointer(y), pointer(work), pointer(growth),
                    pointer(traces), budget)  # fmt: skip


@kernel
def _advance(problem, pair, bins, clock, count, y, work, growth, traces, budget):
    edges, n_edges, breaks, n_breaks = bins.edges, bins.n_edges, bins.breaks, bins.n_breaks
    adaptive, rtol, atol, h_max = pair.adaptive, bins.rtol, bins.atol, bins.h_max
    n, k, width, stages = problem.n, problem.k, problem.width, pair.stages
    y_new = row(work, stages + 2, width)
    last_counts = adaptive and pair.error[stages] != 0.0  # the error estimate uses the slope at the new state
    for _ in range(budget):
        if count[EDGE] + 1 >= n_edges:
            return DONE
        t, end = clock[T], edges[count[EDGE] + 1]
        split = count[PIECE] < n_breaks and breaks[count[PIECE]] < end
        if split:
            end = breaks[count[PIECE]]
        t_ref = 0.5 * (t + end)
        left = end - t
        if clock[H] == 0.0:
            clock[H] = _first_step(problem, t, t_ref, y, row(work, 0, width), rtol, atol, min(left, h_max))
            count[FRESH] = 0
        h = min(clock[H], h_max)
        last = left <= h * (1.0 + NEARLY)
        if last:
            h = left
        elif left < 2.0 * h:
            h = h if not adaptive else 0.5 * left
        if count[FRESH]:
            extended_slope(problem, t, t_ref, y, row(work, 0, width))
            count[EVALUATIONS] += 1
            count[FRESH] = 0
        if pair.noisy:
            _noise(problem, count, pair.key, t, t_ref, y, row(work, stages + 3, width), row(work, stages + 4, width), h)
        _stages(problem, pair, work, t, h, t_ref, y, y_new)
        count[EVALUATIONS] += stages - 1
        if last_counts:
            extended_slope(problem, t + h, t_ref, y_new, row(work, stages, width))
            count[EVALUATIONS] += 1
        if adaptive:
            size = _error_size(work, h, pair, y_new, bins, width)
            _next_step(clock, count, size, h, last or left < 2.0 * clock[H], pair.order)
            if not size <= 1.0:
                if clock[H] < 10.0 * np.spacing(abs(t)):
                    return STEP_TOO_SMALL if is_moderate(y_new, n) else NON_FINITE
                continue
        if not all_finite(y_new, n):
            return NON_FINITE
        count[STEPS] += 1
        count[SINCE] += 1
        copy_to(y_new, width, y)
        clock[T] = end if last else t + h
        at_edge = last and not split
        while last and count[PIECE] < n_breaks and breaks[count[PIECE]] <= end:
            count[PIECE] += 1
        count[FRESH] = 1
        due = at_edge or count[SINCE] >= count[EVERY]
        if due:
            if k > 0 and not tidy(offset(y, n + 1), n, k, count, row(growth, count[EDGE], k), at_edge):
                return NON_FINITE
            count[SINCE] = 0
        elif last_counts and not last:
            copy_to(row(work, stages, width), width, row(work, 0, width))
            count[FRESH] = 0
        if at_edge:
            traces[count[EDGE]] += y[n]
            y[n] = 0.0
            count[EDGE] += 1
    return BUDGET_USED if count[EDGE] + 1 < n_edges else DONE


@kernel
def is_moderate(y, n):
    """Whether no element is NaN or so large that its square overflows."""
    for i in range(n):
        if not abs(y[i]) < HUGE:
            return False
    return True


@kernel
def tidy(q, n, k, count, growth, at_edge):
    """Make the vectors orthonormal, and choose the steps until the next time; return whether they are finite."""
    if count[TOGETHER]:
        size = rescale(q, n, k, growth)
    else:
        size = orthonormalise(q, n, k, growth)
    if size != size:
        return False
    if size > GROW_AT_MOST_BY:
        count[EVERY] = max(1, count[EVERY] // 2)
    elif size < GROW_AT_LEAST_BY and not at_edge:
        count[EVERY] = min(count[EVERY] + 1, RARELY)
    return True


@kernel
def _stages(problem, pair, work, t, h, t_ref, y, y_new):
    """The stages of a step, and the new state."""
    c, stages, noisy, n, width = pair.c, pair.stages, pair.noisy, problem.n, problem.width
    z, w = row(work, stages + 1, width), row(work, stages + 3, width)
    for s in range(1, stages):
        combine_pairs(y, h, row(pair.a, s, pair.total), work, s, width, z)
        if noisy:
            add_noise(z, c[s], w, n)
        extended_slope(problem, t + c[s] * h, t_ref, z, row(work, s, width))
    combine_pairs(y, h, pair.b, work, stages, width, y_new)
    if noisy:
        add_noise(y_new, 1.0, w, n)


@kernel(host=combine.host)
def combine_pairs(y, h, weights, k, count, width, out):
    """out = y + h sum_s weights[s] k[s], two vectors at a time: short states wait for chains of sums."""
    i = 0
    while i + 2 * WIDTH <= width:
        left, right = load(y, i), load(y, i + WIDTH)
        for s in range(count):
            weight = weights[s]
            if weight != 0.0:
                factor = splat(h * weight)
                left = fma(factor, load(k, s * width + i), left)
                right = fma(factor, load(k, s * width + i + WIDTH), right)
        store(out, i, left)
        store(out, i + WIDTH, right)
        i += 2 * WIDTH
    if i < width:
        left = load(y, i)
        for s in range(count):
            if weights[s] != 0.0:
                left = fma(splat(h * weights[s]), load(k, s * width + i), left)
        store(out, i, left)


@kernel
def _noise(problem, count, key, t, t_ref, y, w, g, h):
    """w = g(t, y) sqrt(h) xi: frozen noise, the same numbers for every tangent vector."""
    n, drive = problem.n, problem.drive
    call(problem.functions[DIFFUSION], t, y, n, drive.u, drive.m, problem.params, problem.p, g, n)
    for i in range(0, n, 2):
        one, other = normal_pair(key, count[MEMBER], count[NOISE_STEP], i // 2)
        w[i] = one * g[i] * np.sqrt(h)
        if i + 1 < n:
            w[i + 1] = other * g[i + 1] * np.sqrt(h)
    count[NOISE_STEP] += 1


@kernel
def add_noise(y, factor, w, n):
    """y += factor w, over the state only: noise that does not depend on the state moves no tangent vector."""
    for i in range(n):
        y[i] += factor * w[i]


def _host_error_size(work, h, pair, y_new, bins, width):
    n, k, inverse = bins.n, bins.k, np.zeros(width)
    inverse[:n] = 1.0 / ((bins.atol + bins.rtol * np.abs(y_new[:n])) * np.sqrt(max(n, 1)))
    inverse[n + 1 : n + 1 + k * n] = 1.0 / (bins.tangent_rtol * np.sqrt(max(k, 1)))
    estimates = (h * (weights @ work[: weights.size]) * inverse for weights in (pair.error, pair.error_3))
    squares = [float(np.sum(estimate**2)) for estimate in estimates]
    return _mixed(squares[0], squares[1])


@kernel
def _mixed(square, square_3):
    """e^2 / sqrt(e^2 + 0.01 e3^2), which is e without a second estimate (DOP853)."""
    return square / np.sqrt(square + 0.01 * square_3) if square != 0.0 else 0.0


@kernel(host=_host_error_size)
def _error_size(work, h, pair, y_new, bins, width):
    """The error of a step, in units of the tolerance: root mean square over states, and over tangent vectors.

    A vector's error is measured against its length.
    """
    n, k, stages, error, error_3 = bins.n, bins.k, pair.stages, pair.error, pair.error_3
    inverse = row(work, stages + 4, width)
    root, of_vectors = 1.0 / np.sqrt(max(n, 1)), 1.0 / (bins.tangent_rtol * np.sqrt(max(k, 1)))
    for i in range(n):
        inverse[i] = root / (bins.atol + bins.rtol * abs(y_new[i]))
    inverse[n] = 0.0  # the trace is no part of the state
    for i in range(n + 1, n + 1 + k * n):
        inverse[i] = of_vectors
    for i in range(n + 1 + k * n, width):
        inverse[i] = 0.0
    squares, squares_3 = splat(0.0), splat(0.0)
    for i in range(0, width, WIDTH):
        e, e_3 = splat(0.0), splat(0.0)
        for s in range(stages + 1):
            weight, weight_3 = error[s], error_3[s]
            if weight != 0.0 or weight_3 != 0.0:
                slope = load(work, s * width + i)
                e = fma(splat(weight), slope, e)
                e_3 = fma(splat(weight_3), slope, e_3)
        scale = load(inverse, i)
        e, e_3 = e * scale, e_3 * scale
        squares = fma(e, e, squares)
        squares_3 = fma(e_3, e_3, squares_3)
    return h * _mixed(_sum(squares), _sum(squares_3))


@kernel
def _sum(x):
    total = 0.0
    for i in range(WIDTH):
        total += extract(x, i)
    return total


@kernel
def _next_step(clock, count, size, step, cut, error_order):
    """Choose the length of the next step from the error of this one; NaN counts as a failure."""
    beta = INTEGRAL_SHARE if error_order == 5.0 else 0.0
    exponent = 1.0 / error_order - 0.75 * beta
    if not size <= 1.0:
        factor = SAFETY * size**-exponent if size < np.inf else SHRINK_AT_MOST
        clock[H] = step * max(factor, SHRINK_AT_MOST)
        count[AFTER_REJECTION] = 1
        count[REJECTED] += 1
        return
    factor = SAFETY * size**-exponent * clock[ERROR_OLD] ** beta if size > 0.0 else GROW_AT_MOST
    factor = min(max(factor, SHRINK_AT_MOST), 1.0 if count[AFTER_REJECTION] else GROW_AT_MOST)
    clock[ERROR_OLD] = max(size, 1e-4)
    count[AFTER_REJECTION] = 0
    clock[H] = max(step * factor, clock[H]) if cut and factor >= 1.0 else step * factor


@kernel
def _first_step(problem, t, t_ref, y, f, rtol, atol, limit):
    """A first step from the sizes of y and y'."""
    n = problem.n
    extended_slope(problem, t, t_ref, y, f)
    size, speed = 0.0, 0.0
    for i in range(n):
        scale = atol + rtol * abs(y[i])
        size += (y[i] / scale) ** 2
        speed += (f[i] / scale) ** 2
    if speed == 0.0:
        return limit
    return min(0.01 * np.sqrt(max(size, 1e-4 * n) / speed), limit)
