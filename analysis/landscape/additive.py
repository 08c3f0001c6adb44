"""An additive network with an energy, in which neurons that are always equal are counted once.

    tau_i u_i' = -lambda_i u_i + sum_j W_ij V_j + c_i,    V_i = phi(x_i),  x_i = g_i (u_i + b_i),    W symmetric

goes downhill in ``E = -V.WV/2 - c.V + sum_i lambda_i [(x_i V_i - L(x_i)) / g_i - b_i V_i]``, L the integral of phi [1]_.

Neurons with the same couplings and parameters have the same state at every stationary point, and along both descents from
every saddle of index 1; with an odd phi and no bias so have those with opposite couplings, but for the sign. C classes of
n_c neurons are a network of C neurons. Its stationary points, their indices and their energies are those of the whole:
across a class, W acts as zero or as the negative diagonal that was taken away, which bends E upwards.

References
----------
.. [1] Hopfield (1984), PNAS 81, 3088; Cohen & Grossberg (1983), IEEE Trans. Syst. Man Cybern. 13, 815.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common import jacobians_at
from analysis.equilibria import Classes, classes_of, is_odd, removed_of, rises
from analysis.landscape.couplings import WRITTEN_OUT, factors_of, require_symmetric
from neurodynamics import AdditiveNetwork
from neurodynamics.compiling import each
from neurodynamics.validation import Floats

ELEMENTS = 1e7  # of the matrices of one batch


@dataclass(frozen=True, eq=False)
class Additive:
    """A network with an energy.

    Attributes
    ----------
    system : AdditiveNetwork
        As it was given, N neurons.
    network : AdditiveNetwork
        Of C neurons: its fixed points are the stationary points, and its flow is that of the classes.
    classes : Classes
        Which neurons are equal.
    shared : array, shape (C, C)
        Coupling between two neurons of two classes.
    own : array, shape (C,)
        Taken away from the coupling of a neuron to itself.
    columns, core : array, shapes (r, C) and (r, r), or None
        Patterns that the couplings are made of: ``shared = columns' core columns``.
    odd : bool
        Whether -u is stationary where u is.
    """

    system: Any
    network: AdditiveNetwork
    classes: Classes
    shared: Floats
    own: Floats
    current: Floats
    columns: Any
    core: Any
    odd: bool

    @property
    def drive(self) -> Floats:
        """No inputs: they are part of the constant inputs of the smaller network."""
        return np.zeros(self.network.input_dim)

    def expand(self, states: Floats) -> Floats:
        """Return the states (K, N) of all neurons."""
        return self.classes.expand(states)

    @property
    def count(self) -> Floats:
        """Neurons (C,) in each class."""
        return self.classes.count

    def reduce(self, states: Floats) -> Floats:
        """Return the means (K, C) over the classes of states (K, N)."""
        sums = np.zeros((len(self.count), len(states)))
        np.add.at(sums, self.classes.member, (states * self.classes.sign).T)
        return (sums / self.count[:, np.newaxis]).T

    def bounds(self, bounds: Floats) -> Floats:
        """Return rows (least, largest) of the classes (C, 2) that keep all neurons within bounds (N, 2)."""
        return self.classes.bounds(bounds)

    def outputs(self, states: Floats) -> Floats:
        """V (K, C)."""
        net = self.network
        return net.activation(net.gains * (states + net.biases))

    def flow(self, states: Floats) -> Floats:
        """du/dt (K, C)."""
        net, v = self.network, self.outputs(states)
        return (self.fields(v) + net.constant_inputs - net.leaks * states) / net.time_constants

    def jacobian(self, states: Floats) -> Floats:
        """Jacobians (K, C, C) of the flow of the classes."""
        return jacobians_at(self.network, states, self.drive)

    def full_jacobian(self, states: Floats) -> Floats:
        """Jacobians (K, N, N) of the flow of all neurons."""
        return jacobians_at(self.system, states, np.zeros(self.system.input_dim))

    def fields(self, v: Floats) -> Floats:
        """Sums (K, C) of weighted outputs (K, C)."""
        if self.core is None or 2 * len(self.core) >= len(self.count):
            return v @ self.network.weights.T
        return (v * self.count) @ self.columns.T @ self.core @ self.columns - self.own * v

    def full_outputs(self, states: Floats) -> Floats:
        """V (K, N) of all neurons."""
        net = self.system
        return net.activation(net.gains * (states + net.biases))

    def full_flow(self, states: Floats) -> Floats:
        """du/dt (K, N) of all neurons, for states in which those of a class need not be equal."""
        net = self.system
        return (self._full_fields(self.full_outputs(states)) + self.current - net.leaks * states) / net.time_constants

    def _full_fields(self, v: Floats) -> Floats:
        couplings = getattr(self.system, "couplings", None)
        return v @ self.system.weights.T if couplings is None else couplings.product(v)

    def energy(self, states: Floats) -> Floats:
        """E (K,), numerically safe where V has reached the ends of its range."""
        v, own = _own_energies(self.network, states)
        return (own - v * (0.5 * self.fields(v) + self.network.constant_inputs)) @ self.count

    def full_energy(self, states: Floats) -> Floats:
        """E (K,) of states (K, N) of all neurons."""
        v, own = _own_energies(self.system, states)
        return (own - v * (0.5 * self._full_fields(v) + self.current)).sum(axis=1)

    def modes(self, states: Floats) -> tuple[Floats, Floats]:
        """Return growth rates (K, C), ascending and real, and unit directions (K, C) of the largest one.

        The flow's Jacobian is similar to ``T^-1/2 K^1/2 B K^1/2 T^-1/2 - lambda/T`` with K = n dV/du, T = tau, and B
        the shared couplings less own/n.
        """
        net, size = self.network, len(self.count)
        rates, directions = np.empty((len(states), size)), np.empty((len(states), size))
        B = self.shared - np.diag(self.own / self.count)
        step = max(1, int(ELEMENTS / size**2))
        for first in range(0, len(states), step):
            rows = slice(first, first + step)
            slopes = net.gains * each(net.activation.derivative, net.gains * (states[rows] + net.biases))
            root = np.sqrt(self.count * slopes / net.time_constants)
            matrices = root[:, :, np.newaxis] * B * root[:, np.newaxis, :]
            matrices[:, range(size), range(size)] -= net.leaks / net.time_constants
            values, vectors = np.linalg.eigh(matrices)
            rates[rows] = values
            top = values[:, -1:] * net.time_constants + net.leaks
            directions[rows] = (root * vectors[:, :, -1]) @ B / np.where(top > 0, top, 1.0)
        return rates, directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-300)


def _own_energies(net: Any, states: Floats) -> tuple[Floats, Floats]:
    """Return V and ``lambda [(x V - L(x)) / g - b V]`` of each neuron, both (K, N)."""
    x = net.gains * (states + net.biases)
    v = net.activation(x)
    return v, net.leaks * ((x * v - each(net.activation.potential, x)) / net.gains - net.biases * v)


def additive_model(network: Any, drive: Floats) -> Additive:
    """Return the network with its classes, or raise ValueError where it has no energy."""
    _require_energy(network)
    current = network.constant_inputs + (network.input_weights @ drive if drive.any() else 0.0)
    odd = is_odd(network.activation)
    factors = factors_of(network)
    if factors is not None and rises(network, factors.removed):
        rows, removed = factors.columns.T, factors.removed
    else:
        if network.state_dim > WRITTEN_OUT:
            raise ValueError(f"`system` has {network.state_dim} neurons, whose couplings would have to be written out; "
                             "couplings of patterns (LowRank) need not be.")  # fmt: skip
        rows, removed, factors = network.weights, np.zeros(network.state_dim), None
        taken = removed_of(rows)
        if taken.any() and rises(network, taken):
            rows, removed = rows + np.diag(taken), taken
    classes = classes_of(network, np.column_stack([rows, current]), removed)
    first, sign = classes.first, classes.sign[classes.first]
    if factors is None:
        shared, columns, core = rows[np.ix_(first, first)] * np.outer(sign, sign), None, None
    else:
        columns, core = factors.columns[:, first] * sign, factors.core
        shared = columns.T @ core @ columns
    vectors = {name: getattr(network, name)[first] for name in ("gains", "leaks", "biases", "time_constants")}
    small = AdditiveNetwork(
        shared * classes.count - np.diag(removed[first]), constant_inputs=current[first] * sign,
        activation=network.activation, **vectors,
    )  # fmt: skip
    no_sign = not small.biases.any() and not small.constant_inputs.any()
    return Additive(network, small, classes, shared, removed[first], current, columns, core, odd and no_sign)


def _require_energy(network: Any) -> None:
    if network.activation.potential is None:
        raise ValueError(f"`system` has no energy: its activation {network.activation.name!r} has no `potential`, the "
                         "integral of its value; build the Activation with one.")  # fmt: skip
    for name in ("gains", "leaks"):
        values = getattr(network, name)
        if not (values > 0).all():
            k = int(np.argmin(values))
            raise ValueError(f"`system` has no energy: {name}[{k}] must be positive; got {values[k]:g}.")
    require_symmetric(network)
