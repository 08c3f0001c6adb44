"""The perceptron rule and that of Krauth and Mezard, from the overlaps of the patterns alone.

For unit i, with labels y = xi_i and inputs without unit i, the weights are ``w = sum_k c_k y_k x_k / N`` with counts c.
The alignments ``A_l = N y_l w.x_l = sum_k c_k (y_k y_l Q_kl - 1)``, Q = Xi Xi', are integers, and one more count costs p
operations instead of N.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import as_patterns, as_steps, warn
from hopfield.couplings import LowRank
from hopfield.registry import learning_rule
from neurodynamics.compiling import as_workers, kernel, over_rows
from neurodynamics.validation import as_number
from neurodynamics.watched import stop_word


@learning_rule(stores="2 N random patterns at most, exactly, where a solution exists", local=True)
def perceptron(patterns: ArrayLike, *, margin: float = 0.0, max_sweeps: int = 10_000, workers: int | None = None) -> LowRank:
    """Return couplings that hold every pattern with a margin. Local, not incremental, not symmetric.

    Patterns are shown in turn; where ``xi_i h_i <= margin |w_i|``, ``w_i <- w_i + xi_i xi / N``, and ``W_ii = 0``. It
    ends if a solution exists: up to ``capacity.gardner(margin)`` patterns a unit for random ones.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1.
    margin : float
        kappa >= 0, in units of the Euclidean norm of a unit's weights.
    max_sweeps : int
        How often the patterns are shown at most; a warning names units that wanted more.
    workers : int, optional
        Threads over units, by default one a core; the result does not depend on it.

    References
    ----------
    .. [1] Gardner (1988), J. Phys. A 21, 257.

    Examples
    --------
    >>> from hopfield.rules import margins
    >>> xi = [[1, 1, 1, -1, -1, 1], [1, -1, 1, 1, -1, -1]]
    >>> bool((margins(perceptron(xi, margin=0.5), xi) > 0.5).all())
    True
    """
    kappa = as_number(margin, "margin", minimum=0.0)
    sweeps = as_steps(max_sweeps, "max_sweeps")
    hint = f"did not reach the margin {kappa:g} in {sweeps} sweeps; raise `max_sweeps`, lower `margin`, or store less"
    return learned_by_units(patterns, _perceptron, (kappa, sweeps), workers, hint)


@learning_rule(stores="the same, with the largest margin", local=True)
def krauth_mezard(
    patterns: ArrayLike, *, tolerance: float = 0.05, max_updates: int = 1_000_000, workers: int | None = None
) -> LowRank:
    """Return couplings of (nearly) the largest margin that exists. Local, not incremental, not symmetric.

    Each unit learns the pattern that is least stable, ``w_i <- w_i + xi_i xi / N``, ``W_ii = 0``, until its margin is at
    least (1 - tolerance) of a proved upper bound: no weights reach more than ``|sum_k c_k xi_i^k xi^k| / sum_k c_k``.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        Entries -1 and +1.
    tolerance : float
        How far, relatively, a margin may stay below the optimum; the work grows as its inverse square.
    max_updates : int
        Updates of a unit at most; a warning names units that wanted more.
    workers : int, optional
        Threads over units, by default one a core; the result does not depend on it.

    References
    ----------
    .. [1] Krauth & Mezard (1987), J. Phys. A 20, L745.

    Examples
    --------
    >>> from hopfield.rules import margins
    >>> xi = [[1, 1, 1, -1, -1, 1], [1, -1, 1, 1, -1, -1]]
    >>> bool((margins(krauth_mezard(xi), xi) > 1).all())
    True
    """
    gap = as_number(tolerance, "tolerance", positive=True)
    updates = as_steps(max_updates, "max_updates")
    hint = f"did not come within {gap:g} of the largest margin in {updates} updates; raise one, or store less"
    return learned_by_units(patterns, _least_stable, (gap, updates), workers, hint)


def learned_by_units(patterns: ArrayLike, rule: Any, settings: tuple, workers: int | None, hint: str) -> LowRank:
    """Return the couplings of a kernel that finds the counts of each unit by itself, with a warning where some did not."""
    rows = as_patterns(patterns)
    n = rows.shape[1]
    if n < 2:
        raise ValueError(f"`patterns` must have at least two units, for they learn from each other; got {n}.")
    x = rows.astype(float)
    overlaps, labels = x @ x.T, np.ascontiguousarray(x.T)
    counts = np.zeros((n, len(rows)))
    done = np.zeros(n, np.bool_)
    stop = stop_word()

    def on_rows(units: slice) -> None:
        rule(overlaps, labels[units], float(n), *settings, stop, counts[units], done[units])

    over_rows(on_rows, n, as_workers(workers), stop)
    if not stop[0]:  # else nobody waits for it any more
        _warn_of_unfinished(done, hint)
    whole = counts.astype(np.int64)
    return LowRank((whole if np.array_equal(whole, counts) else counts).T * rows, rows, scale=n, diagonal=0.0)


def _warn_of_unfinished(done: NDArray[np.bool_], hint: str) -> None:
    if not done.all():
        first = int(np.argmin(done))
        warn(f"{(~done).sum()} of {done.size} units (first: {first}) {hint}.")


@kernel
def add_count(overlaps, y, k, c, counts, aligned):
    """Pattern k counts c more: A_l += c (y_k y_l Q_kl - 1)."""
    counts[k] += c
    row = overlaps[k]
    for m in range(y.size):
        aligned[m] += c * (y[k] * y[m] * row[m] - 1.0)


@kernel
def _perceptron(overlaps, labels, n, margin, max_sweeps, stop, counts, done):
    """Show the patterns in turn until a whole sweep changes nothing."""
    aligned = np.empty(overlaps.shape[0])
    for i in range(labels.shape[0]):
        aligned[:] = 0.0
        square = 0.0  # N^2 |w|^2
        for _ in range(max_sweeps):
            done[i] = True
            for k in range(aligned.size):
                if aligned[k] <= margin * np.sqrt(square):
                    square += 2.0 * aligned[k] + n - 1.0
                    add_count(overlaps, labels[i], k, 1.0, counts[i], aligned)
                    done[i] = False
            if done[i] or stop[0]:
                break


@kernel
def _least_stable(overlaps, labels, n, gap, max_updates, stop, counts, done):
    """Learn the least stable pattern until the margin is close to the bound that the counts themselves prove."""
    aligned = np.empty(overlaps.shape[0])
    for i in range(labels.shape[0]):
        aligned[:] = 0.0
        square = 0.0  # N^2 |w|^2
        for update in range(max_updates):
            k = np.argmin(aligned)
            done[i] = update > 0 and aligned[k] * update >= (1.0 - gap) * square
            if done[i] or stop[0]:
                break
            square += 2.0 * aligned[k] + n - 1.0
            add_count(overlaps, labels[i], k, 1.0, counts[i], aligned)
