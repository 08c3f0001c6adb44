"""The driver of all methods of constant step: explicit Runge-Kutta, exponential Euler, and stochastic ones.

Noise enters a stage with node c as ``c * w`` and the step as ``w``, with w = g sqrt(h) times a normal number: the Euler
tableau becomes Euler-Maruyama, Heun's the stochastic Heun method (strong order 1 for additive noise).

A block of many members in lanes (:mod:`neurodynamics.systems.lanes`) is one long state; whether its members stay finite
is seen from their results.  A step that holds a breakpoint of the inputs is split there. Events are found on the cubic of
a step, which an event with a reset splits, too; those of a noisy method are noticed at the ends of steps.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import (
    add,
    all_finite,
    call,
    call_address,
    combine,
    copy_to,
    cubic_rows,
    doubles,
    hermite,
    integers,
    kernel,
    multiply,
    pointer,
    row,
    rows,
    scale,
)
from neurodynamics.inputs import fill_normal
from neurodynamics.methods import frame as F, protocol as P
from neurodynamics.methods.events import locate
from neurodynamics.methods.frame import no_doubles, no_singles, reals
from neurodynamics.methods.output import NOTHING, RESTART
from neurodynamics.methods.protocol import (
    evaluate_drive,
    event_values,
    problem_of,
    put,
    slope,
    trajectory_of,
)

ON_GRID = 1e-9  # times closer than this, in steps, are the same
CHECK_EVERY = 64  # steps between looks for NaN
MOST_CUTS = 1000  # of steps by events, before the limits of a run are looked at
_STAGE, _OLD, _NEW_SLOPE, _NOISE, _FACTORS, EXTRA_ROWS = range(6)  # work rows behind the stages
_AT, EVENT_ROWS = 3, 4  # of runs with events, behind these: the cubic of a step, and the state at the event


class Scheme(NamedTuple):
    """A method of constant step: its tableau, and the noise of its steps."""

    a: Any
    b: Any
    c: Any
    stages: int
    exponential: bool
    noisy: bool
    key: Any
    lanes: int


@kernel
def at_pointers(scheme):
    """Return a scheme of arrays as one of pointers."""
    return Scheme(pointer(scheme.a), pointer(scheme.b), pointer(scheme.c), scheme.stages, scheme.exponential, scheme.noisy,
                  scheme.key, scheme.lanes)  # fmt: skip


def scheme_arrays(method: Any, key: Any = 0, lanes: int = 1, noisy: bool = False) -> Scheme:
    """Return a method as kernels outside the drivers take it: with arrays."""
    table = method.tableau
    return Scheme(table.a, table.b, table.c, table.stages, method.exponential, noisy, np.uint64(key), lanes)


def _driver(no_reals: Any) -> Any:
    """Return the driver for one precision."""

    @kernel
    def advance_fixed(frame, budget):
        """Take steps of constant length; see :mod:`neurodynamics.methods.frame`."""
        like = no_reals()
        problem, trajectory, scheme = problem_of(frame, like), trajectory_of(frame, like), scheme_of(frame)
        numbers, whole = doubles(frame, F.NUMBERS), integers(frame, F.WHOLE)
        t0, t_end, dt, last_dt, steps = numbers[F.T0], numbers[F.T_END], numbers[F.DT], numbers[F.LAST_DT], whole[F.N_STEPS]
        splits, n_splits = doubles(frame, F.BREAKS), frame[F.N_BREAKS]
        y, work = reals(frame, F.Y, like), reals(frame, F.WORK, like)
        clock, count, output, events = trajectory.clock, trajectory.count, trajectory.output, trajectory.events
        n, width, one = problem.n, problem.width, scheme.lanes == 1
        old = row(work, scheme.stages + _OLD, width)
        first, cuts = count[P.STEPS], 0
        if count[P.STARTED] == 0:
            count[P.STARTED] = 1
            clock[P.T_BEGIN] = clock[P.T_RESET] = t0
            if one and not all_finite(y, n):
                return P.NON_FINITE
            if output.room > 0 and abs(output.times[0] - t0) <= ON_GRID * abs(dt):
                put(t0, y, n, trajectory)
            event_values(problem, events, t0, t0 + 1e-6 * dt, y, events.before)
        for k in range(first, min(steps, first + budget)):
            t = t0 + k * dt if count[P.PARTLY] == 0 else clock[P.T]
            t_next = t_end if k == steps - 1 else t0 + (k + 1) * dt
            h = last_dt if k == steps - 1 else dt
            split = count[P.PARTLY] != 0
            while True:
                end = t_next
                if count[P.SEGMENT] < n_splits and (t_next - splits[count[P.SEGMENT]]) * dt > 0.0:
                    end = splits[count[P.SEGMENT]]
                    split = True
                if split:
                    h = end - t
                t_ref = t + 0.5 * h
                until, happened = end, NOTHING
                inside = count[P.OUT] < output.room and (end - output.times[count[P.OUT]]) * dt > ON_GRID * dt * dt
                if inside or events.count > 0:
                    copy_to(y, width, old)
                step(problem, scheme, count, clock, y, work, t, h, t_ref)
                clock[P.T] = end
                if one and (inside or events.count > 0 or k % CHECK_EVERY == 0 or k == steps - 1) and not all_finite(y, n):
                    return P.NON_FINITE
                if events.count > 0:
                    happened = call_address(problem.functions[P.LOCATE], (frame, y, t, h, end, t_ref))
                    until = clock[P.T_EVENT] if happened != NOTHING else end
                if inside:
                    _put_inside(problem, trajectory, scheme, y, work, t, until, h, end, t_ref)
                if happened != NOTHING:
                    happened = _finish_event(frame, problem, scheme, happened, y, work, until, t_ref)
                    _put_at(trajectory, y, n, until, dt)
                    if happened != RESTART:
                        count[P.STEPS] = k + 1
                        return happened
                    cuts += 1
                t, split = until, True
                if until == end and end != t_next:
                    count[P.SEGMENT] += 1
                if t == t_next:
                    break
                if happened != NOTHING and (cuts >= MOST_CUTS or count[P.LOGGED] + events.count > events.room):
                    count[P.PARTLY] = 1
                    return P.BUDGET_USED if cuts >= MOST_CUTS else P.OUTPUT_FULL
            count[P.PARTLY] = 0
            count[P.STEPS] = k + 1
            if count[P.OUT] < output.room and abs(output.times[count[P.OUT]] - t_next) <= ON_GRID * abs(dt):
                if one and not all_finite(y, n):
                    return P.NON_FINITE
                _put_at(trajectory, y, n, t_next, dt)
            if count[P.LOGGED] + events.count > events.room:
                return P.OUTPUT_FULL
        return P.DONE if count[P.STEPS] >= steps else P.BUDGET_USED

    return advance_fixed


@kernel
def scheme_of(frame):
    """Return the method of a frame."""
    whole = integers(frame, F.WHOLE)
    return Scheme(doubles(frame, F.A), doubles(frame, F.B), doubles(frame, F.C), whole[F.STAGES], whole[F.EXPONENTIAL] != 0,
                  whole[F.NOISY] != 0, np.uint64(whole[F.KEY]), whole[F.LANES])  # fmt: skip


@kernel(inline=True)
def step(problem, scheme, count, clock, y, work, t, h, t_ref):
    """Y becomes the state after a step of length h."""
    c, stages, width = scheme.c, scheme.stages, problem.width
    z, w = row(work, stages + _STAGE, width), row(work, stages + _NOISE, width)
    if scheme.noisy:
        _noise(problem, scheme, count, y, z, w, t, h, t_ref)
    slope(problem, t, t_ref, y, row(work, 0, width))
    for s in range(1, stages):
        combine(y, h, row(scheme.a, s, stages), work, s, width, z)
        if scheme.noisy:
            add(z, c[s], w, width)
        slope(problem, t + c[s] * h, t_ref, z, row(work, s, width))
    count[P.EVALUATIONS] += stages
    if scheme.exponential:
        factors = row(work, stages + _FACTORS, width)
        if clock[P.H] != h:
            clock[P.H] = h
            _leak_factors(problem, y, t, h, factors)
        multiply(row(work, 0, width), factors, width)
    combine(y, h, scheme.b, work, stages, width, y)
    if scheme.noisy:
        add(y, 1.0, w, width)


@kernel
def _leak_factors(problem, y, t, h, factors):
    """(1 - exp(-r h)) / (r h) for the rate r of the leak of each neuron."""
    n, drive = problem.n, problem.drive
    call(problem.functions[P.RATES], t, y, n, drive.u, drive.m, problem.params, problem.p, factors, n)
    for i in range(n):
        x = factors[i] * h
        factors[i] = -np.expm1(-x) / x if x != 0.0 else 1.0


@kernel
def _noise(problem, scheme, count, y, g, w, t, h, t_ref):
    """w = g(t, y) sqrt(h) xi, with the numbers xi of this member and (sub)step."""
    n, drive, lanes = problem.n, problem.drive, scheme.lanes
    evaluate_drive(problem, t, t_ref)
    call(problem.functions[P.DIFFUSION], t, y, n, drive.u, drive.m, problem.params, problem.p, g, n)
    fill_normal(scheme.key, count[P.MEMBER], count[P.FRESH], n // lanes, lanes, w)
    count[P.FRESH] += 1
    multiply(w, g, problem.width)
    scale(w, np.sqrt(abs(h)), problem.width)


@kernel
def _slopes(problem, scheme, count, y, work, t, h, end, t_ref):
    """Put the slopes at both ends of a step where its cubic wants them."""
    slope(problem, end, t_ref, y, row(work, scheme.stages + _NEW_SLOPE, problem.width))
    count[P.EVALUATIONS] += 1
    if scheme.exponential:  # its step has scaled the slope
        slope(problem, t, t_ref, row(work, scheme.stages + _OLD, problem.width), row(work, 0, problem.width))
        count[P.EVALUATIONS] += 1


@kernel
def _put_inside(problem, trajectory, scheme, y, work, t, until, h, end, t_ref):
    """Interpolate the wanted times inside the step by the cubic through both ends and their slopes."""
    count, output, width = trajectory.count, trajectory.output, problem.width
    z, old = row(work, scheme.stages + _STAGE, width), row(work, scheme.stages + _OLD, width)
    _slopes(problem, scheme, count, y, work, t, h, end, t_ref)
    while count[P.OUT] < output.room and (until - output.times[count[P.OUT]]) * h > ON_GRID * h * h:
        wanted = output.times[count[P.OUT]]
        f_new = row(work, scheme.stages + _NEW_SLOPE, width)
        hermite(old, row(work, 0, width), y, f_new, h, (wanted - t) / h, width, z)
        put(wanted, z, problem.n, trajectory)


@kernel
def _put_at(trajectory, y, n, t, dt):
    """Hand out the state at the wanted times that are this one."""
    count, output = trajectory.count, trajectory.output
    while count[P.OUT] < output.room and abs(output.times[count[P.OUT]] - t) <= ON_GRID * abs(dt):
        put(t, y, n, trajectory)


@kernel
def locate_in_step(frame, y, t, h, end, t_ref):
    """Find the zeros in a step on its cubic; of a noisy one, whose path is not known inside, at its end."""
    problem, trajectory, scheme = problem_of(frame, no_doubles()), trajectory_of(frame, no_doubles()), scheme_of(frame)
    work, width = doubles(frame, F.WORK), problem.width
    old, q = row(work, scheme.stages + _OLD, width), rows(work, scheme.stages + EXTRA_ROWS, width)
    z = row(work, scheme.stages + EXTRA_ROWS + _AT, width)
    if scheme.noisy:
        return locate(frame, end, 0.0, end, t_ref, y, y, q, 1, z)
    _slopes(problem, scheme, trajectory.count, y, work, t, h, end, t_ref)
    cubic_rows(old, row(work, 0, width), y, row(work, scheme.stages + _NEW_SLOPE, width), h, width, q)
    return locate(frame, t, h, end, t_ref, old, y, q, 3, z)


@kernel
def _finish_event(frame, problem, scheme, happened, y, work, t, t_ref):
    """Y becomes the state after the event; return what happened."""
    count, width = integers(frame, F.COUNT), problem.width
    copy_to(row(work, scheme.stages + EXTRA_ROWS + _AT, width), width, y)
    doubles(frame, F.CLOCK)[P.T] = t
    if problem.functions[P.RESET] != 0 and happened != P.ACCUMULATED:
        scratch = row(work, scheme.stages + _STAGE, width)
        if call_address(problem.functions[P.RESTART], (frame, count[P.EVENT], t, t_ref, y, scratch)) != 0:
            return P.ACCUMULATED
    return happened


advance_fixed = _driver(no_doubles)
advance_fixed_single = _driver(no_singles)  # for lanes
