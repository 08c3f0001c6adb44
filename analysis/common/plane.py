"""Planes through the space of states, and what a network is in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.validation import Floats, dimensions

MARGIN = 0.08


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane ``origin + a axes[0] + b axes[1]``.

    Attributes
    ----------
    origin : array, shape (N,)
    axes : array, shape (2, N)
        Orthonormal.
    box : array, shape (2, 2)
        Rows (least, largest) of the coordinates a and b.
    states : (int, int) or None
        The two states whose plane it is; None: principal components.
    shares : array, shape (2,)
        Of the variance, for principal components.
    """

    origin: Floats
    axes: Floats
    box: Floats
    states: tuple[int, int] | None
    shares: Floats

    @property
    def name(self) -> str:
        """In words."""
        return "principal components" if self.states is None else f"states {self.states[0]} and {self.states[1]}"

    def project(self, states: Floats) -> Floats:
        """Return the coordinates (K, 2) of states (K, N)."""
        return (states - self.origin) @ self.axes.T

    def lift(self, coordinates: Floats) -> Floats:
        """Return the states (K, N) in the plane at coordinates (K, 2)."""
        return self.origin + coordinates @ self.axes


def plane_of(system: DynamicalSystem, plane: Any, through: Any, box: Floats, seen: list[Floats]) -> Plane:
    """Return the plane that was asked for; `seen` are the states that are to be drawn."""
    n = system.state_dim
    states = np.concatenate(seen) if seen else np.zeros((1, n))
    if n == 2:
        return Plane(np.zeros(2), np.eye(2), box, (0, 1), np.ones(2))
    if plane is None or (isinstance(plane, str) and plane == "principal"):
        return _principal(states, seen)
    pair = tuple(plane) if dimensions(plane) == 1 and not isinstance(plane, str) else ()
    if len(pair) != 2 or pair[0] == pair[1] or not all(isinstance(i, (int, np.integer)) and 0 <= i < n for i in pair):
        raise ValueError(f"`plane` must be 'principal' or two different numbers of states from 0 to {n - 1}; got {plane!r}.")
    first, second = int(pair[0]), int(pair[1])
    origin = states.mean(axis=0) if through is None else system.check_state(through, "through")
    origin[[first, second]] = 0.0
    return Plane(origin, np.eye(n)[[first, second]], box[[first, second]], (first, second), np.ones(2))


def _principal(states: Floats, seen: list[Floats]) -> Plane:
    """The plane in which the states vary most; every trajectory counts alike, however many points it has."""
    weight = np.concatenate([np.full(len(part), 1.0 / max(len(part), 1) / max(len(seen), 1)) for part in seen])
    weight = weight / weight.sum()
    origin = weight @ states
    _, sizes, axes = np.linalg.svd((states - origin) * np.sqrt(weight)[:, np.newaxis], full_matrices=False)
    axes = axes[:2] if len(axes) > 1 else np.eye(states.shape[1])[:2]  # a single state has no directions
    sizes = np.append(sizes, 0.0)
    largest = np.argmax(np.abs(axes), axis=1)
    axes = axes * np.sign(axes[[0, 1], largest])[:, np.newaxis]
    flat = (states - origin) @ axes.T
    low, high = flat.min(axis=0), flat.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-9)
    shares = sizes[:2] ** 2 / max(float((sizes**2).sum()), 1e-300)
    return Plane(origin, axes, np.column_stack([low - margin, high + margin]), None, shares)


def restricted(network: AdditiveNetwork, drive: Floats, plane: Plane) -> AdditiveNetwork:
    """Return the network of the plane's two neurons, with the others held at the plane's origin."""
    pair = list(plane.states or ())
    held = network.activation(network.gains * (plane.origin + network.biases))
    held[pair] = 0.0
    current = network.constant_inputs + network.input_weights @ drive + network.weights @ held
    return AdditiveNetwork(
        network.weights[np.ix_(pair, pair)], network.biases[pair], network.time_constants[pair], gains=network.gains[pair],
        leaks=network.leaks[pair], constant_inputs=current[pair], activation=network.activation,
    )  # fmt: skip
