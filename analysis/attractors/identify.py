"""Identification of the attractor that a trajectory has reached: fixed point, cycle, torus or chaos."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.attractors.balls import Ball
from analysis.attractors.flight import Flight
from analysis.attractors.sets import DRAWN_IN, Neighbourhood, cloud_around, tube_around
from analysis.attractors.sticking import sliding
from analysis.common import jacobians_at
from analysis.cycles import LimitCycle, closed_orbit, limit_cycle
from analysis.lyapunov import LyapunovSpectrum, classify, lyapunov_spectrum, rest_near
from neurodynamics import Kind, simulate
from neurodynamics.notices import quiet
from neurodynamics.simulation import Sliding
from neurodynamics.systems import Angles
from neurodynamics.validation import Floats

DURATIONS = (3000.0, 20_000.0)  # units of time over which exponents are averaged, the longer where chaos is in doubt
AT_ONCE = 300.0  # slowest time constants in which a trajectory that is drawn into a cycle closes
UNEVEN, HARDLY = 10.0, 1000.0  # times the effort, of cycles that take long; below such an effort exponents wait
TRANSIENT, WARM_UP = 300.0, 150.0
CLEARLY = 5.0  # errors of the largest exponent
MOST_EXPONENTS = 8
PERTURBATION = 1e-6  # relative
STOPS = 12
MARGINAL = 1e-5  # logarithm of a multiplier: what an orbit near a half-stable one has within the errors of a shot
CYCLE_POINTS, PASSES = 2000, 4  # the latter until fast parts are seen as they are
CLOUD_POINTS, LATER_POINTS = 20_000, 4000
CLOUD_TIME = 2000.0  # units
SETTLED = 1e-6  # of the size: a cycle so close to the trajectory is where it went
FEWEST_CROSSINGS = 10  # of the median of the widest state
BLOCKS, STEADY, CHANGE = 16, 0.9, 1e-3  # averages over blocks of time that move so steadily, and so far, are a drift
FACE = 1e-12  # of the extent: how near to a plane that nothing crosses an orbit in it is found
ZERO = 1e-7  # relative: eigenvalues below count as zero where states of rest come in families


@dataclass(frozen=True, eq=False)
class Set:
    """An attractor that was recognised, and its neighbourhood."""

    kind: Kind
    points: Floats
    period: float
    exponents: Floats
    errors: Floats
    how: str
    neighbourhood: Neighbourhood
    balls: tuple[Ball, ...] = ()
    cycle: LimitCycle | None = None


def recognise(
    flight: Flight, y: Floats, scale: Floats, effort: float, seconds: float | None, rng: np.random.Generator
) -> Set | None:
    """Return what the trajectory from y settles into, or None where that stays open after `effort` units of time."""
    deadline = None if seconds is None else time.perf_counter() + seconds

    def left() -> float | None:
        return None if deadline is None else max(1e-3, deadline - time.perf_counter())

    if flight.jumps and sliding(flight.system, flight.drive, y[np.newaxis])[0] != Sliding.NONE:
        return None  # it moves along a jump, where steps shrink to nothing
    uneven = flight.slow_fast or bool(flight.signed.any())
    soon = closed_orbit(flight.system, y, flight.drive, units=UNEVEN * effort if uneven else AT_ONCE, deadline=deadline)
    if soon is not None:
        return _cycle(flight, soon, scale, rng, deadline)
    if uneven and effort < HARDLY:
        return None
    for duration in () if flight.slow_fast else DURATIONS:
        spectrum = _spectrum(flight, y, duration, left(), rng)
        if spectrum.kind != Kind.CHAOS:
            break
        if spectrum.exponents[0] > CLEARLY * spectrum.errors[0]:
            return _cloud(flight, spectrum, "neighbours part exponentially", scale, left())
    try:
        with quiet():
            found = limit_cycle(flight.system, y, inputs=flight.drive, max_duration=effort * flight.unit, timeout=left())
    except ValueError:  # it comes to rest, or diverges, which others find out
        return None
    if found.kind == Kind.LIMIT_CYCLE:
        return _cycle(flight, found, scale, rng, deadline)
    if found.kind in (Kind.CHAOS, Kind.TORUS):
        with quiet():
            verdict = classify(flight.system, found.y[:, -1], inputs=flight.drive, rng=rng, timeout=left())
        if verdict.kind in (Kind.CHAOS, Kind.TORUS):
            return _cloud(flight, verdict.spectrum, verdict.reason, scale, left())
    return None


def _spectrum(
    flight: Flight, y: Floats, duration: float, seconds: float | None, rng: np.random.Generator
) -> LyapunovSpectrum:
    """Measure exponents along the trajectory from beside y: on an unstable orbit it does not stay."""
    duration, transient, warm_up = (
        value if flight.system.kind == "flow" else int(value)
        for value in (duration * flight.unit, TRANSIENT * flight.unit, WARM_UP * flight.unit)
    )
    k = min(MOST_EXPONENTS, flight.system.state_dim)
    aside: float | None = PERTURBATION * (1.0 + float(np.abs(y).max()))
    if flight.signed.any():
        y, aside = np.where(flight.signed, y * (1.0 + PERTURBATION * rng.uniform(size=y.size)), y + aside), None
    with quiet():  # a start at rest is for others to find out
        return lyapunov_spectrum(flight.system, y, k, duration, transient=transient, warm_up=warm_up, inputs=flight.drive,
                                 perturb=aside, rng=rng, timeout=seconds)  # fmt: skip


def _cycle(flight: Flight, found: LimitCycle, scale: Floats, rng: np.random.Generator, deadline: float | None) -> Set | None:
    if not found.stable or _is_marginal(found):
        return None
    a_map = flight.system.kind == "map"
    points = found.y.T if a_map else _evenly(found, scale, flight.system.angles)
    points[:, flight.signed & (np.abs(points) <= FACE * scale).all(axis=0)] = 0.0  # but for rounding
    others = found.multipliers if a_map else np.delete(found.multipliers, np.argmin(np.abs(found.multipliers - 1)))
    slowest = float(np.abs(others).max(initial=0.0))
    tube = tube_around(flight, points, found.period, slowest, scale, rng, deadline)
    if tube is None:
        return None
    errors = np.full(found.exponents.shape, found.threshold / found.period)
    how = "orbit closed by shooting, multipliers inside the unit circle"
    stops = _stops(found) if tube.sides is None else ()  # a ball does not know on which side of a plane it is
    balls = tuple(Ball(y, np.diag(1.0 / (tube.radius * scale)), False, flight.system.angles) for y in stops)
    return Set(Kind.LIMIT_CYCLE, points, found.period, found.exponents, errors, how, tube, balls, found)


def _is_marginal(found: LimitCycle) -> bool:
    """Whether a cycle of a flow contracts by so little a turn that trajectories may be passing slowly."""
    return found.system.kind == "flow" and bool((np.sort(found.log_moduli)[:-1][-1:] > -MARGINAL).any())


def _stops(found: LimitCycle) -> Floats:
    """Return a few states (K, N) that a cycle goes through, the more where it is slow: it is seen passing there."""
    count = int(min(STOPS, found.period)) if found.system.kind == "map" else STOPS
    steps = np.arange(count) * found.period / count
    return found(steps).T if found.system.kind == "flow" else found(np.floor(steps)).T


def _evenly(found: LimitCycle, scale: Floats, angles: Angles) -> Floats:
    """Return points of a cycle at about equal distances, however unevenly it is passed through."""
    t = np.linspace(0.0, found.period, 8 * CYCLE_POINTS + 1)
    for _ in range(PASSES):
        steps = np.linalg.norm(angles.difference(found(t[1:]).T, found(t[:-1]).T) / scale, axis=1)
        length = np.append(0.0, np.cumsum(steps))
        t = np.interp(np.linspace(0.0, length[-1], CYCLE_POINTS + 1), length, t)
    return angles.wrap(found(t[:-1]).T)


def _cloud(flight: Flight, spectrum: LyapunovSpectrum, reason: str, scale: Floats, seconds: float | None) -> Set | None:
    if flight.system.kind == "map":
        states = simulate(flight.system, CLOUD_POINTS + LATER_POINTS, spectrum.y, inputs=flight.drive,
                          timeout=seconds).y.T  # fmt: skip
    else:
        span = CLOUD_TIME * flight.unit * (1.0 + LATER_POINTS / CLOUD_POINTS)
        t = np.linspace(0.0, span, CLOUD_POINTS + LATER_POINTS)
        states = simulate(flight.system, span, spectrum.y, inputs=flight.drive, t_eval=t, rtol=1e-7, atol=1e-10,
                          timeout=seconds).y.T  # fmt: skip
    angles = flight.system.angles
    states = angles.wrap(states)
    moving = np.isfinite(states).all() and drifts(angles.embed(states), angles.weights(scale))
    if not np.isfinite(states).all() or len(states) < CLOUD_POINTS or moving:
        return None
    cloud = cloud_around(states[:CLOUD_POINTS], states[CLOUD_POINTS:], scale, angles)
    how = f"{reason}; {spectrum.exponents.size} exponents with their errors"
    return Set(spectrum.kind, cloud.points, np.nan, spectrum.exponents, spectrum.errors, how, cloud)


def drifts(states: Floats, scale: Floats) -> bool:
    """Whether a trajectory (T, N) is still on its way: it does not come back, or what it does changes steadily."""
    x = states / scale
    spread = np.ptp(x, axis=0)
    widest = x[:, int(np.argmax(spread))]
    above = widest > np.median(widest)
    if np.count_nonzero(above[1:] != above[:-1]) < FEWEST_CROSSINGS:
        return True
    parts = np.stack([part[: len(x) // BLOCKS] for part in np.array_split(x, BLOCKS)])
    for figure in (parts.mean(axis=1), parts.std(axis=1)):
        change = np.ptp(figure, axis=0)
        moving = change > CHANGE * np.maximum(spread.max(), 1e-300)
        for column in np.flatnonzero(moving):
            if abs(np.corrcoef(figure[:, column], np.arange(BLOCKS))[0, 1]) > STEADY:
                return True
    return False


def are_same(a: Set, b: Set) -> bool:
    """Whether two sets are one attractor: of the same kind, and each lies on the other."""
    if a.kind != b.kind:
        return False
    if a.kind == Kind.LIMIT_CYCLE:
        if abs(a.period - b.period) > 1e-3 * a.period:
            return False
        reach = DRAWN_IN * max(a.neighbourhood.radius, b.neighbourhood.radius)
        return _all_within(a, b, reach) and _all_within(b, a, reach)
    near = a.neighbourhood.holds(_some(b.points)), b.neighbourhood.holds(_some(a.points))
    return bool(min(part.mean() for part in near) > 0.9)


def _all_within(a: Set, b: Set, reach: float) -> bool:
    return bool(a.neighbourhood.distance(_some(b.points)).max() <= reach)


def _some(points: Floats) -> Floats:
    return points[:: max(1, len(points) // 400)]


# Rest -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Resting:
    """Where a trajectory rests: the point, and how many eigenvalues are zero while the others attract."""

    point: Floats
    zeros: int
    stable: bool


def resting_at(flight: Flight, y: Floats) -> Resting | None:
    """Return where the trajectory at y has come to rest, None where it moves on."""
    system: Any = flight.system
    rest = rest_near(system, y, flight.drive)
    if rest is None or rest.distance > SETTLED:
        return None
    J = jacobians_at(system, rest.point[np.newaxis], flight.drive)[0]
    eigenvalues = np.linalg.eigvals(J)
    size = float(np.abs(eigenvalues).max(initial=1e-300))
    if system.kind == "flow" and size * flight.unit < ZERO:
        return None  # a tail, as of y' = exp(-y): all that is known is that nothing moves any more
    growth = eigenvalues.real if system.kind == "flow" else np.abs(eigenvalues) - 1.0
    zero = np.abs(growth) <= ZERO * size
    stable = bool((growth[~zero] < 0).all())
    if not stable and (flight.signed & (y != 0.0)).any() and _leaves(system, J, ~flight.signed | (y != 0.0), ZERO * size):
        return None  # however near: it leaves along a state that keeps its sign
    return Resting(rest.point, int(zero.sum()), stable)


def _leaves(system: Any, J: Floats, free: np.ndarray, zero: float) -> bool:
    """Whether a point is unstable among the states that are not zero for ever."""
    eigenvalues = np.linalg.eigvals(J[np.ix_(free, free)])
    growth = eigenvalues.real if system.kind == "flow" else np.abs(eigenvalues) - 1.0
    return bool((growth > zero).any())
