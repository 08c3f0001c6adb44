"""Bifurcations: branches, special points, curves and charts of flows and maps."""

from __future__ import annotations

from analysis.bifurcations.curve_record import BifurcationCurve
from analysis.bifurcations.curves import bifurcation_curve
from analysis.bifurcations.cycles.branches import cycle_branch
from analysis.bifurcations.cycles.record import CycleBranch
from analysis.bifurcations.diagrams import BifurcationDiagram, bifurcation_diagram
from analysis.bifurcations.following import curve as _curve  # what special points do is registered there
from analysis.bifurcations.forms.coefficients import normal_form
from analysis.bifurcations.parameters import Parameter, system_at
from analysis.bifurcations.planes.charts import BifurcationChart, bifurcation_chart
from analysis.bifurcations.planes.closed_form_sets import BifurcationSets, bifurcation_sets
from analysis.bifurcations.planes.reading_off import fold_net_inputs
from analysis.bifurcations.point_branches import FixedPointBranch, fixed_point_branch
from analysis.bifurcations.records import NormalForm, SpecialPoint

__all__ = [
    "BifurcationChart",
    "BifurcationCurve",
    "BifurcationDiagram",
    "BifurcationSets",
    "CycleBranch",
    "FixedPointBranch",
    "NormalForm",
    "Parameter",
    "SpecialPoint",
    "bifurcation_chart",
    "bifurcation_curve",
    "bifurcation_diagram",
    "bifurcation_sets",
    "cycle_branch",
    "fixed_point_branch",
    "fold_net_inputs",
    "normal_form",
    "system_at",
]
