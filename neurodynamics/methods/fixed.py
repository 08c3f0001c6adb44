"""The driver of all methods of constant step: explicit Runge-Kutta, exponential Euler, and stochastic ones.

Noise enters a stage with node c as ``c * w`` and the step as ``w``, with w = g sqrt(h) times a normal number: the Euler
tableau becomes Euler-Maruyama, Heun's the stochastic Heun method (strong order 1 for additive noise).

A block of many members in lanes (:mod:`neurodynamics.systems.lanes`) is one long state; whether its members stay finite
is seen from their results.  A step that holds a breakpoint of the inputs is split there. Events are noticed at the ends
of steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.compiling import add, all_finite, call, combine, copy_to, hermite, kernel, multiply, row, scale
from neurodynamics.inputs import evaluate_inputs, fill_normal
from neurodynamics.methods import frame as F, protocol as P
from neurodynamics.methods.frame import doubles, integers, no_doubles, no_singles, reals
from neurodynamics.methods.protocol import book_of, crossed, gates, log_event, problem_of, put, restart, slope

ON_GRID = 1e-9  # times closer than this, in steps, are the same
CHECK_EVERY = 64  # steps between looks for NaN
_STAGE, _OLD, _NEW_SLOPE, _NOISE, _FACTORS, EXTRA_ROWS = range(6)  # work rows behind the stages


def _driver(no_reals: Any) -> Any:
    """Return the driver for one precision."""

    @kernel
    def advance_fixed(frame, budget):
        """Take steps of constant length; see :mod:`neurodynamics.methods.frame`."""
        like = no_reals()
        problem, book = problem_of(frame, like), book_of(frame, like)
        numbers, whole = doubles(frame, F.NUMBERS), integers(frame, F.WHOLE)
        t0, t_end, dt, last_dt, steps = numbers[F.T0], numbers[F.T_END], numbers[F.DT], numbers[F.LAST_DT], whole[F.N_STEPS]
        table = table_of(frame)
        directions, terminal = integers(frame, F.DIRECTIONS), integers(frame, F.TERMINAL)
        splits, n_splits = doubles(frame, F.BREAKS), frame[F.N_BREAKS]
        y, work = reals(frame, F.Y, like), reals(frame, F.WORK, like)
        clock, count, t_out, room = book[0], book[1], book[2], book[3]
        n, width, stages, one = problem[4], problem[5], table[3], table[7] == 1
        old = row(work, stages + _OLD, width)
        first = count[P.STEPS]
        if count[P.STARTED] == 0:
            count[P.STARTED] = 1
            if one and not all_finite(y, n):
                return P.NON_FINITE
            if room > 0 and abs(t_out[0] - t0) <= ON_GRID * abs(dt):
                put(t0, y, n, book)
            gates(problem, book, t0, t0 + 1e-6 * dt, y, book[11])
        for k in range(first, min(steps, first + budget)):
            t = t0 + k * dt
            t_next = t_end if k == steps - 1 else t0 + (k + 1) * dt
            h = last_dt if k == steps - 1 else dt
            split = False
            while True:
                end = t_next
                if count[P.SEGMENT] < n_splits and (t_next - splits[count[P.SEGMENT]]) * dt > 0.0:
                    end = splits[count[P.SEGMENT]]
                    count[P.SEGMENT] += 1
                    split = True
                if split:
                    h = end - t
                t_ref = t + 0.5 * h
                inside = count[P.OUT] < room and (end - t_out[count[P.OUT]]) * dt > ON_GRID * dt * dt
                if inside:
                    copy_to(y, width, old)
                step(problem, table, count, clock, y, work, t, h, t_ref)
                clock[P.T] = end
                if one and (inside or book[15] > 0 or k % CHECK_EVERY == 0 or k == steps - 1) and not all_finite(y, n):
                    return P.NON_FINITE
                if inside:
                    _put_inside(problem, book, y, work, stages, table[4], t, end, h, t_ref)
                if book[15] > 0 and _events(problem, book, y, row(work, stages, width), end, t_ref, directions, terminal):
                    count[P.STEPS] = k + 1
                    _put_at(book, y, n, end, dt)
                    return P.STOPPED_BY_EVENT
                t = end
                if end == t_next:
                    break
            count[P.STEPS] = k + 1
            if count[P.OUT] < room and abs(t_out[count[P.OUT]] - t_next) <= ON_GRID * abs(dt):
                if one and not all_finite(y, n):
                    return P.NON_FINITE
                _put_at(book, y, n, t_next, dt)
            if count[P.LOGGED] + book[15] > book[14]:
                return P.OUTPUT_FULL
        return P.DONE if count[P.STEPS] >= steps else P.BUDGET_USED

    return advance_fixed


@kernel
def table_of(frame):
    """Return (a, b, c, stages, exponential, noisy, key, lanes)."""
    whole = integers(frame, F.WHOLE)
    return (doubles(frame, F.A), doubles(frame, F.B), doubles(frame, F.C), whole[F.STAGES], whole[F.EXPONENTIAL] != 0,
            whole[F.NOISY] != 0, np.uint64(whole[F.KEY]), whole[F.LANES])  # fmt: skip


@kernel(inline=True)
def step(problem, table, count, clock, y, work, t, h, t_ref):
    """Y becomes the state after a step of length h."""
    a, b, c, stages, exponential, noisy, key, lanes = table
    width = problem[5]
    z, w = row(work, stages + _STAGE, width), row(work, stages + _NOISE, width)
    if noisy:
        _noise(problem, count, key, lanes, y, z, w, t, h, t_ref)
    slope(problem, t, t_ref, y, row(work, 0, width))
    for s in range(1, stages):
        combine(y, h, row(a, s, stages), work, s, width, z)
        if noisy:
            add(z, c[s], w, width)
        slope(problem, t + c[s] * h, t_ref, z, row(work, s, width))
    count[P.EVALUATIONS] += stages
    if exponential:
        factors = row(work, stages + _FACTORS, width)
        if clock[P.H] != h:
            clock[P.H] = h
            _leak_factors(problem, y, t, h, factors)
        multiply(row(work, 0, width), factors, width)
    combine(y, h, b, work, stages, width, y)
    if noisy:
        add(y, 1.0, w, width)


@kernel
def _leak_factors(problem, y, t, h, factors):
    """(1 - exp(-r h)) / (r h) for the rate r of the leak of each neuron."""
    functions, drive, params, p, n, width = problem
    call(functions[P.RATES], t, y, n, drive[5], drive[1], params, p, factors, n)
    for i in range(n):
        x = factors[i] * h
        factors[i] = -np.expm1(-x) / x if x != 0.0 else 1.0


@kernel
def _noise(problem, count, key, lanes, y, g, w, t, h, t_ref):
    """W = g(t, y) sqrt(h) xi, with the numbers xi of this member and (sub)step."""
    functions, drive, params, p, n, width = problem
    base, m, terms, number, data, u, varying = drive
    if varying:
        evaluate_inputs(base, m, terms, number, data, t, t_ref, u)
    call(functions[P.DIFFUSION], t, y, n, u, m, params, p, g, n)
    fill_normal(key, count[P.MEMBER], count[P.FRESH], n // lanes, lanes, w)
    count[P.FRESH] += 1
    multiply(w, g, width)
    scale(w, np.sqrt(abs(h)), width)


@kernel
def _put_inside(problem, book, y, work, stages, exponential, t, end, h, t_ref):
    """Interpolate the wanted times inside the step by the cubic through both ends and their slopes."""
    count, t_out, room = book[1], book[2], book[3]
    n, width = problem[4], problem[5]
    z, old = row(work, stages + _STAGE, width), row(work, stages + _OLD, width)
    f_new = row(work, stages + _NEW_SLOPE, width)
    slope(problem, end, t_ref, y, f_new)
    count[P.EVALUATIONS] += 1
    if exponential:  # its step has scaled the slope
        slope(problem, t, t_ref, old, row(work, 0, width))
        count[P.EVALUATIONS] += 1
    while count[P.OUT] < room and (end - t_out[count[P.OUT]]) * h > ON_GRID * h * h:
        wanted = t_out[count[P.OUT]]
        hermite(old, row(work, 0, width), y, f_new, h, (wanted - t) / h, width, z)
        put(wanted, z, n, book)


@kernel
def _put_at(book, y, n, t, dt):
    """Hand out the state at the wanted times that are this one."""
    count, t_out, room = book[1], book[2], book[3]
    while count[P.OUT] < room and abs(t_out[count[P.OUT]] - t) <= ON_GRID * abs(dt):
        put(t, y, n, book)


@kernel
def _events(problem, book, y, z, t, t_ref, directions, terminal):
    """Log what crossed zero in this step, reset the state, and return whether an event ends the run."""
    before, after, happened = book[11], book[12], book[13]
    gates(problem, book, t, t_ref, y, after)
    for e in range(book[15]):
        happened[e] = crossed(before[e], after[e], directions[e])
    copy_to(after, book[15], before)
    stop = False
    for e in range(book[15]):
        if happened[e] != 0.0:
            log_event(t, e, y, problem[4], book)
            stop = stop or terminal[e] != 0
            if problem[0][P.RESET] != 0:
                restart(problem, book, e, t, t_ref, y, z)
    return stop


advance_fixed = _driver(no_doubles)
advance_fixed_single = _driver(no_singles)  # for lanes
