"""Recall by mirror descent: constant steps proved never to raise the energy, for many probes at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hopfield.couplings import SMALL, Coupling
from hopfield.energy import GradedEnergy
from hopfield.recall import Recall, RecallStatus, Trace
from neurodynamics.validation import Floats

POWERS = 8  # products that show that no eigenvalue reaches 1
DOUBT = 1e-9  # how probable it is that they are wrong


@dataclass
class Progress:
    """Where the probes are."""

    states: Floats
    history: list[Floats] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = len(self.states)
        self.at_rest = np.zeros(count, bool)
        self.steps = np.zeros(count, np.int64)
        self.times = np.zeros(count)
        self.residuals = np.full(count, np.inf)
        self.rise = np.full(count, -np.inf)
        self.interrupted = True


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


def descend(
    energy: GradedEnergy, tau: Floats, scheme: Scheme, run: Progress, tolerance: float, max_time: float, record: bool
) -> None:
    """Go on until ``max |du/dt| < tolerance``, or until ``max_time`` is used up."""
    active = np.arange(len(run.states))
    before = np.full(len(active), np.inf)
    most = max(1, int(max_time / scheme.step))
    for k in range(most + 1):
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
    run.interrupted = False


def result(network: Any, run: Progress, start: Floats) -> Recall:
    """Return what a run has reached, and what kind of rest it is."""
    stopped = RecallStatus.INTERRUPTED if run.interrupted else RecallStatus.BUDGET
    symmetric, known = network.has("energy"), network.patterns is not None
    status = np.full(len(start), stopped, np.int8)
    for k in np.flatnonzero(run.at_rest):
        status[k] = RecallStatus.FIXED_POINT if is_stable(network, run.states[k]) else RecallStatus.SADDLE
    return Recall(
        states=run.states,
        status=status,
        periods=run.at_rest.astype(np.int64),
        sweeps=run.steps,
        flips=(np.signbit(start + network.biases) != np.signbit(run.states + network.biases)).sum(axis=1),
        energies=network.energy(run.states) if symmetric else None,
        max_energy_rise=np.where(run.steps > 0, run.rise, 0.0) if symmetric else None,
        overlaps=network.overlaps(run.states) if known else None,
        trace=_trace(network, run) if run.history else None,
        layers=network.layers,
        times=run.times,
        residuals=run.residuals,
    )


def _trace(network: Any, run: Progress) -> Trace:
    return Trace(
        states=np.stack(run.history, axis=-1),
        energies=np.stack([network.energy(states) for states in run.history], axis=-1),
        overlaps=None if network.patterns is None else np.stack([network.overlaps(u) for u in run.history], axis=-1),
    )


def is_stable(network: Any, u: Floats) -> bool:
    """Whether the network returns to a fixed point after every small push."""
    x = network.gains * (u + network.biases)
    slopes = network.gains * np.array([network.activation.derivative(value) for value in x])
    if not network.has("energy"):
        rates = (network.couplings.dense() * slopes - np.diag(network.leaks)) / network.time_constants[:, None]
        return bool(np.linalg.eigvals(rates).real.max() <= 0)
    weights = slopes / network.leaks
    large = network.state_dim > SMALL
    return (large and surely_below_one(network.couplings, weights)) or network.couplings.index(weights) == 0


def surely_below_one(coupling: Coupling, weights: NDArray) -> bool:
    """Whether products show that every eigenvalue of A = D^1/2 W D^1/2, D = diag(weights), is below 1.

    For a random v, ``|A^k v| >= |lambda|^k |v.e|`` with a standard normal v.e, which is below ``DOUBT`` with a
    probability below ``DOUBT``. False says nothing.
    """
    root = np.sqrt(weights)
    v = np.random.default_rng(0).normal(size=root.size)
    for _ in range(POWERS):
        v = root * coupling.product(root * v)
    return bool((np.linalg.norm(v) / DOUBT) ** (1 / POWERS) < 1)
