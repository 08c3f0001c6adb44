"""What a system settles into while a parameter is varied: a bifurcation diagram by simulation."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import beyond_reset, constant_drive, deadline_in, require_system
from analysis.cycles import without_noise
from analysis.equilibria import Found, Multistart, draw_starts, stability
from analysis.sweeps.parts import Findings, Part, Work
from analysis.sweeps.runs import Observed, Varied, extrema_of
from neurodynamics import DynamicalSystem, Status
from neurodynamics.compiling import slices
from neurodynamics.mapping import answers, workers_of
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_auto, as_choice, as_count, as_floats, as_generator, as_number, dimensions
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

STARTS = 4
TRANSIENT, DURATION = 200.0, 100.0  # slowest time constants; of a map: iterations
SAMPLES = 1000  # of the time after the transient
MEMBERS_A_CHUNK = 4_000_000  # numbers of an ensemble that are held at once
PARTS = 16  # of each start, for what maps and does not tell how many it serves
AT_REST = 1e-4  # of the range of the whole diagram: a smaller oscillation is drawn as one point


@dataclass(frozen=True, eq=False, repr=False)
class SweepDiagram(Record):
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
    workers: Any = None,
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
    workers : int or callable, optional
        Threads; by default one for each core. Or what maps a function over parts of the work, such as a pool of processes or
        its ``map``. Results do not depend on it.
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
    times = _times(
        system, TRANSIENT * unit if transient is None else as_number(transient, "transient", minimum=0.0),
        DURATION * unit if duration is None else as_number(duration, "duration", positive=True),
    )  # fmt: skip
    threads, mapper = workers_of(workers)
    seconds = as_timeout(timeout)
    work = Work(varied, observed, states, times, equilibria is True, int(generator.integers(2**63)), threads,
                deadline_in(seconds))  # fmt: skip
    sweep = _Sweep(work, bool(continuation), equilibria is not False, mapper)
    found: SweepDiagram = long_call(sweep.run, sweep.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found


def _times(system: DynamicalSystem, transient: float, duration: float) -> Floats:
    """Return when runs are looked at."""
    if system.kind == "map":
        return np.arange(np.ceil(transient), np.ceil(transient) + np.ceil(duration) + 1)
    return np.linspace(transient, transient + duration, SAMPLES)


def _states(system: DynamicalSystem, starts: Any, drive: Floats, rng: np.random.Generator) -> Floats:
    if dimensions(starts) == 0:
        return draw_starts(system, drive, None, as_count(starts, "starts"), rng)
    states = np.atleast_2d(as_floats(starts, "starts"))
    if states.shape[1] != system.state_dim:
        raise ValueError(f"`starts` must be a number or have shape (S, {system.state_dim}); got {states.shape}.")
    return states


class _Sweep:
    """One call, with its arguments checked."""

    def __init__(self, work: Work, continuation: bool, equilibria: bool, mapper: Any) -> None:
        self.work, self.continuation, self.mapper = work, continuation, mapper
        self.searched = work.searched if equilibria else range(0)
        self.complete = equilibria and work.certified
        self.before: Floats | None = None
        self.points: list[tuple[float, Floats, np.ndarray, np.ndarray]] = []

    def run(self) -> SweepDiagram:
        try:
            late = self._here() if self.mapper is None else self._elsewhere()
            status = Status.TIMEOUT if late else Status.SUCCESS
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return self._result(status)

    def _here(self) -> bool:
        """Do all parts; return whether the time was up."""
        for part in self._parts():
            for step in self.work.steps(part):
                step()
                self._join_points()
                if self.work.late:
                    return True
        return False

    def _elsewhere(self) -> bool:
        """Have all parts done by who maps; return whether some came late."""
        parts = self._parts()
        task = replace(self.work, deadline=None, found=Findings()).alone
        missing = len(parts)
        sent = {"system": self.work.varied.system}
        for _, found in answers(self.mapper, task, parts, self.work.deadline, sent=sent):
            self.work.found.add(found)
            self._join_points()
            missing -= 1
        return missing > 0 or self.work.found.late

    def _parts(self) -> list[Part]:
        """What there is to do; for who maps, the longest first, in pieces that are many and not too short."""
        varied, times, starts = self.work.varied, self.work.times, self.work.states
        count = len(varied.values)
        chunks = -(-count * len(times) * varied.system.state_dim // MEMBERS_A_CHUNK)
        runs, searches = (chunks, 1) if self.mapper is None else (max(chunks, min(count, PARTS)), PARTS)
        some = slices(len(self.searched), min(searches, len(self.searched)))
        points = [Part("points", self.searched[rows]) for rows in some]
        rows = [range(count)[each] for each in slices(count, min(runs, count))]
        ensembles = [Part("runs", each, number) for number in range(len(starts)) for each in rows]
        follow = self.continuation and len(starts) > 0
        paths = [Part("path", range(count)[::order], len(starts) + k) for k, order in ((0, 1), (1, -1))] if follow else []
        return [*points, *ensembles, *paths] if self.mapper is None else [*paths, *points, *ensembles]

    def _join_points(self) -> None:
        """Take the fixed points of values that are next, and follow those of the value before that their search missed."""
        while len(self.points) < len(self.searched) and (k := self.searched[len(self.points)]) in self.work.found.points:
            member, drive = self.work.varied.member(k)
            x, stable, index, complete = self.work.found.points[k]
            self.complete &= complete
            for point in () if complete or self.before is None else self._continued(member, drive, self.before, x):
                lin = stability(member, point, inputs=drive)
                x, stable, index = np.vstack([x, point]), np.append(stable, lin.stable), np.append(index, lin.index)
            self.before = x
            self.points.append((float(self.work.varied.values[k]), self.work.observed.of_states(member, x), stable, index))

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
        still.work = replace(self.work, found=replace(self.work.found, series=list(self.work.found.series)))
        still.points = list(self.points)
        return still._result(status)

    def _result(self, status: Status) -> SweepDiagram:
        varied, observed, found = self.work.varied, self.work.observed, self.work.found
        seen = [each.rows.ravel() for each in found.series if each.rows.size]
        seen += [heights for _, heights, _, _ in self.points if len(heights)]
        whole = float(np.ptp(np.concatenate(seen))) if seen else 0.0
        marks = [extrema_of(each, AT_REST * whole, varied.system.kind == "map") for each in found.series]
        at, height, side, start = (_joined(marks, column) for column in range(4))
        order = np.lexsort([-side, at, start])  # not that in which parts came
        counts = [len(heights) for _, heights, _, _ in self.points]
        return SweepDiagram(
            varied.parameter, varied.values, at[order], height[order], side[order].astype(int), start[order].astype(int),
            np.repeat([value for value, _, _, _ in self.points], counts), _joined(self.points, 1),
            _joined(self.points, 2).astype(bool), _joined(self.points, 3).astype(int),
            self.complete and status == Status.SUCCESS, found.failed, observed.what, observed.number, status, varied.system,
        )  # fmt: skip


def _joined(parts: list[Any], column: int) -> np.ndarray:
    return np.concatenate([part[column] for part in parts]) if parts else np.empty(0)
