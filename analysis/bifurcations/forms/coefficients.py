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
from neurodynamics.validation import Floats, as_choice, as_count

CRITICAL = 1e-4  # relative: how near to critical an eigenvalue must be
SOLVED = 1e-5  # relative: by how much a fixed point may be missed
_K = SpecialKind
NEEDS = {  # what must be critical where that is not the kind itself
    _K.BP: (_K.LP,), _K.CP: (_K.LP,), _K.BT: (_K.LP,), _K.R1: (_K.LP,), _K.GH: (_K.H,), _K.HH: (_K.H,), _K.ZH: (_K.LP, _K.H),
    _K.GPD: (_K.PD,), _K.R2: (_K.PD,), _K.CH: (_K.NS,), _K.R3: (_K.NS,), _K.R4: (_K.NS,),
}  # fmt: skip
ANGLED = _K.NS, _K.H, _K.PD


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
    special = point if isinstance(point, SpecialPoint) else None
    if special is not None and "point" in special.data:
        as_choice(special.kind if kind is None else kind, "kind", [special.kind])
        return cycle_normal_form(special) or NormalForm({}, {}, Verdict.UNDECIDED)
    if special is not None and special.data.get("family") is not None:
        family, z, angle = special.data["family"], special.data["z"], special.data["angle"]
        if kind is None or kind == special.kind:
            return normal_form_at(family, z, special.kind, angle) or NormalForm({}, {}, Verdict.UNDECIDED)
    else:
        z = system.check_state(point, "point") if special is None else np.asarray(special.x)
        family = Family(system, (), drive, as_count(period, "period", minimum=1))
    require_finite(family, z)
    A = family.linear(family(z)[1])
    _require_equilibrium(family, z, A)
    values = sorted_eigenvalues(A[np.newaxis], family.is_map)[0]
    critical = _critical(values, family.is_map)
    rules = MAP_RULES if family.is_map else FLOW_RULES
    if kind is not None:
        chosen = SpecialKind(as_choice(kind, "kind", [str(each) for each in rules]))
    elif not critical:
        raise ValueError(f"`point` is hyperbolic: no eigenvalue is critical among {np.round(values, 6).tolist()}.")
    else:
        chosen = next(iter(critical))
    if missing := [each for each in NEEDS.get(chosen, (chosen,)) if each not in critical]:
        raise ValueError(f"`kind` is {kind!r}, but `point` is no {missing[0].words} point: its eigenvalues are "
                         f"{np.round(values, 6).tolist()}.")  # fmt: skip
    form = normal_form_at(family, z, chosen, next((critical[each] for each in ANGLED if each in critical), 0.0))
    if form is None:
        raise ValueError("`system` is not smooth, or not defined, around `point`: there is no normal form.")
    return form


def _require_equilibrium(family: Family, z: Floats, A: Floats) -> None:
    """Raise where z is no fixed point but for some digits."""
    size, missed = max(1.0, float(np.abs(z).max())), family.residual(z)
    if float(np.abs(missed).max()) > SOLVED * size * max(1.0, float(np.abs(A).max())):
        what = f"fixed point of f^{family.period}" if family.is_map else "equilibrium"
        raise ValueError(f"`point` must be a{'' if family.is_map else 'n'} {what}; it is missed by {missed.tolist()} there. "
                         "Correct it first, with fixed_points or fixed_point_branch.")  # fmt: skip


def _critical(values: np.ndarray, is_map: bool) -> dict[SpecialKind, float]:
    """The bifurcations of codimension one that the spectrum allows, with the angle of what is critical."""
    size, found = CRITICAL * max(1.0, float(np.abs(values).max(initial=0.0))), dict[SpecialKind, float]()
    if len(values) > 1:
        one, two = critical_pair(values, is_map)
        near = abs(one * two - 1.0) if is_map else abs(one + two)
        if near <= size and one.imag:
            found[_K.NS if is_map else _K.H] = abs(float(np.angle(one))) if is_map else abs(one.imag)
    if np.abs(values - (1.0 if is_map else 0.0)).min(initial=np.inf) <= size:
        found[_K.LP] = 0.0
    if is_map and np.abs(values + 1.0).min(initial=np.inf) <= size:
        found[_K.PD] = np.pi
    return found
