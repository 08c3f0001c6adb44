"""Stroboscopic and Poincare maps: a flow seen once a period, or once a passage through a plane, as a system of kind map."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis import _section_kernels as K
from analysis._constant_inputs import constant_drive, require_autonomous, require_system
from analysis._transport import Unreachable, transport, without_noise
from analysis.lyapunov._carrier import _addresses
from neurodynamics import DynamicalSystem
from neurodynamics._jit import compiled
from neurodynamics._pointer import address_of, call_reset
from neurodynamics.signals import _SINE, _TRAIN, Inputs
from neurodynamics.validation import Floats, as_count, as_floats, as_number

RTOL = 1e-12
PHASES = 61  # at which inputs are compared with themselves one period later
LARGEST_RATIO = 64  # of periods that are put together to a common one
LONGEST_RETURN = 1e5  # units of time without a passage


class StroboscopicMap(DynamicalSystem):
    """What `stroboscopic_map` returns.

    Attributes
    ----------
    flow : DynamicalSystem
    inputs : Inputs
    period, start : float
        Iteration k goes from ``start + k period`` to ``start + (k + 1) period``.
    """

    flow: DynamicalSystem
    inputs: Inputs
    period: float
    start: float

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what the flow allows."""
        self.flow.check_params(vector)


class PoincareMap(DynamicalSystem):
    """What `poincare_map` returns. Its states are N - 1 coordinates on the plane, :meth:`lift` makes states of the flow.

    Attributes
    ----------
    flow : DynamicalSystem
    normal : array, shape (N,)
        Unit vector; passages go along it.
    offset : float
    basis : array, shape (N - 1, N)
        Orthonormal rows in the plane.
    """

    flow: DynamicalSystem
    normal: Floats
    offset: float
    basis: Floats
    _plan: _Plan

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what the flow allows."""
        self.flow.check_params(vector)

    @property
    def origin(self) -> Floats:
        """The point (N,) of the plane with coordinates 0."""
        return self.offset * self.normal

    def lift(self, z: ArrayLike) -> Floats:
        """Return the states of the flow, (N,) or (K, N), for coordinates on the plane, (N - 1,) or (K, N - 1)."""
        return self.origin + as_floats(z, "z") @ self.basis

    def project(self, y: ArrayLike) -> Floats:
        """Return coordinates on the plane, (N - 1,) or (K, N - 1), of states of the flow, (N,) or (K, N)."""
        return (as_floats(y, "y") - self.origin) @ self.basis.T

    def return_time(self, z: ArrayLike) -> float:
        """Return how long it takes from a point of the plane, (N - 1,), to the next passage; nan where there is none."""
        return float(
            K.time_of_return(self._plan.address, self.check_state(z, "z"), self.params, np.empty(self.flow.state_dim))
        )


def stroboscopic_map(
    system: DynamicalSystem, inputs: Any = None, period: float | None = None, *, start: float = 0.0, rtol: float = RTOL
) -> StroboscopicMap:
    """Return the map from the state of a periodically driven flow to its state one period later.

    Its fixed points are responses with the period of the drive, its cycles subharmonic responses; stability, Lyapunov
    exponents, sweeps and basins of maps serve driven networks through it.

    Parameters
    ----------
    system : DynamicalSystem
        A flow. Its noise and events play no part.
    inputs : optional
        What drives it, as for `simulate`.
    period : float, optional
        By default the common period of the sines and pulse trains among the inputs.
    start : float
        Time at which the first period starts: the phase at which the flow is seen.
    rtol : float
        Relative tolerance of the integration.

    Returns
    -------
    StroboscopicMap
        A system of kind map with the states and parameters of the flow, without inputs, and with a Jacobian.

    Raises
    ------
    ValueError
        Where no period is known, or where inputs or system do not repeat after it.

    Examples
    --------
    >>> from ctrnn import CTRNN, Sine
    >>> from analysis import fixed_points, stroboscopic_map
    >>> strobe = stroboscopic_map(CTRNN([[6.0]], biases=-3), [Sine(0.2, frequency=0.5)])
    >>> strobe.period
    2.0
    >>> found = fixed_points(strobe, rng=0)
    >>> len(found), int(found.stable.sum())
    (3, 2)
    """
    if require_system(system).kind != "flow":
        raise ValueError("`system` must be a flow; a map is seen at its iterations already.")
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, which the map would step over; make the system without it.")
    flow = without_noise(system)
    drive = Inputs(inputs, flow.input_dim)
    begin = as_number(start, "start")
    duration = _common_period(drive) if period is None else as_number(period, "period", positive=True)
    _require_periodic(flow, drive, begin, duration)
    tolerance = as_number(rtol, "rtol", positive=True)
    strobe = StroboscopicMap.__new__(StroboscopicMap)
    strobe.flow, strobe.inputs, strobe.period, strobe.start = flow, drive, duration, begin
    functions: dict[str, Any] = {role: flow.function(role).source for role in ("outputs",) if flow.has(role)}
    if flow.host or drive.callable is not None:
        functions |= _uncompiled_period(flow, drive, begin, duration, tolerance)
    else:
        plan = _Plan(flow, drive, begin, duration, tolerance)
        strobe.__dict__["_plan"] = plan
        functions |= {"rhs": plan.bound(K.period_map), "jac": plan.bound(K.period_jacobian)}
    rhs = functions.pop("rhs")
    DynamicalSystem.__init__(strobe, rhs, flow.state_dim, _named(flow), kind="map", output_dim=flow.output_dim,
                             host=flow.host or drive.callable is not None, **functions)  # fmt: skip
    return strobe


def poincare_map(
    system: DynamicalSystem,
    section: Any,
    *,
    direction: int = 1,
    inputs: Any = None,
    longest: float = LONGEST_RETURN,
    rtol: float = RTOL,
) -> PoincareMap:
    """Return the map from one passage of a flow through a plane to the next in the same direction.

    Its fixed points lie on cycles that pass once; its multipliers are those of the cycle without the trivial one.

    Parameters
    ----------
    system : DynamicalSystem
        An autonomous flow of two or more states, with compiled functions. Its noise and events play no part.
    section : (int, float) or (array_like of shape (N,), float)
        The plane where a state has a value, or where ``normal @ y = offset``.
    direction : {1, -1}
        Whether passages go along the normal (the state rises) or against it.
    inputs : array_like, shape (M,), optional
        Constants.
    longest : float
        Time after which a trajectory that has not come back counts as lost: the map then gives NaN.
    rtol : float
        Relative tolerance of the integration.

    Returns
    -------
    PoincareMap
        A system of kind map. Its states are N - 1 coordinates on the plane: for a section (index, value) the other states
        in order. Parameters are those of the flow; outputs are those of the flow on the plane.

    Notes
    -----
    Passages are located to rounding by Newton's method on the time of the last step. The derivative follows from the
    variational equation [1]_.

    References
    ----------
    .. [1] Parker & Chua (1989), Practical Numerical Algorithms for Chaotic Systems, chapters 2 and D.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import fixed_points, poincare_map
    >>> passages = poincare_map(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]), (0, 2.75))
    >>> found = fixed_points(passages, bounds=[2.0, 6.0], starts=8, rng=0)
    >>> found.x.round(4).tolist(), round(passages.return_time(found.x[0]), 6)
    ([[3.1861]], 28.999908)
    """
    if require_system(system).kind != "flow":
        raise ValueError("`system` must be a flow; a map passes through nothing.")
    if system.host:
        raise ValueError("`system` must have compiled functions.")
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, which the map would step over; make the system without it.")
    if system.state_dim < 2:
        raise ValueError(f"`system` must have at least 2 states; it has {system.state_dim}.")
    if direction not in (1, -1):
        raise ValueError(f"`direction` must be 1 or -1; got {direction!r}.")
    flow = without_noise(system)
    drive = Inputs(constant_drive(flow, inputs), flow.input_dim)
    require_autonomous(flow, drive.base)
    passages = PoincareMap.__new__(PoincareMap)
    passages.flow = flow
    passages.normal, passages.offset, passages.basis = _plane(section, flow.state_dim, direction)
    plan = _Plan(flow, drive, 0.0, as_number(longest, "longest", positive=True), as_number(rtol, "rtol", positive=True),
                 passages)  # fmt: skip
    passages._plan = plan
    DynamicalSystem.__init__(
        passages, plan.bound(K.return_map), flow.state_dim - 1, _named(flow), kind="map", jac=plan.bound(K.return_jacobian),
        outputs=plan.bound(K.outputs_on_section), output_dim=flow.output_dim,
    )  # fmt: skip
    return passages


# Parts ---------------------------------------------------------------------------------------------------------------


class _Plan:
    """What the kernels of a map need, and its address; see :mod:`analysis._section_kernels`."""

    def __init__(self, flow: DynamicalSystem, drive: Inputs, start: float, duration: float, rtol: float,
                 passages: PoincareMap | None = None) -> None:  # fmt: skip
        numbers = np.zeros(K.NUMBERS_SIZE)
        numbers[K.START], numbers[K.DURATION], numbers[K.RTOL], numbers[K.ATOL] = start, duration, rtol, 1e-2 * rtol
        section = np.zeros((0, flow.state_dim))
        if passages is not None:
            numbers[K.OFFSET] = passages.offset
            section = np.vstack([passages.normal, passages.origin, passages.basis])
        breaks = drive.breakpoints[(drive.breakpoints > start) & (drive.breakpoints < start + duration)]
        self._kept = (flow, drive, numbers, section, drive.base, drive.terms, drive.data, breaks)  # what is pointed to
        plan = np.zeros(K.PLAN_SIZE, dtype=np.int64)
        plan[:4] = _addresses(flow)
        places = ((K.NUMBERS, numbers), (K.SECTION, section), (K.BASE, drive.base), (K.TERMS, drive.terms),
                  (K.DATA, drive.data), (K.BREAKS, breaks))  # fmt: skip
        for place, array in places:
            plan[place] = array.ctypes.data
        plan[K.N_FLOW], plan[K.N_INPUTS], plan[K.N_TERMS] = flow.state_dim, flow.input_dim, len(drive.terms)
        plan[K.N_DATA], plan[K.N_BREAKS], plan[K.VARYING] = drive.data.size, breaks.size, not drive.constant
        plan[K.OUTPUTS] = flow.address("outputs")
        self._plan = plan

    @property
    def address(self) -> int:
        """Where the plan is."""
        return int(self._plan.ctypes.data)

    def bound(self, kernel: Any) -> Any:
        """Return a kernel with this plan, as a function of the contract."""
        function, plan = address_of(kernel), self.address

        def with_plan(index, t, y, n, u, m, params, p, out, k):
            call_reset(function, plan, t, y, n, u, m, params, p, out)

        dispatcher = compiled(with_plan)
        dispatcher.is_pointer_kernel = True
        return dispatcher


def _named(flow: DynamicalSystem) -> dict[str, Floats]:
    return {name: flow.layout.view(flow.params, name) for name in flow.layout.shapes}


def _plane(section: Any, n: int, direction: int) -> tuple[Floats, float, Floats]:
    """Return the unit normal, the offset and the basis of the plane."""
    try:
        what, value = section
    except (TypeError, ValueError):
        raise TypeError("`section` must be (index, value) or (normal, offset).") from None
    level = as_number(value, "section[1]")
    if np.ndim(what) == 0:
        index = as_count(what, "section[0]")
        if index >= n:
            raise ValueError(f"`section[0]` must be below {n}, the number of states; got {index}.")
        return direction * np.eye(n)[index], direction * level, np.delete(np.eye(n), index, axis=0)
    normal = as_floats(what, "section[0]")
    size = float(np.linalg.norm(normal)) if normal.shape == (n,) else 0.0
    if size == 0:
        raise ValueError(f"`section[0]` must be the number of a state or a vector ({n},) that is not 0; got {what!r}.")
    unit = normal / size
    basis = np.linalg.qr(np.column_stack([unit, np.eye(n)]))[0][:, 1:n].T
    return direction * unit, direction * level / size, np.ascontiguousarray(basis)


def _common_period(drive: Inputs) -> float:
    """Return the least time after which all sines and pulse trains repeat."""
    periods = set()
    for term in drive.terms:
        if int(term[1]) == _SINE and term[3] != 0:
            periods.add(abs(2 * np.pi / term[3]))
        elif int(term[1]) == _TRAIN:
            periods.add(float(term[5]))
        elif drive.callable is None and int(term[1]) != _SINE:
            raise ValueError("`period` must be given: among the inputs are others than sines and pulse trains.")
    if not periods:
        raise ValueError("`period` must be given: no input says how often it repeats.")
    longest = max(periods)
    common = 1
    for each in periods:
        ratio = Fraction(longest / each).limit_denominator(LARGEST_RATIO)
        if abs(float(ratio) * each / longest - 1) > 1e-9:
            raise ValueError(f"`period` must be given: the inputs' periods {sorted(periods)} have none in common.")
        common = int(np.lcm(common, ratio.denominator))
    return float(longest * common)


def _require_periodic(flow: DynamicalSystem, drive: Inputs, start: float, period: float) -> None:
    times = start + period * (np.arange(PHASES) + 0.389) / PHASES
    now, later = drive.at(times), drive.at(times + period)
    off = np.abs(now - later) > 1e-7 * (1.0 + np.abs(now).max(initial=0.0))
    if off.any():
        channel, k = (int(i) for i in np.argwhere(off)[0])
        raise ValueError(
            f"`inputs[{channel}]` must repeat after the period {period:g}; at t = {times[k]:g} it is {now[channel, k]:g}, "
            f"one period later {later[channel, k]:g}. A pulse train must begin by `start` and last for two periods."
        )
    if hasattr(flow, "leaks"):
        return
    for state in (np.full(flow.state_dim, 0.31), np.linspace(-1.3, 0.9, flow.state_dim)):
        for time, u in zip(times[::7], now.T[::7], strict=True):
            if not np.allclose(flow.rhs(time, state, u), flow.rhs(time + period, state, u), rtol=1e-7, equal_nan=True):
                raise ValueError(f"`system` must repeat after the period {period:g}; its right-hand side does not.")


def _uncompiled_period(flow: Any, drive: Inputs, start: float, period: float, rtol: float) -> dict[str, Callable]:
    def carried(y: Floats, params: Floats, tangents: bool) -> Any:
        return transport(flow.with_params(params), y[np.newaxis].copy(), period, drive, start=start, rtol=rtol,
                         tangents=tangents)  # fmt: skip

    def rhs(t: float, y: Floats, u: Floats, params: Floats, out: Floats) -> None:
        try:
            out[:] = carried(y, params, False).y[0]
        except Unreachable:
            out[:] = np.nan

    def jac(t: float, y: Floats, u: Floats, params: Floats, out: Floats) -> None:
        try:
            out[:] = carried(y, params, True).tangent[0]
        except Unreachable:
            out[:] = np.nan

    return {"rhs": rhs, "jac": jac}
