"""Cycles of a flow while a parameter varies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.continuation import STOPPED, Pace, follow
from analysis.bifurcations.cycles.forms import cycle_normal_form
from analysis.bifurcations.cycles.homoclinics import homoclinic
from analysis.bifurcations.cycles.point import CyclePoint
from analysis.bifurcations.cycles.problem import FIRST, LONGEST, Cycles
from analysis.bifurcations.cycles.record import CycleBranch, branch_of
from analysis.bifurcations.cycles.starts import from_branch_point, from_cycle, from_doubling, from_hopf
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, EndKind, Points, SpecialKind, SpecialPoint
from analysis.bifurcations.setting import Setting, inside, require_finite, value_of
from analysis.bifurcations.special import Event, occurrences, status_of
from analysis.cycles import LimitCycle, limit_cycle
from neurodynamics import DynamicalSystem, Status
from neurodynamics.validation import Floats, as_count, as_floats, as_number
from neurodynamics.watched import long_call

INTERVALS, POINTS, RTOL = 50, 500, 1e-9
LONGEST_PERIOD = 100.0  # times the first period of the branch
DISAGREE = 1e-6  # of two values of a homoclinic orbit: one of them is another orbit
CUTS = 1e-4, 1e-5  # of the size of a homoclinic orbit: how far from its saddle it is cut
ORIGINS = {SpecialKind.H: EndKind.HOPF, SpecialKind.PD: EndKind.PERIOD_DOUBLING, SpecialKind.BP: EndKind.BRANCH_POINT}
AT_INFINITY = {EndKind.HOMOCLINIC: SpecialKind.HOM, EndKind.SNIC: SpecialKind.SNIC}


def cycle_branch(
    system: DynamicalSystem,
    parameter: Any,
    bounds: ArrayLike,
    *,
    start: Any,
    inputs: Any = None,
    step: float | None = None,
    max_points: int | None = None,
    max_period: float | None = None,
    intervals: int | None = None,
    rtol: float | None = None,
    normal_forms: bool = True,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> CycleBranch:
    """Follow a cycle of a flow, stable or not, while a parameter varies, and find its bifurcations.

    Cycles are solved by Gauss collocation of degree 4 on a mesh that adapts, and followed by pseudo-arclength. Folds of
    cycles (LPC), branch points (BP), period doublings (PD) and Neimark-Sacker points (NS) are located. The ends of a branch
    say why it ends there: at a Hopf point, at a homoclinic orbit, at a saddle-node on the cycle (SNIC), at the bounds, ..

    Parameters
    ----------
    system : DynamicalSystem
        A flow without `reset`.
    parameter : str or dict
        As in `fixed_point_branch`.
    bounds : array_like, shape (2,)
        Least and largest value.
    start : SpecialPoint, LimitCycle, or array_like of shape (N,)
        A Hopf point, from which the branch is followed in its one direction; a period doubling or branch point of cycles,
        at which the other branch is taken; a cycle at the value that `system` has, or a state that runs into one: these are
        followed in both directions.
    inputs : array_like, shape (M,), optional
        Constants.
    step : float, optional
        Longest step, relative to the size of the cycle, its period and the bounds; 0.25 by default.
    max_points : int, optional
        In each direction; 500 by default.
    max_period : float, optional
        Where to give up if the period grows without bound; 100 times the first one by default.
    intervals : int, optional
        Of the mesh, 50 by default. There are up to 400 where the cycle needs them.
    rtol : float, optional
        Relative error aimed at of the states at the mesh points; 1e-9 by default.
    normal_forms : bool
        Whether to compute normal forms of LPC, PD and NS.
    timeout : float, optional
        Seconds; what was found until then is returned, and the end of the branch says so.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    CycleBranch

    References
    ----------
    .. [1] Doedel, Keller & Kernevez (1991), Int. J. Bifurcation Chaos 1, 745.
    .. [2] Ascher, Mattheij & Russell (1995), Numerical Solution of Boundary Value Problems.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import cycle_branch, limit_cycle
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> branch = cycle_branch(net, "biases[0]", (-6, 0), start=limit_cycle(net, [0, 0]))
    >>> [str(end.kind) for end in branch.ends]
    ['Hopf', 'Hopf']
    >>> branch.at(-2.7)[0]  # doctest: +ELLIPSIS
    LimitCycle(limit_cycle, period 29.251608..., stable, largest multiplier 0.0020...)
    """
    setting = Setting.of(system, [parameter], [bounds], inputs, 1, None, None, None, normal_forms, timeout,
                         on_interrupt)  # fmt: skip
    if setting.family.is_map:
        raise ValueError("`system` must be a flow; cycles of a map are fixed points of its iterates: fixed_point_branch.")
    longest = LONGEST if step is None else as_number(step, "step", positive=True)
    most = POINTS if max_points is None else as_count(max_points, "max_points", minimum=1)
    pace = Pace(min(FIRST, longest), longest, most, progress=bool(progress))
    problem = Cycles(
        setting.family, setting.bounds, INTERVALS if intervals is None else as_count(intervals, "intervals", minimum=5),
        RTOL if rtol is None else as_number(rtol, "rtol", positive=True),
    )  # fmt: skip
    limit = None if max_period is None else as_number(max_period, "max_period", positive=True)
    branch: CycleBranch = long_call(
        lambda: _follow(problem, setting, pace, start, limit), lambda status: _so_far(setting, status),
        timeout=setting.clock.timeout, on_interrupt=on_interrupt,
    )  # fmt: skip
    return branch


def _so_far(setting: Setting, status: Status) -> CycleBranch:
    """Return what there is while the branch is followed, before special points are located."""
    followed = setting.under_way.followed(status)
    if followed is None:
        return _without_points(setting, STOPPED[status], status.message)
    return branch_of(setting.family, setting.bounds[0], followed.points, Points(), followed.ends, status)


def _follow(problem: Cycles, setting: Setting, pace: Pace, start: Any, limit: float | None) -> CycleBranch:
    family = setting.family
    try:
        first = _first_point(problem, start, setting)
    except KeyboardInterrupt:
        return _without_points(setting, EndKind.INTERRUPTED, "interrupted before the first cycle was found")
    if first is None:
        return _without_points(setting, EndKind.TIMEOUT, "`timeout` was used up before the first cycle was found")
    problem.longest_period = LONGEST_PERIOD * first.u.period if limit is None else limit
    born = isinstance(start, SpecialPoint)
    points, ends = follow(problem, first, pace, setting.clock, 1 if born else 2, setting.under_way)
    if born and ends[1].kind != EndKind.CLOSED:
        ends = End(ORIGINS[start.kind], start.value, f"the branch begins at {start.label}"), ends[1]
    found, located = occurrences(range(len(points) - 1), lambda k: problem.events(*points[k : k + 2]), setting.clock)
    path: list[CyclePoint] = []
    for k, point in enumerate(points):
        path += [point, *(event.u for at, event in found if at == k and event.kind != SpecialKind.UNDECIDED)]
    located_points = [cycle_special_point(family, event, setting) for _, event in found]
    special = [_at_infinity(setting, ends[0], points[0]), *located_points, _at_infinity(setting, ends[1], points[-1])]
    known = Points.numbered([each for each in special if each is not None])
    return branch_of(family, setting.bounds[0], path, known, ends, status_of(ends, located))


def _without_points(setting: Setting, kind: EndKind, message: str) -> CycleBranch:
    ends = End(kind, np.nan, message), End(kind, np.nan, message)
    return branch_of(setting.family, setting.bounds[0], [], Points(), ends, status_of(ends))


def _first_point(problem: Cycles, start: Any, setting: Setting) -> CyclePoint | None:
    """Return the first cycle, or None where there was not enough time; raise ValueError where there is none."""
    parameter, ends = setting.family.parameters[0], setting.bounds[0]
    special = start if isinstance(start, SpecialPoint) else None
    value = np.array([inside(parameter, value_of(start, parameter), ends)])
    if special is not None:
        if special.kind == SpecialKind.H:
            l1 = special.normal_form["l1"] if special.normal_form is not None else np.nan
            return from_hopf(problem, special.x, value, l1)
        if special.kind not in ORIGINS or "point" not in special.data:
            raise ValueError(f"`start` must be a Hopf point, a period doubling or a branch point of cycles, a cycle or a "
                             f"state; got a {special.kind.words}.")  # fmt: skip
        return (from_doubling if special.kind == SpecialKind.PD else from_branch_point)(problem, special.data["point"])
    cycle = start if isinstance(start, LimitCycle) else _cycle_from(as_floats(start, "start"), float(value[0]), setting)
    if cycle.status == Status.TIMEOUT:
        return None
    if not cycle.success:
        raise ValueError(f"`start` is no cycle: {cycle.message}")
    return from_cycle(problem, cycle, value)


def _cycle_from(state: Floats, value: float, setting: Setting) -> LimitCycle:
    system, drive = setting.family.at(np.append(np.zeros(setting.family.n), value))
    if state.shape == (setting.family.n,):
        require_finite(setting.family, np.append(state, value))
    try:
        return limit_cycle(system, state, inputs=drive, timeout=setting.clock.left)
    except ValueError as error:
        why = str(error).split("; start elsewhere")[0].replace("`y0`", "`start`").replace("y0", "it")
        raise ValueError(f"{why}; begin from a state that runs into a cycle, from a Hopf point of `fixed_point_branch`, or "
                         "from the cycle that `limit_cycle` finds with a guess of its period.") from error  # fmt: skip


def cycle_special_point(family: Family, event: Event, setting: Setting) -> SpecialPoint:
    """Return the record of a bifurcation of cycles."""
    assert event.kind is not None
    u = event.u.u
    system, drive = family.at(np.concatenate([u.x[0], u.parameters]))
    data = {"point": event.u, "family": family, "setting": setting}
    out = SpecialPoint(event.kind, "", family.named(u.parameters), u.x[0].copy(), u.period, event.u.multipliers, None,
                       float(event.error), float(event.residual), event.message, system, drive, data)  # fmt: skip
    form = cycle_normal_form(out) if setting.normal_forms and not setting.clock.over else None
    return out if form is None else replace(out, normal_form=form)


def _at_infinity(setting: Setting, end: End, point: CyclePoint) -> SpecialPoint | None:
    """The special point at the end of a branch where the period is infinite; `x` is the equilibrium there.

    A homoclinic orbit is solved for, cut at two distances from its saddle, which tell the error; the residual is how far the
    branch of cycles has led from there.
    """
    if end.kind not in AT_INFINITY:
        return None
    family, kind, value, error = setting.family, AT_INFINITY[end.kind], end.value, float(end.evidence["error"])
    x = np.array([end.evidence[f"x[{k}]"] for k in range(family.n)])
    if kind == SpecialKind.HOM:
        near, nearer = (homoclinic(family, point.u, point.metric.widths, reach=reach) for reach in CUTS)
        size = max(1.0, abs(value))
        if near is not None and nearer is not None and abs(nearer[0].value - value) < DISAGREE * size:
            point, x, value = nearer[0], nearer[1].x, nearer[0].value
            error = abs(value - near[0].value) + 1e-12 * size
    z = np.append(x, value)
    system, drive = family.at(z)
    values = np.linalg.eigvals(family(z)[1][:, : family.n])
    data = {"point": point, "family": family, "setting": setting}
    return SpecialPoint(kind, "", family.named(np.array([value])), x, np.inf, values[np.argsort(-values.real)], None, error,
                        abs(value - end.value), "", system, drive, data)  # fmt: skip
