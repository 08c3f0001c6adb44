"""The driver of explicit Runge-Kutta pairs with error control, dense output and located events.

Step control is the proportional-integral one of Hairer, Norsett & Wanner (1993), II.4 and (1996), IV.2. A step never
crosses a breakpoint of the inputs.
"""

from __future__ import annotations

import numpy as np

from neurodynamics import _protocol as P
from neurodynamics._jit import kernel
from neurodynamics._output import NOTHING, STOP, accept, begin, full, wanted_inside
from neurodynamics._pointer import call
from neurodynamics._state import all_finite, combine, copy_to, dense_rows, distance, scaled_norm, weighted_norm
from neurodynamics.signals import evaluate_inputs

SAFETY = 0.9
INTEGRAL_SHARE = 0.04  # beta of dopri5; DOP853 does without
SHRINK_AT_MOST, GROW_AT_MOST = 0.2, 10.0
STRETCH = 1.01  # reach for the end when this step would nearly get there
STIFF_AFTER, STIFF_FORGOTTEN_AFTER = 15, 6
EXTRA_ROWS = 3  # work rows behind the stages and the interpolant: stage state, new state, scratch


@kernel
def advance_adaptive(functions, method, settings, inputs, params, clock, count, y, work, out, log, budget):
    """Take steps under error control; see :mod:`neurodynamics._protocol`."""
    a, b, c, error, error_3, dense, error_order, stiff_above = method
    t0, t_end, edges, rtol, atol, h_first, h_max, refine, keep, directions, terminal = settings
    n = out[1].shape[1]
    stages, rows, degree = b.size, a.shape[0], dense.shape[1]
    k, q = work[:rows], work[rows : rows + degree]
    z, y_new, scratch = work[rows + degree], work[rows + degree + 1], work[rows + degree + 2]
    direction = 1.0 if t_end >= t0 else -1.0
    if count[P.STARTED] == 0:
        if not all_finite(y, n):
            return P.NON_FINITE
        begin(functions, inputs, params, clock, count, y, n, t0, 0.5 * (edges[0] + edges[1]), refine, out, log)
        if t0 == t_end:
            return P.DONE
    for _ in range(budget):
        if full(refine, keep, directions, out, log, count):
            return P.OUTPUT_FULL
        t, edge = clock[P.T], edges[count[P.SEGMENT] + 1]
        t_ref = 0.5 * (edges[count[P.SEGMENT]] + edge)
        if count[P.FRESH]:
            _slope(functions, inputs, params, count, t, t_ref, y, n, k[0])
            count[P.FRESH] = 0
            if clock[P.H] == 0.0:
                clock[P.H] = h_first
                if h_first == 0.0:
                    h_limit = direction * min(h_max, abs(edge - t))
                    clock[P.H] = _first_step(functions, inputs, params, count, t, t_ref, y, k[0], z, y_new, scratch, n,
                                             h_limit, error_order, rtol, atol)  # fmt: skip
        h = min(clock[P.H], h_max)
        last = STRETCH * h >= abs(edge - t)
        step = edge - t if last else direction * h
        t_new = edge if last else t + step
        _stages(functions, inputs, params, count, a, b, c, t, step, t_new, t_ref, y, y_new, z, k, n)
        size = scaled_norm(k, step, error, error_3, y, y_new, atol, rtol, n)
        _next_step(clock, count, size, step, last, error_order)
        if not size <= 1.0:
            if clock[P.H] < 10.0 * np.spacing(abs(t)):
                return P.STEP_TOO_SMALL if all_finite(y_new, n) else P.NON_FINITE
            continue
        if _looks_stiff(k, y_new, z, stages, step, stiff_above, n, count):
            return P.LOOKS_STIFF
        if keep or refine > 1 or directions.size or wanted_inside(t_new, direction, out, count):
            _interpolant(functions, inputs, params, count, a, c, dense, t, step, t_ref, y, z, k, q, stages, n)
        happened = accept(functions, inputs, params, clock, count, y, y_new, q, z, t, step, t_new, t_ref, n, refine, keep,
                          directions, terminal, out, log)  # fmt: skip
        if happened == STOP:
            return P.STOPPED_BY_EVENT
        if happened == NOTHING:
            copy_to(k[stages], y.size, k[0])
        if happened == NOTHING and last:
            if edge == t_end:
                return P.DONE
            count[P.SEGMENT] += 1
        if happened != NOTHING or last:
            count[P.FRESH] = 1
    return P.BUDGET_USED


