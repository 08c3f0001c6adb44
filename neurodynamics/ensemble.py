"""Simulate many members at once: other states, other parameters, other inputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import _frame as F
from neurodynamics import _protocol as P
from neurodynamics._additive_kernels import BLAS_FROM
from neurodynamics._blocks import WORTH_FROM, Blocks, why_not_lanes
from neurodynamics._lanes import LANES
from neurodynamics._members import PENDING, run_members
from neurodynamics._state import padded
from neurodynamics._threads import as_workers, over_rows
from neurodynamics.methods import METHODS
from neurodynamics.progress import progress_bar
from neurodynamics.runs import EVENTS, FAMILIES, STATUS, Plan, Run, constants_of, event_log, functions_of, grid
from neurodynamics.signals import Inputs, Sampled, Signal
from neurodynamics.simulate import Limits, plan_flow, plan_map, refuse_for_maps
from neurodynamics.solution import Solution
from neurodynamics.stability import check_step
from neurodynamics.status import Interrupted, Status
from neurodynamics.system import DynamicalSystem
from neurodynamics.validation import Floats, as_choice, as_floats


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
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
            out[b] = self.system.outputs_of_rows(np.ascontiguousarray(member.T), params).T
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
        return Solution(
            t=self.t[done], y=y[:, done], status=status, message=status.message, method=self.method, reason=self.reason,
            path=self.path, t_events=[], y_events=[], sol=None, nfev=0, steps=int(self.steps[member]), rejected=0,
            system=None if self.system is None else self.system.with_params(self.params[member]),
            inputs=None if self.inputs is None else self.inputs[0 if shared else member], options=self.options,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Solution]:
        return (self[b] for b in range(len(self)))

    def plot(self, ax: Any = None, **style: Any) -> Any:
        """Draw the members; see :func:`analysis.plotting.plot_ensemble`."""
        from analysis import plotting

        return plotting.plot_ensemble(self, ax=ax, **style)

    def save(self, path: Any) -> None:
        """Write the ensemble to an ``.npz`` file; see :func:`neurodynamics.load`."""
        from neurodynamics.files import save_ensemble

        save_ensemble(self, path)

    def __repr__(self) -> str:
        bad = int(np.sum(self.status < 0))
        kinds = ", ".join(sorted({Status(int(s)).name.lower() for s in self.status if s < 0}))
        trouble = f", {bad} failed ({kinds})" if bad else ""
        return f"Ensemble({len(self)} members, y {self.y.shape}, {self.method}, {self.path}{trouble})"


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
    threads = as_workers(workers)
    as_choice(dtype, "dtype", LANES)
    states, theta, drives = _members(system, y0, params, inputs)
    given = {"method": method, "dt": dt, "rtol": rtol, "atol": atol, "first_step": first_step, "max_step": max_step,
             "t_eval": t_eval}  # fmt: skip
    if system.kind == "map":
        refuse_for_maps(given)
        plan, reason = plan_map(t_span, save), "the system is a map"
    else:
        plan, reason = plan_flow(system, t_span, _union(drives), given, save, False, rng)
        if plan.t_out is None:
            raise ValueError(
                f"`t_eval` must be given for {plan.method.name!r}, which chooses its steps for each member; or "
                'save="final".'
            )
        _check_steps(system, plan, theta)
    if method is None and plan.method.family == "adaptive":
        plan = dataclasses.replace(plan, detect_stiffness=True)
    obstacle = why_not_lanes(system, plan, drives)
    if dtype == "float32" and obstacle:
        raise ValueError(f"`dtype` must be 'float64' here: {obstacle}.")
    lanes = not obstacle and (len(states) >= WORTH_FROM or dtype == "float32")
    job = _Job(system, plan, reason, states, theta, drives, lanes, dtype)
    return job.run(threads, limits)


def _members(system: DynamicalSystem, y0: ArrayLike, params: Any, inputs: Any) -> tuple[Floats, Floats, list[Inputs]]:
    """Return states (B, N), parameters (B, P) and inputs (one for all, or B)."""
    n = system.state_dim
    states = as_floats(y0, "y0")
    if states.ndim not in (1, 2) or states.shape[-1] != n:
        raise ValueError(f"`y0` must have shape (state_dim,) = ({n},) or (B, {n}); got {states.shape}.")
    theta = _parameter_rows(system, params)
    drives = _drives(system, inputs)
    sizes = {"y0": len(states) if states.ndim == 2 else None, "params": None if theta is None else len(theta),
             "inputs": len(drives) if _per_member(inputs, system.input_dim) else None}  # fmt: skip
    known = {name: size for name, size in sizes.items() if size is not None}
    if len(set(known.values())) > 1:
        text = " and ".join(f"`{name}` has {size}" for name, size in known.items())
        raise ValueError(f"the numbers of members must agree; {text}.")
    size = next(iter(known.values()), 1)
    states = np.array(np.broadcast_to(states, (size, n)), order="C")
    theta = np.array(np.broadcast_to(system.params if theta is None else theta, (size, system.param_dim)), order="C")
    theta.flags.writeable = False
    return states, theta, drives


def _parameter_rows(system: DynamicalSystem, params: Any) -> Floats | None:
    if params is None:
        return None
    if isinstance(params, Mapping):
        columns = []
        for name, value in params.items():
            positions = system.layout.positions(name)
            array = as_floats(value, f"params[{name!r}]")
            if array.ndim != positions.ndim + 1 or array.shape[1:] != positions.shape:
                shape = ", ".join(["B", *map(str, positions.shape)]) + ("," if positions.ndim == 0 else "")
                raise ValueError(f"`params[{name!r}]` must have shape ({shape}), one entry a member; got {array.shape}.")
            columns.append((name, positions, array))
        sizes = {name: len(array) for name, _, array in columns}
        if len(set(sizes.values())) > 1:
            text = " and ".join(f"{name!r} has {size}" for name, size in sizes.items())
            raise ValueError(f"all entries of `params` must have the same number of members; {text}.")
        if not columns:
            return None
        theta = np.tile(system.params, (len(columns[0][2]), 1))
        for _, positions, array in columns:
            theta[:, positions] = array
    else:
        theta = as_floats(params, "params")
        if theta.ndim != 2 or theta.shape[1] != system.param_dim:
            raise ValueError(
                f"`params` must have shape (B, param_dim) = (B, {system.param_dim}), or be a dict of named parameters; "
                f"got {theta.shape}."
            )
    system.check_params(theta)
    return theta


def _per_member(inputs: Any, input_dim: int) -> bool:
    """Whether the inputs are one entry a member."""
    if inputs is None or isinstance(inputs, Signal) or callable(inputs):
        return False
    if isinstance(inputs, np.ndarray):
        return inputs.ndim == 2
    if isinstance(inputs, (list, tuple)):
        return any(isinstance(item, (list, tuple, np.ndarray)) or (isinstance(item, Sampled) and item.channels == input_dim
                                                                    and input_dim != 1) for item in inputs)  # fmt: skip
    return False


def _drives(system: DynamicalSystem, inputs: Any) -> list[Inputs]:
    if not _per_member(inputs, system.input_dim):
        return [Inputs(inputs, system.input_dim)]
    drives = []
    for b, item in enumerate(inputs):
        try:
            drives.append(Inputs(item, system.input_dim))
        except (TypeError, ValueError) as error:
            raise type(error)(f"inputs of member {b}: {error}") from error
    return drives


def _union(drives: list[Inputs]) -> Inputs:
    """One record with the breakpoints of all members and the least analytic of their terms."""
    if len(drives) == 1:
        return drives[0]
    union = Inputs(None, drives[0].base.size)
    union.breakpoints = np.unique(np.concatenate([drive.breakpoints for drive in drives]))
    union.terms = np.concatenate([drive.terms for drive in drives])
    union.callable = next((drive.callable for drive in drives if drive.callable is not None), None)
    return union


def _check_steps(system: DynamicalSystem, plan: Plan, theta: Floats) -> None:
    """Check dt against the member with the fastest leak."""
    if plan.method.constant_step and hasattr(system, "leaks") and system.state_dim and len(theta):
        tau = system.layout.view(theta, "time_constants")
        rates = np.abs(system.layout.view(theta, "leaks")) / tau
        worst = int(np.argmax(np.maximum(rates, 1 / tau).max(axis=1)))
        try:
            check_step(system.with_params(theta[worst]), plan.method, plan.dt)
        except ValueError as error:
            raise ValueError(f"{error} (member {worst})") from None


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
        self.t_end = np.full(size, plan.t0)
        self.stop = np.zeros(1, dtype=np.int64)
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
            task, pieces = self._lanes_task(limits)
        else:
            task = self._python_task(limits) if self.one_by_one else self._compiled_task(limits)
        threads = 1 if self.one_by_one or self.system.state_dim >= BLAS_FROM else workers
        try:
            late = over_rows(task, pieces, threads, self.stop, limits.deadline, watch)
            self._implicit_where_stiff(limits)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            if bar is not None:
                watch()
                bar.close()
        result = self._result(Status.TIMEOUT if late else Status.INTERRUPTED)
        if interrupted and limits.on_interrupt == "raise":
            raise Interrupted(result)
        return result

    def _compiled_task(self, limits: Limits) -> Callable[[slice], None]:
        system, plan = self.system, self.plan
        family = FAMILIES[plan.method.family]
        size, n = self.states.shape
        width = padded(n)
        functions, constants = functions_of(system, family, host=False), constants_of(plan, system)
        clocks = np.zeros((size, P.CLOCK_SIZE))
        counts = np.zeros((size, P.COUNT_SIZE), dtype=np.int64)
        counts[:, P.MEMBER] = np.arange(size)
        y = np.zeros((size, width))
        y[:, :n] = self.states
        table = _input_table(plan, self.drives, size)
        max_steps = limits.max_steps or np.iinfo(np.int64).max
        events = system.event_dim

        def task(rows: slice) -> None:
            work = np.zeros((family.work_rows(plan, n), width))
            log = event_log(EVENTS + events if events else 0, n, events)
            kept = (np.zeros((0, 3)), np.zeros((0, 1, n)))
            base, terms, spans, data, u, varying, breaks = table
            inputs = (base, terms, spans, data, u.copy(), varying, breaks)
            frame = np.empty(F.SIZE, dtype=np.int64)
            run_members(family.address, frame, functions, constants, inputs, self.theta, clocks, counts, y, work, self.t_out,
                        self.y_out, kept, log, self.codes, self.stop, rows.start, rows.stop, max_steps, True)  # fmt: skip
            self.steps[rows] = counts[rows, P.STEPS]
            self.t_end[rows] = np.where(counts[rows, P.STARTED] > 0, clocks[rows, P.T], plan.t0)

        return task

    def _lanes_task(self, limits: Limits) -> tuple[Callable[[slice], None], int]:
        blocks = Blocks(self.system, self.plan, self.states, self.theta, self.drives, self.dtype, self.y_out)
        wanted, _ = grid(self.plan.t0, self.plan.t_end, self.plan.dt)

        def finished(first: int, last: int, steps: int) -> None:
            members = slice(first, last)
            y = self.y_out[members]
            bad = ~np.isfinite(y).all(axis=2)
            self.t_end[members] = self.plan.t_end
            self.codes[members] = P.DONE
            if steps < wanted:
                self.codes[members] = P.MAX_STEPS
                self.t_end[members] = self.plan.t0 + steps * self.plan.dt * self.plan.direction
            elif bad.any():
                failed = bad.any(axis=1)
                self.codes[members][failed] = P.NON_FINITE
                self.t_end[members][failed] = self.t_out[np.argmax(bad, axis=1)[failed]]
                y[np.maximum.accumulate(bad, axis=1)] = np.nan
            self.steps[members] = steps

        return blocks.task(self.stop, finished, limits.max_steps or np.iinfo(np.int64).max), blocks.count

    def _python_task(self, limits: Limits) -> Callable[[slice], None]:
        def task(rows: slice) -> None:
            for b in range(rows.start, rows.stop):
                if self.stop[0]:
                    return
                self._one(b, self.plan, limits)

        return task

    def _one(self, b: int, plan: Plan, limits: Limits) -> None:
        """Run a member that compiled ensembles cannot."""
        from neurodynamics._scipy import ScipyRun

        system = self.system.with_params(self.theta[b])
        drive = self.drives[b if len(self.drives) > 1 else 0]
        if plan.method.family == "scipy":
            run: Any = ScipyRun(system, plan, self.states[b], drive)
        else:
            run = Run(system, plan, self.states[b], drive, member=b)
        code = run.to_end(limits.max_steps, limits.deadline, None)
        _, y = run.points()
        self.y_out[b] = np.nan
        self.y_out[b, : len(y)] = y
        self.codes[b] = code
        self.steps[b] = run.steps
        self.t_end[b] = run.t

    def _implicit_where_stiff(self, limits: Limits) -> None:
        """Repeat with an implicit method the members that turned out stiff."""
        stiff = np.flatnonzero(self.codes == P.LOOKS_STIFF)
        if stiff.size:
            plan = dataclasses.replace(self.plan, method=METHODS["Radau"], detect_stiffness=False)
            for b in stiff:
                self._one(int(b), plan, limits)
            self.reason += f"; {stiff.size} stiff members by Radau"

    def _result(self, unfinished: Status) -> Ensemble:
        status = np.array([int(STATUS.get(code, code)) for code in self.codes.tolist()], dtype=np.int64)
        status[(self.codes == PENDING) | (self.codes == P.LOOKS_STIFF)] = int(unfinished)
        y = np.swapaxes(self.y_out, 1, 2)
        if self.t_out.size == 1 and self.t_out[0] == self.plan.t_end:
            y = y[:, :, 0]
        options: dict[str, Any] = {"dt": self.plan.dt} if self.plan.dt else {"rtol": self.plan.rtol}
        if self.plan.method.noisy:
            options["key"] = int(self.plan.key)
        return Ensemble(self.t_out, y, status, self.t_end, self.theta, self.plan.method.name, self.reason, self.path,
                        self.steps, self.system, self.drives, options)  # fmt: skip


def _input_table(plan: Plan, drives: list[Inputs], size: int) -> tuple[Any, ...]:
    """Return what the loop over members knows of the inputs.

    That is constants (B, M), the terms of all members behind each other, the spans of each in the terms and in the breaks
    (B, 4), the data of the terms, scratch, whether anything depends on time, and the breaks.
    """
    breaks = [FAMILIES[plan.method.family].breaks(plan, plan.inside(drive.breakpoints)) for drive in drives]
    ends = np.cumsum([0, *(len(drive.terms) for drive in drives)])
    break_ends = np.cumsum([0, *(part.size for part in breaks)])
    spans = np.column_stack([ends[:-1], ends[1:], break_ends[:-1], break_ends[1:]])
    starts = np.cumsum([0, *(drive.data.size for drive in drives)])
    terms = np.concatenate([drive.shifted_terms(int(start)) for drive, start in zip(drives, starts, strict=False)])
    base = np.array([drive.base for drive in drives])
    if len(drives) == 1:
        base, spans = np.repeat(base, size, axis=0), np.repeat(spans, size, axis=0)
    varying = any(not drive.constant for drive in drives)
    data = np.concatenate([drive.data for drive in drives])
    return base, terms, spans, data, np.zeros(base.shape[1]), varying, np.concatenate(breaks)
