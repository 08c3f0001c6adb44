"""Regions of a plane of two parameters by the number of equilibria that attract, proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from analysis.bifurcations.continuation import Clock
from analysis.bifurcations.family import Family
from analysis.bifurcations.parameters import plane_of, system_at, two_parameters
from analysis.bifurcations.planes.closed_form_sets import BifurcationSets, closed_sets
from analysis.bifurcations.planes.reading_off import Plane, why_no_closed_form
from analysis.bifurcations.records import Points
from analysis.bifurcations.setting import checked_drive
from analysis.equilibria import fixed_points
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.validation import Floats, as_count, as_number, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

FINE, COARSE = 200, 24  # values of each parameter with and without closed forms
WITNESSES = 3  # cells of a region that must agree
UNKNOWN = -1


@dataclass(frozen=True, eq=False, repr=False)
class BifurcationChart:
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
    sets : BifurcationSets or None
        Folds and Hopf points in closed form, for two neurons.
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
    sets: BifurcationSets | None
    points: Points
    searches: int
    status: Status
    family: Family

    @property
    def complete(self) -> bool:
        """Whether the numbers are proved in all cells."""
        return bool(self.proved.all())

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
    counting = _Count(family, within, size, clock)
    counting.bar = progress_bar(size * size) if progress else None

    def work() -> BifurcationChart:
        counting.sets = closed_sets(family, plane, within) if closed else None  # type: ignore[arg-type]
        return counting.run()

    chart: BifurcationChart = long_call(
        work, counting.so_far, timeout=clock.timeout, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return chart


class _Count:
    """One call, with its arguments checked."""

    def __init__(self, family: Family, bounds: Floats, size: int, clock: Clock) -> None:
        self.family, self.bounds, self.size, self.clock = family, bounds, size, clock
        self.sets: BifurcationSets | None = None
        self.edges = [np.linspace(low, high, size + 1) for low, high in bounds]
        self.centres = [0.5 * (edge[1:] + edge[:-1]) for edge in self.edges]
        self.attractors = np.full((size, size), UNKNOWN)
        self.equilibria = np.full((size, size), UNKNOWN)
        self.proved = np.zeros((size, size), dtype=bool)
        self.searches = 0
        self.bar: Any = None

    def run(self) -> BifurcationChart:
        """Count, and keep what is there when the time is up or the user interrupts."""
        status = Status.SUCCESS
        try:
            crossed = np.ones((self.size, self.size), dtype=bool) if self.sets is None else self._crossed()
            regions, count = ndimage.label(~crossed)
            for region in range(1, count + 1):
                if not self.clock.over:
                    self._region(regions == region)
            for row, column in np.argwhere(self.attractors == UNKNOWN):
                if self.clock.over:
                    break
                self._search(int(row), int(column))
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
                                self.proved.copy(), self.sets,
                                Points() if self.sets is None else self.sets.points, self.searches, status,
                                self.family)  # fmt: skip

    def _crossed(self) -> np.ndarray:
        """Cells near which a curve passes."""
        assert self.sets is not None
        out = np.zeros((self.size, self.size), dtype=bool)
        cell = (self.bounds[:, 1] - self.bounds[:, 0]) / self.size
        for arc in (*self.sets.folds, *self.sets.hopf):
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

    def _region(self, cells: np.ndarray) -> None:
        """Search a few cells of a region, the innermost first, and take the others for the same where these agree."""
        depth = ndimage.distance_transform_edt(np.pad(cells, 1))[1:-1, 1:-1] * cells
        members = np.argwhere(cells)
        inner = np.unravel_index(int(np.argmax(depth)), depth.shape)
        chosen = [inner, *members[np.linspace(0, len(members) - 1, WITNESSES - 1).astype(int)]]
        counts = {self._search(int(row), int(column)) for row, column in chosen}
        if len(counts) == 1 and (only := counts.pop()) is not None:
            self.attractors[cells], self.equilibria[cells] = only
            self.proved[cells] = True

    def _search(self, row: int, column: int) -> tuple[int, int] | None:
        """Count in one cell; None where that is not proved."""
        if self.clock.over:
            return None
        values = [float(self.centres[0][column]), float(self.centres[1][row])]
        system, drive = system_at(self.family.system, self.family.parameters, values)
        found = fixed_points(system, inputs=drive, rng=0)
        self.searches += 1
        if self.bar is not None:
            self.bar.update(int((self.attractors != UNKNOWN).sum()) - self.bar.n)
        self.attractors[row, column], self.equilibria[row, column] = int(found.stable.sum()), len(found)
        self.proved[row, column] = found.complete and bool(found.index_certified.all())
        return (int(found.stable.sum()), len(found)) if self.proved[row, column] else None
