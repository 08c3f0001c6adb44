"""Tasks: a body and its world, as two functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.closed_loop.task_functions import TaskFunction, check_arguments, try_out
from neurodynamics.compiling import OutsideArrays, portable
from neurodynamics.unchanging import Unchanging
from neurodynamics.validation import as_size

TRY_OUT_BELOW = 100_000  # numbers: more take their time uncompiled


class Task(Unchanging):
    """A body in its world, which a network senses and moves.

    To add a task, write two functions with loops over numbers and arrays; compiled copies of them are made.

    1. ``reset(key, trial, state, sensors)`` begins a trial: write the body's ``state``, which is zero before, and what it
       ``sensors`` at the start. Random numbers are ``draw_uniform(key, 0)``, ``draw_uniform(key, 1)``, ..
    2. ``step(t, dt, motors, state, sensors, score) -> int`` moves the body from t to t + dt, one control period
       (`substeps` steps of the network), under the read-only ``motors``, which the outputs of a logistic network keep
       between 0 and 1, writes the new state and sensors and adds to the ``score``, which is zero at the start. Return 0 to
       go on and 1 when the trial is done. A seventh argument ``key`` gives each step random numbers of its own.

    Values from outside and helper functions are compiled along, as they are now; a task whose values have changed since
    refuses to run. Functions should not keep anything elsewhere: trials run in threads, many at a time.

    Parameters
    ----------
    reset, step : callable
    state_dim : int
        Length of ``state``.
    sensors, motors : int
        Length of ``sensors``, which become the first inputs of the network, and of ``motors``, its first outputs.
    score_dim : int
        Length of ``score``.

    Examples
    --------
    A mass on a line that is to stay near 0, pushed by the difference of two neurons:

    >>> from ctrnn import CTRNN, Task, draw_uniform, evaluate
    >>> def reset(key, trial, state, sensors):
    ...     state[0] = 2 * draw_uniform(key, 0) - 1
    ...     sensors[0] = state[0]
    >>> def step(t, dt, motors, state, sensors, score):
    ...     state[1] += dt * (motors[0] - motors[1] - state[1])
    ...     state[0] += dt * state[1]
    ...     sensors[0] = state[0]
    ...     score[0] -= dt * abs(state[0])
    ...     return abs(state[0]) > 10
    >>> task = Task(reset=reset, step=step, state_dim=2, sensors=1, motors=2)
    >>> net = CTRNN([[0, -4], [4, 0]], input_weights=[[-4], [4]])
    >>> evaluate(net, task, trials=3, duration=20, dt=0.02, rng=1).scores.shape
    (1, 3)
    """

    def __init__(
        self, *, reset: Callable, step: Callable, state_dim: int, sensors: int, motors: int, score_dim: int = 1
    ) -> None:
        check_arguments("reset", reset)
        check_arguments("step", step)
        self.reset, self.step = reset, step
        self.state_dim = as_size(state_dim, "state_dim")
        self.sensors = as_size(sensors, "sensors")
        self.motors = as_size(motors, "motors")
        self.score_dim = as_size(score_dim, "score_dim", minimum=1)
        self._functions = (TaskFunction("reset", reset), TaskFunction("step", step))
        if self._functions[1].of_user and sum(self._sizes.values()) <= TRY_OUT_BELOW:
            try_out(reset, step, self._sizes)

    @property
    def _sizes(self) -> dict[str, int]:
        return {"motors": self.motors, "state": self.state_dim, "sensors": self.sensors, "score": self.score_dim}

    def addresses(self) -> np.ndarray:
        """Return where the compiled functions are; compiles at the first call."""
        return np.array([function.address for function in self._functions], dtype=np.int64)

    def raise_failures(self, dt: float, trials: int, *, as_they_were: bool = False) -> None:
        """Raise where a function reached outside its arrays since the last look.

        Exceptions that it raised on purpose are a status of the trial, except ``as_they_were``.
        """
        for function in self._functions:
            found = function.failure(self._sizes, dt)
            if found is None:
                continue
            explained, error, job, t = found
            if error is not None and as_they_were and not isinstance(error, IndexError):
                raise error
            if error is None or explained is not None:
                member, trial = divmod(job, trials)
                where = f"in member {member}, trial {trial}, step {round(t / dt)} (t = {t:g})"
                raise _told(explained, function, where, self._sizes) from error

    def __reduce__(self) -> Any:
        """Copies, and other processes, compile anew."""
        kept = {name: value for name, value in self.__dict__.items() if name not in ("_functions", "reset", "step")}
        return _again, (type(self), portable(self.reset), portable(self.step), kept)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.state_dim} states, {self.sensors} sensors, {self.motors} motors)"


def _told(error: Exception | None, function: Any, where: str, sizes: dict[str, int]) -> Exception:
    """Return the error with where it happened."""
    if error is None:
        held = ", ".join(f"`{name}` has {size}" for name, size in sizes.items())
        return OutsideArrays(f"`{function.role}` raised an exception {where}; it may reach outside its arrays: {held}.")
    return type(error)(f"{error} ({where})")


def _again(cls: Any, reset: Any, step: Any, kept: dict[str, Any]) -> Any:
    task = object.__new__(cls)
    functions = [function if getattr(function, "is_kernel", False) else getattr(function, "py_func", function)
                 for function in (reset, step)]  # fmt: skip
    task.__dict__ |= kept | {"reset": functions[0], "step": functions[1]}
    task._functions = (TaskFunction("reset", functions[0]), TaskFunction("step", functions[1]))
    return task
