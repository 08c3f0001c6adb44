"""Associative memories as dynamical systems: Hopfield's networks and bidirectional ones, of two-valued and graded units."""

from hopfield import capacity, couplings, energy, measures, patterns, rules
from hopfield.bam import DiscreteBAM, GradedBAM
from hopfield.dense import DenseFlow, DenseMemory, SoftmaxMemory, attention
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
from neurodynamics import *  # noqa: F403
from neurodynamics import __all__ as _common

__all__ = [
    "CapacityCurve",
    "DenseFlow",
    "DenseMemory",
    "DiscreteBAM",
    "DiscreteHopfield",
    "GradedBAM",
    "GradedEnergy",
    "GradedHopfield",
    "Recall",
    "RecallCurve",
    "RecallStatus",
    "SequenceMemory",
    "SoftmaxMemory",
    "Trace",
    "attention",
    "bam_hebbian",
    "bam_pseudo_inverse",
    "capacity",
    "capacity_curve",
    "couplings",
    "dreaming",
    "energy",
    "hebbian",
    "krauth_mezard",
    "load_memory",
    "load_recall",
    "margins",
    "measures",
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
