"""The driver of explicit Runge-Kutta pairs with error control, dense output and located events.

Step control is the proportional-integral one of Hairer, Norsett & Wanner (1993), II.4 and (1996), IV.2. A step never
crosses a breakpoint of the inputs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import (
    add,
    all_finite,
    combine,
    copy_to,
    dense_rows,
    distance,
    doubles,
    integers,
    kernel,
    row,
    rows,
    scaled_norm,
    weighted_norm,
)
from neurodynamics.methods import frame as F, protocol as P
from neurodynamics.methods.frame import no_doubles
from neurodynamics.methods.output import NOTHING, RESTART, Step, accept, begin, full, wanted_inside
from neurodynamics.methods.protocol import problem_of, slope, trajectory_of

SAFETY = 0.9
INTEGRAL_SHARE = 0.04  # beta of dopri5; DOP853 does without
SHRINK_AT_MOST, GROW_AT_MOST = 0.2, 10.0
SMALLEST, LEAST = 10.0 * 2.0**-52, 5e-323  # step in units of the time, and near the time zero
STRETCH = 1.01  # reach for the end when this step would nearly get there
STIFF_AFTER, STIFF_FORGOTTEN_AFTER = 15, 6
WORTH = 2e7  # steps, times the square of the number of states, that cost what an implicit method costs at least
EXTRA_ROWS = 3  # work rows behind the stages and the interpolant: stage state, new state, scratch


class Scheme(NamedTuple):
    """A Runge-Kutta pair with its interpolant, of `degree`, which takes `total` stages."""

    a: Any
    b: Any
    c: Any
    stages: int
    total: int
    dense: Any
    degree: int


class Errors(NamedTuple):
    """How the error of a step is measured: weights of the stages, of DOP853 two, and the tolerances."""

    weights: Any
    weights_3: Any
    length: int
    order: float
    rtol: float
    atol: Any


@kernel
def advance_adaptive(frame, budget):
    """Take steps under error control; see :mod:`neurodynamics.methods.frame`."""
    problem, trajectory = problem_of(frame, no_doubles()), trajectory_of(frame, no_doubles())
    numbers, whole = doubles(frame, F.NUMBERS), integers(frame, F.WHOLE)
    t0, t_end, h_first, h_max = numbers[F.T0], numbers[F.T_END], numbers[F.FIRST_STEP], numbers[F.MAX_STEP]
    stiff_above, rtol, atol = numbers[F.STIFF_ABOVE], numbers[F.RTOL], doubles(frame, F.ATOL)
    stages, total, degree = whole[F.STAGES], whole[F.TOTAL], whole[F.DEGREE]
    scheme = Scheme(doubles(frame, F.A), doubles(frame, F.B), doubles(frame, F.C), stages, total, doubles(frame, F.DENSE),
                    degree)  # fmt: skip
    errors = Errors(doubles(frame, F.ERROR), doubles(frame, F.ERROR_3), whole[F.ERROR_ROWS], numbers[F.ERROR_ORDER], rtol,
                    atol)  # fmt: skip
    edges, y, k = doubles(frame, F.BREAKS), doubles(frame, F.Y), doubles(frame, F.WORK)
    clock, count, n, width = trajectory.clock, trajectory.count, problem.n, problem.width
    q, z, y_new = rows(k, total, width), row(k, total + degree, width), row(k, total + degree + 1, width)
    direction = 1.0 if t_end >= t0 else -1.0
    inside = trajectory.pieces.room > 0 or trajectory.output.refine > 1 or trajectory.events.count > 0
    if count[P.STARTED] == 0:
        if not all_finite(y, n):
            return P.NON_FINITE
        begin(problem, trajectory, y, t0, 0.5 * (edges[0] + edges[1]))
        if t0 == t_end:
            return P.DONE
    for _ in range(budget):
        if full(trajectory):
            return P.OUTPUT_FULL
        t, edge = clock[P.T], edges[count[P.SEGMENT] + 1]
        t_ref, smallest = 0.5 * (edges[count[P.SEGMENT]] + edge), SMALLEST * abs(t) + LEAST
        if count[P.FRESH]:
            slope(problem, t, t_ref, y, row(k, 0, width))
            count[P.EVALUATIONS] += 1
            count[P.FRESH] = 0
            if clock[P.H] == 0.0:
                scratch = row(k, total + degree + 2, width)
                limit = direction * min(h_max, abs(edge - t))
                clock[P.H] = h_first if h_first > 0.0 else first_step(problem, errors, t, t_ref, y, k, z, scratch, limit)
                clock[P.H] = max(clock[P.H], smallest)
                count[P.EVALUATIONS] += 1
        h = min(clock[P.H], h_max)
        last = STRETCH * h >= abs(edge - t)
        if h < smallest and not last:
            return P.STEP_TOO_SMALL
        h = edge - t if last else direction * h
        step = Step(t, h, edge if last else t + h, t_ref, y, y_new, q, degree, z)
        _stages(problem, scheme, k, step)
        count[P.EVALUATIONS] += stages
        size = scaled_norm(k, h, errors.weights, errors.weights_3, errors.length, y, y_new, atol, rtol, n, width)
        next_step(clock, count, size, h, last, errors.order)
        if not size <= 1.0:
            if not clock[P.H] >= smallest:
                return P.STEP_TOO_SMALL if all_finite(y_new, n) else P.NON_FINITE
            continue
        if stiff_above < np.inf and _looks_stiff(problem, count, step, k, stages, stiff_above):
            return P.LOOKS_STIFF
        if inside or wanted_inside(trajectory, step.t_new, direction):
            _interpolant(problem, scheme, k, step)
            count[P.EVALUATIONS] += total - stages - 1
        happened = accept(problem, trajectory, step)
        if happened != NOTHING and happened != RESTART:
            return happened
        if happened == NOTHING:
            copy_to(row(k, stages, width), width, row(k, 0, width))
        if clock[P.T] == edge:
            if edge == t_end:
                return P.DONE
            count[P.SEGMENT] += 1
        if happened != NOTHING or last:
            count[P.FRESH] = 1
    return P.BUDGET_USED


@kernel
def _stages(problem, scheme, k, step):
    """The stages of a step, the new state, and its slope in k[stages]; the last stage's state stays in z."""
    stages, width, z = scheme.stages, problem.width, step.z
    for s in range(1, stages):
        combine(step.y, step.h, row(scheme.a, s, scheme.total), k, s, width, z)
        slope(problem, step.t + scheme.c[s] * step.h, step.t_ref, z, row(k, s, width))
    combine(step.y, step.h, scheme.b, k, stages, width, step.y_new)
    slope(problem, step.t_new, step.t_ref, step.y_new, row(k, stages, width))


