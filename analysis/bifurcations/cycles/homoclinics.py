"""Homoclinic orbits: from a saddle back to it, cut near the saddle, where its eigenspaces take the place of its manifolds.

The start lies in the unstable space of the saddle, ``L_s (x(0) - x_e) = 0``, and the end in the stable one,
``L_u (x(1) - x_e) = 0``, with rows L_s and L_u that span the left stable and unstable spaces: as many conditions as say that
a cycle closes, in its place. Ends at a distance d make errors of the order of d^2 in the orbit, and less in the parameters.

References
----------
.. [1] Beyn (1990), IMA J. Numer. Anal. 10, 379.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.bifurcations.continuation import Walk
from analysis.bifurcations.cycles.corrector import correct
from analysis.bifurcations.cycles.linear import Conditions, Metric, Row
from analysis.bifurcations.cycles.orbit import Orbit, adapted_mesh, orbit_on
from analysis.bifurcations.cycles.point import CyclePoint, point_of
from analysis.bifurcations.cycles.problem import Cycles
from analysis.bifurcations.cycles.saddles import Saddle, saddle_near, saddle_of
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, EndKind, SpecialKind
from analysis.bifurcations.singular import double_zero
from neurodynamics.validation import Floats

REACH = 1e-5  # of the size of the orbit: where it is cut
FARTHEST = 1e-4  # an orbit whose ends are farther from the saddle is cut anew
MOST_PERIODS = 1e3  # of the slowest rate: longer orbits are not cut nearer
WEAK = 0.02  # of the rates at first: the saddle is about to vanish
FAR = 1.0  # in units of the metric: a solution as far from the guess is another one
INTERVALS = 120
FINER = 4  # at first
FADING = 0.3  # where no step leads on
NEAR = 0.02  # of the bounds


@dataclass(frozen=True)
class SaddleConditions:
    """The conditions on the ends as a function of the parameters, smooth near those of a saddle."""

    family: Family
    near: Saddle

    def __call__(self, values: Floats) -> Conditions:
        """Return the conditions at values of the parameters."""
        now, references = saddle_near(self.family, np.concatenate([self.near.x, values])), self.near.spaces
        if now is None or [len(rows) for rows in now.spaces] != [len(rows) for rows in references]:
            raise np.linalg.LinAlgError("the saddle is lost")
        stable, unstable = (np.linalg.solve(rows @ old.T, rows) for rows, old in zip(now.spaces, references, strict=True))
        start, end = np.zeros((2, self.family.n, self.family.n))
        start[: len(stable)], end[len(stable) :] = stable, unstable
        return Conditions(start, end, (start + end) @ now.x)


def cut(orbit: Orbit, saddle: Saddle, reach: float, intervals: int) -> Orbit:
    """Return an orbit with ends at a distance `reach` of the saddle: shortened, or lengthened at the slowest rates."""
    first, last = (orbit.at(np.array([s]))[0] - saddle.x for s in (0.0, 1.0))
    leaving, arriving = saddle.rates
    before = np.log(np.linalg.norm(first) / reach) / leaving
    after = np.log(np.linalg.norm(last) / reach) / arriving
    period = orbit.period + before + after

    def curve(s: Floats) -> Floats:
        t = s * period - before
        inside = orbit.at(np.clip(t / orbit.period, 0.0, 1.0))
        early, late = t < 0.0, t > orbit.period
        inside[early] = saddle.x + np.exp(leaving * t[early])[:, np.newaxis] * first
        inside[late] = saddle.x + np.exp(-arriving * (t[late] - orbit.period))[:, np.newaxis] * last
        return inside

    out = orbit_on(np.linspace(0.0, 1.0, FINER * intervals + 1), curve, period, orbit.parameters)
    for _ in range(2):
        out = orbit_on(adapted_mesh(out, len(out.x) // 2), curve, period, orbit.parameters)
    return out


def _turned(cycle: Orbit, saddle: Saddle) -> Orbit:
    """A closed orbit that begins where it is nearest to the saddle."""
    k = int(np.argmin(np.linalg.norm(cycle.x - saddle.x, axis=1)))
    mesh = np.concatenate([cycle.mesh[k:-1], 1 + cycle.mesh[: k + 1]]) - cycle.mesh[k]
    return Orbit(mesh, np.roll(cycle.x, -k, axis=0), np.roll(cycle.stages, -k, axis=0), cycle.period, cycle.parameters)


def length_row(orbit: Orbit) -> Row:
    """Return the row that holds the time from end to end."""
    return Row(np.zeros_like(orbit.stages), 1.0 / orbit.period, np.zeros(len(orbit.parameters)))


def homoclinic(family: Family, near: Orbit, widths: Floats, *, closed: bool = True, reach: float = REACH,
               held: tuple[Row, ...] = ()) -> tuple[CyclePoint, Saddle] | None:  # fmt: skip
    """Return the homoclinic orbit near a long cycle, or near another one; `held` rows fix all parameters but one."""
    saddle = saddle_of(family, near)
    if saddle is None or not np.isfinite(saddle.rates).all():
        return None
    guess = cut(_turned(near, saddle) if closed else near, saddle, reach * near.amplitude, INTERVALS)
    metric, closing = Metric(guess.amplitude, guess.period, widths), SaddleConditions(family, saddle)
    for _ in range(2):  # once more on the mesh of the orbit itself
        guess = guess.on(adapted_mesh(guess, INTERVALS))
        rows = [*(row._replace(stages=np.zeros_like(guess.stages)) for row in held), length_row(guess)]
        try:
            met = correct(family, guess, rows, metric, closing=closing)
        except np.linalg.LinAlgError:  # the saddle was lost on the way
            return None
        if met is None or met.distance > FAR:
            return None
        guess = met.orbit
    found = point_of(family, guess, rows, metric, closing)
    now = saddle_near(family, np.concatenate([saddle.x, found.u.parameters]))
    return None if now is None else (found, now)


class Homoclinics(Cycles):
    """Homoclinic orbits over two parameters: of a fixed time from end to end, until they are cut anew."""

    kind = SpecialKind.HOM

    def __init__(self, family: Family, bounds: Floats, intervals: int, saddle: Saddle) -> None:
        super().__init__(family, bounds, intervals, 1e-9)
        self.saddle, self.closing, self.first = saddle, SaddleConditions(family, saddle), min(saddle.rates)

    def fixed(self, orbit: Orbit) -> list[Row]:
        """Return the row that holds the time from end to end."""
        return [length_row(orbit)]

    def saddle_at(self, point: CyclePoint) -> Saddle | None:
        """Return the saddle of an orbit."""
        return saddle_near(self.family, np.concatenate([point.u.x[0], point.u.parameters]))

    def reach(self, point: CyclePoint) -> float:
        """Return how far the ends are from the saddle, relative to the size of the orbit."""
        saddle = self.saddle_at(point)
        ends = point.u.at(np.array([0.0, 1.0])) - (np.inf if saddle is None else saddle.x)
        return float(np.linalg.norm(ends, axis=1).max() / point.u.amplitude)

    def error(self, point: CyclePoint) -> float:
        """Return how far the parameters may be off, relative."""
        return max(point.error, self.reach(point) ** 2)

    def correct(self, guess: Orbit, row: Row, rtol: float, near: Any = None, known: Any = None) -> CyclePoint | None:
        """Return the orbit near a guess; None where there is none, or no saddle."""
        try:
            return super().correct(guess, row, rtol, near, known)
        except np.linalg.LinAlgError:
            return None

    def begin(self, walk: Walk) -> None:
        """Take the saddle of the first point for reference."""
        self._refer(walk.first)
        super().begin(walk)

    def adapt(self, walk: Walk) -> None:
        """Lay a new mesh, take the saddle of the new point for reference, and cut the orbit anew where that is due."""
        self._refer(walk.point)
        reach, point = self.reach(walk.point), walk.point
        super().adapt(walk)
        if not REACH**2 < reach < FARTHEST and min(self.saddle.rates) * point.u.period < MOST_PERIODS:
            self._cut(walk)

    def _refer(self, point: CyclePoint) -> None:
        if (now := self.saddle_at(point)) is not None:
            self.saddle, self.closing = now, SaddleConditions(self.family, now)

    def _cut(self, walk: Walk) -> None:
        point = walk.point
        guess = cut(point.u, self.saddle, REACH * point.u.amplitude, len(point.u.x))
        along = orbit_on(guess.mesh, point.t.at, 0.0, point.t.parameters)  # stretched in time like the orbit
        metric = Metric(point.metric.size, guess.period, self.widths)
        rows = [metric.row(along), length_row(guess)]
        found = correct(self.family, guess, rows, metric, closing=self.closing)
        if found is not None:
            walk.point = point_of(self.family, found.orbit, rows, metric, self.closing)

    def ending(self, walk: Walk) -> End | None:
        """Return the end where the saddle is about to vanish."""
        return self._end(walk) if min(self.saddle.rates) < WEAK * self.first else None

    def _end(self, walk: Walk) -> End | None:
        """A saddle-node where one rate vanishes, a Bogdanov-Takens point where both do."""
        low, high = sorted(self.saddle.rates)
        if low > FADING * self.first:
            return None
        if high > 3.0 * low:
            return walk.ended(EndKind.SNIC, "the saddle becomes a saddle-node")
        z = np.concatenate([self.saddle.x, walk.point.u.parameters])
        met = double_zero(self.family, z, SpecialKind.LP)
        if met is None or not (np.abs(met.u - z)[self.family.n :] < NEAR * self.widths).all():
            return walk.ended(EndKind.BOGDANOV_TAKENS, "the saddle's rates vanish, and the orbit shrinks")
        evidence: Any = {"z": met.u, "error": met.error}
        return End(EndKind.BOGDANOV_TAKENS, float(met.u[self.family.n]), str(SpecialKind.BT), evidence)

    def stop(self, walk: Walk, found: CyclePoint) -> None:
        """Return None: it ends at points."""

    def stalled(self, walk: Walk) -> End:
        """Return the end where no step leads on."""
        return self._end(walk) or walk.ended(EndKind.STALLED, "no step along the curve is short enough")

    def returned(self, walk: Walk, found: CyclePoint) -> None:
        """Return None: it is not closed."""
