"""States of two values, a byte each, that can be multiplied and added without overflow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

SUMS = {np.add, np.subtract, np.multiply, np.matmul, np.vecdot}
PRODUCTS = {np.dot, np.inner, np.vdot, np.tensordot, np.einsum, np.convolve, np.correlate}


class States(np.ndarray):
    """An int8 array whose sums and products are int64: those of int8 wrap around beyond 127.

    Whatever else is made of it, by indexing, comparing or joining, is as for any array; what is written in place is int8.

    Examples
    --------
    >>> from hopfield import patterns
    >>> xi = patterns.random(2, 200, rng=0)
    >>> xi @ xi.T
    array([[200, -14],
           [-14, 200]])
    """

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if out is not None:
            options["out"] = tuple(map(_plain, out))
        wide = out is None and "dtype" not in options and ufunc in SUMS
        result = getattr(ufunc, method)(*map(_wide if wide else _plain, inputs), **options)
        return out[0] if out is not None and len(out) == 1 else guarded(result)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function in PRODUCTS:
            args = tuple(map(_wide, args))
        return guarded(super().__array_function__(function, types, args, options))

    def dot(self, other: Any, out: Any = None) -> Any:
        """Return the product of matrices, as ``@`` does."""
        return np.dot(_wide(self), _wide(other), out)

    def __repr__(self) -> str:
        return repr(_plain(self))


def guarded(states: Any) -> Any:
    """Return an int8 array as :class:`States`, without a copy; anything else as it is."""
    if isinstance(states, np.ndarray):
        return states.view(States if states.dtype == np.int8 else np.ndarray)
    return states


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, States) else value


def _wide(value: ArrayLike) -> Any:
    short = isinstance(value, np.ndarray) and value.dtype == np.int8
    return np.asarray(value, np.int64) if short else _plain(value)
