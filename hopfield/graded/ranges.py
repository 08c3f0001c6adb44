"""Couplings for outputs between other values than -1 and 1."""

from __future__ import annotations

import copy

import numpy as np

from hopfield.couplings import Block, Coupling
from neurodynamics import Activation
from neurodynamics.validation import Floats


def middle_and_half(activation: Activation) -> tuple[float, float]:
    """The middle and half the width of an activation's range; 0 and 1 where that is not bounded."""
    low, high = activation.range
    return ((low + high) / 2, (high - low) / 2) if np.isfinite(high - low) else (0.0, 1.0)


def for_outputs(coupling: Coupling, activation: Activation) -> tuple[Coupling, Floats]:
    """Return couplings and currents with which outputs of any range have the fields of units of +-1.

    With s = (V - middle) / half: ``W s = (W / half) V - W 1 middle / half``.
    """
    if not np.isfinite(activation.range).all():
        raise ValueError(
            f"a memory of patterns needs outputs between two values; the range of {activation.name!r} is "
            f"{activation.range}. Use 'tanh', 'arctangent', 'erf' or 'logistic'."
        )
    middle, half = middle_and_half(activation)
    scaled = rescaled(coupling, 1 / half)
    shift = scaled.product(np.full(coupling.shape[1], -middle)) if middle else np.zeros(coupling.size)
    return scaled, shift if coupling.bias is None else shift + coupling.bias


def rescaled(coupling: Coupling, factor: float) -> Coupling:
    """Return ``factor * W`` with the same numerators."""
    if factor == 1:
        return coupling
    if isinstance(coupling, Block):
        back = None if coupling.symmetric else rescaled(coupling.back, factor)
        return Block(rescaled(coupling.between, factor), back)
    other = copy.copy(coupling)
    other.scale = coupling.scale / factor
    return other
