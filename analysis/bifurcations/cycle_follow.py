"""Following a branch of cycles in one direction, until it ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analysis.bifurcations import cycle_ends
from analysis.bifurcations.continuation import Clock
from analysis.bifurcations.cycle_point import CyclePoint, point_of
from analysis.bifurcations.cycle_special import special_point
from analysis.bifurcations.cycle_tests import crossings, located
from analysis.bifurcations.cycle_walk import Walk, value_between
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, EndKind, SpecialPoint
from neurodynamics.validation import Floats

DIVERGED = 1e8  # times the first size
SMALLEST_JUMP = 1e-3  # of a period: it does not shrink to nothing in a step


@dataclass(eq=False)
class Follower:
    """One direction of a branch.

    Attributes
    ----------
    walk : Walk
    bounds : array, shape (2,)
    most : int
        Points.
    period_limit : float
    clock : Clock
    bar : progress bar or None
    special : list of SpecialPoint
        What was found on the way.
    path : list of CyclePoint
        The points of the walk, with those of the bifurcations between them.
    end : End or None
    """

    walk: Walk
    bounds: Floats
    most: int
    period_limit: float
    clock: Clock
    bar: Any = None
    special: list[SpecialPoint] = field(default_factory=list)
    path: list[CyclePoint] = field(default_factory=list)
    end: End | None = None

    def run(self) -> End:
        """Follow the branch to its end, which is also kept."""
        self.path.append(self.walk.last)
        try:
            while self.end is None:
                self.end = self._step()
        except KeyboardInterrupt:
            self.end = End(EndKind.INTERRUPTED, self.walk.last.value, "interrupted by the user")
        return self.end

    def _step(self) -> End | None:
        walk = self.walk
        last = walk.last
        if self.clock.over:
            return End(EndKind.TIMEOUT, last.value, "`timeout` was used up; raise it to go on")
        if len(walk.points) > self.most:
            return End(EndKind.BUDGET, last.value, "`max_points` were used up; raise it to go on")
        point = walk.advance()
        if point is None:
            return cycle_ends.stalled(walk)
        end = self._end_between(last, point)
        if end is not None:
            return end
        self._accept(last, point)
        if self.bar is not None:
            self.bar.update(1)
        return cycle_ends.long_period(walk, self.period_limit)

    def _end_between(self, last: CyclePoint, point: CyclePoint) -> End | None:
        """The end between two points, if there is one; a last point on the bounds is added."""
        walk = self.walk
        if point.orbit.period < SMALLEST_JUMP * last.orbit.period:
            return End(EndKind.STALLED, last.value, "the period would shrink to nothing in one step")
        if point.orbit.amplitude > DIVERGED * self.walk.points[0].metric.size * (1 + float(abs(last.orbit.mean).max())):
            return End(EndKind.DIVERGED, last.value, "the cycle grows beyond all bounds")
        end = cycle_ends.passed_hopf(walk, point) or cycle_ends.passed_doubling(walk, point)
        if end is None and not self.bounds[0] <= point.value <= self.bounds[1]:
            bound = float(self.bounds[int(point.value > self.bounds[1])])
            end = End(EndKind.BOUNDS, bound)
            self._finish(point, bound)
        if end is None:
            end = cycle_ends.closed(walk, point)
            if end is not None:
                self._finish(point, end.value)
        return end

    def _finish(self, beyond: CyclePoint, value: float) -> None:
        """Add the point at a value between the last point and the one beyond."""
        last = self.walk.last
        orbit = value_between(self.walk.family, last, beyond, value)
        if orbit is not None:
            point = point_of(self.walk.family, orbit, [beyond.metric.row(beyond.tangent)], beyond.metric)
            self._accept(last, replace(point, orbit=replace(point.orbit, parameters=np.array([value]))))

    def _accept(self, a: CyclePoint, b: CyclePoint) -> None:
        """Go on to a point, after a look for bifurcations on the way there."""
        found = []
        for crossing in crossings(a, b):
            near = a.orbit.on(b.orbit.mesh)
            step = a.metric.row(a.tangent.on(b.orbit.mesh)).of(b.orbit.moved(near, -1.0))
            point = located(self.walk, a, step, crossing)
            share = 1.0 if point is None else abs((point.value - a.value) / ((b.value - a.value) or 1.0))
            found.append((share, crossing.kind, point))
        for _, kind, point in sorted(found, key=lambda each: each[0]):
            self.special.append(special_point(self.walk.family, kind, point, (a, b)))
            self.path += [point] if point is not None else []
        self.walk.points.append(b)
        self.path.append(b)


def both_ways(
    family: Family, first: CyclePoint, make: Any, directions: int, followers: list[Follower]
) -> list[Follower]:
    """Follow a branch from its first point along the tangent and, with 2 directions, against it; fill `followers`."""
    followers.clear()
    for sign in (1.0, -1.0)[:directions]:
        followers.append(make(first if sign > 0 else first.turned(family)))
        end = followers[-1].run()
        if end.kind in (EndKind.CLOSED, EndKind.INTERRUPTED):
            break
    return followers
