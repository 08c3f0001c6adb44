"""Networks and bodies that advance together, many jobs in the lanes of a block.

The arguments are those of :mod:`neurodynamics.closed_loop.kernels`. A job that ends makes room for the next one: no
lane waits for the slowest trial of its block. The network's numbers are of double or single precision, the body's
always double.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from neurodynamics.closed_loop.draws import trial_word
from neurodynamics.closed_loop.kernels import (
    MOTOR_WEIGHTS,
    MOTORS,
    SCORE,
    SENSORS,
    STATE,
    Lanes,
    N,
    apply,
    begin_trial,
    body_of,
    finish,
    lanes_at,
    results_at,
    rows_at,
    width_of_body,
)
from neurodynamics.closed_loop.lanes import enter_lane, lane_is_finite, lane_motors, lanes_of
from neurodynamics.closed_loop.task_functions import FINISHED, GO_ON
from neurodynamics.compiling import all_finite, call, kernel, offset, pointer, row
from neurodynamics.methods import at_pointers, protocol as P, step


class Memory(NamedTuple):
    """Scratch of one thread: a block of networks and its bodies."""

    params: Any
    y: Any
    work: Any
    u: Any
    outs: Any
    motors: Any
    bodies: Any
    clock: Any
    count: Any
    lanes: Lanes


class Members(NamedTuple):
    """Parameters of all members, one a row; first states and parameters of the task of all trials."""

    params: Any
    p: int
    starts: Any
    constants: Any


class Shown(NamedTuple):
    """What a block shows: the outputs of its neurons, the motors where there are weights, and which are the motors."""

    outs: Any
    weighted: Any
    motors: Any


@kernel
def run_jobs_in_lanes(functions, task, scheme, plan, sizes, params, starts, constants, memory, results, stop, first, last,
                      trace):  # fmt: skip
    """Run the jobs first .. last - 1 of an additive network, a block at a time; keep the first lane in the trace's rows."""
    block, y, u, clock, count = memory.params, memory.y, memory.u, memory.clock, memory.count
    block[:] = 0.0
    y[:] = 0.0
    u[:] = 0.0
    clock[:] = 0.0
    count[:] = 0
    outs, motors = pointer(memory.outs), pointer(memory.motors)
    shown = Shown(outs, motors, motors if sizes[MOTOR_WEIGHTS] != 0 else outs)
    problem = P.Problem(pointer(functions), P.held(pointer(u), u.size), pointer(block), block.size, y.size, y.size)
    members = Members(pointer(params), params.shape[1], rows_at(starts), rows_at(constants))
    _run_lanes(problem, at_pointers(scheme), pointer(task), plan, pointer(sizes), members, pointer(y), pointer(memory.work),
               shown, pointer(memory.bodies), pointer(clock), pointer(count), lanes_at(memory.lanes), results_at(results),
               pointer(stop), first, last, pointer(trace), trace.shape[0])  # fmt: skip


@kernel
def _run_lanes(problem, scheme, task, plan, sizes, members, y, work, shown, bodies, clock, count, lanes, results, stop,
               first, last, trace, rows):  # fmt: skip
    jobs, done, flags = lanes.jobs, lanes.done, lanes.flags
    u, n, period, active, coming = problem.drive.u, sizes[N], plan.substeps * plan.dt, 0, first
    for lane in range(lanes_of(y)):
        coming = _refill(lane, coming, last, problem, task, plan, sizes, members, y, bodies, lanes, results)
        if jobs[lane] >= 0:
            active += 1
    if rows > 0:
        _show(problem, sizes, y, shown)
        _keep_lane(trace, 0, sizes, y, shown.motors, bodies)
    while active > 0:
        for begin in range(0, plan.substeps, plan.piece):
            if stop[0] != 0:
                return
            for _ in range(begin, min(begin + plan.piece, plan.substeps)):
                step(problem, scheme, count, clock, y, work, 0.0, plan.dt, 0.0)
        _show(problem, sizes, y, shown)
        _to_bodies(shown.motors, sizes, bodies)
        apply(task[1], lanes_of(y), lanes, period, sizes, bodies)
        _from_bodies(bodies, sizes, u)
        for lane in range(lanes_of(y)):
            if jobs[lane] >= 0:
                flag = flags[lane]
                if flag == GO_ON or flag == FINISHED:
                    done[lane] += 1
                    if rows > 0:
                        _keep_lane(trace, done[lane], sizes, y, shown.motors, bodies)
                if flag != GO_ON or done[lane] == plan.steps:
                    body = body_of(lane, bodies, sizes)
                    finish(jobs[lane], flag, done[lane], lane_is_finite(y, n, lane), sizes, body, results)
                    coming = _refill(lane, coming, last, problem, task, plan, sizes, members, y, bodies, lanes, results)
                    clock[P.H] = 0.0  # other leaks than before
                    if jobs[lane] < 0:
                        active -= 1


