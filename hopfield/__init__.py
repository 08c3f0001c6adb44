"""Associative memories as dynamical systems: Hopfield's networks and bidirectional ones, of two-valued and graded units."""

from hopfield import capacity, couplings, damage, energy, measures, patterns, problems, rules
from hopfield.bam import DiscreteBAM, GradedBAM
from hopfield.basin_rings import BasinRadii, basin_radii
from hopfield.damage import DamageCurve, damage_curve
from hopfield.discrete import DiscreteHopfield, SequenceMemory, unlearn
from hopfield.energy import GradedEnergy
from hopfield.experiments import CapacityCurve, RecallCurve, capacity_curve, recall_curve
from hopfield.files import load_memory, load_recall, save_memory, save_recall
from hopfield.graded import GradedHopfield
from hopfield.problems import Solutions, solve
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
from hopfield.scaling import CapacityScaling, capacity_scaling
from neurodynamics import *  # noqa: F403
from neurodynamics import __all__ as _common

__all__ = [
    "BasinRadii",
    "CapacityCurve",
    "CapacityScaling",
    "DamageCurve",
    "DiscreteBAM",
    "DiscreteHopfield",
    "GradedBAM",
    "GradedEnergy",
    "GradedHopfield",
    "Recall",
    "RecallCurve",
    "RecallStatus",
    "SequenceMemory",
    "Solutions",
    "Trace",
    "bam_hebbian",
    "bam_pseudo_inverse",
    "basin_radii",
    "capacity",
    "capacity_curve",
    "capacity_scaling",
    "couplings",
    "damage",
    "damage_curve",
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
    "problems",
    "pseudo_inverse",
    "recall_curve",
    "rules",
    "save_memory",
    "save_recall",
    "sequence",
    "solve",
    "storkey",
    "unlearn",
    *_common,
]
