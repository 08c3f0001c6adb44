"""The minimal fatal shock: the smallest displacement from which a system does not come back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.attractors import Attractors, start_at
from analysis.common import as_window, deadline_in
from neurodynamics import UNDECIDED, Status
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_generator, as_instance, as_vector, require_positive, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

DIRECTIONS = 64  # random ones, at first, beside the axes
LEVELS, SECTIONS = 24, 15  # states along a ray that is scanned, and between two that differ
NEIGHBOURS = 6  # directions beside the best one, and two more for each state
WIDEST, NARROWEST, NARROWER = 0.3, 1e-4, 0.1  # how far these are from it, in radians
FINEST = 1e-10  # of the length of a shock: how closely the boundary is located
ROUNDS = 40


@dataclass(frozen=True, eq=False, repr=False)
class FatalShock(Record):
    """The smallest displacement that was found to lead out of a basin.

    Attributes
    ----------
    shock : array, shape (N,)
        The displacement: ``start + shock`` goes elsewhere. nan where none was found in the box.
    magnitude : float
        Its length, in units of `scale`: the smallest fatal shock is at most as long. Infinite where none was found.
    lower : float
        No displacement shorter than that is fatal: radius of a ball inside the absorbing ellipsoid of a stable fixed
        point; 0 where there is none.
    lower_proved : bool
        Whether `lower` is a proof (additive networks) and not seen at points of shells.
    start : array, shape (N,)
    attractor, goes_to : int
        Ids of the attractor that is left, and of what is reached; DIVERGES = -2, UNDECIDED = -1 without a shock.
    scale : array, shape (N,)
    status : Status
    """

    shock: Floats
    magnitude: float
    lower: float
    lower_proved: bool
    start: Floats
    attractor: int
    goes_to: int
    scale: Floats
    status: Status

    def __repr__(self) -> str:
        low = f"none below {self.lower:.4g}" + (" (proved)" if self.lower_proved else "")
        return f"FatalShock({self.magnitude:.8g}, from attractor {self.attractor} to {self.goes_to}, {low})"


def minimal_fatal_shock(
    attractors: Attractors,
    start: int | ArrayLike = 0,
    *,
    box: ArrayLike | None = None,
    scale: ArrayLike | None = None,
    directions: int = DIRECTIONS,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> FatalShock:
    """Find the smallest displacement of a state after which it goes to another attractor [1]_.

    Rays in random directions are scanned, and the nearest boundary of the basin on each is located by repeated division.
    Beside the nearest one the boundary is located in nearby directions, and the foot of the perpendicular on the plane
    through these points is the next direction, until nothing comes nearer. Beside this upper bound stands a lower one: the
    ball in the absorbing ellipsoid.

    Parameters
    ----------
    attractors : Attractors
    start : int or array_like, shape (N,)
        The id of an attractor (a state on it), or a state.
    box : array_like, shape (N, 2) or (2,), optional
        Displaced states are in it; by default the box of `attractors`.
    scale : array_like, shape (N,), optional
        What a unit of each state is worth; 1 by default.
    directions : int
        Random directions at first. Parts of a basin of another attractor that no ray meets, or that are narrower than a
        24th of a ray, are missed: the result is an upper bound.
    rng : Generator or int, optional
        For the directions; always the same by default.
    timeout : float, optional
        Seconds; the smallest shock by then is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the smallest shock so far as ``.result``, or returns it.

    Returns
    -------
    FatalShock

    References
    ----------
    .. [1] Halekotte & Feudel (2020), Sci. Rep. 10, 11783.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import find_attractors, minimal_fatal_shock
    >>> found = minimal_fatal_shock(find_attractors(CTRNN([[0, -8], [-8, 0]], constant_inputs=4)))
    >>> bool(abs(found.magnitude - abs(found.start[1] - found.start[0]) / 2**0.5) < 1e-6), found.lower_proved
    (True, True)
    """
    as_instance(attractors, "attractors", Attractors)
    n = attractors.system.state_dim
    seconds = as_timeout(timeout)
    origin = start_at(attractors, start, "start")
    window = as_window(box, n)
    units = np.ones(n) if scale is None else require_positive(as_vector(scale, "scale", n, "state_dim"), "scale")
    count, random = as_count(directions, "directions", minimum=1), as_generator(rng)
    require_room(count * LEVELS * n, "directions")
    search = _Search(attractors, origin, start if isinstance(start, (int, np.integer)) else None,
                     attractors.box if window is None else window, units, deadline_in(seconds))  # fmt: skip
    found: FatalShock = long_call(
        lambda: search.run(count, random), search.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


class _Search:
    def __init__(self, attractors: Attractors, origin: Floats, home: Any, box: Floats, scale: Floats,
                 deadline: float | None) -> None:  # fmt: skip
        self.attractors, self.origin, self.box, self.scale, self.deadline = attractors, origin, box, scale, deadline
        self.home = UNDECIDED if home is None else int(home)
        self.best = np.inf, np.full(origin.size, np.nan), UNDECIDED  # length, scaled displacement, label

    def _late(self) -> bool:
        return self.deadline is not None and time.perf_counter() >= self.deadline

    def run(self, count: int, rng: np.random.Generator) -> FatalShock:
        try:
            if self.home == UNDECIDED:
                self.home = int(self._labels(self.origin[np.newaxis])[0])
            if self.home >= 0:
                self._nearest(count, rng)
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        return self.so_far(Status.TIMEOUT if self._late() else Status.SUCCESS)

    def so_far(self, status: Status) -> FatalShock:
        """Return the smallest shock by now."""
        (length, z, goes_to), (lower, proved) = self.best, self._lower()
        return FatalShock(z * self.scale, float(length), min(lower, float(length)), proved, self.origin, self.home,
                          goes_to, self.scale, status)  # fmt: skip

    def _lower(self) -> tuple[float, bool]:
        """Return the radius of a ball inside an absorbing ellipsoid, and whether that is proved."""
        balls = self.attractors._catches[self.home].balls if self.home >= 0 else ()
        inside = []
        for ball in balls:
            away = np.linalg.norm(ball.factor @ ball.angles.difference(self.origin, ball.center))
            inside.append((float((1.0 - away) / np.linalg.norm(ball.factor * self.scale, 2)), ball.verified))
        return max([each for each in inside if each[0] > 0], default=(0.0, False))

    def _labels(self, states: Floats) -> np.ndarray:
        return self.attractors._destinations(states, self.deadline, fine=True)

    def _nearest(self, count: int, rng: np.random.Generator) -> None:
        n = self.origin.size
        axes = np.eye(n)
        spread, around = WIDEST, np.vstack([axes, -axes, rng.normal(size=(count, n))])
        for _ in range(ROUNDS):
            before = self.best[0]
            points = self._boundary(around, max(FINEST, 0.01 * spread**2))
            if n > 1 and np.isfinite(before) and len(points) >= n:
                self._boundary(_foot(points)[np.newaxis], max(FINEST, 0.01 * spread**2))
            if self._late() or not np.isfinite(self.best[0]) or spread <= NARROWEST or n == 1:
                break
            if self.best[0] > (1.0 - 0.1 * spread**2) * before:
                spread *= NARROWER
            ahead = self.best[1] / self.best[0]
            around = ahead + spread * rng.normal(size=(NEIGHBOURS + 2 * n, n)) / np.sqrt(n)
        if np.isfinite(self.best[0]):
            self._boundary(self.best[1][np.newaxis], FINEST)

    def _boundary(self, directions: Floats, fine: float) -> Floats:
        """Return where rays leave the basin first (scaled displacements), and keep the nearest."""
        rays = directions / np.linalg.norm(directions, axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = rays * self.scale
            ends = np.where(step > 0, self.box[:, 1] - self.origin, self.box[:, 0] - self.origin) / step
        reach = np.maximum(np.where(step == 0, np.inf, ends).min(axis=1), 0.0)
        low, high = np.zeros(len(rays)), np.minimum(reach, 2.0 * self.best[0])
        labels, sections = np.full(len(rays), UNDECIDED), LEVELS
        left = np.flatnonzero(high > 0)
        while left.size and not self._late():
            shares = np.arange(1, sections + 1) / sections
            radii = low[left, np.newaxis] + shares * (high - low)[left, np.newaxis]
            states = self.origin + (radii[..., np.newaxis] * rays[left, np.newaxis]) * self.scale
            found = self._labels(states.reshape(-1, self.origin.size)).reshape(radii.shape)
            if self._late():  # what is undecided may be that for want of time
                break
            if sections == SECTIONS:
                found[:, -1] = labels[left]  # known already
            out = (found != self.home) & (found != UNDECIDED)
            first = np.argmax(out, axis=1)
            some, rows = out.any(axis=1), np.arange(len(left))
            high[left], labels[left] = radii[rows, first], np.where(some, found[rows, first], UNDECIDED)
            low[left] = np.where(first > 0, radii[rows, first - 1], low[left])
            self._keep(rays[left[some]], high[left[some]], labels[left[some]])
            left = left[some & ((high - low)[left] > fine * high[left])]
            sections = SECTIONS
        good = labels != UNDECIDED
        return high[good, np.newaxis] * rays[good]

    def _keep(self, rays: Floats, radii: Floats, labels: np.ndarray) -> None:
        if len(radii) and radii.min() < self.best[0]:
            k = int(np.argmin(radii))
            self.best = float(radii[k]), radii[k] * rays[k], int(labels[k])


def _foot(points: Floats) -> Floats:
    """Return the foot of the perpendicular from the origin on the plane nearest to points (K, N)."""
    middle = points.mean(axis=0)
    normal = np.linalg.svd(points - middle, full_matrices=True)[2][-1]
    foot = (normal @ middle) * normal
    return foot if np.any(foot) else middle
