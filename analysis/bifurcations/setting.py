"""One call, with its arguments checked: what is varied, between which bounds, how, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analysis.bifurcations.continuation import Clock, Corrected, Pace, UnderWay
from analysis.bifurcations.family import Family
from analysis.bifurcations.parameters import Parameter, interval_of
from analysis.bifurcations.records import SpecialPoint
from analysis.common import constant_drive, require_autonomous, require_system
from analysis.cycles import LimitCycle, without_noise
from analysis.equilibria import FixedPoints, fixed_points
from neurodynamics import DynamicalSystem, Status
from neurodynamics.validation import Floats, as_count, as_floats, as_number
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout

STEP, POINTS, RTOL = 0.02, 2000, 1e-9
SOLVED = 1e-8  # residual of a start that is a fixed point already
NEAREST = 0.3  # relative: a start may be corrected by as much


@dataclass(frozen=True, eq=False)
class Setting:
    """What a continuation is made with."""

    family: Family
    bounds: Floats  # (m, 2)
    pace: Pace
    clock: Clock
    normal_forms: bool
    under_way: UnderWay = field(default_factory=UnderWay)

    @classmethod
    def of(cls, system: DynamicalSystem, parameters: Sequence[Any], bounds: Sequence[Any], inputs: Any = None,
           period: Any = 1, step: Any = None, max_points: Any = None, rtol: Any = None, normal_forms: bool = True,
           timeout: Any = None, on_interrupt: str = "raise", progress: bool = False) -> Setting:  # fmt: skip
        """Check the arguments that all continuations share."""
        drive = checked_drive(system, inputs)
        flow = without_noise(system)
        name = "parameter" if len(parameters) == 1 else "parameters"
        read = [Parameter.of(flow, each, drive, name) for each in parameters]
        times = as_count(period, "period", minimum=1)
        if times > 1 and system.kind == "flow":
            raise ValueError("`period` has a meaning for maps only; cycles of a flow are followed by cycle_branch.")
        as_on_interrupt(on_interrupt)
        within = np.array([interval_of(flow, each, ends) for each, ends in zip(read, bounds, strict=True)])
        pace = pace_of(step, max_points, rtol, progress)
        clock = Clock(as_timeout(timeout))
        return cls(Family(flow, read, drive, times), within, pace, clock, bool(normal_forms))

    def renewed(self, bounds: Any = None, timeout: float | None = None, **options: Any) -> Setting:
        """Return the same with a new clock, and other bounds or pace where they are given."""
        within = self.bounds if bounds is None else np.array([interval_of(self.family.system, self.family.parameters[0],
                                                                          bounds)])  # fmt: skip
        names = {"step": "longest", "max_points": "points", "rtol": "rtol"}
        if unknown := set(options) - set(names):
            raise TypeError(f"unknown option {sorted(unknown)[0]!r}; there are bounds, timeout, {', '.join(names)}.")
        pace = replace(self.pace, **{names[key]: value for key, value in options.items()})
        return replace(self, bounds=within, clock=Clock(timeout), pace=pace)

    def first_point(self, problem: Any, start: Any) -> Corrected:
        """Return the corrected start of a branch over one parameter."""
        family, ends = self.family, self.bounds[0]
        known = value_of(start, family.parameters[0])
        if start is None:  # where the system stands, or at the nearest bound; if there is nothing, at the bounds
            places = (float(ends.mean() if known is None else np.clip(known, *ends)), *map(float, ends))
        else:
            places = (inside(family.parameters[0], known, ends),)
        for value in places:
            states = self._searched(value) if start is None else [_state_of(start, family)]
            if (found := self._corrected(problem, states, value)) is not None:
                return found
        value = places[0]
        size = max(1.0, max((float(np.abs(state).max()) for state in states), default=0.0))
        if any(np.abs(family.residual(np.append(state, value))).max() <= SOLVED * size for state in states):
            raise ValueError(f"`start` lies on a continuum of fixed points at {family.parameters[0].name} = {value:g}: "
                             "several eigenvalues are zero there, and no branch is singled out.")  # fmt: skip
        require_finite(family, np.append(states[0] if states else np.zeros(family.n), value))
        if start is not None:
            nearest = sorted(self._searched(value), key=lambda x: float(np.linalg.norm(x - states[0])))
            if (found := self._corrected(problem, nearest, value)) is not None:
                return found
        what = "`start` leads to no fixed point" if start is not None else "no fixed point was found"
        raise ValueError(f"{what} at {family.parameters[0].name} = {value:g}; give another `start`.")

    def _corrected(self, problem: Any, states: list[Floats], value: float) -> Corrected | None:
        """The first state that leads to a point of the curve within the bounds."""
        points = (start_from(problem, np.append(state, value), self.pace.rtol) for state in states)
        return next((found for found in points if found is not None and self._holds(float(found.u[-1]))), None)

    def _holds(self, value: float) -> bool:
        low, high = self.bounds[0]
        return bool(low <= value <= high)

    def _searched(self, value: float) -> list[Floats]:
        """The fixed points where the system stands, stable ones first."""
        family = self.family
        system, drive = family.at(np.append(np.zeros(family.n), value))
        found = fixed_points(system, inputs=drive, period=family.period, rng=0, timeout=self.clock.left)
        if found.status == Status.TIMEOUT and not len(found):
            raise OutOfTime
        order = np.argsort(~found.stable, kind="stable")
        return [found.x[k] for k in order]


def require_finite(family: Family, z: Floats) -> None:
    """Raise where the equations are not finite at z = (x, p)."""
    if not np.isfinite(values := family.residual(z)).all():
        raise ValueError(f"`system` is not finite at y = {z[: family.n].tolist()}, {family.named(z[family.n :])}: its rhs "
                         f"answers {values.tolist()}; give a `start` at which it is defined.")  # fmt: skip


def checked_drive(system: Any, inputs: Any) -> Floats:
    """Return the constant inputs of a system that can be continued, or raise."""
    drive = constant_drive(require_system(system), inputs)
    if system.has("reset"):
        raise ValueError("`system` has a `reset`: its trajectories jump, which continuation does not follow.")
    if system.state_dim == 0:
        raise ValueError("`system` has no states.")
    require_autonomous(system, drive)
    return drive


def pace_of(step: Any, max_points: Any, rtol: Any, progress: bool = False) -> Pace:
    """Return how to go, with defaults for None."""
    longest = STEP if step is None else as_number(step, "step", positive=True)
    count = POINTS if max_points is None else as_count(max_points, "max_points", minimum=1)
    tolerance = RTOL if rtol is None else as_number(rtol, "rtol", positive=True)
    return Pace(min(0.01, longest), longest, count, tolerance, bool(progress))


def start_from(problem: Any, u: Floats, rtol: float) -> Corrected | None:
    """Correct a guess at its value of the parameter or, at folds, to the nearest point of the curve."""
    row = np.zeros(u.size)
    row[-1] = 1.0
    found = problem.correct(u, row, rtol)
    near = found is not None and np.abs((found.u - u) / problem.scale(u)).max() <= NEAREST
    if found is not None and near and np.isfinite(found.t).all():
        return found
    defined = np.isfinite(problem(u)[1]).all()
    again = problem.correct(u, problem.tangent(u) / problem.scale(u) ** 2, rtol) if defined else None
    return again or found or _beside(problem, u, row, rtol)


def _beside(problem: Any, u: Floats, row: Floats, rtol: float) -> Corrected | None:
    """Move the parameter a little, away from a point at which several eigenvalues vanish."""
    if not float(np.abs(problem(u)[0]).max()) <= SOLVED * max(1.0, float(np.abs(u).max())):
        return None
    guesses = (u + share * problem.scale(u)[-1] * row for share in (1e-3, -1e-3, 1e-2, -1e-2))
    return next((found for guess in guesses if (found := problem.correct(guess, row, rtol)) is not None), None)


def value_of(start: Any, parameter: Parameter) -> float | None:
    """Return where a start is: a special point or a cycle has a value; otherwise that of the system counts."""
    if isinstance(start, SpecialPoint) and parameter.name in start.parameters:
        return start.parameters[parameter.name]
    if isinstance(start, LimitCycle) and start.system.param_dim == parameter.direction.size:
        return parameter.value_in(start.system.params, start.inputs)
    return parameter.value


def inside(parameter: Parameter, value: float | None, ends: Floats) -> float:
    """Return a value at which a branch may begin, or raise."""
    if value is None:
        raise ValueError(f"`start` needs a value of {parameter.name!r}, but the entries of the system are not in its "
                         "ratios; set them with with_params.")  # fmt: skip
    if not ends[0] <= value <= ends[1]:
        raise ValueError(f"`start` is at {parameter.name} = {value:g}, outside `bounds` = ({ends[0]:g}, {ends[1]:g}).")
    return value


def _state_of(start: Any, family: Family) -> Floats:
    if isinstance(start, SpecialPoint):
        return np.asarray(start.x)
    if isinstance(start, FixedPoints):
        if len(start) != 1:
            raise ValueError(f"`start` must be one fixed point, such as points[0]; got {len(start)} of them.")
        return start.x[0]
    if isinstance(start, LimitCycle):
        if not family.is_map:
            raise ValueError("`start` is a cycle of a flow; follow it with cycle_branch.")
        return start.y[:, 0].copy()
    state = as_floats(start, "start")
    if state.shape != (family.n,):
        raise ValueError(f"`start` must have shape (state_dim,) = ({family.n},); got {state.shape}.")
    return state
