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
from analysis.landscape.couplings import WRITTEN_OUT, factors_of, require_symmetric
from neurodynamics import Activation, AdditiveNetwork
from neurodynamics.compiling import each
from neurodynamics.validation import Floats

PROBES = np.concatenate([np.geomspace(1e-6, 40.0, 40), [0.0]])  # where an activation is asked whether it is odd
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
    count : array, shape (C,)
        Neurons in each class.
    member, sign : array of int, shape (N,)
        The class of each neuron, and whether its state is that of the class or the opposite.
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
    count: Floats
    member: np.ndarray
    sign: np.ndarray
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
        return states[:, self.member] * self.sign

    def reduce(self, states: Floats) -> Floats:
        """Return the means (K, C) over the classes of states (K, N)."""
        sums = np.zeros((len(self.count), len(states)))
        np.add.at(sums, self.member, (states * self.sign).T)
        return (sums / self.count[:, np.newaxis]).T

    def bounds(self, bounds: Floats) -> Floats:
        """Return rows (least, largest) of the classes (C, 2) that keep all neurons within bounds (N, 2)."""
        ends = np.sort(bounds * self.sign[:, np.newaxis], axis=1)
        out = np.tile([-np.inf, np.inf], (len(self.count), 1))
        np.maximum.at(out[:, 0], self.member, ends[:, 0])
        np.minimum.at(out[:, 1], self.member, ends[:, 1])
        return out

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


def is_odd(activation: Activation) -> bool:
    """Whether phi(-x) = -phi(x), at many x."""
    return bool(np.array_equal(activation(-PROBES), -activation(PROBES)))


def additive_model(network: Any, drive: Floats) -> Additive:
    """Return the network with its classes, or raise ValueError where it has no energy."""
    _require_energy(network)
    current = network.constant_inputs + (network.input_weights @ drive if drive.any() else 0.0)
    odd = is_odd(network.activation)
    factors = factors_of(network)
    if factors is not None and _keeps_classes_equal(network, factors.removed):
        rows, removed = factors.columns.T, factors.removed
    else:
        if network.state_dim > WRITTEN_OUT:
            raise ValueError(f"`system` has {network.state_dim} neurons, whose couplings would have to be written out; "
                             "couplings of patterns (LowRank) need not be.")  # fmt: skip
        rows, removed, factors = network.weights, np.zeros(network.state_dim), None
    sign = _signs(np.column_stack([rows, current])) if odd else np.ones(network.state_dim, dtype=int)
    sign[network.biases != 0] = 1
    own = np.column_stack([rows * sign[:, np.newaxis], current * sign, removed, network.gains, network.leaks,
                           network.biases, network.time_constants])  # fmt: skip
    _, first, member, count = np.unique(own + 0.0, axis=0, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)  # classes in the order of their first neurons
    first, count, member = first[order], count[order].astype(float), np.argsort(order)[member.ravel()]
    if factors is None:
        shared, columns, core = network.weights[np.ix_(first, first)] * np.outer(sign[first], sign[first]), None, None
    else:
        columns, core = factors.columns[:, first] * sign[first], factors.core
        shared = columns.T @ core @ columns
    vectors = {name: getattr(network, name)[first] for name in ("gains", "leaks", "biases", "time_constants")}
    small = AdditiveNetwork(
        shared * count - np.diag(removed[first]), constant_inputs=current[first] * sign[first],
        activation=network.activation, **vectors,
    )  # fmt: skip
    no_sign = not small.biases.any() and not small.constant_inputs.any()
    return Additive(network, small, count, member, sign, shared, removed[first], current, columns, core,
                    odd and no_sign)  # fmt: skip


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


def _keeps_classes_equal(network: Any, removed: Floats) -> bool:
    """Whether ``lambda u + removed phi(g (u + b))`` rises with u, so that equal fields make equal states."""
    slope = network.gains * network.activation.max_slope
    return bool((network.leaks + np.minimum(removed, 0.0) * slope > 0).all())


def _signs(rows: Floats) -> np.ndarray:
    """Return the sign of the first entry of each row that is not zero, 1 where all are."""
    first = np.argmax(rows != 0, axis=1)
    return np.where(rows[np.arange(len(rows)), first] < 0, -1, 1)
