"""Symmetric couplings of a network, written out or as the patterns that they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurodynamics import AdditiveNetwork
from neurodynamics.validation import Floats

SYMMETRY = 1e-12  # asymmetry up to this, relative to the largest entry, counts as rounding
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
    couplings: Any = getattr(network, "couplings", None)
    if hasattr(couplings, "left"):
        return _of_patterns(couplings)
    between: Any = getattr(couplings, "between", None)
    if hasattr(between, "left") and between.own_diagonal is None:
        return _of_layers(between)
    return None


def _of_patterns(couplings: Any) -> Factors | None:
    if couplings.left is not couplings.right:
        return None
    core = np.asarray(couplings.full_core, dtype=float) / couplings.scale
    return Factors(np.asarray(couplings.left, dtype=float), core, couplings.removed / couplings.scale)


def _of_layers(between: Any) -> Factors:
    """Two layers that drive each other: the patterns of one, and those of the other."""
    (p, n), (q, m) = between.left.shape, between.right.shape
    columns = np.zeros((p + q, n + m))
    columns[:p, :n], columns[p:, n:] = between.left, between.right
    core = np.zeros((p + q, p + q))
    core[:p, p:] = between.full_core / between.scale
    core[p:, :p] = core[:p, p:].T
    return Factors(columns, core, np.zeros(n + m))


def require_symmetric(network: AdditiveNetwork) -> None:
    """Raise ValueError, with the worst pair, unless W[i, j] == W[j, i]."""
    couplings = getattr(network, "couplings", None)
    if couplings is not None and (couplings.symmetric or network.state_dim > WRITTEN_OUT):
        if not couplings.symmetric:
            raise ValueError("`system` has no energy: its couplings are not symmetric, W[i, j] != W[j, i].")
        return
    w = network.weights
    gap = np.abs(w - w.T)
    if gap.max(initial=0.0) > SYMMETRY * np.abs(w).max(initial=0.0):
        i, j = (int(k) for k in np.unravel_index(np.argmax(gap), gap.shape))
        raise ValueError(
            f"`system` has no energy: weights[{i}, {j}] = {w[i, j]:g} and weights[{j}, {i}] = {w[j, i]:g} differ, and "
            "only with symmetric couplings, W[i, j] == W[j, i], does a network go downhill. Its attractors are found by "
            "find_attractors, its equilibria by fixed_points."
        )
