"""Floquet multipliers: eigenvalues of a long product of matrices by a periodic Schur form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurodynamics.compiling import kernel
from neurodynamics.validation import Floats

SWEEPS, SWEEPS_OF_FEW, FEW = 4, 8, 3  # between checks; of few states, where a check costs more than a sweep
CHECKS = 15
SETTLED = 1e-13
NEARLY = 1e-9  # turns of a space that sweeps make no smaller are rounding
ALIKE = 30.0  # ratio of moduli
LARGEST = 600.0  # exponent that does not overflow


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
    start, moved = np.eye(n), np.full(n - 1, np.inf)
    steps = np.ascontiguousarray(matrices, dtype=float)
    for _ in range(CHECKS):
        for _ in range(SWEEPS_OF_FEW if n <= FEW else SWEEPS):
            q, total, rows, logs = _sweep(steps, start)
            turn, start = start.T @ q, q
        product, before, moved = total @ turn, moved, _below(np.abs(turn))
        ends = _ends_of_blocks(product, (moved < NEARLY) & (moved > 0.5 * before))
        spans = list(zip([0, *ends[:-1]], ends, strict=True))
        sizes = [float(rows[low:high].max()) for low, high in spans]
        blocks = [np.exp(rows[low:high] - size)[:, np.newaxis] * product[low:high, low:high]
                  for (low, high), size in zip(spans, sizes, strict=True)]  # fmt: skip
        if all(len(block) == 1 or _is_even(block) for block in blocks):
            break
    parts = [np.asarray(_eigenvalues(block)).astype(complex) for block in blocks]
    with np.errstate(all="ignore"):  # moduli tell what is beyond all numbers
        moduli = np.concatenate([np.log(np.abs(part)) + size for part, size in zip(parts, sizes, strict=True)])
        values = np.concatenate([part * np.exp(size) for part, size in zip(parts, sizes, strict=True)])
    order = np.lexsort((-values.imag, -moduli))
    return Product(values[order], moduli[order], logs)


@kernel
def _sweep(matrices, start):
    """Q[S]; the product R of the triangular factors, its rows of size 1, and their logarithms; ln |det R|."""
    n = start.shape[0]
    q, a, total, rows, logs = start.copy(), np.empty((n, n)), np.eye(n), np.zeros(n), 0.0
    for s in range(matrices.shape[0]):
        _multiply(matrices[s], q, a)
        _triangularise(a, q)
        for i in range(n):
            logs += np.log(abs(a[i, i]))
            for j in range(i, n):
                a[i, j] *= np.exp(min(rows[j] - rows[i], LARGEST))
        _multiply(a, total.copy(), total)
        _scale_rows(total, rows)
    return q, total, rows, logs


@kernel
def _scale_rows(total, rows):
    """Give each row the size 1, and add the logarithm of the size that it had."""
    for i in range(rows.size):
        size = np.abs(total[i]).max()
        if size > 0.0:
            rows[i] += np.log(size)
            total[i] /= size


@kernel
def _multiply(left, right, out):
    n = out.shape[0]
    for i in range(n):
        for j in range(n):
            out[i, j] = 0.0
        for k in range(n):
            for j in range(n):
                out[i, j] += left[i, k] * right[k, j]


@kernel
def _triangularise(a, q):
    """Write a as q r by Householder reflections I - 2 v v' / v'v; r takes the place of a."""
    n = a.shape[0]
    v, along = np.empty(n), np.empty(n)
    for i in range(n):
        for j in range(n):
            q[i, j] = 1.0 if i == j else 0.0
    for k in range(n):
        square = 0.0
        for i in range(k, n):
            v[i] = a[i, k]
            square += v[i] * v[i]
        if square == 0.0 or k == n - 1:
            continue
        length = np.sqrt(square)
        v[k] += length if v[k] >= 0 else -length
        scale = 1.0 / (square + length * abs(a[k, k]))
        for j in range(n):
            along[j] = 0.0
        for i in range(k, n):
            for j in range(n):
                along[j] += v[i] * a[i, j]
        for i in range(k, n):
            for j in range(n):
                a[i, j] -= scale * v[i] * along[j]
        for j in range(n):
            across = 0.0
            for i in range(k, n):
                across += v[i] * q[j, i]
            for i in range(k, n):
                q[j, i] -= scale * across * v[i]
        for i in range(k + 1, n):
            a[i, k] = 0.0


def _is_even(block: Floats) -> bool:
    """Whether the eigenvalues of a block are so much alike that rounding spoils none of them."""
    moduli = np.abs(_eigenvalues(block))
    return bool(moduli.max() <= ALIKE * moduli.min())


def _eigenvalues(block: Floats) -> np.ndarray:
    return block[0] if len(block) == 1 else np.linalg.eigvals(block)


def _ends_of_blocks(matrix: Floats, still: np.ndarray) -> list[int]:
    """Where a matrix is block triangular: what is left below is small beside the diagonal of its own row, or is rounding."""
    n = len(matrix)
    with np.errstate(divide="ignore", invalid="ignore"):
        coupling = _below(np.abs(matrix) / np.abs(np.diag(matrix))[:, np.newaxis])
    return [*(np.flatnonzero((coupling < SETTLED) | still) + 1).tolist(), n]


def _below(matrix: Floats) -> Floats:
    """The largest entries (N - 1,) of the blocks ``matrix[k:, :k]``."""
    largest = np.maximum.accumulate(np.maximum.accumulate(matrix, axis=1)[::-1])[::-1]
    return np.diag(largest, -1)
