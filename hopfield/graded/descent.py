"""Recall by mirror descent: constant steps proved never to raise the energy, for many probes at once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

from hopfield.couplings import SMALL, Coupling
from hopfield.recall import Recall, RecallStatus, Trace
from neurodynamics.compiling import each
from neurodynamics.status import Interrupted, Status
from neurodynamics.validation import Floats
from neurodynamics.watched import GRACE, stop_word, until, watched

POWERS = 8  # products that show that no eigenvalue reaches 1
ALIKE = 1e3  # tolerances: states that lie so close are the same fixed point
DOUBT = 1e-9  # how probable it is that they are wrong


@dataclass
class Progress:
    """Where the probes are."""

    states: Floats
    history: list[Floats] = field(default_factory=list)
    stop: NDArray[np.int64] = field(default_factory=stop_word)
    running: bool = True
    symmetric: bool = False  # whether there is an energy, as far as was looked

    def __post_init__(self) -> None:
        count = len(self.states)
        self.at_rest = np.zeros(count, bool)
        self.status = np.full(count, RecallStatus.INTERRUPTED, np.int8)
        self.steps = np.zeros(count, np.int64)
        self.times = np.zeros(count)
        self.residuals = np.full(count, np.inf)
        self.rise = np.full(count, -np.inf)

    def snapshot(self, ended: Status) -> Progress:
        """Return a copy that work which is still running does not change, with what ended it."""
        copy = Progress(self.states.copy(), list(self.history), running=self.running, symmetric=self.symmetric)
        for name in ("at_rest", "status", "steps", "times", "residuals", "rise"):
            setattr(copy, name, getattr(self, name).copy())
        copy.status[copy.status == RecallStatus.INTERRUPTED] = int(ended)
        return copy


@dataclass(frozen=True)
class Scheme:
    """A step ``update(k, states, dE/dV) -> states``, and the time that it stands for."""

    update: Callable[[int, Floats, Floats], Floats]
    step: float


def all_at_once(step: float, tau: Floats) -> Scheme:
    """Explicit Euler steps of the flow: mirror descent in the outputs."""
    return Scheme(lambda k, u, gradient: u - step * gradient / tau, step)


def in_turn(layers: tuple[int, int], first: int, leaks: Floats, tau: Floats) -> Scheme:
    """Each layer in turn goes to its minimum of E while the other waits: E is convex in each."""
    parts = slice(0, layers[0]), slice(layers[0], None)

    def update(k: int, u: Floats, gradient: Floats) -> Floats:
        part, u = parts[(k + first) % 2], u.copy()
        u[:, part] -= gradient[:, part] / leaks[part]
        return u

    return Scheme(update, float((tau / leaks).max()) / 2)


class HasGradient(Protocol):
    """An energy with what steps go down by."""

    def value_and_gradient(self, u: ArrayLike) -> tuple[Any, Floats]:
        """E (K,) and -tau du/dt (K, N) of states in rows."""


def descend(
    energy: HasGradient, tau: ArrayLike, scheme: Scheme, run: Progress, tolerance: float, max_time: float, record: bool,
    max_steps: float = np.inf,
) -> None:  # fmt: skip
    """Go on until ``max |du/dt| < tolerance``, or until ``max_time`` or ``max_steps`` is used up."""
    active = np.arange(len(run.states))
    before = np.full(len(active), np.inf)
    most = max(1, int(min(max_time / scheme.step, max_steps)))
    for k in range(most + 1):
        if run.stop[0]:
            return
        values, gradient = energy.value_and_gradient(run.states[active])
        run.rise[active] = np.maximum(run.rise[active], values - before[active])
        before[active] = values
        run.residuals[active] = np.abs(gradient / tau).max(axis=1)
        run.steps[active], run.times[active] = k, k * scheme.step
        if record:
            run.history.append(run.states.copy())
        moving = ~(run.residuals[active] < tolerance)
        run.at_rest[active[~moving]] = True
        active = active[moving]
        if active.size == 0 or k == most:
            break
        run.states[active] = scheme.update(k, run.states[active], gradient[moving])


def followed(
    network: Any, rows: Floats, relax: Callable[[Progress], None], stable: Callable[[Floats], Iterator[bool]],
    tolerance: float, seconds: float | None, on_interrupt: str,
) -> Recall:  # fmt: skip
    """Run ``relax(run)`` from these states, and tell by ``stable`` what they rest in; stopped, what was reached."""
    run = Progress(rows.copy())
    results: list[Recall] = []

    def work() -> None:
        run.symmetric = network.has("energy")
        with np.errstate(over="ignore", invalid="ignore"):  # a network that diverges is told by its status
            relax(run)
            if not run.stop[0]:
                judge(run, tolerance, stable)
                results.append(result(network, run, rows))
        run.running = False

    ended = watched(work, run.stop, timeout=seconds)
    if results:
        return results[0]
    left = 0.0 if run.running else GRACE
    part = result(network, run.snapshot(ended), rows, time.perf_counter() + left)
    if ended is Status.INTERRUPTED and on_interrupt == "raise":
        raise Interrupted(part)
    return part


def judge(run: Progress, tolerance: float, stable: Callable[[Floats], Iterator[bool]]) -> None:
    """Set the status of each probe that was not stopped; those that rest in the same state share one look at it."""
    run.status[~run.at_rest & np.isfinite(run.states).all(axis=1)] = RecallStatus.BUDGET
    run.status[~np.isfinite(run.states).all(axis=1)] = RecallStatus.NON_FINITE
    resting = np.flatnonzero(run.at_rest)
    grid = np.round(run.states[resting] / (ALIKE * tolerance))
    _, first, member = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    ends = run.states[resting[first]]
    for k, returns in enumerate(stable(ends)):
        if run.stop[0]:
            return
        alike = resting[member.ravel() == k]
        run.status[alike] = RecallStatus.FIXED_POINT if returns else RecallStatus.SADDLE


def result(network: Any, run: Progress, start: Floats, deadline: float = np.inf) -> Recall:
    """Return what a run has reached; energies and overlaps until the deadline."""
    symmetric, known = run.symmetric, network.patterns is not None
    return Recall(
        states=run.states,
        status=run.status,
        periods=run.at_rest.astype(np.int64),
        sweeps=run.steps,
        flips=(np.signbit(start + network.biases) != np.signbit(run.states + network.biases)).sum(axis=1),
        energies=_energies(network, run.states, deadline) if symmetric else None,
        max_energy_rise=np.where(run.steps > 0, run.rise, 0.0) if symmetric else None,
        overlaps=_overlaps(network, run.states, deadline) if known else None,
        trace=_trace(network, run, deadline) if run.history else None,
        layers=network.layers,
        times=run.times,
        residuals=run.residuals,
    )


def _trace(network: Any, run: Progress, deadline: float) -> Trace:
    known, frames = network.patterns is not None, run.history
    return Trace(
        states=np.stack(frames, axis=-1),
        energies=np.stack([_energies(network, u, deadline) for u in frames], axis=-1),
        overlaps=np.stack([_overlaps(network, u, deadline) for u in frames], axis=-1) if known else None,
        step="step",
    )


def _energies(network: Any, states: Floats, deadline: float) -> Floats:
    empty, size = np.full(len(states), np.nan), 0 if network.patterns is None else network.patterns.size
    return until(deadline, lambda rows: network.energy(states[rows]), empty, max(network.state_dim**2, 4 * size))


def _overlaps(network: Any, states: Floats, deadline: float) -> Floats:
    empty = np.full((len(states), len(network.patterns)), np.nan)
    return until(deadline, lambda rows: network.overlaps(states[rows]), empty, network.patterns.size)


# Kinds of rest --------------------------------------------------------------------------------------------------------


def stabilities(network: Any, u: Floats) -> Iterator[bool]:
    """Yield whether the network returns to each of the fixed points u (K, N) after every small push."""
    slopes = network.gains * each(network.activation.derivative, network.gains * (u + network.biases))
    if network.has("energy"):
        weights = slopes / network.leaks
        sure = surely_below_one(network.couplings, weights)
        yield from (bool(sure[k]) or network.couplings.none_above_one(row) for k, row in enumerate(weights))
    else:
        yield from (_largest_rate(network, row) <= 0 for row in slopes)


def _largest_rate(network: Any, slopes: Floats) -> float:
    """The largest real part of an eigenvalue of the flow's Jacobian ``(W D - diag(leaks)) / tau``, D = diag(slopes)."""
    w, leaks, tau = network.couplings, network.leaks, network.time_constants
    if len(slopes) > SMALL:
        operator = LinearOperator(w.shape, matvec=lambda v: (w.product(slopes * v.ravel()) - leaks * v.ravel()) / tau)
        with contextlib.suppress(ArpackNoConvergence):
            start = np.random.default_rng(0).normal(size=len(slopes))
            return float(eigs(operator, k=1, which="LR", v0=start, return_eigenvectors=False).real.max())
    rates = (w.dense() * slopes - np.diag(leaks)) / tau[:, None]
    return float(np.linalg.eigvals(rates).real.max())


def surely_below_one(coupling: Coupling, weights: NDArray) -> NDArray[np.bool_]:
    """Whether products show that every eigenvalue of A = D^1/2 W D^1/2, D = diag(weights), is below 1, for rows of weights.

    For a random v, ``|A^k v| >= |lambda|^k |v.e|`` with a standard normal v.e, which is below ``DOUBT`` with a
    probability below ``DOUBT``. False says nothing.
    """
    root = np.sqrt(weights)
    v = np.random.default_rng(0).normal(size=root.shape)
    for _ in range(POWERS):
        v = root * coupling.product(root * v)
    return (np.linalg.norm(v, axis=1) / DOUBT) ** (1 / POWERS) < 1