@kernel
def _slope(functions, inputs, params, count, t, t_ref, y, n, f):
    """F = f(t, y), with the inputs of the piece that holds t_ref."""
    base, terms, data, u, varying = inputs
    if varying:
        evaluate_inputs(base, terms, data, t, t_ref, u)
    call(functions[P.RHS], t, y[:n], u, params, f[:n])
    count[P.EVALUATIONS] += 1


@kernel
def _stages(functions, inputs, params, count, a, b, c, t, step, t_new, t_ref, y, y_new, z, k, n):
    """The stages of a step, the new state, and its slope in k[stages]; the last stage's state stays in z."""
    stages = b.size
    for s in range(1, stages):
        combine(y, step, a[s], k, s, z)
        _slope(functions, inputs, params, count, t + c[s] * step, t_ref, z, n, k[s])
    combine(y, step, b, k, stages, y_new)
    _slope(functions, inputs, params, count, t_new, t_ref, y_new, n, k[stages])


@kernel
def _interpolant(functions, inputs, params, count, a, c, dense, t, step, t_ref, y, z, k, q, stages, n):
    """The further stages of the interpolant, and its coefficients q."""
    rows = a.shape[0]
    for s in range(stages + 1, rows):
        combine(y, step, a[s], k, s, z)
        _slope(functions, inputs, params, count, t + c[s] * step, t_ref, z, n, k[s])
    dense_rows(k, step, dense, rows, q)


@kernel
def _next_step(clock, count, size, step, last, error_order):
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
def _first_step(functions, inputs, params, count, t, t_ref, y, f, z, f_next, scratch, n, h_limit, error_order, rtol, atol):
    """The first step from the sizes of y, y' and y'' (Hairer, Norsett & Wanner, II.4)."""
    d0 = weighted_norm(y, y, atol, rtol, n)
    d1 = weighted_norm(f, y, atol, rtol, n)
    h0 = 1e-6 if d0 < 1e-5 or d1 < 1e-5 else 0.01 * d0 / d1
    h0 = np.copysign(min(h0, abs(h_limit)), h_limit)
    for i in range(n):
        z[i] = y[i] + h0 * f[i]
    _slope(functions, inputs, params, count, t + h0, t_ref, z, n, f_next)
    for i in range(n):
        scratch[i] = f_next[i] - f[i]
    d2 = weighted_norm(scratch, y, atol, rtol, n) / abs(h0)
    largest = max(d1, d2)
    h1 = max(1e-6, abs(h0) * 1e-3) if largest <= 1e-15 else (0.01 / largest) ** (1.0 / error_order)
    return min(100.0 * abs(h0), h1, abs(h_limit))


@kernel
def _looks_stiff(k, y_new, z, stages, step, stiff_above, n, count):
    """Whether |h lambda|, estimated from the slopes at the new state and the last stage, stays beyond stability."""
    if stiff_above == np.inf:
        return False
    apart = distance(y_new, z, n)
    if apart > 0.0 and abs(step) * distance(k[stages], k[stages - 1], n) > stiff_above * apart:
        count[P.STIFF] += 1
        count[P.NOT_STIFF] = 0
        return count[P.STIFF] >= STIFF_AFTER
    count[P.NOT_STIFF] += 1
    if count[P.NOT_STIFF] >= STIFF_FORGOTTEN_AFTER:
        count[P.STIFF] = 0
    return False
