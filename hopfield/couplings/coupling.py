"""What every coupling matrix can do, whether or not it is ever written out."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from hopfield.checks import as_numbers
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_vector

EXACT = 2.0**53  # integers below this are exact in float64
EXACT32 = 2.0**24  # .. and in float32
SYMMETRY = 1e-12  # asymmetry up to this, relative to the largest entries of the row and the column, counts as rounding
PROBED = 1e-11  # the same for products with random vectors, whose rounding is larger
TILE = 256  # rows that are compared together
SMALL = 1000  # up to this size eigenvalues come from a dense decomposition


class Factors(NamedTuple):
    """W = columns' core columns - diag(removed), with shapes (q, N), (q, q) and (N,)."""

    columns: Floats
    core: Floats
    removed: Floats


class Coupling(ABC):
    """A matrix W of couplings, ``W[i, j]`` from unit j to unit i, that answers without being formed.

    It is held as ``W = numerators / scale``. Where the numerators are integers (patterns of +-1 under Hebb's rule),
    the fields of +-1 states are computed as exact integers, and a field of zero is exactly zero.

    Attributes
    ----------
    shape : tuple of int
        (units that receive, units that send).
    scale : float
        The common denominator.
    exact : bool
        Whether the scaled fields of +-1 states are exact integers.
    bias : ndarray, shape (N,), or None
        The constant fields of +-1 units that a learning rule made along with W; a network made by that rule has them.
    """

    shape: tuple[int, int]
    scale: float
    exact: bool
    bias: Floats | None = None

    # What a kind of matrix must say ----------------------------------------------------------------------------------

    @abstractmethod
    def scaled_product(self, states: NDArray) -> NDArray:
        """Return ``scale * W @ states[k]`` for each row of states, shape (K, n_out)."""

    @abstractmethod
    def diagonal(self) -> Floats:
        """Return ``W[i, i]``, shape (N,)."""

    @abstractmethod
    def transpose(self) -> Coupling:
        """Return the coupling of the transposed matrix."""

    @abstractmethod
    def row_norms(self) -> Floats:
        """Return the Euclidean norm of each row of W, shape (n_out,)."""

    @abstractmethod
    def field_bounds(self) -> Floats:
        """Return an upper bound of ``|W s|`` over all states of +-1 for each unit, shape (n_out,)."""

    @abstractmethod
    def index(self, slopes: Floats) -> int:
        """Return how many eigenvalues of ``D^1/2 W D^1/2`` exceed 1, D = diag(slopes), slopes >= 0; W symmetric."""

    @abstractmethod
    def singular_values(self, out: Floats | None = None, into: Floats | None = None) -> Floats:
        """Return the singular values of ``diag(out)^1/2 W diag(into)^1/2``, as many as the rank allows."""

    @abstractmethod
    def _is_symmetric(self) -> bool: ...

    # What follows from it --------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """The number of units that receive."""
        return self.shape[0]

    def with_bias(self, bias: ArrayLike) -> Self:
        """Return the same couplings with constant fields that go with them."""
        other = copy.copy(self)
        other.bias = read_only(as_vector(bias, "bias", self.size, "N"))
        return other

    def rounding_bounds(self) -> Floats:
        """Return what rounding of each unit's field is relative to, shape (n_out,), as cheaply as that is known."""
        return self.field_bounds()

    def field_bound(self) -> float:
        """Return an upper bound of ``|W s|`` over all units and all states of +-1."""
        return float(self.field_bounds().max())

    @cached_property
    def symmetric(self) -> bool:
        """Whether ``W == W.T`` up to rounding, so that an energy exists."""
        return self.shape[0] == self.shape[1] and self._is_symmetric()

    def product(self, states: ArrayLike) -> NDArray:
        """Return the fields ``W @ state``.

        Parameters
        ----------
        states : array_like, shape (n_in,) or (K, n_in)
            One state, or one in each row. float32 is computed in float32, everything else in float64.

        Returns
        -------
        ndarray, shape (n_out,) or (K, n_out)
        """
        states = as_numbers(states, "states")
        rows = states[None, :] if states.ndim == 1 else states
        if rows.ndim != 2 or rows.shape[1] != self.shape[1]:
            n = self.shape[1]
            raise ValueError(f"`states` must have shape (N,) = ({n},) or (K, {n}); got {states.shape}.")
        fields = self.scaled_product(rows)
        dtype: Any = np.float32 if rows.dtype == np.float32 else np.float64
        fields = fields.astype(dtype, copy=False) / dtype(self.scale)
        return fields[0] if states.ndim == 1 else fields

    def __matmul__(self, states: ArrayLike) -> NDArray:
        """``W @ v`` for a vector, ``W @ V`` for a matrix of columns, as numpy has it."""
        states = as_numbers(states, "states")
        return self.product(states) if states.ndim == 1 else self.product(states.T).T

    def scaled_dense(self) -> Floats:
        """Return ``scale * W`` written out, exact integers where W has them."""
        return self.transpose().scaled_product(np.eye(self.shape[0]))

    def dense(self) -> Floats:
        """Return W written out, shape ``shape``: only this and what is called after it need N x N numbers."""
        return self.scaled_dense() / self.scale

    def require_symmetric(self, purpose: str) -> None:
        """Raise where W is not symmetric; ``purpose`` says what needs it."""
        if not self.symmetric:
            raise ValueError(
                f"{purpose} needs symmetric `couplings`, W[i, j] == W[j, i]; these are not, and such a network has no "
                "energy of this form. Use a symmetric rule (hebbian, storkey, pseudo_inverse), or ask for states only."
            )

    def factors(self) -> Factors | None:
        """Return the patterns that a symmetric W is made of, where it is held as these; else None."""
        return None

    def extreme_eigenvalues(self) -> tuple[float, float]:
        """Return the smallest and the largest eigenvalue of a symmetric W.

        Above a size of 1000 they come from Lanczos' method on products, to rounding but without a proof;
        :meth:`eigenvalue_bounds` is proved.
        """
        self.require_symmetric("extreme_eigenvalues()")
        return self._extreme_eigenvalues()

    def _extreme_eigenvalues(self) -> tuple[float, float]:
        if self.size <= SMALL:
            values = np.linalg.eigvalsh(self.dense())
            return float(values[0]), float(values[-1])
        operator = LinearOperator(self.shape, matvec=lambda v: self.product(np.ravel(v)), dtype=np.float64)
        start = np.random.default_rng(0).normal(size=self.size)
        low, high = (eigsh(operator, k=1, which=end, v0=start, return_eigenvectors=False)[0] for end in ("SA", "LA"))
        return float(low), float(high)

    def eigenvalue_bounds(self) -> tuple[float, float]:
        """Return numbers that enclose every eigenvalue of a symmetric W, rounding included."""
        self.require_symmetric("eigenvalue_bounds()")
        low, high = self._eigenvalue_bounds()
        slack = self.size * np.finfo(float).eps * max(abs(low), abs(high))
        return low - slack, high + slack

    def lowest_eigenvalue_bound(self) -> float:
        """Return a number that no eigenvalue of a symmetric W is below, rounding included."""
        return self._lowest_bound

    @cached_property
    def _lowest_bound(self) -> float:
        return self.eigenvalue_bounds()[0]

    def none_above_one(self, slopes: Floats) -> bool:
        """Whether no eigenvalue of ``D^1/2 W D^1/2`` exceeds 1, up to rounding; W symmetric, D = diag(slopes) >= 0."""
        return self.index(slopes) == 0

    def _eigenvalue_bounds(self) -> tuple[float, float]:
        """Bounds in exact arithmetic; here: no eigenvalue exceeds the largest sum of a row's absolute values."""
        if self.size <= SMALL:
            return self._extreme_eigenvalues()
        bound = self.field_bound()
        return -bound, bound


