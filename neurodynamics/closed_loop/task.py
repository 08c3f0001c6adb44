"""Tasks: a body and its world, as two functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.closed_loop.task_functions import TaskFunction, arguments_of, check_arguments, try_out
from neurodynamics.closed_loop.task_map import TaskMap, task_map
from neurodynamics.compiling import OutsideArrays, portable
from neurodynamics.systems import ParameterLayout, by_name
from neurodynamics.unchanging import Unchanging
from neurodynamics.validation import as_floats, as_size, require_room

FUNCTIONS = ("reset", "step", "draw")
TRY_OUT_BELOW = 100_000  # numbers: more take their time uncompiled


class Task(Unchanging):
    """A body in its world, which a network senses and moves.

    To add a task, write two functions with loops over numbers and arrays; compiled copies of them are made.

    1. ``reset(key, trial, state, sensors)`` begins a trial: write the body's ``state``, which is zero before, and what it
       ``sensors`` at the start. Random numbers are ``draw_uniform(key, 0)``, ``draw_uniform(key, 1)``, ..
    2. ``step(t, dt, motors, state, sensors, score) -> int`` moves the body from t to t + dt, one control period
       (`substeps` steps of the network), under the read-only ``motors``, which the outputs of a logistic network keep
       between 0 and 1, writes the new state and sensors and adds to the ``score``, which is zero at the start. Return 0 to
       go on and 1 when the trial is done.

    Behind these arguments, either takes ``params``, the constants of the body as one read-only vector; ``step`` takes
    ``key``, which gives each step random numbers of its own; and ``reset`` takes ``y``, the first state of the network, to
    write to.

    Values from outside and helper functions are compiled along, as they are now; a task whose values have changed since
    refuses to run. Functions that differ in numbers and arrays from outside only are compiled once. Functions should not
    keep anything elsewhere: trials run in threads, many at a time.

    Parameters
    ----------
    reset, step : callable
    state_dim : int
        Length of ``state``.
    sensors, motors : int
        Length of ``sensors``, which become the first inputs of the network, and of ``motors``, its first outputs.
    score_dim : int
        Length of ``score``.
    agents : int
        Networks in one world; `sensors` and `motors` are those of one. Motor k of agent a is ``motors[k * agents + a]``, and
        sensors are in the same order.
    params : mapping of str to float or array, optional
        Constants of the body by name, in the order in which ``params`` has them; matrices go column by column. `evaluate`
        gives each member, and each trial, its own (``task_params``), `with_params` another task.
    state_names : sequence of str, optional
        What the states are called in pictures; `LoopSolution.plot` draws paths by these names.
    draw : callable ``(ax, state)``, optional
        Draws the body in a state on matplotlib axes, for `analysis.plotting.plot_frames` and films.

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
        self, *, reset: Callable, step: Callable, state_dim: int, sensors: int, motors: int, score_dim: int = 1,
        params: Mapping[str, ArrayLike] | None = None, state_names: Sequence[str] = (),
        draw: Callable[[Any, Any], Any] | None = None, agents: int = 1,
    ) -> None:  # fmt: skip
        check_arguments("reset", reset)
        check_arguments("step", step)
        self.reset, self.step = reset, step
        if not isinstance(params, (Mapping, type(None))):
            raise TypeError(f"`params` must be a dict of names and values; got {type(params).__name__}.")
        self.layout, self.params = ParameterLayout.of(params or {})
        self.params.flags.writeable = False
        self.state_dim = as_size(state_dim, "state_dim")
        self.agents = as_size(agents, "agents", minimum=1)
        self.sensors = self.agents * as_size(sensors, "sensors")  # of all agents
        self.motors = self.agents * as_size(motors, "motors")
        require_room(self.sensors + self.motors, "agents")
        self.score_dim = as_size(score_dim, "score_dim", minimum=1)
        if not hasattr(type(self), "state_names"):
            self.state_names = _names_of_states(state_names, self.state_dim)
        if not callable(draw) and draw is not None:
            raise TypeError(f"`draw` must be a function (ax, state); got {type(draw).__name__}.")
        if not hasattr(type(self), "draw"):
            self.draw = draw
        self._functions = (TaskFunction("reset", reset), TaskFunction("step", step))
        if self._functions[1].of_user and sum(self._sizes.values()) <= TRY_OUT_BELOW:
            try_out(reset, step, self._sizes, self.params)

    @property
    def param_dim(self) -> int:
        """The number of parameters."""
        return self.params.size

    @property
    def param_names(self) -> list[str]:
        """The names of the parameters, in their order."""
        return [self.layout.name_of(position) for position in range(self.param_dim)]

    @property
    def sets_network(self) -> bool:
        """Whether ``reset`` writes the first state of the network."""
        return "y" in (arguments_of("reset", self.reset) or ())

    def as_map(
        self, network: Any, *, dt: float, substeps: int = 1, method: str = "euler", moving_frame: Sequence[str | int] = (),
    ) -> TaskMap:  # fmt: skip
        """Return the embodied agent as a map of one control period, for every analysis of maps.

        The state is that of the network and that of the body, just before the body moves: it moves, is sensed, and the
        network takes its steps, exactly as in `evaluate`. So ``limit_cycle``, ``fixed_points``, ``lyapunov_spectrum``,
        ``basins`` and ``floquet`` know the agent without another description of its body.

        Parameters
        ----------
        network : DynamicalSystem
            Of several agents the networks of all are the network of the map, each with parameters of its own.
        dt, substeps, method
            As for `evaluate`.
        moving_frame : sequence of str or int
            States of the body that count from a common origin which moves along, such as ``("x", "foot_x")`` of a walker:
            after each period the first of them is taken off all, so that a gait closes. The body must not depend on where
            the origin is.

        Returns
        -------
        TaskMap
            A system of kind map. Its parameters are those of the network, then those of the task behind ``"body_"``; its
            outputs those of the network and the state of the body. It has no Jacobian of its own, so central differences
            stand in, one period long. A state in which the trial ends leads to NaN, as does a sensor that ``step`` does
            not write. ``score`` is zero before each step. ``states(solution)`` are the states along a recorded trial.

        Raises
        ------
        ValueError
            For a ``step`` that draws random numbers, and networks that do not fit.

        Examples
        --------
        >>> from analysis import fixed_points
        >>> from ctrnn import CTRNN
        >>> from neuroevolution import tasks
        >>> net = CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])
        >>> agent = tasks.PoleBalancing(1, friction=False).as_map(net, dt=0.01, substeps=2)
        >>> upright = fixed_points(agent, bounds=[-0.2, 0.2], rng=0)
        >>> len(upright), bool(upright.stable[0])
        (1, True)
        """
        return task_map(self, network, dt, substeps, method, moving_frame)

    def check_params(self, vector: Any) -> None:
        """Raise ValueError where a parameter is not allowed; a task of your own allows all."""

    def with_params(self, params: Mapping[str, ArrayLike] | ArrayLike) -> Self:
        """Return the same task with other parameters: all of them as a vector, or some by name; nothing is compiled."""
        params = by_name(params)
        vector = self.params.copy() if isinstance(params, Mapping) else as_floats(params, "params")
        if isinstance(params, Mapping):
            for name, value in params.items():
                places = self.layout.positions(name)
                array = as_floats(value, f"params[{name!r}]")
                if array.shape != places.shape:
                    raise ValueError(f"`params[{name!r}]` must have shape {places.shape}; got {array.shape}.")
                vector[places] = array
        if vector.shape != self.params.shape:
            raise ValueError(f"`params` must have shape (param_dim,) = {self.params.shape}; got {vector.shape}.")
        self.check_params(vector)
        other = object.__new__(type(self))
        other.__dict__ |= self.__dict__ | {"params": np.array(vector)}
        other.params.flags.writeable = False
        return other

    @property
    def _sizes(self) -> dict[str, int]:
        return {"motors": self.motors, "state": self.state_dim, "sensors": self.sensors, "score": self.score_dim,
                "params": self.param_dim}  # fmt: skip

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
        kept = {name: value for name, value in self.__dict__.items() if name not in ("_functions", *FUNCTIONS)}
        return _again, (type(self), [portable(self.__dict__.get(name)) for name in FUNCTIONS], kept)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.state_dim} states, {self.sensors} sensors, {self.motors} motors)"


