"""Where a trajectory ends: at a fixed point, on a cycle, outside a box, or undecided."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common.deadlines import seconds_until
from analysis.common.signs import careful_atol, keep_their_sign
from neurodynamics import DynamicalSystem, simulate
from neurodynamics.systems import NO_ANGLES, Angles
from neurodynamics.validation import Floats

RTOL, ATOL = 1e-9, 1e-11
ARRIVED = 1e-4  # of the size of things: where a stable fixed point in the neighbourhood has surely caught the trajectory
CLOSED = 1e-5  # of the extent of a loop: how closely it returns to itself
STEPS_A_PIECE = 20_000
NEARBY = 0.1  # of the extent: the plane across the end is crossed elsewhere as well


@dataclass(frozen=True, eq=False)
class Loop:
    """One turn of a cycle that a trajectory runs into: states (K, N), times (K,), first and last the same."""

    t: Floats
    y: Floats
    angles: Angles = NO_ANGLES

    @property
    def period(self) -> float:
        """How long one turn takes."""
        return float(self.t[-1] - self.t[0])

    def is_like(self, other: Loop) -> bool:
        """Whether both are the same cycle: equal periods, and each point of one lies on the other."""
        if abs(self.period - other.period) > 1e-2 * self.period:
            return False
        own, others = self.angles.embed(self.y), self.angles.embed(other.y)
        gaps = np.linalg.norm(np.diff(others, axis=0), axis=1).max() + 1e-2 * float(np.ptp(own, axis=0).max())
        some = own[:: max(1, len(own) // 50)]
        return all(np.linalg.norm(others - point, axis=1).min() <= gaps for point in some)


@dataclass(frozen=True, eq=False)
class Path:
    """A trajectory and how it ended: "fixed point" `target`, "cycle" `loop`, "leaves", "undecided"."""

    y: Floats  # (K, N)
    t: Floats
    end: str
    target: int = -1
    loop: Loop | None = None


def follow(
    system: DynamicalSystem,
    start: Floats,
    drive: Floats,
    *,
    direction: float,
    points: Floats,
    attracting: np.ndarray,
    box: Floats,
    piece: float,
    pieces: int,
    away_from: int = -1,
    deadline: float | None = None,
) -> Path:
    """Integrate until it is known where the trajectory ends, in pieces of time.

    Parameters
    ----------
    direction : float
        +1 forwards, -1 backwards.
    points, attracting : array (K, N), array of bool (K,)
        Fixed points, and which of them attract in that direction.
    box : array, shape (N, 2)
        Outside of which a trajectory has left.
    piece, pieces : float, int
        Time of a piece, and how many to try.
    away_from : int
        The fixed point that the trajectory starts from.
    """
    size = float(np.ptp(box, axis=1).max(initial=1e-300))
    states, times, now = [start[np.newaxis]], [np.zeros(1)], 0.0
    atol = careful_atol(keep_their_sign(system, drive), ATOL)
    for _ in range(pieces):
        if deadline is not None and time.perf_counter() >= deadline:
            break
        run = simulate(system, (now, now + direction * piece), states[-1][-1], inputs=drive, rtol=RTOL, atol=atol,
                       max_steps=STEPS_A_PIECE, timeout=seconds_until(deadline))  # fmt: skip
        y, t = run.y.T, run.t
        held = system.angles.wrap(y, box.mean(axis=1))
        outside = ~((held >= box[:, 0]) & (held <= box[:, 1])).all(axis=1) | ~np.isfinite(y).all(axis=1)
        if outside.any():
            k = int(np.argmax(outside)) + 1
            return _path([*states, y[1:k][np.isfinite(y[1:k]).all(axis=1)]], [*times, t[1:k]], "leaves")
        states.append(y[1:])
        times.append(t[1:])
        if len(t) < 2:
            break
        now = float(t[-1])
        distance = np.linalg.norm(system.angles.difference(points, y[-1]), axis=1)
        near = int(np.argmin(distance)) if len(points) else -1
        caught = near >= 0 and distance[near] < ARRIVED * size and attracting[near]
        if caught or (near >= 0 and _rests(distance[near], size, near, away_from)):
            end = system.angles.wrap(points[near], y[-1])[np.newaxis]
            return _path([*states, end], [*times, t[-1:]], "fixed point", near)
        loop = _loop(np.concatenate(states), np.concatenate(times), direction, system, drive)
        if loop is not None:
            return _path(states, times, "cycle", loop=loop)
    return _path(states, times, "undecided")


def _rests(distance: float, size: float, near: int, away_from: int) -> bool:
    """Whether a trajectory has run into a saddle along its stable manifold, as symmetric networks let it."""
    return near != away_from and distance < 1e-7 * size


def _path(states: list[Any], times: list[Any], end: str, target: int = -1, loop: Loop | None = None) -> Path:
    y, t = np.concatenate(states), np.concatenate(times)
    count = min(len(y), len(t))
    return Path(y[:count], t[:count], end, target, loop)


def _loop(y: Floats, t: Floats, direction: float, system: DynamicalSystem, drive: Floats) -> Loop | None:
    """Return the last turn, where the second half of a trajectory returns to the plane across its end, and closely."""
    t = direction * t
    half = int(np.searchsorted(t, 0.5 * (t[0] + t[-1])))
    y, t = y[half:], t[half:]
    angles, end = system.angles, y[-1]
    normal, x = direction * angles.carry(end, system.rhs(0.0, end, drive)), angles.embed(y)
    speed = float(np.linalg.norm(normal))
    extent = float(np.linalg.norm(np.ptp(x, axis=0)))
    if speed == 0 or extent < 1e-6 or len(t) < 8:
        return None
    height = (x - x[-1]) @ normal / speed
    crossing = np.flatnonzero((height[:-1] < 0) & (height[1:] >= 0))
    share = height[crossing] / (height[crossing] - height[crossing + 1])
    near = np.linalg.norm(x[crossing] - x[-1], axis=1) < NEARBY * extent
    returns = (t[crossing] + share * (t[crossing + 1] - t[crossing]))[near]
    returns = returns[returns < t[-1] - 1e-9 * abs(t[-1])]
    if not returns.size:
        return None
    when = float(returns[-1])
    turn = simulate(system, (direction * when, direction * float(t[-1])), end, inputs=drive, rtol=RTOL, atol=ATOL)
    x = angles.embed(turn.y.T)
    missed = x[-1] - x[0]
    across = missed - (missed @ normal) * normal / speed**2  # the time of return is interpolated, not exact
    extent = float(np.linalg.norm(np.ptp(x, axis=0)))
    if np.linalg.norm(across) > CLOSED * extent or np.linalg.norm(missed) > 1e-2 * extent:
        return None
    last = turn.y[:, -1] - angles.difference(turn.y[:, -1], end)
    return Loop(direction * turn.t, np.vstack([turn.y.T[:-1], last]), angles)
