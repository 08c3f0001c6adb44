"""Coefficients of normal forms on centre manifolds, from eigenvectors and multilinear forms.

References
----------
.. [1] Kuznetsov (2004), Elements of Applied Bifurcation Theory, 3rd ed., chapters 3-5, 8, 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.family import Family, Form
from analysis.bifurcations.records import NormalForm, SpecialKind, Verdict, verdict_of
from neurodynamics.validation import Floats

ROUNDING = 1e-12  # of the size of the terms of a coefficient


class Local(NamedTuple):
    """What a coefficient is computed from: f_x, its multilinear form, and the angle of the critical eigenvalue."""

    A: Floats
    form: Form
    angle: float


class Terms(dict):
    """Coefficients by name, with the size of their terms in `size`."""

    size: float = 0.0


def normal_form_at(family: Family, z: Floats, kind: SpecialKind, angle: float = 0.0) -> NormalForm | None:
    """Return the normal form of a kind of point at z; None where there is none for it, or no derivatives."""
    rule = (MAP_RULES if family.is_map else FLOW_RULES).get(kind)
    if rule is None or not family.smooth:
        return None
    A = family.linear(family(z)[1])
    try:
        best = rule.coefficients(Local(A, family.forms(z), angle))
        other = best if family.analytic else rule.coefficients(Local(A, family.forms(z, coarse=True), angle))
    except (np.linalg.LinAlgError, ValueError):
        return None
    errors = {name: float(abs(best[name] - other[name])) + ROUNDING * best.size for name in best}
    lead = next(iter(best), None)
    if lead is None or rule.sign == 0.0:
        return NormalForm(dict(best), errors)
    return NormalForm(dict(best), errors, _judged(best, errors, rule, best.size))


def _judged(terms: Terms, errors: dict[str, float], rule: Rule, size: float) -> Verdict:
    name = rule.lead
    if name not in terms:  # a transcritical crossing has no side
        return Verdict.UNDECIDED
    return verdict_of(rule.sign * float(np.real(terms[name])), errors[name], size)


def null_vectors(A: np.ndarray, mu: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return q, p with ``A q = mu q``, ``A* p = conj(mu) p``, |q| = 1 and <p, q> = 1."""
    left, _, right = np.linalg.svd(A - mu * np.eye(len(A)))
    q, p = right[-1].conj(), left[:, -1]
    return q, p / np.conj(np.vdot(p, q))


