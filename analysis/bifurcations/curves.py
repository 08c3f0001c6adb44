"""Curves of bifurcations over two parameters, with their points of codimension two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.continuation import Clock, Corrected, Pace, both_ways, correct, locate, tangent_at
from analysis.bifurcations.curve_record import BifurcationCurve
from analysis.bifurcations.curve_tests import TESTS, CurveCollector, Station, station
from analysis.bifurcations.cycle_branches import cycle_branch
from analysis.bifurcations.cycle_curves import cycle_curve
from analysis.bifurcations.double_zero import end_at_double_zero
from analysis.bifurcations.family import Family
from analysis.bifurcations.normal_forms import normal_form_at
from analysis.bifurcations.parameters import Parameter, system_at, two_parameters
from analysis.bifurcations.point_branches import fixed_point_branch, status_of
from analysis.bifurcations.records import End, EndKind, Points, SpecialKind, SpecialPoint, follows
from analysis.bifurcations.setting import Setting, checked_drive, pace_of
from analysis.bifurcations.singular import COMPLEX, Singular
from analysis.bifurcations.spectral_tests import critical_pair, sorted_eigenvalues
from neurodynamics import DynamicalSystem, Status
from neurodynamics.validation import Floats, as_choice
from neurodynamics.watched import long_call

KINDS = (SpecialKind.LP, SpecialKind.H, SpecialKind.PD, SpecialKind.NS)
THROUGH = {  # which curves pass a point of codimension two
    SpecialKind.CP: (SpecialKind.LP,), SpecialKind.BT: (SpecialKind.LP, SpecialKind.H), SpecialKind.GH: (SpecialKind.H,),
    SpecialKind.ZH: (SpecialKind.LP, SpecialKind.H), SpecialKind.HH: (SpecialKind.H, SpecialKind.H),
    SpecialKind.R1: (SpecialKind.LP, SpecialKind.NS), SpecialKind.R2: (SpecialKind.PD, SpecialKind.NS),
    SpecialKind.GPD: (SpecialKind.PD,), SpecialKind.CH: (SpecialKind.NS,), SpecialKind.R3: (SpecialKind.NS,),
    SpecialKind.R4: (SpecialKind.NS,), SpecialKind.LPPD: (SpecialKind.LP, SpecialKind.PD),
    SpecialKind.LPNS: (SpecialKind.LP, SpecialKind.NS), SpecialKind.PDNS: (SpecialKind.PD, SpecialKind.NS),
    SpecialKind.NSNS: (SpecialKind.NS, SpecialKind.NS),
}  # fmt: skip
BESIDE = 0.02  # of the bounds: how far from a generalised Hopf point folds of cycles are sought


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
) -> Any:
    """Follow a bifurcation while two parameters vary, and find its points of codimension two.

    Of flows folds (LP) and Hopf points (H), with cusps (CP), Bogdanov-Takens points (BT, where curves of Hopf points end),
    generalised Hopf (GH), zero-Hopf (ZH) and double Hopf points (HH); of maps folds, period doublings and Neimark-Sacker
    points, with cusps, their degenerate points (GPD, CH), resonances (R1 .. R4) and combinations. Bifurcations of cycles
    are followed where `start` is one.

    Parameters
    ----------
    system : DynamicalSystem
    parameters : pair of str or dict
        See :func:`fixed_point_branch`.
    bounds : array_like, shape (2, 2)
        Least and largest value of each.
    start : SpecialPoint or array_like of shape (N,)
        A bifurcation, such as ``branch.points["LP1"]``, a point of codimension two, or a state near one where the system
        stands.
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
    ends = np.asarray(bounds, dtype=float)
    if ends.shape != (2, 2):
        raise ValueError(f"`bounds` must be two pairs (least, largest), one a parameter; got shape {ends.shape}.")
    if isinstance(start, SpecialPoint) and _of_cycles(start, system):
        return cycle_curve(system, pair, ends, start=start, inputs=drive, step=step, max_points=max_points, rtol=rtol,
                           timeout=timeout, on_interrupt=on_interrupt)  # fmt: skip
    if isinstance(start, SpecialPoint) and start.data.get("family") is not None:
        period = start.data["family"].period
    setting = Setting.of(system, pair, list(ends), drive, period, step, max_points, rtol, normal_forms, timeout,
                         on_interrupt, progress)  # fmt: skip
    problems: list[Singular] = []

    def work() -> BifurcationCurve:
        problem, u, direction = _first(setting, start, kind)
        problems.append(problem)
        return follow_curve(setting, problem, u, direction, start)

    curve: BifurcationCurve = long_call(
        work, lambda status: _so_far(problems, setting, status), timeout=setting.clock.timeout, on_interrupt=on_interrupt
    )
    return curve


