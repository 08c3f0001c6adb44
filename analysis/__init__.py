"""Take a dynamical system apart; pictures of what is found are in :mod:`analysis.plotting`."""

from __future__ import annotations

import importlib
from typing import Any

from analysis._phase_box import phase_box
from analysis.attractors import Attractor, Attractors, find_attractors
from analysis.basin_sweep import BasinSweep, basin_sweep
from analysis.basins import Basins, basins
from analysis.edge import EdgeState, edge_state
from analysis.fixed_points import FixedPoints, fixed_points
from analysis.landscape import EnergyLandscape, energy_landscape
from analysis.lyapunov import (
    Classification,
    FiniteTimeExponents,
    FiniteTimeField,
    LyapunovEnsemble,
    LyapunovMap,
    LyapunovSpectrum,
    MeanField,
    classify,
    entropy_rate,
    finite_time_field,
    finite_time_lyapunov,
    kaplan_yorke_dimension,
    largest_lyapunov_exponent,
    lyapunov_ensemble,
    lyapunov_map,
    lyapunov_spectrum,
    mean_field_lyapunov,
    pooled,
)
from analysis.nullclines import Nullcline, nullclines
from analysis.periodic_orbits import LimitCycle, limit_cycle
from analysis.phase_portrait import PhasePortrait, phase_portrait
from analysis.response import Response, response
from analysis.section_maps import PoincareMap, StroboscopicMap, poincare_map, stroboscopic_map
from analysis.separatrix import Branch, Separatrices, separatrix
from analysis.slow_points import SlowPoints, slow_points
from analysis.stability import PointKind, Stability, linear_stability, stability
from analysis.surface import EnergySurface, energy_along, energy_surface
from analysis.sweep import SweepDiagram, sweep_diagram

__all__ = [
    "Attractor",
    "Attractors",
    "BasinSweep",
    "Basins",
    "Branch",
    "Classification",
    "EdgeState",
    "EnergyLandscape",
    "EnergySurface",
    "FiniteTimeExponents",
    "FiniteTimeField",
    "FixedPoints",
    "LimitCycle",
    "LyapunovEnsemble",
    "LyapunovMap",
    "LyapunovSpectrum",
    "MeanField",
    "Nullcline",
    "PhasePortrait",
    "PoincareMap",
    "PointKind",
    "Response",
    "Separatrices",
    "SlowPoints",
    "Stability",
    "StroboscopicMap",
    "SweepDiagram",
    "basin_sweep",
    "basins",
    "classify",
    "edge_state",
    "energy_along",
    "energy_landscape",
    "energy_surface",
    "entropy_rate",
    "find_attractors",
    "finite_time_field",
    "finite_time_lyapunov",
    "fixed_points",
    "kaplan_yorke_dimension",
    "largest_lyapunov_exponent",
    "limit_cycle",
    "linear_stability",
    "lyapunov_ensemble",
    "lyapunov_map",
    "lyapunov_spectrum",
    "mean_field_lyapunov",
    "nullclines",
    "phase_box",
    "phase_portrait",
    "plotting",
    "poincare_map",
    "pooled",
    "response",
    "separatrix",
    "slow_points",
    "stability",
    "stroboscopic_map",
    "sweep_diagram",
]


def __getattr__(name: str) -> Any:
    """Import the pictures, and with them matplotlib, when they are first asked for."""
    if name == "plotting":
        return importlib.import_module("analysis.plotting")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
