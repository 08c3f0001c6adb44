"""The linearised equations of collocation, condensed to the starts of a few parts of the orbit.

On each interval the stages are eliminated, which leaves ``dx_next = E [dx, dT, dp] + r``. The intervals of a part follow
each other, so all states are ``dx = z [dx_part, dT, dp] + rho``. What remains is a small bordered system in the states at
the starts of the parts, the period T and the parameters p: it is factorised once and used for Newton steps, chord steps
and tangents alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import lapack

from analysis.bifurcations.cycles.kernels import (
    backward,
    border,
    chain,
    defects,
    forward,
    local_equations,
    mean_square,
    rows_of,
)  # fmt: skip
from analysis.bifurcations.cycles.orbit import WEIGHTS, A, Orbit
from analysis.bifurcations.family import Family
from neurodynamics.validation import Floats

PARAMETER_STEP = 1e-5  # of a central difference, relative; Newton's method does not need it to rounding
LENGTH_OF_A_PART = 8  # intervals
TINY = 1e-300
LARGEST_GROWTH = 1e7  # within a part; rounding of that size slows Newton's method down, and is corrected by it


class Field(NamedTuple):
    """Values at K states: f (K, N), the Jacobians (K, N, N), and derivatives by q parameters (K, N, q)."""

    f: Floats
    jac: Floats
    slopes: Floats


def rates_at(family: Family, states: Floats, values: Floats) -> Floats:
    """Return f (K, N) at states (K, N) and values (q,) of the parameters."""
    return evaluated(family, "rhs", states, values, states.shape)


def field_at(family: Family, states: Floats, values: Floats) -> Field:
    """Return f and its derivatives at states (K, N) and values (q,) of the parameters."""
    k, n = states.shape
    slopes = np.empty((k, n, family.m))
    for j in range(family.m):
        step = np.zeros(family.m)
        step[j] = PARAMETER_STEP * max(1.0, abs(values[j]))
        slopes[:, :, j] = (rates_at(family, states, values + step) - rates_at(family, states, values - step)) / (2 * step[j])
    return Field(rates_at(family, states, values), evaluated(family, "jac", states, values, (k, n, n)), slopes)


def evaluated(family: Family, role: str, states: Floats, values: Floats, shape: tuple[int, ...]) -> Floats:
    """Return a function of the system, "rhs" or "jac", at states (K, N) and values (q,) of the parameters."""
    out = np.empty(shape)
    params, u = family.rest + values @ family.directions, family.drive + values @ family.drives
    function = family.system.function(role)
    if family.system.host:
        for y, row in zip(states, out, strict=True):
            function.source(0.0, y, u, params, row)
    else:
        rows_of(function.address, states, params, u, out.reshape(len(states), -1))
    return out


class Conditions(NamedTuple):
    """``start x(0) + end x(1) = target``, N conditions on the ends of an orbit that is not closed."""

    start: Floats
    end: Floats
    target: Floats

    def missed(self, first: Floats, last: Floats) -> Floats:
        """Return by how much they are missed."""
        return self.start @ first + self.end @ last - self.target


Closing = Callable[[Floats], Conditions]  # at values of the parameters


class Defect(NamedTuple):
    """By how much an orbit misses the equations: at the stages (S, 4 N), at the ends of the intervals (S, N), at its own."""

    stages: Floats
    ends: Floats
    closing: Floats

    @property
    def size(self) -> float:
        """The largest entry; nan where one is."""
        return float(np.maximum(np.abs(self.stages).max(), np.abs(self.ends).max()))


class Row(NamedTuple):
    """A linear condition on directions: the integral of <stages, .> plus period . dT + parameters . dp."""

    stages: Floats
    period: float
    parameters: Floats

    def of(self, direction: Orbit) -> float:
        """Return the value on a direction."""
        weighted = np.vdot(self.stages * direction.weights[:, :, np.newaxis], direction.stages)
        return float(weighted + self.period * direction.period + self.parameters @ direction.parameters)


class Metric(NamedTuple):
    """Lengths of directions: states by the size of the cycle, periods relative, parameters by their bounds."""

    size: float
    period: float
    widths: Floats

    def row(self, direction: Orbit) -> Row:
        """Return the product with a direction."""
        return Row(direction.stages / self.size**2, direction.period / self.period**2,
                   direction.parameters / self.widths**2)  # fmt: skip

    def length(self, direction: Orbit) -> float:
        """Return the length of a direction."""
        states = mean_square(direction.weights, direction.stages, np.zeros(direction.x.shape[1]))
        others = (direction.period / self.period) ** 2 + np.sum((direction.parameters / self.widths) ** 2)
        return float(np.sqrt(states / self.size**2 + others))


def defect_of(family: Family, orbit: Orbit, closing: Closing | None = None) -> Defect:
    """Return by how much an orbit misses the equations."""
    return _defect(orbit, rates_of(family, orbit), closing)


def rates_of(family: Family, orbit: Orbit) -> Floats:
    """Return the right-hand side at the stages, (S, 4, N)."""
    return rates_at(family, orbit.stages.reshape(-1, family.n), orbit.parameters).reshape(orbit.stages.shape)


def _defect(orbit: Orbit, f: Floats, closing: Closing | None) -> Defect:
    (s, n), first = orbit.x.shape, orbit.x[0]
    at_stages, at_ends = np.empty((s, 4 * n)), np.empty((s, n))
    defects(orbit.x, orbit.stages, f, orbit.lengths * orbit.period, A, WEIGHTS, at_stages, at_ends)
    last = at_ends[-1]  # how far the orbit is from closing
    return Defect(at_stages, at_ends, last if closing is None else closing(orbit.parameters).missed(first, first + last))


@dataclass(frozen=True, eq=False)
class Linearised:
    """The equations around an orbit, with one row more than there are parameters: the first one is that of the phase.

    Attributes
    ----------
    orbit : Orbit
    field : Field
        Values at the stages.
    defect : Defect
    transfer : array, shape (S, N, N + 1 + q)
        Of each interval: derivatives of the state at its end by [state at its start, period, parameters].
    inverse, slopes, to_end, z, length, rows, factors
        What solving needs: see :mod:`analysis.bifurcations.cycles.kernels`.
    """

    orbit: Orbit
    field: Field
    defect: Defect
    transfer: Floats
    inverse: Floats  # (S, 4 N, 4 N) of the equations of the stages
    slopes: Floats  # (S, 4 N, N + 1 + q) derivatives of the stages
    to_end: Floats  # (S, N, 4 N)
    z: Floats  # (S + parts, N, N + 1 + q)
    length: int
    rows: tuple[Floats, Floats]  # coefficients on states and stages
    factors: tuple[Floats, Any]
    closing: Closing | None

    def solve(self, defect: Defect | None, rights: Floats) -> Orbit:
        """Return the direction that takes the defect away (None: one along solutions) and on which the rows have values."""
        s, n = self.orbit.x.shape
        if defect is None:
            defect = Defect(np.zeros((s, 4 * n)), np.zeros((s, n)), np.zeros(n))
        own = (self.inverse @ defect.stages[:, :, np.newaxis])[:, :, 0]
        rho = np.empty((len(self.z), n))
        right = np.zeros(len(self.factors[1]))
        if len(rights):
            right[-len(rights) :] = rights
        forward(self.transfer, self.to_end, self.length, own, defect.ends, *self.rows, rho, right)
        if self.closing is not None:
            last, end = slice(n * (len(self.z) - s - 1), n * (len(self.z) - s)), self.closing(self.orbit.parameters).end
            right[last] = end @ (right[last] + defect.ends[-1]) - defect.closing
        unknown, _ = lapack.dgetrs(*self.factors, right)
        x, stages = np.empty((s, n)), np.empty((s, 4 * n))
        backward(self.z, self.slopes, self.length, rho, own, unknown, x, stages)
        outer = unknown[n * (len(self.z) - s) :]
        return Orbit(self.orbit.mesh, x, stages.reshape(s, 4, n), float(outer[0]), outer[1:])

    def carried(self, starts: Floats) -> Orbit:
        """Return the solution of the linearised flow with states (parts, N) at the starts of the parts."""
        s, n = self.orbit.x.shape
        x = (self.z[:s, :, :n] @ starts[np.arange(s) // self.length][:, :, np.newaxis])[:, :, 0]
        stages = (self.slopes[:, :, :n] @ x[:, :, np.newaxis])[:, :, 0].reshape(s, 4, n)
        return Orbit(self.orbit.mesh, x, stages, 0.0, np.zeros(len(self.orbit.parameters)))

    @property
    def sign(self) -> float:
        """Sign of the determinant of the bordered system."""
        factors, pivots = self.factors
        swaps = np.count_nonzero(pivots != np.arange(len(pivots)))
        return float(np.prod(np.sign(np.diag(factors))) * (-1) ** swaps)

    @property
    def trace(self) -> float:
        """Integral of the trace of the Jacobian over a period."""
        s, n = self.orbit.x.shape
        traces = np.trace(self.field.jac, axis1=1, axis2=2).reshape(s, 4)
        return self.orbit.period * float(np.vdot(self.orbit.weights, traces))

    @property
    def part_matrices(self) -> Floats:
        """Derivatives (parts, N, N) of the state at the end of each part with respect to that at its start."""
        s, n = self.orbit.x.shape
        return np.ascontiguousarray(self.z[s:, :, :n])


def linearise(family: Family, orbit: Orbit, rows: list[Row], closing: Closing | None = None) -> Linearised:
    """Return the condensed equations around an orbit, with a row a parameter; without `closing` it is a closed one.

    The row of the phase, before those, forbids shifts along the orbit: the integral of <f, .> is zero.
    """
    s, n = orbit.x.shape
    width = n + 1 + family.m
    field = field_at(family, orbit.stages.reshape(-1, n), orbit.parameters)
    f = field.f.reshape(s, 4, n)
    matrix, right, to_end = np.empty((s, 4 * n, 4 * n)), np.empty((s, 4 * n, width)), np.empty((s, n, 4 * n))
    transfer = np.empty((s, n, width))
    local_equations(f, field.jac.reshape(s, 4, n, n), field.slopes.reshape(s, 4, n, -1), orbit.lengths, orbit.period, A,
                    WEIGHTS, matrix, right, to_end, transfer)  # fmt: skip
    inverse = np.linalg.inv(matrix)
    stages = inverse @ right
    transfer += to_end @ stages
    length, z = _chained(transfer)
    parts = len(z) - s
    condensed = np.zeros((parts * n + width - n, parts * n + width - n))
    rows = [Row(f / max(float(np.abs(f).max()), TINY), 0.0, np.zeros(family.m)), *rows]
    on_stages = np.array([row.stages * orbit.weights[:, :, np.newaxis] for row in rows]).reshape(len(rows), s, 4 * n)
    own = np.array([[row.period, *row.parameters] for row in rows])
    on_x = border(z, length, on_stages, own, stages, condensed)
    defect = _defect(orbit, f, closing)
    if closing is not None:
        _open(condensed, (parts - 1) * n, orbit, orbit.x[0] + defect.ends[-1], closing)
    factors, pivots, _ = lapack.dgetrf(condensed)
    return Linearised(orbit, field, defect, transfer, inverse, stages, to_end, z, length, (on_x, on_stages),
                      (factors, pivots), closing)  # fmt: skip


def _open(condensed: Floats, row: int, orbit: Orbit, last: Floats, closing: Closing) -> None:
    """Put the conditions on the ends where the matrix says that the orbit closes."""
    n, values = len(last), orbit.parameters
    at, block = closing(values), condensed[row : row + n]
    block[:, :n] += np.eye(n)
    block[:] = at.end @ block
    block[:, :n] += at.start
    for k, step in enumerate(np.diag(PARAMETER_STEP * np.maximum(1.0, np.abs(values)))):
        above, below = (closing(values + s * step).missed(orbit.x[0], last) for s in (1.0, -1.0))
        block[:, k - len(values)] += (above - below) / (2 * step[k])


def _chained(transfer: Floats) -> tuple[int, Floats]:
    """Return how many intervals make a part, and the states by those at the starts of their parts."""
    s, n, width = transfer.shape
    length = LENGTH_OF_A_PART
    while True:
        z = np.empty((s + -(-s // length), n, width))
        growth = chain(transfer, length, z)
        if length == 1 or not growth > LARGEST_GROWTH:
            return length, z
        length //= 2
