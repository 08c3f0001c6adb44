"""Learning rules: from patterns to couplings."""

from hopfield.rules.learning import (
    RULES,
    Rule,
    bam_hebbian,
    bam_pseudo_inverse,
    dreaming,
    hebbian,
    krauth_mezard,
    learn,
    margins,
    perceptron,
    pseudo_inverse,
    storkey,
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
    "margins",
    "perceptron",
    "pseudo_inverse",
    "sequence",
    "storkey",
]
