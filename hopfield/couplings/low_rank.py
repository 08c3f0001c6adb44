"""Couplings made of patterns: a sum of p outer products, never written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import as_numbers
from hopfield.couplings.coupling import (
    EXACT,
    Coupling,
    Factors,
    acts_symmetrically,
    count_above_one,
    dense_singular_values,
    is_integral,
    is_symmetric,
    read_only,
    sum_dtype,
)
from hopfield.couplings.int8 import expand, overlaps
from neurodynamics.compiling import as_workers, over_rows
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_floats, as_number, as_vector

FEW = 64  # up to this many states int8 patterns are read as they are; more are worth a float copy, block by block
BLOCK_BYTES = 2**24  # size of such a block
THREADED = 2**24  # int8 patterns with so many entries are worth a thread for each core


class LowRank(Coupling):
    """W = left' core right / scale, with p patterns in the rows of left and right, and a diagonal of its own if wanted.

    A product costs 2 p N operations instead of N^2, and integer patterns take one byte an entry.

    Parameters
    ----------
    left : array_like, shape (p, n_out)
        What the units that receive get from each pattern. Integers up to 127 are kept as int8.
    right : array_like, shape (q, n_in), optional
        What the units that send contribute; by default ``left``.
    core : array_like, shape (p,) or (p, q), optional
        Weight of each pattern, or the matrix between them; by default the identity.
    scale : float, optional
        The common denominator, by default 1.
    diagonal : float or array_like, shape (N,), optional
        What every ``W[i, i]`` is set to, mostly 0; by default the diagonal stays as the patterns make it.

    Notes
    -----
    Fields of integer states are exact as long as they stay below 2^53. For real states in float64 the error is at most
    about ``(N + p) 2**-53`` of the sum of absolute terms, in float32 ``(N + p) 2**-24``; for random patterns and
    states the square root of that (measured at N = 10^4, p = 500: 2e-15 and 1e-6 of the largest field).

    Examples
    --------
    >>> import numpy as np
    >>> xi = np.array([[1, -1, 1, 1], [1, 1, -1, 1]])
    >>> w = LowRank(xi, scale=4, diagonal=0)
    >>> w.product(xi[0])
    array([ 0.5, -0.5,  0.5,  0.5])
    """

    def __init__(
        self,
        left: ArrayLike,
        right: ArrayLike | None = None,
        *,
        core: ArrayLike | None = None,
        scale: float = 1.0,
        diagonal: ArrayLike | None = None,
    ) -> None:
        self.left = _factor(left, "left")
        self.right = self.left if right is None or right is left else _factor(right, "right")
        self.core = None if core is None else read_only(as_floats(core, "core"))
        self.scale = as_number(scale, "scale", positive=True)
        self.shape = (self.left.shape[1], self.right.shape[1])
        self._check_shapes()
        self.own_diagonal = None if diagonal is None else self._scaled_diagonal(diagonal)
        integers = (self.left, self.right, self.core, self.own_diagonal)
        self.exact = all(part is None or is_integral(part) for part in integers) and self.scaled_bound < EXACT

    def _check_shapes(self) -> None:
        p, q = len(self.left), len(self.right)
        allowed = [(p, q)] if p != q else [(p,), (p, p)]
        if self.core is None and p != q:
            raise ValueError(f"`right` must have as many rows as `left` = {p} unless `core` is given; got {q}.")
        if self.core is not None and self.core.shape not in allowed:
            raise ValueError(f"`core` must have shape {' or '.join(map(str, allowed))}; got {self.core.shape}.")

    def _scaled_diagonal(self, diagonal: ArrayLike) -> Floats:
        if self.shape[0] != self.shape[1]:
            raise ValueError(f"`diagonal` needs a square matrix; got shape {self.shape}.")
        return read_only(as_vector(diagonal, "diagonal", self.size, "N") * self.scale)

    def __repr__(self) -> str:
        rest = "" if self.own_diagonal is None else ", diagonal set"
        return f"LowRank({self.shape[0]} x {self.shape[1]}, {len(self.left)} patterns of {self.left.dtype}{rest})"

    # Products --------------------------------------------------------------------------------------------------------

    def scaled_product(self, states: NDArray) -> NDArray:
        """Return ``scale * W @ states[k]`` for each row of states, shape (K, n_out)."""
        dtype = sum_dtype(states, self.scaled_bound if self.exact else np.inf)
        fields = self.lift(self.apply_core(self.project(states, dtype)))
        if self.own_diagonal is not None:
            fields -= self.removed.astype(dtype) * states
        return fields

    def project(self, states: NDArray, dtype: Any = np.float64) -> NDArray:
        """Return the sums ``right[k] . state``, shape (K, q): the overlaps, not divided by N."""
        states = np.ascontiguousarray(states, dtype=dtype)
        result = np.empty((len(states), len(self.right)), dtype)
        if self.right.dtype == np.int8 and len(states) <= FEW:
            for state, sums in zip(states, result, strict=True):
                _overlaps(self.right, state, sums)
        else:
            for rows, block in _blocks(self.right, dtype):
                result[:, rows] = states @ block.T
        return result

    def apply_core(self, sums: NDArray) -> NDArray:
        """Return ``core @ sums`` for each row."""
        if self.core is None:
            return sums
        core = self.core.astype(sums.dtype)
        return sums * core if core.ndim == 1 else sums @ core.T

    def lift(self, sums: NDArray) -> NDArray:
        """Return ``left' sums`` for each row, shape (K, n_out)."""
        result = np.zeros((len(sums), self.shape[0]), sums.dtype)
        if self.left.dtype == np.int8 and len(sums) <= FEW:
            for row, fields in zip(np.ascontiguousarray(sums), result, strict=True):
                _expand(self.left, row, fields)
        else:
            for rows, block in _blocks(self.left, sums.dtype.type):
                result += sums[:, rows] @ block
        return result

    # Entries and bounds ----------------------------------------------------------------------------------------------

    @cached_property
    def full_core(self) -> Floats:
        """The core as a matrix, the identity where there is none."""
        core = np.eye(len(self.left)) if self.core is None else self.core
        return np.diag(core) if core.ndim == 1 else core

    @cached_property
    def _raw_diagonal(self) -> Floats:
        """The diagonal of left' core right, shape (N,)."""
        result = np.zeros(self.shape[0])
        for columns in _column_blocks(self.left):
            seen = self.apply_core(self.right[:, columns].T.astype(float)).T
            np.einsum("ki,ki->i", self.left[:, columns].astype(float), seen, out=result[columns])
        return result

    @cached_property
    def removed(self) -> Floats:
        """What is taken away from the diagonal, in units of 1 / scale, shape (N,)."""
        return np.zeros(self.shape[0]) if self.own_diagonal is None else self._raw_diagonal - self.own_diagonal

    @cached_property
    def _largest_sums(self) -> Floats:
        """Bounds of ``core right s`` for states s of +-1, shape (p,)."""
        parts = (np.abs(self.right[:, columns]) for columns in _column_blocks(self.right))
        sums: Floats = sum((part.sum(axis=1, dtype=float) for part in parts), np.zeros(len(self.right)))
        return sums if self.core is None else np.abs(self.full_core) @ sums

    @cached_property
    def _scaled_bounds(self) -> Floats:
        """Bounds of the partial sums of each scaled field of +-1 states, shape (n_out,)."""
        bounds = np.abs(self.removed)
        for columns in _column_blocks(self.left):
            bounds[columns] += np.abs(self.left[:, columns]).T @ self._largest_sums
        return bounds

    @cached_property
    def scaled_bound(self) -> float:
        """A bound of every partial sum of a scaled field of +-1 states."""
        return float(max(self._scaled_bounds.max(), self._largest_sums.max()))

    def field_bounds(self) -> Floats:
        """Return an upper bound of ``|W s|`` over all states of +-1 for each unit, shape (n_out,)."""
        return np.minimum(self._scaled_bounds / self.scale, np.sqrt(self.shape[1]) * self.row_norms())

    def rounding_bounds(self) -> Floats:
        """Return what rounding of each unit's field is relative to: exact sums need no row norms."""
        return self._scaled_bounds / self.scale if self.exact else self.field_bounds()

    def diagonal(self) -> Floats:
        """Return ``W[i, i]``, shape (N,)."""
        return (self._raw_diagonal if self.own_diagonal is None else self.own_diagonal) / self.scale

    def scaled_dense(self) -> Floats:
        """Return ``scale * W`` written out, exact integers where W has them."""
        matrix = self.left.T.astype(float) @ self.apply_core(self.right.T.astype(float)).T
        if self.own_diagonal is not None:
            np.fill_diagonal(matrix, self.own_diagonal)
        return matrix

    def row_norms(self) -> Floats:
        """Return the Euclidean norm of each row of W, shape (n_out,), from the p x p overlaps of the patterns."""
        middle = self.full_core @ gram(self.right) @ self.full_core.T
        squares = np.zeros(self.shape[0])
        for columns in _column_blocks(self.left):
            rows = self.left[:, columns].astype(float)
            np.einsum("ki,ki->i", rows, middle @ rows, out=squares[columns])
        if self.own_diagonal is not None:
            squares += self.own_diagonal**2 - self._raw_diagonal**2
        return np.sqrt(np.maximum(squares, 0.0)) / self.scale

    def factors(self) -> Factors | None:
        """Return the patterns of a symmetric W."""
        if self.left is not self.right:
            return None
        return Factors(self.left.astype(float), self.full_core / self.scale, self.removed / self.scale)

    def transpose(self) -> LowRank:
        """Return the coupling of the transposed matrix."""
        core = None if self.core is None else self.core.T
        other = None if self.left is self.right else self.left
        diagonal = None if self.own_diagonal is None else self.own_diagonal / self.scale
        return LowRank(self.right, other, core=core, scale=self.scale, diagonal=diagonal)

    # Eigenvalues, all from p x p matrices ----------------------------------------------------------------------------

    def _is_symmetric(self) -> bool:
        if self.left is self.right:
            return is_symmetric(self.full_core)
        return acts_symmetrically(self)

    def _spectrum(self, weights: Floats | None = None) -> Any:
        """The eigenvalues of ``E^1/2 left' core left E^1/2 / scale`` that rank allows not to be zero, E = diag."""
        root = _root(gram(self.left, weights))
        return np.linalg.eigvalsh(root @ self.full_core @ root / self.scale)

    def _extreme_eigenvalues(self) -> tuple[float, float]:
        if self.left is self.right and len(self.left) <= self.size and np.ptp(self.removed) == 0:
            return self._eigenvalue_bounds()
        return super()._extreme_eigenvalues()

    def _eigenvalue_bounds(self) -> tuple[float, float]:
        """Weyl: taking away the diagonal d lowers an eigenvalue by min d to max d."""
        if self.left is not self.right:
            return super()._eigenvalue_bounds()
        values = self._spectrum()
        if len(self.left) != self.size:  # more patterns than units add zeros that W need not have: still bounds
            values = np.append(values, 0.0)
        removed = self.removed / self.scale
        return float(values.min() - removed.max()), float(values.max() - removed.min())

    def lowest_eigenvalue_bound(self) -> float:
        """Return a number that no eigenvalue of a symmetric W is below, rounding included.

        Fewer patterns than units with weights that are not negative need no overlaps of the patterns: the sum is
        positive semidefinite and has a kernel, so that only the diagonal that was taken away counts.
        """
        few = self.left is self.right and len(self.left) < self.size
        if few and (self.core is None or (self.core.ndim == 1 and self.core.min() >= 0)):
            removed = float(self.removed.max()) / self.scale
            return -removed * (1 + self.size * np.finfo(float).eps) if removed > 0 else -removed
        return super().lowest_eigenvalue_bound()

    def index(self, slopes: Floats) -> int:
        """Return how many eigenvalues of ``D^1/2 W D^1/2`` exceed 1, D = diag(slopes), slopes >= 0; W symmetric.

        With W = W0 - diag(d), Sylvester's law of inertia moves d to the other side: as many as those of
        ``E^1/2 W0 E^1/2`` with E = D / (1 + D d), for which p x p matrices do.
        """
        self.require_symmetric("index()")
        below = 1 + slopes * self.removed / self.scale
        if self.left is not self.right or below.min() <= 0:
            return count_above_one(self.dense(), slopes)
        return int((self._spectrum(slopes / below) > 1).sum())

    def singular_values(self, out: Floats | None = None, into: Floats | None = None) -> Any:
        """Return the singular values of ``diag(out)^1/2 W diag(into)^1/2``, as many as the rank allows."""
        if self.own_diagonal is not None:
            return dense_singular_values(self.dense(), out, into)
        roots = _root(gram(self.left, out)), _root(gram(self.right, into))
        return np.linalg.svd(roots[0] @ self.full_core @ roots[1] / self.scale, compute_uv=False)


