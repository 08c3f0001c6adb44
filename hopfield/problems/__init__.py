"""Problems of optimisation, answered by networks: cuts, colourings, queens, tours, and anything quadratic."""

from hopfield.problems.graphs import Colouring, MaxCut
from hopfield.problems.problem import Picture, Problem
from hopfield.problems.qubo import Qubo
from hopfield.problems.queens import Queens
from hopfield.problems.solving import Solutions, solve
from hopfield.problems.tours import TourWeights, TravellingSalesman

__all__ = [
    "Colouring",
    "MaxCut",
    "Picture",
    "Problem",
    "Qubo",
    "Queens",
    "Solutions",
    "TourWeights",
    "TravellingSalesman",
    "solve",
]
