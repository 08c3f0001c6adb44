"""The parts of a sweep that need nothing of each other: searches for fixed points, ensembles, ways from value to value."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from analysis.common import deadline_in
from analysis.equilibria import fixed_points, why_not_certified
from analysis.sweeps.runs import Observed, Series, Varied
from neurodynamics import Status, simulate, simulate_ensemble
from neurodynamics.status import has_failed
from neurodynamics.validation import Floats
from neurodynamics.watched import long_call

CERTIFIED_UP_TO = 6  # neurons of which the equilibria are found at every value
AT_MOST, SEARCHES = 60, 32  # values and random starts where fixed points are sought without proof
RTOL, ATOL = 1e-8, 1e-10  # of runs that are looked at finely
NODES, LONGER = 4, 6  # parts of a step, and how often a run that has not settled is made twice as long


class Part(NamedTuple):
    """Some of the values: to search for fixed points ("points"), to run from a start ("runs"), to follow ("path")."""

    what: str
    values: range
    number: int = 0  # of the start


class Points(NamedTuple):
    """Fixed points at a value, as a search finds them."""

    x: Floats
    stable: np.ndarray
    unstable: np.ndarray  # directions
    complete: bool


@dataclass(eq=False)
class Findings:
    """What parts have found."""

    series: list[Series] = field(default_factory=list)
    points: dict[int, Points] = field(default_factory=dict)  # by the number of the value
    failed: int = 0
    late: bool = False

    def add(self, other: Findings) -> None:
        """Take what another part has found."""
        self.series.extend(other.series)
        self.points.update(other.points)
        self.failed += other.failed
        self.late |= other.late


@dataclass(eq=False)
class Work:
    """What all parts are told, and what was found."""

    varied: Varied
    observed: Observed
    states: Floats
    times: Floats  # at which runs are looked at
    everywhere: bool  # whether fixed points are sought at each value, whatever it takes
    seed: int
    threads: int
    deadline: float | None = None
    found: Findings = field(default_factory=Findings)

    @property
    def certified(self) -> bool:
        """Whether fixed points are found with proof."""
        system = self.varied.system
        return not why_not_certified(system) and system.state_dim <= CERTIFIED_UP_TO

    @property
    def searched(self) -> range:
        """Numbers of the values where fixed points are sought."""
        count = len(self.varied.values)
        return range(0, count, 1 if self.certified or self.everywhere else -(-count // AT_MOST))

    def alone(self, part: Part, seconds: float | None) -> Findings:
        """Return what a part finds in so many seconds."""
        own = replace(self, deadline=deadline_in(seconds), found=Findings())

        def so_far(status: Status) -> Findings:
            if status is Status.INTERRUPTED:
                raise KeyboardInterrupt
            return replace(own.found, late=True)

        found: Findings = long_call(lambda: own.whole(part), so_far, timeout=seconds)
        return found

    def whole(self, part: Part) -> Findings:
        """Do a part, as far as there is time."""
        for step in self.steps(part):
            step()
            self.found.late = self.late
            if self.late:
                break
        return self.found

    def steps(self, part: Part) -> Iterator[Callable[[], None]]:
        """A part, cut where there is time to look at the clock."""
        if part.what == "runs":
            yield lambda: self._ensemble(part.values, part.number)
        elif part.what == "points":
            yield from (lambda k=k: self._search(k) for k in part.values)  # type: ignore[misc]
        else:
            path = [self.states[0]]
            yield from (lambda k=k: self._follow(k, path, part.number) for k in part.values)  # type: ignore[misc]

    def _ensemble(self, values: range, number: int) -> None:
        states = np.tile(self.states[number], (len(values), 1))
        members = self.varied.of_members(slice(values.start, values.stop))
        ens = simulate_ensemble(self.varied.system, float(self.times[-1]), states, **members, **self._sampling,
                                workers=self.threads)  # fmt: skip
        fine = np.flatnonzero(ens.success)
        self.found.failed += int(has_failed(ens.status).sum())
        self._look(values.start + fine, ens.y[fine][..., -len(self.times) :], number)

    def _look(self, which: np.ndarray, y: Floats, number: int) -> dict[int, Floats]:
        """Keep what runs (B, N, T) at these values show, where need be from all their steps; return their new ends then."""
        if not len(which):
            return {}
        members = [self.varied.member(int(k)) for k in which]
        rows = np.array([self.observed.of_states(member, run.T) for (member, _), run in zip(members, y, strict=True)])
        at, dt = self.varied.values[which], np.tile(np.diff(self.times), (len(which), 1))
        if self.varied.system.kind == "map":
            self.found.series.append(Series(at, rows, np.zeros_like(rows), dt, number))
            return {}
        pairs = zip(members, y, strict=True)
        slopes = np.array([self.observed.slopes(member, run.T, drive) for (member, drive), run in pairs])
        series = Series(at, rows, slopes, dt, number)
        again = series.coarse | series.settling
        self.found.series.append(series[~again])
        ends = {int(k): self._finely(int(k), run[:, -1], number) for k, run in zip(which[again], y[again], strict=True)}
        return {k: end for k, end in ends.items() if end is not None}

    def _finely(self, k: int, state: Floats, number: int) -> Floats | None:
        """Look at a run, from a state on, at all its steps, the longer the longer it takes to settle; return its end."""
        member, drive = self.varied.member(k)
        length = float(self.times[-1] - self.times[0])
        for attempt in range(LONGER + 1):
            if self.late:
                return None
            run = simulate(member, length, state, inputs=drive, rtol=RTOL, atol=ATOL, dense_output=True,
                           timeout=self._seconds_left)  # fmt: skip
            if not run.success or run.sol is None:
                self.found.failed += bool(has_failed(run.status))
                return None
            t = np.unique((run.t[:-1, np.newaxis] + np.diff(run.t)[:, np.newaxis] * np.arange(NODES) / NODES).ravel())
            y = np.ascontiguousarray(run.sol(t).T)
            rows = self.observed.of_states(member, y)[np.newaxis]
            slopes = self.observed.slopes(member, y, drive)[np.newaxis]
            series = Series(self.varied.values[k : k + 1], rows, slopes, np.diff(t)[np.newaxis], number)
            if attempt == LONGER or not series.settling[0]:
                break
            state, length = run.final, 2.0 * length
        self.found.series.append(series)
        return run.final

    def _follow(self, k: int, path: list[Floats], number: int) -> None:
        """Follow an attractor to the next value."""
        member, drive = self.varied.member(k)
        run = simulate(member, float(self.times[-1]), path[-1], inputs=drive, **self._sampling)
        if not run.success:
            self.found.failed += bool(has_failed(run.status))
            return
        ends = self._look(np.array([k]), run.y[np.newaxis, :, -len(self.times) :], number)
        path.append(ends.get(k, run.final))

    def _search(self, k: int) -> None:
        member, drive = self.varied.member(k)
        left = self._seconds_left
        options: dict[str, Any] = {} if self.certified or self.everywhere else {"certify": False, "starts": SEARCHES}
        found = fixed_points(member, inputs=drive, rng=np.random.default_rng([self.seed, k]),
                             timeout=None if left is None else 0.5 * left, **options)  # fmt: skip
        self.found.points[k] = Points(found.x, found.stable, found.index, found.complete)

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and time.perf_counter() >= self.deadline

    @property
    def _seconds_left(self) -> float | None:
        return None if self.deadline is None else max(1e-3, self.deadline - time.perf_counter())

    @property
    def _sampling(self) -> dict[str, Any]:
        seconds = {"timeout": self._seconds_left}
        return seconds if self.varied.system.kind == "map" else {"t_eval": self.times} | seconds
