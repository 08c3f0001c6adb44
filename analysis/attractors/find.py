"""The attractors of a system, found without prior knowledge."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.attractors.box import as_samples, escape_radius, extent_of, samples_in, unit_of_time
from analysis.attractors.destinations import Catch, destinations
from analysis.attractors.flight import Flight
from analysis.attractors.search import Search
from analysis.attractors.sticking import has_jumps
from analysis.attractors.stiffness import slow_motion
from analysis.common import (
    as_window,
    box_around,
    constant_drive,
    deadline_in,
    jacobians_at,
    require_autonomous,
    require_system,
    slowest_time,
)
from analysis.cycles import LimitCycle
from analysis.equilibria import FixedPoints, as_points_of, fixed_points, none_yet
from neurodynamics import DIVERGES, UNDECIDED, DynamicalSystem, Kind, Status
from neurodynamics.compiling import as_workers
from neurodynamics.lazily import cached_property
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_floats, as_generator, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

SAMPLES = 2000
FOLLOWED = 2000.0  # units of time that a state may take to an attractor, at least
LARGE, FEW_STARTS = 20, 64  # from so many states on, fixed points are sought from a few random starts
POINTS_SHARE, BOX_SHARE, PILOT_SHARE = 0.3, 0.1, 0.1  # of the time, for fixed points, the box, and what is stiff
WORDS = {
    Kind.FIXED_POINT: ("fixed point", "fixed points"),
    Kind.LIMIT_CYCLE: ("limit cycle", "limit cycles"),
    Kind.TORUS: ("torus", "tori"),
    Kind.CHAOS: ("chaotic attractor", "chaotic attractors"),
    Kind.CONTINUUM: ("continuum of fixed points", "continua of fixed points"),
}

TRANSIENT = ("chaotic transient", "chaotic transients")  # chaos that trajectories leave


@dataclass(frozen=True, eq=False, repr=False)
class Attractor(Record):
    """One attractor.

    Attributes
    ----------
    id : int
        Its number in all results; colours of pictures go by it.
    kind : Kind
        fixed_point, limit_cycle, torus, chaos or continuum.
    y : array, shape (N,)
        A state on it.
    points : array, shape (K, N)
        The fixed point; one turn of a cycle, at about equal distances; a long trajectory on a torus or a chaotic set;
        the states of rest that were found on a continuum.
    period : float
        Of a cycle, in units of time (of a map: iterations); nan otherwise.
    exponents, errors : array, shape (k,)
        Lyapunov exponents in descending order, and their errors; exact ones of points and cycles.
    how : str
        On what grounds it is in the list.
    share : float
        Of the samples, that which went to it.
    cycle : LimitCycle or None
        A cycle's multipliers and all else about it.
    life : float
        Of chaos that trajectories were seen to leave for other attractors: their mean time until then; else infinite.
    """

    id: int
    kind: Kind
    y: Floats
    points: Floats
    period: float
    exponents: Floats
    errors: Floats
    how: str
    share: float
    cycle: LimitCycle | None
    system: DynamicalSystem
    inputs: Floats
    life: float = np.inf

    @property
    def _word(self) -> str:
        return WORDS[self.kind][0] if self.life == np.inf else TRANSIENT[0]

    @cached_property
    def jacobian(self) -> Floats:
        """Jacobian (N, N) of f at `y`."""
        return jacobians_at(self.system, self.y[np.newaxis], self.inputs)[0]

    def __repr__(self) -> str:
        about = {
            Kind.FIXED_POINT: f" at {np.array2string(self.y, precision=4, threshold=8)}",
            Kind.LIMIT_CYCLE: f", period {self.period:.8g}",
        }.get(self.kind, f", largest exponent {self.exponents[0]:.3g}" if self.exponents.size else "")
        if self.life < np.inf:
            about += f", left after about {self.life:.3g}"
        return f"Attractor {self.id}: {self._word}{about}, {100 * self.share:.1f} % of samples ({self.how})"


@dataclass(frozen=True, eq=False, repr=False)
class Attractors(Record):
    """The attractors of a system; called with states, their ids.

    Iterating gives the records, an id one of them, ``len`` their number.

    Attributes
    ----------
    records : tuple of Attractor
        In the order of their ids: by kind, then by place.
    points : FixedPoints
        All fixed points that were found, stable or not.
    samples, labels : array (S, N), array of int (S,)
        Where trajectories were started, and what they went to: an id, UNDECIDED = -1 or DIVERGES = -2.
    box : array, shape (N, 2)
        In which the samples are.
    escape : float
        A state with an element beyond that has diverged; infinite where a trapping box proves that none does.
    status : Status
        Success, or why samples were left undecided. After success they rest on unstable points, as where a state that
        keeps its sign has fallen below all numbers and would have to grow again.
    """

    records: tuple[Attractor, ...]
    points: FixedPoints
    samples: Floats
    labels: np.ndarray
    box: Floats
    escape: float
    status: Status
    system: DynamicalSystem
    inputs: Floats
    _catches: tuple[Catch, ...]
    _flight: Flight
    _duration: float

    @property
    def undecided(self) -> float:
        """Share of the samples whose attractor is not known."""
        return float(np.mean(self.labels == UNDECIDED)) if self.labels.size else 0.0

    @property
    def diverging(self) -> float:
        """Share of the samples that diverge."""
        return float(np.mean(self.labels == DIVERGES)) if self.labels.size else 0.0

    def __call__(self, y0: ArrayLike, *, timeout: float | None = None) -> Any:
        """Return the id of the attractor that a state goes to.

        Parameters
        ----------
        y0 : array_like, shape (N,) or (K, N)
        timeout : float, optional
            Seconds; what is not known then is UNDECIDED.

        Returns
        -------
        int, or array of int (K,)
            An id, UNDECIDED = -1 or DIVERGES = -2.
        """
        states = as_floats(y0, "y0")
        n = self.system.state_dim
        if states.ndim not in (1, 2) or states.shape[-1] != n:
            raise ValueError(f"`y0` must have shape (state_dim,) = ({n},) or (K, {n}); got {states.shape}.")
        seconds = None if timeout is None else as_number(timeout, "timeout", minimum=0.0)
        deadline = None if seconds is None else time.perf_counter() + seconds
        labels = self._destinations(np.atleast_2d(states), deadline)
        return int(labels[0]) if states.ndim == 1 else labels

    def _destinations(self, states: Floats, deadline: float | None = None, *, fine: bool = False,
                      keep: Callable[[np.ndarray], None] | None = None) -> np.ndarray:  # fmt: skip
        return destinations(self._flight, self._catches, states, self._duration, deadline, fine=fine, keep=keep)[0]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Attractor]:
        return iter(self.records)

    def __getitem__(self, number: int) -> Attractor:
        return self.records[number]

    plot = drawn("plot_attractors", "Draw the attractors")

    def __repr__(self) -> str:
        counts = Counter((each.kind, each.life < np.inf) for each in self.records)
        parts = [f"{count} {(TRANSIENT if left else WORDS[kind])[count > 1]}{self._periods(kind)}"
                 for (kind, left), count in counts.items()]  # fmt: skip
        parts += [f"{100 * share:.3g} % of samples {name}" for share, name in
                  ((self.undecided, "undecided"), (self.diverging, "diverge")) if share]  # fmt: skip
        return f"Attractors: {', '.join(parts) or 'none'}"

    def _periods(self, kind: Kind) -> str:
        if kind != Kind.LIMIT_CYCLE:
            return ""
        periods = [_as_text(each.period, self.system.kind == "map") for each in self.records if each.kind == kind]
        more = ", .." if len(periods) > 4 else ""
        return f" (period {', '.join(periods[:4])}{more})"


def _as_text(period: float, a_map: bool) -> str:
    return f"{period:.0f}" if a_map else f"{period:.6f}" if 1e-2 <= period < 1e6 else f"{period:.8g}"


def find_attractors(
    system: DynamicalSystem,
    *,
    inputs: Any = None,
    samples: int | ArrayLike = SAMPLES,
    box: ArrayLike | None = None,
    points: FixedPoints | None = None,
    escape: float | None = None,
    time_scale: float | None = None,
    rng: np.random.Generator | int | None = 0,
    workers: int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> Attractors:
    """Find what a system settles into, from samples of its states and without knowing anything before.

    Stable fixed points come first, for networks with proof; each has a ball around it, by a Lyapunov function, from which
    no trajectory returns, so that samples are decided when they enter. Of those that enter none, one after the other is
    followed until it closes (a limit cycle, confirmed by shooting and its multipliers), until its Lyapunov exponents say
    torus or chaos, or until it comes to rest; all samples that go to the same place are then absorbed by a neighbourhood of
    it. Slow passages are followed further, and never reported.

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map. Of a network with periodic inputs pass ``stroboscopic_map(system, inputs)``.
    inputs : array_like, shape (M,), optional
        Constants.
    samples : int or array_like, shape (S, N)
        How many random states of the box to start from; or the states.
    box : array_like, shape (N, 2) or (2,), optional
        Rows (least, largest), one a state, or one for all. By default, for a network, the box that every trajectory
        enters; for other systems three times the spread of the fixed points, or as far as it takes the system to behave
        differently, and the motion from there; states that cannot become negative do not.
    points : FixedPoints, optional
        By default all that `fixed_points` finds.
    escape : float, optional
        A state with an element beyond has diverged. By default a thousand times the size of the box, where it also does
        not come back but grows on, a million times; what grows for less, or ends, stays undecided. For networks with
        bounded activations and positive leaks infinity, because nothing diverges.
    time_scale : float, optional
        How long it takes the system to change noticeably: patience is measured in it. By default the slowest time
        constant of a network; otherwise from the eigenvalues of Jacobians in the box.
    rng : Generator or int, optional
        For the samples; always the same by default.
    workers : int, optional
        Threads; by default one for each core.
    timeout : float, optional
        Seconds for the whole call. What was found until then is returned, with the share of samples left undecided.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    Attractors

    Notes
    -----
    An attractor whose basin holds a share p of the box is missed with probability ``(1 - p)^samples``; fixed points of
    networks are not missed. The noise of a system plays no part.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import find_attractors
    >>> find_attractors(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]))
    Attractors: 1 limit cycle (period 28.999908)
    >>> att = find_attractors(CTRNN([[0, -8], [-8, 0]], constant_inputs=4))
    >>> att
    Attractors: 2 fixed points
    >>> att([[0, 1], [1, 0]])
    array([0, 1])
    """
    drive = constant_drive(require_system(system), inputs)
    if system.state_dim == 0:
        raise ValueError("`system` has no states, so there is nothing that it could settle into.")
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, at which its state jumps; study the map from one reset to the next.")
    limit = None if escape is None else as_number(escape, "escape", positive=True)
    scale_of_time = None if time_scale is None else as_number(time_scale, "time_scale", positive=True)
    as_points_of(system, drive, points, period=1)
    call = _Call(system, drive, points, as_window(box, system.state_dim), as_samples(samples, system.state_dim), limit,
                 scale_of_time, as_generator(rng), as_workers(workers), as_timeout(timeout))  # fmt: skip
    found: Attractors = long_call(
        lambda: call.run(bool(progress)), call.so_far, timeout=call.seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


@dataclass(eq=False)
class _Call:
    """One call, with its arguments checked."""

    system: DynamicalSystem
    drive: Floats
    points: FixedPoints | None
    box: Floats | None
    samples: int | Floats
    escape: float | None
    unit: float | None
    rng: np.random.Generator
    workers: int
    seconds: float | None

    def __post_init__(self) -> None:
        self.deadline = deadline_in(self.seconds)
        self.search: Search | None = None

    def run(self, progress: bool) -> Attractors:
        require_autonomous(self.system, self.drive)
        points = self.points
        if points is None:
            few = FEW_STARTS if self.system.state_dim > LARGE else None  # samples find the stable ones as well
            share = None if self.seconds is None else POINTS_SHARE * self.seconds
            points = fixed_points(self.system, inputs=self.drive, starts=few, timeout=share, rng=self.rng,
                                  on_interrupt="return")  # fmt: skip
        self.points = points
        search = self._begin(points, self.rng)
        if points.status == Status.INTERRUPTED:
            search.status = Status.INTERRUPTED
        else:
            bar = progress_bar(len(search.samples)) if progress else None
            search.run(lambda done: None if bar is None else bar.update(done - bar.n))
            if bar is not None:
                bar.close()
        return _result(search, self.window, self.system, self.drive)

    def _begin(self, points: FixedPoints, rng: np.random.Generator) -> Search:
        system, drive = self.system, self.drive
        left = None if self.seconds is None else BOX_SHARE * self.seconds
        self.window = box_around(system, drive, points.x, left) if self.box is None else self.box
        states = samples_in(self.window, self.samples, rng)
        unit = unit_of_time(system, drive, self.window, rng) if self.unit is None else self.unit
        radius = escape_radius(system, self.window) if self.escape is None else self.escape
        jumps, scale = has_jumps(system, drive, self.window, rng), extent_of(self.window)
        until = deadline_in(None if self.seconds is None else PILOT_SHARE * self.seconds)
        slow = 0.0 if jumps else slow_motion(system, drive, states, unit, scale, until)
        flight = self._flight(max(unit, slow) if self.unit is None else unit, radius, jumps, slow > 0)
        self.search = Search(flight, points, states, scale, self.deadline, rng)
        return self.search

    def _flight(self, unit: float, radius: float, jumps: bool = False, stiff: bool = False) -> Flight:
        return Flight(self.system, self.drive, unit, radius, self.workers, jumps, stiff, bounded=self.escape is not None)

    def _not_begun(self, status: Status) -> Search:
        """Return the search before anything is known of the system, of which nothing is evaluated."""
        system, rng = self.system, np.random.default_rng(0)
        points = none_yet(system, self.drive, status) if self.points is None else self.points
        self.window = box_around(system, self.drive, points.x, 0.0) if self.box is None else self.box
        states, scale = samples_in(self.window, self.samples, rng), extent_of(self.window)
        radius = escape_radius(system, self.window) if self.escape is None else self.escape
        return Search(self._flight(self.unit or slowest_time(system), radius), points, states, scale, self.deadline, rng)

    def so_far(self, status: Status) -> Attractors:
        """Return what there is while the search goes on."""
        search = self._not_begun(status) if self.search is None else self.search.seen()
        search.status = status
        return _result(search, self.window, self.system, self.drive)


def _result(search: Search, window: Floats, system: DynamicalSystem, drive: Floats) -> Attractors:
    states = search.samples
    count = max(len(states), 1)
    records = tuple(
        Attractor(k, each.kind, each.points[0], each.points, each.period, each.exponents, each.errors, each.how,
                  float((search.labels == k).sum()) / count, each.cycle, system, drive)
        for k, each in enumerate(search.found)
    )  # fmt: skip
    records = tuple(replace(record, life=each.life) for record, each in zip(records, search.found, strict=True))
    catches = tuple(each.catch for each in search.found)
    duration = max(FOLLOWED * search.flight.unit, 2 * search.spent)
    return Attractors(records, search.points, states, search.labels, window, search.flight.escape, search.status, system,
                      drive, catches, search.flight, duration)  # fmt: skip
