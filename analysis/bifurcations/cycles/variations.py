"""The linearised flow along a cycle, with ends that are a multiple mu of the start: null vectors, solutions, derivatives.

A right-hand side g can be solved for where the left null vector vanishes on what g alone leads to, ``<p, r(g)> = 0``: this
replaces integrals with solutions of the adjoint equation.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.cycles.linear import Linearised, evaluated
from analysis.bifurcations.cycles.orbit import WEIGHTS, A
from analysis.bifurcations.family import Family
from neurodynamics.validation import Floats

STEP = 2e-3  # of difference quotients of order 6, by the size of the cycle


class Forced(NamedTuple):
    """What a right-hand side leads to from zero at the starts of parts: at stages, starts of intervals, ends of parts."""

    stages: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


class Null(NamedTuple):
    """Null vectors: to the right at the stages (S, 4, N), to the left on the ends of parts."""

    v: np.ndarray
    p: np.ndarray


def closing(parts: Floats, mu: Any) -> np.ndarray:
    """Return the matrix of ``h(T) = mu h(0)`` for states at the starts of parts with matrices (parts, N, N)."""
    count, n = parts.shape[:2]
    matrix, cells = np.zeros((count, n, count, n), dtype=np.result_type(parts, mu)), np.arange(count)
    matrix[cells, :, cells, :] += parts
    matrix[cells, :, (cells + 1) % count, :] -= np.where(cells == count - 1, mu, 1.0)[:, np.newaxis, np.newaxis] * np.eye(n)
    return matrix.reshape(count * n, count * n)


class Variations:
    """The equations ``h' = A(t) h + g, h(T) = mu h(0)`` along a cycle; functions are given by their stages (S, 4, N)."""

    def __init__(self, family: Family, at: Linearised, step: float = STEP) -> None:
        self.family, self.at, self.orbit, self.step = family, at, at.orbit, step
        self.flow = at.field.f.reshape(at.orbit.stages.shape)
        self.parts = at.part_matrices

    def null(self, mu: Any) -> Null:
        """Return the null vectors at a simple multiplier; v of mean square 1."""
        left, _, right = np.linalg.svd(closing(self.parts, mu))
        v = self.at.carried(right[-1].conj().reshape(self.parts.shape[:2])).stages
        return Null(v / np.sqrt(self.mean(np.abs(v) ** 2)), left[:, -1])

    def mean(self, values: np.ndarray) -> Any:
        """Return the average over a period of the sum of functions (S, 4, N)."""
        return (self.orbit.weights[:, :, np.newaxis] * values).sum()

    def forced(self, g: np.ndarray) -> Forced:
        """Return what a right-hand side leads to."""
        at, (s, n) = self.at, self.orbit.x.shape
        steps = self.orbit.lengths[:, np.newaxis] * self.orbit.period
        own = (at.inverse @ (steps[:, :, np.newaxis] * (A @ g)).reshape(s, -1, 1))[:, :, 0]
        added = (at.to_end @ own[:, :, np.newaxis])[:, :, 0] + steps * (WEIGHTS @ g)
        starts, ends = np.zeros((s, n), dtype=added.dtype), np.empty((len(at.z) - s, n), dtype=added.dtype)
        for i in range(s):
            after = at.transfer[i, :, :n] @ starts[i] + added[i]
            if (i + 1) % at.length and i + 1 < s:
                starts[i + 1] = after
            else:
                ends[i // at.length] = after
        return Forced(own, starts, ends.ravel())

    def part(self, p: np.ndarray, g: np.ndarray, unit: np.ndarray) -> Any:
        """Return the part of g along `unit`, by a left null vector."""
        return np.vdot(p, self.forced(g).ends) / np.vdot(p, self.forced(unit).ends)

    def left_without_flow(self) -> np.ndarray:
        """Return the left null vector at a multiplier 1, a double one, that vanishes on the flow."""
        matrix = np.column_stack([closing(self.parts, 1.0), self.forced(self.flow).ends])
        return np.linalg.svd(matrix)[0][:, -1]

    def solve(self, g: np.ndarray, mu: Any, beside: np.ndarray | None = None) -> np.ndarray:
        """Return h; where mu is a multiplier, `beside` is the left null vector, and one of the solutions is returned."""
        forced, matrix, (s, n) = self.forced(g), closing(self.parts, mu), self.orbit.x.shape
        if beside is None:
            starts = np.linalg.solve(matrix, -forced.ends)
        else:
            starts = np.linalg.lstsq(np.vstack([matrix, beside.conj()]), np.append(-forced.ends, 0.0))[0]
        x = (self.at.z[:s, :, :n] @ starts.reshape(-1, n)[np.arange(s) // self.at.length][:, :, np.newaxis])[:, :, 0]
        x = x + forced.starts
        return ((self.at.slopes[:, :, :n] @ x[:, :, np.newaxis])[:, :, 0] + forced.stages).reshape(g.shape)

    # Derivatives ------------------------------------------------------------------------------------------------------

    def linear(self, v: np.ndarray) -> np.ndarray:
        """Return ``A v``."""
        return _times(self.at.field.jac, v)

    def divergence(self, v: np.ndarray) -> float:
        """Return the average over a period of the change of the divergence along v."""
        return float(np.vdot(self.orbit.weights, np.trace(self._first(v), axis1=1, axis2=2)))

    def quadratic(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return ``B(a, b)``."""
        first = self._first(a.real)
        return _times(first + 1j * self._first(a.imag) if np.iscomplexobj(a) else first, b)

    def cubic(self, v: np.ndarray) -> np.ndarray:
        """Return ``C(v, v*, v)``."""
        return _times(self._second(v.real) + (self._second(v.imag) if np.iscomplexobj(v) else 0.0), v)

    def _first(self, v: np.ndarray) -> np.ndarray:
        h, J = self._sides(v)
        return (45.0 * (J[1] - J[-1]) - 9.0 * (J[2] - J[-2]) + (J[3] - J[-3])) / (60.0 * h)

    def _second(self, v: np.ndarray) -> np.ndarray:
        h, J = self._sides(v)
        centre = 490.0 * self.at.field.jac
        return (270.0 * (J[1] + J[-1]) - 27.0 * (J[2] + J[-2]) + 2.0 * (J[3] + J[-3]) - centre) / (180.0 * h**2)

    def _sides(self, v: np.ndarray) -> tuple[float, dict[int, np.ndarray]]:
        """The Jacobians at steps along v to both sides."""
        n, stages = self.family.n, self.orbit.stages
        h = self.step * self.orbit.amplitude / max(float(np.abs(v).max()), 1e-300)
        shape = (stages.size // n, n, n)
        return h, {k: evaluated(self.family, "jac", (stages + k * h * v).reshape(-1, n), self.orbit.parameters, shape)
                   for k in (-3, -2, -1, 1, 2, 3)}  # fmt: skip


def _times(matrices: np.ndarray, v: np.ndarray) -> np.ndarray:
    return (matrices @ v.reshape(len(matrices), -1, 1)).reshape(v.shape)
