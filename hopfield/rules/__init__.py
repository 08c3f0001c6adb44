"""Learning rules: from patterns to couplings."""

from hopfield.rules.learning import (
    RULES,
    Rule,
    bam_hebbian,
    bam_pseudo_inverse,
    dreaming,
    hebbian,
    known_rule,
    krauth_mezard,
    learn,
    learning_rule,
    margins,
    perceptron,
    pseudo_inverse,
    storkey,
    table,
)
from hopfield.rules.outer_products import sequence

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
