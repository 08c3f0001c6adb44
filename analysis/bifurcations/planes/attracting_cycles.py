"""Attracting cycles of two neurons over a plane: curves on which they are born or vanish cut it, and portraits count them.

Cycles are born at Hopf points, homoclinic orbits and folds of cycles, or at saddle-nodes, which are folds. The curves of
those that begin at points of codimension two are followed. What is left out by that, and by portraits that miss a cycle,
shows where witnesses of a region disagree: there nothing is said.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Clock
from analysis.bifurcations.curve_record import BifurcationCurve
from analysis.bifurcations.following import LEAD_TO, curves_of_cycles
from analysis.bifurcations.planes.closed_form_sets import BifurcationSets
from analysis.bifurcations.records import SpecialPoint
from analysis.bifurcations.setting import Setting, pace_of
from analysis.equilibria import FixedPoints
from analysis.portraits import phase_portrait
from neurodynamics.validation import Floats

SAME = 1e-3  # of the bounds: a curve that ends as near to a point begins there


class Hopf(NamedTuple):
    """All Hopf points: values (K, 2) of the parameters, states (K, 2), coefficients (K,)."""

    values: Floats
    x: Floats
    coefficient: Floats


def add_curves(found: list[BifurcationCurve], sets: BifurcationSets, bounds: Floats, clock: Clock) -> None:
    """Append the curves of folds of cycles and homoclinic orbits that begin at points of codimension two."""
    if not sets.hopf:
        return
    hopf = Hopf(*(np.concatenate([getattr(arc, name) for arc in sets.hopf]) for name in Hopf._fields))
    for point in sets.points:
        if point.kind in LEAD_TO and not clock.over and not any(_ends_at(curve, point) for curve in found):
            setting = Setting(sets.family, bounds, pace_of(None, None, None), Clock(clock.left), True)
            found += curves_of_cycles(point, hopf, setting)


def _ends_at(curve: BifurcationCurve, point: SpecialPoint) -> bool:
    widths, place = curve.bounds[:, 1] - curve.bounds[:, 0], np.array(list(point.parameters.values()))
    known = [list(each.parameters.values()) for each in curve.points]
    return curve.kind == LEAD_TO[point.kind] and any(np.abs((place - at) / widths).max() < SAME for at in known)


def attracting_cycles(system: Any, drive: Floats, points: FixedPoints) -> int:
    """Return how many attracting cycles a portrait shows; -1 where it shows none though no equilibrium attracts."""
    portrait = phase_portrait(system, inputs=drive, points=points, trajectories=1)
    count = sum(cycle.stable for cycle in portrait.cycles)
    return count if count or points.stable.any() else -1
