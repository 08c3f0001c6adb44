"""Small noise: paths of least action, and stationary densities."""

from analysis.noise.minimum_action import ActionPath, minimum_action_path
from analysis.noise.stationary_density import StationaryDensity, stationary_density

__all__ = ["ActionPath", "StationaryDensity", "minimum_action_path", "stationary_density"]
