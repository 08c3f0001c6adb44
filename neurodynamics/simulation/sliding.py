"""Sliding along jumps of the right-hand side, as in dry friction: where a trajectory crosses a jump back and forth for ever.

Both sides of the jump then point at it. The solution in the sense of Filippov moves with the mean of the two that stays on
the jump, and rests where zero is a mean; steps of a numerical method shrink to nothing.

References
----------
.. [1] Filippov (1988), Differential Equations with Discontinuous Righthand Sides, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from neurodynamics.validation import Floats

Slopes = Callable[[Floats], Floats]  # of states (K, N)
STEPS, STEP = 512, 1e-8  # of a polygon along the slope; their length, of the size of the state
TURNED = 0.1  # of the larger slope: a change from one step to the next that may be a jump
POLE = 2.0  # times as large as half of the halvings before: what grows so is a pole, and no jump
HALVINGS = 20  # of such a step, over which the change of a smooth slope falls a million times
FEWEST = 8  # crossings
ZERO = 1e-5  # of the slopes: their smallest mean where the trajectory rests
LOOK_AFTER, PATIENCE = 2000, 100.0  # steps between looks; a run that needs as many such pieces is looked at


class Sliding(Enum):
    """What happens at a jump that is crossed back and forth."""

    NONE = "no jump holds it"
    RESTS = "rests"
    MOVES = "moves"


def sliding_at(slopes: Slopes, y: Floats) -> list[Sliding]:
    """Return of each state (K, N) whether the trajectory there rests at a jump of its slope, or moves along it."""
    length = STEP * (1.0 + np.abs(y).max(axis=1, initial=0.0, keepdims=True))
    states, f = (np.empty((STEPS, *y.shape)) for _ in range(2))
    state = y.copy()
    with np.errstate(all="ignore"):
        for k in range(STEPS):
            states[k], f[k] = state, slopes(state)
            state = state + length * f[k] / np.linalg.norm(f[k], axis=1, keepdims=True)
        return [_sliding(slopes, states[:, k], f[:, k]) for k in range(len(y))]


def _sliding(slopes: Slopes, states: Floats, f: Floats) -> Sliding:
    """Return what a polygon (STEPS, N) along the slopes shows."""
    speeds = np.linalg.norm(f, axis=1)
    change = np.linalg.norm(np.diff(f, axis=0), axis=1)
    crossings = np.flatnonzero(change > TURNED * np.maximum(speeds[1:], speeds[:-1]))
    if not np.isfinite(f).all() or len(crossings) < FEWEST:
        return Sliding.NONE
    if not jumps_between(slopes, states[crossings[-2:]], states[crossings[-2:] + 1]).all():
        return Sliding.NONE
    from scipy.optimize import nnls  # which few runs need

    late = f[crossings[0] :] / speeds.max()
    missed = nnls(np.vstack([late.T, np.ones(len(late))]), np.append(np.zeros(f.shape[1]), 1.0))[1]
    return Sliding.RESTS if missed < ZERO else Sliding.MOVES


def jumps_between(slopes: Slopes, a: Floats, b: Floats, halvings: int = HALVINGS) -> np.ndarray:
    """Whether the slope changes between states a and b (K, N) by a jump, (K,)."""
    at_a, at_b = slopes(a), slopes(b)
    whole = np.linalg.norm(at_b - at_a, axis=1)
    for k in range(halvings):
        if k == halvings // 2:
            before = np.linalg.norm(at_b - at_a, axis=1)
        middle = 0.5 * (a + b)
        at_middle = slopes(middle)
        first = np.linalg.norm(at_middle - at_a, axis=1) >= np.linalg.norm(at_b - at_middle, axis=1)
        first = first[:, np.newaxis]
        a, at_a = np.where(first, a, middle), np.where(first, at_a, at_middle)
        b, at_b = np.where(first, middle, b), np.where(first, at_middle, at_b)
    left = np.linalg.norm(at_b - at_a, axis=1)
    return (left > 0) & (left > TURNED * whole) & (left <= POLE * before)


@dataclass
class SlideWatch:
    """Looks at a run of adaptive steps from time to time, and tells when it slides along a jump."""

    system: Any
    inputs: Any
    t0: float
    t_end: float

    def __post_init__(self) -> None:
        self.after, self.then = LOOK_AFTER, self.t0

    def again(self) -> SlideWatch:
        """Return what looks at the next run."""
        return SlideWatch(self.system, self.inputs, self.t0, self.t_end)

    def slides(self, t: float, y: Floats, steps: int) -> bool:
        """Whether the run, which is at time t after so many steps, goes on along a jump."""
        if steps < self.after:
            return False
        slow = abs(t - self.then) * PATIENCE < abs(self.t_end - t)
        self.after, self.then = steps + LOOK_AFTER, t
        if not slow:
            return False
        return sliding_at(self._slopes(t), y[np.newaxis].copy()) != [Sliding.NONE]

    def _slopes(self, t: float) -> Slopes:
        system, u = self.system, self.inputs.at(np.array([t]))[:, 0]
        function = system.function("rhs")
        call = function.source if system.host else function

        def slopes(states: Floats) -> Floats:
            out = np.zeros_like(states)
            for state, row in zip(states, out, strict=True):
                call(t, np.ascontiguousarray(state), u, system.params, row)
            return out

        return slopes


def slide_watch(system: Any, inputs: Any, plan: Any) -> SlideWatch | None:
    """Return what looks at a run of a user's flow with adaptive steps; others have no jumps, or no steps that shrink."""
    watched = system.kind == "flow" and system.structure("additive") is None and not plan.method.constant_step
    return SlideWatch(system, inputs, plan.t0, plan.t_end) if watched else None
