"""Flows with their tangent vectors as one system, which jump with the state: the saltation matrix.

Where an event g = 0 resets the state from y to R(y), a displacement q before becomes S q after it [1]_:

    S = R' + (f(R(y)) - R' f(y) - dR/dt) grad g / (grad g . f(y) + dg/dt)

References
----------
.. [1] Mueller (1995), Lyapunov exponents for dynamic systems with discontinuities, Chaos Solit. Fract. 5, 1671.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import CUBE_ROOT_EPS, call, call_reset, copy_to, keep, kernel, offset, pointer, pointer_closure
from neurodynamics.systems.system import DynamicalSystem, Recipe
from neurodynamics.validation import Floats, as_count, as_floats, as_number


def saltation_matrix(
    system: DynamicalSystem, event: int, y: ArrayLike, *, t: float = 0.0, inputs: ArrayLike | None = None
) -> Floats:
    """Return what a reset does to small displacements of the state, (N, N).

    Parameters
    ----------
    system : DynamicalSystem
        A flow with events and a `reset`, whose derivatives are central differences.
    event : int
        Which event happens.
    y : array_like, shape (N,)
        The state just before it.
    t : float
    inputs : array_like, shape (M,), optional

    Examples
    --------
    A ball that keeps 4/5 of its speed, here 2, when it meets the ground:

    >>> from neurodynamics import models, saltation_matrix
    >>> saltation_matrix(models.bouncing_ball(gravity=10, restitution=0.8), 0, [0.0, -2.0]).round(6).tolist()
    [[-0.8, 0.0], [9.0, -0.8]]
    """
    if not isinstance(system, DynamicalSystem) or not system.has("reset"):
        raise ValueError(f"`system` must have a `reset`; got {system!r}.")
    if as_count(event, "event") >= system.event_dim:
        raise ValueError(f"`event` must be below event_dim = {system.event_dim}; got {event}.")
    n = system.state_dim
    drive = np.zeros(system.input_dim) if inputs is None else as_floats(inputs, "inputs")
    if drive.shape != (system.input_dim,):
        raise ValueError(f"`inputs` must have shape (input_dim,) = ({system.input_dim},); got {drive.shape}.")
    tangent = with_tangents(system, n)
    before = np.concatenate([system.check_state(y, "y"), np.eye(n).ravel(), [0.0]])
    after = np.empty(before.size)
    tangent.function("reset").call_event(event, as_number(t, "t"), before, drive, tangent.params, after)
    return np.ascontiguousarray(after[n:-1].reshape(n, n).T)


def with_tangents(system: DynamicalSystem, count: int) -> DynamicalSystem:
    """Return a flow with `count` tangent vectors: state (N), vectors (N each), and the logarithm of the change of volume.

    Events and resets are those of the flow; at a reset the vectors are multiplied by the saltation matrix. Noise plays
    no part.
    """
    n, k = system.state_dim, as_count(count, "count")
    addresses = [system.address("rhs"), system.function("jac").address, system.address("events"), system.address("reset")]
    functions: dict[str, Any] = {}
    if system.event_dim:
        functions = {"events": _events(addresses[2], n), "event_dim": system.event_dim,
                     "event_directions": system.event_directions, "event_terminal": system.event_terminal}  # fmt: skip
    if system.has("reset"):
        functions["reset"] = _reset(addresses[0], addresses[2], addresses[3], n, k, system.event_dim)
    named = {name: system.layout.view(system.params, name) for name in system.layout.shapes}
    whole = DynamicalSystem(_rhs(addresses[0], addresses[1], n, k), n + n * k + 1, named, system.input_dim,
                            angles=system.angles.mapping, **functions)  # fmt: skip
    whole._recipe = Recipe(with_tangents, (system, k))
    return whole


@functools.lru_cache(maxsize=64)
def _rhs(f: int, jac: int, n: int, k: int) -> Any:
    @pointer_closure
    def tangent_rhs(index, t, z, size, u, m, params, p, out, room):
        """y' = f, q' = J q, (log volume)' = tr J."""
        J = np.zeros(n * n)
        call(f, t, z, n, u, m, params, p, out, n)
        call(jac, t, z, n, u, m, params, p, pointer(J), n * n)
        for v in range(k):
            product(pointer(J), offset(z, n + v * n), n, offset(out, n + v * n))
        trace = 0.0
        for i in range(n):
            trace += J[i * n + i]
        out[n + k * n] = trace

    return tangent_rhs


