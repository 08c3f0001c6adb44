"""Normal forms of bifurcations of cycles, from solutions of the linearised flow along them.

Near the cycle ``x = u(s) + xi v(s) + ..`` with a phase ``ds/dt = 1 + ..`` and an amplitude xi, in which the flow is

    fold:            dxi/dt = a / T xi^2,          ds/dt = 1 - kappa xi + ..     with v' = A v + kappa f
    doubling:        dxi/dt = -b / T xi^3,         ds/dt = 1 + alpha xi^2
    Neimark-Sacker:  dxi/dt = d / T xi |xi|^2,     ds/dt = 1 + alpha |xi|^2

so that a, b and d are those of the map over a period. The mean square of v along the cycle is 1.

References
----------
.. [1] Kuznetsov, Govaerts, Doedel & Dhooge (2005), SIAM J. Numer. Anal. 43, 1407.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.bifurcations.cycles.point import CyclePoint, critical_angle
from analysis.bifurcations.cycles.variations import STEP, Variations
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import NormalForm, SpecialKind, SpecialPoint, Verdict, verdict_of

K = SpecialKind
COARSER = 1.37  # by which the steps of a second opinion differ
ROUNDING = 1e-10  # relative


def fold(along: Variations, point: CyclePoint) -> complex:
    """``a = T/2 <p, B(v, v) + 2 kappa A v>``; the sign is that of the tangent.

    The multiplier is ``1 + 2 a xi``, and in the plane its logarithm is the integral of the divergence: no p is needed.
    """
    tangent = along.at.solve(None, np.eye(along.family.m)[0])
    size = np.sqrt(along.mean(tangent.stages**2))
    v, kappa = tangent.stages / size, tangent.period / (size * point.u.period)
    if along.family.n == 2:
        return 0.5 * point.u.period * along.divergence(v)
    p = along.left_without_flow()
    return 0.5 * point.u.period * along.part(p, along.quadratic(v, v) + 2.0 * kappa * along.linear(v), v)


def doubling(along: Variations, point: CyclePoint) -> complex:
    """``b = -T <p, C(v, v, v) + 3 B(v, h) - 6 alpha A v> / 6``."""
    v, p = along.null(-1.0)
    alpha, h = _slow(along, 0.5, along.quadratic(v, v))
    terms = along.cubic(v) + 3.0 * along.quadratic(v, h) - 6.0 * alpha * along.linear(v)
    return -point.u.period * along.part(p, terms, v) / 6.0


def torus(along: Variations, point: CyclePoint) -> complex:
    """``d = T <p, C(v, v, v*) + 2 B(v, h11) + B(v*, h20) - 2 alpha A v> / 2``."""
    mu = np.exp(1j * critical_angle(point))
    v, p = along.null(mu)
    alpha, h11 = _slow(along, 1.0, along.quadratic(v, v.conj()).real)
    h20 = along.solve(along.quadratic(v, v), mu**2)
    terms = (along.cubic(v) + 2.0 * along.quadratic(v, h11) + along.quadratic(v.conj(), h20)
             - 2.0 * alpha * along.linear(v))  # fmt: skip
    return 0.5 * point.u.period * along.part(p, terms, v)


def _slow(along: Variations, share: float, g: np.ndarray) -> tuple[float, np.ndarray]:
    """The change of the speed, and that of the cycle, to second order: what is left of g without its part of the flow."""
    _, p = along.null(1.0)
    part = along.part(p, g, along.flow)
    return share * part, along.solve(g - part * along.flow, 1.0, p)


RULES: dict[SpecialKind, tuple[str, Callable[[Variations, CyclePoint], complex], float]] = {
    K.LPC: ("a", fold, 0.0), K.PD: ("b", doubling, -1.0), K.NS: ("d", torus, 1.0),
}  # fmt: skip


def leading(family: Family, kind: SpecialKind, point: CyclePoint) -> float:
    """Return the real part of the coefficient that changes sign where the bifurcation degenerates; nan without one."""
    try:
        return float(np.real(RULES[kind][1](Variations(family, point.linearised), point)))
    except np.linalg.LinAlgError:
        return float("nan")


def cycle_normal_form(point: SpecialPoint) -> NormalForm | None:
    """Return the normal form of a fold, period doubling or Neimark-Sacker bifurcation of a cycle; None of other kinds."""
    if point.kind not in RULES:
        return None
    (name, rule, sign), at, family = RULES[point.kind], point.data["point"], point.data["family"]
    try:
        best, other = (rule(Variations(family, at.linearised, step), at) for step in (STEP, COARSER * STEP))
    except np.linalg.LinAlgError:
        return None
    value = complex(best) if point.kind == K.NS else float(np.real(best))
    error = float(abs(best - other)) + (ROUNDING + at.mesh_error) * float(abs(best))
    more, errors = ({"theta": critical_angle(at)}, {"theta": at.error}) if point.kind == K.NS else ({}, {})
    verdict = verdict_of(sign * float(np.real(value)), error) if sign else Verdict.UNDECIDED
    return NormalForm({name: value, **more}, {name: error, **errors}, verdict)
