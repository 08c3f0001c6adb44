"""Fixed points from many starts, and an estimate of how many were missed.

References
----------
.. [1] Chao (1984), Nonparametric estimation of the number of classes in a population, Scand. J. Statist. 11, 265.
.. [2] Good (1953), The population frequencies of species and the estimation of population parameters, Biometrika 40, 237.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.common import equations_at, iterate, levenberg_marquardt, newton, polish, reach_of, rounding_of, solve
from analysis.equilibria.certified import Unresolved
from analysis.equilibria.flat_points import lies_on, sort_flat_points
from analysis.equilibria.starts import attracted, draw_starts
from neurodynamics import DynamicalSystem
from neurodynamics.progress import progress_bar
from neurodynamics.validation import Floats

MOST_STARTS = 4096
LEAST_STARTS = 32
WORK = 2e9  # starts times N^3: limits the starts of large systems
BATCH_ELEMENTS = 2e6  # of the Jacobians of one batch
ENOUGH = 20  # starts a point, after which a list without points that were found once only is taken as good
APART = 16.0  # estimated errors between two points that are not the same
COARSEST = 1e-3  # relative: further apart, points are never taken for the same
SIMILAR = 0.5  # change of the Jacobian, relative, over a Newton step towards a root (Kantorovich)
DRAWN = 32  # starts of a large network that are carried along first
MEANS = 8  # batches of starts between known roots, where some are missing
AROUND, ROUNDS, DISTANCES = 64, 4, (1e-10, 1e7)  # starts around roots that were found, and how far from them, relative
SLICE, EVALUATIONS = 0.02, 40  # seconds between looks at the clock; evaluations to sort a flat point
FLATTEST = 1e-3  # relative: how far rounding may move a flat point that is taken for a root
ACCEPTED = 1e-6  # relative error of a root that is not yet singular
LOOSE = 1e8  # what rounding makes of residuals: of roots near which Newton's method contracts


def is_bounded(system: DynamicalSystem) -> bool:
    """Whether a system is a network that every trajectory leads into a box."""
    net = system.structure("additive")
    return net is not None and bool(np.isfinite(net.activation.range).all() and (net.leaks > 0).all())


@dataclass
class Found:
    """Roots, how often each was found, and at what cost."""

    x: Floats
    error: Floats
    hits: np.ndarray
    starts: int = 0
    reason: str = ""
    interrupted: bool = False
    timed_out: bool = False
    missing: int = 0  # roots that are not in the list, at least
    flat: list[Floats] = field(default_factory=list)  # points at which the equations hold while nothing resists
    sets: list[Unresolved] = field(default_factory=list)  # that such points belong to

    @classmethod
    def of(cls, known: Floats) -> Found:
        """Return a list that begins with known roots (K, N)."""
        return cls(known.copy(), np.zeros(len(known)), np.zeros(len(known), dtype=np.int64))

    def seen(self) -> Found:
        """Return a copy of a list that another thread may be adding to."""
        x, error, hits = self.x, self.error, self.hits
        count = min(len(x), len(error), len(hits))
        return replace(self, x=x[:count].copy(), error=error[:count].copy(), hits=hits[:count].copy())

    @property
    def missed(self) -> float:
        """Chao's estimate, in its bias-corrected form, of how many roots were not found; nan where there is no ground."""
        if self.sets or self.flat or not self.hits.sum():
            return float("nan")
        once, twice = int((self.hits == 1).sum()), int((self.hits == 2).sum())
        return max(once * (once - 1) / (2.0 * (twice + 1)), float(self.missing))

    @property
    def coverage(self) -> float:
        """Good's estimate of the share of starts that lead to a root in the list."""
        total = int(self.hits.sum())
        return 1.0 - int((self.hits == 1).sum()) / total if total else 0.0