@functools.lru_cache(maxsize=64)
def _events(g: int, n: int) -> Any:
    @pointer_closure
    def tangent_events(index, t, z, size, u, m, params, p, out, room):
        call(g, t, z, n, u, m, params, p, out, room)

    return tangent_events


@functools.lru_cache(maxsize=64)
def _reset(f: int, g: int, reset: int, n: int, k: int, events: int) -> Any:
    @pointer_closure
    def tangent_reset(event, t, z, size, u, m, params, p, out, room):
        """Y -> R(y), q -> S q, log volume += log |det S|."""
        S = np.zeros((n, n))
        memory = np.zeros(7 * n + 2 * events)
        before, after = pointer(memory), offset(pointer(memory), n)
        r_t, slope, point = offset(before, 2 * n), offset(before, 3 * n), offset(before, 4 * n)
        above, below = offset(before, 5 * n), offset(before, 6 * n)
        g_above, g_below = offset(before, 7 * n), offset(before, 7 * n + events)
        call(f, t, z, n, u, m, params, p, before, n)
        call_reset(reset, event, t, z, n, u, m, params, p, out)
        call(f, t, out, n, u, m, params, p, after, n)
        copy_to(z, n, point)
        for j in range(n + 1):  # along each state, then along time
            h = CUBE_ROOT_EPS * max(np.sqrt(abs(z[j] if j < n else t)), 1.0)
            for side in range(2):
                moved = h if side == 0 else -h
                if j < n:
                    point[j] = z[j] + moved
                now = t + moved if j == n else t
                call_reset(reset, event, now, point, n, u, m, params, p, above if side == 0 else below)
                call(g, now, point, n, u, m, params, p, g_above if side == 0 else g_below, events)
            if j < n:
                point[j] = z[j]
                slope[j] = (g_above[event] - g_below[event]) / (2.0 * h)
            for i in range(n):
                change = (above[i] - below[i]) / (2.0 * h)
                if j < n:
                    S[i, j] = change
                else:
                    r_t[i] = change
            speed = (g_above[event] - g_below[event]) / (2.0 * h)  # of the event function, along time
        for j in range(n):
            speed += slope[j] * before[j]
        for i in range(n):
            above[i] = after[i] - r_t[i]
            for j in range(n):
                above[i] -= S[i, j] * before[j]
        for i in range(n):
            for j in range(n):
                S[i, j] += above[i] * slope[j] / speed
        for v in range(k):
            product(pointer(S), offset(z, n + v * n), n, offset(out, n + v * n))
        out[n + k * n] = z[n + k * n] + log_determinant(S)
        keep((S, memory))

    return tangent_reset


@kernel
def log_determinant(S):
    """log |det S|, by elimination with pivots in place."""
    n, total = len(S), 0.0
    for j in range(n):
        best = j
        for i in range(j + 1, n):
            if abs(S[i, j]) > abs(S[best, j]):
                best = i
        for k in range(j, n):
            S[j, k], S[best, k] = S[best, k], S[j, k]
        if S[j, j] == 0.0:
            return -np.inf
        total += np.log(abs(S[j, j]))
        for i in range(j + 1, n):
            factor = S[i, j] / S[j, j]
            for k in range(j, n):
                S[i, k] -= factor * S[j, k]
    return total


@kernel
def product(matrix, vector, n, out):
    """Out = M v."""
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += matrix[i * n + j] * vector[j]
        out[i] = total
