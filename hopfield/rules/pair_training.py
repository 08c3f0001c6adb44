"""Rules for pairs that go on until every pair is recalled: pseudo-relaxation, and weights by a linear program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_steps, warn
from hopfield.couplings import Block, LowRank
from hopfield.registry import learning_rule
from hopfield.rules.pair_rules import as_pairs
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_number
from neurodynamics.watched import result_of, stop_word

ROUNDING = 1e-9  # of the largest possible field: margins below it are not told from zero


@dataclass(frozen=True, eq=False)
class MultipleTraining(Record):
    """Whether weights of the pairs exist with which a BAM recalls all of them, and the best ones.

    Attributes
    ----------
    weights : ndarray, shape (p,)
        q, which add up to 1.
    margin : float
        The least ``x h`` of any unit in any pair with these weights, relative to the larger of the two layers.
    bound : float
        What no weights can exceed: that of the linear program's dual solution, which proves it.
    status : {"recalled", "impossible", "undecided"}
        Recalled: every pair is a fixed point that units return to one by one; impossible: proved, up to rounding, that no
        weights make it so; undecided: at the best weights a unit is at a tie, or the linear program gave up.
    reason : str
    """

    weights: Floats
    margin: float
    bound: float
    status: str
    reason: str


def multiple_training(a: ArrayLike, b: ArrayLike) -> MultipleTraining:
    """Decide by a linear program whether ``M = sum_k q_k a_k' b_k`` with q >= 0 can recall all pairs.

    The least margin over all units is made as large as it can be. A margin above 0 is shown by the weights themselves; that
    there is none, by weights y >= 0 of the margins whose sum falls with every pair, ``max_k (y'C)_k <= 0`` (Gordan).

    Parameters
    ----------
    a, b : array_like, shapes (p, n_a) and (p, n_b)
        Entries -1 and +1.

    Returns
    -------
    MultipleTraining

    References
    ----------
    .. [1] Wang, Cruz & Mulligan (1991), Guaranteed recall of all training pairs for bidirectional associative memory, IEEE
       Trans. Neural Networks 2, 559.

    Examples
    --------
    >>> multiple_training([[1, 1, -1], [1, -1, 1]], [[1, 1], [1, -1]]).status
    'recalled'
    """
    x, y = (rows.astype(float) for rows in as_pairs(a, b))
    return result_of(lambda: _decided(x, y))


def _decided(x: Floats, y: Floats) -> MultipleTraining:
    from scipy.optimize import linprog  # takes longer to import than all the rest

    p, size = len(x), max(x.shape[1], y.shape[1])
    fields = [np.einsum("ki,kl,li->kil", own, other @ other.T, own) for own, other in ((x, y), (y, x))]
    margins = np.concatenate([part.reshape(-1, p) for part in fields]) / size  # rows: what each pair adds to a unit's x h
    margins = np.unique(margins, axis=0)
    count = len(margins)
    found = linprog(
        np.append(np.zeros(p), -1.0), A_ub=np.column_stack([-margins, np.ones(count)]), b_ub=np.zeros(count),
        A_eq=np.append(np.ones(p), 0.0)[np.newaxis], b_eq=[1.0], bounds=[(0, None)] * p + [(None, None)], method="highs",
    )  # fmt: skip
    if found.x is None or found.ineqlin is None:
        reason = f"the program was not solved: {found.message}"
        return MultipleTraining(np.full(p, 1 / p), -np.inf, np.inf, "undecided", reason)
    q = np.maximum(found.x[:p], 0.0)
    dual = np.maximum(-found.ineqlin.marginals, 0.0)
    q, dual = q / q.sum(), dual / dual.sum()
    margin, bound = float((margins @ q).min()), float((dual @ margins).max())
    if margin > ROUNDING:
        return MultipleTraining(q, margin, bound, "recalled", f"all units keep a margin of {margin:.3g}")
    if bound < -ROUNDING:
        return MultipleTraining(q, margin, bound, "impossible", f"some unit is always wrong, by {-bound:.3g} at least")
    return MultipleTraining(q, margin, bound, "undecided", "the best margin is 0 up to rounding: at best a tie")


@learning_rule(stores="all pairs, where weights of theirs do it", symmetric=True, pairs=True)
def bam_multiple_training(a: ArrayLike, b: ArrayLike) -> Block:
    """Return ``M = sum_k q_k a_k' b_k`` with the best weights of the pairs. Not local, not incremental, symmetric.

    Parameters
    ----------
    a, b : array_like, shapes (p, n_a) and (p, n_b)
        Entries -1 and +1.

    Raises
    ------
    ValueError
        Where no weights recall all pairs, see :func:`multiple_training`.

    Examples
    --------
    >>> bam_multiple_training([[1, 1, -1], [1, -1, 1]], [[1, 1], [1, -1]]).layers
    (3, 2)
    """
    a, b = as_pairs(a, b)
    found = multiple_training(a, b)
    if found.status != "recalled":
        raise ValueError(
            f"no weights of `a` and `b` are known with which all pairs are recalled: {found.reason}. Use bam_prlab, "
            "bam_pseudo_inverse, or fewer pairs."
        )
    return Block(LowRank(a, b, core=found.weights * len(a)))


@learning_rule(stores="all pairs, where couplings and thresholds do it", local=True, symmetric=True, pairs=True)
def bam_prlab(
    a: ArrayLike, b: ArrayLike, *, relaxation: float = 1.9, margin: float = 1.0, max_sweeps: int = 10_000
) -> Block:
    """Return couplings and thresholds that recall all pairs, by pseudo-relaxation. Local, not incremental, symmetric.

    Pairs are shown in turn, both ways; a unit with target y and ``S y <= 0``, ``S = w.x - theta``, goes towards ``S = margin
    y``: ``w <- w - (relaxation / (1 + n)) (S - margin y) x``, theta against it. It begins with Kosko's matrix and ends where
    all are right; the thresholds are the bias of the couplings.

    Parameters
    ----------
    a, b : array_like, shapes (p, n_a) and (p, n_b)
        Entries -1 and +1.
    relaxation : float
        lambda, between 0 and 2.
    margin : float
        xi > 0.
    max_sweeps : int
        How often the pairs are shown at most; a warning tells how many are not recalled then.

    References
    ----------
    .. [1] Oh & Kothari (1994), Adaptation of the relaxation method for learning in bidirectional associative memory, IEEE
       Trans. Neural Networks 5, 576.

    Examples
    --------
    >>> w = bam_prlab([[1, 1, -1], [1, -1, 1]], [[1, 1], [1, -1]])
    >>> bool(((w.product([1, 1, -1, 1, 1]) + w.bias) * [1, 1, -1, 1, 1] > 0).all())
    True
    """
    a, b = as_pairs(a, b)
    rate = as_number(relaxation, "relaxation", positive=True)
    if rate >= 2:
        raise ValueError(f"`relaxation` must lie between 0 and 2, where steps come closer; got {rate:g}.")
    aim, sweeps = as_number(margin, "margin", positive=True), as_steps(max_sweeps, "max_sweeps")
    x, y = a.astype(float), b.astype(float)
    to_a, to_b = np.zeros_like(x), y.copy()  # M = x' to_b + to_a' y
    theta_a, theta_b = np.zeros(x.shape[1]), np.zeros(y.shape[1])
    of_a, of_b, stop = x @ x.T, y @ y.T, stop_word()
    wrong = len(x)
    for _ in range(sweeps):
        wrong = 0
        for k in range(len(x)):
            forth = of_a[k] @ to_b + (to_a @ x[k]) @ y - theta_b
            missing = _towards(forth, y[k], aim, rate / (1 + x.shape[1]))
            to_b[k] += missing
            theta_b -= missing
            back = of_b[k] @ to_a + (to_b @ y[k]) @ x - theta_a
            further = _towards(back, x[k], aim, rate / (1 + y.shape[1]))
            to_a[k] += further
            theta_a -= further
            wrong += bool(missing.any() or further.any())
        if wrong == 0 or stop[0]:
            break
    if wrong and not stop[0]:
        warn(f"{wrong} of {len(x)} pairs were not recalled after {sweeps} sweeps; raise `max_sweeps`, or store fewer.")
    between = LowRank(np.concatenate([x, to_a]), np.concatenate([to_b, y]))
    return Block(between).with_bias(-np.concatenate([theta_a, theta_b]))


def _towards(s: Floats, target: Floats, aim: float, rate: float) -> Floats:
    """What is added to the couplings of wrong units: -rate (S - aim y)."""
    return np.where(s * target <= 0, rate * (aim * target - s), 0.0)
