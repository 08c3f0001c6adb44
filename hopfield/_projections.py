"""Rules that undo the overlaps of the patterns: the pseudo-inverse and the way to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield._checks import as_patterns
from hopfield._low_rank import LowRank, as_start
from neurodynamics.validation import Floats, as_number

DEPENDENT = 1e-10  # a pattern whose part outside the span of the others is shorter than this times N depends on them


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
    known = as_start(start, rows.shape[1]).left
    inverse = start.full_core
    for k, xi in enumerate(rows):
        inverse = _bordered(inverse, known, xi, k)
        known = np.concatenate([known, xi[None]])
    return LowRank(known, core=inverse, diagonal=own)


def inverse_gram(rows: NDArray[np.int8], name: str) -> Floats:
    x = rows.astype(float)
    gram = x @ x.T
    rank = int(np.linalg.matrix_rank(gram, hermitian=True, tol=DEPENDENT * x.shape[1]))
    if rank < len(rows):
        raise ValueError(
            f"`{name}` must be linearly independent; got {len(rows)} patterns of rank {rank}. Leave out repeated, "
            "reversed and dependent ones, or use hebbian or storkey."
        )
    inverse = np.linalg.inv(gram)
    return (inverse + inverse.T) / 2


def _bordered(inverse: Floats, known: NDArray, xi: NDArray[np.int8], k: int) -> Floats:
    """The inverse of the patterns' overlaps with one more pattern, by its Schur complement |(1 - W) xi|^2."""
    overlaps = known.astype(float) @ xi
    u = inverse @ overlaps
    rest = xi.size - overlaps @ u
    if rest <= DEPENDENT * xi.size:
        raise ValueError(
            f"`patterns[{k}]` must be linearly independent of the patterns before it; it lies in their span, of rank "
            f"{len(known)}. Leave it out."
        )
    return np.block([[inverse + np.outer(u, u) / rest, -u[:, None] / rest], [-u[None] / rest, np.array([[1 / rest]])]])


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
    """
    rows = as_patterns(patterns)
    t = as_number(time, "time", minimum=0.0)
    x = rows.astype(float)
    core = (1 + t) * np.linalg.inv(np.eye(len(x)) + t * (x @ x.T) / x.shape[1])
    return LowRank(rows, core=(core + core.T) / 2, scale=x.shape[1], diagonal=None if diagonal else 0.0)
