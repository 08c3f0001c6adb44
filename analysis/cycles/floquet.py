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
        By modulus, largest first; 0 where that is below the smallest number.
    log_moduli : array, shape (N,)
        Logarithms of their moduli, also there.
    log_determinant : float
        Logarithm of the modulus of their product, also where that is below the smallest number; -inf where it is zero.
    """

    eigenvalues: np.ndarray
    log_moduli: Floats
    log_determinant: float


def eigenvalues_of_product(matrices: Floats) -> Product:
    """Return the eigenvalues of the product of S matrices (S, N, N) without multiplying them.

    Orthogonal iteration: ``M[s] Q[s] = Q[s+1] R[s]``. The product is similar to R Z, where R is the product of the upper
    triangular R[s], whose diagonal is exact to rounding however small, and Z = Q[0]' Q[S] is orthogonal. Sweeps go on until
    R Z is block triangular, with eigenvalues of like modulus in one block. Each row of R is kept with its own logarithm,
    so that nothing underflows.

    References
    ----------
    .. [1] Bojanczyk, Golub & Van Dooren (1992), The periodic Schur decomposition.
    """
    n = matrices.shape[1]
    start = np.eye(n)
    for _ in range(SWEEPS):
        q, total, rows, logs = start, np.eye(n), np.zeros(n), 0.0
        for matrix in matrices:
            q, r = np.linalg.qr(matrix @ q)
            total, rows = _times(r, total, rows)
            with np.errstate(divide="ignore"):
                logs += float(np.log(np.abs(np.diag(r))).sum())
        product = total @ (start.T @ q)
        ends = _ends_of_blocks(product)
        spans = list(zip([0, *ends[:-1]], ends, strict=True))
        sizes = [float(rows[low:high].max()) for low, high in spans]
        blocks = [np.exp(rows[low:high] - size)[:, np.newaxis] * product[low:high, low:high]
                  for (low, high), size in zip(spans, sizes, strict=True)]  # fmt: skip
        if all(_is_even(block) for block in blocks):
            break
        start = q
    parts = [np.linalg.eigvals(block).astype(complex) for block in blocks]
    with np.errstate(divide="ignore", under="ignore"):
        moduli = np.concatenate([np.log(np.abs(part)) + size for part, size in zip(parts, sizes, strict=True)])
        values = np.concatenate([part * np.exp(size) for part, size in zip(parts, sizes, strict=True)])
    order = np.lexsort((-values.imag, -moduli))
    return Product(values[order], moduli[order], logs)


def _times(r: Floats, total: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Return ``r diag(exp(rows)) total`` of upper triangular matrices, its rows scaled to size 1, and their logarithms."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        shifts = np.exp(np.minimum(rows[np.newaxis] - rows[:, np.newaxis], 600.0))
        out = np.triu(r * shifts) @ total
        size = np.abs(out).max(axis=1)
        size[~(size > 0)] = 1.0
        return out / size[:, np.newaxis], rows + np.log(size)


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
