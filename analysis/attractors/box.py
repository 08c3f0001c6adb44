"""Sampling box, escape radius and unit of time of a search for attractors."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.common import slowest_time, typical_rate
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats, as_count, as_floats, dimensions, require_room

ESCAPE = 1e3  # sizes of the box: how far away a state of an unbounded system has diverged
PROBES = 64  # states at which the rates of a system are looked at


def extent_of(window: Floats) -> Floats:
    """Return what a unit of each state is worth in a box (N, 2); of a state held at one value, what the others are."""
    size = np.ptp(window, axis=1)
    return np.where(size > 0, size, size.max(initial=0.0) or 1.0)


def as_samples(samples: Any, n: int) -> int | Floats:
    """Return how many random states are wanted, or the states that were given, (K, N)."""
    if dimensions(samples) == 0:
        count = as_count(samples, "samples")
        require_room(count * n, "samples")
        return count
    states = as_floats(samples, "samples")
    if states.ndim != 2 or states.shape[1] != n:
        raise ValueError(f"`samples` must be a number, or states of shape (K, {n}); got {states.shape}.")
    return states


def samples_in(window: Floats, samples: int | Floats, rng: np.random.Generator) -> Floats:
    """Return so many random states of the box, or the states that were given, (K, N)."""
    if isinstance(samples, int):
        return rng.uniform(window[:, 0], window[:, 1], (samples, len(window)))
    return samples


def escape_radius(system: DynamicalSystem, window: Floats) -> float:
    """Return how large an element of a state must be for it to have diverged; infinity where a box traps everything."""
    net = system.structure("additive")
    if net is not None and np.isfinite(net.activation.range).all() and (net.leaks > 0).all():
        return np.inf
    return ESCAPE * float(np.abs(window).max() + np.ptp(window, axis=1).max())


def unit_of_time(system: DynamicalSystem, drive: Floats, window: Floats, rng: np.random.Generator) -> float:
    """Return a time in which the system changes noticeably."""
    if system.kind == "map":
        return 1.0
    if system.structure("additive") is not None:
        return slowest_time(system)
    probes = rng.uniform(window[:, 0], window[:, 1], (PROBES, len(window)))
    rate = typical_rate(system, drive, probes, extent_of(window))
    return 1.0 / rate if rate > 0 else 1.0
