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


DOUBLE = 1e-7  # <p, q> below, of unit vectors
KERNEL = 1e-9  # relative: singular values of a kernel, of which there must be one
LEAST = 1e-3  # of the Jacobian: terms that all vanish to rounding are no measure of their sum
SEMISIMPLE = 1e-10  # <p1, q1> below, with |p1| = 1 and |q1| = 1


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
    """Return q, p with ``A q = mu q``, ``A* p = conj(mu) p``, |q| = 1 and <p, q> = 1; raise where mu is a double one."""
    left, sizes, right = np.linalg.svd(A - mu * np.eye(len(A)))
    if len(A) > 1 and sizes[-2] <= KERNEL * max(1.0, sizes[0]):
        raise np.linalg.LinAlgError("the eigenvalue has several eigenvectors: no normal form of a simple one")
    q, p = right[-1].conj(), left[:, -1]
    if not abs(np.vdot(p, q)) > DOUBLE:
        raise np.linalg.LinAlgError("the eigenvalue is a double one, with one eigenvector: no normal form of a simple one")
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
    size = max(size, LEAST * float(np.linalg.norm(A)))
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
    q0, q1, p0, p1 = _double(local.A - mu * np.eye(len(local.A)))
    quadratic, mixed = local.form(q0, q0), local.form(q0, q1)
    size = float(np.linalg.norm(p0) * np.linalg.norm(quadratic) + np.linalg.norm(p1) * np.linalg.norm(mixed))
    return _terms(size, a=float(p1 @ quadratic) / 2, b=float(p0 @ quadratic + p1 @ mixed))


