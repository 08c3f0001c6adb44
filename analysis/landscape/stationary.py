"""All stationary points that can be found, and how sure it is that there are no others."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import numpy as np

from analysis.equilibria import FixedPoints, Found, Multistart, Unresolved, fixed_points
from analysis.landscape.additive import Additive
from analysis.landscape.climb import climb, newton
from analysis.landscape.descent import descend
from analysis.landscape.general import General
from analysis.landscape.spaces import MANY, NeuronSpace, PatternSpace, StateSpace, modes_of, space_of
from neurodynamics import Status
from neurodynamics.validation import Floats

Model = Additive | General
Space = StateSpace | NeuronSpace | PatternSpace

STARTS_WORK = 3e7  # random starts times C^3 of an incomplete search ..
STARTS = (8, 512)  # .. and their limits
MIXTURES = 200  # at most so many are tried
JUMPS = 4  # rounds of Newton's method, each from ..
JUMP_WORK = 4e7  # .. so many starts times operations of a step
JUMP_STARTS = (16, 256)
ROUNDS = 3  # of climbing from minima that were new
CLOSE = 1e-3  # relative speed: ways that ended elsewhere were cut short
OFFSET = 1e-3  # of the size: the push off a saddle
SAME = 1e-4  # of the size: ends so close are polished together
SETTLED = 1e-7  # relative speed at which a state is close enough to a minimum for Newton's method
DEGENERATE = 1e-7  # relative growth rate below which a point is not isolated, as far as rounding shows


@dataclass
class Stationary:
    """Stationary points of a model, in its own variables."""

    x: Floats
    certified: np.ndarray
    index: np.ndarray
    hits: np.ndarray
    complete: bool
    reason: str
    missed: float
    starts: int
    unresolved: tuple[Unresolved, ...]
    status: Status

    @property
    def minima(self) -> Floats:
        """Those of index 0."""
        return self.x[self.index == 0]


def size_of(x: Floats) -> float:
    """Return the diameter of the box around points, or 1 for a single one."""
    spread = float(np.linalg.norm(np.ptp(x, axis=0))) if len(x) > 1 else 0.0
    return spread if spread > 0 else 1.0


def first_points(
    model: Model, certify: bool | str, rng: np.random.Generator, starts: int | None, deadline: float | None, bounds: Any
) -> Stationary:
    """Return what :func:`fixed_points` finds."""
    c, space = model.network.state_dim, space_of(model)
    if certify is not True and c > MANY and isinstance(space, PatternSpace):
        return _none(c, f"{c} different neurons are too many for a proof")
    if starts is None and certify is not True and c > 20:
        starts = int(np.clip(STARTS_WORK / c**3, *STARTS))
    left = None if deadline is None else max(0.0, deadline - time.perf_counter())
    with np.errstate(all="ignore"):  # starts far out may overflow
        found = fixed_points(
            model.network, inputs=model.drive, certify=certify, bounds=bounds, rng=rng, starts=starts, timeout=left,
            on_interrupt="return",
        )  # fmt: skip
    return _without_continua(model, found)


def _none(c: int, reason: str) -> Stationary:
    none = np.zeros(0, dtype=np.int64)
    return Stationary(np.empty((0, c)), none > 0, none, none, False, reason, np.nan, 0, (), Status.SUCCESS)


def _without_continua(model: Model, found: FixedPoints) -> Stationary:
    """Points that are not proved and not isolated belong to one continuum, and are reported as that."""
    rates, _ = modes_of(model, found.x)
    scale = np.abs(rates).max(axis=1, initial=1e-300)
    flat = ~found.certified & (np.abs(rates) <= DEGENERATE * scale[:, np.newaxis]).any(axis=1)
    unresolved, reason, missed = found.unresolved, found.reason, found.missed
    if flat.any():
        unresolved = (*unresolved, _continuum(model, found.x[flat]))
        reason, missed = f"{int(flat.sum())} points that were found are not isolated; see `unresolved`", np.nan
    keep = ~flat
    index = np.where(found.index_certified[keep], found.index[keep], (rates[keep] > 0).sum(axis=1))
    return Stationary(
        found.x[keep], found.certified[keep], index, found.hits[keep], found.complete and not flat.any(), reason,
        missed, found.starts, unresolved, found.status,
    )  # fmt: skip


def _continuum(model: Model, x: Floats) -> Unresolved:
    _, directions = modes_of(model, x[:1])
    box = np.stack([x.min(axis=0), x.max(axis=0)])
    residual = float(np.abs(model.flow(x)).max())
    return Unresolved(box[0], box[1], box[np.newaxis], x[0], residual, directions, "degenerate")


def seeds(model: Model, patterns: Floats | None, rng: np.random.Generator) -> Floats:
    """Return states (K, C) that outputs at the patterns, their reverses and their mixtures of three lead to."""
    if patterns is None or not isinstance(model, Additive):
        return np.empty((0, model.network.state_dim))
    rows = [patterns]
    choices = list(combinations(range(len(patterns)), 3))
    signs = np.array(list(product((1, -1), repeat=2)))
    rng.shuffle(choices)
    for chosen in choices[: MIXTURES // len(signs)]:
        rows.append(np.sign(np.column_stack([np.ones(len(signs)), signs]) @ patterns[list(chosen)]))
    spins = np.concatenate(rows)
    ends = np.array(model.system.activation.range)
    ends = ends if np.isfinite(ends).all() else np.array([-1.0, 1.0])
    v = model.reduce(np.where(np.concatenate([spins, -spins]) > 0, ends[1], ends[0]))
    return (model.fields(v) + model.network.constant_inputs) / model.network.leaks


def extended(
    model: Model, known: Stationary, starts: Floats, further: Floats, patterns: Floats | None,
    rng: np.random.Generator, deadline: float | None,
) -> Stationary:  # fmt: skip
    """Return the points with those that steepest descent from seeds and eigenvector following from minima lead to."""
    space = space_of(model)
    hunt = _Hunt(model, space, known, deadline)
    size = size_of(np.concatenate([known.x, further, starts]))
    status = known.status
    try:
        hunt.down(np.concatenate([seeds(model, patterns, rng), starts]), size)
        hunt.add(further)
        if isinstance(space, (NeuronSpace, PatternSpace)):
            hunt.climb(space)
            hunt.jump(space, rng)
        if model.odd:
            hunt.add(-hunt.x, hits=0)
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    return hunt.result(status)


class _Roots(Multistart):
    """The list of the zeros of a space's equations."""

    def __init__(self, space: Space) -> None:
        super().__init__(space.model.network, space.model.drive, 1, None)
        self.space = space

    def equations(self, states: Floats) -> tuple[Floats, Floats]:
        """Those of the space."""
        with np.errstate(all="ignore"):
            return self.space.equations(states)


