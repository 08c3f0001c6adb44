"""Networks of two-valued units: sequential and parallel updates, sequences, unlearning."""

from hopfield.discrete.base import DiscreteNetwork, TwoValued
from hopfield.discrete.forms import Form
from hopfield.discrete.network import DiscreteHopfield
from hopfield.discrete.one_layer import OneLayer
from hopfield.discrete.relax import relaxation
from hopfield.discrete.sequences import SequenceMemory
from hopfield.discrete.unlearning import unlearn
from hopfield.discrete.updates import Options, asynchronous, decide, draws_for, synchronous

__all__ = [
    "DiscreteHopfield",
    "DiscreteNetwork",
    "Form",
    "OneLayer",
    "Options",
    "SequenceMemory",
    "TwoValued",
    "asynchronous",
    "decide",
    "draws_for",
    "relaxation",
    "synchronous",
    "unlearn",
]
