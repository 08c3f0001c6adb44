"""Recurrence of a trajectory: whether it closes, and the period that it then took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common import evaluate_at
from neurodynamics import DynamicalSystem, Solution
from neurodynamics.systems import NO_ANGLES, Angles
from neurodynamics.validation import Floats

NEARLY = 0.05  # of the extent: a return worth a Newton iteration
HUGE = 1e150  # what is larger diverges, and its squares are infinite
LATEST = 64  # returns that are looked at
POINTS = 400  # of a turn
ZOOMS = 4
AS_PRECISE = 1e-7  # of the extent: what the tolerance of a trajectory leaves between turns of a cycle


@dataclass(frozen=True, eq=False)
class Turn:
    """One turn of an orbit that nearly closes: where to find it on a trajectory, and how well it closes."""

    sol: Any  # the trajectory as a function of time
    end: float
    period: float
    gap: float  # of the extent
    extent: float
    angles: Angles = NO_ANGLES

    def states(self, times: Floats) -> Floats:
        """Return the states (K, N) at times after the start of the turn, as if it closed."""
        wrapped = np.mod(times, self.period)
        return np.ascontiguousarray(self.sol(np.minimum(self.end - self.period + wrapped, self.end)).T)

    @property
    def sampled(self) -> Floats:
        """States (K, N), equally spaced."""
        return self.states(np.arange(POINTS) * self.period / POINTS)

    def parts_from_extremum(self, state: int, parts: int) -> Floats:
        """Return the starts (S, N) of equal parts of the turn, beginning where a state is largest."""
        width = self.period / POINTS
        if state in self.angles.states:
            return self.states(np.arange(parts) * self.period / parts)  # that goes round, and has no extremum
        first = float(np.argmax(self.sampled[:, state])) * width
        for _ in range(ZOOMS):  # an extremum of a relaxation oscillation is a needle
            near = first + width * np.linspace(-1.0, 1.0, 41)
            first, width = float(near[np.argmax(self.states(near)[:, state])]), width / 20
        return self.states(first + np.arange(parts) * self.period / parts)


def last_turn(system: DynamicalSystem, run: Solution, drive: Floats) -> Turn | None:
    """Return the last turn of a trajectory with dense output, where it nearly closes, or None.

    Returns are sought in the plane across the trajectory's end. The latest one that is about as close as the closest is
    taken: that counts an orbit of several loops as one.
    """
    y = run.y[:, run.t >= 0.5 * run.t[-1]]
    t = run.t[run.t >= 0.5 * run.t[-1]]
    if not (np.abs(y) < HUGE).all():
        return None
    angles = system.angles
    x = angles.embed(y.T)
    extent = float(np.linalg.norm(np.ptp(x, axis=0)))
    end = x[-1]
    normal = angles.carry(y[:, -1], system.rhs(0.0, y[:, -1], drive))
    speed = float(np.linalg.norm(normal))
    if speed == 0 or extent == 0 or len(t) < 8:
        return None
    height = (x - end) @ (normal / speed)
    crossing = np.flatnonzero((height[:-1] < 0) & (height[1:] >= 0))[-LATEST:]
    crossing = crossing[crossing < len(t) - 2]
    if not crossing.size:
        return None
    share = height[crossing] / (height[crossing] - height[crossing + 1])
    times = (t[crossing] + share * (t[crossing + 1] - t[crossing]))[::-1]
    for _ in range(2):  # Newton, along the flow
        there = np.ascontiguousarray(run.sol(times).T)
        rise = angles.carry(there, evaluate_at(system, "rhs", there, drive)) @ normal / speed
        times = np.clip(times - (angles.embed(there) - end) @ normal / speed / np.where(rise > 0, rise, np.inf), t[0], t[-1])
    gaps = np.linalg.norm(angles.embed(run.sol(times).T) - end, axis=1) / extent
    if not gaps.min() <= NEARLY:
        return None
    chosen = int(np.argmax(gaps <= max(2 * gaps.min(), AS_PRECISE)))
    period = float(t[-1] - times[chosen])
    return Turn(run.sol, float(t[-1]), period, float(gaps[chosen]), extent, angles) if period > 0 else None


def turn_of_about(run: Solution, period: float, angles: Angles) -> Turn:
    """Return the turn from the start of a trajectory that closes best after about a period."""
    times = np.linspace(0.6 * period, run.t[-1], 4 * POINTS)
    gaps = np.linalg.norm(angles.difference(run.sol(times).T, run.y[:, 0]), axis=1)
    best = int(np.argmin(gaps))
    extent = float(np.linalg.norm(np.ptp(angles.embed(run.y.T), axis=0)))
    return Turn(run.sol, float(times[best]), float(times[best]), float(gaps[best]) / max(extent, 1e-300), extent, angles)


def turns_of(run: Solution, angles: Angles) -> int:
    """Return how often the widest state rises through the middle of its range."""
    x = angles.embed(run.y.T)
    y = x[:, int(np.argmax(np.ptp(x, axis=0)))]
    above = y > 0.5 * (y.min() + y.max())
    return int(np.count_nonzero(above[1:] & ~above[:-1]))
