"""Attractors and the shares of their basins along a parameter, each attractor followed from value to value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from analysis.attractors.box import extent_of
from analysis.attractors.find import Attractor, Attractors, find_attractors
from analysis.attractors.measures import wilson_interval
from analysis.common import as_window, box_around, constant_drive, deadline_in, require_system
from analysis.equilibria import fixed_points
from neurodynamics import DIVERGES, UNDECIDED, DynamicalSystem, Status
from neurodynamics.mapping import Workers, answers, workers_of
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_floats, as_generator, as_number, as_number_of, as_size
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

SAMPLES = 1000
CLOSEST = 300  # points of a set that are compared
SAME = 0.15  # of the size of the box: how far an attractor may move from one value to the next
ABSENT = -9
STARTS = 64  # for the fixed points around which a system without a natural box is looked at


@dataclass(frozen=True, eq=False, repr=False)
class BasinSweep(Record):
    """Shares of basins along a parameter.

    Attributes
    ----------
    name : str
        Of the parameter.
    values : array, shape (V,)
        Those that were finished.
    attractors : tuple of Attractors
        What was found at each value.
    ids : tuple of arrays of int
        ``ids[v][k]`` is the number, along the whole sweep, of attractor k at value v.
    labels : array of int, shape (V, S)
        What each sample goes to, in numbers of the sweep, UNDECIDED = -1 or DIVERGES = -2.
    samples : array, shape (S, N)
        The same at all values.
    status : Status
    """

    name: str
    values: Floats
    attractors: tuple[Attractors, ...]
    ids: tuple[np.ndarray, ...]
    labels: np.ndarray
    samples: Floats
    status: Status

    @property
    def count(self) -> int:
        """How many attractors there are along the sweep."""
        return 1 + max((int(ids.max(initial=-1)) for ids in self.ids), default=-1)

    @property
    def fractions(self) -> Floats:
        """Share (V, count) of the samples that goes to each attractor of the sweep."""
        return np.stack([(self.labels == k).mean(axis=1) for k in range(self.count)], axis=1) if self.count else (
            np.zeros((len(self.values), 0)))  # fmt: skip

    @property
    def intervals(self) -> Floats:
        """Ends (V, count, 2) of the 95 % confidence intervals of the fractions (Wilson)."""
        total = self.labels.shape[1]
        return np.stack(wilson_interval(np.rint(self.fractions * total), total), axis=-1)

    @property
    def undecided(self) -> Floats:
        """Share (V,) of the samples whose attractor is not known."""
        return (self.labels == UNDECIDED).mean(axis=1)

    @property
    def diverging(self) -> Floats:
        """Share (V,) of the samples that diverge."""
        return (self.labels == DIVERGES).mean(axis=1)

    def record(self, v: int, number: int) -> Attractor | None:
        """Return attractor `number` of the sweep as it is at value v, None where it does not exist there."""
        v = as_number_of(v, "v", len(self.values), "value")
        local = np.flatnonzero(self.ids[v] == as_number_of(number, "number", self.count, "attractor of the sweep"))
        return self.attractors[v][int(local[0])] if local.size else None

    plot = drawn("plot_basin_sweep", "Draw the shares as stacked areas")

    def __repr__(self) -> str:
        ends = f"{self.values[0]:g} .. {self.values[-1]:g}" if len(self.values) else "none"
        ended = "" if self.status.success else f", {self.status.name.lower()}: others are not done"
        return f"BasinSweep({self.name}, {len(self.values)} values {ends}, {self.count} attractors{ended})"


def basin_sweep(
    system: DynamicalSystem,
    name: str,
    values: ArrayLike,
    *,
    inputs: Any = None,
    samples: int = SAMPLES,
    box: ArrayLike | None = None,
    same: float = SAME,
    rng: np.random.Generator | int | None = 0,
    workers: Any = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> BasinSweep:
    """Find the attractors, and the shares of their basins, at each value of a parameter.

    Every value is searched anew, from the same samples, so nothing is lost that appears away from what was there before.
    Attractors are matched from one value to the next by the distance between them as sets: an id continues, also where a
    fixed point turns into a cycle, until there is nothing near; what is new gets the next id.

    Parameters
    ----------
    system : DynamicalSystem
    name : str
        Of a parameter, such as ``"biases[0]"`` or ``"weights[0, 1]"``.
    values : array_like, shape (V,)
        In the order in which attractors are followed.
    inputs : array_like, shape (M,), optional
        Constants.
    samples : int
        Random states of the box, the same at all values.
    box : array_like, shape (N, 2) or (2,), optional
        Rows (least, largest). By default what holds the boxes of `find_attractors` at all values.
    same : float
        How far an attractor may move from one value to the next, in sizes of the box.
    workers : int or callable, optional
        Threads; by default one for each core. Or what maps a function over the values, such as a pool of processes or its
        ``map``. Results do not depend on it.
    rng, timeout, progress
        As for `find_attractors`. At the timeout the values that were finished are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the finished values as ``.result``, or returns them.

    Returns
    -------
    BasinSweep

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import basin_sweep
    >>> found = basin_sweep(CTRNN([[6.0]]), "biases[0]", [-3.6, -3.0, -2.4], samples=200)
    >>> found
    BasinSweep(biases[0], 3 values -3.6 .. -2.4, 2 attractors)
    >>> [each.tolist() for each in found.ids]
    [[0], [0, 1], [1]]
    """
    require_system(system)
    constant_drive(system, inputs)
    system.param(name)
    chosen = np.atleast_1d(as_floats(values, "values"))
    if chosen.ndim != 1 or not chosen.size:
        raise ValueError(f"`values` must be a vector of at least one number; got shape {chosen.shape}.")
    sweep = _Sweep(
        system, name, chosen, inputs, as_size(samples, "samples"), as_window(box, system.state_dim),
        as_number(same, "same", positive=True), as_generator(rng), workers_of(workers), as_timeout(timeout),
    )  # fmt: skip
    found: BasinSweep = long_call(
        lambda: sweep.run(bool(progress)), sweep.so_far, timeout=sweep.seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


class _Sweep:
    """One call, with its arguments checked."""

    def __init__(self, system: DynamicalSystem, name: str, values: Floats, inputs: Any, count: int, box: Floats | None,
                 same: float, rng: np.random.Generator, workers: Workers, seconds: float | None) -> None:  # fmt: skip
        self.name, self.values, self.inputs, self.count, self.box, self.same = name, values, inputs, count, box, same
        self.rng, self.workers, self.seconds, self.deadline = rng, workers, seconds, deadline_in(seconds)
        self.system = system
        self.states = np.empty((0, system.state_dim))
        self.found: dict[int, Attractors] = {}  # by the number of the value

    def run(self, progress: bool) -> BasinSweep:
        bar = progress_bar(self.values.size) if progress else None
        try:
            status = self._run(lambda: None if bar is None else bar.update(1))
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        finally:
            if bar is not None:
                bar.close()
        return self.so_far(status)

    def _run(self, done: Callable[[], None]) -> Status:
        systems = [self.system.with_params({self.name: value}) for value in self.values]
        window = _window(systems, self.inputs, self.box, None if self.seconds is None else 0.2 * self.seconds)
        self.states = self.rng.uniform(window[:, 0], window[:, 1], (self.count, len(window)))
        seeds = self.rng.integers(2**63, size=len(systems)).tolist()
        parts = [_Value(each, self.inputs, self.states, window, seed, self.workers.threads)
                 for each, seed in zip(systems, seeds, strict=True)]  # fmt: skip
        sent = {"system": self.system}
        for number, here in answers(self.workers.mapper, _Value.attractors, parts, self.deadline, sent=sent):
            if here.status != Status.TIMEOUT:
                self.found[number] = here
                done()
        return Status.TIMEOUT if len(self.found) < len(parts) else Status.SUCCESS

    def so_far(self, status: Status) -> BasinSweep:
        """Return what was found at the values that are finished."""
        finished = dict(self.found)
        numbers, states = sorted(finished), self.states
        found = [finished[number] for number in numbers]
        ids = _followed(found, self.same)
        labels = np.array([_renumbered(each.labels, own) for each, own in zip(found, ids, strict=True)], dtype=np.int64)
        return BasinSweep(self.name, self.values[numbers], tuple(found), tuple(ids),
                          labels.reshape(len(found), len(states)), states, status)  # fmt: skip


class _Value(NamedTuple):
    """What is asked about one value."""

    system: DynamicalSystem
    inputs: Any
    samples: Floats
    box: Floats
    seed: int
    threads: int

    def attractors(self, seconds: float | None) -> Attractors:
        """Return the attractors, as far as they are found in so many seconds."""
        return find_attractors(self.system, inputs=self.inputs, samples=self.samples, box=self.box, rng=self.seed,
                               workers=self.threads, timeout=seconds)  # fmt: skip


def _window(systems: list[Any], inputs: Any, box: Floats | None, seconds: float | None) -> Floats:
    """Return a box that holds those of all systems; of systems without a natural one, that of the first."""
    if box is not None:
        return box
    drive = constant_drive(systems[0], inputs)
    points = fixed_points(systems[0], inputs=drive, starts=STARTS, certify=False, rng=0, timeout=seconds)
    boxes = np.array([box_around(each, drive, points.x) for each in systems])
    return np.column_stack([boxes[..., 0].min(axis=0), boxes[..., 1].max(axis=0)])


def _followed(found: list[Attractors], limit: float) -> list[np.ndarray]:
    """Return the numbers of the attractors along the sweep."""
    ids: list[np.ndarray] = []
    used = 0
    for v, here in enumerate(found):
        own = np.full(len(here), ABSENT)
        if v:
            scale = extent_of(here.box)
            pairs = [[_distance(a, b, scale) for b in here] for a in found[v - 1]]
            distances = np.array(pairs).reshape(len(found[v - 1]), len(here))
            rows, columns = linear_sum_assignment(np.minimum(distances, 10.0 * limit))
            for row, column in zip(rows, columns, strict=True):
                if distances[row, column] <= limit:
                    own[column] = ids[v - 1][row]
        for k in np.flatnonzero(own == ABSENT):
            own[k], used = used, used + 1
        ids.append(own)
    return ids


def _distance(a: Attractor, b: Attractor, scale: Floats) -> float:
    """Return the mean distance of the points of either set from the other, the larger of the two."""
    angles = a.system.angles
    some = (each.points[:: max(1, len(each.points) // CLOSEST)] for each in (a, b))
    x, y = (angles.embed(points) / angles.weights(scale) for points in some)
    return float(max(cKDTree(y).query(x)[0].mean(), cKDTree(x).query(y)[0].mean())) / np.sqrt(len(scale))


def _renumbered(labels: np.ndarray, ids: np.ndarray) -> np.ndarray:
    return np.append(ids, [DIVERGES, UNDECIDED])[labels]
