"""What adaptive methods do with an accepted step: locate events, hand out points, keep the interpolant.

On a step from t the solution is ``y + sum_d q[d] x^(d+1)`` with x the fraction of the step, whatever the method.
"""

from __future__ import annotations

import numpy as np

from neurodynamics import _protocol as P
from neurodynamics._jit import kernel
from neurodynamics._pointer import row
from neurodynamics._protocol import crossed, gates, log_event, put, reset_state
from neurodynamics._state import copy_to, polynomial

ROOT_ITERATIONS = 100
NOTHING, RESTART, STOP = range(3)


@kernel
def begin(problem, book, y, t0, t_ref, refine):
    """Set the clock, hand out the initial point, and evaluate the zero functions."""
    clock, count, t_out, room = book[0], book[1], book[2], book[3]
    n = problem[4]
    count[P.STARTED] = 1
    count[P.FRESH] = 1
    clock[P.T] = t0
    clock[P.ERROR_OLD] = 1e-4
    if refine > 0 or (room > 0 and t_out[0] == t0):
        put(t0, y, n, book)
    gates(problem, book, t0, t_ref, y, book[11])


@kernel
def full(book, refine, keep):
    """Whether the next step may not find room for its points, its interpolant or its events."""
    count = book[1]
    return (
        (refine > 0 and count[P.OUT] + refine > book[3])
        or (keep and count[P.KEPT] >= book[7])
        or count[P.LOGGED] + book[15] > book[14]
    )


@kernel
def wanted_inside(book, t_new, direction):
    """Whether a wanted time lies before the end of the step."""
    count, t_out, room = book[1], book[2], book[3]
    return count[P.OUT] < room and (t_new - t_out[count[P.OUT]]) * direction > 0.0


@kernel
def accept(problem, book, watch, y, y_new, q, degree, z, t, step, t_new, t_ref):
    """Make y the state at the end of the step, or at the event that ends it; return what happened."""
    refine, keep, directions, terminal = watch
    clock, count = book[0], book[1]
    n, width = problem[4], problem[5]
    happened = NOTHING
    if book[15] > 0:
        happened = _locate(problem, book, directions, terminal, y, y_new, q, degree, z, t, step, t_new, t_ref)
        if happened != NOTHING:
            t_new = clock[P.T_EVENT]
            copy_to(z, n, y_new)
    _emit(book, y, y_new, q, degree, z, n, width, t, step, t_new, refine)
    if keep:
        _keep(book, y, q, degree, n, width, t, step, t_new)
    if happened != NOTHING and problem[0][P.RESET] != 0:
        event = count[P.EVENT]
        gates(problem, book, t_new, t_ref, y_new, book[12])  # leaves the inputs at this time
        reset_state(problem, event, t_new, y_new, z)
        gates(problem, book, t_new, t_ref, y_new, book[11])
        book[11][event] = 0.0
    copy_to(y_new, width, y)
    clock[P.T] = t_new
    return happened


@kernel
def _locate(problem, book, directions, terminal, y, y_new, q, degree, z, t, step, t_new, t_ref):
    """Find the zeros inside the step and log them in order, up to the first that ends the step; its state is in z."""
    clock, count, before, after, roots, events = book[0], book[1], book[11], book[12], book[13], book[15]
    n, width = problem[4], problem[5]
    gates(problem, book, t_new, t_ref, y_new, after)
    for e in range(events):
        roots[e] = np.inf
        if crossed(before[e], after[e], directions[e]):
            roots[e] = _root(problem, book, e, before[e], after[e], y, q, degree, z, t, step, t_ref)
    gates(problem, book, t_new, t_ref, y_new, after)
    for _ in range(events):
        first = 0
        for e in range(events):
            if roots[e] < roots[first]:
                first = e
        if roots[first] == np.inf:
            break
        time = t + roots[first] * step
        polynomial(y, q, degree, roots[first], width, z)
        roots[first] = np.inf
        log_event(time, first, z, n, book)
        if terminal[first] != 0 or problem[0][P.RESET] != 0:
            clock[P.T_EVENT] = time
            count[P.EVENT] = first
            return STOP if terminal[first] != 0 else RESTART
    copy_to(after, events, before)
    return NOTHING


@kernel
def _root(problem, book, e, left, right, y, q, degree, z, t, step, t_ref):
    """The zero of event e in the step, by regula falsi with the Illinois rule, safeguarded by bisection."""
    width = problem[5]
    g = book[12]
    low, high = 0.0, 1.0
    side = 0
    for k in range(ROOT_ITERATIONS):
        if right == 0.0 or (high - low) * abs(step) <= 2.0 * np.spacing(abs(t + high * step)):
            break
        x = high - right * (high - low) / (right - left)
        if k % 3 == 2 or not low < x < high:
            x = 0.5 * (low + high)
        polynomial(y, q, degree, x, width, z)
        gates(problem, book, t + x * step, t_ref, z, g)
        if g[e] == 0.0:
            high, right = x, 0.0
        elif (g[e] > 0.0) == (right > 0.0):
            high, right = x, g[e]
            if side == 1:
                left *= 0.5
            side = 1
        else:
            low, left = x, g[e]
            if side == -1:
                right *= 0.5
            side = -1
    return high


@kernel
def _emit(book, y, y_new, q, degree, z, n, width, t, step, t_new, refine):
    """Hand out points of the step: `refine` equal parts of it, or the wanted times that lie in it."""
    count, t_out, room = book[1], book[2], book[3]
    if refine > 0:
        for j in range(1, refine):
            time = t + (t_new - t) * j / refine
            polynomial(y, q, degree, (time - t) / step, width, z)
            put(time, z, n, book)
        put(t_new, y_new, n, book)
        return
    while count[P.OUT] < room and (t_new - t_out[count[P.OUT]]) * step >= 0.0:
        time = t_out[count[P.OUT]]
        if time == t_new:
            put(time, y_new, n, book)
        else:
            polynomial(y, q, degree, (time - t) / step, width, z)
            put(time, z, n, book)


@kernel
def _keep(book, y, q, degree, n, width, t, step, t_new):
    """Keep the interpolant of the step: its times, and the rows y, q[0], q[1], .."""
    count = book[1]
    k = count[P.KEPT]
    times = row(book[5], k, 3)
    times[0] = t
    times[1] = step
    times[2] = t_new
    coefficients = row(book[6], k, (degree + 1) * n)
    copy_to(y, n, row(coefficients, 0, n))
    for d in range(degree):
        copy_to(row(q, d, width), n, row(coefficients, d + 1, n))
    count[P.KEPT] = k + 1
