"""Learning by the name of a rule, and the margins of what was learned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_patterns
from hopfield.couplings import Coupling, as_coupling
from hopfield.registry import RULES
from neurodynamics.validation import Floats, as_choice
from neurodynamics.watched import result_of


def margins(couplings: Any, patterns: ArrayLike) -> Floats:
    """Return the stability of each unit in each pattern, ``xi_i h_i / |w_i|`` with the Euclidean norm of row i.

    A pattern is a fixed point if none is negative; the smallest one says how well, and is the kappa of Gardner's theory
    (:func:`hopfield.capacity.gardner`).

    Parameters
    ----------
    couplings : Coupling or array_like, shape (N, N)
    patterns : array_like, shape (p, N)
        Entries -1 and +1.

    Returns
    -------
    ndarray, shape (p, N)
        0 for units without couplings.

    Examples
    --------
    >>> margins([[0, 1], [1, 0]], [[1, 1], [1, -1]])
    array([[ 1.,  1.],
           [-1., -1.]])
    """
    w = as_coupling(couplings)
    rows = as_patterns(patterns)
    if w.shape != (rows.shape[1],) * 2:
        raise ValueError(f"`couplings` must have shape {(rows.shape[1],) * 2}, as `patterns` have units; got {w.shape}.")

    def found() -> Floats:
        norms = w.row_norms()
        return rows * w.product(rows) / np.where(norms > 0, norms, 1.0)

    return result_of(found, operations=float(rows.size) * w.shape[0])


def learn(rule: Any, *patterns: ArrayLike, **options: Any) -> Coupling:
    """Return what a rule, by name or as a function, makes of patterns (one set), or of pairs (two sets)."""
    function = known_rule(rule, len(patterns) == 2)
    if all(function is not known.function for known in RULES.values()):  # products of int8 overflow
        patterns = tuple(np.asarray(rows, dtype=float) for rows in patterns)
    return as_coupling(function(*patterns, **options), "the result of `rule`")


def known_rule(rule: Any, pairs: bool = False) -> Callable[..., Any]:
    """Return the function of a rule, given as that or by its name; of pairs or of one set of patterns."""
    if callable(rule):
        return rule
    return RULES[as_choice(rule, "rule", [name for name, known in RULES.items() if known.pairs == pairs])].function
