"""Associative memories as dynamical systems: Hopfield's networks and bidirectional ones, of two-valued and graded units."""

from hopfield import capacity, couplings, energy, measures, patterns, rules
from hopfield.bam import AdaptiveBAM, DiscreteBAM, GradedBAM, HigherOrderBAM
from hopfield.dense import DenseFlow, DenseMemory, SoftmaxMemory, attention
from hopfield.discrete import DiscreteHopfield, SequenceMemory, unlearn
from hopfield.energy import GradedEnergy
from hopfield.experiments import CapacityCurve, RecallCurve, capacity_curve, recall_curve
from hopfield.files import load_memory, load_recall, save_memory, save_recall
from hopfield.graded import GradedHopfield, SaturatedHopfield
from hopfield.recall import Recall, RecallStatus, Trace
from hopfield.rules import (
    MultipleTraining,
    bam_hebbian,
    bam_multiple_training,
    bam_prlab,
    bam_pseudo_inverse,
    bam_sequence,
    covariance,
    diederich_opper_i,
    diederich_opper_ii,
    dreaming,
    eigenstructure,
    hebbian,
    krauth_mezard,
    margins,
    minimum_probability_flow,
    multiple_training,
    perceptron,
    pseudo_inverse,
    sequence,
    storkey,
)
from neurodynamics import *  # noqa: F403
from neurodynamics import __all__ as _common

__all__ = [
    "AdaptiveBAM",
    "CapacityCurve",
    "DenseFlow",
    "DenseMemory",
    "DiscreteBAM",
    "DiscreteHopfield",
    "GradedBAM",
    "GradedEnergy",
    "GradedHopfield",
    "HigherOrderBAM",
    "MultipleTraining",
    "Recall",
    "RecallCurve",
    "RecallStatus",
    "SaturatedHopfield",
    "SequenceMemory",
    "SoftmaxMemory",
    "Trace",
    "attention",
    "bam_hebbian",
    "bam_multiple_training",
    "bam_prlab",
    "bam_pseudo_inverse",
    "bam_sequence",
    "capacity",
    "capacity_curve",
    "couplings",
    "covariance",
    "diederich_opper_i",
    "diederich_opper_ii",
    "dreaming",
    "eigenstructure",
    "energy",
    "hebbian",
    "krauth_mezard",
    "load_memory",
    "load_recall",
    "margins",
    "measures",
    "minimum_probability_flow",
    "multiple_training",
    "patterns",
    "perceptron",
    "pseudo_inverse",
    "recall_curve",
    "rules",
    "save_memory",
    "save_recall",
    "sequence",
    "storkey",
    "unlearn",
    *_common,
]
