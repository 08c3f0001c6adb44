"""The contract: what every network, body and map of this project is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import ROLES, SystemFunction, accepts, evaluate_rows, host_differences, system_function, try_out
from neurodynamics.systems.angles import NO_ANGLES, Angles
from neurodynamics.systems.events import attributes as event_attributes, joined
from neurodynamics.systems.linearisation import linearise
from neurodynamics.systems.parameters import ParameterLayout, by_name
from neurodynamics.tracing import NotTraced, Program, trace
from neurodynamics.unchanging import Unchanging
from neurodynamics.validation import Floats, as_choice, as_floats, as_number, as_size, require_finite

KINDS = ("flow", "map")
STRUCTURES = ("additive",)
TRY_OUT_BELOW = 64  # states; loops over more are slow uncompiled, and are tried out compiled at the first use


class Recipe(NamedTuple):
    """How a system was made of others: what other processes do again."""

    make: Callable
    arguments: tuple[Any, ...]
    options: dict[str, Any] | None = None

    @property
    def systems(self) -> list[DynamicalSystem]:
        """The systems among the arguments."""
        each = [part for value in self.arguments for part in (value if isinstance(value, (list, tuple)) else (value,))]
        return [part for part in each if isinstance(part, DynamicalSystem)]


MAKERS: dict[str, Callable] = {}  # functions that make systems of others, by the names that files have for them


def maker(function: Callable) -> Any:
    """Register a function whose systems files can hold: as its name and its arguments."""
    MAKERS[function.__name__] = function
    return function


class AddedEvents(NamedTuple):
    """What `with_events` has added to a system."""

    functions: dict[str, SystemFunction]
    event_dim: int
    directions: Any
    terminal: Any


class DynamicalSystem(Unchanging):
    """A flow ``dy/dt = f(t, y, u, params)`` or a map ``y[k+1] = f(k, y[k], u[k], params)``.

    A system is data and compiled functions. It never changes; :meth:`with_params` returns a new one. Every function of
    this project takes a system as its first argument, networks and a user's own systems alike.

    To add a system:

    1. Write ``rhs(t, y, u, params, out)``: read the state ``y``, the inputs ``u`` and the parameters, and write the
       derivative (for a map: the next state) to ``out``. Loops over elements compile in 0.3 s; array expressions such as
       ``out[:] = W @ y`` are allowed, compile in 1 to 3 s and allocate at each call.
    2. Give ``state_dim`` and ``params``; a dict names the parameters. The function sees them as one vector, **matrices
       column by column**: a matrix (n, k) that begins at ``first`` is ``params[first : first + n * k].reshape(k, n).T``.
       Values from outside (globals, closures) and helper functions are compiled along, as they are now; a system whose
       values have changed since refuses to run.
    3. Where you can, give ``jac`` (implicit methods, Lyapunov exponents, Newton), ``energy`` (landscapes), ``outputs``,
       ``diffusion`` (noise), ``events`` and ``reset``. What is absent is replaced by finite differences or refused.

    Parameters
    ----------
    rhs : callable ``(t, y, u, params, out)``
        The right-hand side. ``y``, ``u`` and ``params`` are read-only. A plain Python function; a compiled copy of it
        is made at the first use.
    state_dim : int
        N, the number of states.
    params : mapping of str to array_like, or array_like, shape (P,)
        Parameters. The function sees one vector: the entries of the arrays in order, matrices column by column.
    input_dim : int
        M, the number of inputs.
    jac : callable ``(t, y, u, params, out)``, optional
        ``out[i, j] = d f_i / d y_j``.
    energy : callable ``(y, u, params) -> float``, optional
        A Lyapunov function.
    outputs : callable ``(y, params, out)``, optional
        What the system shows, ``output_dim`` numbers; by default its state.
    diffusion : callable ``(t, y, u, params, out)``, optional
        Amplitude of independent white noise on each state, in the sense of Ito.
    events : callable ``(t, y, u, params, out)``, optional
        ``event_dim`` functions whose zeros are located. ``event_directions`` (+1 rising, -1 falling, 0 both) and
        ``event_terminal`` (bool) hold one entry an event.
    reset : callable ``(event, t, y, u, params, out)``, optional
        Writes the state after the event.
    kind : {"flow", "map"}
    angles : sequence of int, or mapping of int to float, optional
        Which states are angles, that is, on a circle: ``angles=[0]``, with 2 pi as the period, or ``angles={0: 1.0}``.
        Trajectories carry them on beyond a period; analyses take states a period apart for the same one: rotations close,
        boxes and axes are one period wide, fixed points are counted once.
    host : bool
        The functions are Python callables over arrays that cannot be compiled; they run at about 1 us a call and more.

    Examples
    --------
    >>> from neurodynamics import DynamicalSystem, simulate
    >>> def lorenz(t, y, u, params, out):
    ...     sigma, rho, beta = params
    ...     out[0] = sigma * (y[1] - y[0])
    ...     out[1] = y[0] * (rho - y[2]) - y[1]
    ...     out[2] = y[0] * y[1] - beta * y[2]
    >>> system = DynamicalSystem(lorenz, 3, params={"sigma": 10.0, "rho": 28.0, "beta": 8 / 3})
    >>> simulate(system, (0, 20), y0=[1, 1, 1]).success
    True
    """

    params: Floats
    event_dim: int
    event_directions: np.ndarray
    event_terminal: np.ndarray
    layout: ParameterLayout
    angles: Angles = NO_ANGLES
    domain: Any = None  # a Box or a Simplex that states keep, see domain.py
    integrates = False  # whether the functions follow trajectories themselves, which may take seconds for a state

    def __init__(
        self,
        rhs: Callable,
        state_dim: int,
        params: Mapping[str, ArrayLike] | ArrayLike = (),
        input_dim: int = 0,
        *,
        jac: Callable | None = None,
        energy: Callable | None = None,
        outputs: Callable | None = None,
        output_dim: int | None = None,
        diffusion: Callable | None = None,
        events: Callable | None = None,
        event_dim: int | None = None,
        event_directions: ArrayLike | None = None,
        event_terminal: ArrayLike | None = None,
        reset: Callable | None = None,
        kind: str = "flow",
        angles: Any = None,
        host: bool = False,
    ) -> None:
        self.kind = as_choice(kind, "kind", KINDS)
        self.host = bool(host)
        self.state_dim = as_size(state_dim, "state_dim")
        self.input_dim = as_size(input_dim, "input_dim")
        self.angles = Angles.of(angles, self.state_dim)
        given: dict[str, Any] = {"rhs": rhs, "jac": jac, "energy": energy, "outputs": outputs, "diffusion": diffusion,
                 "events": events, "reset": reset}  # fmt: skip
        self._functions = {
            role: system_function(role, f, host=self.host) for role, f in given.items() if f is not None or role == "rhs"
        }
        if outputs is not None and output_dim is None:
            raise ValueError("`output_dim` must be given with `outputs`: the number of values that it writes.")
        self.output_dim = self.state_dim if output_dim is None else as_size(output_dim, "output_dim")
        self._set_events(event_dim, event_directions, event_terminal)
        self.layout, vector = ParameterLayout.of(params)
        self._set_params(vector)
        self._try_out(self._functions)

    _recipe: Recipe | None = None  # for systems that are made of others
    _added: AddedEvents | None = None

    # Users' functions ------------------------------------------------------------------------------------------------

    def _try_out(self, functions: Mapping[str, SystemFunction]) -> None:
        """Run users' functions once, or have them run compiled once before their first use."""
        if self.host:
            return
        of_users = {role: function for role, function in functions.items() if function.of_user}
        if self.state_dim > TRY_OUT_BELOW:
            self._untried = {**self.__dict__.get("_untried", {}), **of_users}
            return
        for role, function in of_users.items():
            self._try_uncompiled(role, function)

    def _try_uncompiled(self, role: str, function: SystemFunction) -> None:
        for event in range(self.event_dim if role == "reset" else 1):
            try_out(role, function.source, self._example(role), name=function.name, event=event)

    def _try_compiled(self, role: str, function: SystemFunction) -> None:
        given = self._example(role)
        y, u, out = given["y"], given["u"], given["out"]
        for event in range(self.event_dim if role == "reset" else 1):
            function.call_event(event, 0.0, y, u, self.params, out)
        error = function.failure()
        if error is not None:
            raise error
        if role != "energy" and not (np.isfinite(out).all() and (role != "jac" or out.any())):  # NaN, or not written
            self._try_uncompiled(role, function)

    def _example(self, role: str) -> dict[str, Any]:
        """Return arguments for a function of the system."""
        n = self.state_dim
        shapes = {"jac": (n, n), "outputs": (self.output_dim,), "events": (self.event_dim,), "energy": (1,)}
        arrays = {"y": np.full(n, 0.5), "u": np.zeros(self.input_dim), "params": self.params.copy()}
        return arrays | {"out": np.zeros(shapes.get(role, (n,)))}

    def raise_failures(self, *, as_they_were: bool = False) -> None:
        """Raise where a user's function reached outside its arrays since the last look: results are of no use then.

        Exceptions that it raised on purpose are numbers that are not finite, except ``as_they_were``.
        """
        for part in self._recipe.systems if self._recipe else ():
            part.raise_failures(as_they_were=as_they_were)
        for function in (*self._functions.values(), *self.__dict__.get("_links", ())):
            error = function.failure(as_it_was=as_they_were)
            if error is not None:
                raise error

    def __reduce__(self) -> Any:
        """Copies, and other processes, make the system again of its functions' source, or of what it was made of."""
        if self._recipe is not None:
            return _made_again, (self._recipe, self.params, self._added)
        kept = {name: value for name, value in self.__dict__.items() if name != "_derived"}
        return _rebuilt, (type(self), kept)

    def _set_events(self, event_dim: int | None, directions: Any, terminal: Any) -> None:
        if "events" not in self._functions:
            if event_dim or directions is not None or terminal is not None or "reset" in self._functions:
                raise ValueError("`events` must be given where event_dim, event_directions, event_terminal or reset is.")
            event_dim = 0
        elif event_dim is None:
            event_dim = np.size(directions) if directions is not None else 1
        count = as_size(event_dim, "event_dim")
        self.__dict__ |= {
            "event_dim": count,
            "event_directions": _per_event(directions, count, "event_directions", (-1, 0, 1)),
            "event_terminal": _per_event(terminal, count, "event_terminal", (0, 1)),
        }

    @property
    def _made(self) -> bool:  # type: ignore[override]
        return "_derived" in self.__dict__

    def _set_params(self, vector: Floats) -> None:
        vector.flags.writeable = False
        self._keep_vector(vector)
        self._derived: dict[str, Any] = {}  # what was computed from these parameters

    def _keep_vector(self, vector: Floats) -> None:
        self.__dict__["params"] = vector

    # Looking ---------------------------------------------------------------------------------------------------------

    @property
    def param_dim(self) -> int:
        """P, the number of parameters."""
        return self.layout.size

    @property
    def param_names(self) -> Sequence[str]:
        """Names of the parameters in the order of ``params``."""
        return self.layout.names

    def param(self, name: str) -> Any:
        """Return a parameter by name: an entry such as ``"weights[0, 1]"`` or a whole array."""
        value = self.params[self.layout.positions(name)]
        return value if np.ndim(value) else float(value)

    def has(self, role: str) -> bool:
        """Whether the system gives this optional function."""
        return as_choice(role, "role", ROLES) in self._functions

    def structure(self, name: str) -> Any:
        """Return what is known about the form of the equations, or None.

        Parameters
        ----------
        name : {"additive"}
            "additive": the network itself, an `AdditiveNetwork`, where the system is one.
        """
        as_choice(name, "name", STRUCTURES)
        return None

    def program(self) -> Program:
        """Return the operations of the right-hand side, traced once; raise NotTraced where they cannot be told."""
        rhs = self._functions["rhs"]
        function = rhs.plain  # refuses where what it takes from outside has changed
        sizes = self.state_dim, self.input_dim, self.param_dim  # one function serves systems of several sizes
        known = rhs.programs
        if sizes not in known:
            try:
                known[sizes] = trace(function, *sizes)
            except NotTraced as reason:
                known[sizes] = reason
        found = known[sizes]
        if isinstance(found, NotTraced):
            raise found
        return found

    def __repr__(self) -> str:
        optional = [role for role in ROLES if role not in ("rhs", "rates", "activation") and self.has(role)]
        inputs = f", {self.input_dim} inputs" if self.input_dim else ""
        extra = f", with {', '.join(optional)}" if optional else ""
        return f"{type(self).__name__}({self.kind}, {self.state_dim} states{inputs}, {self.param_dim} parameters{extra})"

    # Other parameters ------------------------------------------------------------------------------------------------

    def with_params(self, params: Mapping[str, ArrayLike] | ArrayLike) -> Self:
        """Return the same system with other parameters.

        Parameters
        ----------
        params : mapping of str to array_like, or array_like, shape (P,)
            By name (entries or whole arrays; a series of pandas goes by its names), or all of them as a vector.
        """
        vector, params = self.params.copy(), by_name(params)
        if isinstance(params, Mapping):
            for name, value in params.items():
                positions = self.layout.positions(name)
                array = as_floats(value, name)
                if array.ndim and array.shape != np.shape(positions):
                    raise ValueError(f"`{name}` must have shape {np.shape(positions)}; got {array.shape}.")
                vector[positions] = array
        else:
            vector = as_floats(params, "params")
            if vector.shape != (self.param_dim,):
                raise ValueError(f"`params` must have shape (param_dim,) = ({self.param_dim},); got {vector.shape}.")
        return self._with_vector(vector)

    def with_events(
        self,
        events: Callable | Sequence[Callable],
        *,
        event_dim: int | None = None,
        directions: ArrayLike | None = None,
        terminal: ArrayLike | None = None,
        reset: Callable | None = None,
        event_directions: ArrayLike | None = None,
        event_terminal: ArrayLike | None = None,
    ) -> Self:
        """Return the same system with events.

        Parameters
        ----------
        events : callable ``(t, y, u, params, out)``, or one or more callables ``(t, y) -> float``
            As in the contract; or as SciPy has them, their attributes ``direction`` and ``terminal`` included.
        event_dim, directions, terminal, reset
            As ``event_dim``, ``event_directions``, ``event_terminal`` and ``reset`` of the constructor, by whose names
            they go as well.

        Examples
        --------
        >>> from ctrnn import CTRNN, simulate
        >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
        >>> def crosses_two(t, y):
        ...     return y[0] - 2.0
        >>> sol = simulate(net.with_events(crosses_two, directions=1), (0, 100), [0, 0])
        >>> len(sol.t_events[0])
        4
        """
        if self.kind == "map":
            raise ValueError("a map has no events: it is known at whole numbers of iterations only.")
        if not callable(events) and not (isinstance(events, (list, tuple)) and events and all(map(callable, events))):
            raise TypeError(f"`events` must be a function, or a list of functions g(t, y); got {type(events).__name__}.")
        directions = event_directions if directions is None else directions
        terminal = event_terminal if terminal is None else terminal
        functions = [events] if callable(events) else list(events)
        if len(functions) != 1 or accepts("event", functions[0]):
            found, ends = event_attributes(functions)
            directions = found if directions is None else directions
            terminal = ends if terminal is None else terminal
            event_dim, events = len(functions), joined(functions)
        else:
            events = functions[0]
        given = {"events": events} | ({"reset": reset} if reset is not None else {})
        added = {role: system_function(role, f, host=self.host) for role, f in given.items()}
        if event_dim is None:
            event_dim = np.size(directions) if directions is not None else 1
        return self._with_added(AddedEvents(added, event_dim, directions, terminal))

    def _with_added(self, added: AddedEvents | None) -> Self:
        """Return the same system with these events, which are tried out."""
        if added is None:
            return self
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        kept = {role: f for role, f in self._functions.items() if role not in ("events", "reset")}
        other._functions = kept | added.functions
        other._added = added
        other._set_events(added.event_dim, added.directions, added.terminal)
        other._try_out(added.functions)
        return other

    def _with_vector(self, vector: Floats) -> Self:
        self.check_params(vector)
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._set_params(vector)
        return other

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where parameters, (P,) or (B, P), are outside what the system allows."""
        require_finite(vector, "params")

    # Evaluating ------------------------------------------------------------------------------------------------------

    def function(self, role: str) -> SystemFunction:
        """Return a compiled function of the system; a missing Jacobian is made from finite differences."""
        if as_choice(role, "role", ROLES) == "jac" and role not in self._functions:
            rhs = self.function("rhs")
            return SystemFunction("jac", host_differences(rhs.source)) if self.host else rhs.differences
        if role not in self._functions:
            raise ValueError(f"this system has no `{role}`; give one when you make the system.")
        function = self._functions[role]
        if role in self.__dict__.get("_untried", ()):
            untried = self._untried.pop(role)
            self._try_compiled(role, untried)
        return function

    def address(self, role: str) -> int:
        """Return the address of a compiled function, 0 where the system has none."""
        return self.function(role).address if self.has(role) else 0

    def rhs(self, t: float, y: ArrayLike, u: ArrayLike | None = None) -> Floats:
        """Return f(t, y, u), shape (N,)."""
        return self._evaluate("rhs", t, y, u, (self.state_dim,))

    def jac(self, t: float, y: ArrayLike, u: ArrayLike | None = None) -> Floats:
        """Return the Jacobian ``J[i, j] = d f_i / d y_j``, shape (N, N)."""
        return self._evaluate("jac", t, y, u, (self.state_dim, self.state_dim))

    def jvp(self, t: float, y: ArrayLike, v: ArrayLike, u: ArrayLike | None = None) -> Floats:
        """Return ``J v``, of a vector or of columns; see :func:`neurodynamics.linearise`, which says how exact it is."""
        return self._linearised(t, y, u).jvp(v)

    def vjp(self, t: float, y: ArrayLike, w: ArrayLike, u: ArrayLike | None = None) -> Floats:
        """Return ``J' w``, of a vector or of columns."""
        return self._linearised(t, y, u).vjp(w)

    def dfdinputs(self, t: float, y: ArrayLike, u: ArrayLike | None = None) -> Floats:
        """Return ``d f_i / d u_j``, shape (N, M)."""
        return self._linearised(t, y, u).dfdinputs()

    def dfdparams(self, t: float, y: ArrayLike, u: ArrayLike | None = None, names: Any = None) -> Floats:
        """Return ``d f_i / d p_j``, shape (N, P), or of the named parameters only."""
        return self._linearised(t, y, u).dfdparams(names)

    def _linearised(self, t: float, y: ArrayLike, u: ArrayLike | None) -> Any:
        return linearise(self, y, u, t=t)

    def outputs(self, y: ArrayLike) -> Floats:
        """Return what the system shows in state y (N,), or in the states of a trajectory (N, T): (K,) or (K, T)."""
        states = as_floats(y, "y")
        if states.ndim not in (1, 2) or states.shape[0] != self.state_dim:
            raise ValueError(f"`y` must have shape ({self.state_dim},) or ({self.state_dim}, T); got {states.shape}.")
        if "outputs" not in self._functions:
            return states
        rows = np.ascontiguousarray(np.atleast_2d(states.T))
        out = self.outputs_of_rows(rows)
        return out[0] if states.ndim == 1 else out.T

    def outputs_of_rows(self, states: Floats, params: Floats | None = None) -> Floats:
        """Return the outputs (R, K) of states that are rows (R, N)."""
        if "outputs" not in self._functions:
            return states.copy()
        params = self.params if params is None else params
        if states.ndim != 2 or states.shape[1] != self.state_dim or params.shape != (self.param_dim,):
            raise ValueError(
                f"states must have the shape (R, {self.state_dim}) and params ({self.param_dim},); got {states.shape} and "
                f"{params.shape}."
            )
        out = np.empty((states.shape[0], self.output_dim))
        if self.host:
            for state, row in zip(states, out, strict=True):
                self._functions["outputs"].source(state, params, row)
        else:
            empty = np.zeros((states.shape[0], 0))
            rows, params = np.ascontiguousarray(states, dtype=np.float64), np.ascontiguousarray(params)
            evaluate_rows(self.address("outputs"), np.zeros(len(states)), rows, empty, params, out)
            self.raise_failures()
        return out

    def _evaluate(self, role: str, t: float, y: ArrayLike, u: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
        time, state = as_number(t, "t"), self.check_state(y)
        inputs = np.zeros(self.input_dim) if u is None else as_floats(u, "u")
        if inputs.shape != (self.input_dim,):
            raise ValueError(f"`u` must have shape (input_dim,) = ({self.input_dim},); got {inputs.shape}.")
        out = np.zeros(shape)
        if self.host:
            self.function(role).source(time, state, inputs, self.params, out)
        else:
            self.function(role)(time, state, inputs, self.params, out)
            self.raise_failures()
        return out

    def check_state(self, y: ArrayLike, name: str = "y") -> Floats:
        """Return one state as a new float64 array, or raise."""
        state = as_floats(y, name)
        if state.shape != (self.state_dim,):
            raise ValueError(f"`{name}` must have shape (state_dim,) = ({self.state_dim},); got {state.shape}.")
        return state

    def set_back(self, states: Floats) -> Floats:
        """Return the states of the domain that are nearest to states in rows; these where there is no domain."""
        return states if self.domain is None else self.domain.project(states)


def _per_event(values: Any, count: int, name: str, allowed: tuple[int, ...]) -> np.ndarray:
    array = np.atleast_1d(as_floats(np.zeros(count) if values is None else values, name))
    if array.shape != (count,):
        raise ValueError(f"`{name}` must have one entry for each of the {count} events; got shape {array.shape}.")
    for e, value in enumerate(array):
        if value not in allowed:
            raise ValueError(f"`{name}[{e}]` must be one of {', '.join(map(str, allowed))}; got {value:g}.")
    array = array.astype(np.int64)
    array.flags.writeable = False
    return array


def _rebuilt(cls: Any, kept: Mapping[str, Any]) -> Any:
    system = object.__new__(cls)
    system.__dict__.update(kept)
    system._set_params(np.array(kept["params"]))
    return system


def _made_again(recipe: Recipe, params: Floats, added: AddedEvents | None) -> Any:
    system = recipe.make(*recipe.arguments, **(recipe.options or {}))
    return system.with_params(params)._with_added(added)
