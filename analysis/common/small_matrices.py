"""Exponentials of many small matrices at once."""

from __future__ import annotations

import numpy as np

from neurodynamics.validation import Floats

DEGREE, SMALL = 8, 0.1  # of Taylor's polynomial, and the size of a matrix up to which it is exact to rounding


def exponentials(matrices: Floats) -> Floats:
    """Return the exponentials of matrices (K, N, N): Taylor's polynomial of halved ones, squared as often."""
    sizes = np.maximum(np.linalg.norm(matrices, axis=(1, 2)), 1e-300)
    halvings = np.maximum(0, np.ceil(np.log2(sizes / SMALL))).astype(int)
    small = matrices / 2.0 ** halvings[:, np.newaxis, np.newaxis]
    total = np.broadcast_to(np.eye(matrices.shape[1]), matrices.shape)
    for k in range(DEGREE, 0, -1):
        total = np.eye(matrices.shape[1]) + small @ total / k
    for squared in range(int(halvings.max(initial=0))):
        more = halvings > squared
        total[more] = total[more] @ total[more]
    return total
