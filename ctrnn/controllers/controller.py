"""Controllers: a network stepped by the loop of a simulated body or a robot."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn.controllers.motors import MotorMap, motors_of
from ctrnn.controllers.population_kernels import at_once, pieces, write_motors
from neurodynamics import DynamicalSystem
from neurodynamics.compiling import all_finite, call, copy_to, kernel, offset, padded, pointer
from neurodynamics.methods import EXTRA_ROWS, Scheme, protocol as P, step
from neurodynamics.notices import quiet
from neurodynamics.schemes import METHODS, Method, check_step, method_named
from neurodynamics.validation import Floats, as_count, as_number, as_real

# The memory of a controller is one vector: entering a kernel costs time for each argument. It begins with whole numbers,
# the addresses of the functions as drivers look for them and then these, of which the first six are the sizes of a
# population of one, and goes on with the blocks of `_fill`.
_FUNCTIONS = 16  # room for addresses
_N, _M, _K, _MOTORS, _MOTOR_WEIGHTS, _LANES, _P, _STAGES, _EXPONENTIAL, _MAPPED, _DT, _HEADER = range(
    _FUNCTIONS, _FUNCTIONS + 12
)
_FINE, _BAD_INPUT, _BAD_STATE = range(3)


class Controller:
    """A network in a closed loop: it is given inputs, takes steps of constant length and shows its outputs.

    The states are, bit for bit, those of ``simulate(net, .., method=method, dt=dt)`` with the same inputs held over each
    call. Inputs are read once a call, at its start; the time between two calls is ``substeps * dt``.

    Parameters
    ----------
    net : DynamicalSystem
        A network or another compiled flow.
    dt : float
        Step of the integration, in the units of the time constants.
    method : {"euler", "exponential_euler", "heun", "midpoint", "rk4"}
    substeps : int
        Steps of length ``dt`` in each call of :meth:`step`.
    y0 : array_like, shape (N,), optional
        Where :meth:`reset` starts by default; zeros.
    motors : int, optional
        How many outputs :meth:`step` shows; all by default. A network with motor weights shows
        ``motor_weights @ outputs``.
    motor_map : MotorMap, optional
        What to make of them.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN, Controller
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> controller = Controller(net, dt=0.01)
    >>> sensors = np.zeros(2)
    >>> for _ in range(5000):
    ...     motors = controller.step(sensors)
    >>> controller.t
    50.0
    >>> controller.reset().round(3)
    array([0.06 , 0.148])
    """

    __slots__ = (
        "__weakref__",
        "_count",
        "_inputs",
        "_memory",
        "_motor_map",
        "_motors",
        "_outputs",
        "_state",
        "_whole",
        "_y0",
        "dt",
        "method",
        "net",
        "substeps",
    )  # fmt: skip

    def __init__(
        self,
        net: DynamicalSystem,
        dt: float,
        method: str = "euler",
        *,
        substeps: int = 1,
        y0: ArrayLike | None = None,
        motors: int | None = None,
        motor_map: MotorMap | None = None,
    ) -> None:
        if not isinstance(net, DynamicalSystem):
            raise TypeError(f"`net` must be a network or a DynamicalSystem; got {type(net).__name__}.")
        if net.kind != "flow" or net.host:
            raise ValueError("`net` must be a flow with compiled functions; maps and host systems are iterated by hand.")
        chosen = _check_method(method, net)
        self.net = net
        self.dt = as_number(dt, "dt", positive=True)
        self.method = chosen.name
        self.substeps = as_count(substeps, "substeps", minimum=1)
        with quiet():  # closed loops are often defined with a coarse step
            check_step(net, chosen, self.dt)
        self._y0 = np.zeros(net.state_dim) if y0 is None else net.check_state(y0, "y0")
        self._motor_map = motor_map
        self._memory, blocks = _fill(net, chosen, self.dt, motors_of(net, motors, motor_map))
        self._inputs = self._memory[blocks["u"]]
        self._whole = at_once(net.state_dim)
        self._count = self._memory[blocks["count"]].view(np.int64)
        self._state = self._memory[blocks["y"]][: net.state_dim]
        self._outputs = self._memory[blocks["out"]]
        self._motors = self._memory[blocks["motors"]]
        self._motors.flags.writeable = False
        self.reset()

    def step(self, u: Any = None) -> Floats:
        """Hold the inputs u (M,) for ``substeps`` steps; return the motors (K,) after them, all outputs by default.

        Nothing is allocated: the result is the same read-only array at every call. Copy it to keep it.
        """
        inputs = self._inputs
        if u is None:
            inputs.fill(0.0)
        else:
            given = u if type(u) is np.ndarray and u.dtype.kind in "fiu" else as_real(u, "u")
            if given.shape != inputs.shape:
                raise ValueError(f"`u` must have shape (input_dim,) = ({len(inputs)},); got shape {given.shape}.")
            inputs[:] = given
        code = _FINE
        for steps in pieces(self.substeps, self._whole):  # Ctrl-C comes in between
            code = code or _advance(self._memory, steps)
        if code != _FINE:
            self._explain(code)
        return self._motors

    def reset(self, y0: ArrayLike | None = None) -> Floats:
        """Go back to time 0 and to the state y0 (N,), by default that of the constructor; return the motors there."""
        state = self._y0 if y0 is None else self.net.check_state(y0, "y0")
        self._count[P.STEPS] = 0
        self._put(state)
        return self._motors

    @property
    def y(self) -> Floats:
        """The state (N,), a copy; setting it does not change the time."""
        return self._state.copy()

    @y.setter
    def y(self, state: ArrayLike) -> None:
        self._put(self.net.check_state(state, "y"))

    @property
    def outputs(self) -> Floats:
        """The outputs of the network, before motor weights and map, a copy."""
        return self._outputs.copy()

    @property
    def motors(self) -> Floats:
        """The motors (K,), as :meth:`step` returned them, a copy."""
        return self._motors.copy()

    @property
    def t(self) -> float:
        """The time since the last reset."""
        return int(self._count[P.STEPS]) * self.dt

    def _put(self, state: Floats) -> None:
        self._state[:] = state
        self._inputs.fill(0.0)
        _advance(self._memory, 0)

    def _explain(self, code: int) -> None:
        if code == _BAD_INPUT:
            k = int(np.argmin(np.isfinite(self._inputs)))
            raise ValueError(f"`u[{k}]` must be finite; got {self._inputs[k]}.")
        self.net.raise_failures()
        raise FloatingPointError(
            f"the state became NaN or infinite at t = {self.t:g}: the network diverges. Check its parameters, or use a "
            "smaller dt; `reset` starts again."
        )

    def __repr__(self) -> str:
        return f"Controller({self.net!r}, dt={self.dt:g}, method={self.method!r}, substeps={self.substeps}, t={self.t:g})"

    def __reduce__(self) -> Any:
        """Copies and other processes get a memory of their own: addresses mean nothing elsewhere."""
        options = {"substeps": self.substeps, "y0": self._y0, "motors": self._motors.size, "motor_map": self._motor_map}
        return _again, ((self.net, self.dt, self.method), options, self.y, int(self._count[P.STEPS]))


def _again(arguments: tuple, options: dict[str, Any], y: Floats, steps: int) -> Controller:
    controller = Controller(*arguments, **options)
    controller.y = y
    controller._count[P.STEPS] = steps
    return controller


def _check_method(name: str, net: DynamicalSystem) -> Method:
    method = method_named(name)
    if method.family != "fixed" or method.noisy:
        usable = [m.name for m in METHODS.values() if m.family == "fixed" and not m.noisy]
        raise ValueError(f"`method` of a controller must be one of {', '.join(map(repr, usable))}; got {name!r}.")
    if net.has("diffusion"):
        raise ValueError("a controller has no noise; make the system without `diffusion`, or use `simulate`.")
    if method.exponential and net.structure("additive") is None:
        raise ValueError(f"`method` {name!r} needs an additive network, whose leak it integrates exactly.")
    return method


def _fill(net: Any, method: Method, dt: float, motors: tuple[int, int, Floats]) -> tuple[Floats, dict[str, slice]]:
    """Return the memory of a controller, and where its blocks are; `_advance` knows the same order."""
    tableau, (count, first, table) = method.tableau, motors
    assert tableau is not None
    n, m, p, k, stages = net.state_dim, net.input_dim, net.param_dim, net.output_dim, tableau.stages
    sizes = {"header": _HEADER, "clock": P.CLOCK_SIZE, "count": P.COUNT_SIZE, "a": stages * stages, "b": stages,
             "c": stages, "params": p, "u": m, "y": padded(n),
             "work": (stages + EXTRA_ROWS) * padded(n), "out": k, "map": table.size, "motors": count}  # fmt: skip
    ends = np.cumsum(list(sizes.values()))
    blocks = {name: slice(int(end) - size, int(end)) for (name, size), end in zip(sizes.items(), ends, strict=True)}
    memory = np.zeros(int(ends[-1]))
    whole = memory.view(np.int64)
    for index, role in ((P.RHS, "rhs"), (P.OUTPUTS, "outputs"), (P.RATES, "rates")):
        whole[index] = net.address(role)
    whole[P.RATES] = net.address("rates") if method.exponential else 0
    whole[[_N, _M, _K, _MOTORS, _MOTOR_WEIGHTS, _LANES]] = n, m, k, count, first, 1
    whole[[_P, _STAGES, _EXPONENTIAL, _MAPPED]] = p, stages, method.exponential, table.shape[1]
    memory[_DT] = dt
    fixed = {"a": tableau.a.ravel(), "b": tableau.b, "c": tableau.c, "params": net.params, "map": table.ravel()}
    for name, values in fixed.items():
        memory[blocks[name]] = values
    return memory, blocks


@kernel
def _advance(memory, substeps):
    """Take so many steps with the inputs held, and evaluate outputs and motors; return what went wrong."""
    start, whole = pointer(memory), pointer(memory.view(np.int64))
    n, m, p, k, stages = whole[_N], whole[_M], whole[_P], whole[_K], whole[_STAGES]
    dt, width = memory[_DT], padded_length(n)
    clock = offset(start, _HEADER)
    count = offset(whole, _HEADER + P.CLOCK_SIZE)
    a = offset(clock, P.CLOCK_SIZE + P.COUNT_SIZE)
    b = offset(a, stages * stages)
    c = offset(b, stages)
    params = offset(c, stages)
    u = offset(params, p)
    y = offset(u, m)
    work = offset(y, width)
    out = offset(work, (stages + EXTRA_ROWS) * width)
    table_of_map = offset(out, k)
    motors = offset(table_of_map, 5 * whole[_MAPPED])
    if not all_finite(u, m):
        return _BAD_INPUT
    problem = P.Problem(whole, P.held(u, m), params, p, n, width)  # the addresses are the first of the whole numbers
    scheme = Scheme(a, b, c, stages, whole[_EXPONENTIAL] != 0, False, np.uint64(0), 1)
    for _ in range(substeps):
        t = count[P.STEPS] * dt
        step(problem, scheme, count, clock, y, work, t, dt, t + 0.5 * dt)
        count[P.STEPS] += 1
    if not all_finite(y, n):
        return _BAD_STATE
    if whole[P.OUTPUTS] != 0:
        call(whole[P.OUTPUTS], 0.0, y, n, u, 0, params, p, out, k)
    else:
        copy_to(y, n, out)
    write_motors(out, k, params, p, offset(whole, _FUNCTIONS), table_of_map, whole[_MAPPED], 1, motors)
    return _FINE


padded_length = kernel(padded)
