"""The compiled loop over the members of an ensemble: each is one run, from its start to its end."""

from __future__ import annotations

import functools
from typing import Any

from neurodynamics import _protocol as P
from neurodynamics._jit import kernel

SLICE = 2000  # steps between looks at the word that stops all workers
PENDING = 99  # code of a member that has not finished


@functools.cache
def members_kernel(advance: Any) -> Any:
    """Return the loop over members for a driver."""

    @kernel
    def run_members(functions, method, settings, inputs, params, clocks, counts, y, work, out, log, codes, limits, stop,
                    first, last):  # fmt: skip
        base, terms, spans, data, u, varying = inputs
        t_out, y_out, kept_times, kept_rows = out
        max_steps = limits[0]
        for b in range(first, last):
            drive = (base[b], terms[spans[b, 0] :], spans[b, 1] - spans[b, 0], data, u, varying)
            if not varying:
                u[:] = base[b]
            while codes[b] == PENDING and stop[0] == 0:
                budget = min(SLICE, max_steps - counts[b, P.STEPS])
                if budget <= 0:
                    codes[b] = P.MAX_STEPS
                    break
                code = advance(functions, method, settings, drive, params[b], clocks[b], counts[b], y[b], work,
                               (t_out, y_out[b], kept_times, kept_rows), log, budget)  # fmt: skip
                if code == P.OUTPUT_FULL:
                    counts[b, P.LOGGED] = 0  # ensembles act on events but do not list them
                elif code != P.BUDGET_USED:
                    codes[b] = code

    return run_members
