"""The design of Li, Michel and Porod: patterns as the corners in which a linear system on a cube comes to rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_patterns
from hopfield.couplings import LowRank
from hopfield.registry import learning_rule
from neurodynamics.validation import as_number

LARGEST = 100.0  # step, in which units grow by exp(step)


@learning_rule(stores="patterns that span few dimensions, exactly; few others", symmetric=True)
def eigenstructure(patterns: ArrayLike, *, tau: float = 10.0, step: float = 0.15) -> LowRank:
    """Return the eigenstructure method's couplings, ``W = exp(h T)``, with a bias. Not local, not incremental, symmetric.

    The flow ``dx/dt = T x + I`` on the cube, ``T = T+ - tau T-``, grows within the patterns' affine span, on whose
    directions ``xi_k - xi_p`` T+ projects, and decays towards it: ``T xi + I = xi`` for every pattern. W and b are its
    exact step of length h, as :class:`hopfield.SaturatedHopfield` makes it.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1; at least two that differ.
    tau : float
        How fast what is outside of the span decays, relative to the growth in it; large: few spurious states.
    step : float
        h.

    References
    ----------
    .. [1] Li, Michel & Porod (1989), Analysis and synthesis of a class of neural networks: linear systems operating on a
       closed hypercube, IEEE Trans. Circuits Syst. 36, 1405.

    Examples
    --------
    >>> xi = [[1, 1, 1, -1], [1, -1, 1, 1]]
    >>> w = eigenstructure(xi)
    >>> np.sign(w.product(xi) + w.bias).astype(int).tolist()
    [[1, 1, 1, -1], [1, -1, 1, 1]]
    """
    rows = as_patterns(patterns).astype(float)
    decay, h = as_number(tau, "tau", positive=True), as_number(step, "step", positive=True)
    _, sizes, directions = np.linalg.svd(rows[:-1] - rows[-1], full_matrices=False)
    u = directions[sizes > 1e-10 * sizes.max(initial=1.0)]
    if not len(u):
        raise ValueError("`patterns` must hold at least two patterns that differ: their differences span what grows.")
    if h > LARGEST:
        raise ValueError(f"`step` must be a small number, such as 0.15; got {h:g}.")
    grown, shrunk = np.exp(h), np.exp(-decay * h)
    origin = rows[-1]
    within = (u @ origin) @ u  # T+ xi_p
    drift = origin - within + decay * (origin - within)  # I = xi_p - T xi_p
    along = (u @ drift) @ u
    bias = (grown - 1) * along + (1 - shrunk) / decay * (drift - along)
    gain = grown - shrunk
    return LowRank(u, core=np.full(len(u), gain), diagonal=gain * (u * u).sum(axis=0) + shrunk).with_bias(bias)
