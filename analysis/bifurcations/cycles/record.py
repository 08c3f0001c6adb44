"""Branches of cycles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.bifurcations.cycles.corrector import TOLERANCE
from analysis.bifurcations.cycles.kernels import extremes
from analysis.bifurcations.cycles.orbit import SUPPORT, Orbit
from analysis.bifurcations.cycles.point import CyclePoint
from analysis.bifurcations.cycles.problem import Cycles
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, Points
from analysis.cycles import LimitCycle
from neurodynamics import Kind, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.simulation import DenseOutput
from neurodynamics.validation import Floats, as_number

UNKNOWN = "the orbit closes; its multipliers are not exact enough to tell its stability"


@dataclass(frozen=True, eq=False, repr=False)
class CycleBranch(Record):
    """A branch of cycles over a parameter. An item is a `LimitCycle`; :meth:`at` returns those at a value.

    Attributes
    ----------
    parameter : str
    values : array, shape (K,)
        Of the parameter.
    period : array, shape (K,)
    minimum, maximum : arrays, shape (K, N)
        Of each state along the cycle.
    multipliers : complex array, shape (K, N)
        By modulus, the trivial one included.
    stable : bool array, shape (K,)
        Where all multipliers but the trivial one are inside the unit circle, as far as that is known.
    undecided : bool array, shape (K,)
        Where stability is not known: multipliers are not exact, as at canards, and volumes do not grow along the cycle. In
        the plane the integral of the divergence decides.
    trivial_error, determinant_error : arrays, shape (K,)
        How far the trivial multiplier is from 1, and the logarithm of the product of all of them from the integral of the
        trace. Bifurcations are looked for only where both are small (`reliable`).
    mesh_error : array, shape (K,)
        Of the cycle between the points of its mesh, relative to its size; the states at those points are far more exact.
    points : Points
        Folds of cycles (LPC), branch points (BP), period doublings (PD), Neimark-Sacker points (NS).
    ends : tuple of End
        How it ends at its first and at its last point.
    status : Status
    """

    parameter: str
    values: Floats
    period: Floats
    minimum: Floats
    maximum: Floats
    multipliers: np.ndarray
    stable: np.ndarray
    undecided: np.ndarray
    reliable: np.ndarray
    trivial_error: Floats
    determinant_error: Floats
    mesh_error: Floats
    points: Points
    ends: tuple[End, End]
    status: Status
    bounds: Floats
    family: Family
    _points: tuple[CyclePoint, ...]

    @property
    def success(self) -> bool:
        """Whether the branch was followed to its ends."""
        return self.status.success

    def at(self, value: float) -> tuple[LimitCycle, ...]:
        """Return all cycles of the branch at a value of the parameter, on meshes twice as fine."""
        wanted = as_number(value, "value")
        gaps, found = self.values - wanted, []
        problem = Cycles(self.family, self.bounds[np.newaxis], 0, 1.0)
        for k in np.flatnonzero((gaps[:-1] * gaps[1:] <= 0) & (gaps[1:] != 0)):
            point = problem.landed(*problem.shared(self._points[k], self._points[k + 1], finer=True), 0, wanted, TOLERANCE)
            if point is not None:
                found.append(limit_cycle_of(self.family, point))
        if gaps.size and gaps[-1] == 0:
            found.append(self[-1])
        return tuple(found)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, k: int) -> LimitCycle:
        return limit_cycle_of(self.family, self._points[k])

    def __iter__(self) -> Iterator[LimitCycle]:
        return (self[k] for k in range(len(self)))

    plot = drawn("plot_cycle_branch", "Draw the range of a state over the parameter")

    plot_period = drawn("plot_cycle_periods", "Draw the period over the parameter")

    def __repr__(self) -> str:
        if not len(self):
            return f"CycleBranch({self.parameter}, no points)"
        labels = ", ".join(self.points.labels)
        ends = " and ".join(end.kind.value for end in self.ends)
        span = f"{self.values.min():.6g} .. {self.values.max():.6g}"
        return f"CycleBranch({self.parameter} {span}, {len(self)} cycles, ends: {ends}{'; ' if labels else ''}{labels})"


def branch_of(family: Family, bounds: Floats, points: list[CyclePoint], special: Points, ends: tuple[End, End],
              status: Status) -> CycleBranch:  # fmt: skip
    """Return the record of a branch."""
    n, count = family.n, len(points)
    flags = [(point.stable, point.undecided, point.reliable) for point in points]
    stable, undecided, reliable = np.array(flags, dtype=bool).reshape(count, 3).T
    extremes = [extremes_of(point.u) for point in points]
    return CycleBranch(
        family.parameters[0].name, np.array([point.value for point in points]),
        np.array([point.u.period for point in points]), np.array([low for low, _ in extremes]).reshape(count, n),
        np.array([high for _, high in extremes]).reshape(count, n),
        np.array([point.multipliers for point in points]).reshape(count, n), stable, undecided, reliable,
        np.array([point.trivial_error for point in points]),
        np.array([point.determinant_error for point in points]), np.array([point.mesh_error for point in points]),
        special, ends, status, bounds, family, tuple(points),
    )  # fmt: skip


def extremes_of(orbit: Orbit) -> tuple[Floats, Floats]:
    """Return least and largest values (N,) of the states along an orbit."""
    out = np.empty((2, orbit.x.shape[1]))
    extremes(orbit.polynomials(), out)
    return out[0], out[1]


def limit_cycle_of(family: Family, point: CyclePoint) -> LimitCycle:
    """Return a point of a branch as a `LimitCycle`, beginning where the state of the widest range is largest."""
    orbit = _rotated(point.u)
    period, times = orbit.period, orbit.mesh * orbit.period
    system, drive = family.at(np.concatenate([np.zeros(family.n), orbit.parameters]))
    sol = DenseOutput(np.column_stack([times[:-1], np.diff(times), times[1:]]), orbit.polynomials())
    stages = np.concatenate([orbit.x[:, np.newaxis], orbit.stages], axis=1).reshape(-1, family.n)
    t = np.append((times[:-1, np.newaxis] + SUPPORT * np.diff(times)[:, np.newaxis]).ravel(), period)
    threshold = max(10 * point.trivial_error, 1e-9)
    return LimitCycle(
        kind=Kind.LIMIT_CYCLE, period=period, t=t, y=np.vstack([stages, stages[:1]]).T, multipliers=point.multipliers,
        log_moduli=point.log_moduli,
        trivial_error=point.trivial_error, log_determinant=point.linearised.trace,
        determinant_error=point.determinant_error, stable=point.stable,
        threshold=threshold, residual=point.linearised.defect.size, parts=len(orbit.x),
        jacobian="analytic" if system.has("jac") else "finite differences", status=Status.SUCCESS,
        message=UNKNOWN if point.undecided else "the orbit closes", system=system, inputs=drive, sol=sol,
    )  # fmt: skip


def _rotated(orbit: Orbit) -> Orbit:
    k = int(np.argmax(orbit.x[:, np.argmax(np.ptp(orbit.x, axis=0))]))
    mesh = np.concatenate([orbit.mesh[k:-1], 1 + orbit.mesh[: k + 1]]) - orbit.mesh[k]
    return Orbit(mesh, np.roll(orbit.x, -k, axis=0), np.roll(orbit.stages, -k, axis=0), orbit.period, orbit.parameters)
