"""The normal form at a point that a user gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bifurcations.cycles.forms import cycle_normal_form
from analysis.bifurcations.family import Family
from analysis.bifurcations.forms.normal_forms import FLOW_RULES, MAP_RULES, normal_form_at
from analysis.bifurcations.records import NormalForm, SpecialKind, SpecialPoint, Verdict
from analysis.bifurcations.setting import checked_drive, require_finite
from analysis.bifurcations.spectral_tests import critical_pair, sorted_eigenvalues
from neurodynamics import DynamicalSystem
from neurodynamics.validation import as_choice, as_count

CRITICAL = 1e-4  # relative: how near to critical an eigenvalue must be


def normal_form(
    system: DynamicalSystem, point: Any, *, kind: str | None = None, inputs: Any = None, period: int = 1
) -> NormalForm:
    """Return the coefficients of the normal form at a bifurcation of equilibria, of fixed points of a map, or of cycles.

    Parameters
    ----------
    system : DynamicalSystem
        With the parameters of the bifurcation; those of `point` count where that is a `SpecialPoint`.
    point : SpecialPoint or array_like, shape (N,)
    kind : str, optional
        "LP", "H", "BP", "CP", "BT", "GH", "ZH", "HH", of maps "LP", "BP", "PD", "NS", "CP", "GPD", "CH", "R1" .. "R4"; by
        default the kind of `point`, or of the eigenvalue that is critical: "LP", "H", "PD" or "NS".
    inputs : array_like, shape (M,), optional
    period : int
        Of a map.

    Returns
    -------
    NormalForm

    Notes
    -----
    With |q| = 1 and <p, q> = 1:

    - LP ``a = 1/2 <p, B(q, q)>``, of which the sign depends on that of q; CP ``c = 1/6 <p, C(q, q, q) + 3 B(q, h2)>``;
      BP ``a``, and where that vanishes ``c``, negative at a supercritical pitchfork.
    - H ``l1 = Re <p, C(q, q, q*) + B(q*, h20) + 2 B(q, h11)> / (2 omega)``; other programs leave out 1/omega.
    - BT ``a, b`` with |q0| = 1, <q0, q1> = 0, up to a common sign; GH ``l2 = Re G32 / 12``.
    - PD ``b = 1/6 <p, C(q, q, q) + 3 B(q, (1 - A)^-1 B(q, q))>``, positive where it is supercritical;
      NS ``d = 1/2 e^(-i theta) <p, ..>``, Re d negative where it is supercritical.
    - ZH ``b, c, d, e`` of x' = b x^2 + c |z|^2, |z|' = d x |z| + e x^2 |z|; HH ``p11 .. p22`` of
      r1' = r1 (p11 r1^2 + p12 r2^2), r2' = r2 (p21 r1^2 + p22 r2^2), the lower frequency first.
    - GPD ``c`` of -w + c w^5; CH ``l2`` of |w| (1 + l2 |w|^4); R2 ``c, d`` of (-w0 + w1, -w1 + c w0^3 + d w0^2 w1); R3
      ``b, c`` of e^(i theta) w + b w*^2 + c w |w|^2; R4 ``c, d`` of i w + c w |w|^2 + d w*^3, and A = -i c / |d|.
    - Of cycles LPC ``a``, PD ``b`` and NS ``d`` as of maps, over a period; the mean square of q along the cycle is 1.

    References
    ----------
    .. [1] Kuznetsov (2004), Elements of Applied Bifurcation Theory, 3rd ed.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import normal_form
    >>> ring = CTRNN([[0, 0, -2], [-2, 0, 0], [0, -2, 0]], activation="tanh")
    >>> normal_form(ring, [0, 0, 0])
    NormalForm(l1=-0.19245, supercritical)
    """
    drive = checked_drive(system, inputs)
    if isinstance(point, SpecialPoint):
        if "point" in point.data:
            return cycle_normal_form(point) or NormalForm({}, {}, Verdict.UNDECIDED)
        if point.data.get("family") is not None:
            family = point.data["family"]
            form = normal_form_at(family, point.data["z"], point.kind, point.data["angle"])
            return form or NormalForm({}, {}, Verdict.UNDECIDED)
        state = np.asarray(point.x)
    else:
        state = system.check_state(point, "point")
    family = Family(system, (), drive, as_count(period, "period", minimum=1))
    require_finite(family, state)
    values = sorted_eigenvalues(family.linear(family(state)[1])[np.newaxis], family.is_map)[0]
    found, angle = _critical(values, family.is_map)
    rules = MAP_RULES if family.is_map else FLOW_RULES
    chosen = found if kind is None else SpecialKind(as_choice(kind, "kind", [str(each) for each in rules]))
    if chosen is None:
        raise ValueError(f"`point` is hyperbolic: no eigenvalue is critical among {np.round(values, 6).tolist()}.")
    form = normal_form_at(family, state, chosen, angle)
    if form is None:
        raise ValueError("`system` is not smooth, or not defined, around `point`: there is no normal form.")
    return form


def _critical(values: np.ndarray, is_map: bool) -> tuple[SpecialKind | None, float]:
    """The simplest bifurcation that the spectrum allows, and the angle of its pair."""
    size = CRITICAL * max(1.0, float(np.abs(values).max(initial=0.0)))
    angle = 0.0
    if len(values) > 1:
        one, two = critical_pair(values, is_map)
        near = abs(one * two - 1.0) if is_map else abs(one + two)
        if near <= size and one.imag:
            angle = abs(float(np.angle(one))) if is_map else abs(one.imag)
            return (SpecialKind.NS if is_map else SpecialKind.H), angle
    if np.abs(values - (1.0 if is_map else 0.0)).min(initial=np.inf) <= size:
        return SpecialKind.LP, angle
    if is_map and np.abs(values + 1.0).min(initial=np.inf) <= size:
        return SpecialKind.PD, np.pi
    return None, angle
