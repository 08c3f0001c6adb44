"""A gradient system of a user's own, seen as the landscape functions see a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common import evaluate_at, jacobians_at
from neurodynamics import DynamicalSystem
from neurodynamics.compiling import evaluate_rows
from neurodynamics.validation import Floats


@dataclass(frozen=True, eq=False)
class General:
    """A flow with an `energy` that falls along its trajectories."""

    system: DynamicalSystem
    drive: Floats
    odd: bool = False

    @property
    def network(self) -> DynamicalSystem:
        """The system whose fixed points are the stationary points."""
        return self.system

    def expand(self, states: Floats) -> Floats:
        """The states themselves."""
        return states

    reduce = bounds = expand

    def outputs(self, states: Floats) -> Floats:
        """What the system shows (K, outputs)."""
        return self.system.outputs_of_rows(np.ascontiguousarray(states))

    full_outputs = outputs

    def flow(self, states: Floats) -> Floats:
        """The right-hand side (K, N)."""
        return evaluate_at(self.system, "rhs", states, self.drive)

    full_flow = flow

    def jacobian(self, states: Floats) -> Floats:
        """Jacobians (K, N, N) of the flow."""
        return jacobians_at(self.system, states, self.drive)

    full_jacobian = jacobian

    def energy(self, states: Floats) -> Floats:
        """E (K,)."""
        function, states = self.system.function("energy"), np.ascontiguousarray(states)
        if self.system.host:
            return np.array([function.source(y, self.drive, self.system.params) for y in states], dtype=float)
        out = np.empty((len(states), 1))
        if len(states):
            inputs = np.tile(self.drive, (len(states), 1))
            evaluate_rows(function.address, np.zeros(len(states)), states, inputs, self.system.params, out)
        return out[:, 0]

    full_energy = energy

    def modes(self, states: Floats) -> tuple[Floats, Floats]:
        """Return growth rates (K, N), ascending, and unit directions (K, N) of the largest one."""
        rates, directions = np.empty(states.shape), np.empty(states.shape)
        for k, jacobian in enumerate(jacobians_at(self.system, states, self.drive)):
            values, vectors = np.linalg.eig(jacobian)
            top = vectors[:, int(np.argmax(values.real))].real
            rates[k], directions[k] = np.sort(values.real), top / np.linalg.norm(top)
        return rates, directions


def general_model(system: Any, drive: Floats) -> General:
    """Return the system, or raise ValueError where it has no energy."""
    if not system.has("energy"):
        raise ValueError(
            "`system` has no energy. Give `energy`, a function (y, u, params) -> float that falls along every "
            "trajectory, when you make the system; a system without one has no landscape: use find_attractors."
        )
    return General(system, drive)
