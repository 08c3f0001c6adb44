"""The driver that iterates maps."""

from __future__ import annotations

from neurodynamics import _protocol as P
from neurodynamics._jit import kernel
from neurodynamics._pointer import pointer, row
from neurodynamics._protocol import book_of, problem_of, put, slope
from neurodynamics._state import all_finite, copy_to


@kernel
def advance_map(functions, method, settings, inputs, params, clock, count, y, work, out, log, budget):
    """Iterate; see :mod:`neurodynamics._protocol`. The wanted times are numbers of iterations."""
    t0, t_end = settings
    problem = problem_of(functions, inputs, params, out[1].shape[1], y.size)
    z = row(pointer(work), 0, y.size)
    return _advance(problem, book_of(clock, count, out, log), t0, t_end, pointer(y), z, budget)


@kernel
def _advance(problem, book, t0, t_end, y, z, budget):
    clock, count, t_out, room = book[0], book[1], book[2], book[3]
    n = problem[4]
    if count[P.STARTED] == 0:
        count[P.STARTED] = 1
        clock[P.T] = t0
        if not all_finite(y, n):
            return P.NON_FINITE
        if room > 0 and t_out[0] == t0:
            put(t0, y, n, book)
    for _ in range(budget):
        t = clock[P.T]
        if t >= t_end:
            return P.DONE
        slope(problem, t, t, y, z)
        count[P.EVALUATIONS] += 1
        count[P.STEPS] += 1
        copy_to(z, n, y)
        clock[P.T] = t + 1.0
        if not all_finite(y, n):
            return P.NON_FINITE
        if count[P.OUT] < room and t_out[count[P.OUT]] == t + 1.0:
            put(t + 1.0, y, n, book)
    return P.DONE if clock[P.T] >= t_end else P.BUDGET_USED
