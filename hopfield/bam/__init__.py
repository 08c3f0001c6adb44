"""Bidirectional associative memories, of two-valued and of graded units."""

from hopfield.bam.discrete import DiscreteBAM
from hopfield.bam.graded import GradedBAM

__all__ = [
    "DiscreteBAM",
    "GradedBAM",
]
