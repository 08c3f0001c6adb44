"""The index of an equilibrium (unstable directions), with proof.

The Jacobian of the flow at x is diag(rates) (A diag(phi'(x)) - I), up to a change of coordinates by the gains, with
rates = leak / time constant. Its entries are known as intervals. They are brought close to diagonal form by approximate
eigenvectors V with X near V^-1: if |I - X V| <= rho < 1 in the maximum norm, V^-1 J V differs from X J V by no more
than rho / (1 - rho) |X J V|, and Gershgorin's discs of what is left hold the eigenvalues. Where no disc meets the
imaginary axis, those to the right of it hold as many eigenvalues as they are (Rump 2010, section 13.4).
"""

from __future__ import annotations

import numpy as np

from analysis.equilibria.certified.rounding import gamma

UNKNOWN = -1


def proved_index(A: np.ndarray, rates: np.ndarray, slopes: np.ndarray, weight_error: float) -> np.ndarray:
    """Return the number of unstable directions of each equilibrium, UNKNOWN where the enclosure cannot tell.

    Parameters
    ----------
    A : ndarray, shape (N, N)
    rates : ndarray, shape (N,)
        Positive.
    slopes : ndarray, shape (2, K, N)
        Least and largest slope of every neuron's activation around each of K equilibria.
    weight_error : float
        Relative error of all entries of A.
    """
    n = rates.size
    middle, radius = 0.5 * (slopes[0] + slopes[1]), 0.5 * (slopes[1] - slopes[0])
    J = rates[:, None] * (A * middle[:, None, :] - np.eye(n))
    error = rates[:, None] * np.abs(A) * (radius + (weight_error + gamma(8)) * np.abs(slopes[1]))[:, None, :]
    error += gamma(8) * rates[:, None] * np.eye(n)
    index = _from_discs(J, error.sum(axis=2))
    left = np.flatnonzero(index == UNKNOWN)
    if left.size:
        index[left] = _by_eigenvectors(J[left], error[left])
    return index


def _from_discs(H: np.ndarray, extra: np.ndarray) -> np.ndarray:
    """Count the discs right of the imaginary axis where none meets it; `extra` (K, N) enlarges their radii."""
    centre = np.diagonal(H, axis1=1, axis2=2)
    radius = (np.abs(H).sum(axis=2) - np.abs(centre)) * (1.0 + gamma(H.shape[1] + 4)) + extra
    clear = (np.abs(centre.real) > 1.0000001 * radius + 1e-290).all(axis=1)
    return np.where(clear, (centre.real > 0.0).sum(axis=1), UNKNOWN)


def _by_eigenvectors(J: np.ndarray, error: np.ndarray) -> np.ndarray:
    n = J.shape[1]
    _, V = np.linalg.eig(J)
    try:
        X = np.linalg.inv(V)
    except np.linalg.LinAlgError:  # one of them has too few eigenvectors
        X = np.linalg.pinv(V)
    size = np.abs(X) @ np.abs(V)
    rho = (np.abs(np.eye(n) - X @ V) + gamma(2 * n + 8) * size).sum(axis=2).max(axis=1) * 1.0000001
    H = X @ (J @ V)
    spread = (np.abs(X) @ ((error + gamma(4 * n + 16) * np.abs(J)) @ np.abs(V))).sum(axis=2) * 1.0000001
    norm = np.abs(H).sum(axis=2).max(axis=1) + spread.max(axis=1)
    with np.errstate(all="ignore"):
        turned = np.where(rho < 0.5, rho / (1.0 - rho) * norm, np.inf)
    return _from_discs(H, spread + turned[:, None])
