"""Dense, sparse and block couplings: products, diagonal and eigenvalues, each in the form that costs least.

===========  ===============================================================  ========================
``Dense``    every entry written out                                          N^2 numbers
``LowRank``  a sum of outer products of patterns, with or without diagonal    p N bytes to 8 p N bytes
``Sparse``   compressed rows (CSR)                                            as many as entries
``Block``    [[0, M], [M', 0]], the two layers of a BAM                       M, in any of these forms
===========  ===============================================================  ========================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh

from hopfield.couplings.coupling import (
    EXACT,
    SMALL,
    SYMMETRY,
    Coupling,
    Factors,
    acts_symmetrically,
    count_above_one,
    dense_singular_values,
    is_integral,
    is_positive_definite,
    is_symmetric,
    none_above_one,
    read_only,
)
from hopfield.couplings.low_rank import LowRank
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_floats, as_number, require_finite

MARGIN = 0.01  # of the largest eigenvalue, by which a bound may be too low
NEARLY = 1e-9  # relative error of eigenvalues by Lanczos' method


class Dense(Coupling):
    """W = weights / scale, every entry written out.

    Parameters
    ----------
    weights : array_like, shape (n_out, n_in)
        ``weights[i, j]`` from j to i. Integers make fields of +-1 states exact.
    scale : float, optional
        The common denominator, by default 1.

    Examples
    --------
    >>> Dense([[0, 1], [1, 0]]).product([1, -1])
    array([-1.,  1.])
    """

    def __init__(self, weights: ArrayLike, scale: float = 1.0) -> None:
        array = as_floats(weights, "weights")
        if array.ndim != 2 or 0 in array.shape:
            raise ValueError(f"`weights` must have shape (N, N); got {array.shape}.")
        self.weights = read_only(array)
        self.scale = as_number(scale, "scale", positive=True)
        self.shape = array.shape
        self.exact = is_integral(array) and self._scaled_bounds.max() < EXACT

    def __repr__(self) -> str:
        return f"Dense({self.shape[0]} x {self.shape[1]})"

    def scaled_product(self, states: NDArray) -> NDArray:
        """Return ``scale * W @ states[k]`` for each row of states, shape (K, n_out)."""
        if states.dtype == np.float32:
            return states @ self._weights32.T
        return states.astype(np.float64) @ self.weights.T

    @cached_property
    def _weights32(self) -> NDArray[np.float32]:
        return self.weights.astype(np.float32)

    @cached_property
    def _scaled_bounds(self) -> Floats:
        return np.abs(self.weights).sum(axis=1)

    def field_bounds(self) -> Floats:
        """Return the sum of each row's absolute values: no field of a +-1 state is larger."""
        return self._scaled_bounds / self.scale

    def diagonal(self) -> Floats:
        """Return ``W[i, i]``, shape (N,)."""
        return np.diagonal(self.weights) / self.scale

    def row_norms(self) -> Floats:
        """Return the Euclidean norm of each row of W, shape (n_out,)."""
        return np.linalg.norm(self.weights, axis=1) / self.scale

    def transpose(self) -> Dense:
        """Return the coupling of the transposed matrix."""
        return Dense(self.weights.T, self.scale)

    def dense(self) -> Floats:
        """Return W, shape ``shape``."""
        return self.weights / self.scale

    def _is_symmetric(self) -> bool:
        return is_symmetric(self.weights)

    def _eigenvalue_bounds(self) -> tuple[float, float]:
        values = np.linalg.eigvalsh(self.weights) / self.scale
        return float(values[0]), float(values[-1])

    @cached_property
    def _lowest_bound(self) -> float:
        """Of a large matrix: Lanczos' estimate with a margin, proved by a Cholesky factor."""
        if self.size > SMALL and self.symmetric:
            low, high = self._extreme_eigenvalues()
            bound = low - MARGIN * max(abs(low), abs(high))
            shifted = self.weights / self.scale
            shifted[np.diag_indices(self.size)] -= bound
            if is_positive_definite(shifted):
                return bound - self.size * np.finfo(float).eps * max(abs(low), abs(high))
        return self.eigenvalue_bounds()[0]

    def none_above_one(self, slopes: Floats) -> bool:
        """Whether no eigenvalue of ``D^1/2 W D^1/2`` exceeds 1, up to rounding; W symmetric, D = diag(slopes) >= 0."""
        self.require_symmetric("none_above_one()")
        return none_above_one(self.dense(), slopes)

    def index(self, slopes: Floats) -> int:
        """Return how many eigenvalues of ``D^1/2 W D^1/2`` exceed 1, D = diag(slopes), slopes >= 0; W symmetric."""
        self.require_symmetric("index()")
        return count_above_one(self.dense(), slopes)

    def singular_values(self, out: Floats | None = None, into: Floats | None = None) -> Floats:
        """Return the singular values of ``diag(out)^1/2 W diag(into)^1/2`` in descending order."""
        return dense_singular_values(self.dense(), out, into)


