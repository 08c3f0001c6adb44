"""Two-dimensional manifolds of saddles as surfaces that grow by geodesic circles."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import constant_drive, deadline_in, evaluate_at, jacobians_at, require_autonomous, require_system
from analysis.equilibria import linear_stability
from analysis.manifolds.circles import next_points, on_curve
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_choice, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

FIRST, FIRST_RADIUS = 24, 1e-3  # points of the first circle, and its radius, of the distance to which a surface grows
NARROWEST = 1e-5  # of that: the narrowest distance between circles
BENT = 0.3  # radians by which the direction outwards may turn from circle to circle, 0.15 and less make it wider again
WIDE, CLOSE = 1.0, 0.4  # times the distance of circles: neighbours on a circle are at most, and at least, so far apart
MOST_POINTS = 300_000
DOUBLINGS = 5  # of the points on a circle that are filled in at once


@dataclass(frozen=True, eq=False, repr=False)
class ManifoldSurface(Record):
    """A piece of a two-dimensional manifold as a mesh.

    Attributes
    ----------
    points : array, shape (K, N)
        The saddle first, then circle by circle.
    triangles : array of int, shape (T, 3)
        Numbers of points.
    distance : array, shape (K,)
        From the saddle, along the surface (geodesic, but for the width of the mesh).
    circles : tuple of slice
        Which points are on which circle.
    which : {"stable", "unstable"}
    reason : str
        Why it ends before the distance that was asked for; empty where it does not.
    status : Status
    """

    points: Floats
    triangles: np.ndarray
    distance: Floats
    circles: tuple[slice, ...]
    which: str
    reason: str
    system: DynamicalSystem
    status: Status

    @property
    def area(self) -> float:
        """Area of the triangles."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        u, v = b - a, c - a
        squares = (u**2).sum(axis=1) * (v**2).sum(axis=1) - (u * v).sum(axis=1) ** 2
        return float(0.5 * np.sqrt(np.maximum(squares, 0.0)).sum())

    plot = drawn("plot_manifold_surface", "Draw the surface")

    def __repr__(self) -> str:
        ended = f", ends: {self.reason}" if self.reason else ""
        return (f"ManifoldSurface({self.which}, {len(self.points)} points on {len(self.circles)} circles, to a distance of "
                f"{self.distance.max(initial=0.0):.4g}{ended})")  # fmt: skip


