"""Learning rules: from patterns of +-1, one in each row, to couplings; nothing of size N x N is ever formed.

========================  =====  ===========  =========  =============================================================
rule                      local  incremental  symmetric  what it stores
========================  =====  ===========  =========  =============================================================
hebbian                   yes    yes          yes        0.138 N random patterns, with a few wrong units
storkey                   yes    yes          yes        more, and correlated ones better
sequence                  yes    yes          no         pattern k leads to pattern k + 1
covariance                yes    no           yes        1 / (2 f ln(1 / f)) patterns a unit with a share f of ones
pseudo_inverse            no     yes          yes        N - 1 independent patterns, exactly
dreaming                  no     no           yes        between Hebb's rule and the pseudo-inverse
perceptron                yes    no           no         2 N random patterns at most, exactly, where a solution exists
krauth_mezard             yes    no           no         the same, with the largest margin
diederich_opper_i         yes    no           no         what the pseudo-inverse does, by local steps
diederich_opper_ii        yes    no           no         as the perceptron, with fields of at least 1
minimum_probability_flow  no     no           yes        nearly N random patterns, exactly, with wide basins
eigenstructure            no     no           yes        patterns that span few dimensions, exactly; few others
bam_hebbian               yes    yes          yes        pairs
bam_pseudo_inverse        no     no           no         pairs of independent patterns, exactly
bam_sequence              yes    no           no         pair k leads to pair k + 1
bam_multiple_training     no     no           yes        all pairs, where weights of theirs do it
bam_prlab                 yes    no           yes        all pairs, where couplings and thresholds do it
========================  =====  ===========  =========  =============================================================

Local: ``W[i, j]`` changes by what units i and j know (their states and fields). Incremental: a new pattern is added
without the old ones. :data:`RULES` says the same to programs; :func:`margins` judges what came out.
"""

# isort: off
# In the order of the table.
from hopfield.registry import RULES, Rule, learning_rule, table
from hopfield.rules.learning import known_rule, learn, margins
from hopfield.rules.outer_products import hebbian, sequence, storkey
from hopfield.rules.sparse import covariance
from hopfield.rules.projections import dreaming, pseudo_inverse
from hopfield.rules.perceptrons import krauth_mezard, perceptron
from hopfield.rules.diederich_opper import diederich_opper_i, diederich_opper_ii
from hopfield.rules.probability_flow import minimum_probability_flow
from hopfield.rules.cube import eigenstructure
from hopfield.rules.pair_rules import as_pairs, bam_hebbian, bam_pseudo_inverse, bam_sequence
from hopfield.rules.pair_training import MultipleTraining, bam_multiple_training, bam_prlab, multiple_training
# isort: on

__all__ = [
    "RULES",
    "MultipleTraining",
    "Rule",
    "bam_hebbian",
    "bam_multiple_training",
    "bam_prlab",
    "bam_pseudo_inverse",
    "bam_sequence",
    "covariance",
    "diederich_opper_i",
    "diederich_opper_ii",
    "dreaming",
    "eigenstructure",
    "hebbian",
    "krauth_mezard",
    "learning_rule",
    "margins",
    "minimum_probability_flow",
    "multiple_training",
    "perceptron",
    "pseudo_inverse",
    "sequence",
    "storkey",
    "table",
]
