"""The driver of all methods of constant step: explicit Runge-Kutta, exponential Euler, and stochastic ones.

Noise enters a stage with node c as ``c * w`` and the step as ``w``, with w = g sqrt(h) times a normal number: the Euler
tableau becomes Euler-Maruyama, Heun's the stochastic Heun method (strong order 1 for additive noise).

A step that holds a breakpoint of the inputs is split there. Events are noticed at the ends of steps.
"""

from __future__ import annotations

import numpy as np

from neurodynamics import _protocol as P
from neurodynamics._jit import kernel
from neurodynamics._output import gates
from neurodynamics._pointer import call, call_reset
from neurodynamics._protocol import crossed, log_event, put
from neurodynamics._state import all_finite, combine, copy_to, hermite
from neurodynamics.random import fill_normal
from neurodynamics.signals import evaluate_inputs

ON_GRID = 1e-9  # times closer than this, in steps, are the same
CHECK_EVERY = 64  # steps between looks for NaN
EXTRA_ROWS = 5  # work rows behind the stages: stage state, old state, new slope, noise, exponential factors


@kernel
def advance_fixed(functions, method, settings, inputs, params, clock, count, y, work, out, log, budget):
    """Take steps of constant length; see :mod:`neurodynamics._protocol`."""
    a, b, c, rates, noisy, key = method
    t0, dt, steps, last_dt, t_end, splits, directions, terminal = settings
    t_out = out[0]
    n = out[1].shape[1]
    first = count[P.STEPS]
    if count[P.STARTED] == 0:
        count[P.STARTED] = 1
        clock[P.H] = 0.0
        if not all_finite(y, n):
            return P.NON_FINITE
        if t_out.size and abs(t_out[0] - t0) <= ON_GRID * abs(dt):
            put(t0, y, n, out, count)
        gates(functions, inputs, params, t0, t0 + 1e-6 * dt, y, n, log[3])
    for k in range(first, min(steps, first + budget)):
        t = t0 + k * dt
        t_next = t0 + (k + 1) * dt
        h = dt
        if k == steps - 1:
            t_next = t_end
            h = last_dt
        while True:
            end = t_next
            if count[P.SEGMENT] < splits.size and (t_next - splits[count[P.SEGMENT]]) * dt > 0.0:
                end = splits[count[P.SEGMENT]]
                count[P.SEGMENT] += 1
            if end != t_next or t != t0 + k * dt:
                h = end - t
            t_ref = t + 0.5 * h
            inside = count[P.OUT] < t_out.size and (end - t_out[count[P.OUT]]) * dt > ON_GRID * dt * dt
            if inside:
                copy_to(y, y.size, work[b.size + 1])
            _step(functions, method, inputs, params, clock, count, y, work, n, t, h, t_ref)
            if (inside or k % CHECK_EVERY == 0 or k == steps - 1) and not all_finite(y, n):
                clock[P.T] = end
                return P.NON_FINITE
            if inside:
                _put_inside(functions, inputs, params, count, y, work, b.size, n, t, end, h, t_ref, out)
            clock[P.T] = end
            if directions.size and _handle_events(functions, inputs, params, count, y, work[b.size], n, end, t_ref,
                                                  directions, terminal, log):  # fmt: skip
                count[P.STEPS] = k + 1
                return P.STOPPED_BY_EVENT
            t = end
            if end == t_next:
                break
        count[P.STEPS] = k + 1
        if count[P.OUT] < t_out.size and abs(t_out[count[P.OUT]] - t_next) <= ON_GRID * abs(dt):
            if not all_finite(y, n):
                return P.NON_FINITE
            put(t_next, y, n, out, count)
        if count[P.LOGGED] + directions.size > log[0].size:
            return P.OUTPUT_FULL
    if count[P.STEPS] >= steps:
        clock[P.T] = t_end
        return P.DONE
    return P.BUDGET_USED


@kernel
def _step(functions, method, inputs, params, clock, count, y, work, n, t, h, t_ref):
    """Y becomes the state after a step of length h."""
    a, b, c, rates, noisy, key = method
    base, terms, data, u, varying = inputs
    stages = b.size
    z = work[stages]
    w = work[stages + 3]
    if noisy:
        _noise(functions, inputs, params, count, y, w, n, t, h, t_ref, key, z)
    for s in range(stages):
        if varying:
            evaluate_inputs(base, terms, data, t + c[s] * h, t_ref, u)
        if s == 0:
            call(functions[P.RHS], t, y[:n], u, params, work[0, :n])
        else:
            combine(y, h, a[s], work, s, z)
            if noisy:
                _add(z, c[s], w, n)
            call(functions[P.RHS], t + c[s] * h, z[:n], u, params, work[s, :n])
    count[P.EVALUATIONS] += stages
    if rates.size:
        factors = work[stages + 4]
        if clock[P.H] != h:
            clock[P.H] = h
            for i in range(n):
                factors[i] = -np.expm1(-rates[i] * h) / (rates[i] * h) if rates[i] != 0.0 else 1.0
        for i in range(n):
            work[0, i] *= factors[i]
    combine(y, h, b, work, stages, y)
    if noisy:
        _add(y, 1.0, w, n)


@kernel
def _noise(functions, inputs, params, count, y, w, n, t, h, t_ref, key, g):
    """W = g(t, y) sqrt(h) xi, with the numbers xi of this member and (sub)step."""
    base, terms, data, u, varying = inputs
    if varying:
        evaluate_inputs(base, terms, data, t, t_ref, u)
    call(functions[P.DIFFUSION], t, y[:n], u, params, g[:n])
    fill_normal(key, count[P.MEMBER], count[P.FRESH], n, w)
    count[P.FRESH] += 1
    scale = np.sqrt(abs(h))
    for i in range(n):
        w[i] *= g[i] * scale


def _host_add(y, factor, w, n):
    y[:n] += factor * w[:n]


@kernel(host=_host_add)
def _add(y, factor, w, n):
    """Y += factor w."""
    for i in range(n):
        y[i] += factor * w[i]


@kernel
def _put_inside(functions, inputs, params, count, y, work, stages, n, t, end, h, t_ref, out):
    """Interpolate the wanted times inside the step by the cubic through both ends and their slopes."""
    base, terms, data, u, varying = inputs
    t_out = out[0]
    z, y_old, f_new = work[stages], work[stages + 1], work[stages + 2]
    if varying:
        evaluate_inputs(base, terms, data, end, t_ref, u)
    call(functions[P.RHS], end, y[:n], u, params, f_new[:n])
    count[P.EVALUATIONS] += 1
    while count[P.OUT] < t_out.size and (end - t_out[count[P.OUT]]) * h > ON_GRID * h * h:
        wanted = t_out[count[P.OUT]]
        hermite(y_old, work[0], y, f_new, h, (wanted - t) / h, z)
        put(wanted, z, n, out, count)


@kernel
def _handle_events(functions, inputs, params, count, y, z, n, t, t_ref, directions, terminal, log):
    """Log what crossed zero in this step, reset the state, and return whether an event ends the run."""
    before, after = log[3], log[4]
    gates(functions, inputs, params, t, t_ref, y, n, after)
    stop = False
    for e in range(directions.size):
        if crossed(before[e], after[e], directions[e]):
            log_event(t, e, y, n, log, count)
            stop = stop or terminal[e] != 0
            if functions[P.RESET] != 0:
                call_reset(functions[P.RESET], e, t, y[:n], inputs[3], params, z[:n])
                copy_to(z, n, y)
                gates(functions, inputs, params, t, t_ref, y, n, after)
                after[e] = 0.0
    copy_to(after, after.size, before)
    return stop
