"""All stationary points that can be found, and how sure it is that there are no others."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import numpy as np

from analysis._equilibria import Unresolved
from analysis._landscape.additive import Additive
from analysis._landscape.climb import climb, newton
from analysis._landscape.descent import descend
from analysis._landscape.general import General
from analysis._landscape.spaces import space_of
from analysis._multistart import Found, Multistart
from analysis.fixed_points import FixedPoints, fixed_points
from neurodynamics import Status
from neurodynamics.validation import Floats

Model = Additive | General

STARTS_WORK = 3e7  # random starts times C^3 of an incomplete search ..
STARTS = (8, 512)  # .. and their limits
MIXTURES = 200  # at most so many are tried
JUMPS = 4  # rounds of Newton's method, each from ..
JUMP_WORK = 2e6  # .. so many starts, times dimension^3
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

    @property
    def size(self) -> float:
        """How far the points spread: the unit of distances."""
        return size_of(self.x)


def size_of(x: Floats) -> float:
    """Return the diameter of the box around points, or 1 for a single one."""
    spread = float(np.linalg.norm(np.ptp(x, axis=0))) if len(x) > 1 else 0.0
    return spread if spread > 0 else 1.0


def first_points(
    model: Model, certify: bool | str, rng: np.random.Generator, starts: int | None, deadline: float | None, bounds: Any
) -> Stationary:
    """Return what :func:`fixed_points` finds."""
    c = model.network.state_dim
    if starts is None and certify != True and c > 20:  # noqa: E712 - "auto" is not True
        starts = int(np.clip(STARTS_WORK / c**3, *STARTS))
    left = None if deadline is None else max(0.0, deadline - time.perf_counter())
    with np.errstate(all="ignore"):  # starts far out may overflow
        found = fixed_points(
            model.network, inputs=model.drive, certify=certify, bounds=bounds, rng=rng, starts=starts, timeout=left,
            on_interrupt="return",
        )  # fmt: skip
    return _without_continua(model, found)


def _without_continua(model: Model, found: FixedPoints) -> Stationary:
    """Points that are not proved and not isolated belong to one continuum, and are reported as that."""
    rates, _ = model.modes(found.x)
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
    _, directions = model.modes(x[:1])
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
    net = model.network
    return (v @ net.weights.T + net.constant_inputs) / net.leaks


def extended(
    model: Model, known: Stationary, starts: Floats, further: Floats, patterns: Floats | None,
    rng: np.random.Generator, deadline: float | None,
) -> Stationary:  # fmt: skip
    """Return the points with those that ways down from seeds and ways up from minima lead to."""
    search = Multistart(model.network, model.drive, 1, None)
    found = Found(known.x.copy(), np.full(len(known.x), 1e-12), known.hits.copy(), starts=known.starts)
    size = size_of(np.concatenate([known.x, further]))
    begin = np.concatenate([seeds(model, patterns, rng), starts])
    none = np.empty((0, known.x.shape[1]))
    down = descend(model.flow, begin, none, np.empty(0), size=size, rest=SETTLED, deadline=deadline).states
    _add(search, np.concatenate([down, further]), found, size)
    if isinstance(model, Additive):
        _climb_from_all(model, search, found, size, deadline)
        _jump(model, search, found, size, rng, deadline)
        if model.odd:
            search.add(-found.x, found, hits=0)
    return _merged(model, known, found)


def _climb_from_all(model: Additive, search: Multistart, found: Found, size: float, deadline: float | None) -> None:
    """Climb from minima, and go down from the saddles that this finds, until there are no new minima."""
    space, done = space_of(model), 0
    for _ in range(ROUNDS):
        minima = found.x[model.modes(found.x)[0][:, -1] < 0]
        if len(minima) == done or (deadline is not None and time.perf_counter() >= deadline):
            return
        fresh, done = minima[done:], len(minima)  # points are appended to the list
        z = space.from_states(found.x)
        up = climb(space, space.from_states(fresh), size_of(z), deadline)
        _add(search, space.to_states(up), found, size)
        rates, directions = model.modes(found.x)
        saddles = (rates > 0).sum(axis=1) == 1
        push = OFFSET * size * directions[saddles]
        sides = np.concatenate([found.x[saddles] + push, found.x[saddles] - push])
        none = np.empty((0, found.x.shape[1]))
        down = descend(model.flow, sides, none, np.empty(0), size=size, rest=SETTLED, deadline=deadline).states
        _add(search, down, found, size)


def _jump(
    model: Additive, search: Multistart, found: Found, size: float, rng: np.random.Generator, deadline: float | None
) -> None:
    """Newton's method from means of points and from random places, until all is found twice and the Morse sum is 1."""
    space = space_of(model)
    count = int(np.clip(JUMP_WORK / space.dim**3, 16, 256))
    for _ in range(JUMPS):
        if not len(found.x) or (deadline is not None and time.perf_counter() >= deadline):
            return
        z = space.from_states(found.x)
        weights = rng.dirichlet(np.ones(3), size=count)
        mixed = np.einsum("bk,bkd->bd", weights, z[rng.integers(len(z), size=(count, 3))])
        anywhere = z.min(axis=0) + rng.random((count, space.dim)) * np.ptp(z, axis=0)
        reached = newton(space, np.concatenate([mixed, anywhere]), size_of(z), deadline)
        _add(search, space.to_states(reached), found, size)
        found.starts += 2 * count
        index = (model.modes(found.x)[0] > 0).sum(axis=1)
        if (found.hits != 1).all() and (1 - 2 * (index % 2)).sum() == 1:
            return


def _add(search: Multistart, x: Floats, found: Found, size: float) -> None:
    """Add points of which many may be the same: one of each is polished."""
    x = x[np.isfinite(x).all(axis=1)]
    x = x[np.abs(search.equations(x)[0]).max(axis=1, initial=0.0) <= CLOSE * size] if len(x) else x
    _, first, count = np.unique(np.round(x / (SAME * size)), axis=0, return_index=True, return_counts=True)
    for times in np.unique(count):
        search.add(x[first[count == times]], found, hits=int(times))


def _merged(model: Model, known: Stationary, found: Found) -> Stationary:
    rates, _ = model.modes(found.x)
    flat = (np.abs(rates) <= DEGENERATE * np.abs(rates).max(axis=1, keepdims=True, initial=1e-300)).any(axis=1)
    old = np.arange(len(found.x)) < len(known.x)
    keep = old | ~flat
    index = (rates > 0).sum(axis=1)
    index[old] = known.index
    certified = np.zeros(len(found.x), dtype=bool)
    certified[old] = known.certified
    why = known.reason.partition(";")[0]
    reason = f"{why}; sought from random starts, by ways up and ways down; about {found.missed:.2g} points missed"
    return replace(
        known, x=found.x[keep], certified=certified[keep], index=index[keep], hits=found.hits[keep], complete=False,
        reason=reason, missed=found.missed, starts=found.starts,
    )  # fmt: skip
