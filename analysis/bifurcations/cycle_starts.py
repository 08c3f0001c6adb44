"""First points of branches of cycles: from a Hopf point, from a cycle, from a state, from a period doubling."""

from __future__ import annotations

import numpy as np

from analysis.bifurcations.collocation import Orbit, orbit_on
from analysis.bifurcations.collocation_linear import Row
from analysis.bifurcations.collocation_mesh import adapted_mesh
from analysis.bifurcations.cycle_corrector import correct
from analysis.bifurcations.cycle_point import CyclePoint, Metric, point_of
from analysis.bifurcations.cycle_walk import at_value
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import SpecialPoint
from analysis.cycles import LimitCycle
from neurodynamics.validation import Floats

SMALL = 0.01  # first amplitude of a cycle beside a Hopf point, by the size of the state
CUBIC = 0.1  # share of cubic terms in the growth that the normal form allows at first
HALVINGS = 12
NEAR = 0.01  # first step onto a branch that leaves another one, by the size of the cycle
IMAGINARY = 1e-3  # real part by imaginary part of a pair that still is a Hopf point's

VERTICAL = 1e-9
FAMILY = (
    "`start` is a degenerate Hopf point: its cycles, of all sizes, are at one value of the parameter, as in linear systems. "
    "There is no branch to follow."
)


def from_hopf(family: Family, x: Floats, values: Floats, widths: Floats, intervals: int, l1: float = np.nan) -> CyclePoint:
    """Return the first small cycle beside a Hopf point.

    Raises
    ------
    ValueError
        Where no eigenvalues are imaginary, or no cycle is found.
    """
    A = family(np.concatenate([x, values]))[1][:, : family.n]
    eigenvalues, vectors = np.linalg.eig(A)
    pairs = np.flatnonzero(eigenvalues.imag > 0)
    k = int(pairs[np.argmin(np.abs(eigenvalues[pairs].real))]) if pairs.size else -1
    if k < 0 or abs(eigenvalues[k].real) > IMAGINARY * eigenvalues[k].imag:
        raise ValueError("`start` has no pair of imaginary eigenvalues; a branch of cycles begins at a Hopf point.")
    omega, q = float(eigenvalues[k].imag), vectors[:, k]
    mesh = np.linspace(0.0, 1.0, intervals + 1)
    wave = orbit_on(mesh, lambda s: (np.exp(2j * np.pi * s)[:, np.newaxis] * q).real, 0.0, np.zeros(family.m))
    amplitude = SMALL * (1.0 + float(np.abs(x).max()))
    if np.isfinite(l1) and l1 != 0:
        amplitude = min(amplitude, float(np.sqrt(CUBIC / abs(l1))))
    for _ in range(HALVINGS):
        guess = Orbit(mesh, x + amplitude * wave.x, x + amplitude * wave.stages, 2 * np.pi / omega, values)
        metric = Metric(guess.amplitude, guess.period, widths)
        rows = [metric.row(wave)]
        found = correct(family, guess, rows, metric)
        if found is not None and found.distance < 1.0 and found.orbit.amplitude > 0.3 * guess.amplitude:
            point = point_of(family, found.orbit, rows, metric)
            if abs(point.value - values[0]) < VERTICAL * widths[0] and np.abs(point.others - 1).min() < VERTICAL:
                raise ValueError(FAMILY)
            return point
        amplitude /= 2
    raise ValueError("no small cycle was found beside the Hopf point; begin from a limit_cycle.")


def from_cycle(family: Family, cycle: LimitCycle, values: Floats, widths: Floats, intervals: int) -> CyclePoint:
    """Return the corrected point of a cycle, with the tangent towards larger values of the parameter."""
    mesh = np.linspace(0.0, 1.0, 2 * intervals + 1)
    rough = orbit_on(mesh, lambda s: cycle(np.minimum(s, 1.0) * cycle.period).T, cycle.period, values)
    for _ in range(3):
        rough = rough.on(adapted_mesh(rough, intervals))
    return from_orbit(family, rough, widths)


