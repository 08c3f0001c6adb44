"""The time scale of a system: in which durations, pieces and patience are measured, so that units of time do not matter."""

from __future__ import annotations

import numpy as np

from analysis.common.at_points import jacobians_at, residuals_at
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats

SLOW = 3.0  # times the typical time constant: the slower motion matters
LEAST = 1e-9  # of the fastest rate: a slower one is none


def slowest_time(
    system: DynamicalSystem, drive: Floats | None = None, states: Floats | None = None, *, stiff: bool = False
) -> float:
    """Return the slowest time constant of a network; of other flows, a few typical ones at states (K, N); of a map 1.

    Of a `stiff` flow, the slowest one: it is what the others wait for.
    """
    if system.kind == "map":
        return 1.0
    network = system.structure("additive")
    if network is not None:
        return float(np.max(network.time_constants, initial=0.0)) or 1.0
    if states is None or not states.size:
        return 1.0
    size = np.full(system.state_dim, np.inf)
    size[system.angles.states] = system.angles.periods / (2 * np.pi)
    rate = typical_rate(system, np.zeros(system.input_dim) if drive is None else drive, states, size, slowest=stiff)
    return SLOW / rate if rate > 0 else 1.0


def typical_rate(
    system: DynamicalSystem, drive: Floats, states: Floats, size: Floats | float, *, slowest: bool = False
) -> float:
    """Return the median, over states (K, N), of the mean logarithmic rate, or of the `slowest`; 0 where nothing moves.

    Rates are moduli of the eigenvalues of the Jacobian; where it moves faster, those in which f crosses a size (N,).
    """
    with np.errstate(all="ignore"):
        J, f = jacobians_at(system, states, drive), residuals_at(system, states, drive)
        fine = np.isfinite(J).all(axis=(1, 2)) & np.isfinite(f).all(axis=1)
        if not fine.any():
            return 0.0
        rates = np.abs(np.linalg.eigvals(J[fine]))
        least = np.maximum(LEAST * rates.max(initial=0.0), 1e-300)
        rates = np.maximum(rates, least)
        rates = rates.min(axis=1) if slowest else np.exp(np.log(rates).mean(axis=1))
        rates = np.maximum(rates, np.abs(f[fine] / size).max(axis=1, initial=0.0))
    typical = float(np.median(rates))
    return typical if typical > 1e-200 else 0.0