def _of_cycles(start: SpecialPoint, system: DynamicalSystem) -> bool:
    return system.kind == "flow" and start.kind in ("LPC", "PD", "NS", "HOM", "CPC")


def _first(setting: Setting, start: Any, kind: str | None) -> tuple[Singular, Floats, Floats | None]:
    """Return the problem, the unknowns to begin with, and a direction where the derivative gives none."""
    family = setting.family
    z = _unknowns(family, start)
    inside = (z[family.n :] >= setting.bounds[:, 0]) & (z[family.n :] <= setting.bounds[:, 1])
    if not inside.all():
        k = int(np.argmin(inside))
        raise ValueError(f"`start` is at {family.parameters[k].name} = {z[family.n + k]:g}, outside `bounds` = "
                         f"({setting.bounds[k, 0]:g}, {setting.bounds[k, 1]:g}).")  # fmt: skip
    values = sorted_eigenvalues(family.linear(family(z)[1])[np.newaxis], family.is_map)[0]
    chosen = _kind_of(start, kind, values, family.is_map)
    problem = Singular(family, chosen, setting.bounds)
    problem.angle_zero = end_at_double_zero
    if chosen not in COMPLEX:
        return problem, z, None
    one, _ = critical_pair(values, family.is_map)
    angle = abs(float(np.angle(one))) if family.is_map else abs(one.imag)
    doubled = isinstance(start, SpecialPoint) and start.kind in (SpecialKind.BT, SpecialKind.R1, SpecialKind.R2)
    if not doubled:
        return problem, np.append(z, angle), None
    base = np.pi if start.kind == SpecialKind.R2 else 0.0
    return problem, np.append(z, base), np.append(np.zeros(z.size), -1.0 if base else 1.0)


def _unknowns(family: Family, start: Any) -> Floats:
    if isinstance(start, SpecialPoint):
        x, known = np.asarray(start.x), dict(start.parameters)
    else:
        x, known = family.system.check_state(start, "start"), {}
    values = [known.get(each.name, each.value) for each in family.parameters]
    for each, value in zip(family.parameters, values, strict=True):
        if value is None:
            raise ValueError(f"`start` needs a value of {each.name!r}, but the entries of the system are not in its ratios.")
    return np.concatenate([x, np.array(values, dtype=float)])


def _kind_of(start: Any, kind: str | None, values: np.ndarray, is_map: bool) -> SpecialKind:
    if kind is not None:
        allowed = [str(each) for each, of_map in TESTS if of_map == is_map]
        return SpecialKind(as_choice(kind, "kind", allowed))
    if isinstance(start, SpecialPoint):
        if start.kind in KINDS:
            return start.kind
        if start.kind in THROUGH:
            return THROUGH[start.kind][-1]
        if start.kind != SpecialKind.BP:
            raise ValueError(f"`start` must be a bifurcation that can be followed; a {start.kind.words} cannot.")
    if not is_map:
        zero, pair = np.abs(values).min(), np.inf
        if len(values) > 1:
            one, two = critical_pair(values, False)
            pair = abs(one + two) if one.imag else np.inf
        return SpecialKind.LP if zero <= pair else SpecialKind.H
    near = {SpecialKind.LP: np.abs(values - 1).min(), SpecialKind.PD: np.abs(values + 1).min()}
    if len(values) > 1 and critical_pair(values, True)[0].imag:
        one, two = critical_pair(values, True)
        near[SpecialKind.NS] = abs(one * two - 1)
    return min(near, key=lambda each: near[each])


def follow_curve(setting: Setting, problem: Singular, u: Floats, direction: Floats | None,
                 start: Any = None) -> BifurcationCurve:  # fmt: skip
    """Follow the curve through a guess in both directions, or in one from a point where it ends."""
    first = _corrected(problem, u, direction, setting.pace)
    if first is None:
        raise ValueError(f"`start` leads to no {problem.kind.words} point; begin nearer to one.")
    problem.adapt(first)
    origin = station(problem, first, coefficients=setting.normal_forms)
    sides = both_ways(problem, first, setting.pace, setting.clock,
                      lambda: CurveCollector(problem, origin, setting.normal_forms), setting.under_way)  # fmt: skip
    stations = [*sides[1].points[::-1], origin, *sides[0].points]
    ends = sides[1].end, sides[0].end
    if direction is not None:  # both sides are the same curve
        stations, ends = [origin, *sides[0].points], (_end_at(start, u[problem.columns]), ends[1])
    points, located = _special_points(problem, stations, ends, setting)
    status = located if located != Status.SUCCESS else status_of(ends)
    return _curve_of(problem, stations, points, ends, status, setting)


