"""The contract, activations and integrators that every package of this project stands on."""

from neurodynamics import models
from neurodynamics.activations import Activation, activation
from neurodynamics.closed_loop import Evaluation, Task, draw_normal, draw_uniform, evaluate
from neurodynamics.files import load
from neurodynamics.inputs import Pulse, PulseTrain, Ramp, Sampled, Signal, Sine, Step
from neurodynamics.schemes import METHODS
from neurodynamics.simulation import (
    DiscretisedSystem,
    Ensemble,
    Solution,
    discretise,
    load_ensemble,
    load_network,
    load_solution,
    simulate,
    simulate_ensemble,
)
from neurodynamics.status import DIVERGES, UNDECIDED, Interrupted, Kind, Status
from neurodynamics.systems import (
    AdditiveNetwork,
    CoupledSystem,
    DynamicalSystem,
    Linearisation,
    cascade,
    couple,
    delay_line,
    linearise,
    markov_modes,
    mask,
    switch,
    unroll,
)

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
    "Linearisation",
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
    "cascade",
    "couple",
    "delay_line",
    "discretise",
    "draw_normal",
    "draw_uniform",
    "evaluate",
    "linearise",
    "load",
    "load_ensemble",
    "load_network",
    "load_solution",
    "markov_modes",
    "mask",
    "models",
    "simulate",
    "simulate_ensemble",
    "switch",
    "unroll",
]
