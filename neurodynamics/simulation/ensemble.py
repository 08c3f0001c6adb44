"""Simulate many members at once: other states, other parameters, other inputs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import addresses, aligned_zeros, as_workers, over_rows, padded, place
from neurodynamics.files import Saved
from neurodynamics.inputs import Inputs
from neurodynamics.methods import KEPT, PENDING, frame as F, frames_of_members, protocol as P, run_members
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.simulation.blocks import WORTH_FROM, Blocks, why_not_in_blocks
from neurodynamics.simulation.labelled import ensemble_dataset
from neurodynamics.simulation.member_arguments import input_table, members_of, union_of
from neurodynamics.simulation.method_choice import implicit, watched_for_stiffness
from neurodynamics.simulation.population_rows import check_steps
from neurodynamics.simulation.runs import (
    EVENTS,
    FAMILIES,
    STATUS,
    Memory,
    Plan,
    Run,
    constants_of,
    event_log,
    frame_of,
    functions_of,
    grid,
    may_be_slow,
    steps_at_once,
    withdraw,
)
from neurodynamics.simulation.solution import End, Solution
from neurodynamics.simulation.trajectory import Limits, plan_flow, plan_map, refuse_for_maps
from neurodynamics.status import Interrupted, Status, shortfall
from neurodynamics.systems import BLAS_FROM, LANES, DynamicalSystem
from neurodynamics.validation import Floats, as_choice, as_generator

_NOTHING = np.zeros(0)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Ensemble(Record, Saved):
    """The trajectories, or the final states, of B members.

    Attributes
    ----------
    t : array, shape (T,)
        Times.
    y : array, shape (B, N, T); with ``save="final"`` (B, N)
        States; NaN where a member did not get so far.
    status : array of int, shape (B,)
        A `Status` a member.
    t_end : array, shape (B,)
        Times that the members reached: earlier than the end where an event or a failure stopped them.
    y_end : array, shape (B, N), or None
        States there; NaN where a member was not run.
    params : array, shape (B, P)
        Parameters of the members.
    method, reason, path : str
        What ran, and why.
    steps : array of int, shape (B,)
    """

    t: Floats
    y: Floats
    status: np.ndarray
    t_end: Floats
    params: Floats
    method: str
    reason: str
    path: str
    steps: np.ndarray
    system: DynamicalSystem | None = None
    inputs: list[Inputs] | None = None
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    y_end: Floats | None = None

    @property
    def success(self) -> np.ndarray:
        """Whether each member reached its end with finite states, shape (B,)."""
        return self.status >= 0

    @property
    def outputs(self) -> Floats:
        """What the members showed, shape (B, K, T); with ``save="final"`` (B, K)."""
        if self.system is None:
            raise ValueError("this ensemble was loaded without its system; pass `system=` to `load`.")
        states = self.y[..., np.newaxis] if self.y.ndim == 2 else self.y
        out = np.empty((len(self), self.system.output_dim, states.shape[2]))
        for b, (member, params) in enumerate(zip(states, self.params, strict=True)):
            out[b] = self.system.outputs_of_rows(member.T, params).T
        return out[..., 0] if self.y.ndim == 2 else out

    def __len__(self) -> int:
        return self.y.shape[0]

    def __getitem__(self, member: int) -> Solution:
        """Return one member as a `Solution`."""
        if not -len(self) <= member < len(self):
            raise IndexError(f"member {member} of an ensemble of {len(self)}")
        y = self.y[member, :, np.newaxis] if self.y.ndim == 2 else self.y[member]
        done = np.isfinite(y).all(axis=0)
        status = Status(int(self.status[member]))
        shared = self.inputs is not None and len(self.inputs) == 1
        by_event = self.y_end is not None and status in (Status.EVENT, Status.EVENTS_ACCUMULATE)
        return Solution(
            t=self.t[done], y=y[:, done], status=status, message=status.message, method=self.method, reason=self.reason,
            path=self.path, t_events=[], y_events=[], sol=None, nfev=0, steps=int(self.steps[member]), rejected=0,
            system=None if self.system is None else self.system.with_params(self.params[member]),
            inputs=None if self.inputs is None else self.inputs[0 if shared else member], options=self.options,
            end=End(float(self.t_end[member]), self.y_end[member]) if by_event else None,  # type: ignore[index]
        )  # fmt: skip

    def __iter__(self) -> Iterator[Solution]:
        return (self[b] for b in range(len(self)))

    def to_xarray(self) -> Any:
        """Return an ``xarray.Dataset``: ``y`` (member, state, time), ``outputs``, ``params``, ``status``, ..; final states
        have no times.

        Needs the package xarray: ``pip install "neural-attractors[xarray]"``.
        """
        return ensemble_dataset(self)

    plot = drawn("plot_ensemble", "Draw the members")

    def __repr__(self) -> str:
        return f"Ensemble({len(self)} members, y {self.y.shape}, {self.method}, {self.path}{shortfall(self.status)})"


def simulate_ensemble(
    system: DynamicalSystem,
    t_span: Any,
    y0: ArrayLike,
    *,
    params: Mapping[str, ArrayLike] | ArrayLike | None = None,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    t_eval: ArrayLike | None = None,
    save: str | int = "all",
    rtol: float | None = None,
    atol: ArrayLike | None = None,
    first_step: float | None = None,
    max_step: float | None = None,
    rng: np.random.Generator | int | None = None,
    dtype: str = "float64",
    workers: int | None = None,
    max_steps: int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> Ensemble:
    """Simulate B members that differ in states, parameters or inputs, in parallel.

    Each member is computed exactly as `simulate` would, whatever the number of workers.

    Parameters
    ----------
    system : DynamicalSystem
    t_span, method, dt, rtol, atol, first_step, max_step, rng
        As for `simulate`, the same for all members.
    y0 : array_like, shape (N,) or (B, N)
    params : mapping of str to array_like, or array_like, shape (B, P)
        Parameters by name: ``{"weights[0, 1]": (B,), "biases": (B, N)}``, what is not named being that of the system; or
        all of them, one row a member, in the order of ``system.param_names``.
    inputs : optional
        As for `simulate`, for all; or constants (B, M); or a list of B entries, each as for `simulate`.
    t_eval : array_like, shape (T,)
        Times to return. Needed for adaptive methods unless ``save="final"``.
    save : {"all", "final"} or int
    dtype : {"float64", "float32"}
        Precision. Single precision is about twice as fast; it needs an additive network and a method of constant step.
    workers : int, optional
        Threads; by default one for each core. Large networks leave the cores to BLAS.
    max_steps : int, optional
        Steps of each member.
    timeout : float, optional
        Seconds for the whole call.
    progress, on_interrupt
        As for `simulate`.

    Returns
    -------
    Ensemble

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN, simulate_ensemble
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> sweep = {"weights[0, 1]": np.linspace(-8, 8, 200)}
    >>> simulate_ensemble(net, (0, 50), [0, 0], params=sweep, t_eval=np.linspace(0, 50, 501)).y.shape
    (200, 2, 501)
    """
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    limits = Limits.of(max_steps, timeout, None, progress, on_interrupt)
    rng = None if rng is None else as_generator(rng)
    threads = as_workers(workers)
    as_choice(dtype, "dtype", LANES)
    states, theta, drives = members_of(system, y0, params, inputs)
    given = {"method": method, "dt": dt, "rtol": rtol, "atol": atol, "first_step": first_step, "max_step": max_step,
             "t_eval": t_eval}  # fmt: skip
    if system.kind == "map":
        refuse_for_maps(given)
        plan, reason = plan_map(t_span, save), "the system is a map"
    else:
        plan, reason = plan_flow(system, t_span, union_of(drives), given, save, False, rng)
        if plan.t_out is None:
            raise ValueError(
                f"`t_eval` must be given for {plan.method.name!r}, which chooses its steps for each member; or "
                'save="final".'
            )
        check_steps(system, plan.method, plan.dt, theta)
    if method is None:
        plan = watched_for_stiffness(plan)
    obstacle = why_not_in_blocks(system, plan, drives)
    if dtype == "float32" and obstacle:
        raise ValueError(f"`dtype` must be 'float64' here: {obstacle}.")
    lanes = not obstacle and (len(states) >= WORTH_FROM or dtype == "float32")
    limits.planned()
    job = _Job(system, plan, reason, states, theta, drives, lanes, dtype)
    return job.run(threads, limits)


class _Job:
    """The memory of an ensemble, and its workers."""

    def __init__(self, system: Any, plan: Plan, reason: str, states: Floats, theta: Floats, drives: list[Inputs],
                 lanes: bool, dtype: str) -> None:  # fmt: skip
        self.system, self.plan, self.reason, self.lanes, self.dtype = system, plan, reason, lanes, dtype
        self.states, self.theta, self.drives = states, theta, drives
        size, n = states.shape
        assert plan.t_out is not None
        self.t_out = plan.t_out
        self.y_out = np.full((size, self.t_out.size, n), np.nan, dtype=dtype)
        self.codes = np.full(size, PENDING, dtype=np.int64)
        self.steps = np.zeros(size, dtype=np.int64)
        self.t_end, self.y_end = np.full(size, plan.t0), np.full((size, n), np.nan)
        self.stop = np.zeros(1, dtype=np.int64)
        self.withdraw: Callable[[], None] = lambda: None  # what cannot be stopped
        self.one_by_one = system.host or plan.method.family == "scipy" or any(d.callable is not None for d in drives)
        self.path = "scipy" if plan.method.family == "scipy" else "host" if self.one_by_one else "compiled"
        if lanes:
            self.path = f"lanes, {dtype}"

    def run(self, workers: int, limits: Limits) -> Ensemble:
        """Run all members and return what was finished."""
        interrupted = late = False
        bar = progress_bar(len(self.codes)) if limits.progress else None

        def watch() -> None:
            if bar is not None:
                bar.update(int(np.sum(self.codes != PENDING)) - bar.n)

        pieces = len(self.codes)
        if self.lanes:
            on_rows, pieces = self._lanes_on_rows(limits)
        else:
            on_rows = self._python_on_rows(limits) if self.one_by_one else self._compiled_on_rows(limits)
        threads = 1 if self.one_by_one or self.system.state_dim >= BLAS_FROM else workers
        try:
            late = over_rows(on_rows, pieces, threads, self.stop, limits.deadline, watch, self.withdraw)
            late = self._implicit_where_stiff(limits) or late
        except KeyboardInterrupt:
            interrupted = True
        finally:
            if bar is not None:
                watch()
                bar.close()
        for part in (self.system, *self.drives):
            part.raise_failures()
        result = self._result(Status.TIMEOUT if late else Status.INTERRUPTED)
        if interrupted and limits.on_interrupt == "raise":
            raise Interrupted(result)
        return result

    def _compiled_on_rows(self, limits: Limits) -> Callable[[slice], None]:
        system, plan = self.system, self.plan
        family = FAMILIES[plan.method.family]
        size, n = self.states.shape
        width = padded(n)
        clocks = np.zeros((size, P.CLOCK_SIZE))
        counts = np.zeros((size, P.COUNT_SIZE), dtype=np.int64)
        counts[:, P.MEMBER] = np.arange(size)
        y = np.zeros((size, width))
        y[:, :n] = self.states
        drive, spans = input_table(plan, self.drives, size)
        functions = functions_of(system, family, False, drive.varying, plan)
        memory = Memory(self.theta, clocks, counts, y, _NOTHING, self.t_out, self.y_out)
        shared = frame_of(functions, constants_of(plan, system), drive, memory)
        rows = {F.BASE: drive.base, F.PARAMS: self.theta, F.CLOCK: clocks, F.COUNT: counts, F.Y: y, F.Y_OUT: self.y_out}
        frames = frames_of_members(addresses(shared), rows, spans, drive.terms.strides[0])
        max_steps = limits.max_steps or np.iinfo(np.int64).max
        events, piece = system.event_dim, steps_at_once(system, self.states)
        room = 0
        if may_be_slow(system):
            self.withdraw, room = lambda: withdraw(functions), KEPT + width

        def on_rows(members: slice) -> None:
            work, u = aligned_zeros((family.work_rows(plan, n), width)), drive.u.copy()
            log = event_log(EVENTS + events if events else 0, n, events)
            own = frames[members]
            own[:, F.WORK], own[:, F.U] = place(work), place(u)
            own[:, F.LOG_TIMES : F.SIZE] = *map(place, log), log.times.size, events
            run_members(family.address, frames, self.codes, self.stop, members.start, members.stop, max_steps,
                        piece, np.empty(room))
            if room and self.stop[0]:
                for b in range(members.start, members.stop):  # what was handed out in the piece that was undone
                    self.y_out[b, counts[b, P.OUT] :] = np.nan
            self.steps[members] = counts[members, P.STEPS]
            self.t_end[members] = np.where(counts[members, P.STARTED] > 0, clocks[members, P.T], plan.t0)
            self.y_end[members] = y[members, :n]
            assert shared, "the frames hold addresses of what this keeps"

        return on_rows

    def _lanes_on_rows(self, limits: Limits) -> tuple[Callable[[slice], None], int]:
        blocks = Blocks(self.system, self.plan, self.states, self.theta, self.drives, self.dtype, self.y_out, self.y_end)
        wanted, _ = grid(self.plan.t0, self.plan.t_end, self.plan.dt)

        def finished(first: int, last: int, steps: int) -> None:
            members = slice(first, last)
            y = self.y_out[members]
            short = steps < wanted
            reached = self.plan.t0 + steps * self.plan.dt * self.plan.direction if short else self.plan.t_end
            self.t_end[members] = reached
            self.codes[members] = P.MAX_STEPS if short else P.DONE
            lost = ~np.isfinite(self.y_end[members]).all(axis=1)
            before_end = (self.t_out - reached) * self.plan.direction <= 0
            bad = ~np.isfinite(y).all(axis=2) & before_end
            failed = lost | bad.any(axis=1)
            if failed.any():
                self.codes[members][failed] = P.NON_FINITE
                seen = bad.any(axis=1)
                self.t_end[members][seen] = self.t_out[np.argmax(bad, axis=1)[seen]]
                y[np.maximum.accumulate(bad, axis=1)] = np.nan
            self.steps[members] = steps

        return blocks.on_rows(self.stop, finished, limits.max_steps or np.iinfo(np.int64).max), blocks.count

    def _python_on_rows(self, limits: Limits) -> Callable[[slice], None]:
        def on_rows(rows: slice) -> None:
            for b in range(rows.start, rows.stop):
                if self.stop[0]:
                    return
                self._one(b, self.plan, limits)

        return on_rows

    def _one(self, b: int, plan: Plan, limits: Limits) -> None:
        """Run a member that compiled ensembles cannot."""
        from neurodynamics.simulation.scipy_solvers import ScipyRun

        system = self.system.with_params(self.theta[b])
        drive = self.drives[b if len(self.drives) > 1 else 0]
        if plan.method.family == "scipy":
            run: Any = ScipyRun(system, plan, self.states[b], drive)
        else:
            run = Run(system, plan, self.states[b], drive, member=b)
        run.stopped = run.too_late = lambda: bool(self.stop[0])
        with np.errstate(all="ignore"):  # as in compiled code: the status says it
            code = run.to_end(limits.max_steps, limits.deadline, None)
        if self.stop[0] and code == Status.TIMEOUT:
            code = PENDING
        _, y = run.points()
        self.y_out[b] = np.nan
        self.y_out[b, : len(y)] = y
        self.codes[b] = code
        self.steps[b] = run.steps
        self.t_end[b], self.y_end[b] = run.t, run.y[: system.state_dim]

    def _implicit_where_stiff(self, limits: Limits) -> bool:
        """Repeat with an implicit method the members that turned out stiff; return whether the time was up."""
        stiff = np.flatnonzero(self.codes == P.LOOKS_STIFF)
        if not stiff.size:
            return False
        plan = implicit(self.plan, self.system)
        for done, b in enumerate(stiff):
            if limits.deadline is not None and time.perf_counter() > limits.deadline:
                self.reason += f"; {done} of {stiff.size} stiff members by {plan.method.name}"
                return True
            self._one(int(b), plan, limits.after(int(self.steps[b])))
        self.reason += f"; {stiff.size} stiff members by {plan.method.name}"
        return False

    def _result(self, unfinished: Status) -> Ensemble:
        status = np.array([int(STATUS.get(code, code)) for code in self.codes.tolist()], dtype=np.int64)
        status[(self.codes == PENDING) | (self.codes == P.LOOKS_STIFF)] = int(unfinished)
        if self.system.domain is not None:
            self.y_out = self.system.set_back(self.y_out.reshape(-1, self.y_out.shape[2])).reshape(self.y_out.shape)
        self.y_end = self.system.set_back(self.y_end)
        y = np.swapaxes(self.y_out, 1, 2)
        if self.plan.last_only:  # wherever the run ended
            missing = np.isnan(self.y_out[:, 0]).any(axis=1) & np.isfinite(self.y_end).all(axis=1)
            self.y_out[missing, 0] = self.y_end[missing]
        if self.t_out.size == 1 and self.t_out[0] == self.plan.t_end:
            y = y[:, :, 0]
        options: dict[str, Any] = {"dt": self.plan.dt} if self.plan.dt else {"rtol": self.plan.rtol}
        if self.plan.method.noisy:
            options["key"] = int(self.plan.key)
        return Ensemble(self.t_out, y, status, self.t_end, self.theta, self.plan.method.name, self.reason, self.path,
                        self.steps, self.system, self.drives, options, self.y_end)  # fmt: skip