def manifold_surface(
    system: DynamicalSystem,
    saddle: ArrayLike,
    which: str = "stable",
    *,
    distance: float,
    spacing: float | None = None,
    inputs: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> ManifoldSurface:
    """Grow the two-dimensional stable or unstable manifold of a saddle of a flow, circle by circle [1]_.

    The first circle is in the plane of the eigenvectors. In the half-plane across each of its points, that point of the
    manifold is sought that is one spacing farther out: a trajectory through it begins somewhere on the circle. Points are
    added where they part and left out where they crowd; the spacing shrinks where the surface bends.

    Parameters
    ----------
    system : DynamicalSystem
        A flow of N >= 2 states.
    saddle : array_like, shape (N,)
        A hyperbolic fixed point with two stable, or unstable, directions.
    which : {"stable", "unstable"}
    distance : float
        To which geodesic distance from the saddle.
    spacing : float, optional
        The largest distance between circles; a fortieth of `distance` by default.
    inputs : array_like, shape (M,), optional
        Constants.
    timeout : float, optional
        Seconds; the surface so far is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the surface so far as ``.result``, or returns it.

    Returns
    -------
    ManifoldSurface

    Notes
    -----
    All stable (unstable) directions are in the surface, so errors across it shrink as trajectories run outwards.

    References
    ----------
    .. [1] Krauskopf & Osinga (2003), SIAM J. Appl. Dyn. Syst. 2, 546; (1999), Chaos 9, 768.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from analysis import manifold_surface
    >>> net = CTRNN(np.diag([0.5, 0.2, 3.0]), activation="linear")
    >>> found = manifold_surface(net, [0, 0, 0], distance=1.0, spacing=0.1)
    >>> bool(abs(found.points[:, 2]).max() < 1e-9), bool(abs(found.area / np.pi - 1) < 0.02)
    (True, True)
    """
    if require_system(system).kind != "flow" or system.state_dim < 2:
        raise ValueError("`system` must be a flow of at least two states; a manifold of a map is no set of trajectories.")
    drive = constant_drive(system, inputs)
    require_autonomous(system, drive)
    point, direction = system.check_state(saddle, "saddle"), as_choice(which, "which", ("stable", "unstable"))
    reach = as_number(distance, "distance", positive=True)
    step = reach / 40.0 if spacing is None else as_number(spacing, "spacing", positive=True)
    if step > reach:
        raise ValueError(f"`spacing` must be at most `distance`, {reach:g}; got {step:g}.")
    seconds = as_timeout(timeout)
    grower = _Grower(system, drive, point, direction, reach, step, deadline_in(seconds))
    found: ManifoldSurface = long_call(
        grower.run, grower.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


class _Grower:
    def __init__(self, system: DynamicalSystem, drive: Floats, saddle: Floats, which: str, distance: float, spacing: float,
                 deadline: float | None) -> None:  # fmt: skip
        self.system, self.drive, self.saddle, self.which = system, drive, saddle, which
        self.distance, self.spacing, self.deadline = distance, spacing, deadline
        self.sign = 1.0 if which == "unstable" else -1.0
        self.basis = self._plane()
        self.rings: list[Floats] = []
        self.at: list[float] = []
        self.faces: list[np.ndarray] = [np.empty((0, 3), dtype=np.int64)]
        self.reason = ""

    def _plane(self) -> Floats:
        """Return an orthonormal basis (2, N) of the plane of the eigenvectors."""
        lin = linear_stability(jacobians_at(self.system, self.saddle[np.newaxis], self.drive)[0])
        real = self.sign * lin.eigenvalues.real
        chosen = real > lin.threshold
        if np.abs(self.system_at_rest()).max() > 1e-6 * (1.0 + np.abs(self.saddle).max()):
            raise ValueError("`saddle` must be a fixed point with these `inputs`; the system moves there.")
        if chosen.sum() != 2:
            raise ValueError(f"`saddle` must have two {self.which} directions; it has {int(chosen.sum())}.")
        vectors = lin.eigenvectors[:, chosen]
        both = np.column_stack([vectors.real, vectors.imag])
        return np.linalg.svd(both, full_matrices=False)[0][:, :2].T

    def system_at_rest(self) -> Floats:
        """Return f at the saddle (N,)."""
        return evaluate_at(self.system, "rhs", self.saddle[np.newaxis], self.drive)[0]

    def field(self, states: Floats) -> Floats:
        """Return unit vectors along trajectories, away from the saddle."""
        f = self.sign * evaluate_at(self.system, "rhs", states, self.drive)
        return f / np.maximum(np.linalg.norm(f, axis=1, keepdims=True), 1e-300)

    def _late(self) -> bool:
        return self.deadline is not None and time.perf_counter() >= self.deadline

    def run(self) -> ManifoldSurface:
        try:
            self._grow()
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        return self.so_far(Status.TIMEOUT if self._late() else Status.MAX_STEPS if self.reason else Status.SUCCESS)

    def so_far(self, status: Status) -> ManifoldSurface:
        """Return the surface by now."""
        count = min(len(self.rings), len(self.at), len(self.faces))
        rings, sizes = self.rings[:count], [1, *(len(each) for each in self.rings[:count])]
        starts = np.cumsum(sizes)
        circles = tuple(slice(int(a), int(a) + len(ring)) for a, ring in zip(starts, rings, strict=False))
        distance = np.repeat([0.0, *self.at[:count]], sizes)
        return ManifoldSurface(np.vstack([self.saddle, *rings]), np.vstack(self.faces[:count + 1]), distance, circles,
                               self.which, self.reason, self.system, status)  # fmt: skip

    def _grow(self) -> None:
        angle = 2.0 * np.pi * np.arange(FIRST) / FIRST
        h = min(self.spacing, FIRST_RADIUS * self.distance)
        circle = self.saddle + h * (np.outer(np.cos(angle), self.basis[0]) + np.outer(np.sin(angle), self.basis[1]))
        outward = (circle - self.saddle) / h
        k = np.arange(FIRST)
        self._add(circle, h, np.column_stack([np.zeros_like(k), 1 + k, 1 + (k + 1) % FIRST]))
        total = FIRST + 1
        while self.at[-1] < self.distance * (1.0 - 1e-9) and not self._late():
            h = min(h, self.distance - self.at[-1])
            circle = self.rings[-1]
            place, points = self._filled(circle, h)
            if self._late():
                return
            bends = np.inf
            if place is not None:
                ahead = (points - on_curve(circle, place)) / h
                bends = float(np.arccos(np.clip((ahead * _units(on_curve(outward, place))).sum(axis=1), -1, 1)).max())
            if place is None or bends > BENT:
                h *= 0.5
                if h < NARROWEST * self.distance:
                    self.reason = "trajectories run along the circle" if place is None else "the surface bends too much"
                    return
                continue
            first, here = total - len(circle), total
            self._add(points, self.at[-1] + h, _between(place, len(circle), first, here))
            total, outward = total + len(points), _units(ahead)
            if total > MOST_POINTS:
                self.reason = f"it has {total} points; a larger `spacing` makes fewer"
                return
            if bends < 0.5 * BENT:
                h = min(2.0 * h, self.spacing)

    def _add(self, circle: Floats, at: float, faces: np.ndarray) -> None:
        self.faces.append(faces)
        self.at.append(at)
        self.rings.append(circle)

    def _filled(self, circle: Floats, h: float) -> tuple[Any, Floats]:
        """Return places on the circle and the points beyond them, neither far from each other nor close."""
        place = np.arange(float(len(circle)))
        points = next_points(self.field, circle, place, h)
        for _ in range(DOUBLINGS):
            if self._late() or np.isnan(points).any():
                break
            gaps = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
            far = np.flatnonzero(gaps > WIDE * max(h, 0.5 * self.spacing))
            if not far.size:
                break
            after = np.append(place[1:], place[0] + len(circle))
            new = 0.5 * (place[far] + after[far])
            place = np.insert(place, far + 1, new)
            points = np.insert(points, far + 1, next_points(self.field, circle, new, h), axis=0)
        if np.isnan(points).any():
            return None, points
        keep = _apart(points, CLOSE * max(h, 0.5 * self.spacing))
        return place[keep], points[keep]


def _units(vectors: Floats) -> Floats:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300)


def _apart(points: Floats, least: float) -> np.ndarray:
    """Return which points of a closed polygon to keep so that kept neighbours are so far apart; FIRST of them at least."""
    gaps = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    keep = np.ones(len(points), dtype=bool)
    length = 0.0
    for k in range(1, len(points)):
        length += gaps[k - 1]
        keep[k] = length >= least
        if keep[k]:
            length = 0.0
    return keep if keep.sum() >= FIRST else np.ones(len(points), dtype=bool)


def _between(place: Floats, count: int, first: int, here: int) -> np.ndarray:
    """Return the triangles (T, 3) between a circle of so many points and the next one, whose points stand at `place`."""
    outer = np.append(place, place[0] + count)
    faces, i, j = [], 0, 0
    while i < count or j < len(place):
        if j == len(place) or (i < count and i + 1 <= 0.5 * (outer[j] + outer[j + 1])):
            faces.append((first + i % count, first + (i + 1) % count, here + j % len(place)))
            i += 1
        else:
            faces.append((first + i % count, here + (j + 1) % len(place), here + j % len(place)))
            j += 1
    return np.array(faces, dtype=np.int64)
