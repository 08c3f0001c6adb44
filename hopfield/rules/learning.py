"""Learning rules: from patterns of +-1, one in each row, to couplings; nothing of size N x N is ever formed.

==================  =====  ===========  =========  =========================================================
rule                local  incremental  symmetric  what it stores
==================  =====  ===========  =========  =========================================================
hebbian             yes    yes          yes        0.138 N random patterns, with a few wrong units
storkey             yes    yes          yes        more, and correlated ones better
pseudo_inverse      no     yes          yes        N - 1 independent patterns, exactly
dreaming            no     no           yes        between Hebb's rule and the pseudo-inverse
perceptron          yes    no           no         2 N random patterns at most, exactly, where a solution exists
krauth_mezard       yes    no           no         the same, with the largest margin
sequence            yes    yes          no         pattern k leads to pattern k + 1
bam_hebbian         yes    yes          yes        pairs
bam_pseudo_inverse  no     no           no         pairs of independent patterns, exactly
==================  =====  ===========  =========  =========================================================

Local: ``W[i, j]`` changes by what units i and j know (their states and fields). Incremental: a new pattern is added
without the old ones. :data:`RULES` says the same to programs; :func:`margins` judges what came out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield.checks import as_patterns
from hopfield.couplings import Coupling, as_coupling
from hopfield.rules.outer_products import hebbian, sequence, storkey
from hopfield.rules.pair_rules import bam_hebbian, bam_pseudo_inverse
from hopfield.rules.perceptrons import krauth_mezard, perceptron
from hopfield.rules.projections import dreaming, pseudo_inverse
from neurodynamics.validation import Floats, as_choice


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
    norms = w.row_norms()
    return rows * w.product(rows) / np.where(norms > 0, norms, 1.0)


@dataclass(frozen=True)
class Rule:
    """A learning rule and its properties.

    Attributes
    ----------
    function : callable
        From patterns (p, N), or from two sets of patterns, to couplings.
    local, incremental, symmetric : bool
        See the table of this module.
    pairs : bool
        Whether it takes two sets of patterns, for a BAM.
    """

    function: Callable[..., Coupling]
    local: bool
    incremental: bool
    symmetric: bool
    pairs: bool = False


RULES = {
    "hebbian": Rule(hebbian, local=True, incremental=True, symmetric=True),
    "storkey": Rule(storkey, local=True, incremental=True, symmetric=True),
    "pseudo_inverse": Rule(pseudo_inverse, local=False, incremental=True, symmetric=True),
    "dreaming": Rule(dreaming, local=False, incremental=False, symmetric=True),
    "perceptron": Rule(perceptron, local=True, incremental=False, symmetric=False),
    "krauth_mezard": Rule(krauth_mezard, local=True, incremental=False, symmetric=False),
    "sequence": Rule(sequence, local=True, incremental=True, symmetric=False),
    "bam_hebbian": Rule(bam_hebbian, local=True, incremental=True, symmetric=True, pairs=True),
    "bam_pseudo_inverse": Rule(bam_pseudo_inverse, local=False, incremental=False, symmetric=False, pairs=True),
}


def learn(rule: Any, *patterns: ArrayLike, **options: Any) -> Coupling:
    """Return what a rule, by name or as a function, makes of patterns (one set), or of pairs (two sets)."""
    if not callable(rule):
        names = [name for name, known in RULES.items() if known.pairs == (len(patterns) == 2)]
        rule = RULES[as_choice(rule, "rule", names)].function
    return as_coupling(rule(*patterns, **options), "the result of `rule`")
