"""Activation functions: values, derivatives, inverses and potentials, each written once."""

from neurodynamics.activations.catalogue import ACTIVATIONS, LOGISTIC, TANH, Activation, activation

__all__ = [
    "ACTIVATIONS",
    "LOGISTIC",
    "TANH",
    "Activation",
    "activation",
]
