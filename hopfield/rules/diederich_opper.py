"""The two local rules of Diederich and Opper: until each field is what it should be, or at least that."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_steps
from hopfield.couplings import LowRank
from hopfield.registry import learning_rule
from hopfield.rules.perceptrons import add_count, learned_by_units
from neurodynamics.compiling import kernel
from neurodynamics.validation import as_number


@learning_rule(stores="what the pseudo-inverse does, by local steps", local=True)
def diederich_opper_i(
    patterns: ArrayLike, *, tolerance: float = 1e-6, max_sweeps: int = 10_000, workers: int | None = None
) -> LowRank:
    """Return couplings with ``xi_i h_i = 1`` for every pattern and unit. Local, not incremental, not symmetric.

    Patterns are shown in turn, ``w_i <- w_i + (1 - xi_i h_i) xi_i xi / N``, and ``W_ii = 0``, until all fields are right
    (Adaline). It ends in ``W_ij = P_ij / (1 - P_ii)``, P the projection on the patterns.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1, linearly independent, also without any one unit.
    tolerance : float
        Of the fields.
    max_sweeps : int
        How often the patterns are shown at most; a warning names units that wanted more.
    workers : int, optional
        Threads over units, by default one a core.

    References
    ----------
    .. [1] Diederich & Opper (1987), Learning of correlated patterns in spin-glass networks by local learning rules, Phys.
       Rev. Lett. 58, 949.

    Examples
    --------
    >>> xi = [[1, 1, 1, -1], [1, -1, 1, 1]]
    >>> diederich_opper_i(xi).product(xi).round(4)
    array([[ 1.,  1.,  1., -1.],
           [ 1., -1.,  1.,  1.]])
    """
    gap, sweeps = as_number(tolerance, "tolerance", positive=True), as_steps(max_sweeps, "max_sweeps")
    hint = f"did not reach fields of 1 within {gap:g} in {sweeps} sweeps; raise one, or store less"
    return learned_by_units(patterns, adaline, (gap, sweeps), workers, hint)


@learning_rule(stores="as the perceptron, with fields of at least 1", local=True)
def diederich_opper_ii(patterns: ArrayLike, *, max_sweeps: int = 10_000, workers: int | None = None) -> LowRank:
    """Return couplings with ``xi_i h_i >= 1`` for every pattern and unit. Local, not incremental, not symmetric.

    Patterns are shown in turn; where ``xi_i h_i < 1``, ``w_i <- w_i + xi_i xi / N``, and ``W_ii = 0``.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1.
    max_sweeps : int
        How often the patterns are shown at most; a warning names units that wanted more.
    workers : int, optional
        Threads over units, by default one a core.

    References
    ----------
    .. [1] Diederich & Opper (1987), Phys. Rev. Lett. 58, 949.

    Examples
    --------
    >>> xi = [[1, 1, 1, -1], [1, -1, 1, 1]]
    >>> bool((diederich_opper_ii(xi).product(xi) * xi >= 1).all())
    True
    """
    sweeps = as_steps(max_sweeps, "max_sweeps")
    hint = f"did not reach fields of 1 in {sweeps} sweeps; raise `max_sweeps`, or store less"
    return learned_by_units(patterns, threshold_learning, (sweeps,), workers, hint)


@kernel
def adaline(overlaps, labels, n, tolerance, max_sweeps, stop, counts, done):
    """c_k += 1 - A_k / N until all A_k / N are 1."""
    aligned = np.empty(overlaps.shape[0])
    for i in range(labels.shape[0]):
        aligned[:] = 0.0
        for _ in range(max_sweeps):
            for k in range(aligned.size):
                add_count(overlaps, labels[i], k, 1.0 - aligned[k] / n, counts[i], aligned)
            done[i] = np.abs(1.0 - aligned / n).max() <= tolerance
            if done[i] or stop[0]:
                break


@kernel
def threshold_learning(overlaps, labels, n, max_sweeps, stop, counts, done):
    """c_k += 1 where A_k / N < 1, until a whole sweep changes nothing."""
    aligned = np.empty(overlaps.shape[0])
    for i in range(labels.shape[0]):
        aligned[:] = 0.0
        for _ in range(max_sweeps):
            done[i] = True
            for k in range(aligned.size):
                if aligned[k] < n:
                    add_count(overlaps, labels[i], k, 1.0, counts[i], aligned)
                    done[i] = False
            if done[i] or stop[0]:
                break
