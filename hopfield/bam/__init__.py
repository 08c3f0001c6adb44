"""Bidirectional associative memories, of two-valued and of graded units, adaptive, and of higher order."""

from hopfield.bam.adaptive import AdaptiveBAM
from hopfield.bam.discrete import DiscreteBAM
from hopfield.bam.graded import GradedBAM
from hopfield.bam.higher_order import HigherOrderBAM

__all__ = [
    "AdaptiveBAM",
    "DiscreteBAM",
    "GradedBAM",
    "HigherOrderBAM",
]
