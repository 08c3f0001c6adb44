"""What every problem of optimisation is: an energy of two-valued units, whose low states are good answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import Spins, as_states
from hopfield.couplings import Coupling
from hopfield.discrete import DiscreteHopfield
from hopfield.energy import discrete_energy
from hopfield.graded import GradedHopfield
from neurodynamics.validation import Floats

UNITS = {"binary": "logistic", "bipolar": "tanh"}  # the activation whose range is the alphabet


class Picture(NamedTuple):
    """An answer as nodes in the plane: where they are (n, 2), of which group each is, and lines between pairs of them."""

    places: Floats
    groups: NDArray[np.int64]
    edges: NDArray[np.int64]


class Problem(ABC):
    """An energy ``-x.Wx/2 - bias.x + offset`` of N units, and what its states mean.

    Attributes
    ----------
    couplings : Coupling
        W.
    bias : ndarray, shape (N,)
    offset : float
    values : {"binary", "bipolar"}
        Whether units are 0 and 1, or -1 and +1.
    leaky : bool
        Whether graded units leak, and end inside the cube.
    """

    couplings: Coupling
    bias: Floats
    offset: float = 0.0
    values: str = "binary"
    leaky: bool = False

    @property
    def size(self) -> int:
        """The number of units."""
        return self.couplings.size

    # What a kind of problem must say ------------------------------------------------------------------------------------

    @abstractmethod
    def solution(self, state: ArrayLike) -> Any:
        """Return what one state means."""

    @abstractmethod
    def optimum(self) -> float | None:
        """Return the least cost, exactly; None where the problem is too large for that."""

    @abstractmethod
    def picture(self, state: ArrayLike) -> Picture:
        """Return one state as nodes and lines, to be drawn."""

    def _valid(self, states: Spins) -> NDArray[np.bool_]:
        return np.ones(len(states), bool)

    def _costs(self, states: Spins) -> Floats:
        return self.energy(states)

    def starts(self, count: int, rng: np.random.Generator) -> Floats:
        """Return states u from which leaky graded units start, shape (count, N)."""
        return rng.normal(size=(count, self.size))

    # What follows from it -----------------------------------------------------------------------------------------------

    def states(self, states: ArrayLike) -> Spins:
        """Return states as rows (K, N), checked against the problem's size and alphabet."""
        return as_states(states, "states", self.values, self.size, choice=False)

    def energy(self, states: ArrayLike) -> Floats:
        """Return the energy of states (K, N), the offset included, shape (K,)."""
        return discrete_energy(self.couplings, self.states(states), self.bias) + self.offset

    def valid(self, states: ArrayLike) -> NDArray[np.bool_]:
        """Return whether states (K, N) are answers at all, shape (K,)."""
        return self._valid(self.states(states))

    def costs(self, states: ArrayLike) -> Floats:
        """Return what states (K, N) cost in the problem's own terms, infinite for those that are no answers, shape (K,)."""
        rows = self.states(states)
        costs, known = np.full(len(rows), np.inf), self._valid(rows)
        if known.any():
            costs[known] = self._costs(rows[known])
        return costs

    def network(self) -> DiscreteHopfield:
        """Return the network of two-valued units with this energy (without the offset)."""
        return DiscreteHopfield(self.couplings, self.bias, values=self.values)

    def graded(self, gain: float = 10.0) -> GradedHopfield:
        """Return the network of graded units with this energy, for every analysis of systems.

        Parameters
        ----------
        gain : float
            Of tanh, or of the logistic function where units are 0 and 1.
        """
        return GradedHopfield(self.couplings, self.bias, gain=gain, activation=UNITS[self.values])


def on_circle(count: int) -> Floats:
    """Return places for nodes that have none."""
    angles = 2 * np.pi * np.arange(count) / count
    return np.column_stack([np.cos(angles), np.sin(angles)])
