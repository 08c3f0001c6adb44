"""The compiled loop over the members of an ensemble, one kernel for all drivers."""

from __future__ import annotations

from neurodynamics.compiling import call_advance, copy_to, doubles, integers, kernel, offset, pointer, row
from neurodynamics.methods import frame as F, protocol as P

PENDING = 99  # code of a member that has not finished
KEPT = P.CLOCK_SIZE + P.COUNT_SIZE  # numbers that say where a member is, beside its state


@kernel
def run_members(advance, frames, codes, stop, first, last, budget, piece, kept):
    """Advance the members first .. last - 1, each to its end or for `budget` steps, `piece` between looks at `stop`.

    With room in `kept`, the piece in which `stop` came is undone: the right-hand side may have been taken away in a step.
    """
    for b in range(first, last):
        frame = row(pointer(frames), b, F.SIZE)
        count = integers(frame, F.COUNT)
        left = budget
        while codes[b] == PENDING and stop[0] == 0:
            before = count[P.STEPS]
            if kept.size > 0:
                _keep(frame, pointer(kept))
            code = call_advance(advance, frame, min(piece, left))
            if kept.size > 0 and stop[0] != 0:
                _put_back(frame, pointer(kept))
                break
            left -= count[P.STEPS] - before
            if code == P.OUTPUT_FULL:
                count[P.LOGGED] = 0  # ensembles act on events but do not list them
            elif code != P.BUDGET_USED:
                codes[b] = code
            elif left <= 0:
                codes[b] = P.MAX_STEPS


@kernel
def _keep(frame, kept):
    """Note where a member is; its counts move as if they were doubles, bit by bit."""
    copy_to(doubles(frame, F.CLOCK), P.CLOCK_SIZE, kept)
    copy_to(doubles(frame, F.COUNT), P.COUNT_SIZE, offset(kept, P.CLOCK_SIZE))
    copy_to(doubles(frame, F.Y), frame[F.WIDTH], offset(kept, KEPT))


@kernel
def _put_back(frame, kept):
    """Let a member be where it was."""
    copy_to(kept, P.CLOCK_SIZE, doubles(frame, F.CLOCK))
    copy_to(offset(kept, P.CLOCK_SIZE), P.COUNT_SIZE, doubles(frame, F.COUNT))
    copy_to(offset(kept, KEPT), frame[F.WIDTH], doubles(frame, F.Y))
