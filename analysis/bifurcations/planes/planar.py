"""Normal forms of two neurons, for many slopes at once.

The equations are ``T y' = -Lambda y + W phi``; D, H, E (K, 2) are the first three derivatives of ``phi(g (y + b))`` by y.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.validation import Floats


def fold_curvature(w: Floats, leak: Floats, D: Floats, H: Floats) -> Floats:
    """Return <w, B(v, v)> (K,) where the determinant of W D - Lambda vanishes, with null vectors that turn continuously."""
    rest = leak[0] - w[0, 0] * D[:, 0]
    v = np.column_stack([w[0, 1] * D[:, 1], rest])
    left = np.column_stack([w[1, 0] * D[:, 0], rest])
    return ((left @ w) * H * v * v).sum(axis=1)


def first_lyapunov(w: Floats, leak: Floats, tau: Floats, D: Floats, H: Floats, E: Floats) -> Floats:
    """Return ``omega l1`` (K,) where the trace vanishes and the determinant is positive, NaN elsewhere."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _first_lyapunov(w, leak, tau, D, H, E)


def _first_lyapunov(w: Floats, leak: Floats, tau: Floats, D: Floats, H: Floats, E: Floats) -> Floats:
    A = (w * D[:, np.newaxis, :] - np.diag(leak)) / tau[:, np.newaxis]
    det = A[:, 0, 0] * A[:, 1, 1] - A[:, 0, 1] * A[:, 1, 0]
    omega = np.sqrt(np.where(det > 0.0, det, np.nan))
    second, third = (w * part[:, np.newaxis, :] / tau[:, np.newaxis] for part in (H, E))
    q = np.column_stack([A[:, 0, 1] + 0j, 1j * omega - A[:, 0, 0]])
    q /= np.linalg.norm(q, axis=1)[:, np.newaxis]
    p = np.column_stack([A[:, 1, 0] + 0j, -1j * omega - A[:, 0, 0]])
    p /= (p * q.conj()).sum(axis=1)[:, np.newaxis]  # then <p, q> = sum conj(p) q = 1
    r = q.conj()
    h20 = _solved(2j * omega[:, np.newaxis, np.newaxis] * np.eye(2) - A, _form(second, q, q))
    h11 = -_solved(A + 0j, _form(second, q, r))
    g21 = _form(third, q, q, r) + _form(second, r, h20) + 2.0 * _form(second, q, h11)
    return 0.5 * (p.conj() * g21).sum(axis=1).real


def _form(matrix: Floats, *vectors: np.ndarray) -> np.ndarray:
    product = vectors[0]
    for each in vectors[1:]:
        product = product * each
    return np.einsum("kij,kj->ki", matrix, product)


def _solved(M: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Solve 2 x 2 systems by Cramer's rule."""
    det = M[:, 0, 0] * M[:, 1, 1] - M[:, 0, 1] * M[:, 1, 0]
    x = (M[:, 1, 1] * b[:, 0] - M[:, 0, 1] * b[:, 1]) / det
    y = (M[:, 0, 0] * b[:, 1] - M[:, 1, 0] * b[:, 0]) / det
    return np.column_stack([x, y])
