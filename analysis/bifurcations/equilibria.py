"""The curve of equilibria, or of fixed points of a map, with what is watched along it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Corrected, Walk
from analysis.bifurcations.corners import turn
from analysis.bifurcations.family import Family
from analysis.bifurcations.ordinary_steps import take_ordinary_steps
from analysis.bifurcations.spectral_tests import sorted_eigenvalues, spectral_tests
from neurodynamics.validation import Floats

BATCH, WORK = 512, 1e6  # points whose eigenvalues are computed together: at most so many, and times N^3


class Spot(NamedTuple):
    """A point of a branch: unknowns (x, p), tangent, error, eigenvalues, unstable directions, tests, distance to a zero."""

    u: Floats
    t: Floats
    error: float
    values: np.ndarray
    unstable: int
    tests: tuple[float, float, float, float]
    zero: float


class Equilibria:
    """``F(x, p) = 0`` between bounds of p."""

    def __init__(self, family: Family, bounds: Floats) -> None:
        self.family, self.bounds = family, bounds.reshape(1, 2)
        self.columns = slice(family.n, family.n + 1)
        self.width = float(bounds[1] - bounds[0])

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return F and its derivative."""
        return self.family(u)

    def scale(self, u: Floats) -> Floats:
        """Return the natural sizes of the unknowns."""
        size = max(1.0, -u.min(), u.max())
        out = np.full(u.size, size)
        out[-1] = self.width
        return out

    def adapt(self, point: Corrected) -> None:
        """Nothing changes along the curve."""

    def ordinary_steps(self, walk: Walk, room: int) -> list[Corrected]:
        """Return the next points up to one that needs a decision; none of uncompiled or piecewise systems."""
        if self.family.system.host or not self.family.smooth:
            return []
        return take_ordinary_steps(self, walk, room)

    def turn(self, point: Corrected) -> Corrected | None:
        """Return a point beyond the corner of a piecewise activation that lies ahead."""
        return turn(self, point)

    def stop(self, previous: Corrected, found: Corrected) -> None:
        """Return None: it ends nowhere by itself."""

    def spot(self, point: Corrected) -> Spot:
        """Return a point with its eigenvalues and tests."""
        return self.spots([point])[0]

    def spots(self, points: list[Corrected]) -> list[Spot]:
        """Return points with their eigenvalues and tests."""
        A = self.family.linear(np.stack([point.D for point in points]))
        values = sorted_eigenvalues(A, self.family.is_map)
        tests = spectral_tests(values, self.family.is_map)
        out = []
        for k, (point, zero, pairs, flip, index) in enumerate(zip(points, *(each.tolist() for each in tests), strict=True)):
            direction = float(point.t[-1])
            branch = zero if direction >= 0 else -zero
            out.append(Spot(point.u, point.t, point.error, values[k], index, (direction, branch, pairs, flip), zero))
        return out


class Collector:
    """Points on their way to `Spot`, a batch at a time."""

    def __init__(self, problem: Equilibria) -> None:
        self.problem = problem
        self.waiting: list[Any] = []
        self.batch = max(1, min(BATCH, int(WORK / problem.family.n**3)))
        self.spots: list[Spot] = []

    def __call__(self, point: Corrected) -> None:
        """Take a point."""
        self.waiting.append(point)
        if len(self.waiting) >= self.batch:
            self.flush()

    @property
    def done(self) -> list[Spot]:
        """The points that are complete."""
        return self.spots

    def flush(self) -> list[Spot]:
        """Return all points so far."""
        if self.waiting:
            self.spots += self.problem.spots(self.waiting)
            self.waiting = []
        return self.spots
