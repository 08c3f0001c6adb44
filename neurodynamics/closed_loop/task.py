"""Tasks: a body and its world, as two functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.closed_loop.task_functions import check_arguments, task_address, try_out
from neurodynamics.validation import as_count


class Task:
    """A body in its world, which a network senses and moves.

    To add a task, write two functions with loops over numbers and arrays; compiled copies of them are made.

    1. ``reset(key, trial, state, sensors)`` begins a trial: write the body's ``state``, which is zero before, and what it
       ``sensors`` at the start. Random numbers are ``draw_uniform(key, 0)``, ``draw_uniform(key, 1)``, ..
    2. ``step(t, dt, motors, state, sensors, score) -> int`` moves the body from t to t + dt under the read-only
       ``motors``, writes the new state and sensors and adds to the ``score``, which is zero at the start. Return 0 to go
       on and 1 when the trial is done. A seventh argument ``key`` gives each step random numbers of its own.

    Functions should not keep anything elsewhere: trials run in threads, many at a time.

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
        self.state_dim = as_count(state_dim, "state_dim")
        self.sensors = as_count(sensors, "sensors")
        self.motors = as_count(motors, "motors")
        self.score_dim = as_count(score_dim, "score_dim", minimum=1)
        if not getattr(step, "is_kernel", False):
            sizes = {"motors": self.motors, "state": self.state_dim, "sensors": self.sensors, "score": self.score_dim}
            try_out(reset, step, sizes)

    def addresses(self, *, check_bounds: bool = False) -> np.ndarray:
        """Return where the compiled functions are; compiles at the first call."""
        return _addresses(self.reset, self.step, check_bounds)[0]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.state_dim} states, {self.sensors} sensors, {self.motors} motors)"


@functools.lru_cache(maxsize=1000)
def _addresses(reset: Any, step: Any, check_bounds: bool) -> tuple[np.ndarray, Any]:
    """The same functions are compiled once; the second entry keeps their code alive."""
    first, kept = task_address("reset", reset, check_bounds=check_bounds)
    second, also_kept = task_address("step", step, check_bounds=check_bounds)
    return np.array([first, second], dtype=np.int64), (kept, also_kept)
