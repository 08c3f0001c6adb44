"""Take a dynamical system apart; pictures of what is found are in :mod:`analysis.plotting`."""

from __future__ import annotations

import importlib
from typing import Any

from analysis.attractors import (
    Attractor,
    Attractors,
    Basins,
    BasinSweep,
    EdgeState,
    Response,
    basin_sweep,
    basins,
    edge_state,
    find_attractors,
    response,
)
from analysis.bifurcations import (
    BifurcationCurve,
    FixedPointBranch,
    NormalForm,
    SpecialPoint,
    bifurcation_curve,
    fixed_point_branch,
    normal_form,
)
from analysis.common import phase_box
from analysis.cycles import LimitCycle, PoincareMap, StroboscopicMap, limit_cycle, poincare_map, stroboscopic_map
from analysis.equilibria import (
    FixedPoints,
    PointKind,
    SlowPoints,
    Stability,
    fixed_points,
    linear_stability,
    slow_points,
    stability,
)
from analysis.landscape import EnergyLandscape, EnergySurface, energy_along, energy_landscape, energy_surface
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
from analysis.portraits import Branch, Nullcline, PhasePortrait, Separatrices, nullclines, phase_portrait, separatrix
from analysis.sweeps import SweepDiagram, sweep_diagram

__all__ = [
    "Attractor",
    "Attractors",
    "BasinSweep",
    "Basins",
    "BifurcationCurve",
    "Branch",
    "Classification",
    "EdgeState",
    "EnergyLandscape",
    "EnergySurface",
    "FiniteTimeExponents",
    "FiniteTimeField",
    "FixedPointBranch",
    "FixedPoints",
    "LimitCycle",
    "LyapunovEnsemble",
    "LyapunovMap",
    "LyapunovSpectrum",
    "MeanField",
    "NormalForm",
    "Nullcline",
    "PhasePortrait",
    "PoincareMap",
    "PointKind",
    "Response",
    "Separatrices",
    "SlowPoints",
    "SpecialPoint",
    "Stability",
    "StroboscopicMap",
    "SweepDiagram",
    "basin_sweep",
    "basins",
    "bifurcation_curve",
    "classify",
    "edge_state",
    "energy_along",
    "energy_landscape",
    "energy_surface",
    "entropy_rate",
    "find_attractors",
    "finite_time_field",
    "finite_time_lyapunov",
    "fixed_point_branch",
    "fixed_points",
    "kaplan_yorke_dimension",
    "largest_lyapunov_exponent",
    "limit_cycle",
    "linear_stability",
    "lyapunov_ensemble",
    "lyapunov_map",
    "lyapunov_spectrum",
    "mean_field_lyapunov",
    "normal_form",
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
