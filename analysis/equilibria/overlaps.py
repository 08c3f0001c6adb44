"""Additive networks whose couplings are few patterns: their equilibria live in as many dimensions as there are patterns.

With ``W = L R - diag(d)``, L (N, r) and R (r, N), an equilibrium is given by its overlaps ``m = R V``: the fields are
``h = L m + c``, and ``lambda u + d V(u) = h`` gives each neuron its state. The overlaps are the zeros of
``F(m) = R V(u(m)) - m``, whose Jacobian is ``R diag(dV/dh) L - 1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.equilibria.equal_neurons import MOST, rises
from analysis.equilibria.multistart import BATCH_ELEMENTS, Found, Multistart
from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.compiling import each
from neurodynamics.validation import Floats

ULPS = 4 * 2.0**-52
NEWTON_STEPS = 60  # for the state of one neuron in its field
LEAST, PER_PATTERN = 24, 8  # neurons, at all and for each pattern, from which on overlaps are worth while
RANK = 1e-10  # relative: singular values below are rounding
AGREES = 1e-12  # relative: how closely L R - diag(d) is W


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The equations of the equilibria in the overlaps with patterns."""

    network: AdditiveNetwork
    current: Floats
    left: Floats
    right: Floats
    own: Floats  # d

    @property
    def dim(self) -> int:
        """How many patterns there are."""
        return len(self.right)

    def outputs(self, u: Floats) -> Floats:
        """V (K, N) at states (K, N)."""
        return self.network.activation(self.network.gains * (u + self.network.biases))

    def equations(self, m: Floats) -> tuple[Floats, Floats]:
        """F (B, r) and its Jacobians (B, r, r)."""
        u = self.to_states(m)
        return self.from_states(u) - m, (self.right * self.slopes(u)[:, np.newaxis, :]) @ self.left - np.eye(self.dim)

    def from_states(self, u: Floats) -> Floats:
        """Overlaps m (K, r) of states (K, N)."""
        return self.outputs(u) @ self.right.T

    def slopes(self, u: Floats) -> Floats:
        """dV/dh (B, N) at states (B, N)."""
        net = self.network
        slopes = net.gains * each(net.activation.derivative, net.gains * (u + net.biases))
        return slopes / (net.leaks + self.own * slopes)

    def to_states(self, m: Floats) -> Floats:
        """States (K, N) in the fields of overlaps."""
        net = self.network
        h = m @ self.left.T + self.current
        u = h / net.leaks
        if not self.own.any():
            return u
        ends = [(h - self.own * v) / net.leaks for v in net.activation.range]
        low, high = np.minimum(*ends) - 1.0, np.maximum(*ends) + 1.0
        for _ in range(NEWTON_STEPS):  # lambda u + d V(u) rises: Newton's method inside a bracket
            x = net.gains * (u + net.biases)
            excess = net.leaks * u + self.own * net.activation(x) - h
            low, high = np.where(excess < 0, u, low), np.where(excess > 0, u, high)
            slope = net.leaks + self.own * net.gains * each(net.activation.derivative, x)
            new = u - excess / slope
            new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
            moved, u = np.abs(new - u), new
            if (moved <= ULPS * np.abs(u)).all():
                break
        return u

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Return overlaps (count, r) that outputs may have: those of saturated outputs in random fields, and less."""
        net = self.network
        fields = rng.normal(size=(count, self.dim)) @ (self.left / np.abs(self.left).max(axis=0, initial=1e-300)).T
        extreme = np.where(fields * np.sign(net.gains) > 0, net.activation.range[1], net.activation.range[0])
        middle = np.full(net.state_dim, np.mean(net.activation.range))
        return (middle + rng.random((count, 1)) * (extreme - middle)) @ self.right.T


def overlaps_of(system: Any, drive: Floats) -> Overlaps | None:
    """Return the equations of a bounded network with few patterns in their overlaps; None for any other system."""
    net = system.structure("additive")
    if net is None or not LEAST <= net.state_dim <= MOST or not (net.leaks > 0).all():
        return None
    if not np.isfinite(net.activation.range).all():
        return None
    found = few_patterns(net.weights)
    if found is None or not rises(net, found[2]):
        return None
    return Overlaps(net, net.constant_inputs + (net.input_weights @ drive if drive.any() else 0.0), *found)


def few_patterns(weights: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Return L, R and d with ``W = L R - diag(d)`` and few columns of L; None where there are none.

    Three parts a, b, c of the neurons have blocks without diagonal. Of a matrix of low rank any block of that rank tells the
    rest: ``S_aa = S_ac S_bc^+ S_ba``, the diagonal included.
    """
    n = len(weights)
    parts = np.array_split(np.random.default_rng(0).permutation(n), 3)
    whole = np.diag(weights).copy()
    for k in range(3):
        a, b, c = parts[k], parts[k - 2], parts[k - 1]
        block = np.linalg.svd(weights[np.ix_(b, c)], full_matrices=False)
        rank = int((block[1] > RANK * block[1][0]).sum()) if block[1][0] > 0 else 0
        if rank * PER_PATTERN > n:
            return None
        u, values, v = block[0][:, :rank], block[1][:rank], block[2][:rank]
        whole[a] = np.einsum("ik,ki->i", (weights[np.ix_(a, c)] @ v.T) / values, u.T @ weights[np.ix_(b, a)])
    size = max(float(np.abs(weights).max()), 1e-300)
    removed = whole - np.diag(weights)
    removed[np.abs(removed) <= AGREES * n * size] = 0.0
    u, values, v = np.linalg.svd(weights + np.diag(removed))
    rank = int((values > RANK * values[0]).sum())
    if rank == 0 or rank * PER_PATTERN > n:
        return None
    left, right = u[:, :rank] * values[:rank], v[:rank]
    gap = np.abs(left @ right - np.diag(removed) - weights).max()
    return (left, right, removed) if gap <= AGREES * n * size else None


class OverlapSearch(Multistart):
    """A search for equilibria from random overlaps."""

    def __init__(self, overlaps: Overlaps, system: DynamicalSystem, drive: Floats) -> None:
        super().__init__(system, drive, 1, None)
        self.overlaps, self.dim = overlaps, overlaps.dim

    def equations(self, states: Floats) -> tuple[Floats, Floats]:
        """Those of the overlaps (B, r)."""
        with np.errstate(all="ignore"):
            return self.overlaps.equations(states)

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Return random overlaps (count, r)."""
        return self.overlaps.draw(count, rng)

    def attracted(self, rng: np.random.Generator, seconds: float | None) -> Floats:
        """Return the overlaps of states that the network is drawn to."""
        return self.overlaps.from_states(super().attracted(rng, seconds))

    def in_states(self, found: Found, search: Multistart, known: Found) -> Found:
        """Add what was found to a list of states, polished there."""
        x = self.overlaps.to_states(found.x)
        step = max(1, int(BATCH_ELEMENTS / x.shape[1] ** 2))
        for first in range(0, len(x), step):
            search.add(x[first : first + step], known, found.hits[first : first + step])
        known.flat = [self.overlaps.to_states(part) for part in found.flat]
        known.starts, known.reason = found.starts, found.reason
        known.interrupted, known.timed_out = found.interrupted, found.timed_out
        return known
