"""A corrected cycle on a branch: its tangent, its multipliers, and how exact they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bifurcations.collocation import Orbit
from analysis.bifurcations.collocation_linear import Linearised, Metric, Row, linearise
from analysis.bifurcations.collocation_mesh import mesh_error
from analysis.bifurcations.family import Family
from analysis.cycles import eigenvalues_of_product
from neurodynamics.validation import Floats

MARGIN, LOG_MARGIN = 1e-3, 0.1  # errors of the trivial one and of the determinant, above which nothing is concluded
OFF_CIRCLE = 1e-6  # a multiplier closer to the unit circle does not count as off it
LARGEST_SPREAD = 1e6  # of the singular values of a part; its small directions would be lost in rounding


@dataclass(frozen=True, eq=False)
class CyclePoint:
    """A cycle of a family with q parameters, and its tangents.

    Attributes
    ----------
    orbit : Orbit
    tangent : Orbit
        Along the branch, of length 1; where q > 1: along the cycles of which only the first parameter varies.
    linearised : Linearised
        With the rows of the phase and of the metric along the tangent before.
    metric : Metric
    multipliers, log_moduli : arrays, shape (N,)
        By modulus; the logarithms of their moduli, also where those are below the smallest number.
    trivial : int
        Which of them is the trivial one.
    determinant_error, mesh_error : float
    """

    orbit: Orbit
    tangent: Orbit
    linearised: Linearised
    metric: Metric
    multipliers: np.ndarray
    log_moduli: Floats
    trivial: int
    determinant_error: float
    mesh_error: float

    @property
    def value(self) -> float:
        """The first parameter."""
        return float(self.orbit.parameters[0])

    @property
    def others(self) -> np.ndarray:
        """The multipliers without the trivial one."""
        return np.delete(self.multipliers, self.trivial)

    @property
    def trivial_error(self) -> float:
        """How far the trivial multiplier is from 1."""
        return float(abs(self.multipliers[self.trivial] - 1))

    @property
    def reliable(self) -> bool:
        """Whether conclusions may be drawn from the multipliers."""
        return bool(self.trivial_error <= MARGIN and self.determinant_error <= LOG_MARGIN)

    @property
    def stable(self) -> bool:
        """Whether all multipliers but the trivial one are inside the unit circle.

        Gauss collocation keeps apart growth and decay however long its intervals, so the determinant does not matter here.
        """
        return bool(self.trivial_error <= MARGIN and (np.abs(self.others) < 1 - OFF_CIRCLE).all())

    @property
    def deviation(self) -> Floats:
        """Stages (S, 4, N) as seen from the average."""
        return self.orbit.stages - self.orbit.mean

    def turned(self, family: Family) -> CyclePoint:
        """Return the same cycle, with the tangent in the other direction."""
        row = self.metric.row(self.tangent)
        return point_of(family, self.orbit, [Row(-row.stages, -row.period, -row.parameters)], self.metric)


def point_of(family: Family, orbit: Orbit, towards: list[Row], metric: Metric) -> CyclePoint:
    """Return the point of a corrected orbit, after one more Newton step.

    The tangent has a positive first row of `towards`, zero others.
    """
    linearised = linearise(family, orbit, towards)
    orbit = orbit.moved(linearised.solve(linearised.defect, np.zeros(0)))
    tangent = linearised.solve(None, np.eye(len(towards))[0])
    tangent = tangent.moved(tangent, 1 / metric.length(tangent) - 1)
    product = eigenvalues_of_product(matrices_of(linearised))
    trivial = int(np.argmin(np.abs(product.eigenvalues - 1)))
    error = abs(product.log_determinant - linearised.trace)
    return CyclePoint(orbit, tangent, linearised, metric, product.eigenvalues, product.log_moduli, trivial, float(error),
                      mesh_error(orbit))  # fmt: skip


def matrices_of(linearised: Linearised) -> Floats:
    """Return matrices whose product is the monodromy matrix: of parts, or of intervals where parts spread too much."""
    parts = linearised.part_matrices
    norms = np.linalg.norm(parts, axis=(1, 2)) ** parts.shape[1]
    if (norms < LARGEST_SPREAD * np.abs(np.linalg.det(parts))).all():
        return parts
    return np.ascontiguousarray(linearised.transfer[:, :, : parts.shape[1]])
