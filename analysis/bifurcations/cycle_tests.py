"""Test functions of bifurcations of cycles: where they change sign between two points, and where they are zero.

A fold is where the parameter turns along the branch, a branch point where the bordered determinant changes sign, a period
doubling where a multiplier passes -1, a Neimark-Sacker bifurcation where a complex pair passes the unit circle. Pairs of
real multipliers with the product 1 (neutral saddle cycles) change none of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from analysis.bifurcations.cycle_point import CyclePoint, point_of
from analysis.bifurcations.cycle_walk import Walk, finer
from analysis.bifurcations.records import SpecialKind

STANDS = 1e-12  # part of the parameter in tangents, below which a turn is rounding: canards turn very flatly
REAL = 1e-7  # imaginary part of a multiplier, relative
SEARCH_TOLERANCE = 1e-13
Test = Callable[[CyclePoint], float]


def fold(point: CyclePoint) -> float:
    """Return the first parameter's part of the tangent."""
    return float(point.tangent.parameters[0] / point.metric.widths[0])


def branching(point: CyclePoint) -> float:
    """Return the distance of the nearest multiplier to 1, with the sign of the bordered determinant."""
    others = point.others
    return point.linearised.sign * float(np.abs(others - 1).min(initial=1.0))


def doubling(point: CyclePoint) -> float:
    """Return the distance of the nearest multiplier to -1, with the sign of the product of all of them."""
    distances = point.others + 1
    sign = (-1.0) ** np.count_nonzero(is_real(distances) & (distances.real < 0))
    return float(sign * np.abs(distances).min(initial=1.0))


def torus(point: CyclePoint) -> float:
    """Return by how much the complex pair that is nearest to the unit circle is outside it; -1 without one."""
    pairs = point.others[~is_real(point.others)]
    if not pairs.size:
        return -1.0
    sizes = np.abs(pairs) - 1
    return float(sizes[np.argmin(np.abs(sizes))])


def is_real(values: np.ndarray) -> np.ndarray:
    """Which of the multipliers are real."""
    return np.abs(values.imag) <= REAL * np.abs(values)


TESTS: dict[SpecialKind, Test] = {
    SpecialKind.LPC: fold, SpecialKind.BP: branching, SpecialKind.PD: doubling, SpecialKind.NS: torus,
}  # fmt: skip


class Crossing(NamedTuple):
    """What happens between two points."""

    kind: SpecialKind
    test: Test


def crossings(a: CyclePoint, b: CyclePoint) -> list[Crossing]:
    """Return the bifurcations between two points of a branch; where multipliers are not reliable, only folds are seen."""
    found = []
    if fold(a) * fold(b) < 0 and max(abs(fold(a)), abs(fold(b))) > STANDS:
        found.append(SpecialKind.LPC)
    if not (a.reliable and b.reliable):
        return [Crossing(kind, TESTS[kind]) for kind in found]
    if a.linearised.sign * b.linearised.sign < 0:
        found.append(SpecialKind.BP)
    if doubling(a) * doubling(b) < 0:
        found.append(SpecialKind.PD)
    if abs(_outside(b) - _outside(a)) >= 2:
        found.append(SpecialKind.NS)
    return [Crossing(kind, TESTS[kind]) for kind in found]


def _outside(point: CyclePoint) -> int:
    """How many complex multipliers are outside the unit circle, with real negative ones that came in pairs."""
    others = point.others
    outside = np.abs(others) > 1
    negative = int(np.count_nonzero(outside & is_real(others) & (others.real < 0)))
    positive = int(np.count_nonzero(outside & is_real(others) & (others.real > 0)))
    return int(np.count_nonzero(outside)) - negative % 2 - positive % 2


def located(walk: Walk, a: CyclePoint, step: float, crossing: Crossing) -> CyclePoint | None:
    """Return the point at which the test function is zero, on a finer mesh, or None where it is not found.

    It lies at most `step` along the tangent of `a`.
    """
    base = finer(walk.family, a)
    if base is None:
        return None
    seen: dict[float, CyclePoint] = {0.0: base}

    def value(s: float) -> float:
        if s not in seen:
            correction = walk.corrected(base, s)
            if correction is None:
                raise ArithmeticError("the corrector failed between two points")
            seen[s] = point_of(walk.family, correction.orbit, [base.metric.row(base.tangent)], base.metric)
        return crossing.test(seen[s])

    try:
        zero = float(brentq(value, 0.0, step, xtol=SEARCH_TOLERANCE, rtol=1e-13))
        value(zero)
    except (ArithmeticError, ValueError):
        return None
    return seen[zero]
