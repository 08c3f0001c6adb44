"""Networks in bodies: every member of a population does its trials, and is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import _protocol as P
from neurodynamics._additive_kernels import BLAS_FROM
from neurodynamics._fixed import EXTRA_ROWS
from neurodynamics._lanes import lanes_address, rates_address
from neurodynamics._loop_kernels import BODY_RAISED, SIZES, run_jobs, run_jobs_in_lanes
from neurodynamics._loop_lanes import LANES, lane_outputs_address
from neurodynamics._members import PENDING
from neurodynamics._members_of import check_method, check_steps, check_template, motor_weights_of, parameter_rows
from neurodynamics._state import padded
from neurodynamics._threads import as_workers, over_rows
from neurodynamics.additive import AdditiveNetwork
from neurodynamics.evaluation import Evaluation
from neurodynamics.loop_solution import LoopSolution, from_trace
from neurodynamics.methods import Method
from neurodynamics.progress import progress_bar
from neurodynamics.random import key_from
from neurodynamics.runs import STATUS
from neurodynamics.simulate import Limits
from neurodynamics.status import Interrupted, Status
from neurodynamics.task import Task
from neurodynamics.validation import Floats, as_count, as_floats, as_number

WORTH_FROM = 6  # trials from which lanes are faster than one network after the other
ON_GRID = 1e-6  # durations closer to a whole number of periods than this share of one are that number


def evaluate(
    template: Any,
    task: Task,
    *,
    duration: float,
    dt: float,
    params: Mapping[str, ArrayLike] | ArrayLike | None = None,
    trials: int = 1,
    substeps: int = 1,
    method: str = "euler",
    y0: ArrayLike | None = None,
    rng: np.random.Generator | int | None = None,
    common_random_numbers: bool = False,
    record: tuple[int, int] | None = None,
    debug: bool = False,
    workers: int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> Evaluation:
    """Let every member of a population do a task.

    In each period ``substeps * dt`` the network takes ``substeps`` steps of length ``dt`` while its inputs are held at
    what was sensed, and then the body moves under the motors that result. Networks start each trial anew. Results do
    not depend on the number of workers or on where in the population a member stands, to the last bit.

    Parameters
    ----------
    template : DynamicalSystem
        A network. The task's sensors are its first inputs, and further ones are zero; its first outputs are the motors,
        or ``motor_weights @ outputs`` where it has motor weights (`ctrnn.MotorCTRNN`).
    task : Task
    duration : float
        Length of a trial, a whole number of periods.
    dt : float
        Step of the network.
    params : array_like, shape (B, P), or mapping of str to array_like
        Parameters of the members, by row or by name (``{"weights": (B, N, N)}``); the template's by default.
        A member with a NaN among them gets the score NaN.
    trials : int
    substeps : int
    method : {"euler", "exponential_euler", "heun", "midpoint", "rk4", "euler_maruyama", "stochastic_heun"}
    y0 : array_like, shape (N,) or (B, N), optional
        States of the networks at the start of a trial; zero by default.
    rng : optional
        Seed or generator for the random numbers of the task and the noise of the network.
    common_random_numbers : bool
        Whether the task draws the same random numbers for all members, for a fair comparison. (The network's noise stays
        its own.)
    record : (int, int), optional
        A member and a trial whose course is returned as ``.solution``.
    debug : bool
        Whether to check every index in the task's functions, and to raise what they raise. About twice as slow.
    workers : int, optional
        Threads; by default one for each core.
    timeout, progress, on_interrupt
        As for `simulate`.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])  # foot down, push forwards
    >>> result = evaluate(net, tasks.LeggedWalker(), duration=220, dt=0.1)
    >>> round(float(result.scores[0, 0]), 4)  # a single stride
    0.1253
    """
    check_template(template)
    if not isinstance(task, Task):
        raise TypeError(f"`task` must be a Task; got {type(task).__name__}.")
    limits = Limits.of(None, timeout, None, progress, on_interrupt)
    threads = as_workers(workers)
    chosen = check_method(method, template, noisy=True)
    dt = as_number(dt, "dt", positive=True)
    substeps = as_count(substeps, "substeps", minimum=1)
    trials = as_count(trials, "trials", minimum=1)
    steps = _whole_periods(duration, substeps * dt)
    rows, usable = parameter_rows(template, params)
    check_steps(template, chosen, dt, rows)
    starts = _starts(template, y0, len(rows))
    generator = np.random.default_rng(rng)
    key, noise_key = key_from(generator), key_from(generator)
    plan = (dt, substeps, steps, trials, key, bool(common_random_numbers))
    job = _Job(template, task, chosen, plan, rows, usable, starts, noise_key, bool(debug))
    wanted = None if record is None else _check_record(record, len(rows), trials)
    return job.run(threads, limits, wanted)


def _whole_periods(duration: Any, period: float) -> int:
    length = as_number(duration, "duration", minimum=0.0)
    steps = round(length / period)
    if abs(length / period - steps) > ON_GRID:
        raise ValueError(f"`duration` must be a whole number of periods substeps * dt = {period:g}; got {length:g}.")
    return steps


def _starts(template: Any, y0: Any, size: int) -> Floats:
    n = template.state_dim
    states = np.zeros(n) if y0 is None else as_floats(y0, "y0")
    if states.shape not in ((n,), (size, n)):
        raise ValueError(f"`y0` must have shape (state_dim,) = ({n},) or (B, {n}) with B = {size}; got {states.shape}.")
    return np.array(np.broadcast_to(states, (size, n)), order="C")


def _check_record(record: Any, members: int, trials: int) -> int:
    """Return the number of the job to record."""
    if np.shape(record) != (2,):
        raise ValueError(f"`record` must be (member, trial); got {record!r}.")
    member, trial = (as_count(part, f"record[{i}]") for i, part in enumerate(record))
    if member >= members or trial >= trials:
        raise ValueError(f"`record` = ({member}, {trial}) is outside the {members} members and {trials} trials.")
    return member * trials + trial


class _Job:
    """The memory of an evaluation, and its workers."""

    def __init__(self, template: Any, task: Task, method: Method, plan: Any, rows: Floats, usable: Any, starts: Floats,
                 noise_key: Any, debug: bool) -> None:  # fmt: skip
        self.template, self.task, self.method, self.plan = template, task, method, plan
        self.rows, self.starts, self.debug = rows, starts, debug
        self.sizes = _sizes(template, task)
        self.addresses = task.addresses(check_bounds=debug)
        tableau = method.tableau
        assert tableau is not None
        self.table = (tableau.a, tableau.b, tableau.c, method.exponential, method.noisy, np.uint64(noise_key))
        self.trials = plan[3]
        self.jobs = len(rows) * self.trials
        self.results = (np.full((self.jobs, task.score_dim), np.nan), np.full(self.jobs, PENDING, dtype=np.int64),
                        np.zeros(self.jobs, dtype=np.int64))  # fmt: skip
        self.bad = np.repeat(~usable, self.trials)
        self.stop = np.zeros(1, dtype=np.int64)
        self.lanes = (isinstance(template, AdditiveNetwork) and template.state_dim < BLAS_FROM and not method.noisy
                      and template.state_dim > 0 and self.jobs >= WORTH_FROM)  # fmt: skip

    def run(self, workers: int, limits: Limits, record: int | None) -> Evaluation:
        """Run all trials and return what was finished."""
        bar = progress_bar(self.jobs) if limits.progress else None

        def watch() -> None:
            if bar is not None:
                bar.update(int(np.sum(self.results[1] != PENDING)) - bar.n)

        group = LANES if self.lanes else 1
        task = self._lanes_task() if self.lanes else self._scalar_task()
        threads = 1 if self.template.state_dim >= BLAS_FROM else workers
        interrupted = late = False
        try:
            late = over_rows(
                lambda part: task(part.start * group, min(part.stop * group, self.jobs)), -(-self.jobs // group), threads,
                self.stop, limits.deadline, watch,
            )  # fmt: skip
        except KeyboardInterrupt:
            interrupted = True
        finally:
            if bar is not None:
                watch()
                bar.close()
        if self.debug:
            self._raise_what_failed()
        solution = self._record(record) if record is not None and not interrupted and not late else None
        result = self._result(Status.TIMEOUT if late else Status.INTERRUPTED, solution)
        if interrupted and limits.on_interrupt == "raise":
            raise Interrupted(result)
        return result

    def _scalar_task(self, trace: Floats | None = None) -> Callable[[int, int], None]:
        functions = _functions(self.template)
        n, m, k, km, s, sensors, d, _ = self.sizes.tolist()
        width = padded(n)
        kept = np.zeros((0, 0)) if trace is None else trace

        def task(first: int, last: int) -> None:
            memory = (
                np.zeros(width), np.zeros((len(self.table[1]) + EXTRA_ROWS, width)), np.zeros(m), np.zeros(max(k, n)),
                np.zeros(km + s + sensors + d), np.zeros(P.CLOCK_SIZE), np.zeros(P.COUNT_SIZE, dtype=np.int64),
                *_lane_memory(1),
            )  # fmt: skip
            run_jobs(functions, self.addresses, self.table, self.plan, self.sizes, self.rows, self.starts, memory,
                     self.results, self.stop, first, last, kept)  # fmt: skip

        return task

    def _lanes_task(self) -> Callable[[int, int], None]:
        functions = np.zeros(FUNCTIONS, dtype=np.int64)
        activation = self.template.activation
        functions[P.RHS] = lanes_address(activation, "float64", False)
        functions[P.RATES] = rates_address("float64", False) if self.method.exponential else 0
        functions[P.OUTPUTS] = lane_outputs_address(activation)
        n, m, _, km, s, sensors, d, _ = self.sizes.tolist()
        width = n * LANES

        def task(first: int, last: int) -> None:
            memory = (
                np.zeros(self.rows.shape[1] * LANES), np.zeros(width),
                np.zeros((len(self.table[1]) + EXTRA_ROWS, width)), np.zeros(m * LANES), np.zeros(width),
                np.zeros(km * LANES), np.zeros(LANES * (km + s + sensors + d)), np.zeros(P.CLOCK_SIZE),
                np.zeros(P.COUNT_SIZE, dtype=np.int64), *_lane_memory(LANES),
            )  # fmt: skip
            run_jobs_in_lanes(functions, self.addresses, self.table, self.plan, self.sizes, self.rows, self.starts, memory,
                              self.results, self.stop, first, last)  # fmt: skip

        return task

    def _record(self, job: int) -> LoopSolution:
        """Run a job once more and keep its course."""
        trace = np.full((self.plan[2] + 1, int(self.sizes[[0, 3, 4, 5, 6]].sum())), np.nan)
        kept = tuple(array.copy() for array in self.results)
        self._scalar_task(trace)(job, job + 1)
        code, steps = int(self.results[1][job]), int(self.results[2][job])
        for array, before in zip(self.results, kept, strict=True):
            array[:] = before
        status = Status.NON_FINITE if self.bad[job] else _status_of(code)
        member, trial = divmod(job, self.trials)
        period = self.plan[0] * self.plan[1]
        return from_trace(trace[: steps + 1], period, status, self.template.with_params(self.rows[member]), self.task,
                          (member, trial), self.method.name)  # fmt: skip

    def _raise_what_failed(self) -> None:
        failed = np.flatnonzero((self.results[1] == BODY_RAISED) & ~self.bad)
        if failed.size:
            member, trial = divmod(int(failed[0]), self.trials)
            k = int(self.results[2][failed[0]])
            raise IndexError(
                f"a function of the task raised an exception in member {member}, trial {trial}, step {k} "
                f"(t = {k * self.plan[0] * self.plan[1]:g}): most likely it reaches outside its arrays `state` "
                f"({self.task.state_dim}), `sensors` ({self.task.sensors}), `motors` ({self.task.motors}) or `score` "
                f"({self.task.score_dim})."
            )

    def _result(self, unfinished: Status, solution: LoopSolution | None) -> Evaluation:
        scores, codes, steps = self.results
        status = np.array([int(unfinished if c == PENDING else _status_of(c)) for c in codes.tolist()], dtype=np.int64)
        status[self.bad & (status >= 0)] = int(Status.NON_FINITE)
        scores[self.bad] = np.nan
        shape = (len(self.rows), self.trials)
        shaped = scores.reshape(*shape, -1) if self.jobs else scores.reshape(*shape, self.task.score_dim)
        options = {"dt": self.plan[0], "substeps": self.plan[1], "key": int(self.plan[4])}
        return Evaluation(
            shaped[..., 0] if self.task.score_dim == 1 else shaped, status.reshape(shape), steps.reshape(shape), self.rows,
            self.method.name, "lanes" if self.lanes else "compiled", solution, options,
        )  # fmt: skip


_ROLES = {P.RHS: "rhs", P.DIFFUSION: "diffusion", P.OUTPUTS: "outputs", P.RATES: "rates"}
FUNCTIONS = 6  # places of a driver's functions


def _functions(template: Any) -> np.ndarray:
    """Return the addresses of the network's functions, where drivers look for them."""
    functions = np.zeros(FUNCTIONS, dtype=np.int64)
    for place, role in _ROLES.items():
        if template.has(role):
            functions[place] = template.address(role)
    return functions


def _lane_memory(lanes: int) -> tuple[np.ndarray, ...]:
    """Return room for the job, the steps done, the word of random numbers and the flag of each lane."""
    return tuple(np.zeros(lanes, dtype=kind) for kind in (np.int64, np.int64, np.uint64, np.int64))


def _status_of(code: int) -> Status:
    return Status.NON_FINITE if code == BODY_RAISED else STATUS[code]


def _sizes(template: Any, task: Task) -> np.ndarray:
    """Return the sizes that the kernels want, in their order."""
    if task.sensors > template.input_dim:
        raise ValueError(
            f"the network must have an input for each of the task's {task.sensors} sensors; it has {template.input_dim}."
        )
    motors, first = motor_weights_of(template)
    if task.motors > motors or (first and task.motors != motors):
        raise ValueError(f"the network must have an output for each of the task's {task.motors} motors; it has {motors}.")
    sizes = [template.state_dim, template.input_dim, template.output_dim, task.motors, task.state_dim, task.sensors,
             task.score_dim, first]  # fmt: skip
    assert len(sizes) == SIZES
    return np.array(sizes, dtype=np.int64)
