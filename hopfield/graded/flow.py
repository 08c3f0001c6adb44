"""Recall along the flow itself, by the methods of integration; it tells whether the energy ever rose on the way."""

from __future__ import annotations

from typing import Any

import numpy as np

from hopfield.graded.descent import Progress
from neurodynamics.schemes import METHODS as ALL
from neurodynamics.simulation import Solution, simulate

METHODS = tuple(name for name, method in ALL.items() if method.family in ("adaptive", "taylor", "scipy"))
RTOL, ATOL = 1e-10, 1e-13  # far below the residuals that are asked for
WRITTEN_OUT = 10_000  # units; above, N x N parameters take more than 0.8 GB
FIRST_STRETCH = 8.0  # in units of the slowest leak; each one is twice as long as the last


def relax(network: Any, method: str, run: Progress, tolerance: float, max_time: float) -> None:
    """Integrate each probe, without noise, until ``max |du/dt| < tolerance``, or until ``max_time``."""
    system = network if network.state_dim <= WRITTEN_OUT else network.as_system()
    if system.has("diffusion"):
        system = system.with_params({"noise": np.zeros(network.state_dim)})
    with_energy = system.has("energy")
    rates = network.leak_rates[0]
    for k in np.flatnonzero(~run.at_rest):
        stretch = FIRST_STRETCH / rates if rates else FIRST_STRETCH
        while not (run.at_rest[k] or run.stop[0]) and run.times[k] < max_time:
            stretch = min(stretch, max_time - run.times[k])
            part = simulate(system, stretch, run.states[k], method=method, rtol=RTOL, atol=ATOL)
            _add(run, int(k), part, system, with_energy)
            run.at_rest[k] = run.residuals[k] < tolerance
            stretch *= 2
            if not part.success:
                break


def _add(run: Progress, k: int, part: Solution, system: Any, with_energy: bool) -> None:
    run.states[k] = part.final
    run.steps[k] += part.steps
    run.times[k] += part.t[-1]
    run.residuals[k] = np.abs(system.rhs(part.t[-1], part.final)).max()
    if with_energy:
        run.rise[k] = max(run.rise[k], np.diff(part.energies).max(initial=-np.inf))
