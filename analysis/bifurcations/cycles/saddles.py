"""Equilibria that cycles pass slowly, and the rates and spaces in which they are approached and left."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import schur

from analysis.bifurcations.cycles.linear import rates_of
from analysis.bifurcations.cycles.orbit import Orbit
from analysis.bifurcations.family import Family
from neurodynamics.validation import Floats

NEWTON_STEPS, SOLVED = 20, 1e-12


class Saddle(NamedTuple):
    """An equilibrium, a saddle as a rule: its state, Jacobian, and eigenvalues."""

    x: Floats
    A: Floats
    eigenvalues: np.ndarray

    @property
    def rates(self) -> tuple[float, float]:
        """The slowest rates of leaving and of approaching it; inf where there is none."""
        real = self.eigenvalues.real
        return float(real[real > 0].min(initial=np.inf)), float(-real[real < 0].max(initial=-np.inf))

    @property
    def spaces(self) -> tuple[Floats, Floats]:
        """Orthonormal rows that span the left stable and the left unstable space."""
        stable, unstable = (schur(self.A.T, sort=side) for side in ("lhp", "rhp"))
        return stable[1][:, : stable[2]].T, unstable[1][:, : unstable[2]].T


def saddle_near(family: Family, z: Floats, size: float = np.inf) -> Saddle | None:
    """Return the equilibrium near z = (x, p) by Newton steps below a size; None where there is none."""
    z, n = z.copy(), family.n
    for _ in range(NEWTON_STEPS):
        F, D = family(z)
        try:
            step = np.linalg.solve(D[:, :n], F)
        except np.linalg.LinAlgError:
            return None
        if not np.linalg.norm(step) < size:
            return None
        z[:n] -= step
        if np.linalg.norm(step) < SOLVED * (1 + np.linalg.norm(z)):
            A = family(z)[1][:, :n]
            return Saddle(z[:n].copy(), A, np.linalg.eigvals(A))
    return None


def slowest(family: Family, orbit: Orbit) -> Floats:
    """Return the state of an orbit where it is slowest, and the parameters."""
    rates = np.linalg.norm(rates_of(family, orbit), axis=2)
    return np.concatenate([orbit.stages[np.unravel_index(np.argmin(rates), rates.shape)], orbit.parameters])


def saddle_of(family: Family, orbit: Orbit) -> Saddle | None:
    """Return the equilibrium near the slowest part of an orbit."""
    return saddle_near(family, slowest(family, orbit), orbit.amplitude)
