"""The workloads: exactly what is simulated, the same for everyone."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np
from scipy.integrate import solve_ivp

COUPLING = {3: 3.0, 10: 2.5, 100: 2.0, 1000: 1.5}
SEED_OF_LARGE = 1
MOVES = 0.5  # a network counts as active when a state still ranges over more than this on t in [200, 220]
SPAN = 100.0
OUTPUTS = 1000
JUDGED_UNTIL = 10.0  # errors are compared up to here; later the chaotic networks have forgotten their start

MEMBERS, SIZE, STEPS, DT = 10_240, 10, 5000, 0.01
WALKERS, WALKER_SIZE, WALKER_STEPS, WALKER_DT = 10_000, 5, 2200, 0.1
CONTROLLED = 64
SYNAPSE_SIZES = (5, 10, 20, 50, 100, 200)


@dataclass(frozen=True)
class Adaptive:
    """``x' = -x + W tanh(x)`` from ``x0``, wanted at the times ``t``."""

    W: np.ndarray
    x0: np.ndarray
    t: np.ndarray

    @property
    def size(self) -> int:
        """The number of neurons, N."""
        return self.x0.size


@functools.cache
def adaptive(size: int) -> Adaptive:
    """Return the adaptive workload with 3, 10, 100 or 1000 neurons."""
    seed = SEED_OF_LARGE if size >= 100 else next(s for s in itertools.count() if _stays_active(size, s))
    W, x0 = _random_network(size, seed)
    return Adaptive(W, x0, np.linspace(0, SPAN, OUTPUTS + 1)[1:])


def _random_network(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(seed)
    W = COUPLING[size] * r.normal(size=(size, size)) / np.sqrt(size)
    return W, r.normal(size=size)


def _stays_active(size: int, seed: int) -> bool:
    W, x0 = _random_network(size, seed)
    late = np.linspace(200, 220, 401)
    sol = solve_ivp(lambda t, x: -x + W @ np.tanh(x), (0, 220), x0, "DOP853", late, rtol=1e-8, atol=1e-8)
    return bool(np.ptp(sol.y, axis=1).max() > MOVES)


@dataclass(frozen=True)
class Population:
    """Networks ``tau_i y_i' = -y_i + sum_j W_ij sigma(y_j + b_j)``, one a row, and how many steps of ``dt`` to take."""

    W: np.ndarray  # (B, N, N), or (N, N) when all members share it
    b: np.ndarray  # (B, N) or (N,)
    tau: np.ndarray  # (B, N) or (N,)
    y0: np.ndarray  # (B, N)
    steps: int
    dt: float = DT

    @property
    def members(self) -> int:
        """The number of networks, B."""
        return self.y0.shape[0]

    @property
    def size(self) -> int:
        """The number of neurons, N."""
        return self.y0.shape[1]

    @property
    def shared(self) -> bool:
        """Whether all members have the same parameters."""
        return self.W.ndim == 2

    @property
    def synapse_steps(self) -> float:
        """B N^2 times the steps."""
        return float(self.members) * self.size**2 * self.steps

    def head(self, members: int) -> Population:
        """Return the first members, as copies of their own."""
        parts = (self.W, self.b, self.tau)
        W, b, tau = parts if self.shared else (a[:members].copy() for a in parts)
        return replace(self, W=W, b=b, tau=tau, y0=self.y0[:members].copy())

    def lasting(self, steps: int) -> Population:
        """Return the same networks for another number of steps."""
        return replace(self, steps=steps)

    def expanded(self) -> Population:
        """Return the same members with parameters of their own, for programs that know nothing else."""
        if not self.shared:
            return self
        parts = (np.repeat(a[None], self.members, axis=0) for a in (self.W, self.b, self.tau))
        return Population(*parts, self.y0, self.steps, self.dt)


def population(members: int = MEMBERS, size: int = SIZE, steps: int = STEPS) -> Population:
    """Return random networks with weights U(-8, 8), biases -sum_j W_ij / 2 and time constants U(0.5, 2)."""
    rng = np.random.default_rng(0)
    W = rng.uniform(-8, 8, size=(members, size, size))
    tau = rng.uniform(0.5, 2, size=(members, size))
    return Population(W, -W.sum(axis=2) / 2, tau, rng.normal(size=(members, size)), steps)


def walkers(members: int = WALKERS) -> Population:
    """Return random brains for the legged walker: weights and biases U(-16, 16), time constants log-uniform."""
    rng = np.random.default_rng(0)
    size = WALKER_SIZE
    W = rng.uniform(-16, 16, size=(members, size, size))
    b = rng.uniform(-16, 16, size=(members, size))
    tau = np.exp(rng.uniform(np.log(1), np.log(10), size=(members, size)))
    return Population(W, b, tau, np.zeros((members, size)), WALKER_STEPS, WALKER_DT)


def shared(members: int, size: int, steps: int) -> Population:
    """Return one random network from many states."""
    pop = population(1, size, steps)
    y0 = np.random.default_rng(1).normal(size=(members, size))
    return Population(pop.W[0], pop.b[0], pop.tau[0], y0, steps)


@dataclass(frozen=True)
class Basins:
    """``y' = -y + W sigma(y + b)``: which of the attractors does each state go to?"""

    W: np.ndarray  # (N, N)
    b: np.ndarray  # (N,)
    states: np.ndarray  # (K, N)
    attractors: np.ndarray  # (A, N)

    @property
    def size(self) -> int:
        """The number of neurons, N."""
        return self.b.size


def basins(resolution: int) -> Basins:
    """Return a grid of states of two neurons with four attractors, which lie symmetrically."""
    W, b = np.array([[8.0, -1.0], [-1.0, 8.0]]), np.full(2, -3.5)
    line = np.linspace(-2.3, 9.3, resolution)
    states = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    y = np.array([[-0.9, 7.9], [0.3, 0.3], [6.7, 6.7], [7.9, -0.9]])
    for _ in range(200):  # the map y <- W sigma(y + b) contracts near all four
        y = (1 / (1 + np.exp(-(y + b)))) @ W.T
    return Basins(W, b, states, y)
