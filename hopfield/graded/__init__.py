"""Networks of graded units: steepest descent of the energy, and the flow; linear units that saturate."""

from hopfield.graded import descent
from hopfield.graded.base import GradedNetwork, as_starts
from hopfield.graded.network import MAX_TIME, GradedHopfield, vectors_of
from hopfield.graded.ranges import for_outputs, rescaled
from hopfield.graded.saturated import SaturatedHopfield

__all__ = [
    "MAX_TIME",
    "GradedHopfield",
    "GradedNetwork",
    "SaturatedHopfield",
    "as_starts",
    "descent",
    "for_outputs",
    "rescaled",
    "vectors_of",
]
