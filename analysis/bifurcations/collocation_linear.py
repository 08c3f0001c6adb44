"""The linearised equations of collocation, condensed to the starts of a few parts of the orbit.

On each interval the stages are eliminated, which leaves ``dx_next = E [dx, dT, dp] + r``. The intervals of a part follow
each other, so all states are ``dx = Z [dx_part, dT, dp] + rho``. What remains is a small bordered system in the states at
the starts of the parts, the period T and the parameters p: it is factorised once and used for Newton steps, chord steps
and tangents alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import lapack

from analysis.bifurcations.collocation import WEIGHTS, A, Orbit
from neurodynamics.validation import Floats

LENGTH_OF_A_PART = 6  # intervals
LARGEST_GROWTH = 1e7  # within a part; rounding of that size slows Newton's method down, and is corrected by it


class Defect(NamedTuple):
    """By how much an orbit misses the equations: at the stages (S, 4, N) and at the ends of the intervals (S, N)."""

    stages: Floats
    ends: Floats

    @property
    def size(self) -> float:
        """The largest entry."""
        return max(float(np.abs(self.stages).max()), float(np.abs(self.ends).max()))


class Row(NamedTuple):
    """A linear condition on directions: the integral of <stages, .> plus period . dT + parameters . dp."""

    stages: Floats
    period: float
    parameters: Floats

    def of(self, direction: Orbit) -> float:
        """Return the value on a direction."""
        weighted = np.vdot(self.stages * direction.weights[:, :, np.newaxis], direction.stages)
        return float(weighted + self.period * direction.period + self.parameters @ direction.parameters)


def rates_at(field: Any, orbit: Orbit) -> Floats:
    """Return the right-hand side at the stages, (S, 4, N)."""
    n = orbit.x.shape[1]
    return field.rhs(orbit.stages.reshape(-1, n), orbit.parameters).reshape(orbit.stages.shape)


def defect_of(field: Any, orbit: Orbit) -> Defect:
    """Return by how much an orbit misses the equations."""
    return _defect(orbit, rates_at(field, orbit))


def _defect(orbit: Orbit, f: Floats) -> Defect:
    hT = (orbit.lengths * orbit.period)[:, np.newaxis]
    stages = orbit.x[:, np.newaxis] + hT[:, :, np.newaxis] * (A @ f) - orbit.stages
    ends = orbit.x + hT * (WEIGHTS @ f) - np.roll(orbit.x, -1, axis=0)
    return Defect(stages, ends)


@dataclass(frozen=True, eq=False)
class Linearised:
    """The equations around an orbit, with one row more than there are parameters.

    Attributes
    ----------
    orbit : Orbit
    defect : Defect
    rates : array, shape (S, 4, N)
        The right-hand side at the stages.
    trace : float
        Integral of the trace of the Jacobian over a period.
    transfer : array, shape (S, N, N + 1 + q)
        Of each interval: derivatives of the state at its end.
    """

    orbit: Orbit
    defect: Defect
    rates: Floats
    trace: float
    transfer: Floats
    _inverse: Floats  # (S, 4 N, 4 N) of the equations of the stages
    _stages: Floats  # (S, 4 N, N + 1 + q) derivatives of the stages
    _to_end: Floats  # (S, N, 4 N)
    _paths: Floats  # (L, parts, N, N + 1 + q) the matrices Z
    _rows: list[tuple[Floats, Floats]]
    _factors: Any

    def solve(self, defect: Defect | None, rights: Floats) -> Orbit:
        """Return the direction that takes the defect away (None: a direction along solutions), with rows of these values."""
        s, n = self.orbit.x.shape
        length, parts = self._paths.shape[:2]
        own = np.zeros((s, 4 * n)) if defect is None else _times(self._inverse, defect.stages.reshape(s, -1))
        left = np.zeros((length + 1, parts, n))
        if defect is not None:
            ends = _padded(defect.ends + _times(self._to_end, own), length * parts).reshape(parts, length, n)
            matrices = self._by_part(self.transfer[:, :, :n])
            for k in range(length):
                left[k + 1] = _times(matrices[:, k], left[k]) + ends[:, k]
        offsets = left[:-1].transpose(1, 0, 2).reshape(-1, n)[:s]
        missing = [r - np.vdot(on_x, offsets) - np.vdot(on_stages, own)
                   for r, (on_x, on_stages) in zip(rights, self._rows, strict=True)]  # fmt: skip
        factors, pivots = self._factors
        unknown, _ = lapack.dgetrs(factors, pivots, np.concatenate([-left[-1].ravel(), missing]))
        outer = unknown[parts * n :]
        start = np.hstack([unknown[: parts * n].reshape(parts, n), np.broadcast_to(outer, (parts, len(outer)))])
        x = (_times(self._paths, start) + left[:-1]).transpose(1, 0, 2).reshape(-1, n)[:s]
        inner = _times(self._stages, np.hstack([x, np.broadcast_to(outer, (s, len(outer)))])) + own
        return Orbit(self.orbit.mesh, x, inner.reshape(s, 4, n), float(outer[0]), outer[1:])

    def _by_part(self, matrices: Floats) -> Floats:
        length, parts = self._paths.shape[:2]
        return _padded(matrices, length * parts, identity=True).reshape(parts, length, *matrices.shape[1:])

    @property
    def sign(self) -> float:
        """Sign of the determinant of the bordered system."""
        factors, pivots = self._factors
        swaps = np.count_nonzero(pivots != np.arange(len(pivots)))
        return float(np.prod(np.sign(np.diag(factors))) * (-1) ** swaps)

    @property
    def part_matrices(self) -> Floats:
        """Derivatives (parts, N, N) of the state at the end of each part with respect to that at its start."""
        n = self.orbit.x.shape[1]
        last = self._by_part(self.transfer[:, :, :n])[:, -1]
        return last @ self._paths[-1][:, :, :n]


def linearise(field: Any, orbit: Orbit, rows: list[Row]) -> Linearised:
    """Return the condensed equations around an orbit."""
    s, n = orbit.x.shape
    states = orbit.stages.reshape(-1, n)
    f = rates_at(field, orbit)
    jacobian = field.jac(states, orbit.parameters).reshape(s, 4, n, n)
    slopes = field.slopes(states, orbit.parameters).reshape(s, 4, n, -1)
    h = orbit.lengths[:, np.newaxis]
    hT = h * orbit.period
    by_stage = hT[:, :, np.newaxis, np.newaxis] * jacobian
    matrix = -(A[:, np.newaxis, :, np.newaxis] * by_stage.transpose(0, 2, 1, 3)[:, np.newaxis]).reshape(s, 4 * n, 4 * n)
    matrix[:, np.arange(4 * n), np.arange(4 * n)] += 1.0
    inverse = np.linalg.inv(matrix)
    outer = np.concatenate([f[..., np.newaxis] * h[:, :, np.newaxis, np.newaxis],
                            slopes * hT[:, :, np.newaxis, np.newaxis]], axis=3)  # fmt: skip
    width = outer.shape[3]
    right = np.empty((s, 4 * n, n + width))
    right[:, :, :n] = np.tile(np.eye(n), (4, 1))
    right[:, :, n:] = np.tensordot(A, outer, (1, 1)).transpose(1, 0, 2, 3).reshape(s, 4 * n, width)
    stages = inverse @ right
    to_end = (WEIGHTS[:, np.newaxis, np.newaxis] * by_stage).transpose(0, 2, 1, 3).reshape(s, n, 4 * n)
    transfer = to_end @ stages
    transfer[:, np.arange(n), np.arange(n)] += 1.0
    transfer[:, :, n:] += np.tensordot(WEIGHTS, outer, (0, 1))
    trace = float(np.tensordot(WEIGHTS * hT, np.trace(jacobian, axis1=2, axis2=3), 2))
    paths, ends = _paths(transfer)
    condensed = [_condensed(row, orbit, stages) for row in rows]
    factors = _bordered(paths, ends, condensed, rows, stages)
    return Linearised(orbit, _defect(orbit, f), f, trace, transfer, inverse, stages, to_end, paths, condensed, factors)


def _paths(transfer: Floats) -> tuple[Floats, Floats]:
    """Return the matrices Z at the starts of all intervals of all parts, (L, parts, N, N + 1 + q), and at their ends."""
    s, n, width = transfer.shape
    length = min(LENGTH_OF_A_PART, s)
    while True:
        parts = -(-s // length)
        steps = _padded(transfer, parts * length, identity=True).reshape(parts, length, n, width)
        z = np.empty((length + 1, parts, n, width))
        z[0] = np.eye(n, width)
        for k in range(length):
            np.matmul(steps[:, k, :, :n], z[k], out=z[k + 1])
            z[k + 1, :, :, n:] += steps[:, k, :, n:]
        if length == 1 or np.abs(z[-1, :, :, :n]).max() < LARGEST_GROWTH:
            return z[:-1], z[-1]
        length //= 2


def _condensed(row: Row, orbit: Orbit, stages: Floats) -> tuple[Floats, Floats]:
    """Return a row as coefficients on the states (S, N) at given stages' own parts (S, 4 N)."""
    s, n = orbit.x.shape
    on_stages = (row.stages * orbit.weights[:, :, np.newaxis]).reshape(s, -1)
    return np.einsum("sk,skn->sn", on_stages, stages[:, :, :n]), on_stages


