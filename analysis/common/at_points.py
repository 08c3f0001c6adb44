"""Right-hand sides and Jacobians at many states at once."""

from __future__ import annotations

import time

import numpy as np

from neurodynamics import DynamicalSystem
from neurodynamics.compiling import evaluate_rows
from neurodynamics.validation import Floats
from neurodynamics.watched import pieces

WITHOUT_BOUND, FAR = 1e6, 10.0  # growth from which nothing returns, and what may be the beginning of it


def evaluate_at(system: DynamicalSystem, role: str, states: Floats, drive: Floats) -> Floats:
    """Return a function of the system, "rhs" (B, N) or "jac" (B, N, N), at states (B, N) at time 0."""
    states = np.ascontiguousarray(states)
    b, n = states.shape
    out = np.zeros((b, n, n) if role == "jac" else (b, n))
    function = system.function(role)
    if system.host:
        for state, row in zip(states, out, strict=True):
            function.source(0.0, state, drive, system.params, row)
    elif b:
        inputs, times, rows = np.tile(drive, (b, 1)), np.zeros(b), out.reshape(b, -1)
        for part in pieces(b, 1 if system.integrates else b):
            evaluate_rows(function.address, times[part], states[part], inputs[part], system.params, rows[part])
        system.raise_failures()
    return out


def seconds_a_call(system: DynamicalSystem, state: Floats, drive: Floats) -> float:
    """Return how long the compiled right-hand side takes at a state (N,); of networks, whose cost is known, no time."""
    if system.structure("additive") is not None:
        return 1e-9
    function, out, spent = system.function("rhs"), np.empty(state.size), []
    for _ in range(1 if system.integrates else 3):
        begin = time.perf_counter()
        function(0.0, np.ascontiguousarray(state), drive, system.params, out)
        spent.append(time.perf_counter() - begin)
    return min(spent)


def residuals_at(system: DynamicalSystem, states: Floats, drive: Floats, period: int = 1) -> Floats:
    """Return f(y) of a flow, f^period(y) - y of a map (of angles the shortest way), (B, N)."""
    if system.kind == "flow":
        return evaluate_at(system, "rhs", states, drive)
    return system.angles.difference(iterate(system, states, drive, period), states)


def blows_up(system: DynamicalSystem, states: Floats, start: Floats, drive: Floats, unit: float) -> np.ndarray:
    """Whether runs that broke off at states (K, N) did so for growth, and not where f is not defined.

    The largest element is WITHOUT_BOUND times as large as the start, or FAR times, and doubles in a unit of time divided by
    the former.
    """
    size = np.abs(states)
    growth = size.max(axis=1, initial=0.0) / (1.0 + np.abs(start).max(axis=1, initial=0.0))
    if not states.size:
        return growth > WITHOUT_BOUND
    with np.errstate(all="ignore"):
        rates = residuals_at(system, states, drive) * np.sign(states) / size
    soon = rates[np.arange(len(states)), size.argmax(axis=1)] * unit > WITHOUT_BOUND
    return (growth > WITHOUT_BOUND) | (soon & (growth > FAR))  # type: ignore[no-any-return]


def image_of(system: DynamicalSystem, states: Floats, drive: Floats, period: int = 1) -> Floats:
    """Return f(y) of a flow, f^period(y) of a map, (B, N)."""
    return evaluate_at(system, "rhs", states, drive) if system.kind == "flow" else iterate(system, states, drive, period)


def iterate(system: DynamicalSystem, states: Floats, drive: Floats, times: int) -> Floats:
    """Return f^times(y) of a map, (B, N)."""
    for _ in range(times):
        states = evaluate_at(system, "rhs", states, drive)
    return states


def jacobians_at(system: DynamicalSystem, states: Floats, drive: Floats, period: int = 1) -> Floats:
    """Return the Jacobians of f, or of f^period of a map, (B, N, N)."""
    product = evaluate_at(system, "jac", states, drive)
    for _ in range(period - 1):
        states = evaluate_at(system, "rhs", states, drive)
        product = evaluate_at(system, "jac", states, drive) @ product
    return product


def equations_at(system: DynamicalSystem, states: Floats, drive: Floats, period: int = 1) -> tuple[Floats, Floats]:
    """Return the residuals and their Jacobians."""
    jacobians = jacobians_at(system, states, drive, period)
    if system.kind == "map":
        jacobians = jacobians - np.eye(system.state_dim)
    return residuals_at(system, states, drive, period), jacobians
