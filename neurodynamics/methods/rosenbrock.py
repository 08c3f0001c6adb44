"""The driver of linearly implicit steps with error control, for stiff problems: no iteration, one matrix a step.

The method is RODAS (:mod:`neurodynamics.schemes.rodas`, whose symbols these are). Steps are chosen as those of explicit
pairs are (:mod:`neurodynamics.methods.adaptive`), and hand out their points in the same way.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from neurodynamics.compiling import (
    add,
    all_finite,
    call,
    combine,
    copy_to,
    dense_rows,
    doubles,
    kernel,
    pointer,
    row,
    rows,
    scale,
    scaled_norm,
)
from neurodynamics.methods import frame as F, protocol as P
from neurodynamics.methods.adaptive import LEAST, SMALLEST, STRETCH, Errors, first_step, next_step
from neurodynamics.methods.frame import no_doubles
from neurodynamics.methods.output import NOTHING, RESTART, Step, accept, begin, full
from neurodynamics.methods.protocol import problem_of, slope, trajectory_of
from neurodynamics.schemes import COUPLING, GAMMA, TIME

STAGES, DEGREE = 6, 3
_SLOPE, _IN_TIME, _Q, _STAGE, _NEW, _PIVOTS, _JACOBIAN = 6, 7, 8, 11, 12, 13, 14  # rows of the work behind the stages
LATER = 1e-6  # of a step: the difference that df/dt is taken over


def work_rows(plan, n):
    """Return how many rows a run needs."""
    return _JACOBIAN + 2 * max(n, 1)


@kernel
def advance_rosenbrock(frame, budget):
    """Take steps under error control; see :mod:`neurodynamics.methods.frame`."""
    problem, trajectory = problem_of(frame, no_doubles()), trajectory_of(frame, no_doubles())
    numbers = doubles(frame, F.NUMBERS)
    t0, t_end, h_first, h_max = numbers[F.T0], numbers[F.T_END], numbers[F.FIRST_STEP], numbers[F.MAX_STEP]
    errors = Errors(doubles(frame, F.ERROR), doubles(frame, F.ERROR_3), STAGES, numbers[F.ERROR_ORDER], numbers[F.RTOL],
                    doubles(frame, F.ATOL))  # fmt: skip
    edges, y, k = doubles(frame, F.BREAKS), doubles(frame, F.Y), doubles(frame, F.WORK)
    clock, count, n, width = trajectory.clock, trajectory.count, problem.n, problem.width
    f, z, y_new = row(k, _SLOPE, width), row(k, _STAGE, width), row(k, _NEW, width)
    direction = 1.0 if t_end >= t0 else -1.0
    if count[P.STARTED] == 0:
        if not all_finite(y, n):
            return P.NON_FINITE
        begin(problem, trajectory, y, t0, 0.5 * (edges[0] + edges[1]))
        if t0 == t_end:
            return P.DONE
    for _ in range(budget):
        if full(trajectory):
            return P.OUTPUT_FULL
        t, edge = clock[P.T], edges[count[P.SEGMENT] + 1]
        t_ref, smallest = 0.5 * (edges[count[P.SEGMENT]] + edge), SMALLEST * abs(t) + LEAST
        if count[P.FRESH]:
            slope(problem, t, t_ref, y, f)
            _jacobian(problem, t, y, rows(k, _JACOBIAN, width))
            count[P.EVALUATIONS] += 1
            count[P.FRESH] = 0
            if clock[P.H] == 0.0:
                limit = direction * min(h_max, abs(edge - t))
                slopes = rows(k, _SLOPE, width)
                first = h_first if h_first > 0.0 else first_step(problem, errors, t, t_ref, y, slopes, z, y_new, limit)
                clock[P.H] = max(first, smallest)
        h = min(clock[P.H], h_max)
        last = STRETCH * h >= abs(edge - t)
        if h < smallest and not last:
            return P.STEP_TOO_SMALL
        h = edge - t if last else direction * h
        step = Step(t, h, edge if last else t + h, t_ref, y, y_new, rows(k, _Q, width), DEGREE, z)
        _stages(problem, doubles(frame, F.A), doubles(frame, F.B), doubles(frame, F.C), k, step)
        count[P.EVALUATIONS] += STAGES
        size = scaled_norm(k, 1.0, errors.weights, errors.weights_3, STAGES, y, y_new, errors.atol, errors.rtol, n, width)
        next_step(clock, count, size, h, last, errors.order)
        if not size <= 1.0:
            if not clock[P.H] >= smallest:
                return P.STEP_TOO_SMALL if all_finite(y_new, n) else P.NON_FINITE
            continue
        dense_rows(k, 1.0, doubles(frame, F.DENSE), STAGES, DEGREE, width, step.q)
        happened = accept(problem, trajectory, step)
        if happened != NOTHING and happened != RESTART:
            return happened
        count[P.FRESH] = 1
        if clock[P.T] == edge:
            if edge == t_end:
                return P.DONE
            count[P.SEGMENT] += 1
    return P.BUDGET_USED


@kernel
def _stages(problem, a, b, c, k, step):
    """The stages U of a step, in the first rows of k, and the new state."""
    n, width, h, z = problem.n, problem.width, step.h, step.z
    f, in_time, pivots = row(k, _SLOPE, width), row(k, _IN_TIME, width), row(k, _PIVOTS, width)
    matrix, factors = rows(k, _JACOBIAN, width), rows(k, _JACOBIAN + n, width)
    later = step.t + LATER * h - step.t
    slope(problem, step.t + later, step.t_ref, step.y, in_time)
    add(in_time, -1.0, f, width)
    scale(in_time, h / later if later != 0.0 else 0.0, width)
    _factorise(matrix, 1.0 / (GAMMA * h), n, factors, pivots)
    for s in range(STAGES):
        u = row(k, s, width)
        if s == 0:
            copy_to(f, width, u)
        else:
            combine(step.y, 1.0, row(a, s, STAGES), k, s, width, z)
            slope(problem, step.t + c[s] * h, step.t_ref, z, step.y_new)
            combine(step.y_new, 1.0 / h, row(pointer(COUPLING), s, STAGES), k, s, width, u)
        add(u, TIME[s], in_time, width)
        _solve(factors, pivots, n, u)
    combine(step.y, 1.0, b, k, STAGES, width, step.y_new)


def _host_jacobian(problem, t, y, out):
    n = problem.n
    matrix = np.zeros((n, n))
    problem.functions[P.JAC](t, y[:n], problem.drive.u, problem.params, matrix)
    out[:n, :n] = matrix


@kernel(host=_host_jacobian)
def _jacobian(problem, t, y, out):
    """out = df/dy, n x n numbers behind each other, with the inputs as they are."""
    n, drive = problem.n, problem.drive
    call(problem.functions[P.JAC], t, y, n, drive.u, drive.m, problem.params, problem.p, out, n * n)


def _host_factorise(jacobian, diagonal, n, out, pivots):
    matrix = diagonal * np.eye(n) - jacobian[:n, :n]
    out[:n, :n], pivots[:n] = lu_factor(matrix, check_finite=False)


@kernel(host=_host_factorise)
def _factorise(jacobian, diagonal, n, out, pivots):
    """out = the factors L and U, in one matrix, of ``diagonal - jacobian`` with rows exchanged as the pivots say."""
    for i in range(n * n):
        out[i] = -jacobian[i]
    for i in range(n):
        out[i * n + i] += diagonal
    for j in range(n):
        best = j
        for i in range(j + 1, n):
            if abs(out[i * n + j]) > abs(out[best * n + j]):
                best = i
        pivots[j] = best
        if best != j:
            for c in range(n):
                out[j * n + c], out[best * n + c] = out[best * n + c], out[j * n + c]
        inverse = 1.0 / out[j * n + j] if out[j * n + j] != 0.0 else np.inf
        for i in range(j + 1, n):
            factor = out[i * n + j] * inverse
            out[i * n + j] = factor
            if factor != 0.0:
                for c in range(j + 1, n):
                    out[i * n + c] -= factor * out[j * n + c]


def _host_solve(factors, pivots, n, x):
    x[:n] = lu_solve((factors[:n, :n], pivots[:n].astype(int)), x[:n], check_finite=False)


@kernel(host=_host_solve)
def _solve(factors, pivots, n, x):
    """X = the solution of the factorised equations, from their right-hand side."""
    for i in range(n):
        p = int(pivots[i])
        x[i], x[p] = x[p], x[i]
    for i in range(n):
        for c in range(i):
            x[i] -= factors[i * n + c] * x[c]
    for i in range(n - 1, -1, -1):
        for c in range(i + 1, n):
            x[i] -= factors[i * n + c] * x[c]
        x[i] = x[i] / factors[i * n + i] if factors[i * n + i] != 0.0 else np.nan
