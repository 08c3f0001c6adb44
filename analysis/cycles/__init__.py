"""Limit cycles with Floquet multipliers, Poincare and stroboscopic maps."""

from analysis.common import without_noise
from analysis.cycles.floquet import eigenvalues_of_product
from analysis.cycles.periodic_orbits import LimitCycle, closed_orbit, limit_cycle
from analysis.cycles.section_maps import PoincareMap, StroboscopicMap, poincare_map, stroboscopic_map

__all__ = [
    "LimitCycle",
    "PoincareMap",
    "StroboscopicMap",
    "closed_orbit",
    "eigenvalues_of_product",
    "limit_cycle",
    "poincare_map",
    "stroboscopic_map",
    "without_noise",
]
