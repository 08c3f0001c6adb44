"""States beyond a reset: where a system with jumps never is."""

from __future__ import annotations

import numpy as np

from neurodynamics import DynamicalSystem
from neurodynamics.compiling import evaluate_rows
from neurodynamics.validation import Floats


def beyond_reset(system: DynamicalSystem, states: Floats, drive: Floats) -> np.ndarray:
    """Return which of the states (K, N) have passed an event at which the state is reset, (K,).

    An event that counts when it rises has been passed where its function is positive, one that counts when it falls where
    that is negative. One that counts both ways has been passed on the side that its reset does not lead to.
    """
    out = np.zeros(len(states), dtype=bool)
    if not system.has("reset") or not len(states):
        return out
    values = _events(system, states, drive)
    sides = np.tile(np.asarray(system.event_directions, dtype=float), (len(states), 1))
    for event in np.flatnonzero(np.asarray(system.event_directions) == 0):
        sides[:, event] = -np.sign(_events(system, _reset(system, int(event), states, drive), drive)[:, event])
    size = 1e-9 * (1.0 + np.abs(states).max(axis=1, initial=0.0, keepdims=True))
    return (values * sides > size).any(axis=1)


def _events(system: DynamicalSystem, states: Floats, drive: Floats) -> Floats:
    values = np.zeros((len(states), system.event_dim))
    function = system.function("events")
    if system.host:
        for state, row in zip(states, values, strict=True):
            function.source(0.0, state, drive, system.params, row)
    else:
        inputs = np.tile(drive, (len(states), 1))
        evaluate_rows(function.address, np.zeros(len(states)), np.ascontiguousarray(states), inputs, system.params, values)
    return values


def _reset(system: DynamicalSystem, event: int, states: Floats, drive: Floats) -> Floats:
    out = np.array(states)
    function = system.function("reset")
    call = function.source if system.host else function.call_event
    for state, row in zip(np.ascontiguousarray(states), out, strict=True):
        call(event, 0.0, state, drive, system.params, row)
    return out
