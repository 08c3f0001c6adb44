"""Activation functions: values, derivatives, inverses and potentials, each written once."""

from neurodynamics.activations.catalogue import (
    ACTIVATIONS,
    LINEAR,
    LOGISTIC,
    SOFTPLUS,
    TANH,
    Activation,
    activation,
)

__all__ = [
    "ACTIVATIONS",
    "LINEAR",
    "LOGISTIC",
    "SOFTPLUS",
    "TANH",
    "Activation",
    "activation",
]
