"""Bifurcations: branches, special points, curves and charts of flows and maps."""

from __future__ import annotations

from analysis.bifurcations.bifurcation_curve import BifurcationCurve, bifurcation_curve
from analysis.bifurcations.fixed_point_branch import FixedPointBranch, fixed_point_branch
from analysis.bifurcations.normal_form import normal_form
from analysis.bifurcations.records import NormalForm, SpecialPoint

__all__ = [
    "BifurcationCurve",
    "FixedPointBranch",
    "NormalForm",
    "SpecialPoint",
    "bifurcation_curve",
    "fixed_point_branch",
    "normal_form",
]
