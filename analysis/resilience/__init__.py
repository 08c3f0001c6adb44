"""Tipping and resilience: how large, how fast and how frequent a disturbance may be."""

from analysis.resilience.rates import CriticalRate, critical_rate
from analysis.resilience.recovery import BasinStability, RepeatedShocks, basin_stability, repeated_shocks
from analysis.resilience.shocks import FatalShock, minimal_fatal_shock
from analysis.resilience.tipping import TippingProbabilities, tipping_probabilities
from analysis.resilience.wada_basins import Wada, wada

__all__ = [
    "BasinStability",
    "CriticalRate",
    "FatalShock",
    "RepeatedShocks",
    "TippingProbabilities",
    "Wada",
    "basin_stability",
    "critical_rate",
    "minimal_fatal_shock",
    "repeated_shocks",
    "tipping_probabilities",
    "wada",
]
