"""Learning rules: from patterns to couplings."""

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