class Multistart:
    """A search for roots of ``f(y)``, or of ``f^period(y) - y``."""

    def __init__(self, system: DynamicalSystem, drive: Floats, period: int, bounds: Floats | None) -> None:
        self.system, self.drive, self.period, self.bounds = system, drive, period, bounds
        self.bounded = period == 1 and bounds is None and is_bounded(system)
        self.dim = system.state_dim  # of what is sought
        self.cost = 1e-9  # seconds for the equations at one state
        self.scale: Floats = np.ones(1)  # of the values of each equation: what rounding leaves of small ones is no root

    def tolerance(self, J: Floats, x: Floats) -> Floats:
        """What residuals (B, N) may be by rounding."""
        return 16.0 * rounding_of(J, x, self.scale)

    def equations(self, states: Floats) -> tuple[Floats, Floats]:
        """Residuals (B, N) and their Jacobians (B, N, N)."""
        with np.errstate(all="ignore"):
            return equations_at(self.system, states, self.drive, self.period)

    def run(
        self, rng: np.random.Generator, found: Found, *, starts: int | None, deadline: float | None, progress: bool = False
    ) -> Found:
        """Search from random starts, and add to a list of roots that may have some already."""
        n = max(self.dim, 1)
        most = int(np.clip(WORK / n**3, LEAST_STARTS, MOST_STARTS)) if starts is None else starts
        batch = int(np.clip(BATCH_ELEMENTS / n**2, 1, 256))
        bar = progress_bar(most) if progress else None

        def stop() -> bool:
            return deadline is not None and time.perf_counter() >= deadline

        try:
            if self.period == 1 and most >= DRAWN:
                self._from_attracted(found, rng, deadline, stop)
            while found.starts < most and not stop():
                count = min(batch, most - found.starts)
                self._batch(self.draw(count, rng), found, stop)
                found.starts += count
                if bar is not None:
                    bar.update(count)
                if starts is None and not stop() and self._enough(found):
                    break
            if starts is None and self.period == 1:
                self._around(found, rng, stop)
            if stop():  # of the last batch some may have been on their way
                found.reason, found.timed_out = "`timeout` was used up", True
            while starts is None and found.starts < 2 * most and not stop() and self.missing(found):
                between = self._between(found.x, max(1, most // MEANS), rng)
                self._batch(between, found, stop)
                found.starts += len(between)
        except KeyboardInterrupt:
            found.reason, found.interrupted = "interrupted", True
        finally:
            if bar is not None:
                bar.close()
        return found

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Return random starts (count, N)."""
        return draw_starts(self.system, self.drive, self.bounds, count, rng, True)

    def attracted(self, rng: np.random.Generator, seconds: float | None) -> Floats:
        """Return states that a large network is drawn to, and their mirror images."""
        starts = draw_starts(self.system, self.drive, self.bounds, DRAWN, rng)
        ends = attracted(self.system, self.drive, starts, seconds)
        return np.concatenate([ends, -ends])

    def _from_attracted(
        self, found: Found, rng: np.random.Generator, deadline: float | None, stop: Callable[[], bool]
    ) -> None:
        ends = self.attracted(rng, None if deadline is None else max(1e-3, 0.3 * (deadline - time.perf_counter())))
        if len(ends):
            self._batch(ends, found, stop)
            found.starts += len(ends)

    def _around(self, found: Found, rng: np.random.Generator, stop: Callable[[], bool]) -> None:
        """Search around the roots found, near and far by all orders of magnitude: groups of them may be small, or wide."""
        for _ in range(ROUNDS):
            known = len(found.x)
            if not known or found.sets or found.flat or stop():
                return
            centres = found.x[rng.integers(known, size=AROUND)]
            size = np.maximum(1.0, np.abs(centres).max(axis=1, keepdims=True, initial=0.0))
            distance = size * np.exp(rng.uniform(np.log(DISTANCES[0]), np.log(DISTANCES[1]), (AROUND, 1)))
            self._batch(centres + distance * rng.normal(size=centres.shape), found, stop)
            found.starts += AROUND
            if len(found.x) == known:
                return

    def missing(self, found: Found) -> int:
        """Return how many roots are missing at least: the degrees of all equilibria of a bounded network sum to 1."""
        if not self.bounded or found.sets or found.flat or not len(found.x):
            return 0
        return abs(1 - int(np.sign(np.linalg.det(-self.equations(found.x)[1])).sum()))

    @staticmethod
    def _between(x: Floats, count: int, rng: np.random.Generator) -> Floats:
        """Return starts (2 count, N) between roots that are known: means of three of them, and places in their box."""
        means = np.einsum("bk,bkd->bd", rng.dirichlet(np.ones(3), size=count), x[rng.integers(len(x), size=(count, 3))])
        return np.concatenate([means, x.min(axis=0) + rng.random(means.shape) * np.ptp(x, axis=0)])

    @staticmethod
    def _enough(found: Found) -> bool:
        return found.starts >= 256 + ENOUGH * len(found.x) and not (found.hits == 1).any()

    def _batch(self, starts: Floats, found: Found, stop: Callable[[], bool]) -> None:
        if not found.starts:
            self.cost = self._seconds_of_one(starts[:1])
        size = int(np.clip(SLICE / self.cost, 1, max(len(starts), 1)))
        if not found.starts:
            values = np.abs(self.equations(starts[:size])[0])
            values = values[np.isfinite(values).all(axis=1)]
            self.scale = np.minimum(1.0, np.median(values, axis=0)) if len(values) else np.ones(1)
        for first in range(0, len(starts), size):
            if first and stop():
                return
            some = starts[first : first + size]
            x = levenberg_marquardt(self.equations, some, stop=stop)
            x = np.concatenate([x, newton(self.equations, some[~self._arrived(x)], stop=stop)])
            self.add(x[np.isfinite(x).all(axis=1)], found, split=True)

    def _arrived(self, x: Floats) -> np.ndarray:
        """Whether each point (B, N) is next to a root."""
        rows = np.flatnonzero(np.isfinite(x).all(axis=1))
        r, J = self.equations(x[rows])
        near = reach_of(J, np.abs(r)) <= COARSEST * (1.0 + np.abs(x[rows]).max(axis=1, initial=0.0))
        return np.isin(np.arange(len(x)), rows[near])

    def _seconds_of_one(self, start: Floats) -> float:
        """Return how long it takes to evaluate the equations at a state: slow ones are cut in smaller batches."""
        self.equations(start)  # the first time something may be compiled
        began = time.perf_counter()
        self.equations(start)
        return max(time.perf_counter() - began, 1e-9)

    def sort_flat(self, found: Found, deadline: float | None) -> None:
        """Add isolated ones of the flat points to the list, and join the others to sets."""
        if not found.flat or found.interrupted or (deadline is not None and time.perf_counter() >= deadline):
            return
        x = np.concatenate(found.flat)
        few = int(np.clip(1.0 / (EVALUATIONS * self.cost), 4, len(x)))
        isolated, found.sets = sort_flat_points(self.equations, self.tolerance, x[:: -(-len(x) // few)])
        x = x[:: -(-len(x) // few)]
        self.add(x[isolated & self._is_somewhere(x)], found)
        if found.sets:
            keep = ~lies_on(self.equations, self.tolerance, found.x, found.sets)
            found.x, found.error, found.hits = found.x[keep], found.error[keep], found.hits[keep]
        found.flat = []

    def _is_somewhere(self, x: Floats) -> np.ndarray:
        """Whether rounding leaves the place of a flat point (K, N) known: on a tail such as exp(-y) it may be anywhere."""
        _, J = self.equations(x)
        reach = reach_of(np.where(np.isfinite(J), J, 0.0), self.tolerance(J, x))
        return np.asarray(reach <= FLATTEST * (1.0 + np.abs(x).max(axis=1, initial=0.0)))

    def add(self, x: Floats, found: Found, hits: int | np.ndarray = 1, *, split: bool = False) -> None:
        """Polish points, and add those that are roots, and new, to the list; ``split``: set those aside that are flat."""
        if not len(x):
            return
        x, residual, error, J = polish(self.equations, x, self.scale)
        x = self.system.angles.wrap(x, None if self.bounds is None else self.bounds.mean(axis=1))
        size = 1.0 + np.abs(x).max(axis=1, initial=0.0)
        near = error <= ACCEPTED * size
        rounding = self.tolerance(J, x)
        held = (residual <= rounding).all(axis=1)
        loose = near & ~held & (residual <= LOOSE * rounding).all(axis=1)
        loose[loose] = self._contracts(x[loose], J[loose])
        good = (held | loose) & np.isfinite(x).all(axis=1)
        if self.bounds is not None:
            slack = np.minimum(error, ACCEPTED * size)[:, None]
            good &= ((x >= self.bounds[:, 0] - slack) & (x <= self.bounds[:, 1] + slack)).all(axis=1)
        if split and (good & ~near).any():
            found.flat.append(x[good & ~near])
            good &= near
        times = np.broadcast_to(hits, len(x))
        for k in np.flatnonzero(good)[np.argsort(error[good], kind="stable")]:
            self._add_one(x[k], float(error[k]), found, int(times[k]))

    def _contracts(self, x: Floats, J: Floats) -> np.ndarray:
        """Whether Newton's method contracts from each point (K, N): the Jacobian is nearly the same after its step."""
        r, _ = self.equations(x)
        _, after = self.equations(x - solve(J, r))
        with np.errstate(all="ignore"):
            change = np.linalg.pinv(np.where(np.isfinite(J), J, 0.0)) @ (after - J)
            return np.isfinite(change).all(axis=(1, 2)) & (np.abs(change).sum(axis=2).max(axis=1, initial=0.0) <= SIMILAR)

    def _add_one(self, x: Floats, error: float, found: Found, hits: int) -> None:
        floor = 64 * np.finfo(float).eps * (1.0 + np.abs(x).max(initial=0.0))
        if len(found.x):
            reach = np.minimum(APART * (error + found.error) + floor, COARSEST * (1.0 + np.abs(x).max(initial=0.0)))
            distance = self._apart(found.x, x)
            nearest = int(np.argmin(distance))
            if distance[nearest] <= reach[nearest]:
                found.hits[nearest] += hits
                return
        found.x = np.vstack([found.x, x])
        found.error = np.append(found.error, error)
        found.hits = np.append(found.hits, hits)

    def _apart(self, x: Floats, other: Floats) -> Floats:
        return np.abs(self.system.angles.difference(x, other)).max(axis=1, initial=0.0)  # type: ignore[no-any-return]

    # Cycles of maps --------------------------------------------------------------------------------------------------

    def keep_exact_period(self, found: Found) -> np.ndarray:
        """Drop points of shorter periods, complete the orbits of the others, and return the number of each point's orbit."""
        proper = [d for d in range(1, self.period) if self.period % d == 0]
        keep = np.ones(len(found.x), dtype=bool)
        for d in proper:
            away = self._apart(iterate(self.system, found.x, self.drive, d), found.x)
            keep &= away > np.maximum(APART * found.error, 1e-9 * (1.0 + np.abs(found.x).max(axis=1, initial=0.0)))
        found.x, found.error, found.hits = found.x[keep], found.error[keep], found.hits[keep]
        for start in list(found.x):
            self.add(self._orbit(start), found, hits=0)
        return self._orbits(found)

    def _orbit(self, x: Floats) -> Floats:
        orbit = [x[None]]
        for _ in range(self.period - 1):
            orbit.append(iterate(self.system, orbit[-1], self.drive, 1))
        return np.concatenate(orbit)

    def _orbits(self, found: Found) -> np.ndarray:
        numbers = np.full(len(found.x), -1)
        for k in range(len(found.x)):
            if numbers[k] < 0:
                number = numbers.max() + 1
                for point in self._orbit(found.x[k]):
                    numbers[int(np.argmin(self._apart(found.x, point)))] = number
        return numbers
