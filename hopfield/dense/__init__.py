"""Dense associative memories: energies that grow faster than squares of overlaps; patterns are never multiplied out."""

from hopfield.dense.flow import DenseFlow
from hopfield.dense.softmax import SoftmaxMemory, attention
from hopfield.dense.two_valued import DenseMemory

__all__ = [
    "DenseFlow",
    "DenseMemory",
    "SoftmaxMemory",
    "attention",
]
