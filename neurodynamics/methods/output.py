"""Output of adaptive methods: what an accepted step hands out, points and dense output.

On a step from t the solution is ``y + sum_d q[d] x^(d+1)`` with x the fraction of the step, whatever the method.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from neurodynamics.compiling import call_address, copy_to, interpolant_at, kernel, row
from neurodynamics.methods import protocol as P
from neurodynamics.methods.protocol import event_values, put

NOTHING, STOP, RESTART = 0, P.STOPPED_BY_EVENT, 2  # else, what ends the run


class Step(NamedTuple):
    """An accepted step of length h from t to t_new, and its interpolant; z is scratch."""

    t: float
    h: float
    t_new: float
    t_ref: float  # inside the piece of the inputs
    y: Any
    y_new: Any
    q: Any
    degree: int
    z: Any


@kernel
def begin(problem, trajectory, y, t0, t_ref):
    """Set the clock, hand out the initial point, and evaluate the event functions."""
    clock, count, output = trajectory.clock, trajectory.count, trajectory.output
    count[P.STARTED] = 1
    count[P.FRESH] = 1
    clock[P.T] = clock[P.T_BEGIN] = clock[P.T_RESET] = t0
    clock[P.ERROR_OLD] = 1e-4
    if output.refine > 0 or (output.room > 0 and output.times[0] == t0):
        put(t0, y, problem.n, trajectory)
    event_values(problem, trajectory.events, t0, t_ref, y, trajectory.events.before)


@kernel(inline=True)
def full(trajectory):
    """Whether the next step may not find room for its points, its interpolant or its events."""
    count, output, pieces, events = trajectory.count, trajectory.output, trajectory.pieces, trajectory.events
    return (
        (output.refine > 0 and count[P.OUT] + output.refine + 1 > output.room)
        or (pieces.room > 0 and count[P.KEPT] >= pieces.room)
        or count[P.LOGGED] + events.count > events.room
    )


@kernel
def wanted_inside(trajectory, t_new, direction):
    """Whether a wanted time lies before the end of the step."""
    k, output = trajectory.count[P.OUT], trajectory.output
    return k < output.room and (t_new - output.times[k]) * direction > 0.0


@kernel(inline=True)
def accept(problem, trajectory, step):
    """Take a step: find events, hand out points, keep the polynomial, move y and the clock; return what happened."""
    clock, count, output, frame = trajectory.clock, trajectory.count, trajectory.output, trajectory.frame
    y, y_new, z, t_new = step.y, step.y_new, step.z, step.t_new
    happened = NOTHING
    if trajectory.events.count > 0:
        happened = call_address(problem.functions[P.LOCATE],
                                (frame, step.t, step.h, t_new, step.t_ref, y, y_new, step.q, step.degree, z))  # fmt: skip
        if happened != NOTHING:
            t_new = clock[P.T_EVENT]
            copy_to(z, problem.n, y_new)
    if output.refine > 0:
        _emit_parts(problem, trajectory, step, t_new)
    if trajectory.pieces.room > 0:
        _keep(problem, trajectory, step, t_new)
    if (happened == STOP or happened == RESTART) and problem.functions[P.RESET] != 0:
        if call_address(problem.functions[P.RESTART], (frame, count[P.EVENT], t_new, step.t_ref, y_new, z)) != 0:
            happened = P.ACCUMULATED
        if output.refine > 0:
            put(t_new, y_new, problem.n, trajectory)
    if output.refine == 0:
        _emit_wanted(problem, trajectory, step, t_new)
    copy_to(y_new, problem.width, y)
    clock[P.T] = t_new
    return happened


# Output --------------------------------------------------------------------------------------------------------------


@kernel
def _emit_parts(problem, trajectory, step, t_new):
    """Hand out `refine` equal parts of the step."""
    refine = trajectory.output.refine
    for j in range(1, refine):
        time = step.t + (t_new - step.t) * j / refine
        interpolant_at(step.y, step.q, step.degree, (time - step.t) / step.h, problem.width, step.z)
        put(time, step.z, problem.n, trajectory)
    put(t_new, step.y_new, problem.n, trajectory)


@kernel(inline=True)
def _emit_wanted(problem, trajectory, step, t_new):
    """Hand out the wanted times that lie in the step; at its end, what the next step starts from."""
    count, output, n, z = trajectory.count, trajectory.output, problem.n, step.z
    k = count[P.OUT]
    inverse = 1.0 / step.h
    while k < output.room and (t_new - output.times[k]) * step.h >= 0.0:
        if output.times[k] == t_new:
            copy_to(step.y_new, n, row(output.states, k, n))
        else:
            interpolant_at(step.y, step.q, step.degree, (output.times[k] - step.t) * inverse, problem.width, z)
            copy_to(z, n, row(output.states, k, n))
        k += 1
    count[P.OUT] = k


@kernel
def _keep(problem, trajectory, step, t_new):
    """Keep the interpolant of the step: its times, and the rows y, q[0], q[1], .."""
    count, pieces, n = trajectory.count, trajectory.pieces, problem.n
    k = count[P.KEPT]
    times = row(pieces.times, k, 3)
    times[0] = step.t
    times[1] = step.h
    times[2] = t_new
    coefficients = row(pieces.rows, k, (step.degree + 1) * n)
    copy_to(step.y, n, row(coefficients, 0, n))
    for d in range(step.degree):
        copy_to(row(step.q, d, problem.width), n, row(coefficients, d + 1, n))
    count[P.KEPT] = k + 1
