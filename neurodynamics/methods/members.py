"""The compiled loop over the members of an ensemble, one kernel for all drivers; a single run is an ensemble of one."""

from __future__ import annotations

from neurodynamics.compiling import call_advance, kernel, pointer
from neurodynamics.methods import protocol as P
from neurodynamics.methods.frame import fill_frame

SLICE = 2000  # steps between looks at the word that stops all workers
PENDING = 99  # code of a member that has not finished


@kernel
def run_members(advance, frame, functions, constants, inputs, params, clocks, counts, y, work, t_out, y_out, kept, log,
                codes, stop, first, last, budget, to_end):  # fmt: skip
    """Advance the members first .. last - 1 by at most `budget` steps each; `to_end`: until each is finished.

    ``inputs`` is (base (B, M), terms, spans (B, 4), data, u, varying, breaks); a row of spans says which terms and which
    breaks are the member's.
    """
    base, terms, spans, data, u, varying, breaks = inputs
    for b in range(first, last):
        drive = (base[b], terms, data, u, varying, breaks)
        fill_frame(frame, functions, constants, drive, spans[b], params[b], clocks[b], counts[b], y[b], work, t_out,
                   y_out[b], kept, log)  # fmt: skip
        for channel in range(u.size):
            u[channel] = base[b, channel]
        left = budget
        while codes[b] == PENDING and stop[0] == 0:
            before = counts[b, P.STEPS]
            code = call_advance(advance, pointer(frame), min(SLICE, left))
            left -= counts[b, P.STEPS] - before
            if code == P.OUTPUT_FULL and to_end:
                counts[b, P.LOGGED] = 0  # ensembles act on events but do not list them
            elif code != P.BUDGET_USED:
                codes[b] = code
            elif left <= 0:
                if to_end:
                    codes[b] = P.MAX_STEPS
                break
