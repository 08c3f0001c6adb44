"""Networks of two-valued units: sequential and parallel updates, sequences, unlearning."""

from hopfield.discrete.base import DiscreteNetwork, TwoValued
from hopfield.discrete.network import DiscreteHopfield
from hopfield.discrete.sequences import SequenceMemory
from hopfield.discrete.unlearning import unlearn
from hopfield.discrete.updates import Options, decide, draws_for, synchronous

__all__ = [
    "DiscreteHopfield",
    "DiscreteNetwork",
    "Options",
    "SequenceMemory",
    "TwoValued",
    "decide",
    "draws_for",
    "synchronous",
    "unlearn",
]
