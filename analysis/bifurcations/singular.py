"""Points where an eigenvalue has a given value: minimally augmented systems, to locate them and to follow them.

With ``M = f_x - mu`` the system is ``F = 0, g = 0``, where g comes from a bordered matrix,

    [ M   b ] [v]   [0]
    [ c'  0 ] [g] = [1],       dg = -w* dM v,

w the left counterpart of v. Folds have mu = 0 (of maps 1), period doublings -1; at Hopf points mu = i omega, at
Neimark-Sacker points exp(i theta), and g is complex. Borders are real, so that its imaginary part is an odd function of
omega (theta): divided by omega (sin theta) it stays regular where two eigenvalues meet. There the curves end, at
Bogdanov-Takens points of flows and at resonances 1:1 and 1:2 of maps, at which also ``w . v = 0``.

References
----------
.. [1] Govaerts (2000), Numerical Methods for Bifurcations of Dynamical Equilibria, chapters 3 and 5, section 8.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Corrected, VectorCurve, Walk
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, EndKind, SpecialKind
from neurodynamics.validation import Floats

POLISHING = 12
COMPLEX = (SpecialKind.H, SpecialKind.NS)
STEP = 1e-4  # of the difference quotients for the meeting of the null vectors, relative
CLOSE = 0.2  # relative: a double zero further from the interpolated one is another
ZERO = 1e-6  # relative: singular values of a kernel
IMPERFECT = 1e-7  # relative: by which an equation is off where curves only come near each other


class Bordered(NamedTuple):
    """A bordered solution: null vectors v, w to the right and left, and the scalar g."""

    v: np.ndarray
    w: np.ndarray
    g: Any


class Singular(VectorCurve):
    """The points of one kind. Unknowns ``u = (x, p_1, ..)``, then omega or theta at Hopf and Neimark-Sacker points."""

    def __init__(self, family: Family, kind: SpecialKind, bounds: Floats | None = None) -> None:
        self.family, self.kind, self.complex = family, kind, kind in COMPLEX
        self.columns = slice(family.n, family.n + family.m)
        self.bounds = np.tile([-np.inf, np.inf], (family.m, 1)) if bounds is None else bounds
        self.b = self.c = np.zeros(0)

    def scale(self, u: Floats) -> Floats:
        """Return the natural sizes of the unknowns."""
        widths = self.bounds[:, 1] - self.bounds[:, 0]
        out = np.ones(u.size)
        out[: self.family.n] = max(1.0, float(np.abs(u[: self.family.n]).max(initial=0.0)))
        out[self.columns] = np.where(np.isfinite(widths), widths, 1.0)
        return out

    def angle(self, u: Floats) -> float:
        """Return omega or theta."""
        return float(u[-1]) if self.complex else 0.0

    def mu(self, angle: float) -> tuple[Any, Any, float, float]:
        """Return the eigenvalue, its derivative by the angle, what the imaginary part is divided by, and its derivative."""
        if self.kind == SpecialKind.H:
            return 1j * angle, 1j, angle, 1.0
        if self.kind == SpecialKind.NS:
            return np.exp(1j * angle), 1j * np.exp(1j * angle), float(np.sin(angle)), float(np.cos(angle))
        at = -1.0 if self.kind == SpecialKind.PD else 1.0 if self.family.is_map else 0.0
        return at, 0.0, 0.0, 0.0

    def start(self, u: Floats) -> None:
        """Choose borders at u from the singular vectors of the smallest singular value."""
        A = self.family.linear(self.family(u[: self.columns.stop])[1])
        left, _, right = np.linalg.svd(A - self.mu(self.angle(u))[0] * np.eye(self.family.n))
        self.b, self.c = _real_part(left[:, -1]), _real_part(right[-1].conj())

    def begin(self, walk: Walk) -> None:
        """Take the null vectors of the first point for borders."""
        self.adapt(walk)

    def adapt(self, walk: Walk) -> None:
        """Take the null vectors of an accepted point for borders."""
        solved = self.bordered(walk.point.u, self.family.linear(walk.point.D[: self.family.n]))
        self.b, self.c = _real_part(solved.w), _real_part(solved.v)

    def stop(self, walk: Walk, found: Corrected) -> tuple[Corrected, End] | None:
        """Return the end where the angle passes zero, and two real eigenvalues meet."""
        odd = [self.mu(self.angle(each.u))[2] for each in (walk.point, found)]
        if not self.complex or odd[0] * odd[1] > 0.0:
            return None
        family, share = self.family, odd[0] / (odd[0] - odd[1]) if odd[0] != odd[1] else 0.0
        guess = walk.point.u + share * (found.u - walk.point.u)
        half = family.is_map and np.cos(float(guess[-1])) < 0.0
        met = double_zero(family, guess[:-1], SpecialKind.PD if half else SpecialKind.LP)
        if met is None or float(np.abs((met.u - guess[:-1]) / self.scale(guess)[:-1]).max()) > CLOSE:
            return None
        kind = (SpecialKind.R2 if half else SpecialKind.R1) if family.is_map else SpecialKind.BT
        D = np.zeros_like(found.D)
        D[: family.n, : met.u.size] = family(met.u)[1]
        last = found._replace(u=np.append(met.u, np.pi if half else 0.0), error=met.error, D=D)
        end = EndKind.RESONANCE if family.is_map else EndKind.BOGDANOV_TAKENS
        evidence: Any = {"z": met.u, "error": met.error}
        return last, End(end, float(met.u[family.n]), str(kind), evidence)

    def bordered(self, u: Floats, A: Floats | None = None) -> Bordered:
        """Solve the bordered systems at u."""
        n = self.family.n
        if A is None:
            A = self.family.linear(self.family(u[: self.columns.stop])[1])
        M = A - self.mu(self.angle(u))[0] * np.eye(n)
        right, left = _bordered(M, self.b[:, np.newaxis], self.c[np.newaxis])
        return Bordered(right[:n, 0], left[:n, 0], right[n, 0])

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return the residual and its derivative."""
        n, z = self.family.n, u[: self.columns.stop]
        F, D = self.family(z)
        solved = self.bordered(u, self.family.linear(D))
        gradient = -solved.w.conj() @ self.family.moved(z, solved.v)
        if not self.complex:
            return np.append(F, solved.g), np.vstack([D, gradient])
        _, dmu, odd, slope = self.mu(self.angle(u))
        odd = odd or 1e-150  # exactly at zero the quotient is a limit
        by_angle = dmu * (solved.w.conj() @ solved.v)
        rows = np.vstack([np.append(D, np.zeros((n, 1)), axis=1), np.append(gradient.real, by_angle.real),
                          np.append(gradient.imag, by_angle.imag - solved.g.imag * slope / odd) / odd])  # fmt: skip
        return np.concatenate([F, [solved.g.real, solved.g.imag / odd]]), rows


