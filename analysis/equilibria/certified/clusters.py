"""Clusters of undecided boxes, with the residual of the network there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurodynamics.compiling import kernel

SINGULAR = 1e-3  # a singular value of the Jacobian this far below 1 (and below the largest) is one of no resistance
GAUSS_NEWTON_STEPS = 30


@dataclass(frozen=True, eq=False)
class Unresolved:
    """A connected set of boxes about which nothing was proved: it may hold no, one or many equilibria.

    Attributes
    ----------
    lower, upper : ndarray, shape (N,)
        Ends of the box around all of them.
    boxes : ndarray, shape (k, 2, N)
        Lower and upper ends of each.
    point : ndarray, shape (N,)
        Where the equations are nearly satisfied, in or near the set.
    residual : float
        Largest element of |x - beta - A phi(x)| there.
    null_directions : ndarray, shape (d, N)
        Unit vectors in which the network hardly resists at `point`: d = 1 along a line of equilibria, along a tail on
        which the equations only tend to zero (as of softplus), and across a fold; d = 0 where the search merely ended early.
    cause : str
        "degenerate" or "budget".
    """

    lower: np.ndarray
    upper: np.ndarray
    boxes: np.ndarray
    point: np.ndarray
    residual: float
    null_directions: np.ndarray
    cause: str

    def __repr__(self) -> str:
        extent = float((self.upper - self.lower).max())
        kind = f"{len(self.null_directions)} null direction(s), " if self.cause == "degenerate" else ""
        return f"Unresolved({len(self.boxes)} boxes, {kind}extent {extent:.3g}, cause: {self.cause})"


def connected(boxes: np.ndarray) -> list[np.ndarray]:
    """Return the indices of the boxes (k, 2, N) in each connected set."""
    if len(boxes) == 0:
        return []
    spread = boxes[:, 1].max(axis=0) - boxes[:, 0].min(axis=0)
    axis = int(np.argmax(spread / (np.mean(boxes[:, 1] - boxes[:, 0], axis=0) + 1e-300)))
    order = np.argsort(boxes[:, 0, axis], kind="stable")
    label = _labels(np.ascontiguousarray(boxes[order]), axis, 1e-9 * (spread + np.abs(boxes).max(axis=(0, 1))))
    sets: dict[int, list[int]] = {}
    for i, root in zip(order, label, strict=True):
        sets.setdefault(int(root), []).append(int(i))
    return [np.array(sorted(members)) for members in sets.values()]


@kernel
def _labels(boxes, axis, gap):
    """One label for boxes that touch but for `gap`; they are sorted along the axis."""
    k, n = boxes.shape[0], boxes.shape[2]
    parent = np.arange(k)
    for i in range(k):
        for j in range(i + 1, k):
            if boxes[j, 0, axis] > boxes[i, 1, axis] + gap[axis]:
                break
            touch = True
            for m in range(n):
                if boxes[j, 0, m] > boxes[i, 1, m] + gap[m] or boxes[i, 0, m] > boxes[j, 1, m] + gap[m]:
                    touch = False
                    break
            if touch:
                a, b = i, j
                while parent[a] != a:
                    a = parent[a]
                while parent[b] != b:
                    b = parent[b]
                parent[max(a, b)] = min(a, b)
                parent[i], parent[j] = min(a, b), min(a, b)
    for i in range(k):
        a = i
        while parent[a] != a:
            a = parent[a]
        parent[i] = a
    return parent


def describe(boxes: np.ndarray, cause: str, A: np.ndarray, beta: np.ndarray, activation: Any) -> Unresolved:
    """Make the record of a connected set."""
    lower, upper = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
    centres = boxes.mean(axis=1)
    point = centres[np.argmin(np.abs(centres - centres.mean(axis=0)).max(axis=1))]
    if cause == "degenerate":
        point = _nearly_satisfied(point, A, beta, activation)
    _, singular, directions = np.linalg.svd(_jacobian(point, A, activation))
    null = directions[singular < SINGULAR * max(singular[0], 1.0)] if cause == "degenerate" else directions[:0]
    residual = float(np.abs(_residual(point, A, beta, activation)).max())
    return Unresolved(lower, upper, boxes, point, residual, null, cause)


def _nearly_satisfied(x: np.ndarray, A: np.ndarray, beta: np.ndarray, activation: Any) -> np.ndarray:
    """Gauss-Newton steps of least length."""
    best, least = x, np.inf
    for _ in range(GAUSS_NEWTON_STEPS):
        r = _residual(x, A, beta, activation)
        if not np.abs(r).max() < least:
            break
        best, least = x, np.abs(r).max()
        x = x - np.linalg.pinv(_jacobian(x, A, activation), rcond=SINGULAR) @ r
    return best


def _residual(x: np.ndarray, A: np.ndarray, beta: np.ndarray, activation: Any) -> np.ndarray:
    return x - beta - A @ np.array([activation.value(v) for v in x])


def _jacobian(x: np.ndarray, A: np.ndarray, activation: Any) -> np.ndarray:
    return np.eye(x.size) - A * np.array([activation.derivative(v) for v in x])
