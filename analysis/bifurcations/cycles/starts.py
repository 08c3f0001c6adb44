"""First points of branches of cycles: from a Hopf point, from a cycle, from a period doubling or branch point."""

from __future__ import annotations

import numpy as np

from analysis.bifurcations.cycles.corrector import correct
from analysis.bifurcations.cycles.linear import Metric, Row
from analysis.bifurcations.cycles.orbit import Orbit, adapted_mesh, orbit_on
from analysis.bifurcations.cycles.point import CyclePoint, point_of, unit
from analysis.bifurcations.cycles.problem import Cycles
from analysis.bifurcations.cycles.variations import closing
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


def from_hopf(cycles: Cycles, x: Floats, values: Floats, l1: float = np.nan) -> CyclePoint:
    """Return the first small cycle beside a Hopf point.

    Raises
    ------
    ValueError
        Where no eigenvalues are imaginary, or no cycle is found.
    """
    family = cycles.family
    omega, q = _imaginary_pair(family(np.concatenate([x, values]))[1][:, : family.n])
    mesh = np.linspace(0.0, 1.0, cycles.intervals + 1)
    wave = orbit_on(mesh, lambda s: (np.exp(2j * np.pi * s)[:, np.newaxis] * q).real, 0.0, np.zeros(family.m))
    still = Orbit(mesh, np.tile(x, (len(wave.x), 1)), np.tile(x, (*wave.stages.shape[:2], 1)), 2 * np.pi / omega, values)
    amplitude = SMALL * (1.0 + float(np.abs(x).max()))
    if np.isfinite(l1) and l1 != 0:
        amplitude = min(amplitude, float(np.sqrt(CUBIC / abs(l1))))
    for _ in range(HALVINGS):
        guess = still + amplitude * wave
        metric = Metric(guess.amplitude, guess.period, cycles.widths)
        rows = [metric.row(wave)]
        found = correct(family, guess, rows, metric)
        if found is not None and found.distance < 1.0 and found.orbit.amplitude > 0.3 * guess.amplitude:
            point = point_of(family, found.orbit, rows, metric)
            if abs(point.value - values[0]) < VERTICAL * cycles.widths[0] and np.abs(point.others - 1).min() < VERTICAL:
                raise ValueError(FAMILY)
            return point
        amplitude /= 2
    raise ValueError("no small cycle was found beside the Hopf point; begin from a limit_cycle.")


def _imaginary_pair(A: Floats) -> tuple[float, np.ndarray]:
    eigenvalues, vectors = np.linalg.eig(A)
    pairs = np.flatnonzero(eigenvalues.imag > 0)
    k = int(pairs[np.argmin(np.abs(eigenvalues[pairs].real))]) if pairs.size else -1
    if k < 0 or abs(eigenvalues[k].real) > IMAGINARY * eigenvalues[k].imag:
        raise ValueError("`start` has no pair of imaginary eigenvalues; a branch of cycles begins at a Hopf point.")
    return float(eigenvalues[k].imag), vectors[:, k]


def orbit_of(cycle: LimitCycle, values: Floats, intervals: int) -> Orbit:
    """Return a cycle on a mesh of its own."""
    mesh = np.linspace(0.0, 1.0, 2 * intervals + 1)
    out = orbit_on(mesh, lambda s: cycle(np.minimum(s, 1.0) * cycle.period).T, cycle.period, values)
    for _ in range(3):
        out = out.on(adapted_mesh(out, intervals))
    return out


def from_cycle(cycles: Cycles, cycle: LimitCycle, values: Floats) -> CyclePoint:
    """Return the corrected point of a cycle, with the tangent towards larger values of the parameter."""
    if cycle.system.state_dim != cycles.family.n:
        raise ValueError(f"`start` is a cycle of a system with {cycle.system.state_dim} states; `system` has "
                         f"{cycles.family.n}.")  # fmt: skip
    angles = cycle.system.angles
    if (np.abs(cycle.y[angles.states, -1] - cycle.y[angles.states, 0]) > 0.5 * angles.periods).any():
        raise ValueError("`start` goes round: branches of rotations are not followed; follow the point of a `poincare_map`.")
    rough = orbit_of(cycle, values, cycles.intervals)
    metric = Metric(max(rough.amplitude, 1e-300), rough.period, cycles.widths)
    rows = [Row(np.zeros_like(rough.stages), 0.0, each) for each in np.diag(1.0 / cycles.widths)]
    found = correct(cycles.family, rough, rows, metric)
    if found is None or found.orbit.amplitude < 0.1 * rough.amplitude:
        raise ValueError("`start`: no cycle was found near it; find one with limit_cycle first.")
    return point_of(cycles.family, found.orbit, rows, metric)


def from_doubling(cycles: Cycles, at: CyclePoint) -> CyclePoint:
    """Return the first point of the branch of twice the period that leaves a period doubling."""
    vector, once = _critical(at, -1.0), at.u
    mesh = np.concatenate([once.mesh / 2, 0.5 + once.mesh[1:] / 2])
    double = Orbit(mesh, np.tile(once.x, (2, 1)), np.tile(once.stages, (2, 1, 1)), 2 * once.period, once.parameters)
    direction = Orbit(mesh, np.concatenate([vector.x, -vector.x]), np.concatenate([vector.stages, -vector.stages]), 0.0,
                      np.zeros(cycles.family.m))  # fmt: skip
    return _off(cycles, double, direction, at.metric)


def from_branch_point(cycles: Cycles, at: CyclePoint) -> CyclePoint:
    """Return the first point of the other branch through a branch point of cycles."""
    vector, along = _critical(at, 1.0), at.metric.row(at.t)
    return _off(cycles, at.u, vector - (along.of(vector) / along.of(at.t)) * at.t, at.metric)


def _critical(at: CyclePoint, multiplier: float) -> Orbit:
    """The solution of the linearised equations over a period of which the end is `multiplier` times the start."""
    parts = at.linearised.part_matrices
    space = np.linalg.svd(closing(parts, multiplier))[2][-2 if multiplier == 1.0 else -1 :]
    candidates = [at.linearised.carried(vector.reshape(parts.shape[:2])) for vector in space]
    vector = candidates[0] if multiplier != 1.0 else _without_shift(at.u, candidates, at.linearised.field.f)
    return unit(vector, at.metric)


def _without_shift(orbit: Orbit, candidates: list[Orbit], f: Floats) -> Orbit:
    """The direction of a plane that does not shift the orbit in time."""
    row = Row(f.reshape(orbit.stages.shape), 0.0, np.zeros(len(orbit.parameters)))
    along = [row.of(candidate) for candidate in candidates]
    return along[1] * candidates[0] - along[0] * candidates[1]


def _off(cycles: Cycles, orbit: Orbit, direction: Orbit, before: Metric) -> CyclePoint:
    metric = before._replace(period=orbit.period)
    direction = unit(direction, metric)
    rows = [metric.row(direction)]
    for halvings in range(HALVINGS):
        found = correct(cycles.family, orbit + (NEAR / 2**halvings) * direction, rows, metric)
        if found is not None and found.distance < 0.5 * NEAR / 2**halvings:
            return point_of(cycles.family, found.orbit, rows, metric)
    raise ValueError("no cycle was found beside the special point; it may be degenerate.")
