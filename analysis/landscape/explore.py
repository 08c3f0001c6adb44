"""The search of a landscape: stationary points, steepest descents, volumes; what was found stays when it is stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from analysis.landscape.descent import IMPLICIT_BELOW, NOWHERE, descend
from analysis.landscape.flat import RETURNED, with_flat_minima
from analysis.landscape.spaces import modes_of
from analysis.landscape.stationary import DEGENERATE, Model, Stationary, extended, first_points, size_of
from analysis.landscape.tree import SAME_HEIGHT
from analysis.landscape.volumes import Volumes, default_samples, draw
from neurodynamics import Status
from neurodynamics.validation import Floats

REACH = 1e-3  # of the size: a state so close to a minimum goes there ..
ALONE = 0.2  # .. unless another point is nearer than so many of that
OFFSET = 1e-4  # of the size: the first step off a saddle
SETTLED = 1e-6  # relative speed of a state that rests ..
CREEPING = 1e-10  # .. where steps are implicit in the end: slow states are followed along soft directions
ROUGH = 2e-2  # error of the steps of samples, relative to their lengths: far below the error of counting
AROUND_FLAT = 10.0  # how much further a minimum without curvature reaches
OF_POINTS, OF_SAMPLES, OF_FURTHER = 0.4, 0.3, 0.5  # of the time that is left, for each stage; descents have the rest
ROUNDS = 3  # of finding minima that descents lead to


class Exploration:
    """What is known so far; :meth:`run` goes on until everything is done or time is up."""

    def __init__(
        self, model: Model, *, certify: bool | str, patterns: Floats | None, rng: np.random.Generator, samples: int | None,
        starts: int | None, box: Floats | None, bounds: Any, deadline: float | None,
    ) -> None:  # fmt: skip
        self.model, self.certify, self.patterns, self.rng, self.bounds = model, certify, patterns, rng, bounds
        self.samples = default_samples(model.system.state_dim) if samples is None else samples
        self.starts, self.box, self.deadline = starts, box, deadline
        none = np.zeros(0, dtype=np.int64)
        c = model.network.state_dim
        self.points = Stationary(np.empty((0, c)), none > 0, none, none, False, "interrupted", np.nan, 0, (),
                                 Status.INTERRUPTED)  # fmt: skip
        self.saddles, self.joins, self.counts, self.drawn, self.measure = none, np.empty((0, 2), int), none, 0, ""
        self.status, self.cut = Status.SUCCESS, False

    def run(self) -> None:
        """Explore; Ctrl-C and the deadline leave what was found until then."""
        try:
            self._find()
            self._descend()
        except KeyboardInterrupt:
            self.status = Status.INTERRUPTED
        if self.status == Status.SUCCESS and (self.cut or self.late):
            self.status = Status.TIMEOUT

    @contextmanager
    def _share(self, share: float) -> Iterator[float | None]:
        """The deadline of a stage that gets this share of the time that is left, so that the next ones have some."""
        now = time.perf_counter()
        deadline = None if self.deadline is None else now + share * max(0.0, self.deadline - now)
        yield deadline
        self.cut |= deadline is not None and time.perf_counter() >= deadline

    @property
    def late(self) -> bool:
        """Whether the time is used up."""
        return self.deadline is not None and time.perf_counter() >= self.deadline

    @property
    def volumes(self) -> Volumes:
        """Of the minima, as far as samples were followed."""
        minima = len(self.points.minima)
        return Volumes(self.drawn, np.pad(self.counts, (0, minima - len(self.counts))), self.measure)

    def _find(self) -> None:
        model = self.model
        with self._share(OF_POINTS) as deadline:
            found = first_points(model, self.certify, self.rng, self.starts, deadline, self.bounds)
            self._take(with_flat_minima(model, found, deadline))
        if self.points.status == Status.INTERRUPTED:
            raise KeyboardInterrupt
        states, self.measure = draw(model, self.points.x, self.box, self.samples, self.rng)
        with self._share(OF_SAMPLES) as deadline:
            ends = self._sample(states, deadline)
        if not self.points.complete and not self.late:
            further = model.reduce(ends.states[ends.target == NOWHERE])
            further = further[np.isfinite(further).all(axis=1)]
            starts = model.reduce(states[: min(len(states), 100)])
            with self._share(OF_FURTHER) as deadline:
                self._take(extended(model, self.points, starts, further, self.patterns, self.rng, deadline))
        self._count(ends)
        if self.points.status == Status.INTERRUPTED:
            raise KeyboardInterrupt

    def _take(self, found: Stationary) -> None:
        """Keep points: minima first, lowest first, then saddles by index and energy."""
        energy = self.model.energy(found.x)
        span = max(float(np.ptp(energy)) if len(energy) else 0.0, float(np.abs(energy).max(initial=1e-9)) * 1e-3)
        level = np.round(energy / (SAME_HEIGHT * span))  # equal but for rounding
        rows = np.lexsort((*found.x.T[::-1], level, found.index))
        per_point = ("x", "certified", "index", "hits")
        self.points = replace(found, **{name: getattr(found, name)[rows] for name in per_point})

    def _targets(self) -> tuple[Floats, Floats, float]:
        """Minima, how near is near enough, and the size of things."""
        x, minima = self.points.x, self.points.minima
        size = size_of(x)
        if not len(minima):
            return minima, np.empty(0), size
        gap = cKDTree(x).query(minima, k=2)[0][:, 1] if len(x) > 1 else np.full(1, np.inf)
        reach = np.full(len(minima), REACH * size)
        if not self.points.complete:
            rates = np.abs(modes_of(self.model, minima)[0])
            flat = rates.min(axis=1, initial=np.inf) <= DEGENERATE * rates.max(axis=1, initial=0.0)
            reach[flat] = AROUND_FLAT * RETURNED * size  # states come ever more slowly
        return minima, np.minimum(reach, ALONE * gap), size

    def _sample(self, states: Floats, deadline: float | None) -> Any:
        """Follow states of all neurons."""
        minima, reach, size = self._targets()
        full = self.model.expand(minima)
        stretch = float(np.sqrt(full.shape[1] / max(minima.shape[1], 1)))  # a class counts as often as it has neurons
        rest = CREEPING if full.shape[1] <= IMPLICIT_BELOW else SETTLED
        return descend(self.model.full_flow, states, full, reach * stretch, size=size, rest=rest, error=ROUGH,
                       deadline=deadline, jacobian=self.model.full_jacobian)  # fmt: skip

    def _count(self, ends: Any) -> None:
        """Give samples that came to rest where no minimum was known to the minima that were found since."""
        minima, reach, size = self._targets()
        full, stretch = self.model.expand(minima), np.sqrt(self.model.system.state_dim / max(minima.shape[1], 1))
        where = ends.states
        target = np.full(len(where), NOWHERE)
        if len(full) and len(where):
            known = np.isfinite(where).all(axis=1)
            distance, near = cKDTree(full).query(where[known])
            target[known] = np.where(distance <= 2 * np.maximum(reach[near], 10 * SETTLED * size) * stretch, near, NOWHERE)
        self.drawn = len(where)
        self.counts = np.bincount(target[target >= 0], minlength=len(minima))

    def _descend(self) -> None:
        """Both steepest descents from every saddle of index 1; where one leads to a new minimum, that is kept."""
        for _ in range(ROUNDS):
            minima, reach, size = self._targets()
            self.saddles = np.flatnonzero(self.points.index == 1)
            self.joins = np.full((len(self.saddles), 2), NOWHERE)
            x = self.points.x[self.saddles]
            if not len(x) or self.late:
                return
            gap = cKDTree(self.points.x).query(x, k=2)[0][:, 1] if len(self.points.x) > 1 else np.full(1, size)
            push = np.minimum(OFFSET * size, 0.05 * gap)[:, np.newaxis] * modes_of(self.model, x)[1]
            ends = descend(self.model.flow, np.concatenate([x + push, x - push]), minima, reach, size=size,
                           deadline=self.deadline, jacobian=self.model.jacobian)  # fmt: skip
            self.joins = np.sort(ends.target.reshape(2, -1).T, axis=1)
            lost = ends.states[(ends.target == NOWHERE) & np.isfinite(ends.states).all(axis=1)]
            if self.points.complete or not len(lost) or not self._new_minima(lost):
                return

    def _new_minima(self, lost: Floats) -> bool:
        before, counts = self.points, self.counts
        none = np.empty((0, lost.shape[1]))
        after = extended(self.model, before, none, lost, None, self.rng, self.deadline)
        if len(after.x) == len(before.x):
            return False
        self._take(after)
        order = cKDTree(self.points.minima).query(before.minima)[1] if len(before.minima) else np.zeros(0, int)
        self.counts = np.zeros(len(self.points.minima), dtype=np.int64)
        self.counts[order] = counts
        return True
