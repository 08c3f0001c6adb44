"""Networks and bodies that advance together: the compiled loop over trials, one after the other.

A job is one trial of one member: ``member * trials + trial``. This loop, and that over lanes in
:mod:`neurodynamics.closed_loop.blocks`, take the network's step with :func:`neurodynamics.methods.fixed.step`, and then
the body's with :func:`apply`, so they compute the same to the last bit.

functions  int64: addresses of a driver's functions
task       int64 (2,): addresses of ``reset`` and ``step``
sizes      int64, see below
params     (B, P)
starts, constants: of each trial, the first state of the network and the task's parameters; `Rows`

The other arguments are records, defined below. What is written to is taken out of them by name: numba loses track of names
that are unpacked all at once, and drops the last write to one of them as dead code.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from neurodynamics.closed_loop.draws import trial_word
from neurodynamics.closed_loop.task_functions import FINISHED, GO_ON, RAISED, call_task
from neurodynamics.compiling import all_finite, call, copy_to, fma, kernel, pointer, row
from neurodynamics.methods import at_pointers, protocol as P, step

# sizes
N, M, OUTPUTS, MOTORS, STATE, SENSORS, SCORE, CONSTANTS, STARTS, MOTOR_WEIGHTS = range(10)
SIZES = 10  # STARTS: N where ``reset`` takes the network's state, else 0; MOTOR_WEIGHTS: where they begin, 0 for none
BODY_RAISED = 98  # code of a job whose task function failed


class Trials(NamedTuple):
    """What is to be done: `trials` of each member, of so many steps of the body and `substeps` of the network in each."""

    dt: float
    substeps: int
    steps: int
    trials: int
    key: Any  # of the task's random numbers
    common: bool  # whether all members draw the random numbers of member 0
    first: int  # number of the first member, for their random numbers
    piece: int  # steps of the network between looks at the word that stops all workers


class Lanes(NamedTuple):
    """For each body the job, the steps done, the word of random numbers, and the flag that the task returned."""

    jobs: Any
    done: Any
    words: Any
    flags: Any


class Body(NamedTuple):
    """The numbers of a body; `y` is the start of its network, where ``reset`` writes it."""

    motors: Any
    state: Any
    sensors: Any
    score: Any
    constants: Any
    y: Any


class Rows(NamedTuple):
    """What trials begin with: row ``member * of_member + trial * of_trial`` of a matrix."""

    values: Any
    of_member: int
    of_trial: int


class Results(NamedTuple):
    """Of every job: the scores (jobs, D), a code, and the steps taken."""

    scores: Any
    codes: Any
    taken: Any


class Memory(NamedTuple):
    """Scratch of one thread."""

    y: Any
    work: Any
    u: Any
    outs: Any
    body: Any
    clock: Any
    count: Any
    lanes: Lanes


@kernel
def lanes_at(lanes):
    """Return lanes of arrays as one of pointers."""
    return Lanes(pointer(lanes.jobs), pointer(lanes.done), pointer(lanes.words), pointer(lanes.flags))


@kernel
def results_at(results):
    """Return results of arrays as one of pointers."""
    return Results(pointer(results.scores), pointer(results.codes), pointer(results.taken))


@kernel
def apply(f, count, lanes, period, sizes, bodies):
    """Call ``reset`` or ``step`` of the task for all bodies that have a job."""
    call_task(f, count, lanes.jobs, lanes.done, lanes.words, period, bodies, sizes[MOTORS], sizes[STATE], sizes[SENSORS],
              sizes[SCORE], sizes[CONSTANTS], sizes[STARTS], lanes.flags)  # fmt: skip


@kernel
def width_of_body(sizes):
    """How many numbers a body has."""
    return sizes[MOTORS] + sizes[STATE] + sizes[SENSORS] + sizes[SCORE] + sizes[CONSTANTS] + sizes[STARTS]


@kernel
def body_of(lane, bodies, sizes):
    """Return the body of a lane."""
    km, s, m, d, p = sizes[MOTORS], sizes[STATE], sizes[SENSORS], sizes[SCORE], sizes[CONSTANTS]
    motors = row(bodies, lane, width_of_body(sizes))
    score = row(motors, 1, km + s + m)
    return Body(motors, row(motors, 1, km), row(motors, 1, km + s), score, row(score, 1, d), row(score, 1, d + p))


@kernel
def rows_at(rows):
    """Return rows of an array as those of a pointer."""
    return Rows(pointer(rows.values), rows.of_member, rows.of_trial)


@kernel
def row_of(rows, member, trial, width):
    """Return what a trial of a member begins with."""
    return row(rows.values, member * rows.of_member + trial * rows.of_trial, width)


@kernel
def begin_trial(task, lanes, period, sizes, starts, constants, body, member, trial):
    """Reset a body for a trial; return where its network starts."""
    start = row_of(starts, member, trial, sizes[N])
    copy_to(row_of(constants, member, trial, sizes[CONSTANTS]), sizes[CONSTANTS], body.constants)
    if sizes[STARTS] > 0:
        copy_to(start, sizes[N], body.y)
        start = body.y
    apply(task[0], 1, lanes, period, sizes, body.motors)
    return start


@kernel
def finish(job, flag, k, finite, sizes, body, results):
    """Write the results of a job that stopped with that flag after k whole steps."""
    d, codes, score = sizes[SCORE], results.codes, body.score
    finite = finite and all_finite(body.state, sizes[STATE]) and all_finite(body.sensors, sizes[SENSORS])
    results.taken[job] = k
    out = row(results.scores, job, d)
    if flag == RAISED:
        codes[job] = BODY_RAISED
    elif flag == P.NON_FINITE or not finite or not all_finite(score, d):
        codes[job] = P.NON_FINITE
    else:
        codes[job] = P.STOPPED_BY_EVENT if flag == FINISHED else P.DONE
        copy_to(score, d, out)
        return
    for i in range(d):
        out[i] = np.nan


@kernel
def _motors_of(params, first, o, n, motors, km):
    """motors_i = sum_j M_ij o_j, or the first outputs where there are no motor weights."""
    if first == 0:
        copy_to(o, km, motors)
        return
    for i in range(km):
        acc = 0.0
        for j in range(n):
            acc = fma(params[first + j * km + i], o[j], acc)
        motors[i] = acc


# One after the other ------------------------------------------------------------------------------------------------


@kernel
def run_jobs(functions, task, scheme, plan, sizes, params, starts, constants, memory, results, stop, first, last,
             trace):  # fmt: skip
    """Run the jobs first .. last - 1; keep each step in the rows of `trace`, where it has rows."""
    y, u, clock, count = memory.y, memory.u, memory.clock, memory.count
    scheme, lanes, results = at_pointers(scheme), lanes_at(memory.lanes), results_at(results)
    starts, constants, p = rows_at(starts), rows_at(constants), params.shape[1]
    for job in range(first, last):
        if stop[0] != 0:
            return
        member = job // plan.trials
        problem = P.Problem(pointer(functions), P.held(pointer(u), sizes[M]), row(pointer(params), member, p), p, sizes[N],
                            y.size)  # fmt: skip
        clock[:] = 0.0
        count[:] = 0
        count[P.MEMBER] = plan.first * plan.trials + job
        y[:] = 0.0
        _run_job(problem, scheme, pointer(task), plan, pointer(sizes), starts, constants, pointer(y), pointer(memory.work),
                 pointer(memory.outs), pointer(memory.body), pointer(clock), pointer(count), lanes, job, results,
                 pointer(stop), pointer(trace), trace.shape[0])  # fmt: skip


@kernel
def _run_job(problem, scheme, task, plan, sizes, starts, constants, y, work, outs, bodies, clock, count, lanes, job, results,
             stop, trace, rows):  # fmt: skip
    dt, substeps = plan.dt, plan.substeps
    jobs, done, words, flags = lanes.jobs, lanes.done, lanes.words, lanes.flags
    u, body = problem.drive.u, body_of(0, bodies, sizes)
    member, trial = job // plan.trials, job % plan.trials
    period = substeps * dt
    jobs[0], done[0] = job, trial
    words[0] = trial_word(plan.key, 0 if plan.common else plan.first + member, trial)
    for i in range(sizes[M]):
        u[i] = 0.0
    copy_to(begin_trial(task, lanes, period, sizes, starts, constants, body, member, trial), sizes[N], y)
    flag, k = flags[0], 0
    outputs_to(problem, sizes, y, outs, body.motors)
    if rows > 0:
        _keep(trace, 0, sizes, y, body)
    while flag == GO_ON and k < plan.steps:
        copy_to(body.sensors, sizes[SENSORS], u)
        for begin in range(0, substeps, plan.piece):
            if stop[0] != 0:
                return
            for s in range(begin, min(begin + plan.piece, substeps)):
                t = (k * substeps + s) * dt
                step(problem, scheme, count, clock, y, work, t, dt, t + 0.5 * dt)
        outputs_to(problem, sizes, y, outs, body.motors)
        done[0] = k
        apply(task[1], 1, lanes, period, sizes, bodies)
        flag = flags[0]
        if flag != P.NON_FINITE and flag != RAISED:
            k += 1
            if rows > 0:
                _keep(trace, k, sizes, y, body)
    finite = all_finite(y, problem.n) and all_finite(outs, sizes[OUTPUTS])
    finish(job, flag, k, finite, sizes, body, results)


@kernel
def outputs_to(problem, sizes, y, outs, motors):
    """Show the outputs of a network, and what moves the body."""
    functions, params, n = problem.functions, problem.params, sizes[N]
    if functions[P.OUTPUTS] != 0:
        call(functions[P.OUTPUTS], 0.0, y, n, problem.drive.u, 0, params, problem.p, outs, sizes[OUTPUTS])
    else:
        copy_to(y, n, outs)
    _motors_of(params, sizes[MOTOR_WEIGHTS], outs, n, motors, sizes[MOTORS])


@kernel
def _keep(trace, k, sizes, y, body):
    """Row k of the trace: y, motors, state, sensors, score."""
    n, km, s, m, d = sizes[N], sizes[MOTORS], sizes[STATE], sizes[SENSORS], sizes[SCORE]
    at = row(trace, k, n + km + s + m + d)
    copy_to(y, n, at)
    copy_to(body.motors, km, row(at, 1, n))
    copy_to(body.state, s, row(at, 1, n + km))
    copy_to(body.sensors, m, row(at, 1, n + km + s))
    copy_to(body.score, d, row(at, 1, n + km + s + m))
