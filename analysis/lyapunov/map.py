"""The driver that carries a state and its tangent vectors along a map: ``Q <- J Q``.

For a full set of vectors the logarithm of ``|det J|`` is added up as well, in the place of the integral of the trace: it
is found by elimination, independently of the vectors.
"""

from __future__ import annotations

import numpy as np
from numba import carray

from analysis.lyapunov.flow import BUDGET_USED, DONE, EDGE, EVALUATIONS, EVERY, NON_FINITE, SINCE, STEPS, T, tidy
from analysis.lyapunov.slopes import extended_slope, problem_of
from neurodynamics.compiling import all_finite, copy_to, kernel, offset, pointer, row

ELIMINATE_BELOW = 48  # states from which LAPACK finds the determinant


@kernel
def advance_map(functions, pair, bins, signals, params, clock, count, y, work, growth, traces, budget):
    """Go on for at most `budget` iterations, towards the last edge; growth (bins, k) and traces (bins,) add up."""
    problem = problem_of(functions, signals, params, bins.n, bins.k, y.size, bins.jacobian)
    return _iterate(problem, pointer(bins.edges), bins.n_edges, pointer(clock), pointer(count), pointer(y), pointer(work),
                    pointer(growth), pointer(traces), budget)  # fmt: skip


@kernel
def _iterate(problem, edges, n_edges, clock, count, y, work, growth, traces, budget):
    n, k, width = problem.n, problem.k, problem.width
    z = row(work, 0, width)
    for _ in range(budget):
        if count[EDGE] + 1 >= n_edges:
            return DONE
        t = clock[T]
        extended_slope(problem, t, t, y, z)
        if k == n:
            traces[count[EDGE]] += log_determinant(problem.jacobian, n)
        if not all_finite(z, n):
            return NON_FINITE
        copy_to(z, width, y)
        clock[T] = t + 1.0
        count[STEPS] += 1
        count[EVALUATIONS] += 1
        count[SINCE] += 1
        at_edge = clock[T] >= edges[count[EDGE] + 1]
        if at_edge or count[SINCE] >= count[EVERY]:
            if k > 0 and not tidy(offset(y, n + 1), n, k, count, row(growth, count[EDGE], k), at_edge):
                return NON_FINITE
            count[SINCE] = 0
        if at_edge:
            count[EDGE] += 1
    return BUDGET_USED if count[EDGE] + 1 < n_edges else DONE


def _host_log_determinant(matrix, n):
    return float(np.linalg.slogdet(np.asarray(matrix)[:n, :n])[1]) if np.size(matrix) else np.nan


@kernel(host=_host_log_determinant)
def log_determinant(matrix, n):
    """Ln |det| of an n x n matrix, which is overwritten."""
    if n >= ELIMINATE_BELOW:
        return np.linalg.slogdet(carray(matrix, (n, n)))[1]
    total = 0.0
    for i in range(n):
        pivot = i
        for r in range(i + 1, n):
            if abs(matrix[r * n + i]) > abs(matrix[pivot * n + i]):
                pivot = r
        largest = matrix[pivot * n + i]
        if largest == 0.0:
            return -np.inf
        total += np.log(abs(largest))
        if pivot != i:
            for j in range(i, n):
                swapped = matrix[i * n + j]
                matrix[i * n + j] = matrix[pivot * n + j]
                matrix[pivot * n + j] = swapped
        for r in range(i + 1, n):
            factor = matrix[r * n + i] / largest
            for j in range(i + 1, n):
                matrix[r * n + j] -= factor * matrix[i * n + j]
    return total
