"""Normal forms of two neurons, for many slopes at once.

The equations are ``T y' = -Lambda y + W phi``; D, H, E (2, K) are the first three derivatives of ``phi(g (y + b))`` by y.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.validation import Floats


def fold_curvature(w: Floats, leak: Floats, D: Floats, H: Floats) -> Floats:
    """Return <w, B(v, v)> (K,) where the determinant of W D - Lambda vanishes, with null vectors that turn continuously."""
    rest = leak[0] - w[0, 0] * D[0]
    first, second = w[1, 0] * D[0] * w[0][:, np.newaxis], rest * w[1][:, np.newaxis]
    return ((first + second) * H * np.array([w[0, 1] * D[1], rest]) ** 2).sum(axis=0)


def first_lyapunov(w: Floats, leak: Floats, tau: Floats, D: Floats, H: Floats, E: Floats) -> Floats:
    """Return ``omega l1`` (K,) where the trace vanishes and the determinant is positive, NaN elsewhere."""
    w, leak = w / tau[:, np.newaxis], leak / tau
    a, b, c, d = w[0, 0] * D[0] - leak[0], w[0, 1] * D[1], w[1, 0] * D[0], w[1, 1] * D[1] - leak[1]  # the Jacobian
    det = a * d - b * c
    omega = np.sqrt(np.where(det > 0.0, det, np.nan))
    q = np.array([b + 0j, 1j * omega - a])
    q /= np.sqrt(b * b + omega * omega + a * a)
    p = np.array([c + 0j, 1j * omega - a])  # the conjugate
    p /= (p * q).sum(axis=0)  # then <p, q> = sum conj(p) q = 1
    r = q.conj()
    h20 = _solved(2j * omega - a, -b, -c, 2j * omega - d, w @ (H * q * q))
    h11 = _solved(-a, -b, -c, -d, w @ (H * q * r))
    return 0.5 * (p * (w @ (E * q * q * r + H * (r * h20 + 2.0 * q * h11)))).sum(axis=0).real


def _solved(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve 2 x 2 systems by Cramer's rule."""
    return np.array([d * right[0] - b * right[1], a * right[1] - c * right[0]]) / (a * d - b * c)
