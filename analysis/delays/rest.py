"""Convergence of a trajectory with delays to an equilibrium, and the exponents there."""

from __future__ import annotations

import numpy as np

from analysis.delays.roots import rightmost_roots
from analysis.lyapunov import AT_REST, NEAR, rest_near
from neurodynamics import DelayedSystem
from neurodynamics.delays import Past
from neurodynamics.validation import Floats


def exponents_at_rest(system: DelayedSystem, past: Past, drive: Floats, count: int) -> tuple[Floats, Floats] | None:
    """Return the exponents (count,) and their errors where the whole past is at an equilibrium, or None where it moves.

    They are the real parts of the characteristic roots. Next to an unstable equilibrium only what lies on it is at rest.
    """
    n = system.state_dim
    rest = rest_near(system.undelayed, past.y0[:n], drive)
    if rest is None:
        return None
    rows = past.rows[:, :, :n]
    away = np.abs(rows[:, 0] - rest.point) + np.abs(rows[:, 1:]).sum(axis=1)
    far = float(away.max(initial=0.0)) / (1.0 + np.max(np.abs(rest.point), initial=0.0))
    if far > NEAR:
        return None
    found = rightmost_roots(system, rest.point, drive, count)
    if not found.complete or found.stable is None or (not found.stable and far > AT_REST):
        return None
    return found.roots.real[:count], found.errors[:count]
