"""A pass ahead along trials, and the ways back from their losses to parameters and starts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from learning.chosen import Chosen
from learning.courses import Course, Way
from learning.outputs import Outputs
from learning.trials import Trial
from learning.unrolled import Seen, Unrolled
from neurodynamics.simulation import simulate, state_at_end
from neurodynamics.systems import replay_of
from neurodynamics.validation import Floats


class Pass:
    """One pass ahead: the trajectory of a trial, or of several side by side, what is shown, and the losses (L,)."""

    def __init__(self, system: Any, loss: Callable, trials: Sequence[Trial], courses: Sequence[Course], of: str) -> None:
        self.system, self.courses, self.given = system, courses, trials[0].inputs
        self.unrolled = Unrolled(system, courses if len(trials) > 1 else courses[0])
        self.outputs = Outputs(system, self.unrolled.seen, of)
        self.values, self.gradient = np.empty(len(trials)), np.zeros(self.outputs.shown.shape)
        shown, gradient = (a if len(trials) > 1 else a[..., np.newaxis] for a in (self.outputs.shown, self.gradient))
        for lane, (trial, steps) in enumerate(zip(trials, courses, strict=True)):
            rows = slice(len(steps.looks))
            self.values[lane], gradient[rows, :, lane] = asked(trial.loss or loss, shown[rows, :, lane], trial.targets)

    def cotangents(self, by_params: Floats) -> Seen:
        """Return the cotangents of the states that are seen; what outputs give the parameters is added."""
        run = self.unrolled
        return Seen(run.looks if run.several else self.courses[0].looks, self.outputs.back(self.gradient, by_params))

    @property
    def exact(self) -> bool:
        """Whether derivatives are exact to rounding."""
        return self.unrolled.exact and self.outputs.exact


def asked(loss: Callable, shown: Floats, targets: Any) -> tuple[float, Floats]:
    """Return what a loss says, checked."""
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is told below
        answer = loss(shown, targets)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise TypeError("`loss` must return its value and its gradient by what is shown, (L, K).")
    value, gradient = float(answer[0]), np.asarray(answer[1], dtype=np.float64)
    if gradient.shape != shown.shape:
        raise ValueError(f"`loss` must return a gradient of the shape {shown.shape} of what is shown; got {gradient.shape}.")
    if not (np.isfinite(value) and np.isfinite(gradient).all()):
        where = np.argwhere(~np.isfinite(gradient))
        raise ArithmeticError(f"`loss` is not finite{f' at row {where[0][0]} of what is shown' if len(where) else ''}.")
    return value, gradient


def sweep_back(ahead: Pass, whole: Floats, chosen: Chosen, way: Way, given: Floats | None = None) -> Floats:
    """Add the gradient by all parameters to ``whole``, and that by held inputs to ``given``; return that by the start."""
    if way.window is not None:
        return _truncated(ahead, whole, given, min(way.window, ahead.unrolled.size))
    ways = {"discrete": _discrete, "forward": _forward, "hybrid": _hybrid, "adjoint": _adjoint}
    return ways[way.method](ahead, whole, given, chosen)


def _at_start(seen: Seen) -> Floats:
    """Return the cotangent of the first state."""
    return np.where(seen.looks[:, np.newaxis] == 0, seen.cotangents, 0.0).sum(axis=0)


def _discrete(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    w = ahead.cotangents(whole)
    return ahead.unrolled.back(w, whole, given) + _at_start(w)


def _forward(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    """Sensitivities by the chosen parameters and the initial state, all at once."""
    n, p = ahead.system.state_dim, ahead.system.param_dim
    w, count = ahead.cotangents(whole), chosen.positions.size
    S = np.concatenate([np.zeros((n, count)), np.eye(n)], axis=1)
    by_params = np.concatenate([chosen.directions(p), np.zeros((p, n))], axis=1)
    _, _, total = ahead.unrolled.ahead(S, by_params, seen=w)
    whole[chosen.positions] += total[:count]
    return total[count:]


def _hybrid(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    """Blocks of N steps: within one go back, to its beginning come sensitivities of all that was before."""
    n, size, run = ahead.system.state_dim, ahead.unrolled.size, ahead.unrolled
    w = ahead.cotangents(whole)
    S, start = np.zeros((n, whole.size)), _at_start(w)
    to_start = np.eye(n)  # d y / d y0
    for first in range(0, size, n):
        last = min(first + n, size)
        at_first = run.back(w, whole, given, first, last)
        whole += at_first @ S
        start += at_first @ to_start
        rows, by_params = np.empty((n, n)), np.zeros((n, whole.size))
        for i, unit in enumerate(np.eye(n)):
            rows[i] = run.back(None, by_params[i], None, first, last, unit)
        S, to_start = rows @ S + by_params, rows @ to_start
    return start


def _truncated(ahead: Pass, whole: Floats, given: Floats | None, window: int) -> Floats:
    """Each time of the loss reaches back ``window`` steps."""
    w = ahead.cotangents(whole)
    start = _at_start(w)
    for k, cotangent in zip(w.looks.tolist(), w.cotangents, strict=True):
        if k > 0 and cotangent.any():
            at_first = ahead.unrolled.back(None, whole, given, max(k - window, 0), k, cotangent)
            start += at_first if k <= window else 0.0
    return start


def _adjoint(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    """Pearlmutter's equations along the dense output of the trajectory."""
    system, steps = ahead.system, ahead.courses[0]
    if system.kind == "map":
        raise ValueError('`method="adjoint"` is for flows; that of a map is method="discrete".')
    if system.has("reset"):
        raise ValueError('`method="adjoint"` is for flows without a reset; use method="discrete".')
    n, m, p = system.state_dim, system.input_dim, system.param_dim
    path = simulate(system, (steps.times[0], steps.times[-1]), steps.y0, inputs=ahead.given, method="dop853", rtol=1e-10,
                    atol=1e-12, dense_output=True).sol  # fmt: skip
    assert path is not None
    replay, u = replay_of(system), np.zeros(m)

    def costate(t: float, state: Floats, middle: float) -> Floats:
        steps.inputs.evaluate(t, middle, u)
        leaves = replay.at(t, path(t), u, np.asarray(system.params)).back(state[:n, np.newaxis])[:, 0]
        return np.concatenate([-leaves[:n], -leaves[n + m : n + m + p]])

    w, state = np.zeros((steps.times.size, n)), np.zeros(n + p)
    seen = ahead.cotangents(whole)
    np.add.at(w, seen.looks, seen.cotangents)
    jumps = np.isin(steps.times, steps.inputs.breakpoints)
    stops = np.flatnonzero(w.any(axis=1) | jumps | (np.arange(len(w)) == 0))[::-1]
    for k, before in zip(stops, [*stops[1:], 0], strict=True):
        state[:n] += w[k]
        if k > before:
            span = float(steps.times[k]), float(steps.times[before])
            state = state_at_end(functools.partial(costate, middle=sum(span) / 2), span, state)
    whole += state[n:]
    return state[:n]


def first_overflow(ahead: Pass) -> int:
    """Return how many steps back from the end cotangents stay finite."""
    w, size = ahead.cotangents(np.zeros(ahead.system.param_dim)), ahead.unrolled.size
    end: Floats | None = None
    for k in range(size, 0, -1):
        end = ahead.unrolled.back(w, np.zeros(ahead.system.param_dim), None, k - 1, k, end)
        if not np.isfinite(end).all():
            return size - k + 1
    return size
