"""The compiled loop over the members of an ensemble, one kernel for all drivers."""

from __future__ import annotations

from neurodynamics.compiling import call_advance, integers, kernel, pointer, row
from neurodynamics.methods import frame as F, protocol as P

PENDING = 99  # code of a member that has not finished


@kernel
def run_members(advance, frames, codes, stop, first, last, budget, piece):
    """Advance the members first .. last - 1, each to its end or for `budget` steps, `piece` between looks at `stop`."""
    for b in range(first, last):
        frame = row(pointer(frames), b, F.SIZE)
        count = integers(frame, F.COUNT)
        left = budget
        while codes[b] == PENDING and stop[0] == 0:
            before = count[P.STEPS]
            code = call_advance(advance, frame, min(piece, left))
            left -= count[P.STEPS] - before
            if code == P.OUTPUT_FULL:
                count[P.LOGGED] = 0  # ensembles act on events but do not list them
            elif code != P.BUDGET_USED:
                codes[b] = code
            elif left <= 0:
                codes[b] = P.MAX_STEPS
