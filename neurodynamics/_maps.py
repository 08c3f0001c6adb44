"""The driver that iterates maps."""

from __future__ import annotations

from neurodynamics import _protocol as P
from neurodynamics._jit import kernel
from neurodynamics._pointer import call
from neurodynamics._protocol import put
from neurodynamics._state import all_finite, copy_to
from neurodynamics.signals import evaluate_inputs


@kernel
def advance_map(functions, method, settings, inputs, params, clock, count, y, work, out, log, budget):
    """Iterate; see :mod:`neurodynamics._protocol`. The wanted times are numbers of iterations."""
    base, terms, data, u, varying = inputs
    t0, t_end = settings
    t_out = out[0]
    n = out[1].shape[1]
    z = work[0]
    if count[P.STARTED] == 0:
        count[P.STARTED] = 1
        clock[P.T] = t0
        if not all_finite(y, n):
            return P.NON_FINITE
        if t_out.size and t_out[0] == t0:
            put(t0, y, n, out, count)
    for _ in range(budget):
        t = clock[P.T]
        if t >= t_end:
            return P.DONE
        if varying:
            evaluate_inputs(base, terms, data, t, t, u)
        call(functions[P.RHS], t, y[:n], u, params, z[:n])
        count[P.EVALUATIONS] += 1
        count[P.STEPS] += 1
        copy_to(z, n, y)
        clock[P.T] = t + 1.0
        if not all_finite(y, n):
            return P.NON_FINITE
        if count[P.OUT] < t_out.size and t_out[count[P.OUT]] == t + 1.0:
            put(t + 1.0, y, n, out, count)
    return P.DONE if clock[P.T] >= t_end else P.BUDGET_USED