class _Hunt:
    """A search in the variables of a space."""

    def __init__(self, model: Model, space: Space, known: Stationary, deadline: float | None) -> None:
        self.model, self.space, self.search, self.known, self.deadline = model, space, _Roots(space), known, deadline
        z = space.from_states(known.x)
        self.found = Found(z.copy(), np.full(len(z), 1e-12), known.hits.copy(), starts=known.starts)

    @property
    def x(self) -> Floats:
        """States (K, C) of the points."""
        return self.space.to_states(self.found.x)

    @property
    def late(self) -> bool:
        return self.deadline is not None and time.perf_counter() >= self.deadline

    def add(self, states: Floats, hits: int | None = None) -> None:
        """Add states that are close to stationary points."""
        self._add(self.space.from_states(states[np.isfinite(states).all(axis=1)]), hits)

    def _add(self, z: Floats, hits: int | None = None) -> None:
        """Of points that are the same one is polished."""
        z = z[np.isfinite(z).all(axis=1)]
        if not len(z):
            return
        size = size_of(np.concatenate([self.found.x, z]))
        z = z[np.abs(self.search.equations(z)[0]).max(axis=1, initial=0.0) <= CLOSE * size]
        _, first, count = np.unique(np.round(z / (SAME * size)), axis=0, return_index=True, return_counts=True)
        for times in np.unique(count):
            self.search.add(z[first[count == times]], self.found, hits=int(times) if hits is None else hits)

    def down(self, states: Floats, size: float) -> None:
        """Add where states (K, C) come to rest."""
        none = np.empty((0, states.shape[1]))
        ends = descend(
            self.model.flow, states, none, np.empty(0), size=size, rest=SETTLED, deadline=self.deadline,
            jacobian=self.model.jacobian,
        )  # fmt: skip
        self.add(ends.states)

    def climb(self, space: NeuronSpace | PatternSpace) -> None:
        """Climb from minima, and go down from the saddles that this finds, until there are no new minima."""
        done = 0
        for _ in range(ROUNDS):
            minima = self.found.x[modes_of(self.model, self.x)[0][:, -1] < 0]
            if len(minima) == done or self.late:
                return
            fresh, done = minima[done:], len(minima)  # points are appended to the list
            self._add(climb(space, fresh, size_of(self.found.x), self.deadline))
            x = self.x
            size, (rates, directions) = size_of(x), modes_of(self.model, x)
            saddles = (rates > 0).sum(axis=1) == 1
            push = OFFSET * size * directions[saddles]
            self.down(np.concatenate([x[saddles] + push, x[saddles] - push]), size)

    def jump(self, space: NeuronSpace | PatternSpace, rng: np.random.Generator) -> None:
        """Newton's method from means of points and from random places, until all is found twice and the Morse sum is 1."""
        count, found = int(np.clip(JUMP_WORK / space.work, *JUMP_STARTS)), self.found
        for _ in range(JUMPS):
            if not len(found.x) or self.late:
                return
            z = found.x
            weights = rng.dirichlet(np.ones(3), size=count)
            mixed = np.einsum("bk,bkd->bd", weights, z[rng.integers(len(z), size=(count, 3))])
            anywhere = z.min(axis=0) + rng.random((count, space.dim)) * np.ptp(z, axis=0)
            self._add(newton(space, np.concatenate([mixed, anywhere]), size_of(z), self.deadline))
            found.starts += 2 * count
            index = (modes_of(self.model, self.x)[0] > 0).sum(axis=1)
            if (found.hits != 1).all() and (1 - 2 * (index % 2)).sum() == 1:
                return

    def result(self, status: Status) -> Stationary:
        """What was known, with what was found since."""
        known, found = self.known, self.found
        count = min(len(found.x), len(found.hits))  # an interrupt may have come between the two
        x = self.x[:count]
        x[: len(known.x)] = known.x
        rates, _ = modes_of(self.model, x)
        flat = (np.abs(rates) <= DEGENERATE * np.abs(rates).max(axis=1, keepdims=True, initial=1e-300)).any(axis=1)
        old = np.arange(len(x)) < len(known.x)
        keep = old | ~flat
        index = (rates > 0).sum(axis=1)
        index[old] = known.index
        certified = np.zeros(len(x), dtype=bool)
        certified[old] = known.certified
        why = known.reason.partition(";")[0]
        reason = f"{why}; sought from random starts, by ascent and descent; about {found.missed:.2g} points missed"
        if known.unresolved:
            reason += f"; {len(known.unresolved)} set(s) of points that are not isolated, or a tail, see `unresolved`"
        return replace(
            known, x=x[keep], certified=certified[keep], index=index[keep], hits=found.hits[:count][keep], complete=False,
            reason=reason, missed=found.missed, starts=found.starts, status=status,
        )  # fmt: skip
