"""A box that holds every equilibrium.

Where the activation is bounded, its range gives one. Where it is not, growth has to be limited by the weights. With L the
largest slope, P >= 0 a matrix and (I - P) v >= b for a v >= 0, the inequality z <= b + P z gives z <= v for every
z >= 0, provided that P u < u for some u > 0 (then I - P has a nonnegative inverse; Berman & Plemmons 1994, chapter 6):

* z = |x - x0| with P = L |A| and b = |x0 - beta - A phi(x0)|, for any activation;
* z = max(x, 0) with P = L max(A, 0), for an activation bounded from below.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.activations import Activation

ROOM = 1.0 + 1e-9  # far more than all rounding errors together
CONTRACTING = 1.0 - 1e-7
REPEATS = 200  # of the fixed-point iteration towards x0


def first_box(
    A: np.ndarray, beta: np.ndarray, activation: Activation, uncertain: np.ndarray, weight_error: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the ends of a box that holds every equilibrium, or None where none can be derived."""
    least, most = activation.range
    size = np.abs(A) * (1.0 + weight_error)
    with np.errstate(all="ignore"):
        if np.isfinite([least, most]).all():
            return _for_outputs(A, beta, uncertain, weight_error, np.full(beta.size, least), np.full(beta.size, most))
        if np.isfinite(least):
            return _from_growth(A, beta, activation, uncertain, weight_error)
        return _from_contraction(A, beta, activation, uncertain, size)


def _for_outputs(
    A: np.ndarray, beta: np.ndarray, uncertain: np.ndarray, weight_error: float, least: np.ndarray, most: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Range of beta + A s for outputs s between `least` and `most`."""
    inhibition, excitation = np.minimum(A, 0.0), np.maximum(A, 0.0)
    size = np.abs(A) @ np.maximum(np.abs(least), np.abs(most)) + np.abs(beta)
    room = (1e-12 + weight_error) * size + uncertain + 1e-290
    low = beta + excitation @ least + inhibition @ most - room
    high = beta + excitation @ most + inhibition @ least + room
    return low, high


def _from_growth(
    A: np.ndarray, beta: np.ndarray, activation: Activation, uncertain: np.ndarray, weight_error: float
) -> tuple[np.ndarray, np.ndarray] | None:
    least, slope, n = activation.range[0], activation.max_slope, beta.size
    at_zero = np.full(n, float(activation.value(0.0))) * ROOM
    _, drive = _for_outputs(A, beta, uncertain, weight_error, np.full(n, least), at_zero)
    v = _bound(slope * np.maximum(A, 0.0) * (1.0 + weight_error), np.maximum(drive, 0.0))
    if v is None:
        return None
    return _for_outputs(A, beta, uncertain, weight_error, np.full(n, least), (at_zero + slope * v) * ROOM)


def _from_contraction(
    A: np.ndarray, beta: np.ndarray, activation: Activation, uncertain: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    value = np.vectorize(activation.value, otypes=[float])
    x = beta.copy()
    for _ in range(REPEATS):
        x = 0.5 * (x + beta + A @ value(x))
    if not np.isfinite(x).all():
        x = beta.copy()
    error = 1e-12 * (np.abs(x) + np.abs(beta) + size @ np.abs(value(x)))
    weights = (size - np.abs(A)) @ np.abs(value(x))
    v = _bound(activation.max_slope * size, np.abs(x - beta - A @ value(x)) + error + weights + uncertain)
    return None if v is None else (x - v * ROOM, x + v * ROOM)


def _bound(P: np.ndarray, b: np.ndarray) -> Any:
    """Return v with z <= v for every z >= 0 with z <= b + P z; None where there is no proof of one."""
    n = b.size
    try:
        inverse = np.linalg.inv(np.eye(n) - P)
    except np.linalg.LinAlgError:
        return None
    u = inverse.sum(axis=1)  # (I - P) u = 1
    if not ((u > 0.0).all() and (P @ u < CONTRACTING * u).all()):
        return None
    v = np.maximum(inverse @ b, 0.0)
    missing = b * ROOM + P @ v * ROOM - v  # u makes up for what rounding spoiled
    v = v + np.maximum(missing, 0.0).max() * 2.0 * u * (1.0 / np.minimum(u - P @ u, 1.0).min()) + 1e-12 * u
    return v if (v >= b * ROOM + P @ v * ROOM).all() else None
