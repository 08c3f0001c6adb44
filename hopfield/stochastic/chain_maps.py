"""Glauber's and Little's dynamics as maps of the contract, driven by random numbers as inputs."""

from __future__ import annotations

import math
from typing import Any

from hopfield.checks import ALPHABETS
from hopfield.discrete import DiscreteHopfield
from neurodynamics import DynamicalSystem
from neurodynamics.validation import as_choice, as_instance, as_number


def glauber_sweep(t, y, u, params, out):  # type: ignore[no-untyped-def]
    """Unit after unit: upper value where u_i (1 + exp(-jump (h_i - W_ii (s_i - middle)) / T)) < 1."""
    n = y.size
    low, T = params[n * n + n], params[n * n + n + 1]
    jump, middle = 1.0 - low, 0.5 * (1.0 + low)
    for i in range(n):
        out[i] = y[i]
    for i in range(n):
        h = params[n * n + i] - params[i * n + i] * (out[i] - middle)
        for j in range(n):
            h += params[j * n + i] * out[j]
        out[i] = 1.0 if u[i] * (1.0 + math.exp(min(-jump * h / T, 700.0))) < 1.0 else low


def little_step(t, y, u, params, out):  # type: ignore[no-untyped-def]
    """All at once: upper value where u_i (1 + exp(-jump h_i / T)) < 1."""
    n = y.size
    low, T = params[n * n + n], params[n * n + n + 1]
    for i in range(n):
        h = params[n * n + i]
        for j in range(n):
            h += params[j * n + i] * y[j]
        out[i] = 1.0 if u[i] * (1.0 + math.exp(min((low - 1.0) * h / T, 700.0))) < 1.0 else low


UPDATES = {"sequential": glauber_sweep, "synchronous": little_step}


def noisy_map(network: DiscreteHopfield, temperature: float, update: str = "sequential") -> DynamicalSystem:
    """Return a network at T > 0 as a map of the contract, a sweep a step, with a random number for each unit as input.

    Inputs drawn uniformly from 0 to 1, anew for each step, give the chain that :func:`stationary_law` is the law of; the
    constant 1/2 gives the network without noise. So one set of numbers can drive several states, or networks, at once.

    Parameters
    ----------
    network : DiscreteHopfield
    temperature : float
        Positive; also a parameter of the map.
    update : {"sequential", "synchronous"}
        Glauber's dynamics in the order of the units, or Little's.

    Examples
    --------
    >>> import numpy as np
    >>> from hopfield import DiscreteHopfield, noisy_map
    >>> from neurodynamics import Sampled, simulate
    >>> chain = noisy_map(DiscreteHopfield([[0, 1], [1, 0]]), 1.0)
    >>> numbers = Sampled(np.arange(1000), np.random.default_rng(0).random((2, 1000)))
    >>> s = simulate(chain, 1000, [1, 1], inputs=numbers).y
    >>> bool(abs((s[0] * s[1]).mean() - np.tanh(1.0)) < 0.1)
    True
    """
    as_instance(network, "network", DiscreteHopfield)
    T, rule = as_number(temperature, "temperature", positive=True), UPDATES[as_choice(update, "update", UPDATES)]
    low = float(ALPHABETS[network.values][0])
    params: dict[str, Any] = {"couplings": network.couplings.dense(), "bias": network.bias, "low": low, "temperature": T}
    given: dict[str, Any] = {"params": params, "input_dim": network.size, "kind": "map"}
    return DynamicalSystem(rule, network.size, **given)
