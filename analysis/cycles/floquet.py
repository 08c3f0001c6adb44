"""Floquet multipliers: eigenvalues of a long product of matrices by a periodic Schur form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurodynamics.validation import Floats

SWEEPS = 60
SETTLED = 1e-13
ALIKE = 30.0  # ratio of moduli


@dataclass(frozen=True, eq=False)
class Product:
    """Eigenvalues of ``M[S-1] .. M[1] M[0]``.

    Attributes
    ----------
    eigenvalues : complex array, shape (N,)
        By modulus, largest first.
    log_determinant : float
        Logarithm of the modulus of their product, also where that is below the smallest number; -inf where it is zero.
    """

    eigenvalues: np.ndarray
    log_determinant: float


def eigenvalues_of_product(matrices: Floats) -> Product:
    """Return the eigenvalues of the product of S matrices (S, N, N) without multiplying them.

    Orthogonal iteration: ``M[s] Q[s] = Q[s+1] R[s]``. The product is similar to R Z, where R is the product of the upper
    triangular R[s], whose diagonal is exact to rounding however small, and Z = Q[0]' Q[S] is orthogonal. Sweeps go on until
    R Z is block triangular, with eigenvalues of like modulus in one block.

    References
    ----------
    .. [1] Bojanczyk, Golub & Van Dooren (1992), The periodic Schur decomposition.
    """
    n = matrices.shape[1]
    start = np.eye(n)
    for _ in range(SWEEPS):
        q, total, logs = start, np.eye(n), 0.0
        for matrix in matrices:
            q, r = np.linalg.qr(matrix @ q)
            total = r @ total
            with np.errstate(divide="ignore"):
                logs += float(np.log(np.abs(np.diag(r))).sum())
        product = total @ (start.T @ q)
        ends = _ends_of_blocks(product)
        blocks = [product[low:high, low:high] for low, high in zip([0, *ends[:-1]], ends, strict=True)]
        if all(_is_even(block) for block in blocks):
            break
        start = q
    values = np.concatenate([np.linalg.eigvals(block) for block in blocks]).astype(complex)
    return Product(values[np.lexsort((-values.imag, -np.abs(values)))], logs)


def _is_even(block: Floats) -> bool:
    """Whether the eigenvalues of a block are so much alike that rounding spoils none of them."""
    moduli = np.abs(np.linalg.eigvals(block))
    return len(block) == 1 or bool(moduli.max() <= ALIKE * moduli.min())


def _ends_of_blocks(matrix: Floats) -> list[int]:
    """Where a matrix is block triangular: what is left below is small beside the diagonal of its own row."""
    n = len(matrix)
    with np.errstate(divide="ignore", invalid="ignore"):
        coupling = np.abs(matrix) / np.abs(np.diag(matrix))[:, np.newaxis]
    return [k for k in range(1, n) if (coupling[k:, :k] < SETTLED).all()] + [n]