class Sparse(Coupling):
    """W = matrix / scale with compressed rows.

    Parameters
    ----------
    matrix : sparse array or array_like, shape (n_out, n_in)
        Anything that ``scipy.sparse.csr_array`` takes; ``matrix[i, j]`` from j to i.
    scale : float, optional
        The common denominator, by default 1.

    Examples
    --------
    >>> from scipy.sparse import diags_array
    >>> ring = Sparse(diags_array([1.0, 1.0], offsets=[-1, 1], shape=(4, 4)))
    >>> ring.product([1, 1, -1, 1])
    array([ 1.,  0.,  2., -1.])
    """

    def __init__(self, matrix: Any, scale: float = 1.0) -> None:
        self._rows = as_csr(matrix, "matrix")
        self.scale = as_number(scale, "scale", positive=True)
        self.shape = self._rows.shape
        self.exact = is_integral(self._rows.data) and self._scaled_bounds.max() < EXACT

    @property
    def matrix(self) -> sparse.csr_array:
        """The entries of ``scale * W``, a new object of locked arrays: what is set on it changes nothing here."""
        rows = self._rows
        return sparse.csr_array((rows.data, rows.indices, rows.indptr), shape=self.shape)

    def __repr__(self) -> str:
        return f"Sparse({self.shape[0]} x {self.shape[1]}, {self._rows.nnz} entries)"

    def scaled_product(self, states: NDArray) -> NDArray:
        """Return ``scale * W @ states[k]`` for each row of states, shape (K, n_out)."""
        dtype = np.float32 if states.dtype == np.float32 else np.float64
        return np.ascontiguousarray((self._rows.astype(dtype) @ states.T.astype(dtype)).T)

    @cached_property
    def _scaled_bounds(self) -> Floats:
        return np.asarray(abs(self._rows).sum(axis=1), dtype=float)

    def field_bounds(self) -> Floats:
        """Return the sum of each row's absolute values: no field of a +-1 state is larger."""
        return self._scaled_bounds / self.scale

    def diagonal(self) -> Floats:
        """Return ``W[i, i]``, shape (N,)."""
        return self._rows.diagonal() / self.scale

    def row_norms(self) -> Floats:
        """Return the Euclidean norm of each row of W, shape (n_out,)."""
        return np.sqrt((self._rows**2).sum(axis=1)) / self.scale

    def transpose(self) -> Sparse:
        """Return the coupling of the transposed matrix."""
        return Sparse(self._rows.T, self.scale)

    def dense(self) -> Floats:
        """Return W written out, shape ``shape``."""
        return self._rows.toarray() / self.scale

    def _is_symmetric(self) -> bool:
        size = abs(self._rows)
        scale = np.maximum(_largest(size, 0), _largest(size, 1))
        gap = abs(self._rows - self._rows.T).tocoo()
        return bool((gap.data <= SYMMETRY * np.minimum(scale[gap.coords[0]], scale[gap.coords[1]])).all())

    def none_above_one(self, slopes: Floats) -> bool:
        """Whether no eigenvalue of ``D^1/2 W D^1/2`` exceeds 1; above a size of 1000 by Lanczos' method."""
        self.require_symmetric("none_above_one()")
        if self.size <= SMALL:
            return none_above_one(self.dense(), slopes)
        root = np.sqrt(slopes)
        operator = LinearOperator(self.shape, matvec=lambda v: root * self.product(root * np.ravel(v)), dtype=np.float64)
        start = np.random.default_rng(0).normal(size=self.size)
        largest = eigsh(operator, k=1, which="LA", v0=start, tol=NEARLY, return_eigenvectors=False)[0]
        return bool(largest <= 1 + NEARLY)

    def index(self, slopes: Floats) -> int:
        """Return how many eigenvalues of ``D^1/2 W D^1/2`` exceed 1; by a dense decomposition."""
        self.require_symmetric("index()")
        return count_above_one(self.dense(), slopes)

    def singular_values(self, out: Floats | None = None, into: Floats | None = None) -> Floats:
        """Return the singular values of ``diag(out)^1/2 W diag(into)^1/2``; by a dense decomposition."""
        return dense_singular_values(self.dense(), out, into)