def from_orbit(family: Family, rough: Orbit, widths: Floats) -> CyclePoint:
    """Return the corrected point of a rough orbit."""
    metric = Metric(max(rough.amplitude, 1e-300), rough.period, widths)
    orbit = at_value(family, rough, float(rough.parameters[0]), metric)
    if orbit is None or orbit.amplitude < 0.1 * rough.amplitude:
        raise ValueError("`start`: no cycle was found near it; find one with limit_cycle first.")
    rows = [Row(np.zeros_like(orbit.stages), 0.0, each) for each in np.eye(family.m)]
    return point_of(family, orbit, rows, metric)


def from_doubling(family: Family, point: SpecialPoint) -> CyclePoint:
    """Return the first point of the branch of twice the period that leaves a period doubling."""
    at = point.data["point"]
    vector = _critical(at, -1.0)
    once = at.orbit
    mesh = np.concatenate([once.mesh / 2, 0.5 + once.mesh[1:] / 2])
    double = Orbit(mesh, np.tile(once.x, (2, 1)), np.tile(once.stages, (2, 1, 1)), 2 * once.period, once.parameters)
    direction = Orbit(mesh, np.concatenate([vector.x, -vector.x]), np.concatenate([vector.stages, -vector.stages]), 0.0,
                      np.zeros(family.m))  # fmt: skip
    return _off(family, double, direction, at.metric)


def from_branch_point(family: Family, point: SpecialPoint) -> CyclePoint:
    """Return the first point of the other branch through a branch point of cycles."""
    at = point.data["point"]
    vector = _critical(at, 1.0)
    metric = at.metric
    along = metric.row(at.tangent)
    across = vector.moved(at.tangent, -along.of(vector) / along.of(at.tangent))
    return _off(family, at.orbit, across, metric)


def _critical(at: CyclePoint, multiplier: float) -> Orbit:
    """The solution of the linearised equations over a period of which the end is `multiplier` times the start."""
    matrices = at.linearised.part_matrices
    count, n = matrices.shape[:2]
    matrix, cells = np.zeros((count * n, count * n)), np.arange(count)
    closing = np.where(cells == count - 1, multiplier, 1.0)[:, np.newaxis, np.newaxis] * np.eye(n)
    blocks = matrix.reshape(count, n, count, n)
    blocks[cells, :, cells, :] += matrices
    blocks[cells, :, (cells + 1) % count, :] -= closing
    space = np.linalg.svd(matrix)[2][-2 if multiplier == 1.0 else -1 :]
    candidates = [at.linearised.carried(vector.reshape(count, n)) for vector in space]
    vector = candidates[0] if multiplier != 1.0 else _without_shift(at.orbit, candidates, at.linearised.field.f)
    return vector.moved(vector, 1 / at.metric.length(vector) - 1)


def _without_shift(orbit: Orbit, candidates: list[Orbit], f: Floats) -> Orbit:
    """The direction of a plane that does not shift the orbit in time."""
    row = Row(f.reshape(orbit.stages.shape), 0.0, np.zeros(len(orbit.parameters)))
    along = [row.of(candidate) for candidate in candidates]
    return candidates[0].moved(candidates[0], along[1] - 1).moved(candidates[1], -along[0])


def _off(family: Family, orbit: Orbit, direction: Orbit, before: Metric) -> CyclePoint:
    metric = before._replace(period=orbit.period)
    direction = direction.moved(direction, 1 / metric.length(direction) - 1)
    rows = [metric.row(direction)]
    for halvings in range(HALVINGS):
        found = correct(family, orbit.moved(direction, NEAR / 2**halvings), rows, metric)
        if found is not None and found.distance < 0.5 * NEAR / 2**halvings:
            return point_of(family, found.orbit, rows, metric)
    raise ValueError("no cycle was found beside the special point; it may be degenerate.")