class BranchPoint:
    """``F + beta b = 0, g = 0`` in the unknowns (x, p, beta), with two scalars g of D bordered; regular at branch points."""

    def __init__(self, family: Family, z: Floats) -> None:
        self.family = family
        left, _, right = np.linalg.svd(family(z)[1])
        self.b, self.C = left[:, -1:], right[-2:]

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return the residual and its derivative."""
        n, z = self.family.n, u[:-1]
        F, D = self.family(z)
        right, left = _bordered(D, self.b, self.C)
        gradients = [np.append(-left[:n, 0] @ self.family.moved(z, v), 0.0) for v in right[: n + 1].T]
        rows = np.vstack([np.append(D, self.b, axis=1), *gradients])
        return np.concatenate([F + u[-1] * self.b[:, 0], right[n + 1]]), rows


def _bordered(M: np.ndarray, b: Floats, C: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Return the last columns of the inverse of ``[M b; C 0]``, one a row of C, and the last one of its adjoint."""
    n, extra = len(M), len(C)
    matrix = np.zeros((n + extra, n + extra), dtype=M.dtype)
    matrix[: len(M), : M.shape[1]], matrix[:n, M.shape[1] :], matrix[n:, : M.shape[1]] = M, b, C
    unit = np.eye(len(matrix))
    return np.linalg.solve(matrix, unit[:, n:]), np.linalg.solve(matrix.conj().T, unit[:, -1:])


