"""Discretisation bias of exponents: short stretches repeated with steps h and h/2."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.lyapunov import flow as F
from analysis.lyapunov.carrier import Carrier
from neurodynamics.validation import Floats

PROBES, PROBES_LOW_ORDER = 8, 48  # along a trajectory; more where the step matters
LOW_ORDER = 2
STEPS = 3  # of length h in a probe


def probe(carrier: Carrier) -> Floats:
    """Return the estimated error of the growth rates (k,) at this point of the trajectory.

    Both stretches start from the same state and vectors, so chaos has no time to part them; their difference is the error
    of the larger step up to the factor ``2^p / (2^p - 1)`` of Richardson.
    """
    scheme = carrier.scheme
    h = scheme.dt if not scheme.adaptive else min(float(carrier.clocks[0, F.H]), scheme.h_max)
    start = carrier.time
    edges = np.array([start, start + STEPS * h])
    coarse, fine = (_growth(carrier, edges, h / parts) for parts in (1, 2))
    richardson = 2.0**scheme.order / (2.0**scheme.order - 1.0)
    with np.errstate(invalid="ignore"):
        return richardson * (coarse - fine) / (edges[1] - edges[0])


def number_of_probes(order: int) -> int:
    """Return how many probes a method of that order deserves."""
    return PROBES_LOW_ORDER if order <= LOW_ORDER else PROBES


def _growth(carrier: Carrier, edges: Floats, h: float) -> Any:
    twin = Carrier(carrier.system, carrier.scheme.fixed(h), carrier.states, carrier.theta, carrier.drives,
                   product=carrier.product)  # fmt: skip
    twin.begin(edges[0])
    twin.set_vectors(carrier.vectors)
    growth, _ = twin.go(edges)
    return growth[0, 0]