def _so_far(problems: list[Singular], setting: Setting, status: Status) -> BifurcationCurve:
    """Return the points that are there while the curve is followed, before special ones are located."""
    forward, back = setting.under_way.sides(status)
    stations, ends = [*back.points[::-1], *forward.points], (back.end, forward.end)
    if problems and stations:
        return _curve_of(problems[0], stations, Points(), ends, status, setting)
    first, second = setting.family.parameters
    names = first.name, second.name
    none, n = np.empty(0), setting.family.n
    return BifurcationCurve(SpecialKind.LP, names, np.empty((0, 2)), np.empty((0, n)), none, np.empty((0, n), complex), none,
                            none, Points(), ends, status, setting.bounds, setting.family)  # fmt: skip


def _end_at(start: SpecialPoint, values: Floats) -> End:
    kind = EndKind.BOGDANOV_TAKENS if start.kind == SpecialKind.BT else EndKind.RESONANCE
    evidence: Any = {"z": np.append(start.x, values), "error": start.error}
    return End(kind, float(values[0]), str(start.kind), evidence)


def _corrected(problem: Singular, u: Floats, direction: Floats | None, pace: Pace) -> Corrected | None:
    problem.start(u)
    if direction is not None:
        step = u + 1e-3 * direction
        found = correct(problem, step, direction, pace.rtol)
        return None if found is None else found
    t = tangent_at(problem, u)
    return correct(problem, u, t / problem.scale(u) ** 2, pace.rtol)


def _special_points(problem: Singular, stations: list[Station], ends: Any, setting: Setting) -> tuple[Points, Status]:
    inside: list[SpecialPoint] = []
    status = Status.SUCCESS
    try:
        for a, b in zip(stations[:-1], stations[1:], strict=True):
            if setting.clock.over:
                status = Status.TIMEOUT
                break
            inside += _between(problem, a, b, setting)
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    first, last = (_at_end(problem, end, setting) for end in ends)
    return Points.numbered([*first, *inside, *last]), status


def _at_end(problem: Singular, end: End, setting: Setting) -> list[SpecialPoint]:
    if "z" not in end.evidence:
        return []
    z, error = np.asarray(end.evidence["z"]), float(end.evidence["error"])
    return [_special_point(problem, SpecialKind(end.message), z, 0.0, error, setting)]


def _between(problem: Singular, a: Station, b: Station, setting: Setting) -> list[SpecialPoint]:
    out: list[tuple[float, SpecialPoint]] = []
    for k, (_, kind) in enumerate(TESTS[problem.kind, problem.family.is_map]):
        fa, fb = float(a.tests[k]), float(b.tests[k])
        if not fa * fb < 0.0:
            continue
        problem.start(a.u)

        def test(point: Corrected, k: int = k) -> float:
            return float(station(problem, point, a.v, a.w).tests[k])

        met = locate(problem, a, b, test, fa, fb, 1e-12, 1e-12)
        if met is None or not _is_real_event(problem, kind, met):
            continue
        problem.start(met.u)
        angle = float(met.u[-1]) if problem.complex else 0.0
        z = met.u[: problem.columns.stop]
        error = max(met.error, abs(test(met)) / max(abs(fb - fa), 1e-300))
        place = float(np.linalg.norm(met.u - a.u))
        out.append((place, _special_point(problem, kind, z, angle, error, setting)))
    return [point for _, point in sorted(out, key=lambda each: each[0])]


def _is_real_event(problem: Singular, kind: SpecialKind, met: Corrected) -> bool:
    """Whether a pair that crosses is a complex one: a second pair of real eigenvalues is a neutral saddle."""
    if kind not in (SpecialKind.ZH, SpecialKind.HH, SpecialKind.LPNS, SpecialKind.PDNS, SpecialKind.NSNS):
        return True
    family, n = problem.family, problem.family.n
    values = np.linalg.eigvals(family.linear(met.D[:n, :n]))
    modulus = np.abs(np.abs(values) - 1.0) if family.is_map else np.abs(values.real)
    size = max(1.0, float(np.abs(values).max()))
    count = int((modulus <= 1e-5 * size).sum())
    return count >= (4 if kind in (SpecialKind.HH, SpecialKind.NSNS) else 3)


def _special_point(problem: Singular, kind: SpecialKind, z: Floats, angle: float, error: float,
                   setting: Setting) -> SpecialPoint:  # fmt: skip
    family = problem.family
    F, D = family(z)
    values = sorted_eigenvalues(family.linear(D)[np.newaxis], family.is_map)[0]
    form = normal_form_at(family, z, kind, abs(angle)) if setting.normal_forms else None
    system, drive = family.at(z)
    names = {each.name: float(value) for each, value in zip(family.parameters, z[family.n :], strict=True)}
    period = float(family.period) if family.is_map else 2 * np.pi / abs(angle) if angle else float("nan")
    data = {"z": z, "angle": abs(angle), "family": family, "setting": setting, "branches": branches_of, "curve": curve_from}
    return SpecialPoint(kind, "", names, z[: family.n].copy(), period, values, form, error, float(np.abs(F).max()), "",
                        system, drive, data)  # fmt: skip


