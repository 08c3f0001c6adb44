"""Regions of a plane of two parameters by the number of equilibria that attract, proved, and of attracting cycles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from analysis.bifurcations.continuation import Clock
from analysis.bifurcations.curve_record import BifurcationCurve
from analysis.bifurcations.family import Family
from analysis.bifurcations.parameters import plane_of, system_at, two_parameters
from analysis.bifurcations.planes.attracting_cycles import add_curves, attracting_cycles
from analysis.bifurcations.planes.closed_form_sets import BifurcationSets, closed_sets
from analysis.bifurcations.planes.reading_off import Plane, why_no_closed_form
from analysis.bifurcations.records import Points
from analysis.bifurcations.setting import checked_drive
from analysis.equilibria import FixedPoints, fixed_points
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_number, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

FINE, COARSE = 200, 24  # values of each parameter with and without closed forms
WITNESSES = 3  # cells of a region that must agree
UNKNOWN = -1
NEAR = 3  # cells: both sides of a curve


@dataclass(frozen=True, eq=False, repr=False)
class BifurcationChart(Record):
    """How many equilibria there are, and how many attract, over a plane of two parameters.

    Attributes
    ----------
    parameters : tuple of str
    bounds : array, shape (2, 2)
    first, second : arrays, shape (A,), (B,)
        Values of the parameters at the centres of the cells.
    attractors : array of int, shape (B, A)
        Attracting equilibria; 0: whatever attracts oscillates. -1 where it is not known.
    equilibria : array of int, shape (B, A)
        All of them.
    proved : array of bool, shape (B, A)
        Where the numbers are proved: by the search in that cell, or by one in the same region of the closed forms.
    cycles : array of int, shape (B, A)
        Attracting cycles, where they were asked for and the portraits of a region agree, else -1: found, not proved.
    sets : BifurcationSets or None
        Folds and Hopf points in closed form, for two neurons.
    curves : tuple of BifurcationCurve
        Folds of cycles and homoclinic orbits, where cycles were asked for.
    points : Points
        Of codimension two.
    searches : int
        Cells that were searched.
    status : Status
    """

    parameters: tuple[str, str]
    bounds: Floats
    first: Floats
    second: Floats
    attractors: np.ndarray
    equilibria: np.ndarray
    proved: np.ndarray
    cycles: np.ndarray
    sets: BifurcationSets | None
    curves: tuple[BifurcationCurve, ...]
    points: Points
    searches: int
    status: Status
    family: Family

    @property
    def complete(self) -> bool:
        """Whether the numbers are proved in all cells."""
        return bool(self.proved.all())

    @property
    def oscillates(self) -> np.ndarray:
        """Where a cycle attracts, shape (B, A): of two neurons one does by proof where no equilibrium does."""
        alone = self.proved & (self.attractors == 0) & (self.family.n == 2) & (self.sets is not None)
        return alone | (self.cycles > 0)

    def at(self, first: float, second: float, **options: Any) -> Any:
        """Return the phase portrait at a point of the plane; see :func:`analysis.phase_portrait`."""
        from analysis.portraits import phase_portrait

        place = [as_number(first, "first"), as_number(second, "second")]
        system, drive = system_at(self.family.system, self.family.parameters, place)
        return phase_portrait(system, inputs=drive, **options)

    plot = drawn("plot_bifurcation_chart", "Draw the chart")

    def __repr__(self) -> str:
        counts = sorted(set(self.attractors.ravel().tolist()) - {UNKNOWN})
        return (f"BifurcationChart({', '.join(self.parameters)}, {len(self.first)} x {len(self.second)} cells, attracting "
                f"equilibria: {', '.join(map(str, counts))}; proved in {self.proved.mean():.1%})")  # fmt: skip


def bifurcation_chart(
    system: DynamicalSystem,
    parameters: Any,
    bounds: ArrayLike,
    *,
    inputs: Any = None,
    resolution: int | None = None,
    cycles: bool = False,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> BifurcationChart:
    """Count the equilibria, and those that attract, over a plane of two parameters.

    For two neurons and their biases or inputs all folds and Hopf points are known in closed form. They cut the plane into
    regions in which the numbers are constant; each is searched with proof at some cells, and so is every cell that a curve
    crosses. Elsewhere all cells are searched.

    Parameters
    ----------
    system : DynamicalSystem
    parameters : pair of str or dict
    bounds : array_like, shape (2, 2)
        Least and largest value of each.
    inputs : array_like, shape (M,), optional
    resolution : int, optional
        Cells along each parameter: 200 by default with closed forms, 24 without.
    cycles : bool
        Whether to count attracting cycles too, of two neurons with closed forms: the curves of folds of cycles and of
        homoclinic orbits are followed, some seconds each, and regions between all curves have their phase portraits taken.
    timeout : float, optional
        Seconds; cells that were not searched until then are unknown.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    BifurcationChart

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import bifurcation_chart
    >>> chart = bifurcation_chart(CTRNN([[6, 1], [1, 6]]), ("biases[0]", "biases[1]"), [(-6, -1), (-6, -1)], resolution=20)
    >>> chart.complete, int(chart.attractors.max())
    (True, 3)
    """
    drive = checked_drive(system, inputs)
    pair = two_parameters(system, parameters, drive)
    within = plane_of(system, pair, bounds)
    plane = Plane.of(system, pair, drive)
    family = Family(system, pair, drive)
    closed = not why_no_closed_form(system, plane)
    size = (FINE if closed else COARSE) if resolution is None else as_count(resolution, "resolution", minimum=2)
    require_room(4 * size**2, "resolution")
    clock = Clock(as_timeout(timeout))
    if cycles and not closed:
        raise ValueError(f"`cycles` cannot be counted here: {why_no_closed_form(system, plane)}.")
    counting = _Count(family, within, size, clock, cycles)
    counting.bar = progress_bar(size * size) if progress else None

    def work() -> BifurcationChart:
        counting.sets = closed_sets(family, plane, within, 0.5 / size) if closed else None  # type: ignore[arg-type]
        return counting.run()

    chart: BifurcationChart = long_call(
        work, counting.so_far, timeout=clock.timeout, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return chart


class _Count:
    """One call, with its arguments checked."""

    def __init__(self, family: Family, bounds: Floats, size: int, clock: Clock, with_cycles: bool) -> None:
        self.family, self.bounds, self.size, self.clock, self.with_cycles = family, bounds, size, clock, with_cycles
        self.curves: list[BifurcationCurve] = []
        self.sets: BifurcationSets | None = None
        self.edges = [np.linspace(low, high, size + 1) for low, high in bounds]
        self.centres = [0.5 * (edge[1:] + edge[:-1]) for edge in self.edges]
        self.attractors = np.full((size, size), UNKNOWN)
        self.equilibria = np.full((size, size), UNKNOWN)
        self.proved = np.zeros((size, size), dtype=bool)
        self.cycles = np.full((size, size), UNKNOWN)
        self.searches = 0
        self.bar: Any = None

    def run(self) -> BifurcationChart:
        """Count, and keep what is there when the time is up or the user interrupts."""
        status = Status.SUCCESS
        try:
            for cells in self._regions([] if self.sets is None else [*self.sets.folds, *self.sets.hopf]):
                self._region(cells)
            for row, column in np.argwhere(self.attractors == UNKNOWN):
                if self.clock.over:
                    break
                self._search(int(row), int(column))
            if self.with_cycles and self.sets is not None:
                self._count_cycles(self.sets)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        if self.bar is not None:
            self.bar.close()
        if self.clock.over and status == Status.SUCCESS:
            status = Status.TIMEOUT
        return self.so_far(status)

    def so_far(self, status: Status) -> BifurcationChart:
        """Return what is counted by now."""
        names = self.family.parameters[0].name, self.family.parameters[1].name
        first, second = self.centres
        return BifurcationChart(names, self.bounds, first, second, self.attractors.copy(), self.equilibria.copy(),
                                self.proved.copy(), self.cycles.copy(), self.sets, tuple(self.curves),
                                Points() if self.sets is None else self.sets.points, self.searches, status,
                                self.family)  # fmt: skip

    def _regions(self, curves: list[Any]) -> Iterator[np.ndarray]:
        """The cells of each region between curves, while there is time; none without curves."""
        regions, count = ndimage.label(~self._crossed(curves)) if curves else (np.empty(0), 0)
        for region in range(1, count + 1):
            if not self.clock.over:
                yield regions == region

    def _crossed(self, curves: list[Any]) -> np.ndarray:
        """Cells near which a curve passes."""
        out = np.zeros((self.size, self.size), dtype=bool)
        cell = (self.bounds[:, 1] - self.bounds[:, 0]) / self.size
        for arc in curves:
            places = (arc.values - self.bounds[:, 0]) / cell
            for a, b in zip(places[:-1], places[1:], strict=True):
                ends = np.array([a, b])
                if (ends.max(axis=0) < -1).any() or (ends.min(axis=0) > self.size + 1).any():
                    continue
                steps = int(min(4 * self.size, 2 + 3 * np.abs(b - a).max()))
                line = np.floor(a + np.linspace(0, 1, steps)[:, np.newaxis] * (b - a)).astype(int)
                inside = line[((line >= 0) & (line < self.size)).all(axis=1)]
                out[inside[:, 1], inside[:, 0]] = True
        return ndimage.binary_dilation(out, iterations=1)

    def _count_cycles(self, sets: BifurcationSets) -> None:
        """Count attracting cycles at a few cells of each region between all curves, and take the others for the same."""
        add_curves(self.curves, sets, self.bounds, self.clock)
        for cells in self._regions([*sets.folds, *sets.hopf, *self.curves]):
            counts = {attracting_cycles(*self._found(row, column)) for row, column in _witnesses(cells)}
            self.cycles[cells] = counts.pop() if len(counts) == 1 else UNKNOWN
        at_folds = self._crossed([*sets.folds]) & ~self._crossed([*sets.hopf, *self.curves])
        for row, column in np.argwhere(at_folds & (self.cycles < 0)):
            self._take_from_its_side(int(row), int(column))

    def _take_from_its_side(self, row: int, column: int) -> None:
        """Count cycles in a cell beside a fold as in the cells nearby that have the same equilibria, on this side of it."""
        near = np.s_[max(0, row - NEAR) : row + NEAR + 1, max(0, column - NEAR) : column + NEAR + 1]
        same = (self.attractors[near] == self.attractors[row, column]) & (self.cycles[near] >= 0)
        same &= self.equilibria[near] == self.equilibria[row, column]
        counts = set(self.cycles[near][same].tolist())
        if len(counts) == 1 and self.proved[row, column]:
            self.cycles[row, column] = counts.pop()

    def _found(self, row: int, column: int) -> tuple[DynamicalSystem, Floats, FixedPoints]:
        """The system in a cell, its inputs, and its fixed points."""
        values = [float(self.centres[0][column]), float(self.centres[1][row])]
        system, drive = system_at(self.family.system, self.family.parameters, values)
        return system, drive, fixed_points(system, inputs=drive, rng=0)

    def _region(self, cells: np.ndarray) -> None:
        """Search a few cells of a region, the innermost first, and take the others for the same where these agree."""
        counts = {self._search(row, column) for row, column in _witnesses(cells)}
        if len(counts) == 1 and (only := counts.pop()) is not None:
            self.attractors[cells], self.equilibria[cells] = only
            self.proved[cells] = True

    def _search(self, row: int, column: int) -> tuple[int, int] | None:
        """Count in one cell; None where that is not proved."""
        if self.clock.over:
            return None
        _, _, found = self._found(row, column)
        self.searches += 1
        if self.bar is not None:
            self.bar.update(int((self.attractors != UNKNOWN).sum()) - self.bar.n)
        self.attractors[row, column], self.equilibria[row, column] = int(found.stable.sum()), len(found)
        self.proved[row, column] = found.complete and bool(found.index_certified.all())
        return (int(found.stable.sum()), len(found)) if self.proved[row, column] else None


def _witnesses(cells: np.ndarray) -> list[tuple[int, int]]:
    """A few cells of a region, the innermost first."""
    depth = ndimage.distance_transform_edt(np.pad(cells, 1))[1:-1, 1:-1] * cells
    members, (row, column) = np.argwhere(cells), np.unravel_index(int(np.argmax(depth)), depth.shape)
    others = members[np.linspace(0, len(members) - 1, WITNESSES - 1).astype(int)]
    return [(int(row), int(column)), *((int(row), int(column)) for row, column in others)]