def _double(M: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return q0, q1, p0, p1 with M q0 = 0, M q1 = q0, M' p1 = 0, M' p0 = p1, |q0| = 1, <q0, q1> = 0, <p0, q0> = 1."""
    left, _, right = np.linalg.svd(M)
    q0, p1 = right[-1], left[:, -1]
    q1 = _beside(M, q0, q0, p1)
    if not abs(p1 @ q1) > SEMISIMPLE * float(np.linalg.norm(q1)):
        raise np.linalg.LinAlgError("zero has two eigenvectors: two folds at once, and no chain")
    p1 = p1 / (p1 @ q1)
    p0 = _beside(M.T, p1, p1, q0)
    p0 = p0 - (p0 @ q1) * p1
    return q0, q1, p0 / (p0 @ q0), p1


def _beside(M: Floats, right: Floats, null: Floats, left: Floats) -> Floats:
    """Solve ``M h = right`` with <null, h> = 0 for a singular matrix."""
    n = len(M)
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n], matrix[:n, n], matrix[n, :n] = M, left, null
    return np.linalg.solve(matrix, np.append(right, 0.0))[:n]


def generalised_hopf(local: Local) -> Terms:
    """``l2 = Re G32 / 12``; Kuznetsov (2004), section 8.7."""
    fifth, _, size = _fifth(local, False)
    return _terms(size / 12, l2=fifth.real / 12, omega=abs(local.angle))


def chenciner(local: Local) -> Terms:
    """``l2 = Re d2 + (Im d1)^2 / 2`` of ``w e^(i theta) (1 + d1 |w|^2 + d2 |w|^4)``: to |w| (1 + l2 |w|^4)."""
    fifth, third, size = _fifth(local, True)
    turn = np.exp(-1j * local.angle)
    l2 = float((turn * fifth / 12).real + 0.5 * (turn * third / 2).imag ** 2)
    return _terms(size / 12, l2=l2, theta=abs(local.angle))


def _fifth(local: Local, is_map: bool) -> tuple[complex, complex, float]:
    """Return ``12 c2`` and ``2 c1`` of ``c1 w |w|^2 + c2 w |w|^4``, and the size of the terms of the first."""
    A, M, w = local
    one = np.eye(len(A))
    mu = (lambda k: np.exp(1j * k * w)) if is_map else (lambda k: 1j * k * w)
    turn = np.exp(1j * w) if is_map else 1.0
    q, p = null_vectors(A, mu(1))
    r = q.conj()
    h20 = np.linalg.solve(mu(2) * one - A, M(q, q))
    h11 = np.linalg.solve(mu(0).real * one - A, M(q, r).real)
    third = M(q, q, r) + M(r, h20) + 2 * M(q, h11)
    g21 = complex(np.vdot(p, third))
    h21 = _solve_beside(A, mu(1), third, q, p)
    h30 = np.linalg.solve(mu(3) * one - A, M(q, q, q) + 3 * M(q, h20))
    h31 = np.linalg.solve(mu(2) * one - A, M(q, q, q, r) + 3 * M(q, q, h11) + 3 * M(q, r, h20) + 3 * M(h20, h11)
                          + M(r, h30) + 3 * M(q, h21) - 3 * g21 * turn * h20)  # fmt: skip
    k20, k21 = h20.conj(), h21.conj()
    shift = 4 * (np.conj(turn) * g21).real * h11 if is_map else 0.0
    h22 = np.linalg.solve(mu(0).real * one - A, M(q, q, r, r) + 4 * M(q, r, h11) + M(r, r, h20) + M(q, q, k20)
                          + 2 * M(h11, h11) + 2 * M(q, k21) + 2 * M(r, h21) + M(k20, h20) - shift)  # fmt: skip
    fifth = (M(q, q, q, r, r), M(q, q, q, k20), 3 * M(q, r, r, h20), 6 * M(q, q, r, h11), M(r, r, h30),
             3 * M(q, q, k21), 6 * M(q, r, h21), 3 * M(q, k20, h20), 6 * M(q, h11, h11), 6 * M(r, h20, h11),
             2 * M(r, h31), 3 * M(q, h22), M(k20, h30), 3 * M(k21, h20), 6 * M(h11, h21))  # fmt: skip
    size = float(np.linalg.norm(p)) * sum(float(np.linalg.norm(part)) for part in fifth)
    return complex(np.vdot(p, sum(fifth))), g21, size


def zero_hopf(local: Local) -> Terms:
    """``b, c, d, e`` of x' = b x^2 + c |z|^2, |z|' = d x |z| + e x^2 |z|, of which e stays under changes of
    coordinates and time; Kuznetsov (2004), section 8.5.
    """
    A, M, _ = local
    values, one = np.linalg.eigvals(A), np.eye(len(local.A))
    omega = float(np.abs(values.imag[np.argmin(np.where(values.imag > 0, np.abs(values.real), np.inf))]))
    (q, p), (v, r) = null_vectors(A, 0.0), null_vectors(A, 1j * omega)
    still, ring, both = M(q, q), M(v, v.conj()).real, M(q, v)
    size = float(max(np.linalg.norm(p) * np.linalg.norm(still), np.linalg.norm(p) * np.linalg.norm(ring),
                     np.linalg.norm(r) * np.linalg.norm(both)))  # fmt: skip
    g200, g011, h110 = float(p @ still), float(p @ ring), complex(np.vdot(r, both))
    u200, u011, u110 = (_solve_beside(A, 0.0, still, q, p), _solve_beside(A, 0.0, ring, q, p),
                        _solve_beside(A, 1j * omega, both, v, r))  # fmt: skip
    u020 = np.linalg.solve(2j * omega * one - A, M(v, v))
    g300 = float(p @ (M(q, q, q) + 3 * M(q, u200)))
    g111 = float(p @ (M(q, v, v.conj()) + 2 * M(v.conj(), u110) + M(q, u011)).real)
    h210 = complex(np.vdot(r, M(q, q, v) + 2 * M(q, u110) + M(v, u200)))
    h021 = complex(np.vdot(r, M(v, v, v.conj()) + 2 * M(v, u011) + M(v.conj(), u020)))
    with np.errstate(divide="ignore", invalid="ignore"):
        across, along = np.float64(1.0) / g011, np.float64(1.0) / g200
        e = 0.5 * (h210 + h110 * ((h021.real + g111) * across - g300 * along) - h021 * g200 * across / 2).real
    return _terms(size, b=g200 / 2, c=g011, d=h110.real, e=float(e), omega=omega)


def double_hopf(local: Local) -> Terms:
    """``p11 .. p22`` of r1' = r1 (p11 r1^2 + p12 r2^2), r2' = r2 (p21 r1^2 + p22 r2^2), the lower frequency first."""
    A = local.A
    values = np.linalg.eigvals(A)
    omegas = np.sort(values.imag[np.argsort(np.where(values.imag > 0, np.abs(values.real), np.inf))[:2]])
    (p11, p12, first), (p22, p21, second) = (_amplitudes(local, *pair) for pair in (omegas, omegas[::-1]))
    return _terms(first + second, p11=p11, p12=p12, p21=p21, p22=p22)


def _amplitudes(local: Local, own: float, other: float) -> tuple[float, float, float]:
    """The effect on a mode of itself and of another one, and the size of their terms."""
    A, M, _ = local
    one = np.eye(len(A))
    (q, p), (v, _) = null_vectors(A, 1j * own), null_vectors(A, 1j * other)
    itself, size = _g21(A, M, own, q, p)
    both = np.linalg.solve(1j * (own + other) * one - A, M(q, v))
    apart = np.linalg.solve(1j * (own - other) * one - A, M(q, v.conj()))
    still = -np.linalg.solve(A, M(v, v.conj()).real)
    parts = M(q, v, v.conj()), M(both, v.conj()), M(apart, v), M(still, q)
    size += float(np.linalg.norm(p)) * sum(float(np.linalg.norm(part)) for part in parts)
    return itself.real / 2, float(np.vdot(p, sum(parts)).real), size


def resonance_2(local: Local) -> Terms:
    """``c, d`` of ``w1' = -w1 + c w0^3 + d w0^2 w1`` at a double multiplier -1; Kuznetsov (2004), section 9.5.3."""
    A, M, _ = local
    one = np.eye(len(A))
    q0, q1, p0, p1 = _double(A + one)
    h20 = np.linalg.solve(one - A, M(q0, q0))
    h11 = np.linalg.solve(one - A, M(q0, q1) + h20)
    cubic, mixed = M(q0, q0, q0) + 3 * M(q0, h20), M(q0, q0, q1) + M(q1, h20) + 2 * M(q0, h11)
    size = float((np.linalg.norm(p0) + np.linalg.norm(p1)) * (np.linalg.norm(cubic) + np.linalg.norm(mixed)))
    return _terms(size, c=float(p1 @ cubic) / 6, d=float(p1 @ mixed + p0 @ cubic) / 2)


def resonance_3(local: Local) -> Terms:
    """``b, c`` of ``e^(i theta) w + b w*^2 + c w |w|^2`` with theta = 2 pi / 3."""
    A, M, _ = local
    mu = np.exp(2j * np.pi / 3)
    q, p = null_vectors(A, mu)
    r = q.conj()
    h11 = np.linalg.solve(np.eye(len(A)) - A, M(q, r).real)
    h20 = _solve_beside(A, mu.conj(), M(q, q), r, p.conj())
    parts = M(q, q, r), 2 * M(q, h11), M(r, h20)
    size = float(np.linalg.norm(p)) * sum(float(np.linalg.norm(part)) for part in (*parts, M(r, r)))
    return _terms(size, b=complex(np.vdot(p, M(r, r))) / 2, c=complex(np.vdot(p, sum(parts))) / 2)


def resonance_4(local: Local) -> Terms:
    """``c, d`` of ``i w + c w |w|^2 + d w*^3``, and ``A = -i c / |d|``."""
    A, M, _ = local
    q, p = null_vectors(A, 1j)
    r, one = q.conj(), np.eye(len(A))
    h11, h20 = np.linalg.solve(one - A, M(q, r).real), np.linalg.solve(-one - A, M(q, q))
    parts, cubic = (M(q, q, r), 2 * M(q, h11), M(r, h20)), M(r, r, r) + 3 * M(r, h20.conj())
    size = float(np.linalg.norm(p)) * (sum(float(np.linalg.norm(part)) for part in parts) + float(np.linalg.norm(cubic)))
    c, d = complex(np.vdot(p, sum(parts))) / 2, complex(np.vdot(p, cubic)) / 6
    return _terms(size, c=c, d=d, A=-1j * c / abs(d) if d else complex(np.nan))


def generalised_doubling(local: Local) -> Terms:
    """``c`` of ``-w + c w^5`` where b vanishes."""
    A, M, _ = local
    q, p = null_vectors(A, -1.0)
    one = np.eye(len(A))
    h2 = np.linalg.solve(one - A, M(q, q))
    h3 = _solve_beside(A, -1.0, M(q, q, q) + 3 * M(q, h2), q, p)
    h4 = np.linalg.solve(one - A, M(q, q, q, q) + 6 * M(q, q, h2) + 3 * M(h2, h2) + 4 * M(q, h3))
    parts = (M(q, q, q, q, q), 10 * M(q, q, q, h2), 15 * M(q, h2, h2), 10 * M(q, q, h3), 10 * M(h2, h3), 5 * M(q, h4))
    size = float(np.linalg.norm(p)) * sum(float(np.linalg.norm(part)) for part in parts)
    return _terms(size / 120, c=float(p @ sum(parts)) / 120)


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
    _K.BT: Rule(bogdanov_takens), _K.GH: Rule(generalised_hopf), _K.ZH: Rule(zero_hopf), _K.HH: Rule(double_hopf),
}  # fmt: skip
MAP_RULES = {
    _K.LP: Rule(lambda local: fold(local, 1.0)), _K.BP: Rule(lambda local: branch_point(local, 1.0), "c", 1.0),
    _K.PD: Rule(period_doubling, "b", -1.0), _K.NS: Rule(neimark_sacker, "d", 1.0),
    _K.CP: Rule(lambda local: cusp(local, 1.0)), _K.R1: Rule(lambda local: bogdanov_takens(local, 1.0)),
    _K.R2: Rule(resonance_2), _K.R3: Rule(resonance_3), _K.R4: Rule(resonance_4), _K.GPD: Rule(generalised_doubling),
    _K.CH: Rule(chenciner),
}  # fmt: skip
