"""The curve of cycles of a flow over its parameters, on a mesh that follows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.bifurcations.continuation import Curve, Walk, locate
from analysis.bifurcations.cycles import ends
from analysis.bifurcations.cycles.corrector import COARSE, TOLERANCE, correct
from analysis.bifurcations.cycles.linear import Closing, Linearised, Metric, Row
from analysis.bifurcations.cycles.orbit import Orbit, adapted_mesh
from analysis.bifurcations.cycles.point import COARSEST, TESTS, CyclePoint, crossings, is_real, point_of
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, SpecialKind
from analysis.bifurcations.special import Event
from neurodynamics.validation import Floats

FIRST, LONGEST = 0.05, 0.25  # steps, in units of the metric
EVERY = 4  # points between two meshes
FINER = 1.3  # intervals by intervals before, where the error asks for more
MOST_INTERVALS = 400
ACCURACY = 5 / 8  # states at the mesh points have errors of order 8, the polynomials between them of order 5
CONTRACTION, BEND = 0.2, 0.05  # nominal: of chord steps; of what a point is off its tangent, by the step
LARGEST_BEND, LEAST_COSINE = 0.5, 0.5
NOISE = 3e-11  # of a tangent, and of an integral along the cycle
WIDTH = 1e-13  # of a step: how exactly bifurcations are located
NOT_LOCATED = "a test function changes sign here, but was not brought to zero"


class Cycles(Curve):
    """Cycles over one parameter, or over more of them on as many further conditions (`fixed`)."""

    shortest = 1e-6
    closing: Closing | None = None  # of orbits that are not closed

    def __init__(self, family: Family, bounds: Floats, intervals: int, rtol: float, longest_period: float = np.inf) -> None:
        self.family, self.bounds, self.widths = family, bounds, np.diff(bounds, axis=1)[:, 0]
        self.intervals, self.accuracy, self.longest_period = intervals, rtol**ACCURACY, longest_period
        self.trail: list[CyclePoint] = []
        self.since = 0

    def fixed(self, orbit: Orbit) -> list[Row]:
        """Return rows that stay zero along the curve: one less than there are parameters."""
        return []

    def values(self, u: Orbit) -> Floats:
        """Return the parameters."""
        return u.parameters

    def placed(self, u: Orbit, which: int, value: float) -> Orbit:
        """Return the orbit with another value of a parameter."""
        return replace(u, parameters=np.where(np.arange(len(u.parameters)) == which, value, u.parameters))

    def size(self, u: Orbit) -> float:
        """Return the largest state."""
        return float(np.abs(u.x).max())

    def row(self, t: Orbit, near: CyclePoint) -> Row:
        """Return the linear form of the product with a direction."""
        return near.metric.row(t)

    def unit(self, which: int, near: CyclePoint) -> Row:
        """Return the linear form that is a parameter."""
        return Row(np.zeros_like(near.u.stages), 0.0, np.eye(self.family.m)[which] / self.widths[which])

    def inner(self, a: Orbit, b: Orbit, near: CyclePoint) -> float:
        """Return the product of two directions."""
        return near.metric.row(a).of(b)

    def correct(self, guess: Orbit, row: Row, rtol: float, near: Any = None,
                known: Linearised | None = None) -> CyclePoint | None:  # fmt: skip
        """Return the cycle near a guess at which a row has the same value; None where there is none."""
        tolerance = TOLERANCE if known is None else COARSE
        found = correct(self.family, guess, [row, *self.fixed(guess)], near.metric, known=known, tolerance=tolerance,
                        closing=self.closing)  # fmt: skip
        if found is None:
            return None
        metric = Metric(max(near.metric.size, found.orbit.amplitude), found.orbit.period, self.widths)
        point = point_of(self.family, found.orbit, [row, *self.fixed(found.orbit)], metric, self.closing)
        return point._replace(contraction=found.contraction, distance=found.distance)

    def stepped(self, walk: Walk) -> CyclePoint | None:
        """Return the cycle at a step along the tangent, and along its change since the point before."""
        base, guess = walk.point, walk.point.u + walk.length * walk.point.t
        if len(self.trail) > 1 and self.trail[-2].u.mesh is base.u.mesh:
            guess = guess + (0.5 * walk.length**2 / walk.taken) * (base.t - self.trail[-2].t)
        known = base.linearised if base.linearised.orbit.mesh is base.u.mesh else None
        return self.correct(guess, self.row(base.t, base), COARSE, base, known)

    def slower(self, walk: Walk, found: CyclePoint) -> float:
        """Return the factor by which the next step should be shorter."""
        bend = found.distance / walk.length
        cosine = self.inner(walk.point.t, found.t, walk.point) / self.length(found.t, walk.point)
        if bend > LARGEST_BEND or not cosine > LEAST_COSINE:
            return np.inf
        return min(2.0, max(found.contraction / CONTRACTION, float(np.sqrt(bend / BEND))))

    def begin(self, walk: Walk) -> None:
        """Lay a mesh for the first point."""
        self.trail = [walk.first]
        self._remesh(walk)

    def adapt(self, walk: Walk) -> None:
        """Lay a new mesh now and then, and look whether the period grows without bound."""
        self.trail.append(walk.point)
        walk.end = walk.end or self.ending(walk)
        self.since += 1
        if self.since >= EVERY or walk.point.mesh_error > self.accuracy:
            self._remesh(walk)

    def ending(self, walk: Walk) -> End | None:
        """Return the end where the period grows without bound."""
        return ends.long_period(walk, self)

    def _remesh(self, walk: Walk) -> None:
        point, intervals = walk.point, len(walk.point.u.x)
        if point.mesh_error > self.accuracy:
            wanted = intervals * min(2.0, FINER * (point.mesh_error / self.accuracy) ** 0.2)
            intervals = min(int(wanted), MOST_INTERVALS)
        elif intervals > self.intervals:
            enough = FINER * intervals * (point.mesh_error / self.accuracy) ** 0.2
            intervals = max(self.intervals, min(intervals, int(enough)))
        walk.point, self.since = point.on(adapted_mesh(point.u, intervals)), 0

    def stop(self, walk: Walk, found: CyclePoint) -> tuple[None, End] | None:
        """Return the end between two points, at a Hopf point or a period doubling."""
        end = ends.vanished(walk, found) or ends.passed_hopf(walk, found, self) or ends.passed_doubling(walk, found)
        return None if end is None else (None, end)

    def stalled(self, walk: Walk) -> End:
        """Return the end of a branch on which no step leads on."""
        return ends.stalled(walk, self)

    def returned(self, walk: Walk, found: CyclePoint) -> CyclePoint | None:
        """Return the first point where the branch has come back to it: by value, period and size, at any phase."""
        if not ends.closes(self.trail, found):
            return None
        return self.landed(self.trail[-1], found, 0, self.trail[0].value, TOLERANCE)

    def shared(self, a: CyclePoint, b: CyclePoint, finer: bool = False) -> tuple[CyclePoint, CyclePoint]:
        """Return two points on one mesh; a finer one has twice as many intervals."""
        mesh = adapted_mesh(b.u, min(2 * len(b.u.x), MOST_INTERVALS)) if finer else b.u.mesh
        return a.on(mesh), b.on(mesh)

    def events(self, a: CyclePoint, b: CyclePoint) -> list[Event]:
        """Return the bifurcations between two points, in order."""
        found = []
        for kind in crossings(a, b):
            near, far = self.shared(a, b, finer=True)
            met = locate(self, near, far, TESTS[kind], TOLERANCE, WIDTH)
            if met is None:
                event = Event(SpecialKind.UNDECIDED, b, 0.0, abs(b.value - a.value), np.nan, f"{kind.words}: {NOT_LOCATED}")
            else:
                event = _event(kind, met, abs(TESTS[kind](b) - TESTS[kind](a)) / self.length(far.u - near.u, near))
            found.append((np.inf if met is None else self.length(met.u - near.u, near), event))
        return [event for _, event in sorted(found, key=lambda each: each[0])]


def _event(kind: SpecialKind, met: CyclePoint, slope: float) -> Event:
    """The event at a zero of a test function; how far it may be along the branch is told by the function's slope."""
    speed = max(1.0, float(np.abs(met.t.parameters).max()), abs(met.t.period))
    astray = speed * NOISE / slope if kind == SpecialKind.LPC and slope else 0.0
    nearest = met.others[np.argmin(np.abs(np.abs(met.others) - 1))] if met.others.size else 1.0
    error = max(met.error, astray, met.trivial_error if kind in (SpecialKind.PD, SpecialKind.NS) else 0.0)
    residual = abs(TESTS[kind](met))
    if met.mesh_error > COARSEST:
        message = f"{kind.words}: the mesh is too coarse here to tell; raise `intervals`"
        return Event(SpecialKind.UNDECIDED, met, 0.0, met.mesh_error, residual, message)
    if kind == SpecialKind.NS and is_real(np.asarray(nearest)):
        kind = SpecialKind.PD if nearest.real < 0 else SpecialKind.LPC
    return Event(kind, met, 0.0, error, residual)
