"""Cycles that trajectories show by themselves: stiff ones, and those that pass near planes which nothing crosses.

Where a turn contracts strongly, the next one repeats it to the tolerance of the integration, and shooting has nothing to
add: its tangent matrices would span hundreds of orders of magnitude.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.cycles.closing import Turn
from analysis.cycles.floquet import Product, eigenvalues_of_product
from analysis.cycles.magnus import transverse
from neurodynamics import DynamicalSystem, Solution
from neurodynamics.validation import Floats

TURNS = 8  # that a trajectory may take to repeat itself
CLOSED = 1e-7  # of the extent, and of the period: how closely it must
LONGER = 1.3  # periods: a run that surely holds a turn
CONTRACTING = 0.3  # the largest other multiplier of a cycle that needs no shooting
FEW_STEPS = 8  # of a turn: fewer show nothing


@dataclass(frozen=True, eq=False)
class DrawnIn:
    """A closed orbit as a trajectory shows it: its turn, by how much it misses itself, and its multipliers."""

    sol: Callable[[Floats], Floats]
    t: Floats  # (T,), from 0 to the period
    residual: float
    product: Product
    trace: float

    @property
    def period(self) -> float:
        """How long a turn takes."""
        return float(self.t[-1])


def drawn_in(
    system: DynamicalSystem, run: Callable[[Floats, float], Solution], turn: Turn, drive: Floats, signed: np.ndarray
) -> DrawnIn | None:
    """Return the orbit that trajectories are drawn into, from a turn that nearly closes; None where they hardly are.

    ``run(state, duration)`` integrates, with dense output; `signed` are the states that keep their sign.
    """
    state = turn.parts_from_extremum(int(np.argmax(np.ptp(turn.sampled, axis=0))), 1)[0]
    period, before = turn.period, np.inf
    for _ in range(TURNS):
        found = _next_turn(system, run(state, LONGER * period), state, period, drive)
        if found is None:
            return None
        gap = max(found.gap, abs(found.period - period) / period)
        state, period = found.state, found.period
        if gap <= CLOSED and gap >= 0.1 * before:
            return _with_multipliers(system, found, drive, signed)
        before = gap
    return _with_multipliers(system, found, drive, signed) if found is not None and gap <= CLOSED else None


@dataclass(frozen=True, eq=False)
class _Turn:
    """A turn from the start of a run: the state at its end, and by how much of the extent it misses the start."""

    run: Solution
    state: Floats
    period: float
    gap: float
    missed: float


def _next_turn(system: DynamicalSystem, run: Solution, start: Floats, period: float, drive: Floats) -> _Turn | None:
    """Return the turn from the start of a run back to the plane across it, after about a period."""
    if not run.success or run.sol is None or len(run.t) < FEW_STEPS:
        return None
    angles = system.angles
    normal = angles.carry(start, system.rhs(0.0, start, drive))
    normal = normal / max(float(np.linalg.norm(normal)), 1e-300)
    x, origin = angles.embed(run.y.T), angles.embed(start)
    height = (x - origin) @ normal
    rising = np.flatnonzero((height[:-1] < 0) & (height[1:] >= 0))
    rising = rising[(run.t[rising + 1] > period / LONGER) & (run.t[rising] < LONGER * period)]
    if not rising.size:
        return None
    extent = float(np.linalg.norm(np.ptp(x, axis=0)))
    k = int(rising[np.argmin(np.linalg.norm(x[rising] - origin, axis=1))])
    low, high = run.t[k], run.t[k + 1]
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if normal @ (angles.embed(run.sol(middle)) - origin) >= 0 else (middle, high)
    state = run.sol(high)
    missed = angles.difference(state, start)
    gap = float(np.linalg.norm(missed)) / max(extent, 1e-300)
    return _Turn(run, state, float(high), gap, float(np.abs(missed).max()))


def _with_multipliers(system: DynamicalSystem, found: _Turn, drive: Floats, signed: np.ndarray) -> DrawnIn | None:
    """Return the orbit with its multipliers, of which one is 1; None where the others do not contract enough."""
    t = np.append(found.run.t[found.run.t < found.period], found.period)
    across, trace = transverse(system, found.run.sol, t, drive, signed)
    if not np.isfinite(across).all():
        return None
    others = eigenvalues_of_product(across)
    logs = np.array([trace]) if system.state_dim == 2 else others.log_moduli
    if logs.max(initial=-np.inf) > np.log(CONTRACTING):
        return None
    values = np.exp(logs).astype(complex) if system.state_dim == 2 else others.eigenvalues
    product = Product(np.append(1.0 + 0.0j, values), np.append(0.0, logs), float(logs.sum()))
    return DrawnIn(found.run.sol, t, found.missed, product, trace)
