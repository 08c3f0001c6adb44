"""What a system settles into while a parameter is varied: a bifurcation diagram by simulation."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import beyond_reset, constant_drive, deadline_in, require_system
from analysis.cycles import without_noise
from analysis.equilibria import Found, Multistart, draw_starts, fixed_points, stability, why_not_certified
from analysis.sweeps.runs import Observed, Series, Varied, extrema_of
from neurodynamics import DynamicalSystem, Status, simulate, simulate_ensemble
from neurodynamics.compiling import as_workers
from neurodynamics.pictures import drawn
from neurodynamics.validation import Floats, as_auto, as_choice, as_count, as_floats, as_generator, as_number, dimensions
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

STARTS = 4
TRANSIENT, DURATION = 200.0, 100.0  # slowest time constants; of a map: iterations
SAMPLES = 1000  # of the time after the transient
MEMBERS_A_CHUNK = 4_000_000  # numbers of an ensemble that are held at once
CERTIFIED_UP_TO = 6  # neurons of which the equilibria are found at every value
AT_MOST, SEARCHES = 60, 32  # values and random starts where fixed points are sought without proof
RTOL, ATOL = 1e-8, 1e-10  # of runs that are looked at finely
NODES, LONGER = 4, 6  # parts of a step, and how often a run that has not settled is made twice as long
AT_REST = 1e-4  # of the range of the whole diagram: a smaller oscillation is drawn as one point


@dataclass(frozen=True, eq=False, repr=False)
class SweepDiagram:
    """Extrema of attractors, and fixed points, over a parameter. All arrays are flat: one entry a mark.

    Attributes
    ----------
    parameter : str
    values : array, shape (K,)
    at, height : arrays, shape (E,)
        The value of the parameter, and the observable there: local maxima and minima of what was settled into; of a map its
        iterates.
    side : array of int, shape (E,)
        1 a maximum, -1 a minimum, 0 a state of rest or an iterate.
    start : array of int, shape (E,)
        Which start led there; the sweeps upwards and downwards come last.
    points_at, points_height : arrays, shape (F,)
        Fixed points.
    points_stable : array of bool, shape (F,)
    points_index : array of int, shape (F,)
        Their unstable directions.
    complete : bool
        Whether all fixed points were proved to be found, at every value.
    failed : int
        Runs that diverged or failed otherwise; they left no mark.
    what, number : str, int
        The observable.
    status : Status
    """

    parameter: str
    values: Floats
    at: Floats
    height: Floats
    side: np.ndarray
    start: np.ndarray
    points_at: Floats
    points_height: Floats
    points_stable: np.ndarray
    points_index: np.ndarray
    complete: bool
    failed: int
    what: str
    number: int
    status: Status
    system: DynamicalSystem

    plot = drawn("plot_sweep_diagram", "Draw the diagram")

    def __repr__(self) -> str:
        ended = "" if self.status.success else f", {self.status.name.lower()}"
        return (f"SweepDiagram({self.parameter} at {len(self.values)} values, {len(self.at)} extrema, "
                f"{len(self.points_at)} fixed points{ended})")  # fmt: skip


def sweep_diagram(
    system: DynamicalSystem,
    parameter: str,
    values: ArrayLike,
    *,
    inputs: Any = None,
    what: str = "outputs",
    number: int = 0,
    starts: int | ArrayLike = STARTS,
    continuation: bool = True,
    transient: float | None = None,
    duration: float | None = None,
    equilibria: bool | str = "auto",
    rng: np.random.Generator | int | None = 0,
    workers: int | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> SweepDiagram:
    """Vary a parameter and collect what the system settles into.

    At each value trajectories run from several starts, and two more follow an attractor from value to value, upwards and
    downwards: between them hysteresis and coexisting attractors show. Fixed points, stable and unstable, are laid over.

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map; its noise plays no part.
    parameter : str
        Such as ``"biases[0]"`` or ``"weights[0, 1]"``, see ``system.param_names``; or ``"inputs[0]"``.
    values : array_like, shape (K,)
    inputs : array_like, shape (M,), optional
        Constants.
    what : {"outputs", "states"}
    number : int
        Of the neuron, or state, that is observed.
    starts : int or array_like, shape (S, N)
        How many random states to start from at each value (the same ones at all values), or which.
    continuation : bool
        Whether to follow attractors through the values as well.
    transient, duration : float, optional
        Time that is left out, and time that is looked at after it; by default 200 and 100 slowest time constants (of a
        map: iterations).
    equilibria : {"auto", True, False}
        Whether to find fixed points. "auto": with proof at every value for networks of up to 6 neurons, and from random
        starts at 60 values elsewhere. True: at every value.
    rng : Generator or int, optional
        For the random states; always the same by default.
    workers : int, optional
        Threads.
    timeout : float, optional
        Seconds; what is not ready then is left out.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what is ready as ``.result``, or returns it.

    Returns
    -------
    SweepDiagram
        Its ``.plot()`` draws it.

    Examples
    --------
    The fold of one neuron with self-weight 6 (Beer 1995): two stable states between biases of -3.415 and -2.585.

    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from analysis import sweep_diagram
    >>> diagram = sweep_diagram(CTRNN([[6.0]]), "biases[0]", np.linspace(-4, -2, 41))
    >>> inside = diagram.points_at[~diagram.points_stable]
    >>> inside[[0, -1]].round(2).tolist()
    [-3.4, -2.6]
    """
    drive = constant_drive(require_system(system), inputs)
    varied = Varied.of(without_noise(system), parameter, as_floats(values, "values"), drive)
    observed = Observed.of(system, as_choice(what, "what", ["outputs", "states"]), as_count(number, "number"))
    equilibria = as_auto(equilibria, "equilibria")
    generator = as_generator(rng)
    states = _states(system, starts, drive, generator)
    unit = varied.unit(states)
    seconds = as_timeout(timeout)
    sweep = _Sweep(
        varied, observed, states, bool(continuation),
        TRANSIENT * unit if transient is None else as_number(transient, "transient", minimum=0.0),
        DURATION * unit if duration is None else as_number(duration, "duration", positive=True),
        equilibria, generator, as_workers(workers), seconds,
    )  # fmt: skip
    found: SweepDiagram = long_call(sweep.run, sweep.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found


def _states(system: DynamicalSystem, starts: Any, drive: Floats, rng: np.random.Generator) -> Floats:
    if dimensions(starts) == 0:
        return draw_starts(system, drive, None, as_count(starts, "starts"), rng)
    states = np.atleast_2d(as_floats(starts, "starts"))
    if states.shape[1] != system.state_dim:
        raise ValueError(f"`starts` must be a number or have shape (S, {system.state_dim}); got {states.shape}.")
    return states


class _Sweep:
    """One call, with its arguments checked."""

    def __init__(
        self, varied: Varied, observed: Observed, states: Floats, continuation: bool, transient: float, duration: float,
        equilibria: Any, rng: np.random.Generator, workers: Any, timeout: float | None,
    ) -> None:  # fmt: skip
        self.varied, self.observed, self.states, self.continuation = varied, observed, states, continuation
        self.equilibria, self.rng, self.workers, self.deadline = equilibria, rng, workers, deadline_in(timeout)
        is_map = varied.system.kind == "map"
        self.end = float(np.ceil(transient) + np.ceil(duration)) if is_map else transient + duration
        self.times = np.arange(np.ceil(transient), self.end + 1) if is_map else np.linspace(transient, self.end, SAMPLES)
        self.series: list[Series] = []
        self.failed = 0
        self.before: Floats | None = None
        self.points: list[tuple[float, Floats, np.ndarray, np.ndarray]] = []
        self.complete = equilibria is not False

    def run(self) -> SweepDiagram:
        status = Status.SUCCESS
        try:
            for part in self._parts():
                part()
                if self.late:
                    status = Status.TIMEOUT
                    break
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return self._result(status)

    def _parts(self) -> Iterator[Any]:
        """The work, cut where there is time to look at the clock."""
        varied = self.varied
        if self.equilibria is not False:
            yield from self._searches()
        chunk = max(1, MEMBERS_A_CHUNK // (len(self.times) * varied.system.state_dim))
        for number, state in enumerate(self.states):
            for first in range(0, len(varied.values), chunk):
                members = slice(first, first + chunk)
                yield lambda members=members, state=state, number=number: self._ensemble(members, state, number)
        if self.continuation and len(self.states):
            for number, order in ((0, 1), (1, -1)):
                path = [self.states[0]]
                for k in range(len(varied.values))[::order]:
                    yield lambda k=k, path=path, number=number: self._step(k, path, len(self.states) + number)

    def _ensemble(self, members: slice, state: Floats, number: int) -> None:
        varied = self.varied
        states, values = np.tile(state, (len(varied.values[members]), 1)), varied.values[members]
        ens = simulate_ensemble(varied.system, self.end, states, **varied.of_members(members), **self._sampling,
                                workers=self.workers)  # fmt: skip
        fine = np.flatnonzero(ens.success)
        self.failed += len(values) - len(fine)
        self._look(members.start + fine, ens.y[fine][..., -len(self.times) :], number)

    def _look(self, which: np.ndarray, y: Floats, number: int) -> dict[int, Floats]:
        """Keep what runs (B, N, T) at these values show, where need be from all their steps; return their new ends then."""
        if not len(which):
            return {}
        members = [self.varied.member(int(k)) for k in which]
        rows = np.array([self.observed.of_states(member, run.T) for (member, _), run in zip(members, y, strict=True)])
        at, dt = self.varied.values[which], np.tile(np.diff(self.times), (len(which), 1))
        if self.varied.system.kind == "map":
            self.series.append(Series(at, rows, np.zeros_like(rows), dt, number))
            return {}
        pairs = zip(members, y, strict=True)
        slopes = np.array([self.observed.slopes(member, run.T, drive) for (member, drive), run in pairs])
        series = Series(at, rows, slopes, dt, number)
        again = series.coarse | series.settling
        self.series.append(series[~again])
        ends = {int(k): self._finely(int(k), run[:, -1], number) for k, run in zip(which[again], y[again], strict=True)}
        return {k: end for k, end in ends.items() if end is not None}

    def _finely(self, k: int, state: Floats, number: int) -> Floats | None:
        """Look at a run, from a state on, at all its steps, the longer the longer it takes to settle; return its end."""
        member, drive = self.varied.member(k)
        length = self.end - float(self.times[0])
        for attempt in range(LONGER + 1):
            if self.late:
                return None
            run = simulate(member, length, state, inputs=drive, rtol=RTOL, atol=ATOL, dense_output=True,
                           timeout=self._seconds_left)  # fmt: skip
            if not run.success or run.sol is None:
                self.failed += not self.late
                return None
            t = np.unique((run.t[:-1, np.newaxis] + np.diff(run.t)[:, np.newaxis] * np.arange(NODES) / NODES).ravel())
            y = np.ascontiguousarray(run.sol(t).T)
            rows = self.observed.of_states(member, y)[np.newaxis]
            slopes = self.observed.slopes(member, y, drive)[np.newaxis]
            series = Series(self.varied.values[k : k + 1], rows, slopes, np.diff(t)[np.newaxis], number)
            if attempt == LONGER or not series.settling[0]:
                break
            state, length = run.final, 2.0 * length
        self.series.append(series)
        return run.final

    def _step(self, k: int, path: list[Floats], number: int) -> None:
        """Follow an attractor to the next value."""
        member, drive = self.varied.member(k)
        run = simulate(member, self.end, path[-1], inputs=drive, **self._sampling)
        if not run.success:
            self.failed += not self.late
            return
        ends = self._look(np.array([k]), run.y[np.newaxis, :, -len(self.times) :], number)
        path.append(ends.get(k, run.final))

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and time.perf_counter() >= self.deadline

    @property
    def _seconds_left(self) -> float | None:
        return None if self.deadline is None else max(1e-3, self.deadline - time.perf_counter())

    @property
    def _sampling(self) -> dict[str, Any]:
        seconds = {"timeout": self._seconds_left}
        return seconds if self.varied.system.kind == "map" else {"t_eval": self.times} | seconds

    def _searches(self) -> Iterator[Any]:
        values, system = self.varied.values, self.varied.system
        certified = not why_not_certified(system) and system.state_dim <= CERTIFIED_UP_TO
        self.complete = certified
        chosen = range(len(values))
        if not certified and self.equilibria == "auto":
            chosen = range(0, len(values), -(-len(values) // AT_MOST))
        options: dict[str, Any] = {} if certified or self.equilibria is True else {"certify": False, "starts": SEARCHES}
        for k in chosen:
            yield lambda k=k: self._search(k, options)

    def _search(self, k: int, options: dict[str, Any]) -> None:
        member, drive = self.varied.member(k)
        left = self._seconds_left
        found = fixed_points(member, inputs=drive, rng=self.rng, timeout=None if left is None else 0.5 * left, **options)
        self.complete &= found.complete
        x, stable, index = found.x, found.stable, found.index
        for point in () if found.complete or self.before is None else self._continued(member, drive, self.before, x):
            lin = stability(member, point, inputs=drive)
            x, stable, index = np.vstack([x, point]), np.append(stable, lin.stable), np.append(index, lin.index)
        self.before = x
        self.points.append((float(self.varied.values[k]), self.observed.of_states(member, x), stable, index))

    def _continued(self, member: DynamicalSystem, drive: Floats, before: Floats, known: Floats) -> Floats:
        """Return fixed points near those of the value before that the search missed."""
        search = Multistart(member, drive, 1, None)
        found = Found(known.copy(), np.zeros(len(known)), np.zeros(len(known), dtype=np.int64))
        search.add(before.copy(), found)
        new = found.x[len(known) :]
        return new[~beyond_reset(member, new, drive)]

    def so_far(self, status: Status) -> SweepDiagram:
        """Return what there is while the sweep goes on."""
        still = copy.copy(self)
        still.series, still.points = list(self.series), list(self.points)
        return still._result(status)

    def _result(self, status: Status) -> SweepDiagram:
        seen = [each.rows.ravel() for each in self.series if each.rows.size]
        seen += [heights for _, heights, _, _ in self.points]
        whole = float(np.ptp(np.concatenate(seen))) if seen else 0.0
        marks = [extrema_of(each, AT_REST * whole, self.varied.system.kind == "map") for each in self.series]
        at, height, side, start = (_joined(marks, column) for column in range(4))
        counts = [len(heights) for _, heights, _, _ in self.points]
        return SweepDiagram(
            self.varied.parameter, self.varied.values, at, height, side.astype(int), start.astype(int),
            np.repeat([value for value, _, _, _ in self.points], counts), _joined(self.points, 1),
            _joined(self.points, 2).astype(bool), _joined(self.points, 3).astype(int),
            self.complete and status == Status.SUCCESS, self.failed, self.observed.what, self.observed.number, status,
            self.varied.system,
        )  # fmt: skip


def _joined(parts: list[Any], column: int) -> np.ndarray:
    return np.concatenate([part[column] for part in parts]) if parts else np.empty(0)
