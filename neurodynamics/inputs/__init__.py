"""What drives a system: signals that know where they jump, and random numbers."""

from neurodynamics.inputs.random import fill_normal, key_from, normal_pair, philox, uniform_pair
from neurodynamics.inputs.saved import input_parts, restored_inputs
from neurodynamics.inputs.signals import (
    SINE,
    TRAIN,
    Inputs,
    Pulse,
    PulseTrain,
    Ramp,
    Sampled,
    Signal,
    Sine,
    Step,
    evaluate_inputs,
    input_coefficients,
)

__all__ = [
    "SINE",
    "TRAIN",
    "Inputs",
    "Pulse",
    "PulseTrain",
    "Ramp",
    "Sampled",
    "Signal",
    "Sine",
    "Step",
    "evaluate_inputs",
    "fill_normal",
    "input_coefficients",
    "input_parts",
    "key_from",
    "normal_pair",
    "philox",
    "restored_inputs",
    "uniform_pair",
]
