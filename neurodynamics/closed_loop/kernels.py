"""Networks and bodies that advance together: the compiled loop over trials, one after the other.

A job is one trial of one member: ``member * trials + trial``. This loop, and that over lanes in
:mod:`neurodynamics.closed_loop.blocks`, take the network's step with :func:`neurodynamics.methods.fixed.step`, and then
the body's with :func:`apply`, so they compute the same to the last bit.  functions  int64 (6,): addresses of a driver's
functions task       int64 (2,): addresses of ``reset`` and ``step`` method     (a, b, c, exponential, noisy, key of the
noise) plan       (dt, substeps, steps, trials, key, common): `common`: all members draw the random numbers of member 0
sizes      int64, see below params     (B, P);  starts (B, N) memory     scratch of one thread, see `closed_loop`
results    scores (jobs, D), codes (jobs,), steps taken (jobs,)  What is written to is taken out of tuples by index:
numba loses track of names that are unpacked all at once, and drops the last write to one of them as dead code.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.closed_loop.draws import trial_word
from neurodynamics.closed_loop.task_functions import FINISHED, GO_ON, RAISED, call_task
from neurodynamics.compiling import all_finite, call, copy_to, fma, kernel, pointer, row
from neurodynamics.methods import protocol as P, step

# sizes
N, M, OUTPUTS, MOTORS, STATE, SENSORS, SCORE, MOTOR_WEIGHTS = range(8)  # the last: where they begin, 0 for none
SIZES = 8
BODY_RAISED = 98  # code of a job whose task function failed
SLICE = 64  # control steps between looks at the word that stops all workers


@kernel
def apply(f, count, lanes, period, sizes, bodies):
    """Call ``reset`` or ``step`` of the task for all bodies that have a job."""
    jobs, done, words, flags = lanes[0], lanes[1], lanes[2], lanes[3]
    call_task(f, count, jobs, done, words, period, bodies, sizes[MOTORS], sizes[STATE], sizes[SENSORS], sizes[SCORE], flags)


@kernel
def body_of(lane, bodies, sizes):
    """Return the motors, state, sensors and score of a lane."""
    km, s, m, d = sizes[MOTORS], sizes[STATE], sizes[SENSORS], sizes[SCORE]
    motors = row(bodies, lane, km + s + m + d)
    return motors, row(motors, 1, km), row(motors, 1, km + s), row(motors, 1, km + s + m)


@kernel
def finish(job, flag, k, finite, sizes, score, scores, codes, taken):
    """Write the results of a job that stopped with that flag after k whole steps."""
    d = sizes[SCORE]
    taken[job] = k
    out = row(scores, job, d)
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
def run_jobs(functions, task, method, plan, sizes, params, starts, memory, results, stop, first, last, trace):
    """Run the jobs first .. last - 1; keep each step in the rows of `trace`, where it has rows."""
    a, b, c, exponential, noisy, noise_key = method
    y, work, u, outs, body, clock, count, jobs, done, words, flags = memory
    table = (pointer(a), pointer(b), pointer(c), b.size, exponential, noisy, noise_key, 1)
    scores, codes, taken = results
    results_at = (pointer(scores), pointer(codes), pointer(taken))
    lane = (pointer(jobs), pointer(done), pointer(words), pointer(flags))
    p = params.shape[1]
    drive = (pointer(u), sizes[M], pointer(u), 0, pointer(u), pointer(u), False)
    for job in range(first, last):
        if stop[0] != 0:
            return
        member = job // plan[3]
        problem = (pointer(functions), drive, row(pointer(params), member, p), p, sizes[N], y.size)
        clock[:] = 0.0
        count[:] = 0
        count[P.MEMBER] = job
        y[:] = 0.0
        copy_to(row(pointer(starts), member, sizes[N]), sizes[N], pointer(y))
        _run_job(problem, table, pointer(task), plan, pointer(sizes), pointer(y), pointer(work), pointer(outs),
                 pointer(body), pointer(clock), pointer(count), lane, job, results_at, pointer(stop), pointer(trace),
                 trace.shape[0])  # fmt: skip


@kernel
def _run_job(problem, table, task, plan, sizes, y, work, outs, body, clock, count, lane, job, results, stop, trace, rows):
    dt, substeps, steps, trials, key, common = plan
    functions, drive, params, p, n, width = problem
    jobs, done, words, flags = lane[0], lane[1], lane[2], lane[3]
    u, (motors, state, sensors, score) = drive[0], body_of(0, body, sizes)
    member, trial = job // trials, job % trials
    period = substeps * dt
    jobs[0], done[0] = job, trial
    words[0] = trial_word(key, 0 if common else member, trial)
    for i in range(sizes[M]):
        u[i] = 0.0
    apply(task[0], 1, lane, period, sizes, body)
    flag, k = flags[0], 0
    _outputs(functions, params, p, sizes, y, u, outs, motors)
    if rows > 0:
        _keep(trace, 0, sizes, y, motors, state, sensors, score)
    while flag == GO_ON and k < steps:
        if k % SLICE == 0 and stop[0] != 0:
            return
        copy_to(sensors, sizes[SENSORS], u)
        for s in range(substeps):
            t = (k * substeps + s) * dt
            step(problem, table, count, clock, y, work, t, dt, t + 0.5 * dt)
        _outputs(functions, params, p, sizes, y, u, outs, motors)
        done[0] = k
        apply(task[1], 1, lane, period, sizes, body)
        flag = flags[0]
        if flag != P.NON_FINITE and flag != RAISED:
            k += 1
            if rows > 0:
                _keep(trace, k, sizes, y, motors, state, sensors, score)
    finish(job, flag, k, all_finite(y, n), sizes, score, results[0], results[1], results[2])


@kernel
def _outputs(functions, params, p, sizes, y, u, outs, motors):
    if functions[P.OUTPUTS] != 0:
        call(functions[P.OUTPUTS], 0.0, y, sizes[N], u, 0, params, p, outs, sizes[OUTPUTS])
    else:
        copy_to(y, sizes[N], outs)
    _motors_of(params, sizes[MOTOR_WEIGHTS], outs, sizes[N], motors, sizes[MOTORS])


@kernel
def _keep(trace, k, sizes, y, motors, state, sensors, score):
    """Row k of the trace: y, motors, state, sensors, score."""
    n, km, s, m, d = sizes[N], sizes[MOTORS], sizes[STATE], sizes[SENSORS], sizes[SCORE]
    at = row(trace, k, n + km + s + m + d)
    copy_to(y, n, at)
    copy_to(motors, km, row(at, 1, n))
    copy_to(state, s, row(at, 1, n + km))
    copy_to(sensors, m, row(at, 1, n + km + s))
    copy_to(score, d, row(at, 1, n + km + s + m))