def _solve_beside(A: np.ndarray, mu: Any, right: np.ndarray, q: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Solve ``(mu - A) h = right - <p, right> q`` with <p, h> = 0."""
    n = len(A)
    matrix = np.zeros((n + 1, n + 1), dtype=complex)
    matrix[:n, :n], matrix[:n, n], matrix[n, :n] = mu * np.eye(n) - A, q, p.conj()
    h = np.linalg.solve(matrix, np.append(right - np.vdot(p, right) * q, 0.0))[:n]
    return h if np.iscomplexobj(right) or np.iscomplexobj(A) or isinstance(mu, complex) else h.real


def _terms(size: float, **coefficients: Any) -> Terms:
    out = Terms(coefficients)
    out.size = size
    return out


def _cubic(local: Local, mu: float) -> tuple[float, float, float]:
    """Return ``1/2 <p, B(q, q)>``, ``1/6 <p, C(q, q, q) + 3 B(q, h2)>``, and the size of their terms."""
    A, form, _ = local
    q, p = null_vectors(A, mu)
    quadratic = form(q, q)
    h2 = _solve_beside(A, mu, quadratic, q, p)
    cubic, mixed = form(q, q, q), form(q, h2)
    size = float(np.linalg.norm(p)) * (float(np.linalg.norm(quadratic)) + float(np.linalg.norm(cubic))
                                       + 3 * float(np.linalg.norm(mixed)))  # fmt: skip
    return float(p @ quadratic) / 2, float(p @ (cubic + 3 * mixed)) / 6, size


def fold(local: Local, mu: float = 0.0) -> Terms:
    """``a = 1/2 <p, B(q, q)>``."""
    q, p = null_vectors(local.A, mu)
    quadratic = local.form(q, q)
    return _terms(float(np.linalg.norm(p) * np.linalg.norm(quadratic)), a=float(p @ quadratic) / 2)


def cusp(local: Local, mu: float = 0.0) -> Terms:
    """``c = 1/6 <p, C(q, q, q) + 3 B(q, h2)>``."""
    _, c, size = _cubic(local, mu)
    return _terms(size, c=c)


def branch_point(local: Local, mu: float = 0.0) -> Terms:
    """``a`` of a transcritical crossing; where it vanishes also ``c`` of a pitchfork."""
    a, c, size = _cubic(local, mu)
    return _terms(size, c=c, a=a) if abs(a) <= 1e-7 * max(size, 1e-300) else _terms(size, a=a)


def hopf(local: Local) -> Terms:
    """``l1 = Re <p, C(q, q, q*) + B(q*, h20) + 2 B(q, h11)> / (2 omega)``."""
    A, form, omega = local
    q, p = null_vectors(A, 1j * omega)
    g21, size = _g21(A, form, omega, q, p)
    return _terms(size / (2 * abs(omega)), l1=float(g21.real) / (2 * abs(omega)))


def _g21(A: Floats, form: Form, omega: float, q: np.ndarray, p: np.ndarray) -> tuple[complex, float]:
    h20 = np.linalg.solve(2j * omega * np.eye(len(A)) - A, form(q, q))
    h11 = -np.linalg.solve(A, form(q, q.conj()).real)
    parts = form(q, q, q.conj()), form(q.conj(), h20), 2 * form(q, h11)
    size = float(np.linalg.norm(p)) * sum(float(np.linalg.norm(part)) for part in parts)
    return complex(np.vdot(p, sum(parts))), size


def bogdanov_takens(local: Local, mu: float = 0.0) -> Terms:
    """``a = 1/2 <p1, B(q0, q0)>, b = <p0, B(q0, q0)> + <p1, B(q0, q1)>``, with |q0| = 1 and <q0, q1> = 0."""
    M = local.A - mu * np.eye(len(local.A))
    left, _, right = np.linalg.svd(M)
    q0, p1 = right[-1], left[:, -1]
    q1 = _beside(M, q0, q0, p1)
    p1 = p1 / (p1 @ q1)
    p0 = _beside(M.T, p1, p1, q0)
    p0 = p0 - (p0 @ q1) * p1
    p0, p1 = p0 / (p0 @ q0), p1
    quadratic, mixed = local.form(q0, q0), local.form(q0, q1)
    size = float(np.linalg.norm(p0) * np.linalg.norm(quadratic) + np.linalg.norm(p1) * np.linalg.norm(mixed))
    return _terms(size, a=float(p1 @ quadratic) / 2, b=float(p0 @ quadratic + p1 @ mixed))


def _beside(M: Floats, right: Floats, null: Floats, left: Floats) -> Floats:
    """Solve ``M h = right`` with <null, h> = 0 for a singular matrix."""
    n = len(M)
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n], matrix[:n, n], matrix[n, :n] = M, left, null
    return np.linalg.solve(matrix, np.append(right, 0.0))[:n]


def generalised_hopf(local: Local) -> Terms:
    """``l2 = Re G32 / 12``; Kuznetsov (2004), section 8.7."""
    A, M, w = local
    q, p = null_vectors(A, 1j * w)
    r, one = q.conj(), np.eye(len(A))
    h20 = np.linalg.solve(2j * w * one - A, M(q, q))
    h11 = -np.linalg.solve(A, M(q, r).real)
    third = M(q, q, r) + M(r, h20) + 2 * M(q, h11)
    g21 = np.vdot(p, third)
    h21 = _solve_beside(A, 1j * w, third, q, p)
    h30 = np.linalg.solve(3j * w * one - A, M(q, q, q) + 3 * M(q, h20))
    h31 = np.linalg.solve(2j * w * one - A, M(q, q, q, r) + 3 * M(q, q, h11) + 3 * M(q, r, h20) + 3 * M(h20, h11)
                          + M(r, h30) + 3 * M(q, h21) - 3 * g21 * h20)  # fmt: skip
    k20, k21 = h20.conj(), h21.conj()
    h22 = -np.linalg.solve(A, M(q, q, r, r) + 4 * M(q, r, h11) + M(r, r, h20) + M(q, q, k20) + 2 * M(h11, h11)
                           + 2 * M(q, k21) + 2 * M(r, h21) + M(k20, h20))  # fmt: skip
    fifth = (M(q, q, q, r, r), M(q, q, q, k20), 3 * M(q, r, r, h20), 6 * M(q, q, r, h11), M(r, r, h30),
             3 * M(q, q, k21), 6 * M(q, r, h21), 3 * M(q, k20, h20), 6 * M(q, h11, h11), 6 * M(r, h20, h11),
             2 * M(r, h31), 3 * M(q, h22), M(k20, h30), 3 * M(k21, h20), 6 * M(h11, h21))  # fmt: skip
    size = float(np.linalg.norm(p)) * sum(float(np.linalg.norm(part)) for part in fifth)
    return _terms(size / 12, l2=float(np.vdot(p, sum(fifth)).real) / 12, omega=abs(w))


def period_doubling(local: Local) -> Terms:
    """``b = 1/6 <p, C(q, q, q) + 3 B(q, (1 - A)^-1 B(q, q))>``."""
    A, form, _ = local
    q, p = null_vectors(A, -1.0)
    cubic = form(q, q, q)
    mixed = form(q, np.linalg.solve(np.eye(len(A)) - A, form(q, q)))
    size = float(np.linalg.norm(p) * (np.linalg.norm(cubic) + 3 * np.linalg.norm(mixed)))
    return _terms(size, b=float(p @ (cubic + 3 * mixed)) / 6)


def neimark_sacker(local: Local) -> Terms:
    """``d = 1/2 e^(-i theta) <p, C(q, q, q*) + 2 B(q, (1 - A)^-1 B(q, q*)) + B(q*, (e^(2 i theta) - A)^-1 B(q, q))>``."""
    A, form, theta = local
    q, p = null_vectors(A, np.exp(1j * theta))
    one = np.eye(len(A))
    parts = (form(q, q, q.conj()), 2 * form(q, np.linalg.solve(one - A, form(q, q.conj()))),
             form(q.conj(), np.linalg.solve(np.exp(2j * theta) * one - A, form(q, q))))  # fmt: skip
    size = float(np.linalg.norm(p)) * sum(float(np.linalg.norm(part)) for part in parts)
    return _terms(size, d=complex(0.5 * np.exp(-1j * theta) * np.vdot(p, sum(parts))), theta=abs(theta))


class Rule(NamedTuple):
    """How a kind is judged: its coefficients, the one that decides, and the sign that makes it negative if supercritical."""

    coefficients: Callable[[Local], Terms]
    lead: str = ""
    sign: float = 0.0


_K = SpecialKind
FLOW_RULES = {
    _K.LP: Rule(fold), _K.BP: Rule(branch_point, "c", 1.0), _K.H: Rule(hopf, "l1", 1.0), _K.CP: Rule(cusp),
    _K.BT: Rule(bogdanov_takens), _K.GH: Rule(generalised_hopf),
}  # fmt: skip
MAP_RULES = {
    _K.LP: Rule(lambda local: fold(local, 1.0)), _K.BP: Rule(lambda local: branch_point(local, 1.0), "c", 1.0),
    _K.PD: Rule(period_doubling, "b", -1.0), _K.NS: Rule(neimark_sacker, "d", 1.0),
    _K.CP: Rule(lambda local: cusp(local, 1.0)), _K.R1: Rule(lambda local: bogdanov_takens(local, 1.0)),
}  # fmt: skip
