"""What adaptive methods do with an accepted step: locate events, hand out points, keep the interpolant.

On a step from t the solution is ``y + sum_d q[d] x^(d+1)`` with x the fraction of the step, whatever the method.
"""

from __future__ import annotations

import numpy as np

from neurodynamics import _protocol as P
from neurodynamics._jit import kernel
from neurodynamics._pointer import call, call_reset
from neurodynamics._protocol import crossed, log_event, put
from neurodynamics._state import copy_to, polynomial
from neurodynamics.signals import evaluate_inputs

ROOT_ITERATIONS = 100
NOTHING, RESTART, STOP = range(3)


@kernel
def gates(functions, inputs, params, t, t_ref, y, n, g):
    """G = the zero functions of the events."""
    base, terms, data, u, varying = inputs
    if g.size:
        if varying:
            evaluate_inputs(base, terms, data, t, t_ref, u)
        call(functions[P.EVENTS], t, y[:n], u, params, g)


@kernel
def wanted_inside(t_new, direction, out, count):
    """Whether a wanted time lies before the end of the step."""
    t_out = out[0]
    return count[P.OUT] < t_out.size and (t_new - t_out[count[P.OUT]]) * direction > 0.0


@kernel
def accept(functions, inputs, params, clock, count, y, y_new, q, z, t, step, t_new, t_ref, n, refine, keep, directions,
           terminal, out, log):  # fmt: skip
    """Make y the state at the end of the step, or at the event that ends it; return what happened."""
    happened = NOTHING
    if directions.size:
        happened = _locate(functions, inputs, params, clock, count, y, y_new, q, z, t, step, t_new, t_ref, n, directions,
                           terminal, log)  # fmt: skip
        if happened != NOTHING:
            t_new = clock[P.T_EVENT]
            copy_to(z, n, y_new)
    _emit(t, step, t_new, y, y_new, q, z, n, refine, out, count)
    if keep:
        _keep(t, step, t_new, y, q, n, out, count)
    if happened == RESTART or (happened == STOP and functions[P.RESET] != 0):
        event = count[P.EVENT]
        gates(functions, inputs, params, t_new, t_ref, y_new, n, log[4])  # leaves u at this time
        call_reset(functions[P.RESET], event, t_new, y_new[:n], inputs[3], params, z[:n])
        copy_to(z, n, y_new)
        gates(functions, inputs, params, t_new, t_ref, y_new, n, log[3])
        log[3][event] = 0.0
    copy_to(y_new, y.size, y)
    clock[P.T] = t_new
    return happened


@kernel
def _locate(functions, inputs, params, clock, count, y, y_new, q, z, t, step, t_new, t_ref, n, directions, terminal, log):
    """Find the zeros inside the step and log them in order, up to the first that ends the step; its state is in z."""
    before, after, roots = log[3], log[4], log[5]
    gates(functions, inputs, params, t_new, t_ref, y_new, n, after)
    for e in range(directions.size):
        roots[e] = np.inf
        if crossed(before[e], after[e], directions[e]):
            roots[e] = _root(functions, inputs, params, e, before[e], after[e], y, q, z, t, step, t_ref, n, log)
    gates(functions, inputs, params, t_new, t_ref, y_new, n, after)
    for _ in range(directions.size):
        e = np.argmin(roots)
        if roots[e] == np.inf:
            break
        time = t + roots[e] * step
        polynomial(y, q, roots[e], z)
        roots[e] = np.inf
        log_event(time, e, z, n, log, count)
        if terminal[e] != 0 or functions[P.RESET] != 0:
            clock[P.T_EVENT] = time
            count[P.EVENT] = e
            return STOP if terminal[e] != 0 else RESTART
    copy_to(after, after.size, before)
    return NOTHING


@kernel
def _root(functions, inputs, params, e, left, right, y, q, z, t, step, t_ref, n, log):
    """The zero of event e in the step, by regula falsi with the Illinois rule, safeguarded by bisection."""
    g = log[4]
    low, high = 0.0, 1.0
    side = 0
    for k in range(ROOT_ITERATIONS):
        if right == 0.0 or (high - low) * abs(step) <= 2.0 * np.spacing(abs(t + high * step)):
            break
        x = high - right * (high - low) / (right - left)
        if k % 3 == 2 or not low < x < high:
            x = 0.5 * (low + high)
        polynomial(y, q, x, z)
        gates(functions, inputs, params, t + x * step, t_ref, z, n, g)
        if (g[e] > 0.0) == (right > 0.0) and g[e] != 0.0:
            high, right = x, g[e]
            if side == 1:
                left *= 0.5
            side = 1
        elif g[e] == 0.0:
            high, right = x, 0.0
        else:
            low, left = x, g[e]
            if side == -1:
                right *= 0.5
            side = -1
    return high


@kernel
def _emit(t, step, t_new, y, y_new, q, z, n, refine, out, count):
    """Hand out points of the step: `refine` equal parts of it, or the wanted times that lie in it."""
    t_out = out[0]
    if refine > 0:
        for j in range(1, refine):
            time = t + (t_new - t) * j / refine
            polynomial(y, q, (time - t) / step, z)
            put(time, z, n, out, count)
        put(t_new, y_new, n, out, count)
        return
    while count[P.OUT] < t_out.size and (t_new - t_out[count[P.OUT]]) * step >= 0.0:
        time = t_out[count[P.OUT]]
        if time == t_new:
            put(time, y_new, n, out, count)
        else:
            polynomial(y, q, (time - t) / step, z)
            put(time, z, n, out, count)


@kernel
def _keep(t, step, t_new, y, q, n, out, count):
    """Keep the interpolant of the step: its times, and the rows y, q[0], q[1], .."""
    times, rows = out[2], out[3]
    k = count[P.KEPT]
    times[k, 0] = t
    times[k, 1] = step
    times[k, 2] = t_new
    rows[k, 0, :] = y[:n]
    for d in range(q.shape[0]):
        rows[k, d + 1, :] = q[d, :n]
    count[P.KEPT] = k + 1


@kernel
def begin(functions, inputs, params, clock, count, y, n, t0, t_ref, refine, out, log):
    """Set the clock, hand out the initial point, and evaluate the zero functions; return whether the state is finite."""
    count[P.STARTED] = 1
    count[P.FRESH] = 1
    clock[P.T] = t0
    clock[P.ERROR_OLD] = 1e-4
    t_out = out[0]
    if refine > 0 or (t_out.size and t_out[0] == t0):
        put(t0, y, n, out, count)
    gates(functions, inputs, params, t0, t_ref, y, n, log[3])


@kernel
def full(refine, keep, directions, out, log, count):
    """Whether the next step may not find room for its points, its interpolant or its events."""
    return (
        (refine > 0 and count[P.OUT] + refine > out[0].size)
        or (keep and count[P.KEPT] >= out[2].shape[0])
        or count[P.LOGGED] + directions.size > log[0].size
    )
