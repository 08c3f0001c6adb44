"""Steepest descent from many states at once, each with steps of its own, until it is known where they end.

Steps are explicit at first. What is still under way after ``EXPLICIT`` of them creeps along a soft direction, as in a
ring of minima with tiny barriers or towards a minimum that is not quadratic; it goes on by linearly implicit steps,
which grow as long as the error allows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from neurodynamics.validation import Floats

ERROR = 1e-3  # of a step, relative to its length: so a state that comes to rest does come to rest
MAX_STEPS = 20_000
EXPLICIT = 400  # steps; then, where a Jacobian is at hand ..
IMPLICIT_BELOW = 200  # .. of at most so many states, implicit ones
D = 1 / (2 + np.sqrt(2.0))  # Rosenbrock's pair of orders 2 and 3: Shampine & Reichelt (1997), SIAM J. Sci. Comput. 18, 1
E32 = 6 + np.sqrt(2.0)
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
    jacobian: Callable[[Floats], Floats] | None = None,
    record: bool = False,
    rest: float = AT_REST,
    error: float = ERROR,
    deadline: float | None = None,
    max_steps: int = MAX_STEPS,
) -> Ends:
    """Follow a flow (K, C) -> (K, C) from each start until it is within `reach` (M,) of one of the targets (M, C),
    or slower than `rest` times `size`.

    Bogacki and Shampine's pair of orders 3 and 2, and later Rosenbrock's with the ``jacobian`` (K, C) -> (K, C, C); a
    step of each start is as long as its own error allows.
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
        if step < EXPLICIT or jacobian is None or starts.shape[1] > IMPLICIT_BELOW:
            y, f, h, accepted = _step(flow, y, f, h, error)
        else:
            y, f, h, accepted = _implicit_step(flow, jacobian, y, f, h, error)
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
    return _judged(y, f, h, new, k4, error, allowed)


def _implicit_step(
    flow: Callable[[Floats], Floats], jacobian: Callable[[Floats], Floats], y: Floats, f: Floats, h: Floats, allowed: float
) -> tuple[Floats, Floats, Floats, np.ndarray]:
    """The same for steps that solve with ``1 - h D J``."""
    dt = h[:, np.newaxis]
    w = np.eye(y.shape[1]) - (D * h)[:, np.newaxis, np.newaxis] * jacobian(y)

    def solved(b: Floats) -> Floats:
        return np.linalg.solve(w, b[:, :, np.newaxis])[:, :, 0]

    k1 = solved(f)
    middle = flow(y + 0.5 * dt * k1)
    k2 = solved(middle - k1) + k1
    new = y + dt * k2
    slope = flow(new)
    k3 = solved(slope - E32 * (k2 - middle) - 2 * (k1 - f))
    return _judged(y, f, h, new, slope, np.abs(dt / 6 * (k1 - 2 * k2 + k3)), allowed)


def _judged(
    y: Floats, f: Floats, h: Floats, new: Floats, slope: Floats, error: Floats, allowed: float
) -> tuple[Floats, Floats, Floats, np.ndarray]:
    """Accept what is exact enough, and change the lengths."""
    with np.errstate(invalid="ignore", over="ignore"):
        moved = np.abs(new - y).max(axis=1, initial=0.0)
        share = error.max(axis=1, initial=0.0) / (allowed * moved + TINY)
        accepted = share <= 1.0
        factor = SAFETY * np.maximum(share, 1e-12) ** (-1 / 3)
    factor = np.where(np.isfinite(share), np.clip(factor, LEAST, MOST), LEAST)
    keep = accepted[:, np.newaxis]
    return np.where(keep, new, y), np.where(keep, slope, f), h * factor, accepted


def _nearest(states: Floats, targets: Floats, reach: Floats) -> np.ndarray:
    if not len(targets) or not len(states):
        return np.full(len(states), NOWHERE)
    distance = cdist(states, targets)
    near = distance.argmin(axis=1)
    return np.where(distance[np.arange(len(states)), near] <= reach[near], near, NOWHERE)
