"""What a system shows at some states, and the way back from there to states and parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.compiling import kernel
from neurodynamics.systems import backwards, forwards, holds, replay_of, tangents
from neurodynamics.validation import Floats


class Outputs:
    """The outputs (L, K) of a system at states (L, N); its state where it has none, or where states are asked for.

    Parameters
    ----------
    system : DynamicalSystem
    states : ndarray, shape (L, N)
    of : {"outputs", "states"}
    """

    def __init__(self, system: Any, states: Floats, of: str = "outputs") -> None:
        self.system, self.states = system, states
        self.itself = of == "states" or not system.has("outputs")
        self.shown = states.copy()
        if self.itself:
            return
        self.replay = replay_of(system, "outputs")
        self.which = np.full(len(states), -1)
        self.shown = np.empty((len(states), system.output_dim))
        done = 0
        while done < len(states):
            v, s = self._room()
            done = _show(self.replay.tables, states, self.which, self.shown, v, s, done)
            if done < len(states):
                self.replay.add(0.0, states[done].copy(), np.zeros(0), np.asarray(system.params))

    @property
    def exact(self) -> bool:
        """Whether derivatives are exact to rounding."""
        return self.itself or self.replay.exact

    def _room(self) -> tuple[Floats, Floats]:
        v, n = np.zeros(self.replay.places), self.system.state_dim
        v[n : n + self.system.param_dim] = self.system.params
        return v, np.zeros(v.size)

    def back(self, gradient: Floats, by_params: Floats) -> Floats:
        """Return cotangents (L, N) of the states; what the parameters get is added."""
        if self.itself:
            return gradient.copy()
        (v, s), n = self._room(), self.system.state_dim
        d, found = np.zeros(v.size), np.empty(self.states.shape)
        _show_back(self.replay.tables, self.states, self.which, gradient, v, s, d, found)
        by_params += d[n : n + self.system.param_dim]
        return found

    def along(self, S: Floats, by_params: Floats) -> Floats:
        """Return the derivatives (L, K, D) in D directions, from sensitivities (L, N, D) of the states."""
        if self.itself:
            return S
        (v, s), n = self._room(), self.system.state_dim
        d, found = np.zeros((v.size, S.shape[2])), np.empty((*self.shown.shape, S.shape[2]))
        for k, state in enumerate(self.states):
            v[:n], d[:n], d[n : n + len(by_params)] = state, S[k], by_params
            forwards(self.replay.tables, self.which[k], v, s)
            tangents(self.replay.tables, self.which[k], v, s, d)
            found[k] = d[self.replay.tables.results[self.which[k]]]
        return found


@kernel
def _show(tables, states, which, shown, v, s, first):
    """Fill in what is shown; return the first state for which no table holds."""
    n = states.shape[1]
    for k in range(first, len(states)):
        v[:n] = states[k]
        for table in range(tables.bounds.shape[0] - 1):
            forwards(tables, table, v, s)
            if holds(tables, table, v):
                which[k] = table
                break
        if which[k] < 0:
            return k
        for i in range(shown.shape[1]):
            shown[k, i] = v[tables.results[which[k], i]]
    return len(states)


@kernel
def _show_back(tables, states, which, gradient, v, s, d, found):
    n = states.shape[1]
    for k in range(len(states)):
        v[:n] = states[k]
        forwards(tables, which[k], v, s)
        d[:n] = 0.0
        d[tables.leaves :] = 0.0
        for i in range(gradient.shape[1]):
            d[tables.results[which[k], i]] += gradient[k, i]
        backwards(tables, which[k], v, s, d)
        found[k] = d[:n]
