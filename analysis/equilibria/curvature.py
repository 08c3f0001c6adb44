"""Second-order terms of the Hessian of half the squared speed: ``sum_i r_i d^2 f_i / dy_j dy_k``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.common import evaluate_at
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats

STEP = 6.055454452393343e-06  # the cube root of the rounding unit: balances truncation and rounding


def curvature_of(system: DynamicalSystem, drive: Floats) -> Callable[[Floats, Floats], Floats]:
    """Return a function of states and residuals (B, N) that gives the matrices (B, N, N).

    In an additive network every entry of column j of the Jacobian depends on y_j alone, so that the matrix is diagonal
    and one difference of Jacobians gives all of it.
    """

    def weighted(states: Floats, r: Floats) -> Floats:
        return np.einsum("bij,bi->bj", evaluate_at(system, "jac", states, drive), r)

    def diagonal(states: Floats, r: Floats) -> Floats:
        step = STEP * np.maximum(np.abs(states), 1.0)
        entries = (weighted(states + step, r) - weighted(states - step, r)) / (2.0 * step)
        return entries[:, :, np.newaxis] * np.eye(states.shape[1])

    def full(states: Floats, r: Floats) -> Floats:
        out = np.empty((*states.shape, states.shape[1]))
        for k in range(states.shape[1]):
            step = np.zeros_like(states)
            step[:, k] = STEP * np.maximum(np.abs(states[:, k]), 1.0)
            out[:, k] = (weighted(states + step, r) - weighted(states - step, r)) / (2.0 * step[:, k, np.newaxis])
        return 0.5 * (out + np.swapaxes(out, 1, 2))

    return diagonal if system.structure("additive") is not None else full
