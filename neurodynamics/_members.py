"""The compiled loop over the members of an ensemble; a single run is an ensemble of one.

So that everything is compiled once for both, arrays have a leading axis of members even where there is one.
"""

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
    def run_members(functions, method, settings, inputs, params, clocks, counts, y, work, out, log, codes, stop, first, last,
                    budget, to_end):  # fmt: skip
        """Advance the members first .. last - 1 by at most `budget` steps each; `to_end`: until each is finished."""
        base, terms, spans, data, u, varying, breaks = inputs
        t_out, y_out, kept_times, kept_rows = out
        for b in range(first, last):
            own_breaks = breaks[spans[b, 2] : spans[b, 3]]
            drive = (base[b], terms[spans[b, 0] :], spans[b, 1] - spans[b, 0], data, u, varying, own_breaks)
            u[:] = base[b]
            left = budget
            while codes[b] == PENDING and stop[0] == 0:
                before = counts[b, P.STEPS]
                code = advance(functions, method, settings, drive, params[b], clocks[b], counts[b], y[b], work,
                               (t_out, y_out[b], kept_times, kept_rows), log, min(SLICE, left))  # fmt: skip
                left -= counts[b, P.STEPS] - before
                if code == P.OUTPUT_FULL and to_end:
                    counts[b, P.LOGGED] = 0  # ensembles act on events but do not list them
                elif code != P.BUDGET_USED:
                    codes[b] = code
                elif left <= 0:
                    if to_end:
                        codes[b] = P.MAX_STEPS
                    break

    return run_members