@kernel
def _show(problem, sizes, y, shown):
    """The outputs of all lanes, and the motors where there are motor weights."""
    n, km, weights, params, u = sizes[N], sizes[MOTORS], sizes[MOTOR_WEIGHTS], problem.params, problem.drive.u
    seen = n if weights != 0 else km
    call(problem.functions[P.OUTPUTS], 0.0, y, problem.n, u, 0, params, problem.p, shown.outs, seen)
    if weights != 0:
        lane_motors(params, weights, shown.outs, n, shown.weighted, km)


@kernel
def _keep_lane(trace, k, sizes, y, shown, bodies):
    """Row k of the trace: y, motors, state, sensors, score of the first lane."""
    n, km, others = sizes[N], sizes[MOTORS], sizes[STATE] + sizes[SENSORS] + sizes[SCORE]
    at, lanes = row(trace, k, n + km + others), lanes_of(y)
    for i in range(n):
        at[i] = y[i * lanes]
    for i in range(km):
        at[n + i] = shown[i * lanes]
    for i in range(others):
        at[n + km + i] = bodies[km + i]


@kernel
def _to_bodies(shown, sizes, bodies):
    """The motors of all lanes."""
    width, lanes = width_of_body(sizes), lanes_of(shown)
    for i in range(sizes[MOTORS]):
        for lane in range(lanes):
            bodies[lane * width + i] = shown[i * lanes + lane]


@kernel
def _from_bodies(bodies, sizes, u):
    """What is sensed becomes the inputs of all lanes."""
    first, width, lanes = sizes[MOTORS] + sizes[STATE], width_of_body(sizes), lanes_of(u)
    for i in range(sizes[SENSORS]):
        for lane in range(lanes):
            u[i * lanes + lane] = bodies[lane * width + first + i]


@kernel
def _refill(lane, coming, last, problem, task, plan, sizes, members, y, bodies, lanes, results):
    """Put the next job that lasts at least a step into a lane; return the number of the one after it."""
    jobs, done, words, flags = lanes.jobs, lanes.done, lanes.words, lanes.flags
    u, n, p, period = problem.drive.u, sizes[N], members.p, plan.substeps * plan.dt
    body = body_of(lane, bodies, sizes)
    jobs[lane] = -1
    done[lane] = 0
    while coming < last:
        job = coming
        coming += 1
        member, trial = job // plan.trials, job % plan.trials
        words[lane] = trial_word(plan.key, 0 if plan.common else plan.first + member, trial)
        jobs[lane], done[lane] = job, trial
        own = Lanes(offset(jobs, lane), offset(done, lane), offset(words, lane), offset(flags, lane))
        start = begin_trial(task, own, period, sizes, members.starts, members.constants, body, member, trial)
        done[lane] = 0
        if flags[lane] != GO_ON or plan.steps == 0:
            finish(job, flags[lane], 0, all_finite(start, n), sizes, body, results)
            jobs[lane] = -1
            continue
        enter_lane(lane, row(members.params, member, p), p, n, start, problem.params, y)
        for i in range(sizes[SENSORS]):
            u[i * lanes_of(y) + lane] = body.sensors[i]
        break
    return coming
