"""Neurons that are equal at every equilibrium of an additive network, counted once.

With ``S = W + diag(d)`` an equilibrium solves ``lambda_i u_i + d_i V_i = sum_j S_ij V_j + c_i``. Where the left side rises
with u_i, neurons with equal rows of S and equal parameters have equal states; with an odd phi and no bias, those with
opposite rows have opposite ones. C classes are a network of C neurons with the same equilibria. Their indices are the same
as well: states that are equal in each class are an invariant subspace of the Jacobian, across which it is
``-(lambda + d V') / tau < 0``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import numpy as np

from analysis.equilibria.certified import Unresolved
from neurodynamics import Activation, AdditiveNetwork
from neurodynamics.validation import Floats

PROBES = np.concatenate([np.geomspace(1e-6, 40.0, 40), [0.0]])  # where an activation is asked whether it is odd
MOST = 2000  # neurons whose couplings are compared with each other
NEARLY = 1e-9  # relative: products of rows that may be equal


@dataclass(frozen=True, eq=False)
class Classes:
    """Which neurons are equal.

    Attributes
    ----------
    first : array of int, shape (C,)
        The first neuron of each class.
    member, sign : array of int, shape (N,)
        The class of each neuron, and whether its state is that of the class or the opposite.
    count : array, shape (C,)
        Neurons in each class.
    """

    first: np.ndarray
    member: np.ndarray
    sign: np.ndarray
    count: Floats

    def __len__(self) -> int:
        return len(self.first)

    def expand(self, states: Floats) -> Floats:
        """Return the states (K, N) of all neurons."""
        return states[:, self.member] * self.sign

    def bounds(self, bounds: Floats) -> Floats:
        """Return rows (least, largest) of the classes (C, 2) that keep all neurons within bounds (N, 2)."""
        ends = np.sort(bounds * self.sign[:, np.newaxis], axis=1)
        out = np.tile([-np.inf, np.inf], (len(self), 1))
        np.maximum.at(out[:, 0], self.member, ends[:, 0])
        np.minimum.at(out[:, 1], self.member, ends[:, 1])
        return out

    def unresolved(self, found: Unresolved) -> Unresolved:
        """Return a set of states of the classes as one of states of all neurons."""
        boxes = np.sort(self.expand(found.boxes.reshape(-1, len(self))).reshape(len(found.boxes), 2, -1), axis=1)
        lower, upper = np.sort(self.expand(np.stack([found.lower, found.upper])), axis=0)
        directions = self.expand(found.null_directions)
        directions = directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-300)
        return replace(found, lower=lower, upper=upper, boxes=boxes, point=self.expand(found.point[np.newaxis])[0],
                       null_directions=directions)  # fmt: skip

    def of(self, network: AdditiveNetwork, drive: Floats) -> tuple[AdditiveNetwork, Floats]:
        """Return the network of the classes, each sum of its weights rounded once, and its inputs."""
        first, sign = self.first, self.sign[self.first]
        columns = [np.flatnonzero(self.member == c) for c in range(len(self))]
        rows = network.weights[first] * self.sign * sign[:, np.newaxis]
        weights = np.array([[fsum(row[chosen]) for chosen in columns] for row in rows])
        vectors = {name: getattr(network, name)[first] for name in ("gains", "leaks", "biases", "time_constants")}
        inputs = {"input_weights": network.input_weights[first] * sign[:, np.newaxis]} if drive.any() else {}
        small = AdditiveNetwork(weights, constant_inputs=network.constant_inputs[first] * sign,
                                activation=network.activation, **inputs, **vectors)  # fmt: skip
        return small, drive if drive.any() else np.zeros(small.input_dim)


def fewer_neurons(system: Any, drive: Floats, least: int) -> Classes | None:
    """Return the classes of a network of more than so many neurons, None where all of them differ."""
    net = system.structure("additive")
    if net is None or not least < net.state_dim <= MOST or not (net.leaks > 0).all():
        return None
    driven = np.flatnonzero(drive)
    others = [net.constant_inputs] + ([net.input_weights[:, driven]] if driven.size else [])
    found = classes_of(net, np.column_stack([net.weights, *others]), np.zeros(net.state_dim))
    removed = removed_of(net.weights)
    if removed.any() and rises(net, removed):
        other = classes_of(net, np.column_stack([net.weights + np.diag(removed), *others]), removed)
        found = other if len(other) < len(found) else found
    return found if len(found) < net.state_dim else None


def classes_of(network: AdditiveNetwork, rows: Floats, removed: Floats) -> Classes:
    """Return the classes of neurons with equal rows (N, k) of all that drives them."""
    sign = _signs(rows) if is_odd(network.activation) else np.ones(network.state_dim, dtype=int)
    sign[network.biases != 0] = 1
    own = np.column_stack([rows * sign[:, np.newaxis], removed, network.gains, network.leaks, network.biases,
                           network.time_constants])  # fmt: skip
    _, first, member, count = np.unique(own + 0.0, axis=0, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)  # classes in the order of their first neurons
    return Classes(first[order], np.argsort(order)[member.ravel()], sign, count[order].astype(float))


def removed_of(weights: Floats) -> Floats:
    """Return d (N,) with which rows of ``W + diag(d)`` may be equal, or opposite, to others; 0 where they are not.

    Rows i and j are where ``W_ik = s W_jk`` for all other k, which products with a vector show, and ``(W + d)_ii = s W_ji``.
    """
    n = len(weights)
    if n > MOST:
        return np.zeros(n)
    own = np.diag(weights)
    off, r = weights - np.diag(own), np.random.default_rng(0).uniform(1.0, 2.0, n)
    p, limit = off @ r, NEARLY * (np.abs(off) @ r)
    removed = np.zeros(n)
    for s in (1.0, -1.0):
        gap = (p[:, np.newaxis] + s * off.T * r[:, np.newaxis]) - (s * p + off * r)
        same = (np.abs(gap) <= limit[:, np.newaxis]) & ~np.eye(n, dtype=bool)
        for i in np.flatnonzero(same.any(axis=1)):
            whole = s * weights[same[i].argmax(), i]
            d = whole - own[i]
            removed[i] = d if fsum((whole, -own[i], -d)) == 0.0 else 0.0  # nothing is rounded
    return removed


def rises(network: AdditiveNetwork, removed: Floats) -> bool:
    """Whether ``lambda u + removed phi(g (u + b))`` rises with u, so that equal fields make equal states."""
    steepest = network.gains * network.activation.max_slope
    return bool((network.leaks + np.minimum(removed * steepest, 0.0) > 0).all())


def is_odd(activation: Activation) -> bool:
    """Whether phi(-x) = -phi(x), at many x."""
    return bool(np.array_equal(activation(-PROBES), -activation(PROBES)))


def _signs(rows: Floats) -> np.ndarray:
    """Return the sign of the first entry of each row that is not zero, 1 where all are."""
    first = np.argmax(rows != 0, axis=1)
    return np.where(rows[np.arange(len(rows)), first] < 0, -1, 1)
