"""The geometric action of a polygon of states, and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import evaluate_at, jacobians_at, require_autonomous
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats, as_vector, require_positive

SAME = 1e-12  # share by which amplitudes of noise differ that are constant


def require_flow(system: DynamicalSystem, drive: Floats) -> None:
    """Raise unless the system is a flow that does not depend on time and has no resets."""
    if system.kind != "flow":
        raise ValueError("`system` must be a flow; got a map.")
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, which the action and the density of a diffusion leave out.")
    require_autonomous(system, drive)


def amplitudes_at(system: DynamicalSystem, states: Floats, drive: Floats, noise: ArrayLike | None) -> Floats:
    """Return the amplitudes of the noise at states (B, N): those given, those of the system, or 1."""
    if noise is not None:
        given = require_positive(as_vector(noise, "noise", system.state_dim, "N"), "noise")
        return np.tile(given, (len(states), 1))
    if not system.has("diffusion"):
        return np.ones_like(states)
    g = evaluate_at(system, "diffusion", states, drive)
    if not (np.isfinite(g).all() and (g != 0.0).all()):
        k, i = (int(at) for at in np.argwhere(~(np.isfinite(g) & (g != 0.0)))[0])
        raise ValueError(
            f"`system` must have noise on every state; the amplitude of state {i} is {g[k, i]:g} at {states[k].tolist()}. "
            "Pass amplitudes with `noise`."
        )
    return np.abs(g)


class Action:
    """``S = int (|b| |phi'| - b . phi') ds`` in units y / g, in which the noise is the same on every state.

    The path is a polygon, the integral that of the midpoint rule.
    """

    def __init__(self, system: DynamicalSystem, drive: Floats, amplitudes: Floats) -> None:
        self.system, self.drive, self.amplitudes = system, drive, amplitudes

    def terms(self, nodes: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return midpoints, b there and steps d of nodes (K, N), and |b| and |d|, in units of the noise."""
        middles, d = 0.5 * (nodes[1:] + nodes[:-1]), np.diff(nodes, axis=0)
        b = evaluate_at(self.system, "rhs", middles * self.amplitudes, self.drive) / self.amplitudes
        return middles, b, d, np.linalg.norm(b, axis=1), np.linalg.norm(d, axis=1)

    def of(self, nodes: Floats) -> tuple[Floats, float]:
        """Return the action up to each node, and the size of its terms, to which rounding is relative."""
        _, b, d, speed, length = self.terms(nodes)
        each = speed * length - np.einsum("ki,ki->k", b, d)
        return np.concatenate([[0.0], np.cumsum(each)]), float(speed @ length)

    def with_gradient(self, nodes: Floats) -> tuple[float, Floats]:
        """Return the action and its derivatives by the nodes, (K, N)."""
        middles, b, d, speed, length = self.terms(nodes)
        with np.errstate(all="ignore"):
            along_b = np.where(speed > 0, length / speed, 0.0)[:, np.newaxis] * b - d
            along_d = np.where(length > 0, speed / length, 0.0)[:, np.newaxis] * d - b
        jac = jacobians_at(self.system, middles * self.amplitudes, self.drive)
        of_middle = np.einsum("kij,ki->kj", jac, along_b / self.amplitudes) * self.amplitudes
        gradient: Any = np.zeros_like(nodes)
        gradient[:-1] += 0.5 * of_middle - along_d
        gradient[1:] += 0.5 * of_middle + along_d
        return float(speed @ length - np.einsum("ki,ki->", b, d)), gradient
