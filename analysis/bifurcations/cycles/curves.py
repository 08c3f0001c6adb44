"""Bifurcations of cycles, and homoclinic orbits, over two parameters.

Cycles of a family with two parameters make a surface. On it the test function of a bifurcation is zero along a curve: from
each point a step is taken along the curve, and the secant method crosses it.

References
----------
.. [1] Doedel & Kernevez (1986), AUTO: software for continuation and bifurcation problems, Caltech.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.bifurcations.continuation import Pace, Walk, follow, locate
from analysis.bifurcations.curve_record import BifurcationCurve
from analysis.bifurcations.cycles.branches import INTERVALS, cycle_special_point
from analysis.bifurcations.cycles.corrector import TOLERANCE, correct
from analysis.bifurcations.cycles.ends import turned_over, vanishing
from analysis.bifurcations.cycles.forms import leading
from analysis.bifurcations.cycles.homoclinics import Homoclinics, homoclinic
from analysis.bifurcations.cycles.linear import Metric, Row
from analysis.bifurcations.cycles.orbit import Orbit
from analysis.bifurcations.cycles.point import TESTS, CyclePoint, critical_angle, point_of, unit
from analysis.bifurcations.cycles.problem import Cycles
from analysis.bifurcations.cycles.starts import orbit_of
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, EndKind, Points, SpecialKind, SpecialPoint
from analysis.bifurcations.setting import Setting, value_of
from analysis.bifurcations.special import Event, at_end, occurrences, status_of
from analysis.bifurcations.spectral_tests import spectral_tests
from analysis.cycles import LimitCycle
from neurodynamics import Status
from neurodynamics.validation import Floats, as_count, as_number

K = SpecialKind
FIRST, LONGEST, POINTS, RTOL = 0.02, 0.2, 200, 1e-9
FINE = 100  # intervals of a long cycle
SECANTS, PROBE, SETTLED = 15, 1e-3, 1e-11
CROOKED = 0.5  # of a step: how far across it the curve may be; of 1 at first, when its direction is not known
GROWTH = 1.5
VANISHED, SMALL = 0.02, 0.2  # of the largest amplitude: the cycle has shrunk to a point; or has, where no step leads on
ANOTHER = 0.1  # of the frequency: another eigenvalue as near to the imaginary axis is critical where the cycle vanishes
LONGEST_PERIOD = 50.0  # times the first one
MEETING = 0.1  # of the angle of a pair from 0 or pi: at the end of a curve they meet
WATCHED = {  # by the rest of the multipliers, by the angle, and by the leading coefficient
    K.LPC: (("zero", K.R1), ("flip", K.LPPD), ("pairs", K.LPNS), ("leading", K.CPC)),
    K.PD: (("flip", K.R2), ("zero", K.LPPD), ("pairs", K.PDNS), ("leading", K.GPD)),
    K.NS: (("leading", K.CH), ("zero", K.LPNS), ("flip", K.PDNS), ("pairs", K.NSNS), ("third", K.R3), ("quarter", K.R4)),
}


class CriticalCycles(Cycles):
    """Cycles at one kind of bifurcation over two parameters. The tangent is the direction from the point before."""

    shortest = 5e-4

    def __init__(self, family: Family, kind: SpecialKind, bounds: Floats, intervals: int) -> None:
        super().__init__(family, bounds, intervals, RTOL)
        self.kind, self.test, self.farthest = kind, TESTS[kind], CROOKED

    def on_surface(self, orbit: Orbit, towards: Orbit, metric: Metric) -> CyclePoint:
        """Return the point of a cycle; its tangent leaves the second parameter as it is."""
        fixed = Row(np.zeros_like(orbit.stages), 0.0, np.array([0.0, 1.0 / self.widths[1]]))
        return point_of(self.family, orbit, [metric.row(towards), fixed], metric)

    def correct(self, guess: Orbit, row: Row, rtol: float, near: Any = None, known: Any = None) -> CyclePoint | None:
        """Return the zero of the test function on the line of cycles with one row as at a guess."""
        metric = Metric(max(near.metric.size, guess.amplitude), guess.period, self.widths)
        first, second = (tangent_plane(near, each) for each in np.eye(2))
        across = unit(row.of(second) * first - row.of(first) * second, near.metric)  # on which the row is zero
        place, before, value_before, orbit = 0.0, 0.0, 0.0, guess
        for k in range(SECANTS):
            found = correct(self.family, orbit, [row, metric.row(across)], metric)
            if found is None:
                return None
            point = self.on_surface(found.orbit, first, metric)
            value = self.test(point)
            slope = (value - value_before) / (place - before) if k else np.inf
            change = PROBE * self.farthest if k == 0 else -value / slope if slope else np.inf
            if k and abs(change) <= SETTLED:
                return self._settled(point, row, near, abs(place))
            before, value_before, place = place, value, place + change
            if not abs(place) <= self.farthest:
                return None
            orbit = found.orbit + change * across
        return None

    def _settled(self, point: CyclePoint, row: Row, near: CyclePoint, distance: float) -> CyclePoint:
        moved = point.u - near.u
        along = moved if point.metric.length(moved) > PROBE * FIRST else near.t
        return point._replace(t=unit(np.copysign(1.0, row.of(along)) * along, point.metric), distance=distance)

    def stepped(self, walk: Walk) -> CyclePoint | None:
        """Return the point at a step along the curve."""
        base = walk.point
        self.farthest = CROOKED * (walk.length if len(self.trail) > 1 else 1.0)
        return self.correct(base.u + walk.length * base.t, self.row(base.t, base), TOLERANCE, base)

    def slower(self, walk: Walk, found: CyclePoint) -> float:
        """Return the factor by which the next step should be shorter."""
        return 1.0 / GROWTH

    def begin(self, walk: Walk) -> None:
        """Take note of where a walk begins."""
        self.trail, self.farthest, self.since = [walk.first], CROOKED, 0

    def ending(self, walk: Walk) -> End | None:
        """Return the end where the cycle vanishes, or its period grows without bound."""
        if walk.point.u.amplitude < VANISHED * self._widest():
            return self._shrunk(walk)
        if walk.point.u.period > LONGEST_PERIOD * self.trail[0].u.period:
            return walk.ended(EndKind.PERIOD_LIMIT, "the period grows beyond all bounds: a homoclinic orbit is near")
        return None

    def _shrunk(self, walk: Walk) -> End:
        """Return the end where the cycle shrinks to an equilibrium: on a curve of Hopf points, where more is critical."""
        z, frequency = np.split(vanishing(self.trail), [-1])
        values = np.linalg.eigvals(self.family(z)[1][:, : self.family.n]).astype(complex)
        rest = np.delete(values, [np.argmin(np.abs(values - 1j * frequency)), np.argmin(np.abs(values + 1j * frequency))])
        nearest = min(rest, key=lambda each: abs(each.real), default=complex(np.inf))
        kind = K.GH if self.kind == K.LPC else K.HH if nearest.imag else K.ZH
        sure = kind == K.GH or abs(nearest.real) < ANOTHER * frequency
        what = f"a {kind.words} point" if sure else "a Hopf point at which more is critical"
        return walk.ended(EndKind.HOPF, f"the cycle shrinks to a point: {what} is near")

    def _widest(self) -> float:
        return max(point.u.amplitude for point in self.trail)

    def stalled(self, walk: Walk) -> End:
        """Return the end where no step leads on."""
        if walk.point.u.amplitude < SMALL * self._widest():
            return self._shrunk(walk)
        angle = critical_angle(walk.point)
        if self.kind == K.NS and min(angle, np.pi - angle) < MEETING:
            which = "1:1" if angle < 1.0 else "1:2"
            return walk.ended(EndKind.RESONANCE, f"two multipliers meet on the real axis: resonance {which}")
        return walk.ended(EndKind.STALLED, "no step along the curve is short enough")

    def stop(self, walk: Walk, found: CyclePoint) -> tuple[None, End] | None:
        """Return the end where the cycle shrinks to a point."""
        return (None, self._shrunk(walk)) if turned_over(walk, found) else None

    def spots(self, points: list[CyclePoint], before: Any) -> list[CyclePoint]:
        """Return points with their tests."""
        return [point._replace(tests=self.watched(point)) for point in points]

    def watched(self, point: CyclePoint) -> Floats:
        """Return the tests for points of codimension two."""
        angle, at = critical_angle(point), {K.LPC: 1.0, K.PD: -1.0}.get(self.kind)
        pair = np.exp(1j * angle) if at is None else at
        rest = np.delete(point.others, np.argmin(np.abs(point.others - pair)))
        if at is None:
            rest = np.delete(rest, np.argmin(np.abs(rest - np.conj(pair))))
        tests = spectral_tests(rest[np.newaxis], True)
        known = {"zero": tests.zero[0], "flip": tests.flip[0], "pairs": tests.pairs[0],
                 "third": np.cos(angle) + 0.5, "quarter": np.cos(angle), "leading": leading(self.family, self.kind, point)}
        return np.array([known[name] for name, _ in WATCHED[self.kind]])

    def events(self, a: CyclePoint, b: CyclePoint) -> list[Event]:
        """Return the points of codimension two between two points."""
        near, far = self.shared(a, b, finer=True)
        out, self.farthest = [], CROOKED * self.length(b.u - a.u.on(b.u.mesh), b)
        for k in np.flatnonzero(a.tests * b.tests < 0.0):

            def test(point: CyclePoint, k: int = int(k)) -> float:
                return float(self.watched(point)[k])

            met = locate(self, near, far, test, TOLERANCE, 1e-9)
            if met is not None and (residual := abs(test(met))) < 1e-2 * abs(a.tests[k] - b.tests[k]):
                out.append(Event(WATCHED[self.kind][k][1], met, 0.0, met.error, residual))
        return out


def tangent_plane(point: CyclePoint, parts: Floats) -> Orbit:
    """Return a direction on the surface of cycles: with parts (1, 0) it leaves the second parameter as it is."""
    out = unit(point.linearised.solve(None, parts), point.metric)
    return out if point.linearised.orbit.mesh is point.u.mesh else out.on(point.u.mesh)


def cycle_curve(setting: Setting, start: SpecialPoint | LimitCycle, step: Any, max_points: Any) -> BifurcationCurve:
    """Follow a fold of cycles, a period doubling, a Neimark-Sacker bifurcation or a homoclinic orbit of a flow."""
    longest = LONGEST if step is None else as_number(step, "step", positive=True)
    most = POINTS if max_points is None else as_count(max_points, "max_points", minimum=1)
    pace = Pace(min(FIRST, longest), longest, most + 1, progress=setting.pace.progress)
    problem, first = _first_point(setting, start)
    points, ends = follow(problem, first, pace, setting.clock, under_way=setting.under_way)
    watch = range(len(points) - 1) if problem.kind in WATCHED else ()
    found, located = occurrences(watch, lambda k: problem.events(*points[k : k + 2]), setting.clock)
    inner = [cycle_special_point(setting.family, event, setting) for _, event in found]
    special = Points.numbered([*at_end(setting, ends[0]), *inner, *at_end(setting, ends[1])])
    return curve_of_cycles(problem, points, special, ends, status_of(ends, located))


def curve_of_cycles(problem: Any, points: list[CyclePoint], special: Points, ends: tuple[End, End],
                    status: Status) -> BifurcationCurve:  # fmt: skip
    """Return the record of a curve; of homoclinic orbits, states and eigenvalues are those of their saddles."""
    family, kind, coefficients = problem.family, problem.kind, np.full(len(points), np.nan)
    states, errors = [point.u.x[0] for point in points], [point.error for point in points]
    spectra = [point.multipliers for point in points]
    if kind == K.HOM:
        saddles, errors = [problem.saddle_at(point) for point in points], [problem.error(point) for point in points]
        states, spectra = [saddle.x for saddle in saddles], [saddle.eigenvalues for saddle in saddles]
    else:
        coefficients = np.array([point.tests for point in points])[:, [name for name, _ in WATCHED[kind]].index("leading")]
    names = family.parameters
    return BifurcationCurve(
        kind, (names[0].name, names[1].name), np.array([point.u.parameters for point in points]),
        np.array(states), np.array([critical_angle(point) for point in points]),
        np.array([point.u.period for point in points]), np.array(spectra), coefficients, np.array(errors), special, ends,
        status, problem.bounds, family,
    )  # fmt: skip


def _first_point(setting: Setting, start: SpecialPoint | LimitCycle) -> tuple[Any, CyclePoint]:
    """What is followed, and the first point of it."""
    family, widths = setting.family, np.diff(setting.bounds, axis=1)[:, 0]
    if isinstance(start, LimitCycle):
        values = np.array([value_of(start, each) for each in family.parameters], dtype=float)
        return _homoclinic(setting, orbit_of(start, values, FINE), widths, True)
    if start.kind not in (*WATCHED, K.HOM):
        raise ValueError(f"`start` must be a bifurcation that can be followed; a {start.kind.words} of cycles cannot.")
    at: CyclePoint = start.data["point"]
    given = [start.parameters.get(each.name, each.value) for each in family.parameters]
    at = at._replace(u=replace(at.u, parameters=np.array(given, dtype=float)))
    if start.kind == K.HOM:
        return _homoclinic(setting, at.u, widths, at.linearised.closing is None)
    return _critical(setting, start.kind, at, widths)


def _critical(setting: Setting, kind: SpecialKind, at: CyclePoint, widths: Floats) -> tuple[Any, CyclePoint]:
    problem = CriticalCycles(setting.family, kind, setting.bounds, max(INTERVALS, len(at.u.x)))
    metric = Metric(max(at.metric.size, at.u.amplitude), at.u.period, widths)
    tangent = replace(at.t, parameters=np.array([at.t.parameters[0], 0.0]))
    base = problem.on_surface(at.u, tangent, metric)
    found = problem.correct(at.u, problem.unit(1, base), TOLERANCE, base)
    if found is None:
        raise ValueError(f"`start` leads to no {kind.words} with these parameters; locate one first.")
    return problem, found._replace(t=tangent_plane(found, np.array([0.0, 1.0])))


def _homoclinic(setting: Setting, orbit: Orbit, widths: Floats, closed: bool) -> tuple[Any, CyclePoint]:
    held = Row(np.zeros_like(orbit.stages), 0.0, np.array([0.0, 1.0 / widths[1]]))
    found = homoclinic(setting.family, orbit, widths, closed=closed, held=(held,))
    if found is None:
        raise ValueError("`start` leads to no homoclinic orbit of one saddle; begin from a longer cycle.")
    first, saddle = found
    return Homoclinics(setting.family, setting.bounds, len(first.u.x), saddle), first
