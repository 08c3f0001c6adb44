"""Points where an eigenvalue has a given value: minimally augmented systems, to locate them and to follow them.

With ``M = f_x - mu`` the system is ``F = 0, g = 0``, where g comes from a bordered matrix,

    [ M   b ] [v]   [0]
    [ c'  0 ] [g] = [1],       dg = -w* dM v,

w the left counterpart of v. Folds have mu = 0 (of maps 1), period doublings -1; at Hopf points mu = i omega, at
Neimark-Sacker points exp(i theta), and g is complex. Borders are real, so that its imaginary part is an odd function of
omega (theta): divided by omega (sin theta) it stays regular where two eigenvalues meet.

References
----------
.. [1] Govaerts (2000), Numerical Methods for Bifurcations of Dynamical Equilibria, chapters 3 and 5.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.family import Family
from analysis.bifurcations.records import SpecialKind
from neurodynamics.validation import Floats

STEP = 1e-3  # of the difference quotient of order 4 of the derivative, relative
POLISHING = 12
COMPLEX = (SpecialKind.H, SpecialKind.NS)


class Bordered(NamedTuple):
    """A bordered solution: null vectors v, w to the right and left, the scalar g, and the matrix f_x."""

    v: np.ndarray
    w: np.ndarray
    g: Any
    A: Floats


class Singular:
    """The points of one kind. Unknowns ``u = (x, p_1, ..)``, then omega or theta at Hopf and Neimark-Sacker points."""

    def __init__(self, family: Family, kind: SpecialKind, bounds: Floats | None = None) -> None:
        self.family, self.kind, self.complex = family, kind, kind in COMPLEX
        n, m = family.n, family.m
        self.columns = slice(n, n + m)
        self.bounds = np.tile([-np.inf, np.inf], (m, 1)) if bounds is None else bounds
        self.b = self.c = np.zeros(0)

    def scale(self, u: Floats) -> Floats:
        """Return the natural sizes of the unknowns."""
        widths = self.bounds[:, 1] - self.bounds[:, 0]
        out = np.full(u.size, max(1.0, float(np.abs(u[: self.family.n]).max(initial=0.0))))
        out[self.columns] = np.where(np.isfinite(widths), widths, 1.0)
        out[self.columns.stop :] = 1.0
        return out

    def mu(self, angle: float) -> tuple[Any, Any, float]:
        """Return the eigenvalue, its derivative by the angle, and what the imaginary part is divided by."""
        if self.kind == SpecialKind.H:
            return 1j * angle, 1j, angle
        if self.kind == SpecialKind.NS:
            return np.exp(1j * angle), 1j * np.exp(1j * angle), float(np.sin(angle))
        if self.kind == SpecialKind.PD:
            return -1.0, 0.0, 0.0
        return (1.0 if self.family.is_map else 0.0), 0.0, 0.0

    def start(self, u: Floats) -> None:
        """Choose borders at u from the singular vectors of the smallest singular value."""
        A = self.family.linear(self.family(self._z(u))[1])
        left, _, right = np.linalg.svd(A - self.mu(self._angle(u))[0] * np.eye(self.family.n))
        self.b, self.c = _real_part(left[:, -1]), _real_part(right[-1].conj())

    def adapt(self, point: Any) -> None:
        """Take the null vectors of an accepted point for borders."""
        solved = self.bordered(point.u, self.family.linear(point.D[: self.family.n, : self.family.n]))
        self.b, self.c = _real_part(solved.w), _real_part(solved.v)

    def stop(self, previous: Any, found: Any) -> Any:
        """Where the angle passes zero two real eigenvalues meet, and the curve ends; see `angle_zero`."""
        if self.complex and self.mu(self._angle(previous.u))[2] * self.mu(self._angle(found.u))[2] <= 0.0:
            return self.angle_zero(self, previous, found)
        return None

    def ordinary_steps(self, walk: Any, room: int) -> list[Any]:
        """Return nothing: these steps are taken one by one."""
        return []

    def turn(self, point: Any) -> None:
        """Return None: corners of such curves are not followed."""

    angle_zero: Any = staticmethod(lambda problem, previous, found: None)

    def bordered(self, u: Floats, A: Floats | None = None) -> Bordered:
        """Solve the bordered systems at u."""
        n = self.family.n
        if A is None:
            A = self.family.linear(self.family(self._z(u))[1])
        mu = self.mu(self._angle(u))[0]
        matrix = np.zeros((n + 1, n + 1), dtype=complex if self.complex else float)
        matrix[:n, :n], matrix[:n, n], matrix[n, :n] = A - mu * np.eye(n), self.b, self.c
        unit = np.zeros(n + 1)
        unit[n] = 1.0
        right, left = np.linalg.solve(matrix, unit), np.linalg.solve(matrix.conj().T, unit)
        return Bordered(right[:n], left[:n], right[n], A)

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return the residual and its derivative."""
        n, z = self.family.n, self._z(u)
        F, D = self.family(z)
        solved = self.bordered(u, self.family.linear(D))
        gradient = -solved.w.conj() @ self._moved(z, solved.v)
        if not self.complex:
            return np.append(F, solved.g), np.vstack([D, gradient])
        _, dmu, odd = self.mu(self._angle(u))
        by_angle = dmu * (solved.w.conj() @ solved.v)
        slope = np.cos(self._angle(u)) if self.kind == SpecialKind.NS else 1.0
        if odd == 0.0:
            odd = 1e-150  # exactly there the quotient is a limit
        rows = np.vstack([np.append(D, np.zeros((n, 1)), axis=1), np.append(gradient.real, by_angle.real),
                          np.append(gradient.imag, by_angle.imag - solved.g.imag * slope / odd) / odd])  # fmt: skip
        return np.concatenate([F, [solved.g.real, solved.g.imag / odd]]), rows

    def _moved(self, z: Floats, v: np.ndarray) -> np.ndarray:
        """The derivative of D along v, (n, n + m)."""
        parts = [(1.0, v.real), (1j, v.imag)] if self.complex else [(1.0, v)]
        out: Any = 0.0
        for factor, part in parts:
            length = float(np.linalg.norm(part))
            if length > 0.0:
                h = STEP * max(1.0, float(np.abs(z[: self.family.n]).max())) / length
                step = np.append(h * part, np.zeros(self.family.m))
                far, near = (self.family(z + s * step)[1] - self.family(z - s * step)[1] for s in (2.0, 1.0))
                out = out + factor * (8.0 * near - far) / (12.0 * h)
        return out if not isinstance(out, float) else np.zeros((self.family.n, self.family.n + self.family.m))

    def _z(self, u: Floats) -> Floats:
        return u[: self.columns.stop]

    def _angle(self, u: Floats) -> float:
        return float(u[-1]) if self.complex else 0.0


class Polished(NamedTuple):
    """A located point: unknowns, how far they may be off (relative), and the residual."""

    u: Floats
    error: float
    residual: float


def polish(problem: Singular, u: Floats) -> Polished | None:
    """Take Newton steps on a square system to rounding; None where they do not converge."""
    problem.start(u)
    scale, last, residual = problem.scale(u), np.inf, np.inf
    for _ in range(POLISHING):
        try:
            F, D = problem(u)
            step, residual = np.linalg.solve(D, F), float(np.abs(F).max())
        except np.linalg.LinAlgError:
            return None
        size = float(np.linalg.norm(step / scale))
        if not np.isfinite(size) or size > 0.5:
            return None
        if size >= 0.5 * last and last < 1e-7:
            break
        u, last = u - step, size
        if size < 1e-15:
            break
    return Polished(u, last, residual) if last < 1e-6 else None


def _real_part(q: np.ndarray) -> Floats:
    """Return the real part, at the phase at which it is longest, of length 1."""
    if np.iscomplexobj(q):
        q = (q * np.exp(-0.5j * np.angle((q * q).sum()))).real
    return q / np.linalg.norm(q)
