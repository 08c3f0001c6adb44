"""Basins of attraction: on a plane through the space of states, and in a box, by sampling."""

from __future__ import annotations

import copy
import dataclasses
import time
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.attractors.box import as_samples, samples_in
from analysis.attractors.find import Attractors
from analysis.attractors.measures import basin_entropies, on_boundary, uncertainty_exponent, wilson_interval
from analysis.common import as_window, deadline_in
from neurodynamics import DIVERGES, UNDECIDED, Status
from neurodynamics.compiling import as_workers
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_whole, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

ENTROPY_SIDE = 5  # cells along a side of the boxes of basin entropy
CHECKED = 1000  # samples that are followed a second time, more finely


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Basins(Record):
    """Which attractor each of many states goes to.

    Attributes
    ----------
    labels : array of int, shape (R, R) or (K,)
        Ids of attractors, UNDECIDED = -1, DIVERGES = -2. In a plane ``labels[i, j]`` belongs to the state with
        ``axes[0][i]`` and ``axes[1][j]``.
    states : array, shape (K, N)
        Where the trajectories started, cell by cell.
    axes : tuple of arrays
        Coordinates of the middles of the cells; empty for samples.
    plane : tuple of int
        Numbers of the states along the axes; empty for samples.
    through : array, shape (N,)
        Where the other states are held.
    ids : array of int, shape (A,)
        Which labels there are: those of all attractors, and UNDECIDED and DIVERGES where they occur.
    checked, changed : int
        How many states were followed a second time, an order of magnitude more finely, and for how many of them that made
        a difference. In a plane those are all cells on boundaries, and their labels are corrected.
    status : Status
    attractors : Attractors
    """

    labels: np.ndarray
    states: Floats
    axes: tuple[Floats, ...]
    plane: tuple[int, ...]
    through: Floats
    ids: np.ndarray
    checked: int
    changed: int
    status: Status
    attractors: Attractors

    @property
    def counts(self) -> np.ndarray:
        """How many states (A,) have each of the `ids`."""
        return np.array([int((self.labels == each).sum()) for each in self.ids], dtype=np.int64)

    @property
    def fractions(self) -> Floats:
        """Share (A,) of the states that has each of the `ids`."""
        return self.counts / max(self.labels.size, 1)

    @property
    def intervals(self) -> Floats:
        """Ends (A, 2) of the 95 % confidence intervals of the fractions (Wilson), as for independent samples."""
        return np.stack(wilson_interval(self.counts, self.labels.size), axis=1)

    @property
    def entropy(self) -> float:
        """Basin entropy, in nats, from boxes of 5 x 5 cells [1]_; nan for samples."""
        return basin_entropies(self.labels, self.ids, ENTROPY_SIDE)[0] if self.axes else np.nan

    @property
    def boundary_entropy(self) -> float:
        """Entropy of the boxes that a boundary goes through; above ln 2 the boundary is fractal [1]_. nan without one."""
        return basin_entropies(self.labels, self.ids, ENTROPY_SIDE)[1] if self.axes else np.nan

    @property
    def uncertainty_exponent(self) -> float:
        """Power of the distance that the share of uncertain starts falls with: 1 for smooth boundaries; nan for samples."""
        return uncertainty_exponent(self.labels)[0] if self.axes else np.nan

    @property
    def uncertainty_error(self) -> float:
        """Standard error of the uncertainty exponent."""
        return uncertainty_exponent(self.labels)[1] if self.axes else np.nan

    def fraction(self, attractor: int) -> float:
        """Return the share of the states that goes to one attractor, by its id, or is UNDECIDED or DIVERGES."""
        known = [*range(len(self.attractors)), UNDECIDED, DIVERGES]
        if as_whole(attractor, "attractor") not in known:
            raise ValueError(f"`attractor` must be an id below {len(known) - 2}, UNDECIDED or DIVERGES; got {attractor}.")
        return float((self.labels == attractor).mean()) if self.labels.size else 0.0

    plot = drawn("plot_basins", "Draw the basins")

    def __repr__(self) -> str:
        names = {UNDECIDED: "undecided", DIVERGES: "diverge"}
        shares = [f"{names.get(int(each), int(each))}: {100 * share:.4g} %"
                  for each, share in zip(self.ids, self.fractions, strict=True)]  # fmt: skip
        size = " x ".join(map(str, self.labels.shape))
        return f"Basins({size} states, {', '.join(shares)})"


