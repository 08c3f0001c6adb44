"""Output of adaptive methods: events of an accepted step, points, dense output.

On a step from t the solution is ``y + sum_d q[d] x^(d+1)`` with x the fraction of the step, whatever the method.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.compiling import copy_to, interpolant_at, kernel, row
from neurodynamics.methods import protocol as P
from neurodynamics.methods.protocol import crossed, gates, log_event, put, restart

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


@kernel(inline=True)
def full(book, refine, keep):
    """Whether the next step may not find room for its points, its interpolant or its events."""
    count = book[1]
    return (
        (refine > 0 and count[P.OUT] + refine + 1 > book[3])
        or (keep and count[P.KEPT] >= book[7])
        or count[P.LOGGED] + P.LOOKS * book[15] > book[14]
    )


@kernel
def wanted_inside(book, t_new, direction):
    """Whether a wanted time lies before the end of the step."""
    count, t_out, room = book[1], book[2], book[3]
    return count[P.OUT] < room and (t_new - t_out[count[P.OUT]]) * direction > 0.0


@kernel(inline=True)
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
    if refine > 0:
        _emit_parts(book, y, y_new, q, degree, z, n, width, t, step, t_new, refine)
    if keep:
        _keep(book, y, q, degree, n, width, t, step, t_new)
    if happened != NOTHING and problem[0][P.RESET] != 0:
        restart(problem, book, count[P.EVENT], t_new, t_ref, y_new, z)
        if refine > 0:
            put(t_new, y_new, n, book)
    if refine == 0:
        _emit_wanted(book, y, y_new, q, degree, z, n, width, t, step, t_new)
    copy_to(y_new, width, y)
    clock[P.T] = t_new
    return happened


@kernel
def _locate(problem, book, directions, terminal, y, y_new, q, degree, z, t, step, t_new, t_ref):
    """Find the zeros inside the step and log them in order, up to the first that ends the step; its state is in z."""
    before, after, roots, events = book[11], book[12], book[13], book[15]
    _leave_zero(problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref)
    for look in range(P.LOOKS):
        low, high = look / P.LOOKS, (look + 1.0) / P.LOOKS
        _gates_at(high, problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref)
        some = False
        for e in range(events):
            roots[e] = high if crossed(before[e], after[e], directions[e]) else np.inf
            some = some or roots[e] < np.inf
        if some:
            for e in range(events):
                if roots[e] < np.inf:
                    _gates_at(high, problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref)
                    roots[e] = _root(problem, book, e, low, high, before[e], after[e], y, y_new, q, degree, z, t, step,
                                     t_new, t_ref)  # fmt: skip
            happened = _log_in_order(problem, book, terminal, y, y_new, q, degree, z, t, step, t_new, t_ref)
            if happened != NOTHING:
                return happened
            _gates_at(high, problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref)
        copy_to(after, events, before)
    return NOTHING


@kernel
def _gates_at(x, problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref):
    """Evaluate the zero functions at the fraction x of the step; return its time, and leave its state in z."""
    width = problem[5]
    time = t + x * step
    if x == 1.0 or (time - t_new) * step > 0.0:
        time = t_new
    if x == 1.0:
        copy_to(y_new, width, z)
    else:
        interpolant_at(y, q, degree, x, width, z)
    gates(problem, book, time, t_ref, z, book[12])
    return time


@kernel
def _leave_zero(problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref):
    """A zero function that starts at zero counts as what it is just after the start."""
    before, after = book[11], book[12]
    some = False
    for e in range(book[15]):
        some = some or before[e] == 0.0
    if some:
        _gates_at(P.LEAVING, problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref)
        for e in range(book[15]):
            if before[e] == 0.0:
                before[e] = after[e]


@kernel
def _log_in_order(problem, book, terminal, y, y_new, q, degree, z, t, step, t_new, t_ref):
    """Log the zeros at the fractions `roots`, up to the first that ends the step."""
    clock, count, roots, events = book[0], book[1], book[13], book[15]
    for _ in range(events):
        first = 0
        for e in range(events):
            if roots[e] < roots[first]:
                first = e
        if roots[first] == np.inf:
            break
        time = _gates_at(roots[first], problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref)
        roots[first] = np.inf
        log_event(time, first, z, problem[4], book)
        if terminal[first] != 0 or problem[0][P.RESET] != 0:
            clock[P.T_EVENT] = time
            count[P.EVENT] = first
            return STOP if terminal[first] != 0 else RESTART
    return NOTHING


@kernel
def _root(problem, book, e, low, high, left, right, y, y_new, q, degree, z, t, step, t_new, t_ref):
    """The zero of event e between two fractions of the step, by regula falsi (Illinois), safeguarded by bisection."""
    g = book[12]
    side = 0
    for k in range(ROOT_ITERATIONS):
        if right == 0.0 or (high - low) * abs(step) <= 2.0 * np.spacing(abs(t + high * step)):
            break
        x = high - right * (high - low) / (right - left)
        if k % 3 == 2 or not low < x < high:
            x = 0.5 * (low + high)
        _gates_at(x, problem, book, y, y_new, q, degree, z, t, step, t_new, t_ref)
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
def _emit_parts(book, y, y_new, q, degree, z, n, width, t, step, t_new, refine):
    """Hand out `refine` equal parts of the step."""
    for j in range(1, refine):
        time = t + (t_new - t) * j / refine
        interpolant_at(y, q, degree, (time - t) / step, width, z)
        put(time, z, n, book)
    put(t_new, y_new, n, book)


@kernel(inline=True)
def _emit_wanted(book, y, y_new, q, degree, z, n, width, t, step, t_new):
    """Hand out the wanted times that lie in the step; at its end, what the next step starts from."""
    count, t_out, room, y_out = book[1], book[2], book[3], book[4]
    k = count[P.OUT]
    inverse = 1.0 / step
    while k < room and (t_new - t_out[k]) * step >= 0.0:
        if t_out[k] == t_new:
            copy_to(y_new, n, row(y_out, k, n))
        else:
            interpolant_at(y, q, degree, (t_out[k] - t) * inverse, width, z)
            copy_to(z, n, row(y_out, k, n))
        k += 1
    count[P.OUT] = k


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
