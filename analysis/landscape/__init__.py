"""Energy landscapes: minima, saddles, barriers, steepest descent, surfaces."""

from analysis.landscape.landscape import EnergyLandscape, energy_landscape
from analysis.landscape.surface import EnergySurface, energy_along, energy_surface

__all__ = [
    "EnergyLandscape",
    "EnergySurface",
    "energy_along",
    "energy_landscape",
    "energy_surface",
]
