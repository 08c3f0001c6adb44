"""Minimum probability flow: symmetric couplings under which patterns lose the least probability to their neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_patterns, as_steps, warn
from hopfield.couplings import LowRank, gram
from hopfield.registry import learning_rule
from neurodynamics.validation import Floats, as_number
from neurodynamics.watched import stop_word

STEEPEST = 500.0  # exponent beyond which exp goes on as a straight line, so that no trial step overflows

MOST = 2**31 - 1  # of what SciPy counts


@learning_rule(stores="nearly N random patterns, exactly, with wide basins", symmetric=True)
def minimum_probability_flow(
    patterns: ArrayLike, *, decay: float = 1e-3, tolerance: float = 1e-6, max_steps: int = 1000
) -> LowRank:
    """Return the couplings with the least flow of probability out of the patterns. Not local, not incremental, symmetric.

    They minimise ``K = sum_k sum_i exp(-xi_i h_i) / p + decay sum_{i<j} W_ij^2``, which is convex; ``W_ii = 0``. The
    minimum has the form ``W_ij = sum_k (c_ki + c_kj) xi_ki xi_kj / N``, so p N numbers are sought, and no matrix is formed.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1.
    decay : float
        Positive: without it, patterns that can be held make couplings grow for ever.
    tolerance : float
        Of the largest entry of the gradient by c, relative to the start, where W = 0.
    max_steps : int
        Of L-BFGS; a warning tells where it wanted more.

    References
    ----------
    .. [1] Hillar, Sohl-Dickstein & Koepsell (2012), Efficient and optimal binary Hopfield associative memory storage using
       minimum probability flow, NIPS workshop; Sohl-Dickstein, Battaglino & DeWeese (2011), Phys. Rev. Lett. 107, 220601.

    Examples
    --------
    >>> from hopfield import patterns
    >>> from hopfield.rules import margins
    >>> xi = patterns.random(30, 60, rng=0)
    >>> bool((margins(minimum_probability_flow(xi), xi) > 0).all())
    True
    """
    from scipy.optimize import minimize  # takes longer to import than all the rest

    rows = as_patterns(patterns)
    x, weight = rows.astype(float), as_number(decay, "decay", positive=True)
    gap, steps = as_number(tolerance, "tolerance", positive=True), as_steps(max_steps, "max_steps")
    p, n = x.shape
    overlaps, stop = gram(rows), stop_word()

    def alignments(c: Floats) -> Floats:
        """xi_ki (M xi_k)_i of M_ij = sum_l (c_li + c_lj) xi_li xi_lj off the diagonal."""
        b = c * x
        return x * (overlaps @ b + (b @ x.T).T @ x) - 2 * c.sum(axis=0)

    def flow(flat: Floats) -> tuple[float, Floats]:
        if stop[0]:
            raise KeyboardInterrupt
        c = flat.reshape(p, n)
        aligned = alignments(c) / n
        steep = np.exp(np.minimum(-aligned, STEEPEST))
        rates = steep * (1 + np.maximum(-aligned - STEEPEST, 0.0))
        slope = alignments(-steep / p + 2 * weight * c / n) / n
        return rates.sum() / p + weight * float((c * aligned).sum()) / n, slope.ravel()

    start = np.zeros(p * n)
    least = gap * float(np.abs(flow(start)[1]).max())
    limits = {"maxiter": min(steps, MOST), "gtol": least, "ftol": 0.0, "maxfun": MOST}
    found = minimize(flow, start, jac=True, method="L-BFGS-B", options=limits)
    if found.nit >= steps and np.abs(found.jac).max() > least:
        warn(f"the flow was not least within {gap:g} after {steps} steps; raise `max_steps`, or `tolerance`.")
    factor = np.concatenate([found.x.reshape(p, n) * x, x])
    return LowRank(factor, core=np.kron([[0, 1], [1, 0]], np.eye(p)), scale=n, diagonal=0.0)
