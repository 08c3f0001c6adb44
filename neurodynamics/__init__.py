"""The contract, activations and integrators that every package of this project stands on."""

from neurodynamics.activations import Activation, activation
from neurodynamics.additive import AdditiveNetwork
from neurodynamics.ensemble import Ensemble, simulate_ensemble
from neurodynamics.methods import METHODS
from neurodynamics.signals import Pulse, PulseTrain, Ramp, Sampled, Signal, Sine, Step
from neurodynamics.simulate import simulate
from neurodynamics.solution import Solution
from neurodynamics.status import DIVERGES, UNDECIDED, Interrupted, Kind, Status
from neurodynamics.system import DynamicalSystem

__all__ = [
    "DIVERGES",
    "METHODS",
    "UNDECIDED",
    "Activation",
    "AdditiveNetwork",
    "DynamicalSystem",
    "Ensemble",
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
    "activation",
    "simulate",
    "simulate_ensemble",
]