def as_start(start: LowRank, n: int) -> LowRank:
    """Return couplings to go on learning from, or raise where they do not fit n units."""
    if not isinstance(start, LowRank) or start.shape != (n, n):
        got = f"shape {start.shape}" if isinstance(start, LowRank) else f"a {type(start).__name__}"
        raise ValueError(f"`start` must be the result of an earlier call, of shape {(n, n)}; got {got}.")
    return start


def _factor(patterns: ArrayLike, name: str) -> NDArray:
    """Return patterns as int8 where that holds them, else as float64; locked."""
    array = as_numbers(patterns, name)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"`{name}` must have shape (p, N) with p, N >= 1; got {array.shape}.")
    if array.dtype == np.int8 and not array.flags.writeable and array.flags.c_contiguous:
        return array
    if array.dtype.kind in "iu" and array.min() >= -127 and array.max() <= 127:
        return read_only(array.astype(np.int8))
    return read_only(as_floats(array, name))


def _overlaps(factor: NDArray, state: NDArray, sums: NDArray) -> None:
    """Set ``sums = factor @ state`` for int8; large factors with a thread for each core."""
    _in_parts(lambda rows: overlaps(factor[rows].reshape(-1), state, sums[rows]), len(factor), factor.size)


def _expand(factor: NDArray, sums: NDArray, fields: NDArray) -> None:
    """Add ``factor' @ sums`` to fields for int8; large factors with a thread for each core."""
    flat = factor.reshape(-1)
    _in_parts(lambda units: expand(flat, sums, fields, units.start, units.stop), fields.size, factor.size)


