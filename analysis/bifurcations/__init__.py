"""Bifurcations: branches, special points, curves and charts of flows and maps."""

from __future__ import annotations

from analysis.bifurcations.bifurcation_chart import BifurcationChart, bifurcation_chart
from analysis.bifurcations.bifurcation_curve import BifurcationCurve, bifurcation_curve
from analysis.bifurcations.bifurcation_diagram import BifurcationDiagram, bifurcation_diagram
from analysis.bifurcations.bifurcation_sets import BifurcationSets, bifurcation_sets
from analysis.bifurcations.cycle_branch import cycle_branch
from analysis.bifurcations.cycle_record import CycleBranch
from analysis.bifurcations.fixed_point_branch import FixedPointBranch, fixed_point_branch
from analysis.bifurcations.normal_form import normal_form
from analysis.bifurcations.records import NormalForm, SpecialPoint

__all__ = [
    "BifurcationChart",
    "BifurcationCurve",
    "BifurcationDiagram",
    "BifurcationSets",
    "CycleBranch",
    "FixedPointBranch",
    "NormalForm",
    "SpecialPoint",
    "bifurcation_chart",
    "bifurcation_curve",
    "bifurcation_diagram",
    "bifurcation_sets",
    "cycle_branch",
    "fixed_point_branch",
    "normal_form",
]
