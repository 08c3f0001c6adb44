"""What passes or leaves a special point: the curve over two parameters, the branches over one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.curve_tests import THROUGH
from analysis.bifurcations.curves import bifurcation_curve, follow_curve
from analysis.bifurcations.cycles.branches import cycle_branch
from analysis.bifurcations.parameters import Parameter, interval_of, plane_of, system_at
from analysis.bifurcations.point_branches import branches_at, doubled, fixed_point_branch
from analysis.bifurcations.records import SpecialKind, SpecialPoint, follows
from analysis.bifurcations.setting import Clock, Setting, pace_of
from neurodynamics.validation import as_floats

BESIDE = 0.02, 0.004, 8e-4  # of the bounds: how far from a point of codimension two cycles are sought
OF_CYCLES = (SpecialKind.PD, SpecialKind.BP)
LEAD_TO = {SpecialKind.GH: SpecialKind.LPC, SpecialKind.BT: SpecialKind.HOM}  # curves of cycles


@follows
def curve(point: SpecialPoint, parameter: Any, bounds: ArrayLike | None = None, **options: Any) -> Any:
    """Follow a point of a branch while a second parameter varies too; `bounds` are those of the second one, or of both."""
    family, first = point.data["family"], point.data["setting"].bounds[0]
    second = Parameter.of(point.system, parameter, np.asarray(point.inputs))
    if bounds is None:
        if second.value is None:
            raise ValueError(f"`bounds` of {second.name!r} are needed: (least, largest).")
        half = 0.5 * float(first[1] - first[0])
        bounds = second.value - half, second.value + half
    ends = as_floats(bounds, "bounds")
    both = ends if ends.shape == (2, 2) else np.vstack([first, interval_of(point.system, second, ends)])
    return bifurcation_curve(point.system, (family.parameters[0], parameter), both, start=point, inputs=point.inputs,
                             **options)  # fmt: skip


@follows
def branches(point: SpecialPoint, **options: Any) -> tuple[Any, ...]:
    """Return the branches through a branch point, and those that are born at a Hopf point or a period doubling.

    Through a point of codimension two pass curves over the same parameters.
    """
    family: Any = point.data["family"]
    setting: Any = point.data.get("setting")
    if point.kind in THROUGH:
        return _curves(point, **options)
    if ("point" in point.data and point.kind not in OF_CYCLES) or point.kind not in (*OF_CYCLES, SpecialKind.H):
        torus = ": tori leave it, which are not followed; simulate beside it" if point.kind == SpecialKind.NS else ""
        raise ValueError(f"branches leave branch points, period doublings and Hopf points; this is a {point.kind.words} "
                         f"point{torus}.")  # fmt: skip
    if "point" in point.data or point.kind == SpecialKind.H:
        given = {"bounds": setting.bounds[0], "inputs": family.drive} | options
        return (cycle_branch(family.system, family.parameters[0], start=point, **given),)
    again = setting.renewed(**options)
    return branches_at(point, again) if point.kind == SpecialKind.BP else (doubled(point, again),)


def _curves(point: SpecialPoint, timeout: float | None = None, bounds: Any = None) -> tuple[Any, ...]:
    setting: Any = point.data.get("setting")
    if bounds is None and setting is None:
        raise ValueError("`bounds` are needed here: two pairs (least, largest), one a parameter.")
    family: Any = point.data["family"]
    ends = setting.bounds if bounds is None else plane_of(family.system, family.parameters, bounds)
    again = Setting(family, ends, pace_of(None, None, None), Clock(timeout), True)
    curves = [follow_curve(again, point, str(kind), angle) for kind in THROUGH[point.kind] for angle in _angles(point, kind)]
    return (*curves, *(curves_of_cycles(point, curves[-1], again) if point.kind in LEAD_TO else ()))


def _angles(point: SpecialPoint, kind: SpecialKind) -> list[float | None]:
    """Of the curves of a kind through a point, the angles of their pairs: two at a double Hopf or Neimark-Sacker point."""
    if point.kind not in (SpecialKind.HH, SpecialKind.NSNS):
        return [None]
    values = point.eigenvalues[point.eigenvalues.imag > 0]
    growth = np.abs(np.abs(values) - 1.0) if kind == SpecialKind.NS else np.abs(values.real)
    pairs = values[np.argsort(growth)[:2]]
    return sorted(np.angle(pairs).tolist() if kind == SpecialKind.NS else pairs.imag.tolist())


def curves_of_cycles(point: SpecialPoint, hopf: Any, setting: Setting) -> list[Any]:
    """Return the curve of folds of cycles that begins at a generalised Hopf point, or of homoclinic orbits at a double zero.

    It is found on a branch of cycles from a Hopf point nearby; folds are where l1 has not the sign of l2.
    """
    bounds = setting.bounds
    gaps = np.abs((hopf.values - list(point.parameters.values())) / (bounds[:, 1] - bounds[:, 0])).max(axis=1)
    if point.kind == SpecialKind.GH:
        l2 = np.nan if point.normal_form is None else point.normal_form["l2"]
        gaps[~(hopf.coefficient * l2 < 0.0)] = np.inf
    for beside in BESIDE:
        k = int(np.argmin(np.where(gaps < beside, np.inf, gaps)))
        if gaps[k] < np.inf and (found := _near_hopf(hopf, k, LEAD_TO[point.kind], setting)) is not None:
            return [found]
    return []


def _near_hopf(hopf: Any, k: int, kind: SpecialKind, setting: Setting) -> Any:
    """The curve of a kind that a branch of cycles from a Hopf point meets, over either parameter; None where none does."""
    family = setting.family
    system, drive = system_at(family.system, family.parameters, hopf.values[k].tolist())
    pair = [replace(each, rest=np.where(each.direction != 0, 0.0, system.params), value=float(value))
            for each, value in zip(family.parameters, hopf.values[k], strict=True)]  # fmt: skip
    given: Any = {"inputs": drive, "timeout": setting.clock.left}
    for first, ends in zip(pair, setting.bounds, strict=True):
        starts = fixed_point_branch(system, first, ends, start=hopf.x[k], **given).points.of_kind("H")
        for start in sorted(starts, key=lambda each: abs(each.value - first.value))[:1]:
            cycles = cycle_branch(system, first, ends, start=start, **given)
            for found in cycles.points.of_kind(kind)[:1]:
                return bifurcation_curve(system, pair, setting.bounds, start=found, **given)
    return None
