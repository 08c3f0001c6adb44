"""Bifurcations of cycles over two parameters.

Cycles of a family with two parameters make a surface. On it the test function of the bifurcation is zero along a curve:
from each point a step is taken along the curve, and the secant method crosses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations import homoclinic_curve
from analysis.bifurcations.collocation import Orbit
from analysis.bifurcations.collocation_linear import Row
from analysis.bifurcations.collocation_mesh import adapted_mesh
from analysis.bifurcations.continuation import STOPPED, UnderWay
from analysis.bifurcations.curve_record import BifurcationCurve
from analysis.bifurcations.cycle_corrector import correct
from analysis.bifurcations.cycle_plan import FAILURES
from analysis.bifurcations.cycle_point import CyclePoint, Metric, point_of
from analysis.bifurcations.cycle_tests import TESTS, Test, is_real
from analysis.bifurcations.parameters import two_parameters
from analysis.bifurcations.records import End, EndKind, Points, SpecialKind, SpecialPoint, follows
from analysis.bifurcations.setting import Setting, checked_drive
from neurodynamics import DynamicalSystem, Status
from neurodynamics.validation import Floats, as_count, as_number
from neurodynamics.watched import long_call

FIRST, LONGEST, SHORTEST = 0.02, 0.2, 5e-4
POINTS, EVERY = 200, 3
SECANTS, PROBE, SETTLED = 15, 1e-3, 1e-11
CROOKED = 0.5  # of a step: how far across it the curve may be; of 1 at first, when its direction is not known
VANISHED, SMALL = 0.02, 0.2  # of the largest amplitude: the cycle has shrunk to a point; or has, where no step leads on
SHRINKS = "the cycle shrinks to a point: a generalised Hopf point is near"
LONGEST_PERIOD = 50.0  # times the first one


@dataclass(frozen=True, eq=False, repr=False)
class CycleCurve(BifurcationCurve):
    """Where a bifurcation of cycles happens over two parameters; `eigenvalues` are multipliers.

    Attributes
    ----------
    period : array, shape (K,)
    """

    period: Floats


@dataclass(eq=False)
class _Walk:
    """A walk on the surface of cycles, along the zeros of a test function."""

    setting: Setting
    test: Test
    points: list[CyclePoint]
    along: Orbit
    step: float
    longest: float
    most: int
    widest: float = 0.0
    end: End | None = field(default=None)

    def run(self) -> End:
        """Walk to the end of the curve."""
        try:
            while self.end is None:
                self.end = self._advance()
        except KeyboardInterrupt:
            self.end = self._ended(EndKind.INTERRUPTED, "interrupted by the user")
        return self.end

    def _ended(self, kind: EndKind, message: str = "") -> End:
        return End(kind, self.points[-1].value, message)

    def _advance(self) -> End | None:
        if self.setting.clock.over:
            return self._ended(EndKind.TIMEOUT, "`timeout` was used up; raise it to go on")
        if len(self.points) > self.most:
            return self._ended(EndKind.BUDGET, "`max_points` were used up; raise it to go on")
        if len(self.points) % EVERY == 0:
            self._remesh()
        while self.step >= SHORTEST:
            found = self._across(self.points[-1], self.points[-1].metric.row(self.along), self.step)
            if found is not None:
                return self._accept(found)
            self.step *= 0.4
        if self.points[-1].orbit.amplitude < SMALL * self.widest:
            return self._ended(EndKind.HOPF, SHRINKS)
        return self._ended(EndKind.STALLED, "no step along the curve is short enough")

    def _accept(self, point: CyclePoint) -> End | None:
        last = self.points[-1]
        low, high = self.setting.bounds.T
        outside = (point.orbit.parameters < low) | (point.orbit.parameters > high)
        if outside.any():
            return self._bounded(point, int(np.argmax(outside)))
        moved = point.orbit.moved(last.orbit, -1.0)
        self.along = moved.moved(moved, 1 / point.metric.length(moved) - 1)
        self.points.append(point)
        self.widest = max(self.widest, point.orbit.amplitude)
        self.step = min(self.longest, 1.5 * self.step)
        if point.orbit.amplitude < VANISHED * self.widest:
            return self._ended(EndKind.HOPF, SHRINKS)
        if point.orbit.period > LONGEST_PERIOD * self.points[0].orbit.period:
            return self._ended(EndKind.PERIOD_LIMIT, "the period grows beyond all bounds: a homoclinic orbit is near")
        return None

    def _bounded(self, beyond: CyclePoint, k: int) -> End:
        """Add the point where parameter k is on its bound."""
        last = self.points[-1]
        bound = self.setting.bounds[k][int(beyond.orbit.parameters[k] > self.setting.bounds[k, 1])]
        row = Row(np.zeros_like(last.orbit.stages), 0.0, np.eye(2)[k] / last.metric.widths[k])
        share = (bound - last.orbit.parameters[k]) / (beyond.orbit.parameters[k] - last.orbit.parameters[k])
        towards = beyond.orbit.moved(last.orbit, -1.0)
        found = self._across(last, row, share, towards)
        if found is not None:
            self.points.append(found)
        return self._ended(EndKind.BOUNDS)

    def _remesh(self) -> None:
        last = self.points[-1]
        mesh = adapted_mesh(last.orbit, len(last.orbit.x))
        self.points[-1] = replace(last, orbit=last.orbit.on(mesh), tangent=last.tangent.on(mesh))
        self.along = self.along.on(mesh)

    def _across(self, base: CyclePoint, row: Row, step: float, along: Orbit | None = None) -> CyclePoint | None:
        """Return the zero of the test function at a distance along the curve, by the secant method across it."""
        farthest = CROOKED * (max(self.step, abs(step)) if len(self.points) > 1 else 1.0)
        return zero_across(self.setting, self.test, base, row, base.orbit.moved(along or self.along, step), farthest)


def zero_across(
    setting: Setting, test: Test, base: CyclePoint, row: Row, guess: Orbit, farthest: float
) -> CyclePoint | None:
    """Return the zero of a test function on the line of cycles with one row as at a guess."""
    family, metric = setting.family, _metric(guess, base.metric)
    across = metric.row(base.tangent)
    place, before, value_before = 0.0, 0.0, 0.0
    orbit = guess
    for k in range(SECANTS):
        found = correct(family, orbit, [row, across], metric)
        if found is None:
            return None
        point = on_surface(setting, found.orbit, base.tangent, metric)
        value = test(point)
        slope = (value - value_before) / (place - before) if k else np.inf
        change = PROBE * farthest if k == 0 else -value / slope if slope else np.inf
        if k and abs(change) <= SETTLED:
            return point
        before, value_before, place = place, value, place + change
        if not abs(place) <= farthest:
            return None
        orbit = found.orbit.moved(base.tangent, change)
    return None


def on_surface(setting: Setting, orbit: Orbit, towards: Orbit, metric: Metric) -> CyclePoint:
    """Return the point of a cycle; its tangent leaves the second parameter as it is."""
    fixed = Row(np.zeros_like(orbit.stages), 0.0, np.array([0.0, 1.0 / metric.widths[1]]))
    return point_of(setting.family, orbit, [metric.row(towards), fixed], metric)


def _metric(orbit: Orbit, before: Metric) -> Metric:
    return Metric(max(before.size, orbit.amplitude), orbit.period, before.widths)


def cycle_curve(
    system: DynamicalSystem, parameters: Any, bounds: ArrayLike, *, start: SpecialPoint, inputs: Any = None,
    step: float | None = None, max_points: int | None = None, rtol: float | None = None, timeout: float | None = None,
    on_interrupt: str = "raise",
) -> CycleCurve:  # fmt: skip
    """Follow a fold of cycles, a period doubling or a Neimark-Sacker bifurcation of a flow over two parameters.

    Parameters and result are those of `bifurcation_curve`.
    """
    drive = checked_drive(system, inputs)
    pair = two_parameters(system, parameters, drive)
    ends = list(np.asarray(bounds, dtype=float))
    setting = Setting.of(system, pair, ends, drive, 1, None, None, rtol, False, timeout, on_interrupt)
    longest = LONGEST if step is None else as_number(step, "step", positive=True)
    most = POINTS if max_points is None else as_count(max_points, "max_points", minimum=1)
    follow = homoclinic_curve.both_sides if start.kind == SpecialKind.HOM else _both_sides

    def so_far(status: Status) -> CycleCurve:
        return _joined(setting, start, [_side(walk, status) for walk in setting.under_way.walks], status)

    def work() -> CycleCurve:
        return _joined(setting, start, [_side(walk) for walk in follow(setting, start, longest, most)])

    curve: CycleCurve = long_call(work, so_far, timeout=setting.clock.timeout, on_interrupt=on_interrupt)
    return curve


def _side(walk: Any, status: Status = Status.INTERRUPTED) -> Side:
    end = UnderWay.end_of(walk, status)
    if isinstance(walk, homoclinic_curve.HomoclinicWalk):
        count = min(len(walk.walk.points), len(walk.errors))
        return Side(walk.walk.points[:count], end, walk.errors[:count])
    points = list(walk.points)
    return Side(points, end, errors_of(points))


class Side(NamedTuple):
    """One direction of a curve."""

    points: list[CyclePoint]
    end: End
    errors: list[float]


def errors_of(points: list[CyclePoint]) -> list[float]:
    """Return the errors of points at the nodes of their meshes."""
    return [point.mesh_error**1.6 for point in points]


def _both_sides(setting: Setting, start: SpecialPoint, longest: float, most: int) -> list[_Walk]:
    first, walks = _first(setting, start), setting.under_way.walks
    for sign in (1.0, -1.0):
        along = _along_second(setting, first)
        along = along.moved(along, sign - 1)
        walks.append(_Walk(setting, TESTS[start.kind], [first], along, min(FIRST, longest), longest, most,
                           first.orbit.amplitude))  # fmt: skip
        if walks[-1].run().kind == EndKind.INTERRUPTED:
            break
    return walks


def _first(setting: Setting, start: SpecialPoint) -> CyclePoint:
    at: CyclePoint = start.data["point"]
    family, widths = setting.family, np.diff(setting.bounds, axis=1)[:, 0]
    given = [start.parameters.get(each.name, each.value) for each in family.parameters]
    orbit = replace(at.orbit, parameters=np.array(given, dtype=float))
    tangent = replace(at.tangent, parameters=np.array([at.tangent.parameters[0], 0.0]))
    metric = Metric(at.metric.size, orbit.period, widths)
    fixed = Row(np.zeros_like(orbit.stages), 0.0, np.array([0.0, 1.0 / widths[1]]))
    base = on_surface(setting, orbit, tangent, metric)
    found = zero_across(setting, TESTS[start.kind], base, fixed, orbit, CROOKED)
    if found is None:
        raise ValueError(f"`start` leads to no {start.kind.words} with these parameters; locate one first.")
    return found


def _along_second(setting: Setting, point: CyclePoint) -> Orbit:
    """The direction on the surface in which the second parameter grows."""
    direction = point.linearised.solve(None, np.array([0.0, 1.0]))
    return direction.moved(direction, 1 / point.metric.length(direction) - 1)


def _joined(setting: Setting, start: SpecialPoint, sides: list[Side], stopped: Status = Status.INTERRUPTED) -> CycleCurve:
    sides = sides or [Side([], End(STOPPED[stopped], np.nan, stopped.message), [])]
    points, errors, ends = list(sides[0].points), list(sides[0].errors), [sides[0].end, sides[0].end]
    if len(sides) == 2:
        points, errors = sides[1].points[:0:-1] + points, sides[1].errors[:0:-1] + errors
        ends[0] = sides[1].end
    orbits = [point.orbit for point in points]
    n = setting.family.n
    multipliers = np.array([point.multipliers for point in points]).reshape(-1, n)
    pairs = [point.others[~is_real(point.others)] for point in points]
    angle = np.array([abs(np.angle(z[np.argmin(np.abs(np.abs(z) - 1))])) if z.size else np.nan for z in pairs])
    kinds = [end.kind for end in ends]
    status = next((status for kind, status in FAILURES.items() if kind in kinds), Status.SUCCESS)
    names = setting.family.parameters
    return CycleCurve(
        start.kind, (names[0].name, names[1].name), np.array([orbit.parameters for orbit in orbits]).reshape(-1, 2),
        np.array([orbit.x[0] for orbit in orbits]).reshape(-1, n), angle, multipliers, np.full(len(points), np.nan),
        np.array(errors), Points(), (ends[0], ends[1]), status, setting.bounds,
        setting.family, np.array([orbit.period for orbit in orbits]),
    )  # fmt: skip


@follows("curve of cycles")
def curve_from(point: SpecialPoint, parameter: Any, bounds: Any = None, **options: Any) -> BifurcationCurve:
    """Return the curve through a special point of a branch, over its parameter and a second one.

    `bounds` are those of the second parameter, or of both.
    """
    family = point.data["family"]
    if bounds is None:
        raise ValueError("`bounds` must be given: (least, largest) of the second parameter, or a pair of such pairs.")
    both = np.asarray(bounds, dtype=float)
    if both.shape == (2,):
        both = np.array([point.data["bounds"], both])
    pair = two_parameters(family.system, (family.parameters[0], parameter), family.drive)
    return cycle_curve(family.system, pair, both, start=point, inputs=family.drive, **options)
