"""Stroboscopic and Poincare maps: a flow seen once a period, or once a passage through a plane, as a system of kind map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import constant_drive, require_autonomous, require_system, without_noise
from analysis.cycles import section_kernels as K
from analysis.cycles.drive_period import common_period, require_periodic
from analysis.cycles.section_plan import SectionPlan, plane_of_section
from analysis.cycles.transport import Unreachable, transport
from neurodynamics import DynamicalSystem
from neurodynamics.inputs import Inputs
from neurodynamics.systems import Recipe
from neurodynamics.validation import Floats, as_number, as_rows, dimensions

RTOL = 1e-12
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
    integrates = True

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
    _plan: SectionPlan
    integrates = True
    _level_period: float  # after which the plane comes again, where it is that of an angle

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what the flow allows."""
        self.flow.check_params(vector)

    @property
    def origin(self) -> Floats:
        """The point (N,) of the plane with coordinates 0."""
        return self.offset * self.normal

    def lift(self, z: ArrayLike) -> Floats:
        """Return the states of the flow, (N,) or (K, N), for coordinates on the plane, (N - 1,) or (K, N - 1)."""
        return self.origin + as_rows(z, "z", self.state_dim) @ self.basis

    def project(self, y: ArrayLike) -> Floats:
        """Return coordinates on the plane, (N - 1,) or (K, N - 1), of states of the flow, (N,) or (K, N)."""
        return (as_rows(y, "y", self.origin.size) - self.origin) @ self.basis.T

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
    duration = common_period(drive) if period is None else as_number(period, "period", positive=True)
    require_periodic(flow, drive, begin, duration)
    tolerance = as_number(rtol, "rtol", positive=True)
    strobe = StroboscopicMap.__new__(StroboscopicMap)
    strobe.flow, strobe.inputs, strobe.period, strobe.start = flow, drive, duration, begin
    strobe._recipe = Recipe(stroboscopic_map, (system, inputs, duration), {"start": begin, "rtol": tolerance})
    functions: dict[str, Any] = {role: flow.function(role).source for role in ("outputs",) if flow.has(role)}
    if flow.host or drive.callable is not None:
        functions |= _uncompiled_period(flow, drive, begin, duration, tolerance)
    else:
        plan = SectionPlan(flow, drive, begin, duration, tolerance)
        strobe.__dict__["_plan"] = plan
        functions |= {"rhs": plan.bound(K.period_map), "jac": plan.bound(K.period_jacobian)}
    rhs = functions.pop("rhs")
    DynamicalSystem.__init__(strobe, rhs, flow.state_dim, _named(flow), kind="map", output_dim=flow.output_dim,
                             angles=flow.angles, host=flow.host or drive.callable is not None, **functions)  # fmt: skip
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
        The plane where a state has a value (an angle: modulo its period), or where ``normal @ y = offset``.
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
    if dimensions(direction) != 0 or direction not in (1, -1):
        raise ValueError(f"`direction` must be 1 or -1; got {direction!r}.")
    flow = without_noise(system)
    drive = Inputs(constant_drive(flow, inputs), flow.input_dim)
    require_autonomous(flow, drive.base)
    passages = PoincareMap.__new__(PoincareMap)
    passages.flow = flow
    passages._recipe = Recipe(poincare_map, (system, section), {"direction": direction, "inputs": inputs,
                                                               "longest": longest, "rtol": rtol})  # fmt: skip
    passages.normal, passages.offset, passages.basis = plane_of_section(section, flow.state_dim, direction)
    state = int(section[0]) if dimensions(section[0]) == 0 else None  # in other planes no coordinate is an angle
    passages._level_period = np.inf if state is None else flow.angles.mapping.get(state, np.inf)
    longest, rtol = as_number(longest, "longest", positive=True), as_number(rtol, "rtol", positive=True)
    plan = SectionPlan(flow, drive, 0.0, longest, rtol, passages)
    passages._plan = plan
    DynamicalSystem.__init__(
        passages, plan.bound(K.return_map), flow.state_dim - 1, _named(flow), kind="map", jac=plan.bound(K.return_jacobian),
        outputs=plan.bound(K.outputs_on_section), output_dim=flow.output_dim,
        angles=None if state is None else flow.angles.without(state),
    )  # fmt: skip
    return passages


def _named(flow: DynamicalSystem) -> dict[str, Floats]:
    return {name: flow.layout.view(flow.params, name) for name in flow.layout.shapes}


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
