"""Small noise: paths of least action, and stationary densities."""

from analysis.noise.fokker_planck import StationaryDensity, stationary_density
from analysis.noise.minimum_action import ActionPath, minimum_action_path

__all__ = ["ActionPath", "StationaryDensity", "minimum_action_path", "stationary_density"]
