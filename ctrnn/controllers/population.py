"""A population of controllers, stepped all at once by a vectorised simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn.controllers.motors import MotorMap, motors_of
from ctrnn.controllers.population_kernels import at_once, pieces, step_population
from neurodynamics.closed_loop import LANES, lane_outputs_address
from neurodynamics.compiling import addresses, padded
from neurodynamics.methods import EXTRA_ROWS, protocol as P
from neurodynamics.notices import quiet
from neurodynamics.simulation import check_method, check_steps, check_template, parameter_rows
from neurodynamics.systems import invert, lanes_address, pack_lanes, rates_address, why_not_lanes
from neurodynamics.validation import Floats, as_count, as_floats, as_number, as_real, require_room

FLOAT = np.dtype(np.float64)


class PopulationController:
    """B networks in a closed loop with B bodies that somebody else simulates.

    Each member computes, to the last bit, what a `Controller` of its own would.

    Parameters
    ----------
    template : DynamicalSystem
        A network; its first outputs are the motors, or ``motor_weights @ outputs`` where it has motor weights.
    params : array_like, shape (B, P), or mapping of str to array_like, or int
        Parameters of the members, by row or by name; a number B makes B copies of the template.
    dt : float
        Step of the integration.
    substeps : int
        Steps of length ``dt`` in each call of :meth:`step`, with the observations held.
    method : {"euler", "exponential_euler", "heun", "midpoint", "rk4"}
    y0 : array_like, shape (N,) or (B, N), optional
        Where :meth:`reset` starts; zeros.
    motors : int, optional
        How many outputs to show; all by default.
    motor_map : MotorMap, optional
        What to make of them.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import PopulationController, random_ctrnn
    >>> net = random_ctrnn(5, rng=1, input_dim=3)
    >>> pop = PopulationController(net, 64, dt=0.01, substeps=2, motors=2)
    >>> pop.step(np.zeros((64, 3))).shape
    (64, 2)
    >>> done = np.arange(64) < 3
    >>> pop.reset(mask=done).shape  # the others go on
    (64, 2)
    >>> pop.t[:4]
    array([0.  , 0.  , 0.  , 0.02])
    """

    def __init__(
        self,
        template: Any,
        params: Mapping[str, ArrayLike] | ArrayLike | int,
        dt: float,
        substeps: int = 1,
        *,
        method: str = "euler",
        y0: ArrayLike | None = None,
        motors: int | None = None,
        motor_map: MotorMap | None = None,
    ) -> None:
        check_template(template)
        self.template = template
        self.dt = as_number(dt, "dt", positive=True)
        self.substeps = as_count(substeps, "substeps", minimum=1)
        chosen = check_method(method, template, noisy=False)
        self.method = chosen.name
        rows = _rows(template, params)
        with quiet():  # closed loops are often defined with a coarse dt
            check_steps(template, chosen, self.dt, rows)
        self.params = rows
        self._y0 = self._states(np.zeros(template.state_dim) if y0 is None else y0, "y0")
        count, first, self._map = motors_of(template, motors, motor_map)
        self._make_memory(chosen, count, first, 1 if why_not_lanes(template) else LANES)
        self._motor_map = motor_map
        self.reset()

    def _make_memory(self, method: Any, motors: int, first: int, lanes: int) -> None:
        net, size = self.template, len(self.params)
        n, m = net.state_dim, net.input_dim
        shown = min(motors, n) if lanes > 1 and not first else net.output_dim
        self._sizes = np.array([n, m, shown, motors, first, lanes], dtype=np.int64)
        self._functions = np.zeros(P.FUNCTIONS_SIZE, dtype=np.int64)
        blocks, width = -(-size // lanes), n * lanes if lanes > 1 else padded(n)
        if lanes > 1:
            self._functions[P.RHS] = lanes_address(net.activation, "float64", False)
            self._functions[P.OUTPUTS] = lane_outputs_address(net.activation)
            self._functions[P.RATES] = rates_address("float64", False) if method.exponential else 0
            params = np.zeros((blocks, net.param_dim * lanes))
            for block in range(blocks):
                pack_lanes(self.params, block * lanes, net.param_dim, params[block])
                invert(params[block], n * lanes)
        else:
            for place, role in {P.RHS: "rhs", P.OUTPUTS: "outputs", P.RATES: "rates"}.items():
                self._functions[place] = net.address(role)
            params = self.params.copy()
        self._y, self._u = np.zeros((blocks, width)), np.zeros((blocks, m * lanes))
        outs = np.zeros((blocks, max(n, net.output_dim) * lanes))
        tableau = method.tableau
        work = np.zeros((max(blocks, 1), (tableau.stages + EXTRA_ROWS) * width))
        self._steps = np.zeros(size, dtype=np.int64)
        self._none = np.zeros((size, 0))
        self._shape = (size, m)
        self._whole = at_once(n, size)
        self._motors = np.zeros((size, motors))
        clocks = np.zeros((blocks, P.CLOCK_SIZE))
        coefficients = (np.ascontiguousarray(part) for part in (tableau.a, tableau.b, tableau.c))
        self._pointed_to = [self._functions, self._sizes, np.array([self.dt]), *coefficients, params, self._y, self._u, outs,
                            clocks, work, self._steps, self._map, self._motors]  # fmt: skip
        numbers = [tableau.stages, int(method.exponential), blocks, size, self._map.shape[1]]
        rows = [array.shape[1] for array in (params, self._y, outs, work)]
        self._plan = addresses([*self._pointed_to, *numbers, *rows])
        self._shown = self._motors.view()
        self._shown.flags.writeable = False
        self._lane = np.arange(size) % lanes
        self._block = np.arange(size) // lanes
        self._in_lanes = self._y[:, : n * lanes].reshape(blocks, n, lanes)

    def step(self, observations: ArrayLike | None = None) -> Floats:
        """Hold the observations (B, M) for ``substeps`` steps; return the motors (B, K) after them.

        The result is the same read-only array at every call; copy it to keep it. A member whose state is no longer
        finite shows NaN (see :attr:`failed`) until it is reset, and disturbs no other.
        """
        given: Any = self._none if observations is None else observations
        if type(given) is not np.ndarray or given.dtype is not FLOAT or not given.flags.c_contiguous:
            given = as_real(given, "observations")
        if observations is None:
            self._u[:] = 0.0
        elif given.shape != self._shape:
            raise ValueError(f"`observations` must have shape (B, input_dim) = {self._shape}; got {given.shape}.")
        bad = -1
        for steps in pieces(self.substeps, self._whole):  # Ctrl-C comes in between
            bad = step_population(self._plan, given, steps) if bad < 0 else bad
        if bad >= 0:
            k = int(np.argmin(np.isfinite(given[bad])))
            raise ValueError(f"`observations[{bad}, {k}]` must be finite; got {given[bad, k]}.")
        return self._shown

    def reset(self, mask: ArrayLike | None = None, y0: ArrayLike | None = None) -> Floats:
        """Start anew: all members, or those whose entry of the mask (B,) is true; the others go on undisturbed.

        Parameters
        ----------
        mask : array_like of bool, shape (B,), optional
        y0 : array_like, shape (N,) or (B, N), optional
            States to start from; those of the constructor by default.

        Returns
        -------
        array, shape (B, K)
            The motors, as :meth:`step` returns them.
        """
        which = np.ones(len(self), dtype=bool) if mask is None else np.asarray(mask)
        if which.shape != (len(self),) or which.dtype != np.bool_:
            raise ValueError(f"`mask` must be {len(self)} booleans; got {which.dtype} of shape {which.shape}.")
        states = self._y0 if y0 is None else self._states(y0, "y0")
        self._put(states, which)
        self._steps[which] = 0
        return self._shown

    def _put(self, states: Floats, which: np.ndarray) -> None:
        self._in_lanes[self._block[which], :, self._lane[which]] = states[which]
        step_population(self._plan, self._none, 0)

    def _states(self, y: ArrayLike, name: str) -> Floats:
        states, shape = as_floats(y, name), (len(self.params), self.template.state_dim)
        if states.shape not in (shape, shape[1:]):
            raise ValueError(f"`{name}` must have shape (B, state_dim) = {shape} or ({shape[1]},); got {states.shape}.")
        return np.array(np.broadcast_to(states, shape), order="C")

    @property
    def y(self) -> Floats:
        """The states (B, N), a copy; setting them does not change the times."""
        return self._in_lanes[self._block, :, self._lane]

    @y.setter
    def y(self, states: ArrayLike) -> None:
        self._put(self._states(states, "y"), np.ones(len(self), dtype=bool))

    @property
    def motors(self) -> Floats:
        """The motors (B, K), a copy."""
        return self._motors.copy()

    @property
    def t(self) -> Floats:
        """The time since each member's last reset, shape (B,)."""
        return self._steps * self.dt

    @property
    def failed(self) -> np.ndarray:
        """Which members have a state that is not finite, shape (B,)."""
        return np.asarray(~np.isfinite(self.y).all(axis=1))

    def __len__(self) -> int:
        return len(self.params)

    def __repr__(self) -> str:
        return (
            f"PopulationController({len(self)} x {self.template!r}, dt={self.dt:g}, substeps={self.substeps}, "
            f"method={self.method!r})"
        )

    def __reduce__(self) -> Any:
        """Copies and other processes get a memory of their own: addresses mean nothing elsewhere."""
        arguments = (self.template, self.params, self.dt, self.substeps)
        options = {"method": self.method, "y0": self._y0, "motors": self._motors.shape[1], "motor_map": self._motor_map}
        return _again, (arguments, options, self.y, self._steps)


def _again(arguments: tuple, options: dict[str, Any], y: Floats, steps: np.ndarray) -> PopulationController:
    population = PopulationController(*arguments, **options)
    population.y = y
    population._steps[:] = steps
    return population


def _rows(template: Any, params: Any) -> Floats:
    if isinstance(params, (int, np.integer)) and not isinstance(params, bool):
        members = as_count(params, "params")
        require_room(members * template.param_dim, "params")
        return np.tile(template.params, (members, 1))
    rows, usable = parameter_rows(template, params)
    if not usable.all():
        raise ValueError(f"`params` of member {int(np.argmin(usable))} must be finite.")
    return rows
