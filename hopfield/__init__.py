"""Associative memories as dynamical systems: Hopfield's networks and bidirectional ones, of two-valued and graded units."""

from hopfield import capacity, couplings, energy, measures, patterns, rules
from hopfield.bam import DiscreteBAM, GradedBAM
from hopfield.discrete import DiscreteHopfield, SequenceMemory, unlearn
from hopfield.energy import GradedEnergy
from hopfield.experiments import CapacityCurve, RecallCurve, capacity_curve, recall_curve
from hopfield.files import load_memory, load_recall, save_memory, save_recall
from hopfield.graded import GradedHopfield
from hopfield.recall import Recall, RecallStatus, Trace
from hopfield.rules import (
    bam_hebbian,
    bam_pseudo_inverse,
    dreaming,
    hebbian,
    krauth_mezard,
    margins,
    perceptron,
    pseudo_inverse,
    sequence,
    storkey,
)
from hopfield.stochastic import (
    Escape,
    JumpExponents,
    JumpRun,
    Langevin,
    MarkovJump,
    Samples,
    all_states,
    anneal,
    cooling,
    escape_rate,
    jump_exponents,
    noisy_map,
    occupancy,
    sample,
    stationary_law,
    transition_matrix,
)
from neurodynamics import *  # noqa: F403
from neurodynamics import __all__ as _common

__all__ = [
    "CapacityCurve",
    "DiscreteBAM",
    "DiscreteHopfield",
    "Escape",
    "GradedBAM",
    "GradedEnergy",
    "GradedHopfield",
    "JumpExponents",
    "JumpRun",
    "Langevin",
    "MarkovJump",
    "Recall",
    "RecallCurve",
    "RecallStatus",
    "Samples",
    "SequenceMemory",
    "Trace",
    "all_states",
    "anneal",
    "bam_hebbian",
    "bam_pseudo_inverse",
    "capacity",
    "capacity_curve",
    "cooling",
    "couplings",
    "dreaming",
    "energy",
    "escape_rate",
    "hebbian",
    "jump_exponents",
    "krauth_mezard",
    "load_memory",
    "load_recall",
    "margins",
    "measures",
    "noisy_map",
    "occupancy",
    "patterns",
    "perceptron",
    "pseudo_inverse",
    "recall_curve",
    "rules",
    "sample",
    "save_memory",
    "save_recall",
    "sequence",
    "stationary_law",
    "storkey",
    "transition_matrix",
    "unlearn",
    *_common,
]
