"""Fixed points by gradient descent on the squared speed from sampled states, as fixed-point-finder and BrainPy find them.

Their method, for networks of logistic neurons and in numpy: Adam on q = |f|^2 / 2 from many states at once, with a rate
that decays; then points with q above a tolerance are dropped, and points closer than another one are taken for the same.

References
----------
.. [1] Golub & Sussillo (2018), FixedPointFinder, J. Open Source Software 3, 1003.
"""

from __future__ import annotations

import numpy as np

RATE, DECAY, BETA_1, BETA_2, EPSILON = 0.1, 0.9995, 0.9, 0.999, 1e-8
STEPS = 5000
ACCEPTED = 1e-8  # of q; FixedPointFinder's examples have 1e-8 .. 1e-12
SAME = 1e-3  # FixedPointFinder's tolerance for the same point


def descend(W: np.ndarray, biases: np.ndarray, starts: np.ndarray, steps: int = STEPS) -> np.ndarray:
    """Return the fixed points (K, N) of ``y' = -y + W s(y + b)`` that gradient descent finds from the starts (B, N)."""
    y = starts.copy()
    first, second = np.zeros_like(y), np.zeros_like(y)
    rate = RATE
    for step in range(1, steps + 1):
        o = 0.5 * (1.0 + np.tanh(0.5 * (y + biases)))
        f = o @ W.T - y
        gradient = (f @ W) * o * (1.0 - o) - f
        first += (1 - BETA_1) * (gradient - first)
        second += (1 - BETA_2) * (gradient * gradient - second)
        y -= rate * (first / (1 - BETA_1**step)) / (np.sqrt(second / (1 - BETA_2**step)) + EPSILON)
        rate *= DECAY
    f = 0.5 * (1.0 + np.tanh(0.5 * (y + biases))) @ W.T - y
    return _distinct(y[0.5 * (f * f).sum(axis=1) < ACCEPTED])


def _distinct(points: np.ndarray) -> np.ndarray:
    kept: list[np.ndarray] = []
    for point in points:
        if all(np.abs(point - other).max() > SAME for other in kept):
            kept.append(point)
    return np.array(kept).reshape(-1, points.shape[1])
