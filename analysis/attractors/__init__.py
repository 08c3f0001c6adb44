"""Attractors, their basins, edge states, and the transient response."""

from analysis.attractors.basin_map import Basins, basins
from analysis.attractors.basin_sweeps import BasinSweep, basin_sweep
from analysis.attractors.box import extent_of
from analysis.attractors.edge import EdgeState, edge_state, start_at
from analysis.attractors.find import WORDS, Attractor, Attractors, find_attractors
from analysis.attractors.measures import on_boundary, wilson_interval
from analysis.attractors.sets import Neighbourhood
from analysis.attractors.transient_response import Response, response

__all__ = [
    "WORDS",
    "Attractor",
    "Attractors",
    "BasinSweep",
    "Basins",
    "EdgeState",
    "Neighbourhood",
    "Response",
    "basin_sweep",
    "basins",
    "edge_state",
    "extent_of",
    "find_attractors",
    "on_boundary",
    "response",
    "start_at",
    "wilson_interval",
]
