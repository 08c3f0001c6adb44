"""Phase portraits: nullclines, fixed points, separatrices, cycles and trajectories of a plane."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import (
    Path,
    Plane,
    as_window,
    beyond_reset,
    box_around,
    constant_drive,
    deadline_in,
    follow,
    plane_of,
    require_system,
    restricted,
    slowest_time,
    without_noise,
)
from analysis.cycles import LimitCycle
from analysis.equilibria import FixedPoints, as_points_of, draw_starts, fixed_points, none_yet
from analysis.portraits.cycles_met import number_of
from analysis.portraits.nullcline_curves import Nullcline, nullclines, why_no_nullclines
from analysis.portraits.separatrices import SLOWEST, Separatrices, separatrix
from neurodynamics import DynamicalSystem, Kind, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_generator, as_size
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

PIECES = 40
TRAJECTORIES = 8
EDGE = 0.93  # of the half width of the box: where trajectories start
BESIDE = 1e-3  # of the box, or of a cycle: where trajectories away from a fixed point or a cycle of a plane start
MOST_CYCLES = 16  # around which others are sought


@dataclass(frozen=True, eq=False, repr=False)
class PhasePortrait(Record):
    """What a flow does, in a plane.

    Attributes
    ----------
    points : FixedPoints
    separatrices : Separatrices
    cycles : tuple of LimitCycle
        Cycles that trajectories and branches run into; of two states also backwards in time, so that repelling cycles
        are among them, which part the basins of attraction.
    trajectories : tuple of array, each (K, N)
    ends : tuple of str
        How each trajectory ended: "fixed point", "cycle", "leaves" or "undecided".
    nullclines : tuple of Nullcline
        Exact ones; in a plane of two of more neurons, those of these two with the others held. Empty where they are not
        known in closed form.
    plane : Plane
        In which all this is drawn: ``plane.project(states)`` gives its coordinates.
    status : Status
        Whether all of it was ready in time.
    """

    system: DynamicalSystem
    inputs: Floats
    points: FixedPoints
    separatrices: Separatrices
    cycles: tuple[LimitCycle, ...]
    trajectories: tuple[Floats, ...]
    ends: tuple[str, ...]
    nullclines: tuple[Nullcline, ...]
    plane: Plane
    status: Status = Status.SUCCESS

    plot = drawn("plot_phase_portrait", "Draw the portrait")

    def __repr__(self) -> str:
        return (f"PhasePortrait({self.points!r}, {len(self.separatrices)} branches, {len(self.cycles)} cycles, "
                f"{len(self.trajectories)} trajectories, {self.plane.name})")  # fmt: skip


def phase_portrait(
    system: DynamicalSystem,
    *,
    inputs: Any = None,
    points: FixedPoints | None = None,
    plane: Any = None,
    through: ArrayLike | None = None,
    box: ArrayLike | None = None,
    trajectories: int = TRAJECTORIES,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> PhasePortrait:
    """Put together a phase portrait: nullclines, directions, fixed points, separatrices, cycles, trajectories.

    Parameters
    ----------
    system : DynamicalSystem
        A flow of two or more states; its noise plays no part.
    inputs : array_like, shape (M,), optional
        Constants.
    points : FixedPoints, optional
        By default all that `fixed_points` finds.
    plane : (int, int) or "principal", optional
        For more than two states: the plane of two of them, or that of the two principal components of the fixed points
        and trajectories, which is the default. All that is found in N dimensions is projected to it; directions are those
        of the flow on the plane.
    through : array_like, shape (N,), optional
        A state in the plane of two neurons: where the others are held for nullclines and directions. By default the mean
        of what is drawn.
    box : array_like, shape (N, 2) or (2,), optional
        Rows (least, largest), one a state, or one for all: what is looked at; a row may have no extent, where all
        trajectories are to start. By default what trajectories of a network can reach; else see `find_attractors`.
    trajectories : int
        How many to draw.
    rng : Generator or int, optional
        For their starts, with more than two states; always the same by default.
    timeout : float, optional
        Seconds for the whole call; what is not ready then is left out.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what is ready as ``.result``, or returns it.

    Returns
    -------
    PhasePortrait
        Its ``.plot()`` draws it.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import phase_portrait
    >>> portrait = phase_portrait(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]))
    >>> round(portrait.cycles[0].period, 2)
    29.0
    """
    if require_system(system).kind != "flow":
        raise ValueError("`system` must be a flow: a map has no lines along which it moves.")
    n = system.state_dim
    if n < 2:
        raise ValueError(f"`system` must have at least 2 states; it has {n}. `fixed_points(system).plot()` draws one state.")
    drive = constant_drive(system, inputs)
    as_points_of(system, drive, points)
    count, seconds = as_size(trajectories, "trajectories"), as_timeout(timeout)
    as_generator(rng)
    window = as_window(box, n)
    plane_of(system, plane, through, np.tile([-1.0, 1.0], (n, 1)) if window is None else window, [np.zeros((3, n))])
    parts = _Parts(system, drive, points, window, plane, through, deadline_in(seconds))
    portrait: PhasePortrait = long_call(
        lambda: parts.run(count, rng), parts.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return portrait


class _Parts:
    """What of a portrait is ready."""

    _points: FixedPoints
    _box: Floats

    def __init__(self, system: DynamicalSystem, drive: Floats, points: FixedPoints | None, box: Floats | None, plane: Any,
                 through: Any, deadline: float | None) -> None:  # fmt: skip
        self.system, self.quiet, self.drive, self.points = system, without_noise(system), drive, points
        self.box, self.plane, self.through, self.deadline = box, plane, through, deadline
        self.branches: Separatrices | None = None
        self.paths: list[Path] = []
        self.cycles: list[LimitCycle] = []

    @property
    def left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - time.perf_counter())

    def run(self, count: int, rng: Any) -> PhasePortrait:
        try:
            self._find(count, rng)
            status = Status.TIMEOUT if self.left == 0.0 else Status.SUCCESS
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        return self.so_far(status, _nullclines)

    def _find(self, count: int, rng: Any) -> None:
        system, drive = self.system, self.drive
        if self.points is None:
            self.points = fixed_points(system, inputs=drive, timeout=self.left, rng=rng)
        points = self._points = self.points
        if self.box is None:
            self.box = box_around(system, drive, points.x, self.left)
        window, self._box = self.box, _with_extent(self.box)
        self.branches = separatrix(system, points, inputs=drive, box=self._box, timeout=self.left)
        self.cycles = list(self.branches.cycles)
        starts = _spread(system, drive, window, count, as_generator(rng))
        starts = starts[~beyond_reset(system, starts, drive)]
        unit = slowest_time(system, drive, np.concatenate([starts, points.x]))
        for start in starts:
            if self.left == 0.0:
                return
            self.paths.append(self._followed(start, 1.0, unit))
        for path in self.paths:
            self._add_cycle(path)
        if system.state_dim == 2:
            self._look_between(unit)

    def _followed(self, start: Floats, direction: float, unit: float) -> Path:
        points, box = self._points, self._box
        attracting = points.stable if direction > 0 else points.index == self.system.state_dim
        return follow(self.quiet, start, self.drive, direction=direction, points=points.x, attracting=attracting,
                      box=_wider(box), piece=2 * SLOWEST * unit, pieces=PIECES, deadline=self.deadline)

    def _add_cycle(self, path: Path) -> None:
        if path.loop is not None:
            number_of(path.loop, self.cycles, self.quiet, self.drive, self.deadline)

    def _look_between(self, unit: float) -> None:
        """Find the cycles around each node, focus and cycle of a plane: what repels attracts backwards in time."""
        points, size = self._points, np.ptp(self._box, axis=1)
        for x, index, stable in zip(points.x, points.index, points.stable, strict=True):
            if (stable or index == 2) and self.left != 0.0:
                self._add_cycle(self._followed(x + BESIDE * size, 1.0 if index else -1.0, unit))
        for number in range(MOST_CYCLES):
            if number >= len(self.cycles) or self.left == 0.0:
                return
            cycle = self.cycles[number]
            y, slope = cycle.y[:, 0], self.system.rhs(0.0, cycle.y[:, 0], self.drive) / size
            extent = float(np.ptp(cycle.y / size[:, np.newaxis], axis=1).max())
            across = extent * size * np.array([-slope[1], slope[0]]) / np.linalg.norm(slope)
            for side in (-BESIDE, BESIDE) if cycle.kind == Kind.LIMIT_CYCLE else ():
                self._add_cycle(self._followed(y + side * across, -1.0 if cycle.stable else 1.0, unit))

    def so_far(self, status: Status, curves: Callable[..., tuple[Nullcline, ...]] = lambda *_: ()) -> PhasePortrait:
        """Return a portrait of what is ready."""
        points = none_yet(self.system, self.drive, status) if self.points is None else self.points
        window = box_around(self.system, self.drive, points.x, 0.0) if self.box is None else self.box
        paths, cycles = list(self.paths), list(self.cycles)
        seen = [points.x, *(path.y for path in paths), *(cycle.y.T for cycle in cycles)]
        seen = seen if any(map(len, seen)) else [window.T]
        chosen = plane_of(self.system, self.plane, self.through, _with_extent(window), seen)
        branches = self.branches or Separatrices((), points, (), status)
        return PhasePortrait(
            self.system, self.drive, points, branches, tuple(cycles), tuple(path.y for path in paths),
            tuple(path.end for path in paths), curves(self.system, self.drive, chosen), chosen, status,
        )  # fmt: skip


def _with_extent(box: Floats) -> Floats:
    """Return a box in which rows without extent have that of the widest."""
    size = np.ptp(box, axis=1, keepdims=True)
    return np.where(size > 0, box, box + 0.5 * (size.max() or 1.0) * np.array([-1.0, 1.0]))


def _wider(box: Floats) -> Floats:
    return box + 0.5 * np.diff(box) * np.array([-1.0, 1.0])


def _spread(system: DynamicalSystem, drive: Floats, box: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Return starts (count, N): around the edge of the box in the plane, random ones in more dimensions."""
    if system.state_dim > 2:
        inside = draw_starts(system, drive, None if system.structure("additive") is not None else box, count, rng)
        return np.clip(inside, box[:, 0], box[:, 1])
    angle = 2 * np.pi * (np.arange(count) + 0.37) / max(count, 1)
    square = np.column_stack([np.cos(angle), np.sin(angle)])
    square *= EDGE / np.abs(square).max(axis=1, initial=1e-9, keepdims=True)
    return box.mean(axis=1) + 0.5 * square * np.ptp(box, axis=1)


def _nullclines(system: Any, drive: Floats, plane: Plane) -> tuple[Nullcline, ...]:
    if system.state_dim == 2:
        return nullclines(system, box=plane.box, inputs=drive)
    if plane.states is None or system.structure("additive") is None:
        return ()
    section = restricted(system, drive, plane)
    return () if why_no_nullclines(section) else nullclines(section, box=plane.box)
