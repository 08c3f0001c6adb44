"""What trials begin with, and which are recorded: arguments of `evaluate` that differ between members and trials."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from neurodynamics.closed_loop.kernels import Rows
from neurodynamics.closed_loop.task import Task
from neurodynamics.validation import Floats, as_count, as_floats, require_room


def each_trial(values: Floats) -> Rows:
    """Return rows of values (n,), or (B or 1, trials or 1, n), as kernels find them."""
    members, trials, width = np.atleast_3d(values).shape if values.ndim == 3 else (1, 1, values.size)
    rows = np.ascontiguousarray(values, dtype=np.float64).reshape(members * trials, width)
    return Rows(rows, trials if members > 1 else 0, 1 if trials > 1 else 0)


def rows_of_task(task: Task, params: Any, members: int, trials: int) -> Rows:
    """Return the task's parameters of all members and trials."""
    if params is None:
        return each_trial(task.params)
    if not isinstance(params, Mapping):
        rows = as_floats(params, "task_params")
        shapes = (members, task.param_dim), (members, trials, task.param_dim), (1, trials, task.param_dim)
        if rows.shape not in shapes:
            raise ValueError(f"`task_params` must have shape (B, Q) = {shapes[0]}, (B, trials, Q) or (1, trials, Q); got "
                             f"{rows.shape}.")  # fmt: skip
        rows = rows.reshape(len(rows), -1, task.param_dim)
    else:
        given = {name: _by_trial(task, name, value, members, trials) for name, value in params.items()}
        lead = np.broadcast_shapes((1, 1), *(array.shape[:2] for _, array in given.values()))
        rows = np.tile(task.params, (*lead, 1))
        for places, array in given.values():
            rows[..., places] = array
    task.check_params(rows)
    return each_trial(rows)


def _by_trial(task: Task, name: str, value: Any, members: int, trials: int) -> tuple[np.ndarray, Floats]:
    """Return where a parameter is, and its values (B or 1, trials or 1, ..)."""
    try:
        places = task.layout.positions(name)
    except ValueError as error:
        raise ValueError(f"`task_params`: {error}") from error
    array, own = as_floats(value, f"task_params[{name!r}]"), places.shape
    if array.shape not in (own, (members, *own), (members, trials, *own), (1, trials, *own)):
        raise ValueError(
            f"`task_params[{name!r}]` must have one entry a member, shape {(members, *own)}, one a trial, "
            f"{(members, trials, *own)} or {(1, trials, *own)}, or one for all, {own}; got {array.shape}."
        )
    more = array.ndim - len(own)
    return places, array.reshape((len(array) if more else 1, trials if more == 2 else 1, *own))


def jobs_of(record: Any, members: int, trials: int) -> list[int] | int | None:
    """Return the jobs to record: a number where one trial is asked for, a list where there may be several."""
    if record is None:
        return None
    if isinstance(record, str) and record == "all":
        return list(range(members * trials))
    several = isinstance(record, list) and record and all(isinstance(each, (tuple, list)) for each in record)
    pairs = record if several else [record]
    found = [job for pair in pairs for job in _jobs_of_pair(pair, members, trials)]
    require_room(len(found) * trials, "record")
    return found if several or None in record else found[0]


def _jobs_of_pair(pair: Any, members: int, trials: int) -> list[int]:
    if not isinstance(pair, (tuple, list, np.ndarray)) or len(pair) != 2:
        raise ValueError(f"`record` must be (member, trial), a list of them, or 'all'; got {pair!r}.")
    member, trial = (None if part is None else as_count(part, f"record[{i}]") for i, part in enumerate(pair))
    if (member or 0) >= members or (trial or 0) >= trials:
        raise ValueError(f"`record` = ({member}, {trial}) is outside the {members} members and {trials} trials.")
    chosen = (range(count) if which is None else [which] for which, count in ((member, members), (trial, trials)))
    return [one * trials + other for one, other in product(*chosen)]