def _in_parts(on_rows: Callable[[slice], None], count: int, size: int) -> None:
    if size < THREADED:
        on_rows(slice(0, count))
    else:
        over_rows(on_rows, count, as_workers(None), np.zeros(1, np.int64))


def _blocks(factor: NDArray, dtype: type):  # type: ignore[no-untyped-def]
    """Yield (rows, these rows in the given float type), a block at a time."""
    if factor.dtype == dtype:
        yield slice(None), factor
        return
    step = max(1, BLOCK_BYTES // (factor.shape[1] * np.dtype(dtype).itemsize))
    for first in range(0, len(factor), step):
        rows = slice(first, first + step)
        yield rows, factor[rows].astype(dtype)


def _column_blocks(factor: NDArray, most: int | None = None) -> list[slice]:
    step = max(1, BLOCK_BYTES // (8 * len(factor)))
    step = step if most is None else min(step, most)
    return [slice(first, first + step) for first in range(0, factor.shape[1], step)]


def gram(factor: NDArray, weights: Floats | None = None) -> Floats:
    """Return ``factor diag(weights) factor'``, shape (p, p)."""
    result = np.zeros((len(factor), len(factor)))
    small = factor.dtype == np.int8 and weights is None  # a block's sums of products stay below 2^24: exact in float32
    for columns in _column_blocks(factor, most=2**24 // 127**2 if small else None):
        rows: Any = factor[:, columns].astype(np.float32 if small else np.float64)
        result += (rows if weights is None else rows * weights[columns]) @ rows.T
    return result


def _root(gram: Floats) -> Floats:
    """The symmetric root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(gram)
    return vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
