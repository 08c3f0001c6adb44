"""Activation functions: values, derivatives, inverses and potentials, each written once."""

from neurodynamics.activations.catalogue import ACTIVATIONS, LOGISTIC, SOFTPLUS, TANH, Activation, activation

__all__ = [
    "ACTIVATIONS",
    "LOGISTIC",
    "SOFTPLUS",
    "TANH",
    "Activation",
    "activation",
]