class Block(Coupling):
    """W = [[0, M], [B, 0]]: two layers that drive each other and not themselves; B = M' unless given.

    Parameters
    ----------
    between : Coupling or array_like, shape (n_a, n_b)
        M, from layer b to layer a.
    back : Coupling or array_like, shape (n_b, n_a), optional
        B, from layer a to layer b; by default the transpose of M, which makes W symmetric.

    Attributes
    ----------
    layers : tuple of int
        (n_a, n_b).
    mirrored : bool
        Whether B is the transpose of M.

    Examples
    --------
    >>> Block([[1, 2]]).product([1, 1, -1])
    array([-1.,  1.,  2.])
    """

    def __init__(self, between: Any, back: Any = None) -> None:
        self.between = as_coupling(between, "between")
        self.back = self.between.transpose() if back is None else as_coupling(back, "back")
        self.layers = self.between.shape
        if self.back.shape != self.layers[::-1] or self.back.scale != self.between.scale:
            raise ValueError(
                f"`back` must have shape {self.layers[::-1]} and scale {self.between.scale:g}; "
                f"got {self.back.shape} and {self.back.scale:g}."
            )
        self.shape = (sum(self.layers),) * 2
        self.scale = self.between.scale
        self.exact = self.between.exact and self.back.exact
        self.mirrored = back is None

    def __repr__(self) -> str:
        return f"Block({self.between!r} and {'its transpose' if self.mirrored else repr(self.back)})"

    def split(self, states: NDArray) -> tuple[NDArray, NDArray]:
        """Return the parts of states, shapes (.., n_a) and (.., n_b)."""
        return states[..., : self.layers[0]], states[..., self.layers[0] :]

    def scaled_product(self, states: NDArray) -> NDArray:
        """Return ``scale * W @ states[k]`` for each row of states, shape (K, n_a + n_b)."""
        a, b = self.split(states)
        return np.concatenate([self.between.scaled_product(b), self.back.scaled_product(a)], axis=1)

    def field_bounds(self) -> Floats:
        """Return an upper bound of ``|W s|`` over all states of +-1 for each unit, shape (n_a + n_b,)."""
        return np.concatenate([self.between.field_bounds(), self.back.field_bounds()])

    def diagonal(self) -> Floats:
        """Return zeros, shape (n_a + n_b,)."""
        return np.zeros(self.size)

    def row_norms(self) -> Floats:
        """Return the Euclidean norm of each row of W, shape (n_a + n_b,)."""
        return np.concatenate([self.between.row_norms(), self.back.row_norms()])

    def transpose(self) -> Block:
        """Return the coupling of the transposed matrix."""
        return self if self.mirrored else Block(self.back.transpose(), self.between.transpose())

    def factors(self) -> Factors | None:
        """Return the patterns of two layers that drive each other: those of one, and those of the other."""
        m = self.between
        if not self.mirrored or not isinstance(m, LowRank) or m.own_diagonal is not None:
            return None
        (p, n), (q, k) = m.left.shape, m.right.shape
        columns, core = np.zeros((p + q, n + k)), np.zeros((p + q, p + q))
        columns[:p, :n], columns[p:, n:] = m.left, m.right
        core[:p, p:] = m.full_core / m.scale
        core[p:, :p] = core[:p, p:].T
        return Factors(columns, core, np.zeros(n + k))

    def _is_symmetric(self) -> bool:
        return self.mirrored or acts_symmetrically(self)

    def _extreme_eigenvalues(self) -> tuple[float, float]:
        """The eigenvalues are the singular values of M with both signs, and zeros."""
        largest = float(self.between.singular_values()[0])
        return -largest, largest

    _eigenvalue_bounds = _extreme_eigenvalues

    def index(self, slopes: Floats) -> int:
        """Return how many eigenvalues of ``D^1/2 W D^1/2`` exceed 1, D = diag(slopes), slopes >= 0; W symmetric."""
        self.require_symmetric("index()")
        return int((self.between.singular_values(*self.split(np.asarray(slopes))) > 1).sum())

    def singular_values(self, out: Floats | None = None, into: Floats | None = None) -> Floats:
        """Return the singular values of ``diag(out)^1/2 W diag(into)^1/2`` in descending order."""
        out, into = (np.ones(self.size) if w is None else np.asarray(w) for w in (out, into))
        (out_a, out_b), (into_a, into_b) = self.split(out), self.split(into)
        forward = self.between.singular_values(out_a, into_b)
        return np.sort(np.concatenate([forward, self.back.singular_values(out_b, into_a)]))[::-1]


