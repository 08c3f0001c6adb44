"""Networks of graded units: steepest descent of the energy, and the flow."""

from hopfield.graded import descent
from hopfield.graded.base import GradedNetwork, as_starts
from hopfield.graded.network import MAX_TIME, GradedHopfield, vectors_of
from hopfield.graded.ranges import for_outputs, rescaled

__all__ = [
    "MAX_TIME",
    "GradedHopfield",
    "GradedNetwork",
    "as_starts",
    "descent",
    "for_outputs",
    "rescaled",
    "vectors_of",
]
