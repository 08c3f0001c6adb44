"""Tangent maps from moment to moment along a trajectory, as triangular factors ``M Q = Q' R``.

The columns of Q are k orthonormal vectors, which a carrier takes along; R is small, and all that indices of alignment and
covariant vectors need. Its diagonal holds the growth that exponents average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.common import slowest_time
from analysis.lyapunov.carrier import Carrier, TimeLimit
from analysis.lyapunov.flow import TOGETHER, T
from analysis.lyapunov.orthonormal import DEAD
from analysis.lyapunov.scheme import Scheme, scheme_for
from neurodynamics import DynamicalSystem
from neurodynamics.inputs import Inputs
from neurodynamics.validation import Floats, as_count, as_generator, as_number

SPREAD = 12.0  # logarithm of the ratio of growths within a piece: directions keep ten digits
MOST_PIECES = 4096  # of a step
SETTLE, WARM_UP = (0.1, 50.0, 2000.0), (0.05, 20.0, 1000.0)  # share of the duration, at least, at most


@dataclass(frozen=True)
class Course:
    """A trajectory to be: system, method, inputs and start."""

    system: DynamicalSystem
    scheme: Scheme
    drive: Inputs
    start: Floats

    def carrier(self) -> Carrier:
        """Return what carries it along."""
        return Carrier(self.system, self.scheme, self.start[np.newaxis], self.system.params[np.newaxis], [self.drive])


def course_of(system: Any, y0: ArrayLike | None, inputs: Any, method: Any, dt: Any, rtol: Any,
              rng: np.random.Generator | int | None) -> tuple[Course, np.random.Generator]:  # fmt: skip
    """Return the course that a user's arguments ask for, and the generator for all that is random, or raise."""
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, which tangent maps do not follow here; `lyapunov_spectrum` does.")
    if system.state_dim == 0:
        raise ValueError("`system` has no states, so it has no tangent vectors.")
    rng = as_generator(rng)
    scheme = scheme_for(system, method, dt, rtol, None, None, rng)
    start = system.set_back(rng.normal(size=system.state_dim)) if y0 is None else system.check_state(y0, "y0")
    return Course(system, scheme, Inputs(inputs, system.input_dim), start), rng


def span_of(system: DynamicalSystem, value: Any, name: str, *, zero: bool = False) -> float:
    """Return a length of time, of a map a number of iterations."""
    if system.kind == "map":
        return as_number(as_count(value, name, minimum=0 if zero else 1), name)
    return as_number(value, name, minimum=0.0) if zero else as_number(value, name, positive=True)


def number_of_vectors(k: Any, system: DynamicalSystem, *, fewest: int = 1) -> int:
    """Return k, by default N."""
    count = system.state_dim if k is None else as_count(k, "k", minimum=fewest)
    if count > system.state_dim:
        raise ValueError(f"`k` must be at most the number of states, {system.state_dim}; got {count}.")
    return count


def settling_times(course: Course, duration: float, *given: float | None) -> tuple[float, ...]:
    """Return transient and warm-up, where they are not given as shares of the duration within slowest time constants."""
    unit = slowest_time(course.system, course.drive.base, course.start[np.newaxis])
    usual = [float(np.clip(share * duration, least * unit, most * unit)) for share, least, most in (SETTLE, WARM_UP)]
    found = [own if value is None else value for own, value in zip(usual, given, strict=True)]
    return tuple(np.ceil(found).tolist()) if course.system.kind == "map" else tuple(found)


class Moment(NamedTuple):
    """Where a trajectory and its vectors are, and how they go on."""

    y: Floats
    clocks: Floats
    counts: NDArray[np.int64]
    pieces: int


class Failed(Exception):
    """The trajectory went beyond the numbers, or its steps shrank to nothing: the status of the carrier says which."""


class TangentMaps:
    """One trajectory with k orthonormal vectors, the rows of ``vectors``."""

    def __init__(self, course: Course, deadline: float | None = None) -> None:
        self.carrier, self.limits = course.carrier(), TimeLimit(deadline)
        self.is_map, self._pieces = course.system.kind == "map", 1

    @property
    def state(self) -> Floats:
        """Where the trajectory is, (N,)."""
        return self.carrier.states[0].copy()

    @property
    def vectors(self) -> Floats:
        """The orthonormal vectors, (k, N)."""
        return self.carrier.vectors[0].copy()

    def go(self, edges: Floats) -> Floats:
        """Go through bins of time with vectors made orthonormal as often as they need it; return their growth (bins, k)."""
        self.carrier.counts[:, TOGETHER] = 0
        growth, _ = self.carrier.go(edges, self.limits)
        if self.carrier.failed[0]:
            raise Failed
        return growth[0]

    def step(self, t: float) -> tuple[Floats, float]:
        """Go on to time t; return R (k, k), upper triangular with a positive diagonal, and the logarithm of its scale."""
        while True:
            before = self.snapshot()
            edges = self._edges(t)
            triangle, scale, worst = np.eye(self.carrier.k), 0.0, 0.0
            for start, end in zip(edges[:-1], edges[1:], strict=True):
                part, log = self._part(start, end)
                with np.errstate(divide="ignore"):
                    logs = np.log(np.diag(part))
                worst = max(worst, float(np.ptp(logs)) if np.isfinite(logs).all() else np.inf)
                triangle, scale = part @ triangle, scale + log
            finest = self._pieces >= MOST_PIECES or (self.is_map and len(edges) > t - edges[0])
            if worst <= SPREAD or finest:
                return triangle, scale
            self.restore(before._replace(pieces=2 * self._pieces))

    def _edges(self, t: float) -> Floats:
        now = self.carrier.clocks[0, T]
        edges = np.linspace(now, t, self._pieces + 1)
        return np.unique(np.round(edges)) if self.is_map else edges

    def _part(self, start: float, end: float) -> tuple[Floats, float]:
        carrier = self.carrier
        carrier.counts[:, TOGETHER] = 1
        growth, _ = carrier.go(np.array([start, end]), self.limits)
        if carrier.failed[0]:
            raise Failed
        q, r = np.linalg.qr(carrier.vectors[0].T)
        signs = np.where(np.diag(r) < 0, -1.0, 1.0)
        dead = np.abs(np.diag(r)) <= DEAD * np.sqrt(carrier.n) * np.linalg.norm(r, axis=0)
        r[dead, dead] = 0.0  # rounding, and no growth
        n, k = carrier.n, carrier.k
        carrier.y[0, n + 1 : n + 1 + k * n] = (q * signs).T.ravel()
        return r * signs[:, np.newaxis], float(growth[0, 0, 0])

    def snapshot(self) -> Moment:
        """Return all that :meth:`restore` needs to come back to this moment, and to go the same way bit for bit."""
        return Moment(self.carrier.y.copy(), self.carrier.clocks.copy(), self.carrier.counts.copy(), self._pieces)

    def restore(self, moment: Moment) -> None:
        """Come back to a moment."""
        carrier = self.carrier
        carrier.y[:], carrier.clocks[:], carrier.counts[:], self._pieces = moment