def _largest(size: Any, axis: int) -> Floats:
    """The largest entry of each row or column of a sparse array without negative entries."""
    return size.max(axis=axis).toarray().ravel()


def as_coupling(value: Any, name: str = "couplings") -> Coupling:
    """Return a coupling: as it is, from a matrix, a sparse array or a networkx graph (an edge a -> b is W[b, a]).

    Examples
    --------
    >>> as_coupling([[0, 2], [2, 0]]).product([1.0, -1.0])
    array([-2.,  2.])
    """
    if isinstance(value, Coupling):
        return value
    if sparse.issparse(value) or _is_graph(value):
        return Sparse(as_csr(value, name))
    array = as_floats(value, name)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"`{name}` must be a matrix, a sparse array, a graph or a Coupling; got shape {array.shape}.")
    return Dense(array)


def as_csr(matrix: Any, name: str) -> sparse.csr_array:
    """Return compressed rows of our own, locked: what somebody does to the original later changes nothing here."""
    if _is_graph(matrix):
        import networkx

        matrix = networkx.to_scipy_sparse_array(matrix, dtype=float).T
    if not sparse.issparse(matrix):
        matrix = as_floats(matrix, name)
    if matrix.ndim != 2 or 0 in matrix.shape or matrix.dtype.kind not in "biuf":
        raise ValueError(f"`{name}` must be a matrix of real numbers; got shape {matrix.shape} of {matrix.dtype}.")
    try:
        if hasattr(matrix, "check_format"):  # compressed rows or columns, whose indices nobody has looked at
            matrix.check_format(full_check=True)
        for axis, places in enumerate(getattr(matrix, "coords", ())):  # of lists of entries
            if places.size and not (0 <= places.min() <= places.max() < matrix.shape[axis]):
                raise ValueError(f"indices must be >= 0 and < {matrix.shape[axis]}")
        rows = sparse.csr_array(matrix, dtype=np.float64, copy=True)
        rows.check_format(full_check=True)
    except (ValueError, IndexError) as error:
        raise ValueError(f"`{name}` is no valid sparse array: {error}.") from error
    rows.sum_duplicates()
    require_finite(rows.data, f"{name}.data")
    for part in (rows.data, rows.indices, rows.indptr):
        part.flags.writeable = False
    return rows


def _is_graph(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "networkx"
