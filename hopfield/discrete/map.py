"""Discrete networks as maps of the contract: one sweep is one step."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats


def sweep_in_order(t, y, u, params, out):  # type: ignore[no-untyped-def]
    """Unit after unit follows the sign of its field; what changed is seen by the next."""
    n = y.size
    low = params[n * n + 2 * n]
    for i in range(n):
        out[i] = y[i]
    for i in range(n):
        h = params[n * n + i]
        for j in range(n):
            h += params[j * n + i] * out[j]
        tie = params[n * n + n + i]
        if h > tie:
            out[i] = 1.0
        elif h < -tie:
            out[i] = low


def all_at_once(t, y, u, params, out):  # type: ignore[no-untyped-def]
    """All units follow the signs of the fields of one state."""
    n = y.size
    low = params[n * n + 2 * n]
    for i in range(n):
        out[i] = params[n * n + i]
    for j in range(n):
        for i in range(n):
            out[i] += params[j * n + i] * y[j]
    for i in range(n):
        h, tie = out[i], params[n * n + n + i]
        out[i] = 1.0 if h > tie else (low if h < -tie else y[i])


def energy(y, u, params):  # type: ignore[no-untyped-def]
    """E = -s.Ws/2 - bias.s."""
    n = y.size
    total = 0.0
    for j in range(n):
        for i in range(n):
            total -= 0.5 * y[i] * params[j * n + i] * y[j]
        total -= params[n * n + j] * y[j]
    return total / params[n * n + 2 * n + 1]


SWEEPS = {"sequential": sweep_in_order, "synchronous": all_at_once}


def as_map(
    update: str, numerators: Floats, bias: Floats, low: float, tie: Floats, scale: float, symmetric: bool
) -> DynamicalSystem:
    """Return the map of a network with couplings ``numerators / scale``, fields in the same units."""
    params: dict[str, Any] = {"numerators": numerators, "bias": bias, "tie": tie, "low": low, "scale": scale}
    given: dict[str, Any] = {"energy": energy} if symmetric else {}
    return DynamicalSystem(SWEEPS[update], int(np.size(bias)), params, kind="map", **given)
