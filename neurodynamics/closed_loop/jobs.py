"""The memory of an evaluation, and its workers: from members and trials to results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.closed_loop.blocks import Memory as BlockMemory, run_jobs_in_lanes
from neurodynamics.closed_loop.evaluation import Evaluation
from neurodynamics.closed_loop.kernels import (
    BODY_RAISED,
    MOTOR_WEIGHTS,
    MOTORS,
    SCORE,
    SENSORS,
    STATE,
    Lanes,
    Memory,
    N,
    Results,
    Rows,
    Trials,
    run_jobs,
)
from neurodynamics.closed_loop.lanes import lane_outputs_address
from neurodynamics.closed_loop.loop_solution import LoopSolution, from_trace
from neurodynamics.closed_loop.sizes import functions_of, sizes_of
from neurodynamics.closed_loop.task import Task
from neurodynamics.compiling import aligned_zeros, over_rows, padded
from neurodynamics.methods import EXTRA_ROWS, PENDING, protocol as P, scheme_arrays
from neurodynamics.progress import progress_bar
from neurodynamics.schemes import Method
from neurodynamics.simulation import STATUS, Limits
from neurodynamics.status import Interrupted, Status
from neurodynamics.systems import BLAS_FROM, LANES, lanes_address, rates_address, why_not_lanes
from neurodynamics.validation import Floats

WORTH_FROM = 6  # trials from which lanes are faster than one network after the other


class Jobs:
    """The memory of an evaluation, and its workers."""

    def __init__(self, template: Any, task: Task, method: Method, plan: Trials, rows: Floats, usable: Any, starts: Rows,
                 constants: Rows, noise_key: Any, dtype: str) -> None:  # fmt: skip
        self.template, self.task, self.method, self.plan = template, task, method, plan
        self.rows, self.starts, self.constants, self.dtype = rows, starts, constants, dtype
        self.sizes = sizes_of(template, task)
        self.addresses = task.addresses()
        self.noise_key = noise_key
        self.trials = plan.trials
        self.jobs = len(rows) * self.trials
        self.results = Results(np.full((self.jobs, task.score_dim), np.nan), np.full(self.jobs, PENDING, dtype=np.int64),
                               np.zeros(self.jobs, dtype=np.int64))  # fmt: skip
        self.bad = np.repeat(~usable, self.trials)
        self.stop = np.zeros(1, dtype=np.int64)
        obstacle = why_not_lanes(template) or (f"{method.name!r} adds noise" if method.noisy else "")
        if obstacle and dtype == "float32":
            raise ValueError(f"`dtype` must be 'float64' here: {obstacle}.")
        self.lanes = not obstacle and (self.jobs >= WORTH_FROM or dtype == "float32")

    def run(self, workers: int, limits: Limits, record: list[int] | int | None) -> Evaluation:
        """Run all trials and return what was finished, with the course of those to record."""
        bar = progress_bar(self.jobs) if limits.progress else None

        def watch() -> None:
            if bar is not None:
                bar.update(int(np.sum(self.results.codes != PENDING)) - bar.n)

        group = LANES[self.dtype] if self.lanes else 1
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
        chosen = [] if record is None or interrupted or late else record if isinstance(record, list) else [record]
        result = self._result(Status.TIMEOUT if late else Status.INTERRUPTED, [self._record(job) for job in chosen])
        if interrupted and limits.on_interrupt == "raise":
            raise Interrupted(result)
        return result

    def _scalar_task(self, trace: Floats | None = None) -> Callable[[int, int], None]:
        functions = functions_of(self.template)
        n, m, k, km = self.sizes[:4].tolist()
        width = padded(n)
        kept = np.zeros((0, 0)) if trace is None else trace

        scheme = scheme_arrays(self.method, self.noise_key, noisy=self.method.noisy)

        def task(first: int, last: int) -> None:
            memory = Memory(
                np.zeros(width), np.zeros((scheme.stages + EXTRA_ROWS, width)), np.zeros(m), np.zeros(max(k, n)),
                np.zeros(self.sizes[MOTORS:MOTOR_WEIGHTS].sum()), np.zeros(P.CLOCK_SIZE),
                np.zeros(P.COUNT_SIZE, dtype=np.int64), _lane_memory(1),
            )  # fmt: skip
            run_jobs(functions, self.addresses, scheme, self.plan, self.sizes, self.rows, self.starts, self.constants,
                     memory, self.results, self.stop, first, last, kept)  # fmt: skip

        return task

    def _lanes_task(self, trace: Floats | None = None) -> Callable[[int, int], None]:
        functions = np.zeros(P.FUNCTIONS_SIZE, dtype=np.int64)
        activation, dtype, lanes = self.template.activation, self.dtype, LANES[self.dtype]
        functions[P.RHS] = lanes_address(activation, dtype, False)
        functions[P.RATES] = rates_address(dtype, False) if self.method.exponential else 0
        functions[P.OUTPUTS] = lane_outputs_address(activation, dtype)
        n, m, _, km = self.sizes[:4].tolist()
        scheme = scheme_arrays(self.method, lanes=lanes)
        width, rows = n * lanes, scheme.stages + EXTRA_ROWS
        kept = np.zeros((0, 0)) if trace is None else trace

        def task(first: int, last: int) -> None:
            block, y, work, u, outs, motors = (
                aligned_zeros(shape, dtype)
                for shape in (self.rows.shape[1] * lanes, width, (rows, width), m * lanes, width, km * lanes)
            )
            memory = BlockMemory(
                block, y, work, u, outs, motors, np.zeros(lanes * self.sizes[MOTORS:MOTOR_WEIGHTS].sum()),
                np.zeros(P.CLOCK_SIZE), np.zeros(P.COUNT_SIZE, dtype=np.int64), _lane_memory(lanes),
            )  # fmt: skip
            run_jobs_in_lanes(functions, self.addresses, scheme, self.plan, self.sizes, self.rows, self.starts,
                              self.constants, memory, self.results, self.stop, first, last, kept)  # fmt: skip

        return task

    def _record(self, job: int) -> LoopSolution:
        """Run a job once more and keep its course."""
        trace = np.full((self.plan.steps + 1, int(self.sizes[[N, MOTORS, STATE, SENSORS, SCORE]].sum())), np.nan)
        kept = tuple(array.copy() for array in self.results)
        run = self._scalar_task if self.dtype == "float64" else self._lanes_task
        run(trace)(job, job + 1)
        code, steps = int(self.results.codes[job]), int(self.results.taken[job])
        for array, before in zip(self.results, kept, strict=True):
            array[:] = before
        status = Status.NON_FINITE if self.bad[job] else _status_of(code)
        member, trial = divmod(job, self.trials)
        period, own = self.plan.dt * self.plan.substeps, self.constants
        task = self.task.with_params(own.values[member * own.of_member + trial * own.of_trial])
        return from_trace(trace[: steps + 1], period, status, self.template.with_params(self.rows[member]), task,
                          (member, trial), self.method.name)  # fmt: skip

    def _result(self, unfinished: Status, solutions: list[LoopSolution]) -> Evaluation:
        scores, codes, steps = self.results.scores, self.results.codes, self.results.taken
        status = np.array([int(unfinished if c == PENDING else _status_of(c)) for c in codes.tolist()], dtype=np.int64)
        status[self.bad & (status >= 0)] = int(Status.NON_FINITE)
        scores[self.bad] = np.nan
        shape = (len(self.rows), self.trials)
        shaped = scores.reshape(*shape, -1) if self.jobs else scores.reshape(*shape, self.task.score_dim)
        options = {"dt": self.plan.dt, "substeps": self.plan.substeps, "key": int(self.plan.key), "dtype": self.dtype}
        return Evaluation(
            shaped[..., 0] if self.task.score_dim == 1 else shaped, status.reshape(shape), steps.reshape(shape), self.rows,
            self.method.name, "lanes" if self.lanes else "compiled", solutions, options,
        )  # fmt: skip


def _lane_memory(lanes: int) -> Lanes:
    """Return room for the job, the steps done, the word of random numbers and the flag of each lane."""
    return Lanes(*(np.zeros(lanes, dtype=kind) for kind in (np.int64, np.int64, np.uint64, np.int64)))


def _status_of(code: int) -> Status:
    return Status.NON_FINITE if code == BODY_RAISED else STATUS[code]
