"""The driver that iterates maps."""

from __future__ import annotations

from neurodynamics.compiling import all_finite, copy_to, doubles, kernel, row
from neurodynamics.methods import frame as F, protocol as P
from neurodynamics.methods.frame import no_doubles
from neurodynamics.methods.protocol import problem_of, put, slope, trajectory_of


@kernel
def advance_map(frame, budget):
    """Iterate; see :mod:`neurodynamics.methods.frame`. The wanted times are numbers of iterations."""
    problem, trajectory = problem_of(frame, no_doubles()), trajectory_of(frame, no_doubles())
    numbers = doubles(frame, F.NUMBERS)
    t0, t_end = numbers[F.T0], numbers[F.T_END]
    y, z = doubles(frame, F.Y), row(doubles(frame, F.WORK), 0, problem.width)
    clock, count, output, n = trajectory.clock, trajectory.count, trajectory.output, problem.n
    if count[P.STARTED] == 0:
        count[P.STARTED] = 1
        clock[P.T] = t0
        if not all_finite(y, n):
            return P.NON_FINITE
        if output.room > 0 and output.times[0] == t0:
            put(t0, y, n, trajectory)
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
        if count[P.OUT] < output.room and output.times[count[P.OUT]] == t + 1.0:
            put(t + 1.0, y, n, trajectory)
    return P.DONE if clock[P.T] >= t_end else P.BUDGET_USED
