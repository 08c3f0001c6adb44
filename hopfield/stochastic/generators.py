"""Markov chains of few states: how often each is visited in the long run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse.csgraph import connected_components

from neurodynamics.validation import Floats, as_floats

SUMS = 1e-9  # relative: how closely rows sum to 0


def occupancy(generator: ArrayLike) -> Floats:
    """Return the share of time that a Markov chain spends in each mode, (S,): the null vector, ``pi Q = 0``.

    By elimination without subtraction [1]_: each entry is right to rounding, however small.

    Parameters
    ----------
    generator : array_like, shape (S, S)
        Q: rates from row to column, rows summing to 0, with one class of modes that the chain ends in.

    References
    ----------
    .. [1] Grassmann, Taksar & Heyman (1985), Oper. Res. 33, 1107.

    Examples
    --------
    >>> from hopfield import occupancy
    >>> occupancy([[-1.0, 1.0], [3.0, -3.0]])
    array([0.75, 0.25])
    """
    return occupancy_of(as_generator_matrix(generator))


def as_generator_matrix(value: ArrayLike, size: int | None = None) -> Floats:
    """Return the generator of a chain, of as many modes as asked."""
    Q = as_floats(value, "generator")
    if Q.ndim != 2 or Q.shape[0] != Q.shape[1] or Q.size == 0 or size not in (None, len(Q)):
        wanted = "square" if size is None else f"({size}, {size}), one row a mode"
        raise ValueError(f"`generator` must be {wanted}; got shape {Q.shape}.")
    wrong = np.argwhere((Q < 0) & ~np.eye(len(Q), dtype=bool))
    if len(wrong):
        i, j = wrong[0]
        raise ValueError(f"`generator[{i}, {j}]` must be a rate, 0 or positive; got {Q[i, j]:g}.")
    off = np.abs(Q.sum(axis=1)) > SUMS * np.abs(Q).max(axis=1)
    if off.any():
        i = int(off.argmax())
        raise ValueError(f"`generator[{i}]` must sum to 0; got {Q[i].sum():g}. The diagonal is minus the rate of leaving.")
    return Q


def occupancy_of(rates: Floats) -> Floats:
    """Return the stationary law of rates, or of probabilities, from row to column; the diagonal has no say."""
    A = np.array(rates)
    np.fill_diagonal(A, 0.0)
    count, labels = connected_components(A > 0, connection="strong")
    leaves = np.zeros(count, bool)
    leaves[labels[np.nonzero(A * (labels[:, np.newaxis] != labels))[0]]] = True
    if (~leaves).sum() > 1:
        ends = [np.flatnonzero(labels == k).tolist() for k in np.flatnonzero(~leaves)]
        raise ValueError(f"the chain must have one class of modes that it never leaves; it has {len(ends)}: {ends!s:.80}.")
    kept = np.flatnonzero(labels == np.flatnonzero(~leaves)[0])
    law = np.zeros(len(A))
    law[kept] = _eliminated(A[np.ix_(kept, kept)])
    return law


def _eliminated(A: Floats) -> Floats:
    """Return the law of an irreducible chain: modes leave one after the other, and come back."""
    n = len(A)
    for k in range(n - 1, 0, -1):
        A[:k, k] /= A[k, :k].sum()
        A[:k, :k] += np.outer(A[:k, k], A[k, :k])
    law = np.ones(n)
    for k in range(1, n):
        law[k] = law[:k] @ A[:k, k]
    return law / law.sum()
