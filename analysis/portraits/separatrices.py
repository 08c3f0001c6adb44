"""One-dimensional stable and unstable manifolds of saddles, and where the unstable ones lead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import Path, as_window, box_around, constant_drive, deadline_in, follow, require_system
from analysis.cycles import LimitCycle, without_noise
from analysis.equilibria import FixedPoints, as_points_of, fixed_points, none_yet
from analysis.portraits.cycles_met import number_of
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_choice, as_number_of
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

OFFSET = 1e-5  # of the size of the box: the first step along an eigenvector, off the manifold by about its square
RESOLUTION = 2000  # points over the size of the box
PIECES = 60
SLOWEST, FASTEST = 12.0, 30.0  # length of a piece: in slowest time constants, but at most so many fastest ones


@dataclass(frozen=True, eq=False, repr=False)
class Branch(Record):
    """One half of a one-dimensional manifold, from the saddle outwards.

    Attributes
    ----------
    saddle : int
        Number of the fixed point.
    direction : {"stable", "unstable"}
        Trajectories on a stable branch run into the saddle: its points are in reversed order of time.
    side : int
        +1 or -1: along the eigenvector or against it.
    y : array, shape (K, N)
        Points; the saddle is the first.
    s : array, shape (K,)
        Arc length from the saddle.
    end : {"fixed point", "cycle", "leaves", "undecided"}
        Where it ends: backwards in time for a stable branch.
    target : int
        Number of the fixed point or of the cycle; -1 elsewhere.
    """

    saddle: int
    direction: str
    side: int
    y: Floats
    s: Floats
    end: str
    target: int

    def __repr__(self) -> str:
        where = f"{self.end} {self.target}" if self.target >= 0 else self.end
        return f"Branch({self.direction}, saddle {self.saddle}, side {self.side:+d}, length {self.s[-1]:.4g}, ends: {where})"


@dataclass(frozen=True, eq=False, repr=False)
class Separatrices(Record):
    """Branches of manifolds, and the graph of connections that they make. Iterating gives the branches.

    Attributes
    ----------
    branches : tuple of Branch
    points : FixedPoints
    cycles : tuple of LimitCycle
        Cycles in which branches end: unstable ones in attracting cycles, stable ones, backwards in time, in repelling ones.
    status : Status
    """

    branches: tuple[Branch, ...]
    points: FixedPoints
    cycles: tuple[LimitCycle, ...]
    status: Status

    @property
    def connections(self) -> list[tuple[int, str, int]]:
        """Edges (saddle, "fixed point" or "cycle", number): what each unstable branch leads to, without repetition."""
        found = {(b.saddle, b.end, b.target) for b in self.branches if b.direction == "unstable" and b.target >= 0}
        return sorted(found)

    def of(self, saddle: int) -> tuple[Branch, ...]:
        """Return the branches of one saddle."""
        k = as_number_of(saddle, "saddle", len(self.points), "fixed point")
        return tuple(branch for branch in self.branches if branch.saddle == k)

    plot = drawn("plot_separatrices", "Draw the branches")

    def __len__(self) -> int:
        return len(self.branches)

    def __iter__(self) -> Iterator[Branch]:
        return iter(self.branches)

    def __repr__(self) -> str:
        count = {kind: sum(b.direction == kind for b in self.branches) for kind in ("stable", "unstable")}
        saddles = len({b.saddle for b in self.branches})
        return (f"Separatrices({saddles} saddles, {count['stable']} stable and {count['unstable']} unstable branches, "
                f"{len(self.connections)} connections)")  # fmt: skip


def separatrix(
    system: DynamicalSystem,
    points: FixedPoints | None = None,
    *,
    inputs: Any = None,
    which: str = "both",
    box: ArrayLike | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> Separatrices:
    """Trace the one-dimensional stable and unstable manifolds of the saddles of a flow.

    In the plane the stable ones are the boundaries between basins of attraction. In N dimensions a saddle of index 1 has
    unstable branches, which lead to the attractors on either side of it; one of index N - 1 has stable branches.

    Parameters
    ----------
    system : DynamicalSystem
        A flow; its noise plays no part.
    points : FixedPoints, optional
        By default all that `fixed_points` finds.
    inputs : array_like, shape (M,), optional
        Constants; those of `points` where they are given.
    which : {"both", "stable", "unstable"}
    box : array_like, shape (N, 2) or (2,), optional
        Rows (least, largest): branches are cut off outside. By default what trajectories of a network can reach; of other
        systems see `find_attractors`.
    timeout : float, optional
        Seconds; branches that were not finished are left out.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the finished branches as ``.result``, or returns them.

    Returns
    -------
    Separatrices

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import separatrix
    >>> found = separatrix(CTRNN([[0, -8], [-8, 0]], constant_inputs=4))
    >>> found.connections
    [(1, 'fixed point', 0), (1, 'fixed point', 2)]
    """
    if require_system(system).kind != "flow":
        raise ValueError("`system` must be a flow: a manifold of a map is not a trajectory.")
    seconds = as_timeout(timeout)
    drive = points.inputs if inputs is None and isinstance(points, FixedPoints) else constant_drive(system, inputs)
    as_points_of(system, drive, points)
    as_choice(which, "which", ["both", "stable", "unstable"])
    tracer = _Tracer(system, points, drive, as_window(box, system.state_dim), seconds)
    found: Separatrices = long_call(
        lambda: tracer.run(which, bool(progress)), tracer.so_far, timeout=seconds,
        on_interrupt=as_on_interrupt(on_interrupt),
    )  # fmt: skip
    return found


class _Tracer:
    points: FixedPoints
    box: Floats

    def __init__(
        self, system: Any, points: FixedPoints | None, drive: Floats, box: Floats | None, seconds: float | None
    ) -> None:
        self.given, self.system, self.drive = system, without_noise(system), drive
        self.known, self.window, self.seconds, self.deadline = points, box, seconds, deadline_in(seconds)
        self.branches: list[Branch] = []
        self.cycles: list[LimitCycle] = []

    def _begin(self) -> None:
        if self.known is None:
            share = None if self.seconds is None else 0.5 * self.seconds
            self.known = fixed_points(self.given, inputs=self.drive, timeout=share, on_interrupt="return")
        self.points = self.known
        self.box = box_around(self.given, self.drive, self.points.x, self._left) if self.window is None else self.window
        self.size = float(np.ptp(self.box, axis=1).max(initial=1e-300))

    @property
    def _left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - time.perf_counter())

    def so_far(self, status: Status) -> Separatrices:
        """Return what there is while the tracing goes on."""
        points = none_yet(self.given, self.drive, status) if self.known is None else self.known
        return Separatrices(tuple(self.branches), points, tuple(self.cycles), status)

    def run(self, which: str, progress: bool) -> Separatrices:
        self._begin()
        if self.points.status == Status.INTERRUPTED:
            return self.so_far(Status.INTERRUPTED)
        jobs = [job for job in self._jobs() if which in ("both", job[1])]
        bar = progress_bar(len(jobs)) if progress else None
        status: Status = min(Status.SUCCESS, self.points.status)
        try:
            for job in jobs:
                if self.deadline is not None and time.perf_counter() >= self.deadline:
                    status = Status.TIMEOUT
                    break
                self._trace(*job)
                if bar is not None:
                    bar.update(1)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        finally:
            if bar is not None:
                bar.close()
        return self.so_far(status)

    def _jobs(self) -> Iterator[tuple[int, str, int, Floats, float]]:
        """Saddle, direction, side, eigenvector, eigenvalue."""
        n = self.system.state_dim
        for k in range(len(self.points)):
            lin = self.points.stability(k)
            unstable = int(self.points.index[k])
            hyperbolic = (np.abs(lin.eigenvalues.real) > lin.threshold).all()
            if not hyperbolic or not 0 < unstable < n:
                continue
            for direction, count, column in (("unstable", unstable, 0), ("stable", n - unstable, n - 1)):
                if count == 1:
                    vector = lin.eigenvectors[:, column].real
                    for side in (1, -1):
                        yield k, direction, side, vector / np.linalg.norm(vector), float(lin.eigenvalues[column].real)

    def _trace(self, saddle: int, direction: str, side: int, vector: Floats, rate: float) -> None:
        origin = self.points.x[saddle]
        start = origin + side * OFFSET * self.size * vector
        forward = direction == "unstable"
        attracting = self.points.stable if forward else self.points.index == self.system.state_dim
        rates = np.abs(self.points.stability(saddle).eigenvalues.real)
        piece = max(SLOWEST / rates.min(), SLOWEST / abs(rate))
        if not forward:
            piece = min(piece, FASTEST / rates.max())
        path = follow(
            self.system, start, self.drive, direction=1.0 if forward else -1.0, points=self.points.x,
            attracting=attracting, box=self.box, piece=piece, pieces=PIECES, away_from=saddle, deadline=self.deadline,
        )  # fmt: skip
        y = np.vstack([origin, path.y])
        s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(y, axis=0), axis=1))])
        keep = thinned(s, self.size / RESOLUTION)
        self.branches.append(Branch(saddle, direction, side, y[keep], s[keep], path.end, self._target(path)))

    def _target(self, path: Path) -> int:
        if path.loop is None:
            return path.target
        return number_of(path.loop, self.cycles, self.system, self.drive, self.deadline)


def thinned(s: Floats, least: float) -> Floats:
    """Return the positions of points at least so far apart along a curve, both ends included."""
    keep = np.unique(np.floor(s / least), return_index=True)[1]
    return np.unique(np.append(keep, [0, len(s) - 1]))
