"""Memories of real numbers: a matrix of patterns, in the precision in which it came."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import as_numbers
from neurodynamics.validation import as_floats, require_finite

SINGLE = (np.dtype(np.float32), np.dtype(np.float16), np.dtype(np.int8))


def as_memories(value: ArrayLike, name: str = "memories") -> NDArray[Any]:
    """Return patterns of real numbers (p, N): whole numbers as they are, others as float64."""
    array = as_numbers(value, name)
    array = array if array.dtype.kind in "iu" else as_floats(array, name)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"`{name}` must have shape (p, N), a pattern in each row; got {array.shape}.")
    return array


def as_real_rows(value: ArrayLike, name: str, size: int | None = None) -> NDArray[Any]:
    """Return rows (K, N) of float32 where they came in single precision, else of float64."""
    array = as_numbers(value, name)
    if array.dtype in SINGLE:
        array = require_finite(array.astype(np.float32, copy=False), name)
    else:
        array = as_floats(array, name)
    rows = array[np.newaxis] if array.ndim == 1 else array
    if rows.ndim != 2 or 0 in rows.shape or (size is not None and rows.shape[1] != size):
        n = "N" if size is None else size
        raise ValueError(f"`{name}` must have shape ({n},) or (K, {n}); got {np.shape(value)}.")
    return rows
