"""From what is found along a curve to special points."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Clock
from analysis.bifurcations.family import Family
from analysis.bifurcations.forms.normal_forms import normal_form_at
from analysis.bifurcations.records import End, EndKind, SpecialKind, SpecialPoint
from analysis.bifurcations.spectral_tests import sorted_eigenvalues
from neurodynamics import Status
from neurodynamics.validation import Floats

FAILURES = {
    EndKind.INTERRUPTED: Status.INTERRUPTED, EndKind.TIMEOUT: Status.TIMEOUT, EndKind.BUDGET: Status.MAX_STEPS,
    EndKind.STALLED: Status.STEP_TOO_SMALL, EndKind.DIVERGED: Status.NON_FINITE,
}  # fmt: skip


class Event(NamedTuple):
    """Something that happens on a curve: kind, unknowns (x, p, ..), angle of the critical eigenvalue, accuracy, note."""

    kind: SpecialKind | None  # None: a neutral saddle
    u: Any
    angle: float
    error: float
    residual: float
    message: str = ""


def occurrences(
    steps: Iterable[int], found_in: Callable[[int], Iterable[Event]], clock: Clock
) -> tuple[list[tuple[int, Event]], Status]:
    """Return what happens in the steps of a curve, with their numbers, and whether there was time for all of them."""
    found: list[tuple[int, Event]] = []
    try:
        for k in steps:
            if clock.over:
                return found, Status.TIMEOUT
            found += [(k, event) for event in found_in(k)]
    except KeyboardInterrupt:
        return found, Status.INTERRUPTED
    return found, Status.SUCCESS


def status_of(ends: tuple[End, End], located: Status = Status.SUCCESS) -> Status:
    """Return how a continuation went: the worst of both sides and of locating special points."""
    kinds = {end.kind for end in ends}
    if located != Status.SUCCESS:
        return located
    return next((status for kind, status in FAILURES.items() if kind in kinds), Status.SUCCESS)


def special_point(family: Family, event: Event, setting: Any = None, *, forms: bool = True, **data: Any) -> SpecialPoint:
    """Return the record of a special point of equilibria, or of fixed points of a map."""
    assert event.kind is not None
    z, angle = event.u, abs(event.angle)
    values = sorted_eigenvalues(family.linear(family(z)[1])[np.newaxis], family.is_map)[0]
    form = normal_form_at(family, z, event.kind, angle) if forms else None
    period = float(family.period) if family.is_map else 2 * np.pi / angle if angle else float("nan")
    system, drive = family.at(z)
    data |= {"z": z, "angle": angle, "family": family, "setting": setting}
    return SpecialPoint(event.kind, "", family.named(z[family.n :]), z[: family.n].copy(), period, values, form, event.error,
                        event.residual, event.message, system, drive, data)  # fmt: skip


def residual(family: Family, z: Floats) -> float:
    """Return by how much a fixed point is missed."""
    return float(np.abs(family.residual(z)).max())


def at_end(setting: Any, end: End) -> list[SpecialPoint]:
    """Return the point of codimension two at which a curve ends, if it does."""
    if "z" not in end.evidence:
        return []
    family, z = setting.family, np.asarray(end.evidence["z"])
    event = Event(SpecialKind(end.message), z, 0.0, float(end.evidence["error"]), residual(family, z))
    return [special_point(family, event, setting, forms=setting.normal_forms)]
