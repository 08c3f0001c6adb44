"""The contract, activations and integrators that every package of this project stands on."""

from neurodynamics.activations import Activation, activation
from neurodynamics.additive import AdditiveNetwork
from neurodynamics.closed_loop import evaluate
from neurodynamics.coupling import CoupledSystem, couple
from neurodynamics.discretise import DiscretisedSystem, discretise
from neurodynamics.draws import draw_normal, draw_uniform
from neurodynamics.ensemble import Ensemble, simulate_ensemble
from neurodynamics.evaluation import Evaluation
from neurodynamics.files import load, load_ensemble, load_network, load_solution
from neurodynamics.methods import METHODS
from neurodynamics.signals import Pulse, PulseTrain, Ramp, Sampled, Signal, Sine, Step
from neurodynamics.simulate import simulate
from neurodynamics.solution import Solution
from neurodynamics.status import DIVERGES, UNDECIDED, Interrupted, Kind, Status
from neurodynamics.system import DynamicalSystem
from neurodynamics.task import Task

__all__ = [
    "DIVERGES",
    "METHODS",
    "UNDECIDED",
    "Activation",
    "AdditiveNetwork",
    "CoupledSystem",
    "DiscretisedSystem",
    "DynamicalSystem",
    "Ensemble",
    "Evaluation",
    "Interrupted",
    "Kind",
    "Pulse",
    "PulseTrain",
    "Ramp",
    "Sampled",
    "Signal",
    "Sine",
    "Solution",
    "Status",
    "Step",
    "Task",
    "activation",
    "couple",
    "discretise",
    "draw_normal",
    "draw_uniform",
    "evaluate",
    "load",
    "load_ensemble",
    "load_network",
    "load_solution",
    "simulate",
    "simulate_ensemble",
]
