"""Networks and bodies that advance together, many jobs in the lanes of a block.

The arguments are those of :mod:`neurodynamics.closed_loop.kernels`. A job that ends makes room for the next one: no
lane waits for the slowest trial of its block. The network's numbers are of double or single precision, the body's
always double.
"""

from __future__ import annotations

from neurodynamics.closed_loop.draws import trial_word
from neurodynamics.closed_loop.kernels import MOTOR_WEIGHTS, MOTORS, SCORE, SENSORS, SLICE, STATE, N, apply, body_of, finish
from neurodynamics.closed_loop.lanes import enter_lane, lane_is_finite, lane_motors, lanes_of
from neurodynamics.closed_loop.task_functions import FINISHED, GO_ON
from neurodynamics.compiling import all_finite, call, kernel, offset, pointer, row
from neurodynamics.methods import protocol as P, step


@kernel
def run_jobs_in_lanes(functions, task, method, plan, sizes, params, starts, memory, results, stop, first, last,
                      trace):  # fmt: skip
    """Run the jobs first .. last - 1 of an additive network, a block at a time; keep the first lane in the trace's rows."""
    a, b, c, exponential, noisy, noise_key = method
    block, y, work, u, outs, motors, bodies, clock, count, jobs, taken_so_far, words, flags = memory
    table = (pointer(a), pointer(b), pointer(c), b.size, exponential, False, noise_key, lanes_of(y))
    scores, codes, taken = results
    results_at = (pointer(scores), pointer(codes), pointer(taken))
    block[:] = 0.0
    y[:] = 0.0
    u[:] = 0.0
    clock[:] = 0.0
    count[:] = 0
    drive = (pointer(u), u.size, pointer(u), 0, pointer(u), pointer(u), False)
    problem = (pointer(functions), drive, pointer(block), block.size, y.size, y.size)
    members = (pointer(params), params.shape[1], pointer(starts))
    lanes = (pointer(jobs), pointer(taken_so_far), pointer(words), pointer(flags))
    _run_lanes(problem, table, pointer(task), plan, pointer(sizes), members, pointer(y), pointer(work), pointer(outs),
               pointer(motors), pointer(bodies), pointer(clock), pointer(count), lanes, results_at, pointer(stop), first,
               last, pointer(trace), trace.shape[0])  # fmt: skip


@kernel
def _run_lanes(problem, table, task, plan, sizes, members, y, work, outs, motors, bodies, clock, count, lanes, results, stop,
               first, last, trace, rows):  # fmt: skip
    dt, substeps, steps, trials, key, common = plan
    jobs, done, flags = lanes[0], lanes[1], lanes[3]
    u = problem[1][0]
    functions, drive, block, p, size, width = problem
    n, km, period, active, coming = sizes[N], sizes[MOTORS], substeps * dt, 0, first
    seen = n if sizes[MOTOR_WEIGHTS] != 0 else km
    shown = motors if sizes[MOTOR_WEIGHTS] != 0 else outs
    for lane in range(lanes_of(y)):
        coming = _refill(lane, coming, last, problem, task, plan, sizes, members, y, bodies, lanes, results)
        if jobs[lane] >= 0:
            active += 1
    if rows > 0:
        _show(functions, sizes, drive, block, p, size, n, km, seen, y, outs, motors)
        _keep_lane(trace, 0, sizes, y, shown, bodies)
    turn = 0
    while active > 0:
        turn += 1
        if turn % SLICE == 0 and stop[0] != 0:
            return
        for _ in range(substeps):
            step(problem, table, count, clock, y, work, 0.0, dt, 0.0)
        _show(functions, sizes, drive, block, p, size, n, km, seen, y, outs, motors)
        _to_bodies(shown, sizes, bodies)
        apply(task[1], lanes_of(y), lanes, period, sizes, bodies)
        _from_bodies(bodies, sizes, u)
        for lane in range(lanes_of(y)):
            if jobs[lane] >= 0:
                flag = flags[lane]
                if flag == GO_ON or flag == FINISHED:
                    done[lane] += 1
                    if rows > 0:
                        _keep_lane(trace, done[lane], sizes, y, shown, bodies)
                if flag != GO_ON or done[lane] == steps:
                    score = body_of(lane, bodies, sizes)[3]
                    finite = lane_is_finite(y, n, lane)
                    finish(jobs[lane], flag, done[lane], finite, sizes, score, results[0], results[1], results[2])
                    coming = _refill(lane, coming, last, problem, task, plan, sizes, members, y, bodies, lanes, results)
                    clock[P.H] = 0.0  # other leaks than before
                    if jobs[lane] < 0:
                        active -= 1


@kernel
def _show(functions, sizes, drive, block, p, size, n, km, seen, y, outs, motors):
    """The outputs of all lanes, and the motors where there are motor weights."""
    call(functions[P.OUTPUTS], 0.0, y, size, drive[0], 0, block, p, outs, seen)
    if sizes[MOTOR_WEIGHTS] != 0:
        lane_motors(block, sizes[MOTOR_WEIGHTS], outs, n, motors, km)


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
    width = sizes[MOTORS] + sizes[STATE] + sizes[SENSORS] + sizes[SCORE]
    lanes = lanes_of(shown)
    for i in range(sizes[MOTORS]):
        for lane in range(lanes):
            bodies[lane * width + i] = shown[i * lanes + lane]


@kernel
def _from_bodies(bodies, sizes, u):
    """What is sensed becomes the inputs of all lanes."""
    first = sizes[MOTORS] + sizes[STATE]
    width = first + sizes[SENSORS] + sizes[SCORE]
    lanes = lanes_of(u)
    for i in range(sizes[SENSORS]):
        for lane in range(lanes):
            u[i * lanes + lane] = bodies[lane * width + first + i]


@kernel
def _refill(lane, coming, last, problem, task, plan, sizes, members, y, bodies, lanes, results):
    """Put the next job that lasts at least a step into a lane; return the number of the one after it."""
    jobs, done, words, flags = lanes[0], lanes[1], lanes[2], lanes[3]
    params, p, starts = members
    steps, trials, key, common = plan[2], plan[3], plan[4], plan[5]
    u, n, period = problem[1][0], sizes[N], plan[0] * plan[1]
    motors, state, sensors, score = body_of(lane, bodies, sizes)
    jobs[lane] = -1
    done[lane] = 0
    while coming < last:
        job = coming
        coming += 1
        member, trial = job // trials, job % trials
        words[lane] = trial_word(key, 0 if common else member, trial)
        start = row(starts, member, n)
        jobs[lane], done[lane] = job, trial
        own = (offset(jobs, lane), offset(done, lane), offset(words, lane), offset(flags, lane))
        apply(task[0], 1, own, period, sizes, motors)
        done[lane] = 0
        if flags[lane] != GO_ON or steps == 0:
            finish(job, flags[lane], 0, all_finite(start, n), sizes, score, results[0], results[1], results[2])
            jobs[lane] = -1
            continue
        enter_lane(lane, row(params, member, p), p, n, start, problem[2], y)
        for i in range(sizes[SENSORS]):
            u[i * lanes_of(y) + lane] = sensors[i]
        break
    return coming
