"""From a system to a trajectory or an ensemble, and to its record."""

from neurodynamics.simulation.delayed_runs import DelayedRun, method_for_delays, with_past
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
from neurodynamics.simulation.trajectory import Limits, plan_flow, simulate

__all__ = [
    "STATUS",
    "DelayedRun",
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
    "method_for_delays",
    "motor_weights_of",
    "parameter_rows",
    "plan_flow",
    "simulate",
    "simulate_ensemble",
    "sliding_at",
    "state_at_end",
    "why_not_taylor",
    "with_past",
]
