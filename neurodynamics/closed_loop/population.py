"""Closed loops: every member of a population does its trials in a body, and is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.closed_loop.agents import side_by_side, team_rows, team_starts
from neurodynamics.closed_loop.evaluation import Evaluation
from neurodynamics.closed_loop.jobs import Jobs
from neurodynamics.closed_loop.kernels import Rows, Trials
from neurodynamics.closed_loop.task import Task
from neurodynamics.closed_loop.trial_arguments import each_trial, jobs_of, rows_of_task
from neurodynamics.compiling import as_workers
from neurodynamics.inputs import key_from
from neurodynamics.notices import quiet
from neurodynamics.simulation import Limits, check_method, check_steps, check_template
from neurodynamics.systems import LANES
from neurodynamics.validation import as_choice, as_count, as_floats, as_generator, as_number, require_room

MOST_PERIODS = 2.0**53  # they are counted in double precision
WORK_AT_ONCE = 2**24  # additions and multiplications between looks for a limit, some milliseconds
ON_GRID = 1e-6  # durations closer to a whole number of periods than this share of one are that number


def evaluate(
    template: Any,
    task: Task,
    *,
    duration: float | None = None,
    dt: float | None = None,
    params: Mapping[str, ArrayLike] | ArrayLike | None = None,
    trials: int | None = None,
    substeps: int | None = None,
    method: str = "euler",
    y0: ArrayLike | None = None,
    task_params: Mapping[str, ArrayLike] | ArrayLike | None = None,
    rng: np.random.Generator | int | None = None,
    common_random_numbers: bool = False,
    first_member: int = 0,
    record: Any = None,
    dtype: str = "float64",
    debug: bool = False,
    workers: int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> Evaluation:
    """Let every member of a population do a task.

    In each period ``substeps * dt`` the network takes ``substeps`` steps of length ``dt`` while its inputs are held at
    what was sensed, and then the body moves under the motors that result. Networks start each trial anew. Results do
    not depend on the number of workers, to the last bit, nor on where in the population a member stands but for the random
    numbers that it draws (see ``rng``).

    Parameters
    ----------
    template : DynamicalSystem
        A network. The task's sensors are its first inputs, and further ones are zero; its first outputs are the motors,
        or ``motor_weights @ outputs`` where it has motor weights (`ctrnn.MotorCTRNN`).
    task : Task
    duration : float, optional
        Length of a trial, a whole number of periods.
    dt : float, optional
        Step of the network. Where not both are given, the run is that of ``task.standard``, as published tasks have it, with
        what is given in the place of its duration, dt, trials and substeps.
    params : array_like, shape (B, P), or mapping of str to array_like
        Parameters of the members, by row or by name (``{"weights": (B, N, N)}``); the template's by default.
        A member with a NaN among them gets the score NaN. Where the task has several agents, they are clones of their
        member, or have rows of their own, shape (B, agents, P).
    trials, substeps : int
        1 by default.
    method : {"euler", "exponential_euler", "heun", "midpoint", "rk4", "euler_maruyama", "stochastic_heun"}
    y0 : array_like, shape (N,), (B, N) or (B, trials, N), optional
        States of the networks at the start of a trial; zero by default. What the task's ``reset`` writes to ``y`` goes
        before.
    task_params : array_like, shape (B, Q) or (B, trials, Q), or mapping of str to array_like, optional
        The constants of the task, by row or by name: ``{"mass": (B,)}``, or ``(B, trials)`` for each trial its own, or
        ``(1, trials)`` where these are the same for all members, or one value for all; the task's own by default. Nothing is
        compiled for them.
    rng : optional
        Seed or generator for the random numbers of the task and the noise of the network. What a member draws depends on
        its number in the population, unless they have ``common_random_numbers``: equal members have trials of their own.
        A population may be cut into pieces, each evaluated with the same seed and its ``first_member``.
    common_random_numbers : bool
        Whether the task draws the same random numbers for all members, for a fair comparison. (The network's noise stays
        its own.)
    first_member : int
        Number of the first member in the whole population of which these are a piece.
    record : (int, int), list of (int, int), or "all", optional
        A member and a trial whose course is returned as ``.solution``; several are ``.solutions``. None in the place of a
        number means all: ``(3, None)`` are the trials of member 3.
    dtype : {"float64", "float32"}
        Precision of the networks; bodies, sensors, motors and scores are in double precision always. Single precision
        needs an additive network of fewer than 128 neurons and a method without noise, and goes its own way: each step
        errs by about 6e-8 of the state, which chaos and thresholds amplify.
    debug : bool
        Whether to raise what functions of the task or of the system raise on purpose; otherwise such a trial ends with
        the status NON_FINITE. (Indices outside the arrays are always found, and raised.)
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
    >>> result = evaluate(net, tasks.LeggedWalker())  # as published: duration=220, dt=0.1
    >>> round(float(result.scores[0, 0]), 4)  # a single stride
    0.1253
    """
    check_template(template)
    if not isinstance(task, Task):
        raise TypeError(f"`task` must be a Task; got {type(task).__name__}.")
    limits = Limits.of(None, timeout, None, progress, on_interrupt)
    threads = as_workers(workers)
    chosen = check_method(method, template, noisy=True)
    usual = _usual(task, {"duration": duration, "dt": dt, "trials": trials, "substeps": substeps})
    dt = as_number(usual["dt"], "dt", positive=True)
    substeps, trials = (as_count(usual[name], name, minimum=1) for name in ("substeps", "trials"))
    steps = _whole_periods(usual["duration"], float(min(substeps, 2**62)) * dt)
    agent, template = template, side_by_side(template, task.agents)
    rows, usable, own_rows = team_rows(agent, template, params, task.agents)
    require_room(4 * trials * len(rows), "trials")
    with quiet():  # closed loops are often defined with a coarse dt
        check_steps(template, chosen, dt, rows)
    starts = _starts(template, team_starts(agent, y0, task.agents), len(rows), trials)
    constants = rows_of_task(task, task_params, len(rows), trials)
    generator = as_generator(rng)
    key, noise_key = key_from(generator), key_from(generator)
    first = as_count(first_member, "first_member")
    piece = max(1, WORK_AT_ONCE // (LANES[as_choice(dtype, "dtype", LANES)] * (template.state_dim**2 + 64)))
    plan = Trials(dt, substeps, steps, trials, key, bool(common_random_numbers), first, piece)
    limits.planned()
    job = Jobs(template, task, chosen, plan, rows, usable, starts, constants, noise_key, dtype)
    wanted = jobs_of(record, len(rows), trials)
    result = job.run(threads, limits, wanted)
    template.raise_failures(as_they_were=bool(debug))
    task.raise_failures(substeps * dt, trials, as_they_were=bool(debug))
    return result if task.agents == 1 else replace(result, params=own_rows)


def _usual(task: Task, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a run, those of the task's standard run where its clock is not given."""
    options = {name: value for name, value in given.items() if value is not None}
    if not {"duration", "dt"} <= {*options}:
        options = {**getattr(task, "standard", {})} | options
    missing = [f"`{name}`" for name in ("duration", "dt") if name not in options]
    if missing:
        raise TypeError(f"{' and '.join(missing)} must be given: {task!r} has no `standard` run.")
    return {"trials": 1, "substeps": 1} | options


def _whole_periods(duration: Any, period: float) -> int:
    length = as_number(duration, "duration", minimum=0.0)
    steps = round(length / period) if length / period <= MOST_PERIODS else 0
    if length / period > MOST_PERIODS or abs(length / period - steps) > ON_GRID or (length > 0 and steps == 0):
        raise ValueError(f"`duration` must be a whole number of periods substeps * dt = {period:g}; got {length:g}.")
    return steps


def _starts(template: Any, y0: Any, members: int, trials: int) -> Rows:
    n = template.state_dim
    states = np.zeros(n) if y0 is None else as_floats(y0, "y0")
    if states.shape not in ((n,), (members, n), (members, trials, n)):
        raise ValueError(
            f"`y0` must have shape (state_dim,) = ({n},), (B, {n}) or (B, trials, {n}) with B = {members} and "
            f"trials = {trials}; got {states.shape}."
        )
    return each_trial(states if states.ndim == 3 else states[..., np.newaxis, :] if states.ndim == 2 else states)
