"""From a network's parameters to net inputs x = g (y + b) and back, with bounds on all rounding errors.

    tau_i y_i' = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + I_i

At an equilibrium ``x = beta + A phi(x)`` with ``A_ij = g_i W_ij / lambda_i`` and ``beta_i = g_i (b_i + I_i / lambda_i)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.equilibria.certified.memory import ranges_around
from analysis.equilibria.certified.relaxation import relaxation
from analysis.equilibria.certified.rounding import TINY, UNIT, gamma
from neurodynamics.activations import Activation


@dataclass(frozen=True, eq=False)
class NetInputs:
    """A network in net inputs, and back; the fields are arguments of :func:`enclose_equilibria`.

    The true A and beta lie within `weight_error` (relative) and `beta_error` of those given.
    """

    A: np.ndarray
    beta: np.ndarray
    rates: np.ndarray
    weight_error: float
    beta_error: np.ndarray


def net_inputs(
    weights: np.ndarray, gains: np.ndarray, biases: np.ndarray, leaks: np.ndarray, tau: np.ndarray, inputs: np.ndarray
) -> NetInputs:
    """Reduce a network with positive leaks and gains of any sign, zero included."""
    if not (leaks > 0.0).all():
        raise ValueError(f"`leaks` must be positive; got {leaks}.")
    drive = inputs / leaks
    exact = (np.abs(gains) == 1.0) & (leaks == 1.0)  # nothing is rounded in A
    error = np.where(exact & (inputs == 0.0), 0.0, gamma(4) * np.abs(gains) * (np.abs(biases) + np.abs(drive)) + TINY)
    return NetInputs(
        gains[:, None] * weights / leaks[:, None], gains * (biases + drive), leaks / tau,
        0.0 if exact.all() else gamma(4), error,
    )  # fmt: skip


def states(
    x: np.ndarray,
    radius: np.ndarray,
    weights: np.ndarray,
    gains: np.ndarray,
    biases: np.ndarray,
    leaks: np.ndarray,
    inputs: np.ndarray,
    activation: Activation,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the states y (K, N) of equilibria x and radii (K,) that hold them.

    ``y = x / g - b`` and ``y = (W phi(x) + I) / lambda`` both hold; for each neuron the one of smaller error is taken.
    """
    s = ranges_around(relaxation(activation).values, x, radius)
    value, error, size = 0.5 * (s[0] + s[1]), 0.5 * (s[1] - s[0]), np.abs(s).max(axis=0)
    by_sum = (value @ weights.T + inputs) / leaks
    sum_error = (error + gamma(weights.shape[0] + 8) * size) @ np.abs(weights).T + gamma(8) * np.abs(inputs)
    sum_error = sum_error / leaks + TINY
    with np.errstate(divide="ignore", invalid="ignore"):
        by_state = x / gains - biases
        state_error = (radius[:, None] + gamma(4) * np.abs(x)) / np.abs(gains) + gamma(4) * np.abs(biases) + TINY
        better = state_error < sum_error
    y = np.where(better, by_state, by_sum)
    total = np.where(better, state_error, sum_error) + 2.0 * UNIT * np.abs(y)
    return y, total.max(axis=1, initial=0.0) * (1.0 + 1e-9)
