"""Sampling box, escape radius and unit of time of a search for attractors."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.common import jacobians_at, residuals_at
from analysis.lyapunov import slowest_time
from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.validation import Floats, as_count, as_floats

ESCAPE = 1e3  # sizes of the box: how far away a state of an unbounded system has diverged
SLOWEST = 1e-12  # a rate below is none
PROBES = 64  # states at which the rates of a system are looked at


def as_rows(box: Any, n: int) -> Floats | None:
    """Return a box as N rows (least, largest), or None; a single row stands for all."""
    if box is None:
        return None
    array = as_floats(box, "box")
    if array.shape == (2,):
        array = np.tile(array, (n, 1))
    if array.shape != (n, 2) or not (array[:, 0] < array[:, 1]).all():
        raise ValueError(f"`box` must be {n} rows (least, largest), one a state, or one for all; got {array.tolist()}.")
    return array


def samples_in(window: Floats, samples: Any, rng: np.random.Generator) -> Floats:
    """Return so many random states of the box, or the states that were given, (K, N)."""
    n = len(window)
    if np.ndim(samples) == 0:
        count = as_count(samples, "samples")
        return rng.uniform(window[:, 0], window[:, 1], (count, n))
    states = as_floats(samples, "samples")
    if states.ndim != 2 or states.shape[1] != n:
        raise ValueError(f"`samples` must be a number, or states of shape (K, {n}); got {states.shape}.")
    return states


def escape_radius(system: DynamicalSystem, window: Floats) -> float:
    """Return how large an element of a state must be for it to have diverged; infinity where a box traps everything."""
    bounded = isinstance(system, AdditiveNetwork) and np.isfinite(system.activation.range).all()
    if bounded and (system.leaks > 0).all():  # type: ignore[attr-defined]
        return np.inf
    return ESCAPE * float(np.abs(window).max() + np.ptp(window, axis=1).max())


def unit_of_time(system: DynamicalSystem, drive: Floats, window: Floats, rng: np.random.Generator) -> float:
    """Return a time in which the system changes noticeably."""
    if system.kind == "map":
        return 1.0
    if isinstance(system, AdditiveNetwork):
        return slowest_time(system)
    probes = rng.uniform(window[:, 0], window[:, 1], (PROBES, len(window)))
    with np.errstate(all="ignore"):
        J, f = jacobians_at(system, probes, drive), residuals_at(system, probes, drive)
        fine = np.isfinite(J).all(axis=(1, 2)) & np.isfinite(f).all(axis=1)
        rates = np.abs(np.linalg.eigvals(J[fine]))
        rates = np.exp(np.log(np.maximum(rates, 1e-9 * rates.max(initial=1e-300))).mean(axis=1))
        rates = np.maximum(rates, np.abs(f[fine] / np.ptp(window, axis=1)).max(axis=1))
    typical = float(np.median(rates)) if rates.size else 0.0
    return 1.0 / typical if typical > SLOWEST else 1.0
