"""Symmetric couplings of a network, written out or as the patterns that they are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurodynamics import AdditiveNetwork
from neurodynamics.validation import Floats

SYMMETRY = 1e-12  # asymmetry up to this, relative to the largest entries of the row and the column, counts as rounding
WRITTEN_OUT = 4000  # neurons; above, couplings are not written out


@dataclass(frozen=True, eq=False)
class Factors:
    """W = columns' core columns - diag(removed): what couplings of patterns are.

    Attributes
    ----------
    columns : array, shape (q, N)
        What each neuron has to do with each of q patterns.
    core : array, shape (q, q)
    removed : array, shape (N,)
    """

    columns: Floats
    core: Floats
    removed: Floats

    def dense(self) -> Floats:
        """Return W (N, N)."""
        return self.columns.T @ self.core @ self.columns - np.diag(self.removed)


def factors_of(network: AdditiveNetwork) -> Factors | None:
    """Return the patterns that symmetric couplings are made of, where the network holds them, else None."""
    couplings = getattr(network, "couplings", None)
    found = None if couplings is None else couplings.factors()
    return None if found is None else Factors(*found)


def require_symmetric(network: AdditiveNetwork) -> None:
    """Raise ValueError, with the worst pair, unless W[i, j] == W[j, i]."""
    couplings = getattr(network, "couplings", None)
    if couplings is not None and (couplings.symmetric or network.state_dim > WRITTEN_OUT):
        if not couplings.symmetric:
            raise ValueError("`system` has no energy: its couplings are not symmetric, W[i, j] != W[j, i].")
        return
    w = network.weights
    gap = np.abs(w - w.T)
    scale = np.maximum(np.abs(w).max(axis=0, initial=0.0), np.abs(w).max(axis=1, initial=0.0))
    excess = gap - SYMMETRY * np.minimum(scale[:, np.newaxis], scale)
    if excess.max(initial=0.0) > 0.0:
        i, j = (int(k) for k in np.unravel_index(np.argmax(excess), gap.shape))
        raise ValueError(
            f"`system` has no energy: weights[{i}, {j}] = {w[i, j]:g} and weights[{j}, {i}] = {w[j, i]:g} differ, and "
            "only with symmetric couplings, W[i, j] == W[j, i], does a network go downhill. Its attractors are found by "
            "find_attractors, its equilibria by fixed_points."
        )