@kernel
def _interpolant(problem, scheme, k, step):
    """The further stages of the interpolant, and its coefficients q."""
    width, z = problem.width, step.z
    for s in range(scheme.stages + 1, scheme.total):
        combine(step.y, step.h, row(scheme.a, s, scheme.total), k, s, width, z)
        slope(problem, step.t + scheme.c[s] * step.h, step.t_ref, z, row(k, s, width))
    dense_rows(k, step.h, scheme.dense, scheme.total, scheme.degree, width, step.q)


@kernel
def next_step(clock, count, size, step, last, error_order):
    """Choose the length of the next step from the error estimate `size` of this one; NaN counts as a failure."""
    beta = INTEGRAL_SHARE if error_order == 5 else 0.0
    exponent = 1.0 / error_order - 0.75 * beta
    if not size <= 1.0:
        factor = SAFETY * size**-exponent if size < np.inf else SHRINK_AT_MOST
        clock[P.H] = abs(step) * max(factor, SHRINK_AT_MOST)
        count[P.AFTER_REJECTION] = 1
        count[P.REJECTED] += 1
        return
    factor = SAFETY * size**-exponent * clock[P.ERROR_OLD] ** beta if size > 0.0 else GROW_AT_MOST
    factor = min(max(factor, SHRINK_AT_MOST), 1.0 if count[P.AFTER_REJECTION] else GROW_AT_MOST)
    clock[P.ERROR_OLD] = max(size, 1e-4)
    count[P.AFTER_REJECTION] = 0
    count[P.STEPS] += 1
    proposed = abs(step) * factor
    clock[P.H] = max(proposed, clock[P.H]) if last and factor >= 1.0 else proposed  # `last` may have cut the step


@kernel
def first_step(problem, errors, t, t_ref, y, k, z, scratch, limit):
    """The first step from the sizes of y, y' and y'' (Hairer, Norsett & Wanner, II.4)."""
    rtol, atol, n, width = errors.rtol, errors.atol, problem.n, problem.width
    f = row(k, 0, width)
    d0 = weighted_norm(y, y, atol, rtol, n)
    d1 = weighted_norm(f, y, atol, rtol, n)
    h0 = 1e-6 if d0 < 1e-5 or d1 < 1e-5 else 0.01 * d0 / d1
    if not h0 > 0.0:  # the slope is infinite or NaN
        h0 = 1e-6
    h0 = min(h0, abs(limit)) if limit >= 0.0 else -min(h0, abs(limit))
    copy_to(y, width, z)
    add(z, h0, f, width)
    slope(problem, t + h0, t_ref, z, scratch)
    add(scratch, -1.0, f, width)
    d2 = weighted_norm(scratch, y, atol, rtol, n) / abs(h0)
    largest = max(d1, d2)
    h1 = max(1e-6, abs(h0) * 1e-3) if largest <= 1e-15 else (0.01 / largest) ** (1.0 / errors.order)
    length = min(100.0 * abs(h0), h1, abs(limit))
    return length if length > 0.0 else abs(h0)


@kernel
def _looks_stiff(problem, count, step, k, stages, stiff_above):
    """Whether |h lambda|, estimated from the slopes at the new state and the last stage, stays beyond stability.

    Only what has taken many steps is given away: a stiff start may be over soon, and explicit steps are cheap.
    """
    n, width = problem.n, problem.width
    apart = distance(step.y_new, step.z, n)
    bend = distance(row(k, stages, width), row(k, stages - 1, width), n)
    if apart > 0.0 and abs(step.h) * bend > stiff_above * apart:
        count[P.STIFF] += 1
        count[P.NOT_STIFF] = 0
        return count[P.STIFF] >= STIFF_AFTER and count[P.STEPS] * (n * n + 1000.0) >= WORTH
    count[P.NOT_STIFF] += 1
    if count[P.NOT_STIFF] >= STIFF_FORGOTTEN_AFTER:
        count[P.STIFF] = 0
    return False
