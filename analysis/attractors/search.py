"""The search for attractors: fixed points first, then whatever the samples that are left over settle into."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.attractors import continuum
from analysis.attractors.balls import absorbing_ball
from analysis.attractors.destinations import LONGEST_PIECE, Catch, destinations, is_at_rest
from analysis.attractors.flight import Flight
from analysis.attractors.identify import Resting, Set, are_same, recognise, resting_at
from analysis.common import jacobians_at
from analysis.equilibria import FixedPoints
from neurodynamics import UNDECIDED, Kind, Status
from neurodynamics.validation import Floats

LEAST_PATIENCE, MOST_STEPS = 3.0, 3e5  # units, and steps: of slow-fast systems, where a unit takes many
PATIENCE = 200.0  # units of time before a sample that is not absorbed is looked at
EFFORT = 400.0  # units of time that one look may take, at first
GIVE_UP = 5  # looks in a row without a result, each twice as long as the one before
FURTHER = 5.0  # times as long as all of them, one sample is followed before it is looked at
TURNS = 5  # of known cycles that samples of a stiff flow are followed for, at least
LOOKS = 40  # at neighbourhoods, at least
SHOWN = 100  # points of a continuum that new ones are joined to
WATCHED, WATCH = 100, 10_000.0  # states of a chaotic set, and units of time, in which some may be seen to leave it
STUCK = 1e-7  # of the extent: how far beside a fixed point it is looked for states that stick
SAME_POINT = 1e-6  # of the extent, of states that stick
STICKS = "states that stick: the right-hand side jumps there, both sides point at the jump, and zero is a mean of them"
HELD = -3  # label of a sample that rests on an unstable point, or that ends
ORDER = (Kind.FIXED_POINT, Kind.LIMIT_CYCLE, Kind.TORUS, Kind.CHAOS, Kind.CONTINUUM)


@dataclass(frozen=True, eq=False)
class Found:
    """An attractor as the search knows it."""

    kind: Kind
    points: Floats
    period: float
    exponents: Floats
    errors: Floats
    how: str
    catch: Catch
    cycle: Any = None
    same_as: Set | None = field(default=None, repr=False)
    life: float = np.inf


class Search:
    """Samples (S, N), their labels, and the attractors found so far."""

    def __init__(self, flight: Flight, points: FixedPoints, samples: Floats, scale: Floats, deadline: float | None,
                 rng: np.random.Generator) -> None:  # fmt: skip
        self.flight, self.points, self.scale, self.deadline, self.rng = flight, points, scale, deadline, rng
        self.found: list[Found] = []
        self.samples = samples
        self.labels = np.full(len(samples), UNDECIDED)
        self.ends = samples.copy()
        self.status = self.broke_off = Status.SUCCESS
        steps = MOST_STEPS * flight.dt / flight.unit if flight.dt else 0.0 if flight.stiff else PATIENCE
        self.patience = float(np.clip(steps, LEAST_PATIENCE, PATIENCE)) * flight.unit
        self.duration = self.patience
        self.spent = 0.0  # time that samples may have taken to an attractor

    def run(self, progress: Callable[[int], None]) -> None:
        """Fill `found` and `labels`; ``progress`` is told how many samples are decided."""
        try:
            self._add_fixed_points()
            if self.found or not self.flight.slow_fast:
                self._absorb()
            progress(len(self.labels) - self._pending.size)
            self._look_at_the_rest(progress)
        except KeyboardInterrupt:
            self.status = Status.INTERRUPTED
        self._sort()

    def seen(self) -> Search:
        """Return a copy of a search that goes on in another thread."""
        twin = copy.copy(self)
        twin.labels, twin.found = self.labels.copy(), list(self.found)
        twin.labels[twin.labels >= len(twin.found)] = UNDECIDED  # one may just be added
        twin._sort()
        return twin

    # Fixed points ----------------------------------------------------------------------------------------------------

    def _add_fixed_points(self) -> None:
        points = self.points
        for k in np.flatnonzero(points.stable & (points.certified | self._is_near(points.x)) & self._are_reached(points.x)):
            if self._late():
                return
            certified = bool(points.certified[k] and points.index_certified[k])
            self._add_point(points.x[k], float(points.radius[k]), "certified" if certified else "found from random starts")

    def _is_near(self, x: Floats) -> np.ndarray:
        """Whether points (K, N) are at most the size of the box away from the samples; others may still be ends."""
        beyond = np.maximum(self.samples.min(axis=0, initial=np.inf) - x, x - self.samples.max(axis=0, initial=-np.inf))
        return np.asarray((beyond <= self.scale).all(axis=1))

    def _are_reached(self, x: Floats) -> np.ndarray:
        """Whether no plane that nothing crosses lies between each of the points (K, N) and all samples."""
        if not len(self.samples) or not self.flight.signed.any():
            return np.ones(len(x), dtype=bool)
        low, high, tiny = self.samples.min(axis=0), self.samples.max(axis=0), STUCK * self.scale
        beyond = ((low >= 0) & (x < -tiny)) | ((high <= 0) & (x > tiny))
        return ~(beyond & self.flight.signed).any(axis=1)  # type: ignore[no-any-return]

    def _add_point(self, x: Floats, radius: float, how: str) -> bool:
        if self._is_known(x) or self.flight.sticks(x[np.newaxis] + STUCK * self.scale)[0]:
            return False
        ball = absorbing_ball(self.flight.system, self.flight.drive, x, radius, self.scale, self.rng)
        if ball is None:
            return False
        how += f"; absorbing ball {'verified' if ball.verified else 'checked'}"
        exponents = self._exponents(x)
        nothing = np.zeros_like(exponents)
        self.found.append(Found(Kind.FIXED_POINT, x[np.newaxis], np.nan, exponents, nothing, how, Catch((ball,))))
        return True

    def _is_known(self, x: Floats) -> bool:
        """Whether a state is in the ball of a fixed point."""
        points = (each.catch.balls for each in self.found if each.kind == Kind.FIXED_POINT)
        return any(ball.holds(x[np.newaxis])[0] for balls in points for ball in balls)

    def _exponents(self, x: Floats) -> Floats:
        eigenvalues = np.linalg.eigvals(jacobians_at(self.flight.system, x[np.newaxis], self.flight.drive)[0])
        with np.errstate(divide="ignore"):
            values = eigenvalues.real if self.flight.system.kind == "flow" else np.log(np.abs(eigenvalues))
        return np.sort(values)[::-1]

    # Samples ---------------------------------------------------------------------------------------------------------

    def _late(self) -> bool:
        late = self.deadline is not None and time.perf_counter() >= self.deadline
        if late:
            self.status = Status.TIMEOUT
        return late

    @property
    def _pending(self) -> np.ndarray:
        return np.flatnonzero(self.labels == UNDECIDED)

    def _absorb(self) -> None:
        """Carry the undecided samples on, and label those that arrive."""
        rows = self._pending
        catches = [each.catch for each in self.found]

        def keep(labels: np.ndarray) -> None:
            self.labels[rows] = labels

        duration = self.duration
        if any(catch.near is not None and not (catch.at_rest or catch.balls) for catch in catches):
            duration = max(duration, LOOKS * LONGEST_PIECE * self.flight.unit)
        if self.flight.stiff:
            duration = max([duration, *(TURNS * each.period for each in self.found if each.kind == Kind.LIMIT_CYCLE)])
        self.spent += duration
        self.labels[rows], self.ends[rows] = destinations(self.flight, catches, self.ends[rows], duration, self.deadline,
                                                          keep=keep)  # fmt: skip

    def _look_at_the_rest(self, progress: Callable[[int], None]) -> None:
        failures, effort = 0, EFFORT
        while self._pending.size and failures < GIVE_UP and not self._late():
            new = self._rests()
            rows = self._pending
            if not new and rows.size:
                row = int(self.rng.choice(rows))  # another one each time: some may stay undecided for ever
                slow = not self.flight.slow_fast and self._passes_slowly(row)
                new = not slow and self._recognise(row, effort)
            if new:
                failures, effort, self.duration = 0, EFFORT, self.patience
            else:
                failures, effort, self.duration = failures + 1, 2 * effort, 2 * self.duration
            if self._pending.size:
                self._absorb()
            progress(len(self.labels) - self._pending.size)
        if self._pending.size and self.status == Status.SUCCESS:
            self.status = Status.MAX_STEPS

    def _passes_slowly(self, row: int) -> bool:
        """Follow one sample much longer than the others were, and label it where it arrives."""
        catches = [each.catch for each in self.found]
        longer = FURTHER * self.duration
        self.spent = max(self.spent, longer)
        label, end = destinations(self.flight, catches, self.ends[[row]], longer, self.deadline)
        self.labels[row], self.ends[row] = label[0], end[0]
        return bool(label[0] != UNDECIDED)

    def _recognise(self, row: int, effort: float) -> bool:
        """Find out what a sample settles into; return whether that is known now."""
        seconds = None if self.deadline is None else max(1e-3, self.deadline - time.perf_counter())
        found = recognise(self.flight, self.ends[row], self.scale, effort, seconds, self.rng)
        if found is None:
            return False
        for number, each in enumerate(self.found):
            if each.same_as is not None and are_same(each.same_as, found):
                self.labels[row] = number
                return True
        life = self._life(found.points) if found.kind == Kind.CHAOS else np.inf
        how = found.how + (f"; chaotic so far, but left after a time of about {life:.3g}" if life < np.inf else "")
        self.found.append(
            Found(found.kind, found.points, found.period, found.exponents, found.errors, how,
                  Catch(found.balls, found.neighbourhood), found.cycle, found, life)
        )  # fmt: skip
        return True

    def _life(self, points: Floats) -> float:
        """Return after what time, on average, trajectories leave a chaotic set for what is known; infinite: none does."""
        catches = [each.catch for each in self.found]
        if not catches:
            return np.inf
        some, duration = points[:: max(1, len(points) // WATCHED)], WATCH * self.flight.unit
        labels, _ = destinations(self.flight, catches, some, duration, self.deadline)
        left = np.count_nonzero(labels >= 0)
        return float(len(some) * duration / left) if left else np.inf

    # States of rest that are not in the list ---------------------------------------------------------------------------

    def _rests(self) -> bool:
        """Look at samples that have come to rest; return whether an attractor was found among them."""
        rows = self._pending
        rows = rows[is_at_rest(self.flight, self.ends[rows], self.scale)]
        rests: dict[int, Resting] = {}
        new = self._add_sticking()
        self._hold_what_ends()
        for row in rows:
            rest = None if self._is_known(self.ends[row]) or self._late() else resting_at(self.flight, self.ends[row])
            if rest is None:
                continue
            rests[int(row)] = rest
            if not rest.stable:
                self.labels[row] = HELD
            elif not rest.zeros:
                new |= self._add_point(rest.point, 0.0, "a trajectory came to rest")
        families = {row: rest for row, rest in rests.items() if rest.stable and rest.zeros}
        return self._add_continua(families) or new

    def _hold_what_ends(self) -> None:
        """Leave samples undecided whose trajectories break off, which is no escape."""
        rows = self._pending
        if self.flight.jumps or self.flight.lanes or not rows.size:
            return
        status = self.flight.how_they_go_on(self.ends[rows], self.deadline)
        ends = (status == Status.NON_FINITE) | (status == Status.STEP_TOO_SMALL)
        self.labels[rows[ends]] = HELD
        if ends.any():
            self.broke_off = Status(int(status[ends].max()))

    def _add_continua(self, families: dict[int, Resting]) -> bool:
        """Join states of rest to continua, those that are known included; return whether there were any."""
        if not families:
            return False
        rows = np.array(list(families))
        known = [k for k, each in enumerate(self.found) if each.kind == Kind.CONTINUUM]
        parts = [np.array([rest.point for rest in families.values()]), *(self.found[k].points[:SHOWN] for k in known)]
        owner = np.repeat([-1, *known], [len(part) for part in parts])
        points = np.concatenate(parts)
        new = False
        for members in continuum.continua(self.flight, points, self.scale):
            own = members[members < len(rows)]
            if len(members) < 2 or not len(own):
                continue
            new = True
            old = owner[members].max()
            number = int(old) if old >= 0 else len(self.found)
            together = points[own] if old < 0 else np.concatenate([self.found[old].points, points[own]])
            self.labels[rows[own]] = number
            self.found[number : number + 1] = [self._continuum(together, families[int(rows[own[0]])].zeros)]
        return new

    def _add_sticking(self) -> bool:
        """Add the sets that states stick to at jumps of the right-hand side; return whether there were any."""
        rows = self._pending
        rows = rows[self.flight.sticks(self.ends[rows])]
        if not rows.size:
            return False
        points = self.ends[rows]
        for members in continuum.continua(self.flight, points, self.scale):
            near = continuum.around(points[members], self.scale, self.flight.system.angles)
            kind = Kind.FIXED_POINT if np.ptp(points[members] / self.scale, axis=0).max() < SAME_POINT else Kind.CONTINUUM
            own = points[members][:1] if kind == Kind.FIXED_POINT else points[members]
            self.labels[rows[members]] = len(self.found)
            self.found.append(Found(kind, own, np.nan, np.empty(0), np.empty(0), STICKS, Catch(near=near, at_rest=True)))
        return True

    def _continuum(self, points: Floats, zeros: int) -> Found:
        how = f"states of rest joined by others; {zeros} direction{'s' if zeros > 1 else ''} in which nothing moves"
        exponents, near = self._exponents(points[0]), continuum.around(points, self.scale, self.flight.system.angles)
        catch = Catch(near=near, at_rest=True)
        return Found(Kind.CONTINUUM, points, np.nan, exponents, np.zeros_like(exponents), how, catch)

    # The end ---------------------------------------------------------------------------------------------------------

    def _sort(self) -> None:
        """Number the attractors by kind and place, so that ids do not depend on which sample found them."""
        self.labels[self.labels == HELD] = UNDECIDED
        if self.status == Status.SUCCESS:
            self.status = self.broke_off

        def key(number: int) -> tuple:
            each = self.found[number]
            place = np.round(each.points.mean(axis=0) / self.scale, 6)
            return (ORDER.index(each.kind), *place.tolist())

        order = sorted(range(len(self.found)), key=key)
        ids = np.append(np.argsort(np.array(order, dtype=int)), [-2, -1]).astype(int)
        self.found = [self.found[k] for k in order]
        self.labels = ids[self.labels]
