"""What a system shows at some states, and the way back from there to states and parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.frames import STOP, Memory
from learning.sweeps import MISSING, carry_back, take_steps
from neurodynamics.systems import replay_of
from neurodynamics.validation import Floats


class Outputs:
    """The outputs (J, K) of a system at states (J, N); its state where it has none, or where states are asked for.

    Parameters
    ----------
    system : DynamicalSystem
    states : ndarray, shape (J, N) or (J, N, L)
        With lanes, what is shown has them, too.
    of : {"outputs", "states"}
    """

    def __init__(self, system: Any, states: Floats, of: str = "outputs") -> None:
        self.states, self.shape, self._params = states, (len(states), system.output_dim, *states.shape[2:]), system.params
        self.itself = of == "states" or not system.has("outputs")
        self.shown = states.copy()
        if self.itself:
            return
        self.replay = replay_of(system, "outputs")
        self._memory = memory = Memory(self.replay, np.asarray(system.params), 1 if states.ndim == 2 else states.shape[2])
        self.shown = np.empty(self.shape)
        nothing, none = np.zeros((len(states), memory.lanes)), np.zeros(0)
        memory.put(Y=np.ascontiguousarray(states), F=self.shown, WHICH=np.zeros(nothing.shape, dtype=np.int64), SHOWS=1,
                   T=nothing, H=nothing, U=none, A=none, C=np.zeros(1), COTANGENTS=none)  # fmt: skip
        done = 0
        while memory.run(take_steps, done, len(states)) == MISSING:
            done = int(memory[STOP][0])
            memory.record(0.0, np.zeros(0))

    @property
    def exact(self) -> bool:
        """Whether derivatives are exact to rounding."""
        return self.itself or self.replay.exact

    def back(self, gradient: Floats, by_params: Floats) -> Floats:
        """Return cotangents of the states, like these; what the parameters get is added, from all lanes."""
        if self.itself:
            return gradient.copy()
        found = np.empty(self.states.shape)
        self._memory.begin_back()
        self._memory.put(OF=np.ascontiguousarray(gradient), BACK=found)
        self._memory.run(carry_back, 0, len(found))
        by_params += self._memory.by_params
        return found

    def along(self, S: Floats, by_params: Floats) -> Floats:
        """Return the derivatives (J, K, D) in D directions, from sensitivities (J, N, D) of the states."""
        if self.itself:
            return S
        seeds = np.zeros((self.replay.leaves, S.shape[2]))
        seeds[-1 - len(by_params) : -1] = by_params
        found = np.empty((*self.shape, S.shape[2]))
        for k, state in enumerate(self.states):
            seeds[: len(state)] = S[k]
            found[k] = self.replay.at(0.0, state, np.zeros(0), np.asarray(self._params)).along(seeds)
        return found