def _curve_of(problem: Singular, stations: list[Station], points: Points, ends: Any, status: Status,
              setting: Setting) -> BifurcationCurve:  # fmt: skip
    family, unknowns = problem.family, np.array([each.u for each in stations])
    names = tuple(each.name for each in family.parameters)
    angle = np.abs(unknowns[:, -1]) if problem.complex else np.full(len(unknowns), np.pi if problem.kind == "PD" else 0.0)
    return BifurcationCurve(
        problem.kind, names, unknowns[:, problem.columns], unknowns[:, : family.n], angle,  # type: ignore[arg-type]
        np.array([each.values for each in stations]), np.array([each.coefficient for each in stations]),
        np.array([each.error for each in stations]), points, ends, status, setting.bounds, family,
    )  # fmt: skip


# From special points -------------------------------------------------------------------------------------------------


@follows("curve of points")
def curve_from(point: SpecialPoint, parameter: Any, bounds: ArrayLike | None = None, **options: Any) -> BifurcationCurve:
    """Follow a point of a branch while a second parameter varies too; `bounds` are those of the second one, or of both."""
    family = point.data["family"]
    second = Parameter.of(point.system, parameter, np.asarray(point.inputs))
    if bounds is None:
        if second.value is None:
            raise ValueError(f"`bounds` of {second.name!r} are needed.")
        setting = point.data["setting"]
        half = 0.5 * float(setting.bounds[0, 1] - setting.bounds[0, 0])
        bounds = (second.value - half, second.value + half)
    ends = np.asarray(bounds, dtype=float)
    both = ends if ends.shape == (2, 2) else np.vstack([point.data["setting"].bounds[0], ends])
    return bifurcation_curve(point.system, (family.parameters[0], parameter), both, start=point, inputs=point.inputs,
                             **options)  # fmt: skip


def branches_of(point: SpecialPoint, **options: Any) -> tuple[Any, ...]:
    """The curves that pass a point of codimension two, over the same parameters."""
    setting = point.data.get("setting")
    timeout, bounds = options.pop("timeout", None), options.pop("bounds", None if setting is None else setting.bounds)
    if bounds is None:
        raise ValueError("`bounds` are needed here: two pairs (least, largest), one a parameter.")
    family = point.data["family"]
    again = Setting(family, np.asarray(bounds, dtype=float), pace_of(None, None, None), Clock(timeout), True)
    kinds = dict.fromkeys(THROUGH.get(point.kind, ()))
    curves = [follow_curve(again, *_first(again, point, str(kind)), point) for kind in kinds]
    if point.kind == SpecialKind.GH:
        curves += _folds_of_cycles(point, curves[0], again)
    return tuple(curves)


def _folds_of_cycles(point: SpecialPoint, hopf: BifurcationCurve, setting: Setting) -> list[Any]:
    """The curve of folds of cycles that begins at a generalised Hopf point, on the side where l1 has not the sign of l2."""
    family, bounds = point.data["family"], setting.bounds
    if point.normal_form is None:
        return []
    gaps = np.abs((hopf.values - list(point.parameters.values())) / (bounds[:, 1] - bounds[:, 0])).max(axis=1)
    side = hopf.coefficient * point.normal_form["l2"] < 0.0
    gaps[~(side & (gaps > BESIDE))] = np.inf
    k = int(np.argmin(gaps))
    if not np.isfinite(gaps[k]):
        return []
    system, drive = system_at(family.system, family.parameters, hopf.values[k].tolist())
    first, second = (replace(each, rest=np.where(each.direction != 0, 0.0, system.params), value=float(value))
                     for each, value in zip(family.parameters, hopf.values[k], strict=True))  # fmt: skip
    branch = fixed_point_branch(system, first, bounds[0], start=hopf.x[k], inputs=drive, timeout=setting.clock.left)
    starts = sorted(branch.points.of_kind("H"), key=lambda each: abs(each.value - hopf.values[k, 0]))
    if not starts:
        return []
    cycles = cycle_branch(system, first, bounds[0], start=starts[0], inputs=drive, timeout=setting.clock.left)
    return [cycle_curve(system, (first, second), bounds, start=fold, inputs=drive, timeout=setting.clock.left)
            for fold in cycles.points.of_kind("LPC")[:1]]  # fmt: skip
