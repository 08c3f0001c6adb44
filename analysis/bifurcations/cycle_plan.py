"""From a start to a branch of cycles."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.bifurcations.cycle_follow import Follower, both_ways
from analysis.bifurcations.cycle_forms import cycle_normal_form
from analysis.bifurcations.cycle_point import CyclePoint
from analysis.bifurcations.cycle_record import CycleBranch, branch_of
from analysis.bifurcations.cycle_special import end_point
from analysis.bifurcations.cycle_starts import from_branch_point, from_cycle, from_doubling, from_hopf
from analysis.bifurcations.cycle_walk import FIRST, Walk
from analysis.bifurcations.parameters import Parameter
from analysis.bifurcations.records import End, EndKind, NormalForm, Points, SpecialKind, SpecialPoint
from analysis.bifurcations.setting import Setting
from analysis.cycles import LimitCycle, limit_cycle
from neurodynamics import Status
from neurodynamics.progress import progress_bar
from neurodynamics.validation import Floats, as_floats

ACCURACY = 5 / 8  # states at the mesh points have errors of order 8, the polynomials between them of order 5
LONGEST_PERIOD = 100.0  # times the first period of the branch
FAILURES = {
    EndKind.INTERRUPTED: Status.INTERRUPTED, EndKind.TIMEOUT: Status.TIMEOUT, EndKind.BUDGET: Status.MAX_STEPS,
    EndKind.STALLED: Status.STEP_TOO_SMALL,
}  # fmt: skip


class _OutOfTime(Exception):
    """No cycle was found in time."""


@dataclass(frozen=True, eq=False)
class CyclePlan:
    """How a branch is followed."""

    setting: Setting
    step: float
    most: int
    intervals: int
    rtol: float
    max_period: float | None

    def follow(self, start: Any, progress: bool) -> CycleBranch:
        """Return the branch through a start."""
        try:
            first = self.first_point(start)
        except KeyboardInterrupt:
            return self._without_points(EndKind.INTERRUPTED, "interrupted before the first cycle was found")
        except _OutOfTime:
            return self._without_points(EndKind.TIMEOUT, "`timeout` was used up before the first cycle was found")
        born = isinstance(start, SpecialPoint)
        bar = progress_bar(self.most) if progress else None
        try:
            followers = both_ways(self.setting.family, first, lambda point: self._follower(point, bar), 1 if born else 2)
        finally:
            if bar is not None:
                bar.close()
        return self._joined(followers, self._origin(start) if born else None)

    def _without_points(self, kind: EndKind, message: str) -> CycleBranch:
        end = End(kind, np.nan, message)
        return branch_of(self.setting.family, self.setting.bounds[0], [], Points(), (end, end), FAILURES[kind])

    def first_point(self, start: Any) -> CyclePoint:
        """Return the first cycle, or raise ValueError."""
        family, widths = self.setting.family, np.diff(self.setting.bounds, axis=1)[:, 0]
        if isinstance(start, SpecialPoint):
            if start.kind == SpecialKind.H:
                l1 = start.normal_form["l1"] if start.normal_form is not None else np.nan
                return from_hopf(family, start.x, self._value_of(start), widths, self.intervals, l1)
            if start.kind == SpecialKind.PD and "point" in start.data:
                return from_doubling(family, start)
            if start.kind == SpecialKind.BP and "point" in start.data:
                return from_branch_point(family, start)
            raise ValueError(f"`start` must be a Hopf point, a period doubling or a branch point of cycles, a cycle or a "
                             f"state; got a {start.kind.words}.")  # fmt: skip
        value = self._value_of(start if isinstance(start, LimitCycle) else None)
        cycle = start if isinstance(start, LimitCycle) else self._cycle_from(as_floats(start, "start"), float(value[0]))
        if cycle.status == Status.TIMEOUT:
            raise _OutOfTime
        if not cycle.success:
            raise ValueError(f"`start` is no cycle: {cycle.message}")
        return from_cycle(family, cycle, value, widths, self.intervals)

    def _cycle_from(self, state: Floats, value: float) -> LimitCycle:
        system, drive = self.setting.family.at(np.append(np.zeros(self.setting.family.n), value))
        deadline = self.setting.clock.deadline
        left = None if deadline is None else max(0.0, deadline - time.perf_counter())
        try:
            return limit_cycle(system, state, inputs=drive, timeout=left)
        except ValueError as error:
            raise ValueError(str(error).replace("`y0`", "`start`").replace("y0", "it")) from error

    def _value_of(self, start: SpecialPoint | LimitCycle | None) -> Floats:
        parameter, ends = self.setting.family.parameters[0], self.setting.bounds[0]
        value = start.parameters.get(parameter.name) if isinstance(start, SpecialPoint) else None
        if isinstance(start, LimitCycle) and start.system.param_dim == parameter.direction.size:
            value = _value_in(start.system.params, start.inputs, parameter)
        value = parameter.value if value is None else value
        if value is None:
            raise ValueError(f"`start` needs a value of {parameter.name!r}, but the entries of the system are not in its "
                             "ratios; set them with with_params.")  # fmt: skip
        if not ends[0] <= value <= ends[1]:
            raise ValueError(f"`start` is at {parameter.name} = {value:g}, outside `bounds` = ({ends[0]:g}, {ends[1]:g}).")
        return np.array([value])

    def _follower(self, point: CyclePoint, bar: Any) -> Follower:
        walk = Walk(self.setting.family, [point], min(FIRST, self.step), self.step, self.intervals, self.rtol**ACCURACY)
        limit = LONGEST_PERIOD * point.orbit.period if self.max_period is None else self.max_period
        return Follower(walk, self.setting.bounds[0], self.most, limit, self.setting.clock, bar)

    def _origin(self, start: SpecialPoint) -> End:
        kinds = {SpecialKind.H: EndKind.HOPF, SpecialKind.PD: EndKind.PERIOD_DOUBLING}
        return End(kinds.get(start.kind, EndKind.BRANCH_POINT), start.value, f"the branch begins at {start.label}")

    def _form(self, point: SpecialPoint) -> NormalForm | None:
        return cycle_normal_form(point) if self.setting.normal_forms and not self.setting.clock.over else None

    def _at_end(self, end: End, point: CyclePoint) -> list[SpecialPoint]:
        """The special point at an end with an orbit of infinite period."""
        kinds = {EndKind.HOMOCLINIC: SpecialKind.HOM, EndKind.SNIC: SpecialKind.SNIC}
        return [end_point(self.setting.family, kinds[end.kind], end, point)] if end.kind in kinds else []

    def _joined(self, followers: list[Follower], origin: End | None) -> CycleBranch:
        forward = followers[0]
        points, special = list(forward.path), list(forward.special)
        last = forward.end or End(EndKind.INTERRUPTED, points[-1].value)
        begin = origin or (last if last.kind == EndKind.CLOSED else End(EndKind.INTERRUPTED, points[0].value))
        if len(followers) == 2:
            back = followers[1]
            points, special = back.path[:0:-1] + points, back.special[::-1] + special
            begin = back.end or begin
        special = self._at_end(begin, points[0]) + special + self._at_end(last, points[-1])
        kinds = [begin.kind, last.kind]
        status = next((status for kind, status in FAILURES.items() if kind in kinds), Status.SUCCESS)
        setting = self.setting
        known = {"bounds": setting.bounds[0], "options": {"intervals": self.intervals, "rtol": self.rtol}}
        special = [replace(point, data={**point.data, **known}, normal_form=self._form(point)) for point in special]
        return branch_of(setting.family, setting.bounds[0], points, Points.numbered(special), (begin, last), status)


def _value_in(params: Floats, drive: Floats, parameter: Parameter) -> float | None:
    """The value of a parameter in a system, None where its entries are not in the ratios of its direction."""
    now, direction = np.append(params, drive), np.append(parameter.direction, parameter.drive_direction)
    ratios = now[direction != 0] / direction[direction != 0]
    return float(ratios[0]) if np.allclose(ratios, ratios[0], rtol=1e-12, atol=0) else None
