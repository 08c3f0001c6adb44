"""The variables of a saddle search: states of classes of neurons, or, for few patterns, their overlaps.

**Neurons.** In ``T^1/2 K^1/2 u`` with K = n dV/du the Jacobian of the flow is symmetric.

**Patterns.** With ``W = X' A X - diag(d)`` the fields are ``h = X' A m + c`` where ``m = sum_i x_i V_i``, and
``lambda u + d V(u) = h`` gives each neuron its state. Stationary points are the zeros of ``F(m) = X n V(h) - m`` in as many
variables as there are patterns. Its Jacobian is ``G A - 1`` with ``G = X n (dV/dh) X'``, similar to the symmetric
``G^1/2 A G^1/2 - 1``, which has as many positive eigenvalues as the full network has unstable directions (Sylvester).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.common import equations_at
from analysis.equilibria import Overlaps
from analysis.landscape.additive import Additive
from analysis.landscape.general import General
from neurodynamics.compiling import each
from neurodynamics.validation import Floats

FLAT = 1e-12  # relative: slopes below count as this
MANY = 64  # different neurons: above, their full spectra are not computed
BLOCK = 64  # states at a time


@dataclass(frozen=True, eq=False)
class Local:
    """A symmetric Jacobian S (B, d, d), the force (B, d) in its variables, and the frame (B, d, d) that leads back."""

    matrices: Floats
    force: Floats
    frame: Floats


@dataclass(frozen=True, eq=False)
class StateSpace:
    """The states of any system."""

    model: Additive | General

    @property
    def dim(self) -> int:
        """C."""
        return self.model.network.state_dim

    @property
    def work(self) -> float:
        """Operations of one :meth:`local`, about."""
        return float(self.dim**3)

    def equations(self, u: Floats) -> tuple[Floats, Floats]:
        """The right-hand side (B, C) and its Jacobians (B, C, C)."""
        return equations_at(self.model.network, u, self.model.drive)

    def from_states(self, u: Floats) -> Floats:
        """The states themselves."""
        return u

    to_states = from_states


@dataclass(frozen=True, eq=False)
class NeuronSpace(StateSpace):
    """Variables u (C,) of a network."""

    model: Additive

    def local(self, u: Floats) -> Local:
        """See :class:`Local`."""
        model, net = self.model, self.model.network
        slopes = model.count * net.gains * each(net.activation.derivative, net.gains * (u + net.biases))
        slopes = np.maximum(slopes, FLAT * slopes.max(axis=1, keepdims=True, initial=1e-300))
        root = np.sqrt(slopes / net.time_constants)
        matrices = root[:, :, np.newaxis] * (model.shared - np.diag(model.own / model.count)) * root[:, np.newaxis, :]
        matrices[:, range(self.dim), range(self.dim)] -= net.leaks / net.time_constants
        scale = root * net.time_constants
        return Local(matrices, model.flow(u) * scale, np.eye(self.dim) / scale[:, :, np.newaxis])


@dataclass(frozen=True, eq=False)
class PatternSpace:
    """Variables m (r,)."""

    model: Additive

    @property
    def dim(self) -> int:
        """How many patterns there are."""
        return len(self.model.core)

    @property
    def work(self) -> float:
        """Operations of one :meth:`local`, about."""
        return float(self.dim**2 * max(self.dim, len(self.model.count)))

    @property
    def overlaps(self) -> Overlaps:
        """The equations of the stationary points."""
        model = self.model
        return Overlaps(model.network, model.network.constant_inputs, (model.core @ model.columns).T,
                        model.columns * model.count, model.own)  # fmt: skip

    def equations(self, m: Floats) -> tuple[Floats, Floats]:
        """F (B, r) and its Jacobians (B, r, r)."""
        return self.overlaps.equations(m)

    def from_states(self, u: Floats) -> Floats:
        """Overlaps m (K, r) of states (K, C), not divided by N."""
        return self.overlaps.from_states(u)

    def to_states(self, m: Floats) -> Floats:
        """States (K, C) in the fields of overlaps."""
        return self.overlaps.to_states(m)

    def gram(self, u: Floats) -> Floats:
        """G (B, r, r) at states (B, C)."""
        weights = self.model.count * self.overlaps.slopes(u)
        return (self.model.columns * weights[:, np.newaxis, :]) @ self.model.columns.T

    def local(self, m: Floats) -> Local:
        """See :class:`Local`."""
        u = self.to_states(m)
        values, vectors = np.linalg.eigh(self.gram(u))
        values = np.maximum(values, FLAT * np.maximum(values[:, -1:], 1e-300))
        root = np.einsum("bij,bj,bkj->bik", vectors, np.sqrt(values), vectors)
        back = np.einsum("bij,bj,bkj->bik", vectors, 1 / np.sqrt(values), vectors)
        matrices = root @ self.model.core @ root - np.eye(self.dim)
        force = np.einsum("bij,bj->bi", back, self.from_states(u) - m)
        return Local(matrices, force, root)

    def modes(self, u: Floats) -> tuple[Floats, Floats]:
        """Return eigenvalues (K, r) of ``G^1/2 A G^1/2 - 1``, ascending, and directions (K, C) of the largest one.

        Along such a direction the energy falls on both sides of a saddle; the flow's own leads to the same minima.
        """
        model, net = self.model, self.model.network
        local = self.local(self.from_states(u))
        values, vectors = np.linalg.eigh(local.matrices)
        overlaps = np.einsum("bij,bj->bi", local.frame, vectors[:, :, -1])
        slopes = net.gains * each(net.activation.derivative, net.gains * (u + net.biases))
        directions = overlaps @ model.core @ model.columns / (net.leaks + model.own * slopes)
        return values, directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-300)


def space_of(model: Additive | General) -> StateSpace | NeuronSpace | PatternSpace:
    """Return the smallest space."""
    if isinstance(model, General):
        return StateSpace(model)
    few = model.core is not None and len(model.core) < len(model.count)
    bounded = bool(np.isfinite(model.network.activation.range).all())
    return PatternSpace(model) if few and (bounded or not model.own.any()) else NeuronSpace(model)


def modes_of(model: Additive | General, states: Floats) -> tuple[Floats, Floats]:
    """Return growth rates (K, ..), of which as many are positive as a point has unstable directions, and a way down.

    Where there are many different neurons and few patterns, eigenvalues of the overlaps stand for those of the flow.
    """
    space = space_of(model)
    if isinstance(space, PatternSpace) and len(space.model.count) > MANY:
        parts = [space.modes(states[k : k + BLOCK]) for k in range(0, len(states), BLOCK)]
        if parts:
            return np.concatenate([rates for rates, _ in parts]), np.concatenate([ways for _, ways in parts])
    return model.modes(states)
