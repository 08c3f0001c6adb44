"""Coupling matrices that answer products: dense, sparse, blocks, patterns that are never multiplied out, tours."""

from hopfield.couplings.coupling import EXACT, EXACT32, SMALL, SYMMETRY, Coupling
from hopfield.couplings.forms import Block, Dense, Sparse, as_coupling
from hopfield.couplings.int8 import load_as
from hopfield.couplings.low_rank import LowRank, as_start, gram
from hopfield.couplings.saved import coupling_arrays, restored_coupling
from hopfield.couplings.tour import Tour, as_distances

__all__ = [
    "Block",
    "Coupling",
    "Dense",
    "LowRank",
    "Sparse",
    "Tour",
    "as_coupling",
]
