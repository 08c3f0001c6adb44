"""Learning rules: from patterns of +-1, one in each row, to couplings; nothing of size N x N is ever formed.

==================  =====  ===========  =========  =============================================================
rule                local  incremental  symmetric  what it stores
==================  =====  ===========  =========  =============================================================
hebbian             yes    yes          yes        0.138 N random patterns, with a few wrong units
storkey             yes    yes          yes        more, and correlated ones better
sequence            yes    yes          no         pattern k leads to pattern k + 1
pseudo_inverse      no     yes          yes        N - 1 independent patterns, exactly
dreaming            no     no           yes        between Hebb's rule and the pseudo-inverse
bam_hebbian         yes    yes          yes        pairs
bam_pseudo_inverse  no     no           no         pairs of independent patterns, exactly
perceptron          yes    no           no         2 N random patterns at most, exactly, where a solution exists
krauth_mezard       yes    no           no         the same, with the largest margin
==================  =====  ===========  =========  =============================================================

Local: ``W[i, j]`` changes by what units i and j know (their states and fields). Incremental: a new pattern is added
without the old ones. :data:`RULES` says the same to programs; :func:`margins` judges what came out.
"""

from hopfield.registry import RULES, Rule, learning_rule, table
from hopfield.rules.learning import known_rule, learn, margins
from hopfield.rules.outer_products import hebbian, sequence, storkey
from hopfield.rules.pair_rules import bam_hebbian, bam_pseudo_inverse
from hopfield.rules.perceptrons import krauth_mezard, perceptron
from hopfield.rules.projections import dreaming, pseudo_inverse

__all__ = [
    "RULES",
    "Rule",
    "bam_hebbian",
    "bam_pseudo_inverse",
    "dreaming",
    "hebbian",
    "krauth_mezard",
    "learning_rule",
    "margins",
    "perceptron",
    "pseudo_inverse",
    "sequence",
    "storkey",
    "table",
]
