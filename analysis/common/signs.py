"""States that keep their sign, as populations and concentrations do: planes ``y_i = 0`` that nothing crosses."""

from __future__ import annotations

import numpy as np

from analysis.common.at_points import residuals_at
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats

MOST_STATES = 64  # in larger systems nobody looks
TRIED = np.array([0.3, 0.7, 1.3, 3.1, 10.7])  # sizes of the other states
RELATIVE = 1e-290  # an absolute tolerance that leaves the relative one alone


def keep_their_sign(system: DynamicalSystem, drive: Floats) -> np.ndarray:
    """Return which states (N,) of a flow stay at zero once they are there, whatever the others are."""
    n = system.state_dim
    if system.kind == "map" or system.structure("additive") is not None or n > MOST_STATES:
        return np.zeros(n, dtype=bool)
    others = np.concatenate([size * (1.0 + np.arange(n) % 3) for size in TRIED]).reshape(len(TRIED), n)
    with np.errstate(all="ignore"):
        return np.array([_stays(system, drive, np.where(np.arange(n) == i, 0.0, others), i) for i in range(n)], dtype=bool)


def _stays(system: DynamicalSystem, drive: Floats, states: Floats, i: int) -> bool:
    return bool((residuals_at(system, states, drive)[:, i] == 0.0).all())


def careful_atol(system: DynamicalSystem, drive: Floats, atol: float) -> Floats:
    """Return absolute tolerances (N,) with which states that keep their sign keep it, however close to zero they come."""
    return np.where(keep_their_sign(system, drive), RELATIVE, atol)
