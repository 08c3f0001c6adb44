"""Activation functions: values, derivatives, inverses and potentials, each written once."""

from neurodynamics.activations.catalogue import ACTIVATIONS, Activation, activation

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "activation",
]
