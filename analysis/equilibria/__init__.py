"""Fixed points: all of them with proof where the structure allows it, their stability, slow points."""

from analysis.equilibria.certified import Unresolved, enclose_equilibria
from analysis.equilibria.certified.relaxation import evaluate, is_relaxable, relaxation
from analysis.equilibria.equal_neurons import Classes, classes_of, is_odd, removed_of, rises
from analysis.equilibria.given_points import as_points_of
from analysis.equilibria.large import LargeFixedPoint, fixed_point_near
from analysis.equilibria.linearisation import PointKind, Stability, linear_stability, stability
from analysis.equilibria.multistart import Found, Multistart
from analysis.equilibria.net_inputs import NetInputs, why_not_certified
from analysis.equilibria.overlaps import Overlaps
from analysis.equilibria.saturation import ActiveRegion, active_region
from analysis.equilibria.search import FixedPoints, fixed_points, none_yet
from analysis.equilibria.slow import SlowPoints, slow_points
from analysis.equilibria.starts import draw_starts

__all__ = [
    "ActiveRegion",
    "Classes",
    "FixedPoints",
    "Found",
    "LargeFixedPoint",
    "Multistart",
    "NetInputs",
    "Overlaps",
    "PointKind",
    "SlowPoints",
    "Stability",
    "Unresolved",
    "active_region",
    "as_points_of",
    "classes_of",
    "draw_starts",
    "enclose_equilibria",
    "evaluate",
    "fixed_point_near",
    "fixed_points",
    "is_odd",
    "is_relaxable",
    "linear_stability",
    "none_yet",
    "relaxation",
    "removed_of",
    "rises",
    "slow_points",
    "stability",
    "why_not_certified",
]
