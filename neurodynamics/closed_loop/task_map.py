"""The embodied agent as a stroboscopic map: a network and the body of a task, seen once a control period."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from neurodynamics.closed_loop.agents import side_by_side
from neurodynamics.closed_loop.kernels import Lanes, apply, body_of, outputs_to
from neurodynamics.closed_loop.sizes import functions_of, sizes_of
from neurodynamics.closed_loop.task_functions import GO_ON, arguments_of
from neurodynamics.compiling import call, copy_to, keep, offset, padded, pointer, pointer_closure
from neurodynamics.files import Saved
from neurodynamics.methods import EXTRA_ROWS, fixed, protocol as P
from neurodynamics.schemes import METHODS
from neurodynamics.systems import DynamicalSystem, Recipe, maker
from neurodynamics.validation import Floats, as_choice, as_count, as_items, as_number

PREFIX = "body_"  # of the names of the task's parameters, as `couple` has it
MOST_SUBSTEPS = 10**6
NAMES = [name for name, method in METHODS.items() if method.constant_step and not method.noisy]
PUBLISHED = "neuroevolution"  # the package whose tasks a file can name


class TaskMap(Saved, DynamicalSystem):
    """What `Task.as_map` returns: a map whose states are those of the network, then those of the body.

    Attributes
    ----------
    network : DynamicalSystem
    task : Task
        Both with the parameters that the map was made with.
    dt : float
    substeps : int
    """

    network: DynamicalSystem
    task: Any
    dt: float
    substeps: int
    _frame: tuple[int, ...]

    @property
    def period(self) -> float:
        """The control period, which one iteration lasts."""
        return self.substeps * self.dt

    def states(self, solution: Any) -> Floats:
        """Return the states (T - 1, N + S) of the map along a trial that `evaluate` has recorded; the first is a start."""
        body = solution.state[:, :-1].copy()
        if self._frame:
            body[list(self._frame)] -= body[self._frame[0]].copy()
        return np.concatenate([solution.y[:, 1:], body]).T

    def split(self, z: Floats) -> tuple[Floats, Floats]:
        """Return the states of the network and of the body, of a state (N + S,) or a trajectory (N + S, T)."""
        return z[: self.network.state_dim], z[self.network.state_dim :]

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what network or task allow."""
        p = self.network.param_dim
        self.network.check_params(vector[..., :p])
        self.task.check_params(vector[..., p:])

    def raise_failures(self, *, as_they_were: bool = False) -> None:
        """Raise where a function of the network or of the task reached outside its arrays since the last look."""
        self.network.raise_failures(as_they_were=as_they_were)
        self.task.raise_failures(self.period, 1, as_they_were=as_they_were)


def task_map(task: Any, network: Any, dt: float, substeps: int, method: str, moving_frame: Sequence[str | int]) -> TaskMap:
    """Return the map of a network in the body of a task; see `Task.as_map`."""
    if not isinstance(network, DynamicalSystem) or network.kind != "flow" or network.host:
        raise ValueError(f"`network` must be a flow with compiled functions; got {network!r}.")
    given, network = network, side_by_side(network, task.agents)
    if "key" in (arguments_of("step", task.step) or ()):
        raise ValueError("`step` of the task draws random numbers (its `key`), and a random map has no cycles or exponents: "
                         "give the task a step without `key`.")  # fmt: skip
    chosen, frame = METHODS[as_choice(method, "method", NAMES)], _frame(task, moving_frame)
    if chosen.exponential and not network.has("rates"):
        raise ValueError(f"`method` {method!r} needs an additive network, whose leak it integrates exactly.")
    system = TaskMap.__new__(TaskMap)
    system.network, system.task, system._frame = network, task, frame
    system.dt, system.substeps = as_number(dt, "dt", positive=True), as_count(substeps, "substeps", minimum=1)
    if system.substeps > MOST_SUBSTEPS:
        raise ValueError(f"`substeps` must be at most {MOST_SUBSTEPS:,} in one iteration of a map; got {substeps}.")
    system._recipe = _recipe(task, given, (system.dt, system.substeps, chosen.name, list(frame)))
    sizes = tuple(sizes_of(network, task).tolist())
    functions = (*functions_of(network).tolist(), int(task.addresses()[1]))
    own = {PREFIX + name: task.layout.view(task.params, name) for name in task.layout.shapes}
    DynamicalSystem.__init__(
        system, _period(functions, sizes, network.param_dim, chosen.name, system.dt, system.substeps, frame),
        network.state_dim + task.state_dim,
        {name: network.layout.view(network.params, name) for name in network.layout.shapes} | own, kind="map",
        angles=network.angles, outputs=_outputs(functions[P.OUTPUTS], network.state_dim, network.param_dim,
                                                network.output_dim, task.state_dim),
        output_dim=network.output_dim + task.state_dim,
    )  # fmt: skip
    return system


