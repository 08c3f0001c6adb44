"""Newton's method for closed orbits, with chord steps as long as they contract."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bifurcations.collocation import Orbit
from analysis.bifurcations.collocation_linear import Linearised, Row, defect_of, linearise
from analysis.bifurcations.cycle_point import Metric
from analysis.bifurcations.family import Family

STEPS, LINEARISATIONS = 20, 6
CONTRACTS = 0.3  # chord steps that shrink less are not worth their while
TOLERANCE, COARSE = 1e-11, 1e-8  # of what is left, relative; coarse where a Newton step follows
ROUNDING = 100 * np.finfo(float).eps
LONGEST = 2.0  # first step, in units of the metric: farther away is another cycle


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
    orbit, linearised, count = guess, known, 0
    before, first = np.inf, 0.0
    floor = ROUNDING * max(1.0, float(np.abs(guess.x).max()) / metric.size)
    for step in range(STEPS):
        fresh = linearised is None
        if linearised is None:
            linearised, count = _linearised(family, orbit, rows), count + 1
        if linearised is None:
            return None
        defect = linearised.defect if fresh else defect_of(family, orbit)
        change = linearised.solve(defect, np.zeros(0))
        length = metric.length(change)
        if not length < LONGEST or count > LINEARISATIONS:
            return None
        contraction = length / before if before < np.inf else 1.0
        if not fresh and before < np.inf and contraction > CONTRACTS and length > max(floor, tolerance):
            linearised, before = None, np.inf
            continue
        orbit = orbit.moved(change)
        if not orbit.period > 0:
            return None
        first = contraction if step == 1 else first
        if length <= floor or length * contraction <= tolerance:
            return Correction(orbit, first, metric.length(orbit.moved(guess, -1.0)))
        before = length
    return None


def _linearised(family: Family, orbit: Orbit, rows: list[Row]) -> Linearised | None:
    try:
        return linearise(family, orbit, rows)
    except np.linalg.LinAlgError:  # an interval on which the equations of the stages are singular
        return None
