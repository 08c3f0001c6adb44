"""Quadratic unconstrained binary optimisation, the form in which problems are exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from hopfield.couplings import Coupling, Dense, Sparse, as_coupling
from hopfield.problems.exact import MOST_UNITS, least_energy
from hopfield.problems.problem import Picture, Problem, on_circle
from neurodynamics.validation import Floats, as_instance, as_number, as_vector, as_whole, called

SPARSE_BELOW = 0.25  # share of entries that are not zero


class Qubo(Problem):
    """Minimise ``x.Qx + offset`` over x of 0 and 1.

    Parameters
    ----------
    matrix : array_like or sparse array, shape (N, N), or dict
        Q, of any symmetry: ``Q[i, j] + Q[j, i]`` counts. A dict ``{(i, j): value}`` is taken as well.
    offset : float

    Examples
    --------
    >>> problem = Qubo({(0, 0): -1, (1, 1): -1, (0, 1): 2})
    >>> problem.energy([[0, 0], [1, 0], [1, 1]])
    array([ 0., -1.,  0.])
    >>> problem.optimum()
    -1.0
    """

    def __init__(self, matrix: Any, offset: float = 0.0) -> None:
        q = as_coupling(_from_entries(matrix) if isinstance(matrix, Mapping) else matrix, "matrix")
        if q.shape[0] != q.shape[1]:
            raise ValueError(f"`matrix` must be square; got shape {q.shape}.")
        self.offset = as_number(offset, "offset")
        entries = q.matrix if isinstance(q, Sparse) else sparse.csr_array(q.dense())
        both = entries + entries.T
        self.bias = -both.diagonal() / 2
        self.bias.flags.writeable = False
        self.couplings = _without_diagonal(-both)

    def __repr__(self) -> str:
        return f"Qubo({self.size} units)"

    @classmethod
    def from_problem(cls, problem: Problem) -> Self:
        """Return any problem in this form; its matrix has N^2 numbers unless the couplings are sparse.

        Parameters
        ----------
        problem : Problem

        Examples
        --------
        >>> from hopfield.problems import Queens
        >>> Qubo.from_problem(Queens(2)).to_dict()[0, 1]
        2.0
        """
        w, b = _written(as_instance(problem, "problem", Problem).couplings), problem.bias
        if problem.values == "binary":
            return cls(-w / 2 - sparse.diags_array(b), problem.offset)
        sums = problem.couplings.product(np.ones(problem.size))
        return cls(sparse.diags_array(2 * (sums - b)) - 2 * w, problem.offset - sums.sum() / 2 + b.sum())

    @classmethod
    def from_ising(cls, couplings: Any, fields: ArrayLike = 0.0, offset: float = 0.0) -> Self:
        """Return the problem ``sum_{i<j} J_ij s_i s_j + h.s + offset`` of spins s = 2 x - 1.

        Parameters
        ----------
        couplings : array_like, sparse array or dict
            J; of both triangles, the sum counts.
        fields : float or array_like, shape (N,)
            h.
        offset : float

        Examples
        --------
        >>> Qubo.from_ising({(0, 1): 1.0}).energy([[0, 0], [0, 1]])
        array([ 1., -1.])
        """
        with called("matrix", "couplings"):
            pairs = Qubo(couplings, offset)
        h = as_vector(fields, "fields", pairs.size, "N")
        w, sums = pairs.couplings, pairs.couplings.product(np.ones(pairs.size))  # W = -(J + J') off the diagonal
        constant = pairs.offset - pairs.bias.sum() - sums.sum() / 2 - h.sum()  # s_i s_i = 1
        with called("matrix", "couplings"):
            return cls(-2 * _written(w) + sparse.diags_array(2 * (sums + h)), constant)

    def matrix(self) -> sparse.csr_array:
        """Return Q with all of its entries on and above the diagonal."""
        return sparse.csr_array(sparse.triu(-_written(self.couplings), 1) + sparse.diags_array(-self.bias))

    def to_dict(self) -> dict[tuple[int, int], float]:
        """Return the entries ``{(i, j): value}``, i <= j, that are not zero."""
        q = self.matrix().tocoo()
        return {(int(i), int(j)): float(v) for i, j, v in zip(*q.coords, q.data, strict=True) if v != 0}

    def to_ising(self) -> tuple[sparse.csr_array, Floats, float]:
        """Return J (above the diagonal), h and the offset of ``sum_{i<j} J_ij s_i s_j + h.s + offset``, s = 2 x - 1."""
        sums = self.couplings.product(np.ones(self.size))
        j = sparse.csr_array(sparse.triu(-_written(self.couplings), 1) / 4)
        return j, -(sums / 2 + self.bias) / 2, self.offset - sums.sum() / 8 - self.bias.sum() / 2

    def solution(self, state: ArrayLike) -> NDArray[np.int8]:
        """Return the units of one state, 0 and 1."""
        return np.asarray(self.states(state)[0])

    def optimum(self) -> float | None:
        """Return the least energy of up to 24 units, by looking at all states; None for more."""
        if self.size > MOST_UNITS:
            return None
        return least_energy(self.couplings.dense(), self.bias, (0.0, 1.0)) + self.offset

    def picture(self, state: ArrayLike) -> Picture:
        """Return the units on a circle, with the pairs that are both on."""
        x = self.solution(state).astype(np.int64)
        pairs = np.argwhere(np.triu(_written(self.couplings).toarray() != 0) & (x[:, None] * x > 0))
        return Picture(on_circle(self.size), x, pairs)


def _written(w: Coupling) -> sparse.csr_array:
    return sparse.csr_array(w.matrix / w.scale if isinstance(w, Sparse) else w.dense())


def _without_diagonal(entries: sparse.csr_array) -> Coupling:
    n = entries.shape[0]
    w = sparse.csr_array(entries - sparse.diags_array(entries.diagonal()))
    w.eliminate_zeros()
    return Sparse(w) if w.nnz < SPARSE_BELOW * n * n else Dense(w.toarray())


def _from_entries(entries: Mapping[Any, Any]) -> sparse.csr_array:
    """A matrix from ``{(i, j): value}``."""
    if not entries:
        raise ValueError("`matrix` must hold at least one entry {(i, j): value}; got an empty dict.")
    places = []
    for key in entries:
        if not (isinstance(key, tuple) and len(key) == 2):
            raise TypeError(f"`matrix` must have pairs (i, j) of unit numbers as keys; got {key!r:.40}.")
        places.append([as_whole(number, "a key of `matrix`") for number in key])
    i, j = np.array(places).T
    if min(i.min(), j.min()) < 0:
        raise ValueError("`matrix` must have unit numbers from 0 on as keys; got a negative one.")
    values = [as_number(value, f"matrix[{key}]") for key, value in entries.items()]
    n = int(max(i.max(), j.max())) + 1
    return sparse.csr_array((values, (i, j)), shape=(n, n))