def basins(
    attractors: Attractors,
    *,
    plane: tuple[int, int] | None = None,
    box: ArrayLike | None = None,
    samples: int | ArrayLike | None = None,
    resolution: int = 500,
    through: ArrayLike | None = None,
    refine: bool = True,
    rng: np.random.Generator | int | None = 0,
    workers: int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> Basins:
    """Tell which attractor each state of a plane, of a box, or of a sample goes to.

    Trajectories stop as soon as they are decided. They run in long steps first; those from cells beside another label are
    repeated in short ones until nothing changes any more, so that boundaries are where they belong.

    Parameters
    ----------
    attractors : Attractors
        What `find_attractors` found.
    plane : (int, int), optional
        Two states whose plane is filled with cells; the first two by default, where no `samples` are given. A system of
        one state has a line.
    box : array_like, shape (N, 2) or (2, 2), optional
        Rows (least, largest), of all states or of those of the plane; by default the box of `attractors`.
    samples : int or array_like, shape (K, N), optional
        Instead of a plane: so many random states of the box, or these states.
    resolution : int
        Cells along each axis of the plane.
    through : array_like, shape (N,), optional
        A state in the plane: where the others are held. By default the middle of the box.
    refine : bool
        Whether to repeat trajectories beside boundaries (of samples: some) more finely.
    rng : Generator or int, optional
        For random states; always the same by default.
    workers : int, optional
        Threads; those of `attractors` by default.
    timeout : float, optional
        Seconds; what is not known then is UNDECIDED.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what is known as ``.result``, or returns it.

    Returns
    -------
    Basins

    References
    ----------
    .. [1] Daza, Wagemakers, Georgeot, Guery-Odelin & Sanjuan (2016), Sci. Rep. 6, 31416.
    .. [2] Grebogi, McDonald, Ott & Yorke (1983), Phys. Lett. A 99, 415.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import basins, find_attractors
    >>> found = basins(find_attractors(CTRNN([[8, -1], [-1, 8]], biases=-3.5)), resolution=100)
    >>> found
    Basins(100 x 100 states, 0: 28.54 %, 1: 21.46 %, 2: 21.46 %, 3: 28.54 %)
    """
    if not isinstance(attractors, Attractors):
        raise TypeError(f"`attractors` must be what find_attractors returns; got {type(attractors).__name__}.")
    seconds = as_timeout(timeout)
    deadline = deadline_in(seconds)
    if samples is not None and plane is not None:
        raise ValueError("`plane` and `samples` exclude each other; leave one of them out.")
    rng = as_generator(rng)
    job = _Job(with_workers(attractors, workers), deadline, bool(progress))
    n = attractors.system.state_dim
    if samples is None:
        where = _plane(attractors, plane, box, through)
        count = as_count(resolution, "resolution", minimum=1)
        require_room(count ** len(where[0]) * n, "resolution")
    else:
        rows, given = as_window(box, n), as_samples(samples, n)

    def work() -> Basins:
        if samples is None:
            job.fill_plane(*where, count)
        else:
            job.take(samples_in(attractors.box if rows is None else rows, given, rng))
        return job.run(bool(refine), rng)

    found: Basins = long_call(work, job.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found


class _Job:
    """States, their labels, and what became of the second look."""

    def __init__(self, attractors: Attractors, deadline: float | None, progress: bool) -> None:
        self.attractors, self.deadline, self.progress = attractors, deadline, progress
        self.axes: tuple[Floats, ...] = ()
        self.plane: tuple[int, ...] = ()
        self.through = attractors.box.mean(axis=1)
        self.checked = self.changed = 0
        self.take(np.empty((0, len(attractors.box))))

    def take(self, states: Floats) -> None:
        self.states, self.labels = states, np.full(len(states), UNDECIDED)

    def fill_plane(self, plane: tuple[int, ...], window: Floats, through: Floats, resolution: int) -> None:
        middles = (np.arange(resolution) + 0.5) / resolution
        self.axes = tuple(low + (high - low) * middles for low, high in window)
        self.plane, self.through = plane, through
        states = np.tile(through, (resolution ** len(plane), 1))
        for number, values in zip(plane, np.meshgrid(*self.axes, indexing="ij"), strict=True):
            states[:, number] = values.ravel()
        self.states, self.labels = states, np.full((resolution,) * len(plane), UNDECIDED)

    def run(self, refine: bool, rng: np.random.Generator) -> Basins:
        status = Status.SUCCESS
        bar = progress_bar(len(self.states)) if self.progress else None
        try:
            self._follow(np.arange(len(self.states)), bar)
            if refine and self.axes:
                self._refine_boundaries()
            elif refine:
                self._check_some(rng)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        finally:
            if bar is not None:
                bar.close()
        if status == Status.SUCCESS and self._late():
            status = Status.TIMEOUT
        return self.so_far(status)

    def so_far(self, status: Status) -> Basins:
        """Return what is known of the states by now."""
        labels = self.labels.copy()
        present = [each for each in (UNDECIDED, DIVERGES) if (labels == each).any()]
        ids = np.array([*range(len(self.attractors)), *present])
        return Basins(labels, self.states, self.axes, self.plane, self.through, ids, self.checked, self.changed, status,
                      self.attractors)  # fmt: skip

    def _late(self) -> bool:
        return self.deadline is not None and time.perf_counter() >= self.deadline

    def _follow(self, rows: np.ndarray, bar: Any = None) -> None:
        flat = self.labels.reshape(-1)

        def keep(labels: np.ndarray) -> None:
            flat[rows] = labels
            if bar is not None:
                bar.update(int((labels != UNDECIDED).sum()) - bar.n)

        flat[rows] = self.attractors._destinations(self.states[rows], self.deadline, keep=keep)

    def _repeat(self, rows: np.ndarray) -> np.ndarray:
        """Follow states finely and return their labels; where the time ran out, the labels that they have."""
        flat = self.labels.reshape(-1)
        found = self.attractors._destinations(self.states[rows], self.deadline, fine=True)
        found = np.where((found == UNDECIDED) & self._late(), flat[rows], found)
        self.checked += len(rows)
        self.changed += int((found != flat[rows]).sum())
        return found

    def _refine_boundaries(self) -> None:
        done = np.zeros(self.labels.size, dtype=bool)
        while not self._late():
            rows = np.flatnonzero(on_boundary(self.labels).ravel() & ~done)
            if not rows.size:
                break
            self.labels.reshape(-1)[rows] = self._repeat(rows)
            done[rows] = True

    def _check_some(self, rng: np.random.Generator) -> None:
        rows = rng.permutation(len(self.states))[:CHECKED]
        self.labels[rows] = self._repeat(rows)


def with_workers(attractors: Attractors, workers: int | None) -> Attractors:
    """Return the attractors with another number of threads."""
    if workers is None:
        return attractors
    flight = copy.copy(attractors._flight)
    flight.workers = as_workers(workers)
    return dataclasses.replace(attractors, _flight=flight)


def _plane(attractors: Attractors, plane: Any, box: Any, through: Any) -> tuple[tuple[int, ...], Floats, Floats]:
    n = attractors.system.state_dim
    pair = (0, 1)[:n] if plane is None else tuple(np.atleast_1d(plane).tolist())
    count = min(n, 2)
    if len(pair) != count or len(set(pair)) != count or not all(isinstance(i, int) and 0 <= i < n for i in pair):
        raise ValueError(f"`plane` must be {count} different number(s) of states from 0 to {n - 1}; got {plane!r}.")
    window = attractors.box if box is None else as_floats(box, "box")
    if window.shape == (n, 2):
        window = window[list(pair)]
    if window.shape != (count, 2) or not (window[:, 0] < window[:, 1]).all():
        rows = f"rows (least, largest), of the {count} states of the plane or of all {n}"
        raise ValueError(f"`box` must be {rows}; got {window.tolist()}.")
    origin = attractors.box.mean(axis=1) if through is None else attractors.system.check_state(through, "through")
    return tuple(int(i) for i in pair), window, origin
