"""The compiled form of a coupling matrix for asynchronous updates: dense, sparse or low rank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hopfield.checks import Spins
from hopfield.couplings import EXACT, EXACT32, Coupling, LowRank, Sparse
from hopfield.discrete.relax import VECTOR_BYTES, Loops, relax_dense, relax_dense_real, relax_low_rank, relax_sparse
from neurodynamics.validation import Floats

DENSE_BELOW = 3000  # a low-rank matrix of up to so many units is written out: 2 N^2 bytes, and a sweep is faster


@dataclass(frozen=True, eq=False)
class Form:
    """Couplings ready for the asynchronous kernel.

    Attributes
    ----------
    relax : Loops
        Those in :mod:`hopfield.discrete.relax`.
    arrays : tuple of ndarray
        The couplings, as the kernel takes them (its argument ``form``).
    start : callable
        From spins (K, N) to what the kernel keeps up to date: fields, or sums over patterns (its argument ``work``).
        Where fields are not exact the kernel computes it itself: so the result for a probe does not depend, through
        rounding, on the batch that it is in.
    exact : bool
        Whether fields are exact whatever the number of flips; others are computed afresh now and then.
    """

    relax: Loops
    arrays: tuple[Any, ...]
    start: Callable[[Spins], NDArray]
    exact: bool


def asynchronous_form(coupling: Coupling, drive: Floats) -> Form:
    """Return the fastest form for a coupling with a constant drive, given in units of 1 / scale."""
    if isinstance(coupling, Sparse):
        return _sparse_form(coupling, drive)
    if isinstance(coupling, LowRank) and coupling.size > max(DENSE_BELOW, 2 * len(coupling.left)):
        return _low_rank_form(coupling, drive)
    return _dense_form(coupling, drive)


def _dense_form(coupling: Coupling, drive: Floats) -> Form:
    columns = coupling.scaled_dense().T  # W[:, i] in row i
    exact = bool(exact_rows(coupling, drive).all())
    bound = np.abs(columns).sum(axis=0, dtype=float).max() + np.abs(drive).max()
    dtype: Any = np.float64 if not exact else _integer_type(max(bound, 2.0 * np.abs(columns).max()))
    doubled = np.ascontiguousarray(2.0 * columns, dtype=dtype)

    def start(spins: Spins) -> NDArray:
        return (coupling.scaled_product(spins) + drive).astype(dtype) if exact else np.empty(spins.shape)

    return Form(relax_dense if exact else relax_dense_real, (doubled, drive.astype(dtype)), start, exact)


def _integer_type(bound: float) -> type:
    return next(t for t in (np.int16, np.int32, np.int64) if bound <= np.iinfo(t).max)


def _low_rank_form(coupling: LowRank, drive: Floats) -> Form:
    exact32 = coupling.exact and coupling.scaled_bound < EXACT32
    dtype = np.float32 if exact32 else np.float64
    left = _padded_columns(coupling.left, dtype)
    if coupling.core is None and coupling.left is coupling.right:
        right = left
    else:
        seen = coupling.right if coupling.core is None else coupling.apply_core(coupling.right.T.astype(dtype)).T
        right = _padded_columns(seen, dtype)
    width = left.size // coupling.size + VECTOR_BYTES // np.dtype(dtype).itemsize

    def start(spins: Spins) -> NDArray:
        if not coupling.exact:
            return np.empty((len(spins), width))
        sums = coupling.apply_core(coupling.project(spins, dtype))
        return np.pad(sums, ((0, 0), (0, width - sums.shape[1])))

    return Form(relax_low_rank, (left, right, drive, coupling.removed), start, coupling.exact)


def _padded_columns(factor: NDArray, dtype: type) -> NDArray:
    """Return the factor, a column after the other, each with zeros up to two whole vectors; int8 stays int8."""
    step = 2 * VECTOR_BYTES // np.dtype(dtype).itemsize
    kind = factor.dtype if factor.dtype == np.int8 else dtype
    result = np.zeros((factor.shape[1], -(-len(factor) // step) * step), kind)
    result[:, : len(factor)] = factor.T
    return result.reshape(-1)


def _sparse_form(coupling: Sparse, drive: Floats) -> Form:
    columns = coupling.matrix.tocsc()
    exact = bool(exact_rows(coupling, drive).all())

    def start(spins: Spins) -> NDArray:
        return coupling.scaled_product(spins) + drive if exact else np.empty(spins.shape)

    return Form(relax_sparse, (columns.data, columns.indices, columns.indptr, drive), start, exact)


def tie_tolerances(coupling: Coupling, drive: Floats) -> Floats:
    """Return how large each field (N,), in units of 1 / scale, may be by rounding alone; 0 where it is exact.

    Rounding of N additions and up to N updates, each of half a unit in the last place of the unit's largest field.
    """
    largest = coupling.rounding_bounds() * coupling.scale + np.abs(drive)
    return np.where(exact_rows(coupling, drive), 0.0, coupling.size * np.finfo(float).eps * largest)


def exact_rows(coupling: Coupling, drive: Floats) -> NDArray[np.bool_]:
    """Whether the field of each unit is an exact integer for every state of +-1, shape (N,)."""
    if not coupling.exact:
        return np.zeros(coupling.size, bool)
    largest = coupling.rounding_bounds() * coupling.scale + np.abs(drive)
    return (drive == np.rint(drive)) & (largest < EXACT)
