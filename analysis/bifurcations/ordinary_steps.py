"""Ordinary steps along a branch of equilibria, compiled: many at a time, until one needs a decision.

What is done here is what `continuation.Walk` does for any curve. A step that would leave the bounds, close the curve,
diverge or fail is not taken: `Walk` takes it, and decides.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bifurcations import continuation as C
from analysis.bifurcations.family import extended
from analysis.common import seconds_a_call
from neurodynamics.compiling import copy, kernel

MOST, WORK = 256, 2e6  # steps at a time, and times (N + 1)^3: some milliseconds
SECONDS, CALLS = 0.1, 4  # that they take at most where functions are costly; times that a step calls these
LENGTH, LONGEST, WIDTH, LOW, HIGH, RTOL, TRAVELLED, LARGEST, SHORT = range(9)  # of `numbers`
NEWTON_STEPS, CONTRACTION, ANGLE, SLOWEST = C.NEWTON_STEPS, C.CONTRACTION, C.ANGLE, C.SLOWEST
ROUNDING, TURNING = C.ROUNDING, C.TURNING


@kernel
def solve_in_place(A, b):
    """Solve A x = b for the columns of b by Gaussian elimination with partial pivoting; return whether that worked."""
    n = A.shape[0]
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(A[i, k]) > abs(A[pivot, k]):
                pivot = i
        if not abs(A[pivot, k]) > 0.0:
            return False
        if pivot != k:
            for j in range(n):
                A[k, j], A[pivot, j] = A[pivot, j], A[k, j]
            for j in range(b.shape[1]):
                b[k, j], b[pivot, j] = b[pivot, j], b[k, j]
        for i in range(k + 1, n):
            factor = A[i, k] / A[k, k]
            if factor != 0.0:
                for j in range(k + 1, n):
                    A[i, j] -= factor * A[k, j]
                for j in range(b.shape[1]):
                    b[i, j] -= factor * b[k, j]
    for j in range(b.shape[1]):
        for i in range(n - 1, -1, -1):
            total = b[i, j]
            for k in range(i + 1, n):
                total -= A[i, k] * b[k, j]
            b[i, j] = total / A[i, i]
    return True


@kernel
def size_of(v, states, width):
    """The relative length of a vector: states by their size, the parameter by the width of its bounds."""
    total = (v[v.size - 1] / width) ** 2
    for i in range(v.size - 1):
        total += (v[i] / states) ** 2
    return np.sqrt(total)


@kernel
def inner(v, w, states, width):
    """The relative inner product."""
    total = v[v.size - 1] * w[v.size - 1] / width**2
    for i in range(v.size - 1):
        total += v[i] * w[i] / states**2
    return total


@kernel
def ordinary_steps(f, jac, is_map, period, given, numbers, first, current, us, ts, Ds, errors):
    """Take up to ``len(us)`` steps from `current` = (u, t); return how many, and leave the next length in `numbers`."""
    rest, directions, drive, drives = given
    m = current.shape[1]
    n, width = m - 1, numbers[WIDTH]
    u, t = current[0].copy(), current[1].copy()
    F, D, A, b = np.empty(n), np.empty((n, m)), np.empty((m, m)), np.empty((m, 2))
    for count in range(us.shape[0]):
        states = max(1.0, np.abs(u).max())
        while True:
            length = numbers[LENGTH]
            if length < numbers[SHORT]:
                return count
            guess = u + length * t
            v, start, last, contraction, done = guess.copy(), 0.0, np.inf, 0.0, False
            for k in range(NEWTON_STEPS):
                extended(f, jac, is_map, period, v, rest, directions, drive, drives, F, D)
                for i in range(n):
                    for j in range(m):
                        A[i, j] = D[i, j]
                    b[i, 0], b[i, 1] = F[i], 0.0
                b[n, 0], b[n, 1] = inner(t, v - guess, states, width), 1.0
                for j in range(n):
                    A[n, j] = t[j] / states**2
                A[n, n] = t[n] / width**2
                if not solve_in_place(A, b):
                    break
                size = size_of(b[:, 0], states, width)
                if not size < 1e3:
                    break
                v -= b[:, 0]
                if k == 0:
                    start = size
                if k == 1:
                    contraction = size / last
                if size <= numbers[RTOL] or (size <= 1e3 * numbers[RTOL] and size > 0.5 * last and size <= 1e3 * ROUNDING):
                    done = True
                    break
                if k > 0 and size > SLOWEST * last:
                    break
                last = size
            if not done:
                numbers[LENGTH] *= 0.5
                continue
            tangent = b[:, 1] / size_of(b[:, 1], states, width)
            angle = np.arccos(min(1.0, max(-1.0, inner(tangent, t, states, width))))
            slower = max((contraction / CONTRACTION) ** 0.5, max(angle / ANGLE, start / (0.3 * length)))
            if slower > 2.0 and length > TURNING:
                numbers[LENGTH] *= 0.5
                continue
            break
        if not (numbers[LOW] <= v[n] <= numbers[HIGH]) or not np.abs(v).max() <= numbers[LARGEST]:
            return count
        before, after = inner(first[1], u - first[0], states, width), inner(first[1], v - first[0], states, width)
        if before < 0.0 <= after and size_of(v - first[0], states, width) <= 2.0 * length:
            return count
        us[count], ts[count], Ds[count], errors[count] = v, tangent, D, size
        copy(v, u), copy(tangent, t)
        numbers[TRAVELLED] += length
        numbers[LENGTH] = min(numbers[LONGEST], length / min(2.0, max(0.5, slower)))
    return us.shape[0]


def take_ordinary_steps(problem: Any, walk: C.Walk, room: int) -> list[C.Corrected]:
    """Return the next points of a walk, fewer than `room` where one needs a decision."""
    family = problem.family
    m = family.n + 1
    count = max(1, min(MOST, room, int(WORK / m**3)))
    seconds = seconds_a_call(family.system, walk.point.u[:-1], family.drive) * CALLS * (1 + 2 * m)
    while count > 1 and count * seconds > SECONDS:
        count = max(1, count // 4)
    low, high = problem.bounds[0]
    numbers = np.array([walk.length, walk.pace.longest, problem.width, low, high, walk.pace.rtol, walk.travelled,
                        walk.largest, C.AT_A_CORNER])  # fmt: skip
    us, ts, Ds, errors = np.empty((count, m)), np.empty((count, m)), np.empty((count, family.n, m)), np.empty(count)
    given = family.rest, family.directions, family.drive, family.drives
    first, current = np.array([walk.first.u, walk.first.t]), np.array([walk.point.u, walk.point.t])
    taken = ordinary_steps(*family.addresses, family.is_map, family.period, given, numbers, first, current, us, ts, Ds,
                           errors)  # fmt: skip
    walk.length, walk.travelled = float(numbers[LENGTH]), float(numbers[TRAVELLED])
    errors_ = errors.tolist()
    return [C.Corrected(us[k], ts[k], Ds[k], errors_[k], 0.0, 0.0) for k in range(taken)]