def is_symmetric(matrix: Floats) -> bool:
    """Whether a square matrix is its transpose up to rounding, judged by the scale of each row: min(s_i, s_j) for W_ij."""
    scale = np.maximum(np.abs(matrix).max(axis=0), np.abs(matrix).max(axis=1))
    for first in range(0, len(matrix), TILE):
        rows = slice(first, first + TILE)
        gap = np.abs(matrix[rows] - matrix[:, rows].T)
        if (gap > SYMMETRY * np.minimum(scale[rows, None], scale)).any():
            return False
    return True


def acts_symmetrically(w: Coupling) -> bool:
    """Whether W v = W' v for random v, up to rounding, row by row: true for all v, or for almost none."""
    back = w.transpose()
    states = np.random.default_rng(0).normal(size=(2, w.size))
    scale = w.row_norms() + back.row_norms()
    gap = np.abs(w.product(states) - back.product(states))
    return bool((gap <= PROBED * np.sqrt(w.size) * scale).all())


def read_only(array: NDArray) -> NDArray:
    """Return the array, contiguous and locked."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def count_above_one(matrix: Floats, slopes: Floats) -> int:
    """Return how many eigenvalues of ``D^1/2 matrix D^1/2`` exceed 1, D = diag(slopes)."""
    root = np.sqrt(slopes)
    return int((np.linalg.eigvalsh(root[:, None] * matrix * root) > 1).sum())


def none_above_one(matrix: Floats, slopes: Floats) -> bool:
    """Whether ``1 - D^1/2 matrix D^1/2`` has a Cholesky factor, rounding allowed for: a tenth of the work of eigenvalues."""
    root = np.sqrt(slopes)
    scaled = root[:, None] * matrix * root
    slack = len(matrix) * np.finfo(float).eps * max(1.0, float(np.abs(scaled).sum(axis=1).max()))
    scaled *= -1.0
    scaled[np.diag_indices(len(matrix))] += 1.0 + slack
    return is_positive_definite(scaled)


def is_positive_definite(matrix: Floats) -> bool:
    """Whether a symmetric matrix has a Cholesky factor."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def dense_singular_values(matrix: NDArray[Any], out: Floats | None, into: Floats | None) -> Any:
    """Return the singular values of ``diag(out)^1/2 matrix diag(into)^1/2``."""
    matrix = matrix if out is None else np.sqrt(out)[:, None] * matrix
    matrix = matrix if into is None else matrix * np.sqrt(into)
    return np.linalg.svd(matrix, compute_uv=False)


def is_integral(array: NDArray) -> bool:
    """Whether every entry is an integer."""
    return array.dtype.kind in "iu" or bool(np.array_equal(array, np.rint(array)))


def sum_dtype(states: NDArray, bound: float) -> type:
    """Return the float type for products of these states: float32 where it was asked for or where it is exact.

    ``bound`` limits every partial sum of integers for states of +-1.
    """
    if states.dtype == np.float32:
        return np.float32
    if states.dtype.kind in "iu" and states.size:
        largest = max(abs(int(states.min())), abs(int(states.max())))
        return np.float32 if bound * largest < EXACT32 else np.float64
    return np.float64
