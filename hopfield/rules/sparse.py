"""The covariance rule for sparse patterns, with its threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_distinct_patterns
from hopfield.couplings import LowRank
from hopfield.registry import learning_rule
from neurodynamics.validation import as_number


@learning_rule(stores="1 / (2 f ln(1 / f)) patterns a unit with a share f of ones", local=True, symmetric=True)
def covariance(
    patterns: ArrayLike, *, activity: float | None = None, threshold: float = 0.5, diagonal: bool = False
) -> LowRank:
    """Return Tsodyks and Feigelman's couplings, ``W = (V - f)' (V - f) / (f (1 - f) N)``. Local, not incremental, symmetric.

    V are the patterns as 0 and 1, f is the share of ones; with +-1 that is ``(Xi - a)' (Xi - a) / (N (1 - a^2))``,
    a = 2 f - 1. What patterns have in common is left out: a stored one gives its ones the field 1 - f and its zeros -f, and
    the threshold stands between the two.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1.
    activity : float, optional
        a, by default the mean of all entries.
    threshold : float
        Where it stands, from 0, at the field of the zeros, to 1, at that of the ones. It goes with the couplings, as
        ``W.bias``, to the network.
    diagonal : bool
        Whether to keep ``W_ii``.

    References
    ----------
    .. [1] Tsodyks & Feigelman (1988), The enhanced storage capacity in neural networks with low activity level, Europhys.
       Lett. 6, 101.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> xi = patterns.biased(40, 400, activity=-0.9, values="binary", rng=0)
    >>> net = DiscreteHopfield.from_patterns(xi, "covariance", values="binary")
    >>> bool(net.is_stable(xi).mean() > 0.9)
    True
    """
    rows = as_distinct_patterns(patterns)
    a = float(rows.mean()) if activity is None else as_number(activity, "activity")
    if not -1 < a < 1:
        if activity is not None:
            raise ValueError(f"`activity` must lie between -1 and 1; got {a:g}.")
        raise ValueError(f"`patterns` must not all be alike; the mean of their entries is {a:g}.")
    level = as_number(threshold, "threshold")
    if not 0 < level < 1:
        raise ValueError(f"`threshold` must lie between 0 and 1, the fields of the zeros and the ones; got {level:g}.")
    w = LowRank(rows - a, scale=rows.shape[1] * (1 - a * a), diagonal=None if diagonal else 0.0)
    return w.with_bias(1 + a - 2 * level - a * w.product(np.ones(w.size)))
