"""How a computation ended, and what kind of asymptotic behaviour it found."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any

import numpy as np


class Status(IntEnum):
    """How a computation ended: success is 0 or positive, failure negative."""

    SUCCESS = 0
    EVENT = 1
    INTERRUPTED = -1
    MAX_STEPS = -2
    TIMEOUT = -3
    NON_FINITE = -4
    STEP_TOO_SMALL = -5
    SOLVER_FAILED = -6
    EVENTS_ACCUMULATE = -7
    OUT_OF_ROOM = -8
    SLIDES = -9

    @property
    def success(self) -> bool:
        """Whether the result is complete and valid."""
        return self >= 0

    @property
    def message(self) -> str:
        """One sentence that says what happened and what to try."""
        return _MESSAGES[self]


_MESSAGES = {
    Status.SUCCESS: "The end of the time span was reached.",
    Status.EVENT: "A terminal event ended the run.",
    Status.INTERRUPTED: "Interrupted by the user; the result holds what was computed until then.",
    Status.MAX_STEPS: "`max_steps` was used up before the end; raise it, loosen the tolerances, or use a stiff method.",
    Status.TIMEOUT: "`timeout` was used up before the end; raise it, loosen the tolerances, or use a stiff method.",
    Status.NON_FINITE: "The state became NaN or infinite: the solution diverges or the right-hand side is undefined "
    "there. Check the parameters, or use a smaller dt.",
    Status.STEP_TOO_SMALL: "The step size fell below the spacing of floating-point numbers: the solution blows up, or "
    "the right-hand side jumps. Declare jumps of the input as breakpoints, or loosen the tolerances.",
    Status.EVENTS_ACCUMULATE: "Events follow each other faster and faster towards a finite time (Zeno), or at once: the "
    "run ends there: the system does not say what comes after. Let the reset, or an event of its own, say it.",
    Status.OUT_OF_ROOM: "The points of all steps so far fill the memory that is set aside for them, 1 GB or an eighth of "
    "the machine's; ask for fewer with `t_eval` or `save`.",
    Status.SLIDES: "The right-hand side jumps where the trajectory is, and both sides point at it, as in dry friction: "
    "it sticks or slides along the jump, and steps shrink to nothing. Smooth the jump, e.g. tanh(v / 1e-3) for sign(v), or "
    "let an event tell when it sticks; `find_attractors` recognises such states of rest.",
    Status.SOLVER_FAILED: "SciPy's solver gave up; its own message follows.",
}


def has_failed(status: Any) -> np.ndarray:
    """Whether what has this status, one or an array, failed; what a deadline or Ctrl-C cut short did not, it is not done."""
    return (np.asarray(status) < 0) & ~np.isin(status, (Status.INTERRUPTED, Status.TIMEOUT))


def shortfall(status: Any) -> str:
    """Return how many did not come to their end, such as ", 2 failed (non_finite), 5 not done (timeout)", or nothing."""
    each, text = np.asarray(status), ""
    failed = has_failed(each)
    for word, chosen in (("failed", failed), ("not done", (each < 0) & ~failed)):
        if chosen.any():
            kinds = ", ".join(sorted({Status(int(s)).name.lower() for s in each[chosen]}))
            text += f", {np.sum(chosen)} {word} ({kinds})"
    return text


class Kind(StrEnum):
    """What a trajectory settles into."""

    FIXED_POINT = "fixed_point"
    LIMIT_CYCLE = "limit_cycle"
    TORUS = "torus"
    CHAOS = "chaos"
    CONTINUUM = "continuum"
    DIVERGES = "diverges"
    UNDECIDED = "undecided"


UNDECIDED = -1
DIVERGES = -2


class Interrupted(KeyboardInterrupt):
    """Raised by Ctrl-C; ``result`` holds what was computed until then."""

    def __init__(self, result: Any) -> None:
        super().__init__("interrupted; the partial result is in the attribute `result`")
        self.result = result
