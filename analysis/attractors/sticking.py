"""States that stick to a jump of the right-hand side, as under dry friction: both sides point at it."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.common import residuals_at
from neurodynamics.simulation import Sliding, jumps_between, sliding_at
from neurodynamics.validation import Floats

LINES, HALVINGS = 64, 45  # between random states of the box on which jumps are sought


def has_jumps(system: Any, drive: Floats, window: Floats, rng: np.random.Generator) -> bool:
    """Whether the right-hand side of a user's flow jumps on some lines through the box."""
    if system.kind == "map" or system.structure("additive") is not None:
        return False
    a, b = rng.uniform(window[:, 0], window[:, 1], (2, LINES, len(window)))
    with np.errstate(all="ignore"):
        return bool(jumps_between(lambda y: residuals_at(system, y, drive), a, b, HALVINGS).any())


def sliding(system: Any, drive: Floats, states: Floats) -> np.ndarray:
    """Return what each state (K, N) does at jumps, an array of :class:`Sliding`."""
    return np.array(sliding_at(lambda y: residuals_at(system, y, drive), states), dtype=object)


def sticks(system: Any, drive: Floats, states: Floats) -> np.ndarray:
    """Whether each of the states (K, N) rests at a jump."""
    return sliding(system, drive, states) == Sliding.RESTS
