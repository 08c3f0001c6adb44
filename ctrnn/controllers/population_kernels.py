"""The step of a population of controllers, in lanes or (lanes = 1) one after the other.

Element i of a member's vector is number ``i * lanes + lane`` of its block.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import call, copy_to, fma, kernel, pointer, row
from neurodynamics.methods import at_pointers, protocol as P, step

N, M, OUTPUTS, MOTORS, MOTOR_WEIGHTS, LANES = range(6)  # sizes; MOTOR_WEIGHTS: where they begin, 0 for none
SCALE, OFFSET, LOW, HIGH, THRESHOLD = range(5)  # rows of a motor map


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


class Blocks(NamedTuple):
    """The memory of a population, a block a row."""

    params: Any
    y: Any
    u: Any
    outs: Any
    clocks: Any


@kernel
def step_population(functions, scheme, dt, substeps, sizes, observations, blocks, work, steps, motor_map, motors):
    """Hold the observations (B, M) for so many steps; write the motors (B, K). Return the first bad member, or -1."""
    params, y, u, outs, clocks = blocks.params, blocks.y, blocks.u, blocks.outs, blocks.clocks
    count = np.zeros(P.COUNT_SIZE, dtype=np.int64)
    scheme = at_pointers(scheme)
    lanes, m = sizes[LANES], sizes[M]
    members = motors.shape[0]
    if substeps > 0:
        for member in range(members):
            block, lane = member // lanes, member % lanes
            total = 0.0
            for i in range(observations.shape[1]):
                u[block, i * lanes + lane] = observations[member, i]
                total += observations[member, i] * 0.0
            if total != 0.0:
                return member
    for block in range(y.shape[0]):
        inputs = row(pointer(u), block, u.shape[1])
        problem = P.Problem(pointer(functions), P.held(inputs, m * lanes), row(pointer(params), block, params.shape[1]),
                            params.shape[1], sizes[N] * lanes, y.shape[1])  # fmt: skip
        state, out = row(pointer(y), block, y.shape[1]), row(pointer(outs), block, outs.shape[1])
        clock = row(pointer(clocks), block, clocks.shape[1])
        scratch = row(pointer(work), block % work.shape[0], work.shape[1])
        shown = sizes[OUTPUTS]
        _advance_block(problem, scheme, pointer(count), clock, state, scratch, steps[block], dt, substeps, shown, out)
    write_motors(pointer(outs), outs.shape[1], pointer(params), params.shape[1], pointer(sizes), pointer(motor_map),
                  motor_map.shape[1], members, pointer(motors))  # fmt: skip
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
    for member in range(members):
        o, own = row(outs, member // lanes, width), row(params, member // lanes, p)
        lane, target = member % lanes, row(motors, member, km)
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
