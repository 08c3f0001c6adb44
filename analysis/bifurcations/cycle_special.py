"""Special points of branches of cycles."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bifurcations.cycle_point import CyclePoint
from analysis.bifurcations.cycle_tests import TESTS, is_real
from analysis.bifurcations.family import Family
from analysis.bifurcations.homoclinic_gap import homoclinic_value
from analysis.bifurcations.records import FOLLOWERS, End, SpecialKind, SpecialPoint

DISAGREE = 1e-6  # of two values of a homoclinic orbit: one of them is another orbit
NOT_LOCATED = "a test function changes sign here, but was not brought to zero"


def special_point(
    family: Family, kind: SpecialKind, point: CyclePoint | None, between: tuple[CyclePoint, CyclePoint], **data: Any
) -> SpecialPoint:
    """Return the record of a bifurcation; where it was not located, an undecided one between two points."""
    message, residual, error = "", np.nan, np.nan
    if point is None:
        point, message = between[1], f"{kind.words}: {NOT_LOCATED}"
        kind, error = SpecialKind.UNDECIDED, abs(between[1].value - between[0].value)
    else:
        residual = abs(TESTS[kind](point))
        error = max(point.mesh_error**1.6, point.trivial_error if kind in (SpecialKind.PD, SpecialKind.NS) else 0.0)
        if kind == SpecialKind.NS and is_real(_nearest(point)):
            kind = SpecialKind.PD if _nearest(point).real < 0 else SpecialKind.LPC
    names = [parameter.name for parameter in family.parameters]
    orbit = point.orbit
    system, drive = family.at(np.concatenate([orbit.x[0], orbit.parameters]))
    known = {"point": point, "family": family, "curve": _curve, "branches": _branches} | data
    return SpecialPoint(
        kind, "", dict(zip(names, map(float, orbit.parameters), strict=True)), orbit.x[0].copy(), orbit.period,
        point.multipliers, None, float(error), float(residual), message, system, drive, known,
    )  # fmt: skip


def end_point(family: Family, kind: SpecialKind, end: End, point: CyclePoint) -> SpecialPoint:
    """Return the special point at the end of a branch, where the period is infinite; `x` is the equilibrium there.

    In the plane a homoclinic point is that at which the gap between the manifolds closes: the residual is how far the
    branch of cycles has led from there.
    """
    x = np.array([end.evidence[f"x[{k}]"] for k in range(family.n)])
    system, drive = family.at(np.append(x, end.value))
    values = np.linalg.eigvals(family(np.append(x, end.value))[1][:, : family.n])
    known = {"point": point, "family": family, "curve": _curve, "branches": _branches}
    value, error = end.value, float(end.evidence["error"])
    closes = homoclinic_value(family, point, x, value) if kind == SpecialKind.HOM and family.n == 2 else None
    if closes is not None and abs(closes - value) < DISAGREE * max(1.0, abs(value)):
        value, error = closes, 1e-11 * max(1.0, abs(closes))
    return SpecialPoint(kind, "", {family.parameters[0].name: value}, x, np.inf, values[np.argsort(-values.real)], None,
                        error, abs(value - end.value), "", system, drive, known)  # fmt: skip


def _nearest(point: CyclePoint) -> np.ndarray:
    others = point.others
    return others[np.argmin(np.abs(np.abs(others) - 1))]


def _curve(point: SpecialPoint, parameter: Any, bounds: Any = None, **options: Any) -> Any:
    return FOLLOWERS["curve of cycles"](point, parameter, bounds, **options)


def _branches(point: SpecialPoint, **options: Any) -> tuple[Any, ...]:
    """Return the branch of twice the period at a period doubling, the other branch at a branch point."""
    if point.kind not in (SpecialKind.PD, SpecialKind.BP):
        raise ValueError(f"branches of cycles leave period doublings and branch points; this is a {point.kind.words}.")
    family: Family = point.data["family"]
    given = {"bounds": point.data["bounds"], "inputs": family.drive} | point.data.get("options", {}) | options
    bounds = given.pop("bounds")
    return (FOLLOWERS["branch of cycles"](family.system, family.parameters[0], bounds, start=point, **given),)