def _bordered(paths: Floats, ends: Floats, condensed: list, rows: list[Row], stages: Floats) -> Any:
    """Return the factors of the system in the states at the starts of the parts, the period and the parameters."""
    length, parts, n, width = paths.shape
    size = parts * n
    matrix = np.zeros((size + width - n, size + width - n))
    cells = np.arange(parts)
    blocks = matrix[:size, :size].reshape(parts, n, parts, n)
    blocks[cells, :, cells, :] += ends[:, :, :n]
    blocks[cells, :, (cells + 1) % parts, :] -= np.eye(n)
    matrix[:size, size:] = ends[:, :, n:].reshape(size, -1)
    for k, (row, (on_x, on_stages)) in enumerate(zip(rows, condensed, strict=True), size):
        along = np.einsum("pln,lpnw->pw", _padded(on_x, length * parts).reshape(parts, length, n), paths)
        matrix[k, :size] = along[:, :n].ravel()
        own = np.einsum("sk,skw->w", on_stages, stages[:, :, n:])
        matrix[k, size:] = along[:, n:].sum(axis=0) + own + np.concatenate([[row.period], row.parameters])
    factors, pivots, _ = lapack.dgetrf(matrix)
    return factors, pivots


def _times(matrices: Floats, vectors: Floats) -> Floats:
    return (matrices @ vectors[..., np.newaxis])[..., 0]


def _padded(rows: Floats, count: int, identity: bool = False) -> Floats:
    """Return the rows with idle ones behind them: zeros, or matrices that change nothing."""
    more = count - len(rows)
    if not more:
        return rows
    idle = np.eye(*rows.shape[1:]) if identity else np.zeros(rows.shape[1:])
    return np.concatenate([rows, np.broadcast_to(idle, (more, *rows.shape[1:]))])
