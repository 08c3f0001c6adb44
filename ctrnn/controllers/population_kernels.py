"""The step of a population of controllers, in lanes or (lanes = 1) one after the other.

Element i of a member's vector is number ``i * lanes + lane`` of its block.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from neurodynamics.compiling import call, copy_to, doubles, fma, integers, kernel, pointer, row
from neurodynamics.methods import Scheme, protocol as P, step

N, M, OUTPUTS, MOTORS, MOTOR_WEIGHTS, LANES = range(6)  # sizes; MOTOR_WEIGHTS: where they begin, 0 for none
SCALE, OFFSET, LOW, HIGH, THRESHOLD = range(5)  # rows of a motor map

# the plan: addresses, of arrays with a block a row; then numbers, the last four of them lengths of rows
(FUNCTIONS, SIZES, DT, A, B, C, PARAMS, Y, U, OUTS, CLOCKS, WORK, STEPS, MOTOR_MAP, MOTORS_OUT,
 STAGES, EXPONENTIAL, BLOCKS, MEMBERS, MAPPED, P_ROW, Y_ROW, OUT_ROW, WORK_ROW) = range(24)  # fmt: skip

WORK_AT_ONCE = 2**22  # additions and multiplications, about 10 ms, between which Ctrl-C is served


def at_once(n: int, members: int = 1) -> int:
    """Return how many steps of networks of n neurons are taken at once."""
    return max(1, WORK_AT_ONCE // (max(members, 1) * (n * n + 1024)))


def pieces(substeps: int, whole: int) -> Iterable[int]:
    """Return numbers of steps, `whole` at most, that make up the substeps; most have one piece."""
    if substeps <= whole:
        return (substeps,)
    rest = (substeps % whole,) if substeps % whole else ()
    return itertools.chain(itertools.repeat(whole, substeps // whole), rest)


@kernel
def step_population(plan, observations, substeps):
    """Hold the observations (B, M) for so many steps; write the motors (B, K). Return the first bad member, or -1.

    The plan is one vector of addresses and numbers: each array among the arguments costs a microsecond.
    """
    plan = pointer(plan)
    functions, sizes, steps = integers(plan, FUNCTIONS), integers(plan, SIZES), integers(plan, STEPS)
    dt, shown, motors, table = doubles(plan, DT)[0], sizes[OUTPUTS], doubles(plan, MOTORS_OUT), doubles(plan, MOTOR_MAP)
    lanes, n, m, members = sizes[LANES], sizes[N], sizes[M], plan[MEMBERS]
    u, outs, params, p = doubles(plan, U), doubles(plan, OUTS), doubles(plan, PARAMS), plan[P_ROW]
    width = plan[Y_ROW]
    if substeps > 0:
        for block in range(plan[BLOCKS]):
            held = row(u, block, m * lanes)
            for lane in range(min(lanes, members - block * lanes)):
                member, total = block * lanes + lane, 0.0
                for i in range(m if observations.shape[1] > 0 else 0):
                    held[i * lanes + lane] = observations[member, i]
                    total += observations[member, i] * 0.0
                if total != 0.0:
                    return member
    scheme = Scheme(doubles(plan, A), doubles(plan, B), doubles(plan, C), plan[STAGES], plan[EXPONENTIAL] != 0, False,
                    np.uint64(0), lanes)  # fmt: skip
    count = np.zeros(P.COUNT_SIZE, dtype=np.int64)
    for block in range(plan[BLOCKS]):
        held, own = row(u, block, m * lanes), row(params, block, p)
        problem = P.Problem(functions, P.held(held, m * lanes), own, p, n * lanes, width)
        state, out = row(doubles(plan, Y), block, width), row(outs, block, plan[OUT_ROW])
        clock, scratch = row(doubles(plan, CLOCKS), block, P.CLOCK_SIZE), doubles(plan, WORK)
        if plan[EXPONENTIAL] != 0:  # the factors of the leak stay in the work rows
            scratch = row(scratch, block, plan[WORK_ROW])
        _advance_block(problem, scheme, pointer(count), clock, state, scratch, steps[block], dt, substeps, shown, out)
    for member in range(members):
        steps[member] += substeps
    write_motors(outs, plan[OUT_ROW], params, p, sizes, table, plan[MAPPED], members, motors)
    return -1


@kernel
def _advance_block(problem, scheme, count, clock, y, work, done, dt, substeps, shown, out):
    """Steps from number `done` on; in lanes, where members differ in it, nothing depends on the time."""
    functions, drive, n = problem.functions, problem.drive, problem.n
    for s in range(substeps):
        t = (done + s) * dt
        step(problem, scheme, count, clock, y, work, t, dt, t + 0.5 * dt)
    if functions[P.OUTPUTS] != 0:
        call(functions[P.OUTPUTS], 0.0, y, n, drive.u, 0, problem.params, problem.p, out, shown)
    else:
        copy_to(y, n, out)


@kernel
def write_motors(outs, width, params, p, sizes, motor_map, mapped, members, motors):
    """The motors are the first outputs, or weighted sums of all outputs; then the map, where there is one."""
    n, km, first, lanes = sizes[N], sizes[MOTORS], sizes[MOTOR_WEIGHTS], sizes[LANES]
    for begin in range(0, members, lanes):
        o, own = row(outs, begin // lanes, width), row(params, begin // lanes, p)
        for lane in range(min(lanes, members - begin)):
            target = row(motors, begin + lane, km)
            for i in range(km):
                x = 0.0
                if first == 0:
                    x = o[i * lanes + lane]
                else:
                    for j in range(n):
                        x = fma(own[(first + j * km + i) * lanes + lane], o[j * lanes + lane], x)
                target[i] = _mapped(x, motor_map, i, km) if mapped > 0 else x


@kernel
def _mapped(x, table, i, km):
    threshold = table[THRESHOLD * km + i]
    if threshold == threshold:
        x = 1.0 if x > threshold else 0.0
    x = table[SCALE * km + i] * x + table[OFFSET * km + i]
    return min(max(x, table[LOW * km + i]), table[HIGH * km + i])
