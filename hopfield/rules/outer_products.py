"""Hebb's and Storkey's rules, and sequences: sums of outer products of patterns."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_distinct_patterns, as_patterns, warn
from hopfield.couplings import LowRank, as_start
from hopfield.registry import learning_rule
from neurodynamics.validation import Floats, as_number
from neurodynamics.watched import stop_word


@learning_rule(stores="0.138 N random patterns, with a few wrong units", local=True, incremental=True, symmetric=True)
def hebbian(patterns: ArrayLike, *, activity: float = 0.0, diagonal: bool = False, start: LowRank | None = None) -> LowRank:
    """Return Hebb's couplings, ``W = Xi' Xi / N`` with ``W_ii = 0``. Local, incremental, symmetric.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1. A pattern that comes twice counts twice, with a warning.
    activity : float
        Mean a of the entries of biased patterns: ``W = (Xi - a)' (Xi - a) / (N (1 - a^2))`` [2]_, with the bias
        ``a - W a``: couplings see s - a, whose fields are near 1 - a and -1 - a, and a lies half way. At 0 the patterns stay
        integers, and fields are exact; a warning tells where patterns are too much biased for that. ``covariance``
        measures a and takes other thresholds.
    diagonal : bool
        Whether to keep ``W_ii = p / N``, which holds units where they are: more states are stable, fewer are recalled.
    start : LowRank, optional
        Couplings of an earlier call with the same options, to which the patterns are added.

    References
    ----------
    .. [1] Hopfield (1982), PNAS 79, 2554.
    .. [2] Amit, Gutfreund & Sompolinsky (1987), Phys. Rev. A 35, 2293.

    Examples
    --------
    >>> w = hebbian([[1, -1, 1, 1], [1, 1, -1, 1]])
    >>> w.dense()
    array([[ 0. ,  0. ,  0. ,  0.5],
           [ 0. ,  0. , -0.5,  0. ],
           [ 0. , -0.5,  0. ,  0. ],
           [ 0.5,  0. ,  0. ,  0. ]])
    """
    rows = as_distinct_patterns(patterns)
    a = as_number(activity, "activity")
    if not -1 < a < 1:
        raise ValueError(f"`activity` must lie between -1 and 1, the mean of entries of +-1; got {a:g}.")
    factor = rows if a == 0 else rows - a
    if start is not None:
        factor = np.concatenate([as_start(start, rows.shape[1]).left, factor])
    common = float(factor.mean())
    if (len(factor) - 1) * abs(common) ** 3 > 1:  # of the field that the other patterns add to a unit's own, which is 1
        warn(
            f"`patterns` have the mean activity {common + a:.3g}: what they have in common outweighs each of them, and "
            f"none is recalled. Pass `activity={common + a:.3g}` to the rule, which leaves it out."
        )
    w = LowRank(factor, scale=rows.shape[1] * (1 - a * a), diagonal=None if diagonal else 0.0)
    return w if a == 0 else w.with_bias(a - a * w.product(np.ones(w.size)))


@learning_rule(stores="more, and correlated ones better", local=True, incremental=True, symmetric=True)
def storkey(patterns: ArrayLike, *, diagonal: bool = False, start: LowRank | None = None) -> LowRank:
    """Return Storkey's couplings, learned one pattern after the other. Local, incremental, symmetric.

    ``dW_ij = [xi_i xi_j - xi_i h_ji - h_ij xi_j] / N`` with ``h_ij = sum_{k != i, j} W_ik xi_k``, a matrix. Off the
    diagonal that is, with ``g_i = sum_{k != i} W_ik xi_k``,

        ``W <- (1 + 2/N) W + (xi b' + b xi') / N,  b = xi/2 - g``,

    so W has rank 2 p but for its diagonal, ``dW_ii = (1 - 2 xi_i g_i) / N``, which never enters any h_ij.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1; their order matters.
    diagonal : bool
        Whether to keep the diagonal; by default ``W_ii = 0``.
    start : LowRank, optional
        Couplings of an earlier call with the same options, to which the patterns are added.

    References
    ----------
    .. [1] Storkey & Valabregue (1999), Neural Networks 12, 869.

    Examples
    --------
    >>> abs(storkey([[1, -1, 1], [1, 1, 1]]).dense()).round(6)
    array([[0.      , 0.      , 0.888889],
           [0.      , 0.      , 0.      ],
           [0.888889, 0.      , 0.      ]])
    """
    rows = as_distinct_patterns(patterns).astype(float)
    n = rows.shape[1]
    old = np.empty((0, n)) if start is None else as_start(start, n).left
    factors = np.concatenate([old, np.empty((2 * len(rows), n))])
    weights = np.empty(0) if start is None else np.diagonal(start.full_core[::2, 1::2])
    own = np.zeros(n) if start is None else start.diagonal()
    stop = stop_word()
    for xi in rows:
        if stop[0]:
            break
        k = 2 * len(weights)
        g = _without_self(factors[:k:2], factors[1:k:2], weights, xi)
        own = own + (1 - 2 * xi * g) / n
        factors[k], factors[k + 1] = xi, xi / 2 - g
        weights = np.append(weights * (1 + 2 / n), 1 / n)
    core = np.kron(np.diag(weights), [[0, 1], [1, 0]])
    return LowRank(factors, core=core, diagonal=own if diagonal else 0.0)


def _without_self(u: Floats, v: Floats, weights: Floats, xi: Floats) -> Floats:
    """g_i = sum_{k != i} W_ik xi_k for W = sum_m weights_m (u_m v_m' + v_m u_m')."""
    return (weights * (v @ xi)) @ u + (weights * (u @ xi)) @ v - 2 * np.einsum("m,mi,mi->i", weights, u, v) * xi


@learning_rule(stores="pattern k leads to pattern k + 1", local=True, incremental=True)
def sequence(patterns: ArrayLike, *, cyclic: bool = True, hold: bool = False, diagonal: bool = False) -> LowRank:
    """Return couplings that lead from each pattern to the next, ``W = sum_k xi_{k+1} xi_k' / N``.

    Local, incremental, not symmetric: such a network has no energy. Under synchronous updates it runs through the
    patterns; see :class:`hopfield.SequenceMemory`.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1, in their order.
    cyclic : bool
        Whether the first follows the last.
    hold : bool
        Whether the last follows itself, where the first does not: the network stays there. Otherwise an open sequence
        ends in the noise of all patterns.
    diagonal : bool
        Whether to keep ``W_ii``.

    Examples
    --------
    >>> xi = [[1, 1, 1, 1], [1, -1, 1, -1]]
    >>> sequence(xi, diagonal=True).product(xi)
    array([[ 1., -1.,  1., -1.],
           [ 1.,  1.,  1.,  1.]])
    """
    rows = as_patterns(patterns)
    if len(rows) < 2:
        raise ValueError(f"`patterns` must hold at least two patterns, to make a sequence; got {len(rows)}.")
    if cyclic and hold:
        raise ValueError("`hold` needs cyclic=False: the last pattern is followed by the first, or by itself.")
    last = rows[:1] if cyclic else rows[-1:]
    after = np.concatenate([rows[1:], last]) if cyclic or hold else rows[1:]
    before = rows[: len(after)]
    return LowRank(after, before, scale=rows.shape[1], diagonal=None if diagonal else 0.0)