def _frame(task: Any, names: Any) -> tuple[int, ...]:
    """Return the numbers of the states that move along."""
    known, found = list(task.state_names), []
    for name in as_items(names, "moving_frame"):
        place = known.index(name) if name in known else -1 if isinstance(name, str) else as_count(name, "moving_frame")
        if not 0 <= place < task.state_dim:
            raise ValueError(f"`moving_frame` must name states of the task, of {', '.join(known)}; got {name!r}.")
        found.append(place)
    return tuple(found)


def _recipe(task: Any, network: Any, options: tuple[Any, ...]) -> Recipe:
    """Return how the map is made again: of a task in a file by its name, of one of a user's own from the task."""
    kind = type(task)
    if kind.__module__.partition(".")[0] != PUBLISHED:
        return Recipe(task_map, (task, network, *options))
    arguments = {name: getattr(task, name) for name in list(inspect.signature(kind.__init__).parameters)[1:]}
    return Recipe(map_of_published_task, (kind.__name__, arguments, network, *options))


@maker
def map_of_published_task(name: str, arguments: Any, network: Any, *options: Any) -> TaskMap:
    """Return the map of a network in a task of `neuroevolution.tasks`, as files name it."""
    tasks = importlib.import_module(PUBLISHED).tasks
    return task_map(getattr(tasks, as_choice(name, "name", tasks.__all__))(**arguments), network, *options)


@functools.lru_cache(maxsize=64)
def _period(
    functions: tuple[int, ...], sizes: tuple[int, ...], p: int, name: str, dt: float, substeps: int, frame: tuple[int, ...]
) -> Any:
    """The body moves, is sensed, and the network takes its steps: what `evaluate` does, from one move to the next."""
    tableau, exponential = METHODS[name].tableau, METHODS[name].exponential
    assert tableau is not None
    a, b, c, stages = np.ascontiguousarray(tableau.a), tableau.b, tableau.c, tableau.stages
    n, m, shown, km, s, sensors, d, q, starts, _ = sizes
    width, rows, step, period = padded(n), stages + EXTRA_ROWS, fixed.step, substeps * dt
    of_body = km + s + sensors + d + q + starts
    task, sizes_there, places = functions[-1], np.array(sizes), np.array([*frame, -1])
    addresses, members = np.array(functions[:-1]), len(frame)

    @pointer_closure
    def loop_period(index, t, z, size, none, zero, params, every, out, k):
        sized, functions_there = pointer(sizes_there), pointer(addresses)
        memory = np.zeros(width * (1 + rows) + m + max(shown, n) + P.CLOCK_SIZE + of_body)
        y, work = pointer(memory), offset(pointer(memory), width)
        u = offset(work, rows * width)
        outs = offset(u, m)
        clock = offset(outs, max(shown, n))
        bodies = offset(clock, P.CLOCK_SIZE)
        counted, words = np.zeros(P.COUNT_SIZE + 3, dtype=np.int64), np.zeros(1, dtype=np.uint64)
        jobs = offset(pointer(counted), P.COUNT_SIZE)
        lanes = Lanes(jobs, offset(jobs, 1), pointer(words), offset(jobs, 2))
        body = body_of(0, bodies, sized)
        count, done, flags = pointer(counted), lanes.done, lanes.flags
        problem = P.Problem(functions_there, P.held(u, m), params, p, n, width)
        scheme = fixed.Scheme(pointer(a), pointer(b), pointer(c), stages, exponential, False, np.uint64(0), 1)
        copy_to(z, n, y)
        copy_to(offset(z, n), s, body.state)
        copy_to(offset(params, p), q, body.constants)
        for i in range(sensors):
            body.sensors[i] = np.nan  # a sensor that is not written has no value of its own
        outputs_to(problem, sized, y, outs, body.motors)
        done[0] = int(t)
        apply(task, 1, lanes, period, sized, bodies)
        copy_to(body.sensors, sensors, u)
        for i in range(substeps):
            now = ((int(t) + 1) * substeps + i) * dt
            step(problem, scheme, count, clock, y, work, now, dt, now + 0.5 * dt)
        origin = body.state[places[0]] if members > 0 else 0.0
        for i in range(members):
            body.state[places[i]] -= origin
        copy_to(y, n, out)
        copy_to(body.state, s, offset(out, n))
        if flags[0] != GO_ON:
            for i in range(n + s):
                out[i] = np.nan
        keep(memory)
        keep(counted)
        keep(words)

    return loop_period


@functools.lru_cache(maxsize=64)
def _outputs(shows: int, n: int, p: int, k: int, s: int) -> Any:
    """The network's outputs, then the body."""

    @pointer_closure
    def loop_outputs(index, t, z, size, none, zero, params, count, out, room):
        if shows != 0:
            call(shows, 0.0, z, n, none, 0, params, p, out, k)
        else:
            copy_to(z, n, out)
        copy_to(offset(z, n), s, offset(out, k))

    return loop_outputs