class Polished(NamedTuple):
    """A located point: unknowns, how far they may be off (relative), and the residual."""

    u: Floats
    error: float
    residual: float


def newton(system: Callable[[Floats], tuple[Floats, Floats]], u: Floats, scale: Floats) -> Polished | None:
    """Take Newton steps on a square system to rounding; None where they do not converge."""
    last, residual = np.inf, np.inf
    for _ in range(POLISHING):
        try:
            F, D = system(u)
            step = np.linalg.lstsq(D * scale, F)[0]
        except np.linalg.LinAlgError:
            return None
        size, residual = float(np.linalg.norm(step)), float(np.abs(F).max())
        if not size <= 0.5:
            return None
        if size >= 0.5 * last and last < 1e-7:
            break
        u, last = u - step * scale, size
        if size < 1e-15:
            break
    return Polished(u, last, residual) if last < 1e-6 else None


def polish(problem: Singular, u: Floats) -> Polished | None:
    """Locate a fold, Hopf, period-doubling or Neimark-Sacker point over one parameter near u."""
    problem.start(u)
    return newton(problem, u, problem.scale(u))


def branch_point(family: Family, z: Floats) -> Polished | None:
    """Locate a branch point near z; None where there is none."""
    size = max(1.0, float(np.abs(z).max()))
    found = newton(BranchPoint(family, z), np.append(z, 0.0), np.full(z.size + 1, size))
    return None if found is None or abs(found.u[-1]) > IMPERFECT * size else found._replace(u=found.u[:-1])


def double_zero(family: Family, z: Floats, kind: SpecialKind) -> Polished | None:
    """Locate a point near z at which the eigenvalue of a fold or period doubling is a double one."""
    problem, scale = Singular(family, kind), np.maximum(1.0, np.abs(z))
    problem.start(z)

    def meeting(u: Floats) -> float:
        solved = problem.bordered(u)
        return float(solved.w @ solved.v / (np.linalg.norm(solved.w) * np.linalg.norm(solved.v)))

    def system(u: Floats) -> tuple[Floats, Floats]:
        F, D = problem(u)
        gradient = [(meeting(u + h) - meeting(u - h)) / (2 * float(h.sum())) for h in np.diag(STEP * scale)]
        return np.append(F, meeting(u)), np.vstack([D, gradient])

    return newton(system, z, scale)


def null_space(family: Family, z: Floats) -> Floats:
    """Return the directions of states (N, k) in which several eigenvalues are zero (of maps 1)."""
    _, sizes, right = np.linalg.svd(family(z)[1][:, : family.n])
    return right[sizes <= ZERO * max(1.0, float(sizes[0]))].T


def tangents(family: Family, z: Floats) -> list[Floats]:
    """Return the unit tangents of the two curves through a branch point; none where its quadratic form is degenerate."""
    left, _, right = np.linalg.svd(family(z)[1])
    w, first, second = left[:, -1], right[-2], right[-1]
    form: Any = family.forms(z)
    a, b, c = (float(w @ form(*pair)) for pair in ((first, first), (first, second), (second, second)))
    (low, high), axes = np.linalg.eigh([[a, b], [b, c]])
    if not low * high < -1e-10 * max(-low, high) ** 2:
        return []
    sides = np.sqrt(high) * axes[:, 0], np.sqrt(-low) * axes[:, 1]
    return [t[0] * first + t[1] * second for t in ((sides[0] + s * sides[1]) / np.sqrt(high - low) for s in (1.0, -1.0))]


def _real_part(q: np.ndarray) -> Floats:
    """Return the real part, at the phase at which it is longest, of length 1."""
    if np.iscomplexobj(q):
        q = (q * np.exp(-0.5j * np.angle((q * q).sum()))).real
    return q / np.linalg.norm(q)
