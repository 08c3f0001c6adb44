"""Newton's method for closed orbits, with equations that were linearised once as long as that contracts: chord steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bifurcations.cycles.kernels import backward, defects, forward
from analysis.bifurcations.cycles.linear import Closing, Linearised, Metric, Row, defect_of, linearise
from analysis.bifurcations.cycles.orbit import WEIGHTS, A, Orbit
from analysis.bifurcations.family import Family
from neurodynamics.compiling import call_arrays, kernel

LINEARISATIONS = 7
TOLERANCE, COARSE = 1e-11, 1e-10  # of what is left, relative; coarse where a Newton step follows
ROUNDING = 100 * np.finfo(float).eps
STEPS = 20
CONTRACTS = 0.3  # steps that shrink less are not worth their while
LONGEST = 2.0  # of a step, in units of the metric: farther away is another cycle
CONVERGED, SLOW, FAILED = range(3)


class Correction(NamedTuple):
    """A corrected orbit, the contraction of the second step, and the length of all steps together."""

    orbit: Orbit
    contraction: float
    distance: float


def correct(
    family: Family, guess: Orbit, rows: list[Row], metric: Metric, *, known: Linearised | None = None,
    tolerance: float = TOLERANCE, closing: Closing | None = None,
) -> Correction | None:  # fmt: skip
    """Return the cycle near a guess on which the rows have the same values, or None where there is none.

    `known` are equations linearised nearby on the same mesh.
    """
    orbit, linearised = guess, known
    chord = host_chord if family.system.host or closing is not None else compiled_chord
    contraction = 0.0
    floor = ROUNDING * max(1.0, float(np.abs(guess.x).max()) / metric.size)
    for count in range(LINEARISATIONS):
        try:
            linearised = linearised or linearise(family, orbit, rows, closing)
        except np.linalg.LinAlgError:  # an interval on which the equations of the stages are singular
            return None
        orbit, outcome, contracted = chord(family, linearised, orbit, metric, tolerance, floor)
        contraction = contracted if count == 0 else contraction
        if outcome == CONVERGED:
            return Correction(orbit, contraction, metric.length(orbit - guess))
        if outcome == FAILED:
            return None
        linearised = None
    return None


def host_chord(family: Family, at: Linearised, orbit: Orbit, metric: Metric, tolerance: float,
               floor: float) -> tuple[Orbit, int, float]:  # fmt: skip
    """Return the orbit, how it went, and the contraction of the second step."""
    before, first = np.inf, 0.0
    for step in range(STEPS):
        change = at.solve(defect_of(family, orbit, at.closing), np.zeros(0))
        length = metric.length(change)
        contraction = length / before if step else 1.0
        if not length < LONGEST:
            return orbit, FAILED, first
        if step and contraction > CONTRACTS and length > max(floor, tolerance):
            return orbit, SLOW, first
        orbit, before = orbit + change, length
        first = contraction if step == 1 else first
        if not orbit.period > 0:
            return orbit, FAILED, first
        if length <= floor or length * contraction <= tolerance:
            return orbit, CONVERGED, first
    return orbit, SLOW, first


def compiled_chord(family: Family, at: Linearised, orbit: Orbit, metric: Metric, tolerance: float,
                   floor: float) -> tuple[Orbit, int, float]:  # fmt: skip
    """Return the same as `host_chord`, from one kernel."""
    x, stages = orbit.x.copy(), orbit.stages.copy()
    outer = np.concatenate([[orbit.period], orbit.parameters])
    scales = np.concatenate([[metric.period], metric.widths])
    factors, pivots = at.factors
    outcome, first = _chord(
        family.system.function("rhs").address, family.rest, family.directions, family.drive, family.drives, orbit.lengths,
        orbit.weights, A, WEIGHTS, at.transfer, at.to_end, at.inverse, at.slopes, at.z, at.length, at.rows[0], at.rows[1],
        np.ascontiguousarray(factors), pivots, metric.size, scales, tolerance, floor, x, stages, outer,
    )  # fmt: skip
    family.system.raise_failures()
    return Orbit(orbit.mesh, x, stages, float(outer[0]), outer[1:]), outcome, first


@kernel
def _chord(rhs, rest, directions, drive, drives, h, weights, a, b, transfer, to_end, inverse, slopes, z, length, on_x,
           on_stages, factors, pivots, size, scales, tolerance, floor, x, stages, outer):  # fmt: skip
    s, m, n = stages.shape
    f, d_stages, d_ends = np.empty((s, m, n)), np.empty((s, m * n)), np.empty((s, n))
    own, rho, right = np.empty((s, m * n)), np.empty((z.shape[0], n)), np.empty(factors.shape[0])
    dx, du = np.empty((s, n)), np.empty((s, m * n))
    params, u, steps = rest.copy(), drive.copy(), np.empty(s)
    before, first = np.inf, 0.0
    for step in range(STEPS):
        _combine(outer, rest, directions, params)
        _combine(outer, drive, drives, u)
        for i in range(s):
            steps[i] = h[i] * outer[0]
            for j in range(m):
                call_arrays(rhs, 0.0, stages[i, j], u, params, f[i, j])
        defects(x, stages, f, steps, a, b, d_stages, d_ends)
        for i in range(s):
            for k in range(m * n):
                own[i, k] = 0.0
                for e in range(m * n):
                    own[i, k] += inverse[i, k, e] * d_stages[i, e]
        for k in range(right.size):
            right[k] = 0.0
        forward(transfer, to_end, length, own, d_ends, on_x, on_stages, rho, right)
        _substitute(factors, pivots, right)
        backward(z, slopes, length, rho, own, right, dx, du)
        first_outer = right.size - outer.size
        square = 0.0
        for i in range(s):
            for j in range(m):
                for c in range(n):
                    square += weights[i, j] * du[i, j * n + c] ** 2 / size**2
        for k in range(outer.size):
            square += (right[first_outer + k] / scales[k]) ** 2
        change = np.sqrt(square)
        contraction = change / before if step > 0 else 1.0
        if not change < LONGEST:
            return FAILED, first
        if step > 0 and contraction > CONTRACTS and change > max(floor, tolerance):
            return SLOW, first
        for i in range(s):
            for c in range(n):
                x[i, c] += dx[i, c]
                for j in range(m):
                    stages[i, j, c] += du[i, j * n + c]
        for k in range(outer.size):
            outer[k] += right[first_outer + k]
        before = change
        if step == 1:
            first = contraction
        if not outer[0] > 0.0:
            return FAILED, first
        if change <= floor or change * contraction <= tolerance:
            return CONVERGED, first
    return SLOW, first


@kernel
def _combine(outer, rest, directions, out):
    """Parameters, or inputs, at values that come after the period."""
    for i in range(rest.size):
        out[i] = rest[i]
        for k in range(outer.size - 1):
            out[i] += outer[1 + k] * directions[k, i]


@kernel
def _substitute(factors, pivots, right):
    """Solve with the factors of LAPACK's dgetrf."""
    n = right.size
    for i in range(n):
        other = pivots[i]
        right[i], right[other] = right[other], right[i]
    for i in range(n):
        for k in range(i):
            right[i] -= factors[i, k] * right[k]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            right[i] -= factors[i, k] * right[k]
        right[i] /= factors[i, i]
