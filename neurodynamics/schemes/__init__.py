"""Methods of integration as data: tableaus, the table of methods, the largest stable steps."""

from neurodynamics.schemes.rodas import COUPLING, GAMMA, TIME
from neurodynamics.schemes.step_bounds import check_step, max_stable_step
from neurodynamics.schemes.table import METHODS, Method, method_named
from neurodynamics.schemes.tableaus import EULER, Tableau

__all__ = [
    "COUPLING",
    "EULER",
    "GAMMA",
    "METHODS",
    "TIME",
    "Method",
    "Tableau",
    "check_step",
    "max_stable_step",
    "method_named",
]
