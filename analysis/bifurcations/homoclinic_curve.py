"""Homoclinic orbits over two parameters.

The orbit is followed as the cycle of a fixed, long period T beside it. With the leading rate r of the saddle, its
parameters differ from those of the homoclinic orbit by about ``C exp(-r T)``, which is the error of the curve; C is known
where it begins, from the end of a branch of cycles.

References
----------
.. [1] Doedel & Kernevez (1986), AUTO: software for continuation and bifurcation problems, Caltech.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.bifurcations.collocation import Orbit
from analysis.bifurcations.collocation_linear import Row
from analysis.bifurcations.cycle_corrector import correct
from analysis.bifurcations.cycle_ends import rest_of
from analysis.bifurcations.cycle_point import CyclePoint, Metric, point_of
from analysis.bifurcations.cycle_walk import FIRST, Walk
from analysis.bifurcations.records import End, EndKind, SpecialPoint
from analysis.bifurcations.setting import Setting

LARGEST_ERROR = 1e-4  # C exp(-r T): the cycle is no longer near the homoclinic orbit
ROUNDING = 1e-12
ACCURACY = 2e-6


def fixed_period(orbit: Orbit) -> list[Row]:
    """Return the row that holds the period."""
    return [Row(np.zeros_like(orbit.stages), 1.0 / orbit.period, np.zeros(len(orbit.parameters)))]


@dataclass(eq=False)
class HomoclinicWalk:
    """A walk along a homoclinic curve; `scale` is C."""

    setting: Setting
    walk: Walk
    most: int
    scale: float
    errors: list[float]
    end: End | None = None

    def run(self) -> End:
        """Walk to the end of the curve."""
        try:
            while self.end is None:
                self.end = self._advance()
        except KeyboardInterrupt:
            self.end = End(EndKind.INTERRUPTED, self.walk.last.value, "interrupted by the user")
        return self.end

    def _advance(self) -> End | None:
        last = self.walk.last
        if self.setting.clock.over:
            return End(EndKind.TIMEOUT, last.value, "`timeout` was used up; raise it to go on")
        if len(self.walk.points) > self.most:
            return End(EndKind.BUDGET, last.value, "`max_points` were used up; raise it to go on")
        point = self.walk.advance()
        if point is None:
            return End(EndKind.STALLED, last.value, "no step along the curve is short enough")
        low, high = self.setting.bounds.T
        p = point.orbit.parameters
        if (p < low).any() or (p > high).any():
            self._add_bound(point)
            return End(EndKind.BOUNDS, self.walk.last.value)
        error = self.scale * closeness(self.setting, point)
        if not error < LARGEST_ERROR:
            return End(EndKind.BOGDANOV_TAKENS, point.value,
                       "the saddle's rates vanish: the homoclinic orbit shrinks towards a double-zero point, or its saddle "
                       "becomes a saddle-node", {"error": error})  # fmt: skip
        self.walk.points.append(point)
        self.errors.append(error)
        return None

    def _add_bound(self, beyond: CyclePoint) -> None:
        """Add the point on the bound that lies between the last point and the one beyond."""
        last, (low, high) = self.walk.last, self.setting.bounds.T
        p, q = last.orbit.parameters, beyond.orbit.parameters
        k = int(np.argmax((q < low) | (q > high)))
        share = (np.clip(q[k], low[k], high[k]) - p[k]) / (q[k] - p[k])
        start = last.orbit.on(beyond.orbit.mesh)
        guess = start.moved(beyond.orbit.moved(start, -1.0), share)
        row = Row(np.zeros_like(guess.stages), 0.0, np.eye(2)[k] / last.metric.widths)
        found = correct(self.setting.family, guess, [row, *fixed_period(guess)], beyond.metric)
        if found is not None:
            rows = [beyond.metric.row(beyond.tangent), *fixed_period(guess)]
            self.walk.points.append(point_of(self.setting.family, found.orbit, rows, beyond.metric))
            self.errors.append(self.scale * closeness(self.setting, self.walk.last))


def closeness(setting: Setting, point: CyclePoint) -> float:
    """Return exp(-r T), or inf where the saddle is lost."""
    rest = rest_of(setting.family, point)
    rate = min(rest.rates) if rest is not None else 0.0
    return float(np.exp(-rate * point.orbit.period)) if np.isfinite(rate) and rate > 0 else np.inf


def both_sides(setting: Setting, start: SpecialPoint, longest: float, most: int) -> list[HomoclinicWalk]:
    """Follow the curve through a homoclinic point in both directions."""
    at: CyclePoint = start.data["point"]
    family, widths = setting.family, np.diff(setting.bounds, axis=1)[:, 0]
    values = [at.value if each.name in start.parameters else each.value for each in family.parameters]
    orbit = replace(at.orbit, parameters=np.array(values, dtype=float))
    metric = Metric(orbit.amplitude, orbit.period, widths)
    second = Row(np.zeros_like(orbit.stages), 0.0, np.array([0.0, 1.0 / widths[1]]))
    walks = setting.under_way.walks
    for sign in (1.0, -1.0):
        row = Row(second.stages, 0.0, sign * second.parameters)
        first = point_of(family, orbit, [row, *fixed_period(orbit)], metric)
        walk = Walk(family, [first], min(FIRST, longest), longest, len(orbit.x), ACCURACY, fixed_period)
        near = closeness(setting, first)
        scale = max(abs(at.value - start.value), ROUNDING) / near
        walks.append(HomoclinicWalk(setting, walk, most, scale, [scale * near]))
        if walks[-1].run().kind == EndKind.INTERRUPTED:
            break
    return walks
