"""Attractors, their basins, edge states, and the transient response."""

from analysis.attractors.basin_map import Basins, basins
from analysis.attractors.basin_sweeps import BasinSweep, basin_sweep
from analysis.attractors.edge import EdgeState, edge_state
from analysis.attractors.find import WORDS, Attractor, Attractors, find_attractors
from analysis.attractors.transient_response import Response, response

__all__ = [
    "WORDS",
    "Attractor",
    "Attractors",
    "BasinSweep",
    "Basins",
    "EdgeState",
    "Response",
    "basin_sweep",
    "basins",
    "edge_state",
    "find_attractors",
    "response",
]
