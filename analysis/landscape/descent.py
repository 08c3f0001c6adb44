"""Steepest descent from many states at once, each with steps of its own, until its minimum is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from neurodynamics.validation import Floats

ERROR = 1e-3  # of a step, relative to its length: so a state that comes to rest does come to rest
MAX_STEPS = 20_000
LOOK = 4  # steps between two looks at where a state is
SAFETY, LEAST, MOST = 0.9, 0.2, 4.0  # of a change of step: Hairer, Norsett & Wanner I, II.4
TINY = 1e-300
AT_REST = 1e-12  # speed, relative to size, below which a state goes nowhere
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Ends:
    """Where states went: the number of a target or NOWHERE, the last states, and, of a single start, the way."""

    target: np.ndarray
    states: Floats
    way: Floats


def descend(
    flow: Callable[[Floats], Floats],
    starts: Floats,
    targets: Floats,
    reach: Floats,
    *,
    size: float,
    record: bool = False,
    rest: float = AT_REST,
    error: float = ERROR,
    deadline: float | None = None,
    max_steps: int = MAX_STEPS,
) -> Ends:
    """Follow a flow (K, C) -> (K, C) from each start until it is within `reach` (M,) of one of the targets (M, C),
    or slower than `rest` times `size`.

    Bogacki and Shampine's pair of orders 3 and 2; a step of each start is as long as its own error allows.
    """
    y, f = starts.copy(), flow(starts)
    h = np.full(len(y), 1e-2) / np.maximum(np.abs(f).max(axis=1, initial=0.0) / size, 1.0)
    target, last, alive = np.full(len(y), NOWHERE), starts.copy(), np.arange(len(y))
    way = [starts.copy()]
    for step in range(max_steps):
        if step % LOOK == 0:
            if deadline is not None and time.perf_counter() >= deadline:
                break
            found = _nearest(y, targets, reach)
            resting = np.abs(f).max(axis=1, initial=0.0) <= rest * size
            done = (found >= 0) | resting | ~np.isfinite(y).all(axis=1)
            target[alive[done]], last[alive] = found[done], y
            alive, y, f, h = alive[~done], y[~done], f[~done], h[~done]
        if not alive.size:
            break
        y, f, h, accepted = _step(flow, y, f, h, error)
        if record and accepted[0]:
            way.append(y.copy())
    last[alive] = y
    return Ends(target, last, np.concatenate(way) if record else np.empty((0, starts.shape[1])))


def _step(
    flow: Callable[[Floats], Floats], y: Floats, f: Floats, h: Floats, allowed: float
) -> tuple[Floats, Floats, Floats, np.ndarray]:
    """Try one step of each state: new states and slopes where the error allowed it, new lengths, and where that was."""
    dt = h[:, np.newaxis]
    k2 = flow(y + 0.5 * dt * f)
    k3 = flow(y + 0.75 * dt * k2)
    new = y + dt * (2 * f + 3 * k2 + 4 * k3) / 9
    k4 = flow(new)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(dt * (-5 / 72 * f + k2 / 12 + k3 / 9 - k4 / 8))
        moved = np.abs(new - y).max(axis=1, initial=0.0)
        share = error.max(axis=1, initial=0.0) / (allowed * moved + TINY)
        accepted = share <= 1.0
        factor = SAFETY * np.maximum(share, 1e-12) ** (-1 / 3)
    factor = np.where(np.isfinite(share), np.clip(factor, LEAST, MOST), LEAST)
    keep = accepted[:, np.newaxis]
    return np.where(keep, new, y), np.where(keep, k4, f), h * factor, accepted


def _nearest(states: Floats, targets: Floats, reach: Floats) -> np.ndarray:
    if not len(targets) or not len(states):
        return np.full(len(states), NOWHERE)
    distance = cdist(states, targets)
    near = distance.argmin(axis=1)
    return np.where(distance[np.arange(len(states)), near] <= reach[near], near, NOWHERE)
