"""A corrected cycle: its tangent, its multipliers, and how exact they are; and functions of these that change sign.

A fold is where the parameter turns along the branch, a branch point where the bordered determinant changes sign, a period
doubling where a multiplier passes -1, a Neimark-Sacker bifurcation where a complex pair passes the unit circle. Pairs of
real multipliers with the product 1 (neutral saddle cycles) change none of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from analysis.bifurcations.cycles.linear import Closing, Linearised, Metric, Row, linearise
from analysis.bifurcations.cycles.orbit import Orbit, mesh_error
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import SpecialKind
from analysis.cycles import eigenvalues_of_product
from neurodynamics.validation import Floats

MARGIN, LOG_MARGIN = 1e-3, 0.1  # errors of the trivial one and of the determinant, above which nothing is concluded
OFF_CIRCLE = 1e-6  # a multiplier closer to the unit circle does not count as off it
LARGEST_SPREAD = 1e6  # of the singular values of a part; its small directions would be lost in rounding
COARSEST = 1e-3  # error of the mesh above which integrals and changes of sign say nothing
STANDS = 1e-12  # part of the parameter in tangents, below which a turn is rounding: canards turn very flatly
REAL = 1e-7  # imaginary part of a multiplier, relative
NOT_WATCHED = np.empty(0)


class CyclePoint(NamedTuple):
    """A cycle of a family with q parameters.

    u, t: orbit and tangent of length 1; linearised: with the rows of the phase and of the metric along the tangent before;
    multipliers, log_moduli (N,): by modulus, and the logarithms of those, also below the smallest number; trivial: which of
    them is the trivial one; sign: of the bordered determinant, with the tangent; trivial_error: how far the trivial
    multiplier is from 1, as a product of matrices; contraction, distance: of the corrector;
    tests: for points of codimension two, along a curve.
    """

    u: Orbit
    t: Orbit
    linearised: Linearised
    metric: Metric
    multipliers: np.ndarray
    log_moduli: Floats
    trivial: int
    sign: float
    trivial_error: float
    determinant_error: float
    mesh_error: float
    contraction: float = 0.0
    distance: float = 0.0
    tests: Floats = NOT_WATCHED

    @property
    def value(self) -> float:
        """The first parameter."""
        return float(self.u.parameters[0])

    @property
    def error(self) -> float:
        """How far the states at the mesh points may be off, relative."""
        return self.mesh_error**1.6

    @property
    def others(self) -> np.ndarray:
        """The multipliers without the trivial one."""
        return np.delete(self.multipliers, self.trivial)

    @property
    def reliable(self) -> bool:
        """Whether conclusions may be drawn from the multipliers."""
        return bool(self.trivial_error <= MARGIN and self.determinant_error <= LOG_MARGIN)

    @property
    def stable(self) -> bool:
        """Whether all multipliers but the trivial one are inside the unit circle, as far as that is known.

        Gauss collocation keeps apart growth and decay however long its intervals, so the determinant does not matter here.
        """
        return bool(self._told and (np.abs(self.others) < 1 - OFF_CIRCLE).all())

    @property
    def undecided(self) -> bool:
        """Whether stability is not known: the multipliers are not exact, and volumes do not grow."""
        return not (self._told or (self.linearised.trace > LOG_MARGIN and self.mesh_error <= COARSEST))

    @property
    def _told(self) -> bool:
        """Whether the multipliers tell the stability; in the plane, integrals do, which are as exact as the cycle."""
        in_plane = len(self.multipliers) == 2 and abs(self.linearised.trace) > LOG_MARGIN and self.mesh_error <= COARSEST
        return bool(in_plane or self.trivial_error <= MARGIN)

    def turned(self) -> CyclePoint:
        """Return the same cycle, with the tangent in the other direction."""
        return self._replace(t=-1.0 * self.t, sign=-self.sign)

    def on(self, mesh: Floats) -> CyclePoint:
        """Return the point on another mesh, not corrected."""
        return self if mesh is self.u.mesh else self._replace(u=self.u.on(mesh), t=self.t.on(mesh))


def point_of(family: Family, orbit: Orbit, towards: list[Row], metric: Metric,
             closing: Closing | None = None) -> CyclePoint:  # fmt: skip
    """Return the point of a corrected orbit, after one more Newton step.

    The tangent has a positive first row of `towards`, zero others. An orbit that is not closed has no multipliers.
    """
    linearised = linearise(family, orbit, towards, closing)
    orbit = orbit + linearised.solve(linearised.defect, np.zeros(0))
    tangent = unit(linearised.solve(None, np.eye(len(towards))[0]), metric)
    if closing is not None:
        none = np.full(family.n, np.nan)
        return CyclePoint(orbit, tangent, linearised, metric, none + 0j, none, 0, 1.0, np.nan, np.nan, mesh_error(orbit))
    product = eigenvalues_of_product(matrices_of(linearised))
    trivial = int(np.argmin(np.abs(product.eigenvalues - 1)))
    errors = float(abs(product.eigenvalues[trivial] - 1)), float(abs(product.log_determinant - linearised.trace))
    multipliers, log_moduli = product.eigenvalues, product.log_moduli
    if family.n == 2:
        multipliers, log_moduli, trivial = planar(linearised.trace)
    return CyclePoint(orbit, tangent, linearised, metric, multipliers, log_moduli, trivial, linearised.sign, *errors,
                      mesh_error(orbit))  # fmt: skip


def planar(trace: float) -> tuple[np.ndarray, Floats, int]:
    """Return the multipliers in the plane, their logarithms, and which is trivial: Liouville's formula leaves no other."""
    logs = np.sort([trace, 0.0])[::-1]
    with np.errstate(all="ignore"):  # logarithms tell what is beyond all numbers
        return np.exp(logs).astype(complex), logs, int(trace > 0.0)


