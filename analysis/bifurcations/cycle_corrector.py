"""Newton's method for closed orbits, with chord steps as long as they contract."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bifurcations.collocation import Orbit
from analysis.bifurcations.collocation_chord import CONVERGED, FAILED, compiled_chord, host_chord
from analysis.bifurcations.collocation_linear import Linearised, Metric, Row, linearise
from analysis.bifurcations.family import Family

LINEARISATIONS = 7
TOLERANCE, COARSE = 1e-11, 1e-10  # of what is left, relative; coarse where a Newton step follows
ROUNDING = 100 * np.finfo(float).eps


class Correction(NamedTuple):
    """A corrected orbit, the contraction of the second step, and the length of all steps together."""

    orbit: Orbit
    contraction: float
    distance: float


def correct(
    family: Family, guess: Orbit, rows: list[Row], metric: Metric, *, known: Linearised | None = None,
    tolerance: float = TOLERANCE,
) -> Correction | None:  # fmt: skip
    """Return the cycle near a guess on which the rows have the same values, or None where there is none.

    `known` are equations linearised nearby on the same mesh.
    """
    orbit, linearised = guess, known
    chord = host_chord if family.system.host else compiled_chord
    contraction = 0.0
    floor = ROUNDING * max(1.0, float(np.abs(guess.x).max()) / metric.size)
    for count in range(LINEARISATIONS):
        linearised = linearised or _linearised(family, orbit, rows)
        if linearised is None:
            return None
        orbit, outcome, contracted = chord(family, linearised, orbit, metric, tolerance, floor)
        contraction = contracted if count == 0 else contraction
        if outcome == CONVERGED:
            return Correction(orbit, contraction, metric.length(orbit.moved(guess, -1.0)))
        if outcome == FAILED:
            return None
        linearised = None
    return None


def _linearised(family: Family, orbit: Orbit, rows: list[Row]) -> Linearised | None:
    try:
        return linearise(family, orbit, rows)
    except np.linalg.LinAlgError:  # an interval on which the equations of the stages are singular
        return None
