"""The linearisation of a system with delays: ``v'(t) = A_0 v(t) + sum_d A_d v(t - tau_d)``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from neurodynamics import DelayedSystem, linearise
from neurodynamics.validation import Floats

BY_DIFFERENCES = 1e-9  # share by which derivatives of users' functions may be off
MOST_POINTS, TURN = 2**17, 0.7  # of a contour, and radians between neighbours
NEXT_TO = 1e-13  # of the radius: as near as a root may be to the axis
AT_ONCE = 10**6  # numbers


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
        phases = self._phases(along, radius)
        while along.size <= MOST_POINTS and np.all(np.abs(phases) > 0.5):  # else a root is on the axis
            turns = np.angle(phases[1:] / phases[:-1])
            apart = np.abs(np.diff(self._contour(along, radius)))
            wide = (np.abs(turns) > TURN) | (apart * max(self.delays.max(), 1.0 / radius) * len(self.now) > 1.0)
            if not wide.any():
                count = turns.sum() / np.pi  # twice the turns of half the contour
                return round(count), bool(abs(count - round(count)) < 1e-6)
            if apart[wide].min() < NEXT_TO * radius:
                break
            between = 0.5 * (along[1:] + along[:-1])[wide]
            places = np.flatnonzero(wide) + 1
            phases = np.insert(phases, places, self._phases(between, radius))
            along = np.insert(along, places, between)
        return 0, False

    @staticmethod
    def _contour(along: Floats, radius: float) -> np.ndarray:
        return np.where(along <= 1.0, radius * np.exp(0.5j * np.pi * np.minimum(along, 1.0)), 1j * radius * (2.0 - along))

    def _phases(self, along: Floats, radius: float) -> np.ndarray:
        """Return ``det / |det|`` of the characteristic matrix along the contour."""
        parts = max(1, -(-along.size * self.now.size // AT_ONCE))
        points = np.array_split(self._contour(along, radius), parts)
        return np.concatenate([np.linalg.slogdet(self.characteristic(part))[0] for part in points])


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
