"""Curves of bifurcations over two parameters, with their points of codimension two."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.continuation import STOPPED, Followed, follow
from analysis.bifurcations.curve_record import BifurcationCurve
from analysis.bifurcations.curve_tests import TESTS, THROUGH, Critical, Station
from analysis.bifurcations.cycles.curves import curve_of_cycles, cycle_curve
from analysis.bifurcations.parameters import plane_of, two_parameters
from analysis.bifurcations.records import End, EndKind, Points, SpecialKind, SpecialPoint
from analysis.bifurcations.setting import Setting, checked_drive, require_finite
from analysis.bifurcations.special import at_end, occurrences, special_point, status_of
from analysis.bifurcations.spectral_tests import critical_pair, sorted_eigenvalues
from analysis.cycles import LimitCycle
from neurodynamics import DynamicalSystem, Status
from neurodynamics.validation import Floats, as_choice
from neurodynamics.watched import long_call

MOST = 0.9  # of the points of a curve that is degenerate throughout


def bifurcation_curve(
    system: DynamicalSystem,
    parameters: Any,
    bounds: ArrayLike,
    *,
    start: Any,
    kind: str | None = None,
    inputs: Any = None,
    period: int = 1,
    step: float | None = None,
    max_points: int | None = None,
    rtol: float | None = None,
    normal_forms: bool = True,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> BifurcationCurve:
    """Follow a bifurcation while two parameters vary, and find its points of codimension two.

    Of flows folds (LP) and Hopf points (H), with cusps (CP), Bogdanov-Takens points (BT, where curves of Hopf points end),
    generalised Hopf (GH), zero-Hopf (ZH) and double Hopf points (HH); of maps folds, period doublings and Neimark-Sacker
    points, with cusps, their degenerate points (GPD, CH), resonances (R1 .. R4) and combinations. Bifurcations of cycles and
    homoclinic orbits (HOM) are followed where `start` is one.

    Parameters
    ----------
    system : DynamicalSystem
    parameters : pair of str or dict
        See :func:`fixed_point_branch`.
    bounds : array_like, shape (2, 2)
        Least and largest value of each.
    start : SpecialPoint, LimitCycle, or array_like of shape (N,)
        A bifurcation, such as ``branch.points["LP1"]``, a point of codimension two, a state near one where the system
        stands, or a cycle of long period that is near a homoclinic orbit.
    kind : {"LP", "H", "PD", "NS"}, optional
        Which bifurcation; by default that of `start`, or of the eigenvalue that is nearest to critical.
    inputs, period, step, max_points, rtol, normal_forms, timeout, progress, on_interrupt
        As for :func:`fixed_point_branch`.

    Returns
    -------
    BifurcationCurve

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import bifurcation_curve, fixed_point_branch
    >>> net = CTRNN([[11, -10], [7, -1]], biases=[-3, -5.55])
    >>> branch = fixed_point_branch(net, "biases[0]", (-8, 2))
    >>> curve = bifurcation_curve(net, ("biases[0]", "biases[1]"), [(-8, 2), (-9, 2)], start=branch.points["LP1"])
    >>> curve.kind, curve.points.labels
    (<SpecialKind.LP: 'LP'>, ['CP1', 'BT1', 'BT2'])
    """
    drive = checked_drive(system, inputs)
    pair = two_parameters(system, parameters, drive)
    ends = plane_of(system, pair, bounds)
    special = start if isinstance(start, SpecialPoint) else None
    if special is not None and special.data.get("family") is not None:
        period = special.data["family"].period
    setting = Setting.of(system, pair, list(ends), drive, period, step, max_points, rtol, normal_forms, timeout,
                         on_interrupt, progress)  # fmt: skip

    def work() -> BifurcationCurve:
        if (special is not None and "point" in special.data) or isinstance(start, LimitCycle):
            return cycle_curve(setting, start, step, max_points)
        return follow_curve(setting, start, kind)

    curve: BifurcationCurve = long_call(
        work, lambda status: _so_far(setting, status), timeout=setting.clock.timeout, on_interrupt=on_interrupt
    )
    return curve


def _so_far(setting: Setting, status: Status) -> BifurcationCurve:
    """Return the points that are there while the curve is followed, before special ones are located."""
    stations, ends = setting.under_way.followed(status) or Followed([], (End(STOPPED[status], np.nan, status.message),) * 2)
    if stations:
        problem = setting.under_way.sides[0][0].problem
        if isinstance(problem, Critical):
            return _record(problem, stations, [], ends, status, setting)
        return curve_of_cycles(problem, stations, Points(), ends, status)
    first, second = setting.family.parameters
    none, n = np.empty(0), setting.family.n
    return BifurcationCurve(SpecialKind.LP, (first.name, second.name), np.empty((0, 2)), np.empty((0, n)), none, none,
                            np.empty((0, n), complex), none, none, Points(), ends, status, setting.bounds,
                            setting.family)  # fmt: skip


def follow_curve(setting: Setting, start: Any, kind: str | None = None, angle_of: float | None = None) -> BifurcationCurve:
    """Follow the curve through a start in both directions, or in one from a point where it ends.

    Where two pairs are critical, `angle_of` is that of the one that stays so.
    """
    family, pace = setting.family, setting.pace
    z = _unknowns(setting, start)
    values = sorted_eigenvalues(family.linear(family(z)[1])[np.newaxis], family.is_map)[0]
    problem = Critical(family, _kind_of(start, kind, values, family.is_map), setting.bounds, setting.normal_forms)
    angle: list[float] = []
    doubled = problem.complex and isinstance(start, SpecialPoint) and start.kind in DOUBLED
    if problem.complex:
        one = critical_pair(values, family.is_map)[0]
        angle = [abs(float(np.angle(one))) if family.is_map else abs(one.imag)]
        angle = [np.pi if start.kind == SpecialKind.R2 else 0.0] if doubled else angle
        angle = angle if angle_of is None else [angle_of]
    u = np.append(z, angle)
    problem.start(u)
    t = np.append(np.zeros(z.size), -1.0 if angle and angle[0] else 1.0) if doubled else problem.tangent(u)
    guess, row = (u + 1e-3 * t, t) if doubled else (u, t / problem.scale(u) ** 2)
    first = problem.correct(guess, row, pace.rtol)
    if first is None:
        raise ValueError(f"`start` leads to no {problem.kind.words} point; begin nearer to one.")
    stations, ends = follow(problem, first, pace, setting.clock, 1 if doubled else 2, setting.under_way)
    if doubled:
        ends = _origin(start, z[family.n :]), ends[1]
    return _curve_of(problem, stations, ends, setting)


DOUBLED = {
    SpecialKind.BT: EndKind.BOGDANOV_TAKENS, SpecialKind.R1: EndKind.RESONANCE, SpecialKind.R2: EndKind.RESONANCE,
}  # fmt: skip


def _origin(start: SpecialPoint, values: Floats) -> End:
    evidence: Any = {"z": np.append(start.x, values), "error": start.error}
    return End(DOUBLED[start.kind], float(values[0]), str(start.kind), evidence)


def _unknowns(setting: Setting, start: Any) -> Floats:
    family = setting.family
    if isinstance(start, SpecialPoint):
        x, known = np.asarray(start.x), dict(start.parameters)
    else:
        x, known = family.system.check_state(start, "start"), {}
    values = [known.get(each.name, each.value) for each in family.parameters]
    for each, value, (low, high) in zip(family.parameters, values, setting.bounds, strict=True):
        if value is None:
            raise ValueError(f"`start` needs a value of {each.name!r}, but the entries of the system are not in its ratios.")
        if not low <= value <= high:
            raise ValueError(f"`start` is at {each.name} = {value:g}, outside `bounds` = ({low:g}, {high:g}).")
    z = np.concatenate([x, np.array(values, dtype=float)])
    require_finite(family, z)
    return z


def _kind_of(start: Any, kind: str | None, values: np.ndarray, is_map: bool) -> SpecialKind:
    """The kind that is asked for, that of a special point, or of the eigenvalue that is nearest to critical."""
    kinds = [each for each, of_map in TESTS if of_map == is_map]
    if kind is not None:
        return SpecialKind(as_choice(kind, "kind", [str(each) for each in kinds]))
    if isinstance(start, SpecialPoint) and start.kind != SpecialKind.BP:
        known = start.kind if start.kind in kinds else THROUGH.get(start.kind, (None,))[-1]
        if known is None:
            raise ValueError(f"`start` must be a bifurcation that can be followed; a {start.kind.words} cannot.")
        return known
    near = {SpecialKind.LP: np.abs(values - (1.0 if is_map else 0.0)).min()}
    if is_map:
        near[SpecialKind.PD] = np.abs(values + 1).min()
    if len(values) > 1 and (pair := critical_pair(values, is_map))[0].imag:
        near[SpecialKind.NS if is_map else SpecialKind.H] = abs(pair[0] * pair[1] - 1 if is_map else sum(pair))
    return min(near, key=lambda each: near[each])


def _curve_of(problem: Critical, stations: list[Station], ends: tuple[End, End], setting: Setting) -> BifurcationCurve:
    family = problem.family
    found, located = occurrences(range(len(stations) - 1), lambda k: problem.events(*stations[k : k + 2]), setting.clock)
    points = [special_point(family, event, setting, forms=setting.normal_forms) for _, event in found]
    points = [*at_end(setting, ends[0]), *points, *at_end(setting, ends[1])]
    return _record(problem, stations, points, ends, status_of(ends, located), setting)


def _record(problem: Critical, stations: list[Station], points: list[SpecialPoint], ends: tuple[End, End], status: Status,
            setting: Setting) -> BifurcationCurve:  # fmt: skip
    family, unknowns = problem.family, np.array([each.u for each in stations])
    angle = np.abs(unknowns[:, -1]) if problem.complex else np.full(len(unknowns), np.pi if problem.kind == "PD" else 0.0)
    period = np.full(len(unknowns), float(family.period) if family.is_map else np.nan)
    if problem.kind == SpecialKind.H:
        period = 2 * np.pi / np.maximum(angle, 1e-300)
    return BifurcationCurve(
        problem.kind, (family.parameters[0].name, family.parameters[1].name), unknowns[:, problem.columns],
        unknowns[:, : family.n], angle, period, np.array([each.values for each in stations]),
        np.array([each.coefficient for each in stations]), np.array([each.error for each in stations]),
        Points.numbered(points), ends, status, setting.bounds, family, _degenerate(stations),
    )  # fmt: skip


def _degenerate(stations: list[Station]) -> str:
    """What is said of a curve whose leading coefficient is zero all along, but for what rounding makes of it."""
    throughout = len(stations) > 2 and np.mean([each.degenerate for each in stations]) > MOST
    return "the leading coefficient is zero throughout: every point is degenerate" if throughout else ""
