"""Rules for pairs of patterns, for a BAM."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import as_patterns
from hopfield.couplings import Block, LowRank
from hopfield.registry import learning_rule
from hopfield.rules.projections import inverse_gram
from neurodynamics.validation import as_vector


@learning_rule(stores="pairs", local=True, incremental=True, symmetric=True, pairs=True)
def bam_hebbian(a: ArrayLike, b: ArrayLike, *, weights: ArrayLike = 1.0) -> Block:
    """Return Kosko's correlation matrix, ``M = sum_k q_k a_k' b_k``. Local, incremental, symmetric.

    Parameters
    ----------
    a, b : array_like, shapes (p, n_a) and (p, n_b)
        Entries -1 and +1; row k of one belongs to row k of the other.
    weights : float or array_like, shape (p,)
        q, how often each pair is taught ("multiple training" [2]_).

    References
    ----------
    .. [1] Kosko (1988), IEEE Trans. Syst. Man Cybern. 18, 49.
    .. [2] Wang, Cruz & Mulligan (1990), IEEE Trans. Neural Networks 1, 81.

    Examples
    --------
    >>> bam_hebbian([[1, -1, 1], [1, 1, -1]], [[1, -1], [1, 1]]).between.dense()
    array([[ 2.,  0.],
           [ 0.,  2.],
           [ 0., -2.]])
    """
    a, b = as_pairs(a, b)
    q = as_vector(weights, "weights", len(a), "p")
    return Block(LowRank(a, b, core=None if (q == 1).all() else q))


@learning_rule(stores="pairs of independent patterns, exactly", pairs=True)
def bam_pseudo_inverse(a: ArrayLike, b: ArrayLike) -> Block:
    """Return couplings that map every pair exactly, in both directions. Not local, not incremental, not symmetric.

    ``M = A' (B B')^-1 B`` leads from b to a, ``B' (A A')^-1 A`` from a to b. There is no energy.

    Parameters
    ----------
    a, b : array_like, shapes (p, n_a) and (p, n_b)
        Entries -1 and +1; the rows of each must be linearly independent.

    Examples
    --------
    >>> w = bam_pseudo_inverse([[1, -1, 1], [1, 1, -1]], [[1, -1], [1, 1]])
    >>> w.product([1, -1, 1, 1, -1]).round(12)
    array([ 1., -1.,  1.,  1., -1.])
    """
    a, b = as_pairs(a, b)
    to_a, to_b = inverse_gram(b, "b"), inverse_gram(a, "a")
    return Block(LowRank(a, b, core=to_a), LowRank(b, a, core=to_b))


@learning_rule(stores="pair k leads to pair k + 1", local=True, pairs=True)
def bam_sequence(a: ArrayLike, b: ArrayLike, *, cyclic: bool = True, backward: bool = False) -> Block:
    """Return couplings that walk through the pairs, a_1 b_1 a_2 b_2 .. Local, not incremental, not symmetric.

    ``M1 = sum_k a_k' b_k`` leads from a to b, ``M2 = sum_k b_k' a_(k+1)`` on from b to a; their transposes lead backward.
    A discrete memory runs through a limit cycle of as many sweeps as there are pairs; it has no energy.

    Parameters
    ----------
    a, b : array_like, shapes (p, n_a) and (p, n_b)
        Entries -1 and +1, at least two pairs in their order; layers may have different sizes.
    cyclic : bool
        Whether the first follows the last; otherwise the last pair recalls itself.
    backward : bool
        Whether to walk from the last to the first.

    References
    ----------
    .. [1] Kosko (1988), IEEE Trans. Syst. Man Cybern. 18, 49: temporal associative memories.

    Examples
    --------
    >>> from hopfield import DiscreteBAM, patterns
    >>> a, b = patterns.random(3, 40, rng=0), patterns.random(3, 30, rng=1)
    >>> int(DiscreteBAM.from_pairs(a, b, "bam_sequence").recall(a=a[0]).periods[0])
    3
    """
    a, b = as_pairs(a, b)
    if len(a) < 2:
        raise ValueError(f"`a` and `b` must hold at least two pairs, to make a sequence; got {len(a)}.")
    after = np.concatenate([a[1:], a[:1] if cyclic else a[-1:]])
    forward = Block(LowRank(after, b), LowRank(b, a))
    return forward.transpose() if backward else forward


def as_pairs(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return two sets of as many patterns."""
    a, b = as_patterns(a, "a"), as_patterns(b, "b")
    if len(a) != len(b):
        raise ValueError(f"`a` and `b` must have the same number of rows, one pair each; got {len(a)} and {len(b)}.")
    return a, b
