"""The curve of equilibria, or of fixed points of a map, and what is watched along it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Corrected, VectorCurve, Walk
from analysis.bifurcations.corners import turn
from analysis.bifurcations.family import Family
from analysis.bifurcations.ordinary_steps import take_ordinary_steps
from analysis.bifurcations.spectral_tests import sorted_eigenvalues, spectral_tests
from neurodynamics.validation import Floats

VERTICAL = 1e-14  # part of the parameter in a tangent, relative to the bounds
BATCH, WORK = 512, 1e6  # points whose eigenvalues are computed together: at most so many, and times N^3


class Spot(NamedTuple):
    """A point of a branch: unknowns (x, p), tangent, error, eigenvalues, unstable directions, tests, distance to a zero."""

    u: Floats
    t: Floats
    error: float
    values: np.ndarray
    unstable: int
    tests: tuple[float, float, float, float]  # the direction in p, the determinant, pairs, and -1
    zero: float

    def turned(self) -> Spot:
        """Return the same point with the tangent in the other direction."""
        direction, branch, pairs, flip = self.tests
        return self._replace(t=-self.t, tests=(-direction, -branch, pairs, flip))


class Equilibria(VectorCurve):
    """``F(x, p) = 0`` between bounds of p."""

    def __init__(self, family: Family, bounds: Floats) -> None:
        self.family, self.bounds = family, bounds.reshape(1, 2)
        self.columns = slice(family.n, family.n + 1)
        self.width = float(bounds[1] - bounds[0])
        self.batch = max(1, min(BATCH, int(WORK / family.n**3)))

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return F and its derivative."""
        return self.family(u)

    def scale(self, u: Floats) -> Floats:
        """Return the natural sizes of the unknowns."""
        out = np.full(u.size, max(1.0, -u.min(), u.max()))
        out[-1] = self.width
        return out

    def ahead(self, walk: Walk, room: int) -> list[Corrected]:
        """Return the next points up to one that needs a decision; none of uncompiled or piecewise systems."""
        if self.family.system.host or not self.family.smooth:
            return []
        return take_ordinary_steps(self, walk, room)

    def turn(self, point: Corrected) -> Corrected | None:
        """Return a point beyond the corner of a piecewise activation that lies ahead."""
        return turn(self, point)

    def spots(self, points: list[Any], before: Any = None) -> list[Spot]:
        """Return points with their eigenvalues and tests."""
        values = sorted_eigenvalues(self.family.linear(np.stack([point.D for point in points])), self.family.is_map)
        tests = spectral_tests(values, self.family.is_map)
        out = []
        for k, (point, zero, pairs, flip, index) in enumerate(zip(points, *(each.tolist() for each in tests), strict=True)):
            direction = float(point.t[-1])
            watched = direction, zero if direction >= 0 else -zero, pairs, flip
            if before is not None and abs(direction) < VERTICAL * self.width:  # below rounding, signs say nothing
                watched, index, zero = before.tests, before.unstable, before.zero
            before = Spot(point.u, point.t, point.error, values[k], index, watched, zero)
            out.append(before)
        return out