def _names_of_states(names: Any, count: int) -> tuple[str, ...]:
    """Return the names of the states, numbers where there are none."""
    given = tuple(names) if isinstance(names, (list, tuple)) else (names,)
    if len(given) not in (0, count) or not all(isinstance(name, str) for name in given) or len({*given}) < len(given):
        raise ValueError(f"`state_names` must be {count} different strings, one a state; got {names!r}.")
    return given or tuple(f"state[{number}]" for number in range(count))


def _told(error: Exception | None, function: Any, where: str, sizes: dict[str, int]) -> Exception:
    """Return the error with where it happened."""
    if error is None:
        held = ", ".join(f"`{name}` has {size}" for name, size in sizes.items())
        return OutsideArrays(f"`{function.role}` raised an exception {where}; it may reach outside its arrays: {held}.")
    return type(error)(f"{error} ({where})")


def _again(cls: Any, functions: list[Any], kept: dict[str, Any]) -> Any:
    task = object.__new__(cls)
    functions = [function if getattr(function, "is_kernel", False) else getattr(function, "py_func", function)
                 for function in functions]  # fmt: skip
    task.__dict__ |= kept | dict(zip(FUNCTIONS, functions, strict=True))
    task._functions = (TaskFunction("reset", task.reset), TaskFunction("step", task.step))
    return task
