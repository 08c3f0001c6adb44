"""Covariant Lyapunov vectors by Ginelli's algorithm, with memory for a few checkpoints only."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular

from analysis.common import deadline_in, depends_on_time
from analysis.lyapunov.averages import average
from analysis.lyapunov.carrier import OutOfTime
from analysis.lyapunov.kind import signs
from analysis.lyapunov.scheme import random_vectors
from analysis.lyapunov.tangent_maps import (
    Course,
    Failed,
    Moment,
    TangentMaps,
    course_of,
    number_of_vectors,
    settling_times,
    span_of,
)
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_flag, as_number_of, as_size, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

GROWN = 4.0  # logarithm of the ratio of growths between two moments at which factors are kept, at the most
PROBES = 64  # bins of the warm-up, from which that is estimated
MOST_STEPS = 10**6
MEMORY = 2e8  # bytes of factors that are kept at a time


@dataclass(frozen=True, eq=False, repr=False)
class CovariantVectors(Record):
    """Covariant Lyapunov vectors along a trajectory, with the exponents that their growth gives.

    Attributes
    ----------
    t : array, shape (M,)
        Moments, after transient and warm-up.
    y : array, shape (M, N)
        States.
    vectors : array, shape (M, k, N)
        Unit vectors; ``vectors[:, j]`` grows with exponent j. Their signs mean nothing.
    exponents, standard_errors : array, shape (k,)
        From the growth of these vectors, between moments.
    orthonormal_exponents : array, shape (k,)
        From the growth of orthonormal vectors over the same time, as `lyapunov_spectrum` measures them. Both must agree.
    rates : array, shape (S, k)
        Growth rates of the vectors in S equal steps of time.
    splits : tuple of int
        After which vectors exponents change their sign: from positive to zero, and from zero to negative.
    angles : array, shape (M, len(splits))
        Smallest angles between the vectors before a split and those behind it, in radians. They stay away from zero where
        the motion is hyperbolic, and come close to it at tangencies.
    flow_angles : array, shape (M,)
        Angle between the flow and the vectors with exponents of zero, which is zero in exact arithmetic; empty for maps,
        driven systems, and where no exponent is zero.
    backward_errors : array, shape (k,)
        Angle between two solutions from different ends, at the last moment: how well the way back has converged.
    status : Status
        NON_FINITE also where a tangent map has no inverse: there is no way back.
    """

    t: Floats
    y: Floats
    vectors: Floats
    exponents: Floats
    standard_errors: Floats
    orthonormal_exponents: Floats
    rates: Floats
    splits: tuple[int, ...]
    angles: Floats
    flow_angles: Floats
    backward_errors: Floats
    status: Status
    system: DynamicalSystem
    notes: tuple[str, ...] = ()

    @property
    def smallest_angles(self) -> Floats:
        """The smallest of the angles at each split."""
        return self.angles.min(axis=0, initial=np.pi / 2)

    def angle(self, i: int, j: int) -> Floats:
        """Return the angle between vectors i and j at all moments (M,), between 0 and pi / 2."""
        k = self.exponents.size
        first, second = (self.vectors[:, as_number_of(each, name, k, "vector")] for each, name in ((i, "i"), (j, "j")))
        pairs = zip(first[:, np.newaxis], second[:, np.newaxis], strict=True)
        return np.array([_smallest_angle(one, other) for one, other in pairs])

    plot = drawn("plot_covariant_angles", "Draw the distribution of angles")

    def __repr__(self) -> str:
        if not self.exponents.size:
            return f"CovariantVectors({self.status.name.lower()}: {self.status.message})"
        shown = ", ".join(f"{value:.4g} ± {error:.1g}" for value, error in
                          zip(self.exponents[:3], self.standard_errors[:3], strict=True))  # fmt: skip
        angles = [f"angles after {split}: {angle:.2g} at least"
                  for split, angle in zip(self.splits, self.smallest_angles, strict=True)]  # fmt: skip
        ended = [] if self.status >= 0 else [self.status.name.lower()]
        return f"CovariantVectors({', '.join([shown, f'{self.t.size} moments', *angles, *ended])})"


def covariant_vectors(
    system: DynamicalSystem,
    y0: ArrayLike | None = None,
    duration: float = 200.0,
    *,
    k: int | None = None,
    points: int = 1000,
    transient: float | None = None,
    warm_up: float | None = None,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    rng: np.random.Generator | int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> CovariantVectors:
    """Return the covariant Lyapunov vectors along a trajectory.

    The vectors that the tangent map carries into each other, whose growth rates are the exponents forwards and backwards.
    Orthonormal vectors go forwards, ``M Q = Q' R``; coefficients C of the covariant vectors ``V = Q C`` go back with
    ``C = R^-1 C'`` [1]_. Of the factors only those between two checkpoints are kept; they are computed a second time.

    Parameters
    ----------
    system : DynamicalSystem
    y0 : array_like, shape (N,), optional
        Where to start; by default a random state.
    duration : float
        Time over which the vectors are returned, after transient and warm-up (of a map: iterations).
    k : int, optional
        How many, those of the largest exponents; by default all N.
    points : int
        Moments at which vectors are returned, about.
    transient, warm_up : float, optional
        Time for the state to settle, and for the vectors to converge, forwards before and backwards after the duration.
        Defaults as for `lyapunov_spectrum`.
    inputs, method, dt, rtol, rng
        As for `lyapunov_spectrum`.
    timeout, progress, on_interrupt
        As for `simulate`; on the way back, the moments that were reached are returned.

    Returns
    -------
    CovariantVectors

    References
    ----------
    .. [1] Ginelli, Poggi, Turchi, Chate, Livi & Politi (2007), Phys. Rev. Lett. 99, 130601.
    .. [2] Kuptsov & Parlitz (2012), J. Nonlinear Sci. 22, 727.

    Examples
    --------
    >>> from analysis import covariant_vectors
    >>> from neurodynamics import models
    >>> clv = covariant_vectors(models.henon(), [0, 0], 2000, rng=0)
    >>> clv.vectors.shape
    (1000, 2, 2)
    >>> bool(abs(clv.exponents - clv.orthonormal_exponents).max() < 0.01)
    True
    """
    course, rng = course_of(system, y0, inputs, method, dt, rtol, rng)
    length, count = span_of(system, duration, "duration"), number_of_vectors(k, system)
    moments = as_size(points, "points", minimum=1)
    require_room(float(moments) * count * system.state_dim, "points")
    given = [None if value is None else span_of(system, value, name, zero=True)
             for value, name in ((transient, "transient"), (warm_up, "warm_up"))]  # fmt: skip
    seconds, bar = as_timeout(timeout), as_flag(progress, "progress")
    search = _Ginelli(course, count, length, moments, given, rng, deadline_in(seconds), bar)
    wanted = as_on_interrupt(on_interrupt)
    found: CovariantVectors = long_call(search.run, search.so_far, timeout=seconds, on_interrupt=wanted)
    return found


class _Factor(NamedTuple):
    """A step: its triangular factor, the logarithm of its scale, and state and vectors before it."""

    r: Floats
    log_scale: float
    y: Floats
    q: Floats


class _Way:
    """Factors of all steps, forwards and then backwards; those of one stretch between checkpoints are kept at a time."""

    def __init__(self, maps: TangentMaps, times: Floats) -> None:
        self.maps, self.times, self.total = maps, times, len(times) - 1
        n, k = maps.carrier.n, maps.carrier.k
        self.stretch = max(int(MEMORY / (8.0 * (k * k + k * n + n))), math.isqrt(self.total), 1)
        self._checkpoints: list[Moment] = []
        self._factors: list[_Factor] = []

    def forwards(self) -> Iterator[_Factor]:
        """Yield the factors in order."""
        for first in range(0, self.total, self.stretch):
            self._checkpoints.append(self.maps.snapshot())
            self._factors.clear()
            yield from self._along(first)

    def backwards(self) -> Iterator[tuple[int, _Factor]]:
        """Yield number and factor of the steps from the last to the first."""
        for first in range(0, self.total, self.stretch)[::-1]:
            if not self._factors:
                self.maps.restore(self._checkpoints[first // self.stretch])
                for _ in self._along(first):
                    pass
            while self._factors:
                yield first + len(self._factors) - 1, self._factors.pop()

    def _along(self, first: int) -> Iterator[_Factor]:
        for end in self.times[first + 1 : first + 1 + self.stretch]:
            y, q = self.maps.state, self.maps.vectors
            self._factors.append(_Factor(*self.maps.step(end), y, q))
            yield self._factors[-1]


class _Ginelli:
    """One call: forwards to the end, and back."""

    def __init__(self, course: Course, k: int, duration: float, points: int, given: list, rng: np.random.Generator,
                 deadline: float | None, progress: bool) -> None:  # fmt: skip
        self.course, self.k, self.duration, self.points, self.given = course, k, duration, points, given
        self.rng, self.deadline, self.progress = rng, deadline, progress
        self.orthonormal: list[Floats] = []  # growth of orthonormal vectors, forwards
        self.growth: list[Floats] = []  # of covariant ones, backwards
        self.kept: list[tuple[float, Floats, Floats]] = []  # moments backwards: time, state, vectors (k, N)
        self.step, self.errors = 1.0, np.full(k, np.nan)
        self.maps: TangentMaps | None = None

    def run(self) -> CovariantVectors:
        """Return the vectors, or what there is when time is up."""
        bar = progress_bar(1.0) if self.progress else None
        try:
            for share in self._shares():
                if bar is not None:
                    bar.update(share - bar.n)
                if self.deadline is not None and time.perf_counter() > self.deadline:
                    return self.so_far(Status.TIMEOUT)
        except OutOfTime:
            return self.so_far(Status.TIMEOUT)
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        except Failed:
            ended = self.maps.carrier.status()  # type: ignore[union-attr]
            return self.so_far(ended if ended < 0 else Status.NON_FINITE)  # a tangent map without an inverse
        finally:
            if bar is not None:
                bar.close()
        return self.so_far(Status.SUCCESS)

    def _shares(self) -> Iterator[float]:
        """Go forwards and back; yield how much of it is done."""
        transient, warm_up = settling_times(self.course, self.duration, *self.given)
        self.maps = maps = TangentMaps(self.course, self.deadline)
        if transient:
            maps.go(np.array([0.0, transient]))
        maps.carrier.set_vectors(random_vectors(self.rng, self.k, maps.carrier.n))
        begin = transient + warm_up
        steps = self._steps(_spread(maps, transient, begin))
        total = steps + math.ceil(warm_up / self.step)
        way = _Way(maps, begin + self.step * np.arange(total + 1))
        for i, factor in enumerate(way.forwards()):
            if i < steps:
                self.orthonormal.append(np.log(np.diag(factor.r)) + factor.log_scale)
            yield 0.5 * (i + 1) / total
        c, other = (np.triu(self.rng.normal(size=(self.k, self.k)), 1) + np.eye(self.k) for _ in range(2))
        every = max(1, round(steps / self.points))
        for i, factor in way.backwards():
            if i == steps - 1:
                self.errors = _angles_between(c, other)
            c, growth = _back(factor, c)
            if i >= steps:
                other, _ = _back(factor, other)
            else:
                self.growth.append(growth)
                if i % every == 0:
                    self.kept.append((float(way.times[i]), factor.y, c.T @ factor.q))
            yield 0.5 + 0.5 * (total - i) / total

    def _steps(self, spread: float) -> int:
        """Choose the length of steps, and return their number within the duration."""
        fewest = max(self.points, int(min(MOST_STEPS, math.ceil(self.duration * spread / GROWN))))
        if self.course.system.kind == "map":
            self.step = float(max(1, int(self.duration) // fewest))
            return max(1, int(self.duration // self.step))
        self.step = self.duration / fewest
        return fewest

    def so_far(self, status: Status) -> CovariantVectors:
        """Return the record of the moments that are kept."""
        k, n, kept = self.k, self.course.system.state_dim, list(self.kept)[::-1]
        growth, orthonormal = list(self.growth)[::-1], list(self.orthonormal)
        t, y, v = (np.array([each[i] for each in kept]) for i in range(3))
        y, v = y.reshape(-1, n), v.reshape(-1, k, n)
        rates = np.array(growth).reshape(-1, k) / self.step
        means = average(rates, "taper") if len(rates) else None
        flat = average(np.array(orthonormal) / self.step, "taper").values if orthonormal else np.empty(0)
        values, errors = (means.values, means.errors) if means else (np.empty(0), np.empty(0))
        sign = signs(values, errors) if means else []
        splits = tuple(sorted({sign.count(1), sign.count(1) + sign.count(0)} & set(range(1, k)))) if means else ()
        angles = np.array([[_smallest_angle(each[:split], each[split:]) for split in splits] for each in v])
        return CovariantVectors(
            t, y, v, values, errors, flat, rates, splits, angles.reshape(len(t), len(splits)),
            self._flow_angles(t, y, v[:, [s == 0 for s in sign]] if means else v[:, :0]), self.errors, status,
            self.course.system, self._notes(values, errors),
        )  # fmt: skip

    def _flow_angles(self, t: Floats, y: Floats, neutral: Floats) -> Floats:
        system, drive = self.course.system, self.course.drive
        moves = system.kind == "flow" and drive.constant and not self.course.scheme.noisy and neutral.size
        if not moves or depends_on_time(system, drive.base):
            return np.empty(0)
        flow = [system.rhs(now, state, drive.base)[np.newaxis] for now, state in zip(t, y, strict=True)]
        return np.array([_smallest_angle(f / np.linalg.norm(f), each) for f, each in zip(flow, neutral, strict=True)])

    def _notes(self, values: Floats, errors: Floats) -> tuple[str, ...]:
        gaps = values[:-1] - values[1:]
        close = np.flatnonzero(gaps < 2.0 * (errors[:-1] + errors[1:]))
        names = ", ".join(f"{j} and {j + 1}" for j in close[:5])
        return (f"exponents {names} are equal within their errors: only the plane of their vectors means something",
                ) if close.size else ()  # fmt: skip


def _spread(maps: TangentMaps, start: float, end: float) -> float:
    """Return the largest difference of growth rates in the warm-up."""
    if end <= start:
        return 0.0
    edges = np.linspace(start, end, PROBES + 1)
    edges = np.unique(np.round(edges)) if maps.is_map else edges
    rates = maps.go(edges) / np.diff(edges)[:, np.newaxis]
    return float(np.max(np.ptp(np.nan_to_num(rates, neginf=0.0), axis=1), initial=0.0))


def _back(factor: _Factor, c: Floats) -> tuple[Floats, Floats]:
    """Return the unit columns that a step carries into the directions of c, and the logarithms of their growth."""
    if not np.diag(factor.r).all():
        raise Failed
    before = solve_triangular(factor.r, c / np.linalg.norm(c, axis=0), check_finite=False)
    lengths = np.linalg.norm(before, axis=0)
    return before / lengths, factor.log_scale - np.log(lengths)


def _angles_between(a: Floats, b: Floats) -> Floats:
    """Return the angles between columns, the directions being those of lines."""
    a, b = a / np.linalg.norm(a, axis=0), b / np.linalg.norm(b, axis=0)
    return np.array([_smallest_angle(a[:, j : j + 1].T, b[:, j : j + 1].T) for j in range(a.shape[1])])


def _smallest_angle(first: Floats, second: Floats) -> float:
    """Return the smallest angle between two subspaces, given by rows: precise near zero by its sine."""
    a, b = np.linalg.qr(first.T)[0], np.linalg.qr(second.T)[0]
    cosines = a.T @ b
    left, values, right = np.linalg.svd(cosines)
    cosine = float(min(values[0], 1.0))
    sine = float(np.linalg.norm(b @ right[0] - cosine * (a @ left[:, 0])))
    return math.atan2(sine, cosine)
