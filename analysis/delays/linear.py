"""The linearisation of a system with delays: ``v'(t) = A_0 v(t) + sum_d A_d v(t - tau_d)``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from neurodynamics import DelayedSystem, linearise
from neurodynamics.validation import Floats

BY_DIFFERENCES = 1e-9  # share by which derivatives of users' functions may be off
MOST_POINTS, TURN = 2**18, 0.7  # of a contour, and radians between neighbours


class LinearDelays(NamedTuple):
    """A_0 (N, N), the distinct delays (D,), and their matrices (D, N, N)."""

    now: Floats
    delays: Floats
    past: Floats

    def characteristic(self, roots: np.ndarray) -> np.ndarray:
        """Return ``s - A_0 - sum_d A_d exp(-s tau_d)`` for each s of (K,), shape (K, N, N)."""
        s = np.asarray(roots)[:, np.newaxis, np.newaxis]
        decays = np.exp(-np.multiply.outer(roots, self.delays))
        return s * np.eye(len(self.now)) - self.now - np.tensordot(decays, self.past, axes=1)

    def slope(self, root: complex) -> np.ndarray:
        """Return the derivative of the characteristic matrix by s, (N, N)."""
        return np.eye(len(self.now)) + np.tensordot(self.delays * np.exp(-root * self.delays), self.past, axes=1)

    def size(self, root: complex) -> float:
        """Return how large the terms of the characteristic matrix are together: what a residual is small against."""
        parts = np.linalg.norm(self.past, 2, axis=(1, 2)) * np.exp(-root.real * self.delays)
        return float(abs(root) + np.linalg.norm(self.now, 2) + parts.sum())

    def unstable(self) -> tuple[int, bool]:
        """Return how many roots have a real part above 0, by the argument principle, and whether the count is sure.

        They lie within ``|s| <= |A_0| + sum_d |A_d|``. The argument of the determinant is followed along half the
        boundary of that half-disc (roots are real or in pairs), between points so dense that it turns little.
        """
        radius = 1.01 * self.size(0j) + 1e-300
        along = np.linspace(0.0, 2.0, 129)  # the quarter circle from the real axis, then down the imaginary one
        while along.size <= MOST_POINTS:
            arc = radius * np.exp(0.5j * np.pi * np.minimum(along, 1.0))
            contour = np.where(along <= 1.0, arc, 1j * radius * (2.0 - along))
            phases = np.linalg.slogdet(self.characteristic(contour))[0]
            if not np.all(np.abs(phases) > 0.5):  # a root on the axis
                return 0, False
            turns = np.angle(phases[1:] / phases[:-1])
            wide = np.abs(turns) > TURN
            steps = np.abs(np.diff(contour)) * max(self.delays.max(), 1.0 / radius) * len(self.now)
            wide |= steps > 1.0
            if not wide.any():
                count = turns.sum() / np.pi  # twice the turns of half the contour
                return round(count), bool(abs(count - round(count)) < 1e-6)
            if np.abs(np.diff(contour))[wide].min() < 1e-13 * radius:
                return 0, False
            along = np.sort(np.concatenate([along, 0.5 * (along[1:] + along[:-1])[wide]]))
        return 0, False


def linearised(system: DelayedSystem, point: Floats, inputs: Floats) -> tuple[LinearDelays, str]:
    """Return the linearisation at a state of rest (N,), and where its derivatives come from."""
    states = [each.state for each in system.past]
    at = linearise(system.opened, point, np.concatenate([inputs, point[states]]))
    now, by_past = at.jvp(np.eye(system.state_dim)), at.dfdinputs()[:, system.input_dim :]
    delays, which = np.unique(system.delays, return_inverse=True)
    past = np.zeros((delays.size, system.state_dim, system.state_dim))
    for k, state in enumerate(states):
        past[which[k], :, state] += by_past[:, k]
    return LinearDelays(now, delays, past), at.how