def unit(direction: Orbit, metric: Metric) -> Orbit:
    """Return a direction of length 1."""
    return direction * (1.0 / metric.length(direction))


def matrices_of(linearised: Linearised) -> Floats:
    """Return matrices whose product is the monodromy matrix: of parts, or of intervals where parts spread too much."""
    parts = linearised.part_matrices
    sizes = np.linalg.svd(parts, compute_uv=False)
    if (sizes[:, 0] < LARGEST_SPREAD * sizes[:, -1]).all():
        return parts
    return np.ascontiguousarray(linearised.transfer[:, :, : parts.shape[1]])


# Tests ---------------------------------------------------------------------------------------------------------------


def fold(point: CyclePoint) -> float:
    """Return the first parameter's part of the tangent; in the plane the logarithm of the multiplier.

    The latter is zero there too, and changes quickly along a canard, where the parameter hardly changes at all.
    """
    if len(point.multipliers) == 2:
        return point.linearised.trace
    return float(point.t.parameters[0] / point.metric.widths[0])


def branching(point: CyclePoint) -> float:
    """Return the distance of the nearest multiplier to 1, with the sign of the bordered determinant."""
    return point.sign * float(np.abs(point.others - 1).min(initial=1.0))


def doubling(point: CyclePoint) -> float:
    """Return the distance of the nearest multiplier to -1, with the sign of the product of all of them."""
    distances = point.others + 1
    sign = (-1.0) ** np.count_nonzero(is_real(distances) & (distances.real < 0))
    return float(sign * np.abs(distances).min(initial=1.0))


def torus(point: CyclePoint) -> float:
    """Return by how much the complex pair that is nearest to the unit circle is outside it; -1 without one."""
    pairs = point.others[~is_real(point.others)]
    sizes = np.abs(pairs) - 1 if pairs.size else np.array([-1.0])
    return float(sizes[np.argmin(np.abs(sizes))])


def critical_angle(point: CyclePoint) -> float:
    """Return the angle of the complex pair that is nearest to the unit circle; nan without one."""
    pairs = point.others[~is_real(point.others)]
    return float(abs(np.angle(pairs[np.argmin(np.abs(np.abs(pairs) - 1))]))) if pairs.size else np.nan


def is_real(values: np.ndarray) -> np.ndarray:
    """Which of the multipliers are real."""
    return np.abs(values.imag) <= REAL * np.abs(values)


TESTS: dict[SpecialKind, Callable[[CyclePoint], float]] = {
    SpecialKind.LPC: fold, SpecialKind.BP: branching, SpecialKind.PD: doubling, SpecialKind.NS: torus,
}  # fmt: skip


def crossings(a: CyclePoint, b: CyclePoint) -> list[SpecialKind]:
    """Return the bifurcations between two points of a branch; where multipliers are not reliable, only folds are seen."""
    found = []
    reliable = a.reliable and b.reliable
    branches = reliable and a.sign * b.sign < 0
    turns = fold(a) * fold(b) < 0 and max(abs(fold(a)), abs(fold(b))) > STANDS
    if turns and not (branches and len(a.multipliers) == 2):  # in the plane only one multiplier can be 1
        found.append(SpecialKind.LPC)
    if not reliable:
        return found
    if branches:
        found.append(SpecialKind.BP)
    if doubling(a) * doubling(b) < 0:
        found.append(SpecialKind.PD)
    if abs(_outside(b) - _outside(a)) >= 2:
        found.append(SpecialKind.NS)
    return found


def _outside(point: CyclePoint) -> int:
    """How many complex multipliers are outside the unit circle, with real ones that came in pairs."""
    outside = point.others[np.abs(point.others) > 1]
    real = outside[is_real(outside)].real
    return len(outside) - int(np.count_nonzero(real < 0)) % 2 - int(np.count_nonzero(real > 0)) % 2
