"""Pseudo-arclength along a branch of cycles, with a mesh that follows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.bifurcations.collocation import Orbit
from analysis.bifurcations.collocation_linear import Row
from analysis.bifurcations.collocation_mesh import adapted_mesh
from analysis.bifurcations.cycle_corrector import COARSE, TOLERANCE, Correction, correct
from analysis.bifurcations.cycle_point import CyclePoint, Metric, point_of
from analysis.bifurcations.family import Family
from neurodynamics.validation import Floats

FIRST, LONGEST, SHORTEST = 0.05, 0.25, 1e-6  # steps, in units of the metric
EVERY = 4  # points between two meshes
FINER = 1.3  # intervals by intervals before, where the error asks for more
MOST_INTERVALS = 400
CONTRACTION, BEND = 0.2, 0.05  # nominal: of chord steps; of what a point is off its tangent, by the step
LARGEST_BEND, LEAST_COSINE = 0.5, 0.5
GROWTH, SHRINKAGE = 1.6, 0.4

Fixed = Callable[[Orbit], list[Row]]


def nothing_fixed(orbit: Orbit) -> list[Row]:
    """Return no rows."""
    return []


@dataclass(eq=False)
class Walk:
    """A walk along a branch from a point, in the direction of its tangent.

    Attributes
    ----------
    family : Family
    points : list of CyclePoint
    step : float
        The next step.
    intervals, accuracy
        Of the mesh: how many at least, and its error above which there are more.
    fixed : callable
        Rows that stay zero along the branch, at an orbit: one less than there are parameters.
    """

    family: Family
    points: list[CyclePoint]
    step: float
    longest: float
    intervals: int
    accuracy: float
    fixed: Fixed = nothing_fixed
    _since: int = field(default=EVERY, init=False)
    _taken: float = field(default=1.0, init=False)

    @property
    def last(self) -> CyclePoint:
        """Where the walk stands."""
        return self.points[-1]

    def advance(self) -> CyclePoint | None:
        """Return the next point, without going there, or None where no step is short enough; sets the next step."""
        base = self.last
        if self._since >= EVERY or base.mesh_error > self.accuracy:
            base, self._since = self._remeshed(base), 0
        while self.step >= SHORTEST:
            found = self.stepped(base, self.step)
            if found is not None:
                point, factor = found
                self._taken = self.step
                self.step = min(self.longest, self.step * factor)
                self._since += 1
                return point
            self.step *= SHRINKAGE
        return None

    def stepped(self, base: CyclePoint, step: float) -> tuple[CyclePoint, float] | None:
        """Return the point at a distance along the tangent, and the factor for the next step."""
        correction = self.corrected(base, step, COARSE)
        if correction is None or correction.distance > LARGEST_BEND * step:
            return None
        metric = metric_of(correction.orbit, base.metric)
        towards = metric.row(base.tangent)
        point = point_of(self.family, correction.orbit, [towards, *self.fixed(correction.orbit)], metric)
        cosine = towards.of(point.tangent) / metric.length(base.tangent)
        if not cosine > LEAST_COSINE:
            return None
        by_contraction = CONTRACTION / max(correction.contraction, 1e-9)
        by_bend = np.sqrt(BEND * step / max(correction.distance, 1e-12))
        return point, float(np.clip(min(by_contraction, by_bend), SHRINKAGE, GROWTH))

    def corrected(self, base: CyclePoint, step: float, tolerance: float = TOLERANCE) -> Correction | None:
        """Return the cycle at a distance along the tangent of a point."""
        guess = base.orbit.moved(base.tangent, step)
        if len(self.points) > 1 and self.points[-2].orbit.mesh is base.orbit.mesh:
            guess = guess.moved(base.tangent.moved(self.points[-2].tangent, -1.0), 0.5 * step**2 / self._taken)
        known = base.linearised if base.linearised.orbit.mesh is base.orbit.mesh else None
        rows = [base.metric.row(base.tangent), *self.fixed(base.orbit)]
        return correct(self.family, guess, rows, base.metric, known=known, tolerance=tolerance)

    def _remeshed(self, point: CyclePoint) -> CyclePoint:
        """The point on a new mesh; not corrected, as only the next one will be."""
        intervals = len(point.orbit.x)
        if point.mesh_error > self.accuracy:
            wanted = intervals * min(2.0, FINER * (point.mesh_error / self.accuracy) ** 0.2)
            intervals = min(int(wanted), MOST_INTERVALS)
        elif intervals > self.intervals:
            enough = FINER * intervals * (point.mesh_error / self.accuracy) ** 0.2
            intervals = max(self.intervals, min(intervals, int(enough)))
        mesh = adapted_mesh(point.orbit, intervals)
        return replace(point, orbit=point.orbit.on(mesh), tangent=point.tangent.on(mesh))


def metric_of(orbit: Orbit, before: Metric) -> Metric:
    """Return the metric at an orbit: its own size, or that of a larger one before it."""
    return Metric(max(before.size, orbit.amplitude), orbit.period, before.widths)


def at_value(family: Family, orbit: Orbit, value: float, metric: Metric) -> Orbit | None:
    """Return the cycle near an orbit at a value of the first parameter, the others as they are."""
    fixed = [Row(np.zeros_like(orbit.stages), 0.0, row) for row in np.eye(family.m) / metric.widths]
    guess = replace(orbit, parameters=np.concatenate([[value], orbit.parameters[1:]]))
    found = correct(family, guess, fixed, metric)
    return None if found is None else found.orbit


def value_between(family: Family, a: CyclePoint, b: CyclePoint, value: float, mesh: Floats | None = None) -> Orbit | None:
    """Return the cycle at a value of the first parameter between those of two neighbouring points."""
    on = b.orbit.mesh if mesh is None else mesh
    share = (value - a.value) / (b.value - a.value)
    start, end = a.orbit.on(on), b.orbit.on(on)
    metric = Metric(max(a.orbit.amplitude, b.orbit.amplitude), b.metric.period, b.metric.widths)
    return at_value(family, start.moved(end.moved(start, -1.0), share), value, metric)


def finer_mesh(point: CyclePoint) -> Floats:
    """Return a mesh with twice as many intervals as a point has."""
    return adapted_mesh(point.orbit, min(2 * len(point.orbit.x), MOST_INTERVALS))


def finer(family: Family, point: CyclePoint) -> CyclePoint | None:
    """Return the point with twice as many intervals."""
    mesh = finer_mesh(point)
    orbit, tangent = point.orbit.on(mesh), point.tangent.on(mesh)
    row = point.metric.row(tangent)
    found = correct(family, orbit, [row], point.metric)
    return None if found is None else point_of(family, found.orbit, [row], point.metric)
