"""From a system to a trajectory or an ensemble, and to its record."""

from neurodynamics.simulation.discretisation import DiscretisedSystem, discretise
from neurodynamics.simulation.ensemble import Ensemble, simulate_ensemble
from neurodynamics.simulation.member_arguments import members_of
from neurodynamics.simulation.method_choice import why_not_taylor
from neurodynamics.simulation.population_rows import (
    check_method,
    check_steps,
    check_template,
    motor_weights_of,
    parameter_rows,
)
from neurodynamics.simulation.prepared import PreparedRun
from neurodynamics.simulation.runs import STATUS
from neurodynamics.simulation.saved import load_ensemble, load_network, load_solution
from neurodynamics.simulation.scipy_solvers import state_at_end
from neurodynamics.simulation.sliding import Sliding, jumps_between, sliding_at
from neurodynamics.simulation.solution import DenseOutput, Solution
from neurodynamics.simulation.trajectory import Limits, simulate

__all__ = [
    "STATUS",
    "DenseOutput",
    "DiscretisedSystem",
    "Ensemble",
    "Limits",
    "PreparedRun",
    "Sliding",
    "Solution",
    "check_method",
    "check_steps",
    "check_template",
    "discretise",
    "jumps_between",
    "load_ensemble",
    "load_network",
    "load_solution",
    "members_of",
    "motor_weights_of",
    "parameter_rows",
    "simulate",
    "simulate_ensemble",
    "sliding_at",
    "state_at_end",
    "why_not_taylor",
]
