"""The pseudo-inverse rule, and dreaming, which leads to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import as_patterns
from hopfield.couplings import LowRank, as_start, gram
from hopfield.registry import learning_rule
from neurodynamics.validation import Floats, as_number

DEPENDENT = 1e-10  # a pattern whose part outside the span of the others is shorter than this times N depends on them


@learning_rule(stores="N - 1 independent patterns, exactly", incremental=True, symmetric=True)
def pseudo_inverse(patterns: ArrayLike, *, diagonal: bool = True, start: LowRank | None = None) -> LowRank:
    """Return the projection on the patterns, ``W = Xi' (Xi Xi')^-1 Xi``. Not local, incremental, symmetric.

    ``W xi = xi`` for every pattern, however correlated.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1, linearly independent.
    diagonal : bool
        Whether to keep ``W_ii``, of mean p / N. Without it the patterns stay stable and attract from further [2]_.
    start : LowRank, optional
        Couplings of an earlier call with the same options; the patterns are added one by one, each at a cost of
        ``p N + p^2``.

    Raises
    ------
    ValueError
        Where patterns depend on each other; the message names the rank.

    References
    ----------
    .. [1] Personnaz, Guyon & Dreyfus (1986), Phys. Rev. A 34, 4217.
    .. [2] Kanter & Sompolinsky (1987), Phys. Rev. A 35, 380.

    Examples
    --------
    >>> import numpy as np
    >>> xi = np.array([[1, 1, 1, 1], [1, 1, 1, -1]])
    >>> np.round(pseudo_inverse(xi).product(xi), 12)
    array([[ 1.,  1.,  1.,  1.],
           [ 1.,  1.,  1., -1.]])
    """
    rows = as_patterns(patterns)
    own = None if diagonal else 0.0
    if start is None:
        return LowRank(rows, core=inverse_gram(rows, "patterns"), diagonal=own)
    together = np.concatenate([as_start(start, rows.shape[1]).left, rows])
    inverse = start.full_core
    for k, overlaps in enumerate(LowRank(together).project(rows)):
        inverse = _bordered(inverse, overlaps[: len(inverse)], rows.shape[1], k)
    return LowRank(together, core=inverse, diagonal=own)


def inverse_gram(rows: NDArray[np.int8], name: str) -> Floats:
    """Return the inverse of the overlaps of patterns, or raise where they depend on each other."""
    overlaps = gram(rows)
    rank = int(np.linalg.matrix_rank(overlaps, hermitian=True, tol=DEPENDENT * rows.shape[1]))
    if rank < len(rows):
        raise ValueError(
            f"`{name}` must be linearly independent; got {len(rows)} patterns of rank {rank}. Leave out repeated, "
            "reversed and dependent ones, or use hebbian or storkey."
        )
    inverse = np.linalg.inv(overlaps)
    return (inverse + inverse.T) / 2


def _bordered(inverse: Floats, overlaps: Floats, size: int, k: int) -> Floats:
    """The inverse of the patterns' overlaps with one more pattern, by its Schur complement |(1 - W) xi|^2."""
    u = inverse @ overlaps
    rest = size - overlaps @ u
    if rest <= DEPENDENT * size:
        raise ValueError(
            f"`patterns[{k}]` must be linearly independent of the patterns before it; it lies in their span, of rank "
            f"{len(inverse)}. Leave it out."
        )
    return np.block([[inverse + np.outer(u, u) / rest, -u[:, None] / rest], [-u[None] / rest, np.array([[1 / rest]])]])


@learning_rule(stores="between Hebb's rule and the pseudo-inverse", symmetric=True)
def dreaming(patterns: ArrayLike, time: float, *, diagonal: bool = False) -> LowRank:
    """Return what Hebb's couplings become by endless unlearning, ``W = Xi' (1 + t) (1 + t C)^-1 Xi / N``.

    C = Xi Xi' / N. t = 0 is Hebb's rule, t -> infinity the pseudo-inverse. Not local, not incremental, symmetric.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1.
    time : float
        t >= 0.
    diagonal : bool
        Whether to keep ``W_ii``.

    References
    ----------
    .. [1] Fachechi, Agliari & Barra (2019), Neural Networks 112, 24.

    Examples
    --------
    >>> dreaming([[1, -1, 1, 1]], 0.0).dense()
    array([[ 0.  , -0.25,  0.25,  0.25],
           [-0.25,  0.  , -0.25, -0.25],
           [ 0.25, -0.25,  0.  ,  0.25],
           [ 0.25, -0.25,  0.25,  0.  ]])
    """
    rows = as_patterns(patterns)
    t = as_number(time, "time", minimum=0.0)
    p, n = rows.shape
    core = np.linalg.inv(np.eye(p) / (1 + t) + t / (1 + t) * gram(rows) / n)
    return LowRank(rows, core=(core + core.T) / 2, scale=n, diagonal=None if diagonal else 0.0)
