"""Neighbourhoods of attractors that are not points: tubes around cycles, clouds of points of tori and chaos."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from analysis.attractors.flight import Flight
from neurodynamics.systems import NO_ANGLES, Angles
from neurodynamics.validation import Floats

WIDEST = 1e-3  # of the extent of a cycle: the first radius of a tube that is tried, where a smooth f is its linearisation
HALVINGS = 12
PHASES, DIRECTIONS = 12, 24  # displacements that a tube is tried with
DRAWN_IN = 0.5  # of the radius: where all of them must be in the end
LOOKS, FOLDS, MOST_TURNS = 12, 8.0, 500  # until the slowest of them has fallen e-fold so often
WANDERING = 100.0  # radii: displacements may grow at first, but not out of sight
IN_TUBE, IN_CLOUD = 2, 10  # looks in a row after which a state belongs to the attractor
SLACK = 1.5  # times the widest gap seen between a cloud and new points of the same trajectory


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The states within a distance of a set of points, or of the closed curve through them.

    Attributes
    ----------
    points : array, shape (K, N)
    radius : float
        In scaled coordinates.
    scale : array, shape (N,)
        What a unit of each coordinate is worth.
    curve : bool
        Whether the points are joined by lines.
    looks : int
        How often in a row a state must be seen inside.
    sides : array, shape (N,), or None
        On which side of ``y_i = 0``, +1 or -1, a state must be; 0: no matter.
    """

    points: Floats
    radius: float
    scale: Floats
    curve: bool
    looks: int
    sides: Floats | None = None
    angles: Angles = NO_ANGLES

    def __post_init__(self) -> None:
        object.__setattr__(self, "_around", self._scaled(self.points))
        object.__setattr__(self, "_tree", cKDTree(self._around))  # type: ignore[attr-defined]

    def _scaled(self, states: Floats) -> Floats:
        return self.angles.embed(states) / self.angles.weights(self.scale)

    def distance(self, states: Floats) -> Floats:
        """Return the scaled distances (K,) of states (K, N) from the set; infinite where a state is no number."""
        out = np.full(len(states), np.inf)
        fine = np.isfinite(states).all(axis=1)
        if not fine.any():
            return out
        x = self._scaled(states[fine])
        distance, nearest = self._tree.query(x)  # type: ignore[attr-defined]
        if self.curve:
            around = self._around  # type: ignore[attr-defined]
            for step in (-1, 1):
                distance = np.minimum(distance, _from_segment(x, around[nearest], around[(nearest + step) % len(around)]))
        out[fine] = distance
        return out

    def holds(self, states: Floats) -> np.ndarray:
        """Whether each of the states (K, N) is inside."""
        inside = self.distance(states) <= self.radius
        if self.sides is None:
            return inside
        return inside & ((np.sign(states) == self.sides) | (self.sides == 0)).all(axis=1)


def nearest_gaps(points: Floats, scale: Floats, angles: Angles) -> Floats:
    """Return the scaled distance of each of two or more points (K, N) to the nearest other one."""
    x = angles.embed(points) / angles.weights(scale)
    return cKDTree(x).query(x, k=2)[0][:, 1]  # type: ignore[no-any-return]


def _from_segment(x: Floats, a: Floats, b: Floats) -> Floats:
    along = b - a
    length = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(((x - a) * along).sum(axis=1) / length, 0.0, 1.0)
    return np.linalg.norm(x - a - share[:, np.newaxis] * along, axis=1)


def tube_around(
    flight: Flight, points: Floats, period: float, slowest: float, scale: Floats, rng: np.random.Generator,
    deadline: float | None = None,
) -> Neighbourhood | None:
    """Return a neighbourhood from which displaced states were seen to return to the cycle, None where there is none.

    Of a map, `points` are the points of the cycle. `slowest` is the largest modulus of its multipliers but the trivial one.
    """
    curve = flight.system.kind == "flow"
    n = points.shape[1]
    extent = float(np.linalg.norm(np.ptp(points / scale, axis=0)))
    if not curve and len(points) > 1:
        gaps = nearest_gaps(points, scale, flight.system.angles)
        extent = min(extent, 4.0 * float(gaps.min()))
    directions = min(DIRECTIONS, 2 * n)
    away = rng.normal(size=(PHASES * directions, n))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    base = points[np.linspace(0, len(points), PHASES, endpoint=False).astype(int)]
    base = np.repeat(base, len(away) // PHASES, axis=0)
    sides = np.where(flight.signed, np.sign(points[0]), 0.0) if flight.signed.any() else None
    turns = min(max(1, round(-FOLDS / np.log(slowest) / LOOKS)), MOST_TURNS) if slowest > 0 else 1
    radius = WIDEST * extent
    for _ in range(HALVINGS):
        tube = Neighbourhood(points, radius, scale, curve, IN_TUBE, sides, flight.system.angles)
        y = base + radius * away * scale
        y = np.where(flight.signed & (base != 0.0), np.abs(y) * np.sign(base), y)
        for _ in range(LOOKS):
            if deadline is not None and time.perf_counter() >= deadline:
                return None
            y = flight.advance(y, turns * period, deadline)
            distance = tube.distance(y)
            if distance.max() <= DRAWN_IN * radius or not distance.max() <= WANDERING * radius:
                break
        if distance.max() <= DRAWN_IN * radius:
            return tube
        radius *= 0.5
    return None


def cloud_around(points: Floats, later: Floats, scale: Floats, angles: Angles) -> Neighbourhood:
    """Return the neighbourhood of a cloud (K, N) in which later points of the same trajectory are."""
    cloud = Neighbourhood(points, 0.0, scale, False, IN_CLOUD, angles=angles)
    return replace(cloud, radius=SLACK * float(cloud.distance(later).max()))
