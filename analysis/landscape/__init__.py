"""Energy landscapes: minima, saddles, barriers, steepest descent, surfaces."""

from analysis.landscape.descent import descend
from analysis.landscape.landscape import EnergyLandscape, energy_landscape
from analysis.landscape.spaces import modes_of
from analysis.landscape.stationary import DEGENERATE, Model, Stationary, size_of
from analysis.landscape.surface import EnergySurface, energy_along, energy_surface

__all__ = [
    "DEGENERATE",
    "EnergyLandscape",
    "EnergySurface",
    "Model",
    "Stationary",
    "descend",
    "energy_along",
    "energy_landscape",
    "energy_surface",
    "modes_of",
    "size_of",
]
