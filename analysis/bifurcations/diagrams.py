"""Everything that happens over one parameter: branches, cycles, special points; complete where that is proved."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.cycles.branches import cycle_branch
from analysis.bifurcations.equilibria import Equilibria
from analysis.bifurcations.family import Family
from analysis.bifurcations.parameters import system_at
from analysis.bifurcations.point_branches import FixedPointBranch, crossing, doubled, follow
from analysis.bifurcations.records import EndKind, Points, SpecialKind, SpecialPoint, Verdict
from analysis.bifurcations.setting import Setting, start_from
from analysis.bifurcations.stretches import Stretch, stretches, why_no_stretches
from analysis.cycles import limit_cycle
from analysis.equilibria import FixedPoints, fixed_points
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_number
from neurodynamics.watched import long_call

SECTIONS = 32
SAME = 1e-6  # relative distance of states that are one
FLAT = 1e-2  # relative: where several eigenvalues vanish, or c does, curves are flat and points inexact
BP = SpecialKind.BP
BESIDE = SpecialKind.BP, SpecialKind.LP, SpecialKind.UNDECIDED
AT_HOPF = 1e-4  # of the width: an end of a branch of cycles belongs to a Hopf point as near as that


@dataclass(frozen=True, eq=False, repr=False)
class BifurcationDiagram(Record):
    """Branches of equilibria and cycles over a parameter.

    Attributes
    ----------
    parameter : str
    bounds : array, shape (2,)
    branches : tuple of FixedPointBranch
    cycles : tuple of CycleBranch
    points : Points
        All special points of the branches of equilibria, then those of cycles, numbered through.
    sections : array, shape (S,)
        Values at which all fixed points were sought.
    proved : array of bool, shape (S,)
        Where it is proved that there are no others than those on the branches.
    stretches : array, shape (M, 2)
        Intervals of the parameter at all of whose values that is proved: none of them holds a fold.
    complete : bool
        Whether it is so at all sections: a branch that is missing would have to lie in one of the `gaps`.
    reason : str
        Why it is not complete.
    status : Status
    """

    parameter: str
    bounds: Floats
    branches: tuple[FixedPointBranch, ...]
    cycles: tuple[Any, ...]
    points: Points
    sections: Floats
    proved: np.ndarray
    stretches: Floats
    complete: bool
    reason: str
    status: Status
    family: Family = field(repr=False)

    @property
    def gaps(self) -> Floats:
        """Intervals (K, 2) between the bounds at which nothing is proved; most hold a fold."""
        ends = np.concatenate([[self.bounds[0]], self.stretches.ravel(), [self.bounds[1]]]).reshape(-1, 2)
        return ends[ends[:, 1] > ends[:, 0]]

    @property
    def coverage(self) -> float:
        """The share of the interval at which it is proved that there are no other equilibria."""
        return float(1.0 - np.diff(self.gaps, axis=1).sum() / (self.bounds[1] - self.bounds[0]))

    def at(self, value: float, **options: Any) -> Any:
        """Return the phase portrait at a value of the parameter; see :func:`analysis.phase_portrait`."""
        from analysis.portraits import phase_portrait

        system, drive = system_at(self.family.system, self.family.parameters, [as_number(value, "value")])
        return phase_portrait(system, inputs=drive, **options)

    def fixed_points_at(self, value: float) -> Floats:
        """Return the states (K, N) of all branches at a value of the parameter."""
        rows = [branch.at(value) for branch in self.branches if branch.family.period == self.family.period]
        return np.concatenate(rows) if rows else np.empty((0, self.family.n))

    plot = drawn("plot_bifurcation_diagram", "Draw the diagram")

    def __repr__(self) -> str:
        state = "complete at all sections" if self.complete else f"incomplete: {self.reason}"
        state += f", and over {self.coverage:.3%} of the interval" if len(self.stretches) else ""
        labels = ", ".join(self.points.labels) or "no special points"
        return (f"BifurcationDiagram({self.parameter} {self.bounds[0]:g} .. {self.bounds[1]:g}, "
                f"{len(self.branches)} branches, {len(self.cycles)} of cycles; {labels}; {state})")  # fmt: skip


def bifurcation_diagram(
    system: DynamicalSystem,
    parameter: Any,
    bounds: ArrayLike,
    *,
    inputs: Any = None,
    period: int = 1,
    sections: int = SECTIONS,
    cycles: bool = True,
    step: float | None = None,
    max_points: int | None = None,
    rtol: float | None = None,
    normal_forms: bool = True,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> BifurcationDiagram:
    """Find all equilibria over a parameter, their bifurcations, and the cycles that are born there.

    At sections of the interval all fixed points are found, for additive networks with proof. Every point is matched to a
    branch; those that have none are continued. So disconnected branches and isolas that reach a section cannot be missed. Of
    additive networks also the stretches between sections are searched with proof, but for small gaps around folds.

    Parameters
    ----------
    system, parameter, bounds, inputs, period, step, max_points, rtol, normal_forms
        As for :func:`fixed_point_branch`.
    sections : int
        At how many values all fixed points are sought.
    cycles : bool
        Whether to follow cycles of a flow: from Hopf points, and from where no fixed point is stable; of a map, orbits of
        twice the period from period doublings, which join `branches`.
    timeout : float, optional
        Seconds for the whole call; what was found until then is returned.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    BifurcationDiagram

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import bifurcation_diagram
    >>> diagram = bifurcation_diagram(CTRNN([[6, 1], [1, 8]], biases=[0, -4.5]), "biases[0]", (-6, -1))
    >>> len(diagram.branches), diagram.complete
    (3, True)
    """
    setting = Setting.of(system, [parameter], [bounds], inputs, period, step, max_points, rtol, normal_forms, timeout,
                         on_interrupt)  # fmt: skip
    search = _Search(setting, as_count(sections, "sections", minimum=2), bool(cycles))
    search.bar = progress_bar(sections) if progress else None
    diagram: BifurcationDiagram = long_call(
        search.run, search.so_far, timeout=setting.clock.timeout, on_interrupt=on_interrupt
    )
    return diagram


class _Search:
    """One call, with its arguments checked."""

    def __init__(self, setting: Setting, sections: int, cycles: bool) -> None:
        self.setting, self.family, self.bounds = setting, setting.family, setting.bounds[0]
        self.problem = Equilibria(self.family, self.bounds)
        self.sections = np.linspace(self.bounds[0], self.bounds[1], sections)
        self.found: list[FixedPoints | None] = [None] * sections
        self.matched = np.zeros(sections, dtype=bool)
        self.proved: list[Stretch] = []
        self.known: tuple[float, int, Floats] = (np.nan, 0, np.empty((0, self.family.n)))
        self.branches: list[FixedPointBranch] = []
        self.crossed: list[SpecialPoint] = []  # branch points whose branches are followed
        self.cycles: list[Any] = []
        self.with_cycles = cycles
        self.reason = ""
        self.bar: Any = None

    def run(self) -> BifurcationDiagram:
        """Search, and keep what is there when the time is up or the user interrupts."""
        status = Status.SUCCESS
        try:
            self._equilibria()
            if self.with_cycles:
                self._doubled() if self.family.is_map else self._cycles()
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        if self.bar is not None:
            self.bar.close()
        over = self.setting.clock.over or any(each.status == Status.TIMEOUT for each in (*self.branches, *self.cycles))
        return self._diagram(Status.TIMEOUT if over and status == Status.SUCCESS else status)

    def so_far(self, status: Status) -> BifurcationDiagram:
        """Return what there is while the search goes on."""
        twin = copy.copy(self)
        twin.branches, twin.cycles, twin.matched = list(self.branches), list(self.cycles), self.matched.copy()
        return twin._diagram(status)

    # Equilibria ---------------------------------------------------------------------------------------------------------

    def _equilibria(self) -> None:
        for k, value in enumerate(self.sections):
            if self.setting.clock.over:
                return
            system, drive = system_at(self.family.system, self.family.parameters, [float(value)])
            found = self.found[k] = fixed_points(system, inputs=drive, period=self.family.period, rng=0,
                                                 timeout=self.setting.clock.left)  # fmt: skip
            if self.bar is not None:
                self.bar.update(1)
            self.matched[k] = all([self._on_a_branch(x, float(value)) for x in found.x])
        if not why_no_stretches(self.family):
            self._between_sections()

    def _between_sections(self) -> None:
        """Prove stretches; on those that begin at a matched section, or where another ends, branches go on."""
        for k, (a, b) in enumerate(zip(self.sections[:-1], self.sections[1:], strict=True)):
            found = self.found[k]
            reached = float(a) if found is not None and found.complete and self.matched[k] else np.nan
            for each in stretches(self.family, float(a), float(b), self.setting.clock):
                if each.low == reached or all([self._on_a_branch(x, 0.5 * (each.low + each.high)) for x in each.x]):
                    self.proved.append(each)
                    reached = each.high

    def _on_a_branch(self, x: Floats, value: float) -> bool:
        """Match a point to a branch; where there is none, follow the one through it, and those that cross that."""
        if self._is_known(x, value):
            return True
        first = start_from(self.problem, np.append(x, value), self.setting.pace.rtol)
        if first is None or self._is_known(first.u[:-1], value):
            return first is not None
        self._add(follow(self.problem, first, self.setting))
        return self._is_known(x, value)

    def _is_known(self, x: Floats, value: float) -> bool:
        if self.known[:2] != (value, len(self.branches)):
            rows = [branch.at(value) for branch in self.branches]
            self.known = value, len(rows), np.concatenate([np.empty((0, self.family.n)), *rows])
        size = SAME * max(1.0, float(np.abs(x).max(initial=0.0)))
        return bool((np.abs(self.known[2] - x).max(axis=1, initial=0.0) <= size).any())

    def _add(self, branch: FixedPointBranch) -> None:
        self.branches.append(branch)
        for point in branch.points.of_kind("BP"):
            if any(_is_same(point, other) for other in self.crossed):
                continue
            self.crossed.append(point)
            for first in crossing(point, self.setting):
                if self.setting.clock.over or self._is_known(first.u[:-1], first.u[-1]):
                    continue
                found = follow(self.problem, first, self.setting)
                inner = len(found) // 3, 2 * len(found) // 3  # near a flat branch point states of branches are hardly apart
                if not all(self._is_known(found.x[k], float(found.values[k])) for k in inner):
                    self._add(found)

    # Cycles -------------------------------------------------------------------------------------------------------------

    def _doubled(self) -> None:
        """Follow the orbits of twice the period that are born at period doublings of a map."""
        for branch in tuple(self.branches):
            for point in branch.points.of_kind("PD"):
                if not self.setting.clock.over:
                    self.branches.append(doubled(point, self.setting))

    def _cycles(self) -> None:
        for branch in self.branches:
            for point in branch.points.of_kind("H"):
                if not self.setting.clock.over and not self._ends_at(point):
                    self._follow_cycle(self.family.system, point)
        for k, value in enumerate(self.sections):
            found = self.found[k]
            if self.setting.clock.over or found is None or len(found) == 0:
                return
            if found.stable.any() or self._passes(float(value)):
                continue
            system, drive = system_at(self.family.system, self.family.parameters, [float(value)])
            if system.structure("additive") is None:
                continue
            cycle = limit_cycle(system, found.x[0] + 0.1, inputs=drive)
            if cycle.success:
                self._follow_cycle(system, cycle)

    def _follow_cycle(self, system: DynamicalSystem, start: Any) -> None:
        try:
            found = cycle_branch(system, self.family.parameters[0], self.bounds, start=start, inputs=self.family.drive,
                                 timeout=self.setting.clock.left, on_interrupt="return")  # fmt: skip
            self.cycles.append(found)
        except ValueError as error:  # it was lost: the equilibria are complete all the same
            self.reason = self.reason or f"a cycle was not followed: {error}"

    def _ends_at(self, point: SpecialPoint) -> bool:
        near = AT_HOPF * float(self.bounds[1] - self.bounds[0])
        ends = [end for branch in self.cycles for end in branch.ends if end.kind == EndKind.HOPF]
        return any(abs(end.value - point.value) <= near for end in ends)

    def _passes(self, value: float) -> bool:
        return any(branch.values.min() <= value <= branch.values.max() for branch in self.cycles if len(branch.values))

    # Result -------------------------------------------------------------------------------------------------------------

    def _diagram(self, status: Status) -> BifurcationDiagram:
        complete = [found is not None and found.complete for found in self.found]
        proved = self.matched & np.array(complete)
        points = _once([point for branch in (*self.branches, *self.cycles) for point in branch.points])
        return BifurcationDiagram(
            self.family.parameters[0].name, self.bounds, tuple(self.branches), tuple(self.cycles), Points.numbered(points),
            self.sections, proved, _joined(self.proved), bool(proved.all()), self._why(complete, status), status,
            self.family,
        )  # fmt: skip

    def _why(self, complete: list[bool], status: Status) -> str:
        for k, found in enumerate(self.found):
            at = f"at {self.family.parameters[0].name} = {self.sections[k]:g}"
            if found is None:
                return f"{status.name.lower()} before the section {at}"
            if not found.complete:
                return f"{at} {found.reason}"
            if not self.matched[k]:
                late = status != Status.SUCCESS
                return f"{status.name.lower()} before the branches {at}" if late else f"a fixed point {at} lies on no branch"
        return self.reason


def _once(points: list[SpecialPoint]) -> list[SpecialPoint]:
    """Leave out what another branch through the same point has said of it already."""
    out: list[SpecialPoint] = []
    for point in points:
        if not any(_is_same(point, other) for other in out):
            out.append(point)
    return out


def _is_same(point: SpecialPoint, other: SpecialPoint) -> bool:
    """Whether two points are one; so are folds and undecided ones beside a degenerate one."""
    if other.kind != BP or point.kind not in BESIDE or other.data["z"].shape != point.data["z"].shape:
        return False
    flat = "kernel" in other.message or (other.normal_form is not None and other.normal_form.verdict == Verdict.DEGENERATE)
    near = FLAT if flat else SAME if point.kind == BP else 0.0
    z, w = point.data["z"], other.data["z"]
    return bool(np.abs(z - w).max() <= near * max(1.0, float(np.abs(w).max())))


def _joined(parts: list[Stretch]) -> Floats:
    """The union of intervals that follow each other."""
    out: list[list[float]] = []
    for part in parts:
        if out and out[-1][1] == part.low:
            out[-1][1] = part.high
        else:
            out.append([part.low, part.high])
    return np.array(out).reshape(-1, 2)
