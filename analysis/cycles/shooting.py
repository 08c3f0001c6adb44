"""Multiple shooting: a cycle of a flow, from a rough one to rounding.

The period T is cut into S equal parts. Unknown are the states x[0], .., x[S-1] at their starts, and T:

    phi(x[s], T/S) - x[s+1] = 0 (cyclic),    f_i(x[0]) = 0,

where the last one fixes the phase: state i is at an extremum; an angle, which may have none, stays where it is. Newton's
method with the variational equation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from analysis.common import evaluate_at
from analysis.cycles.transport import RTOL, transport
from neurodynamics import DynamicalSystem
from neurodynamics.inputs import Inputs
from neurodynamics.validation import Floats

ITERATIONS = 25
ROUNDING = 50.0  # units of rtol, relative to the size of the states: where Newton's method is done
GROWTH_OF_A_PART = 2.0  # logarithm of what a part may grow or shrink by
LEAST_PARTS, MOST_PARTS, MOST_UNKNOWNS = 4, 60, 1500
SINGULAR = 1e-11  # inverse condition: there is a continuum of cycles, along which nothing is changed
LONGEST_STEP = 0.5  # of the extent of the cycle, or of its period


@dataclass(frozen=True, eq=False)
class Shot:
    """A closed orbit: starts of its parts (S, N), their tangent matrices (S, N, N), and how well they join."""

    x: Floats
    period: float
    tangent: Floats
    trace: float
    residual: float
    iterations: int
    converged: bool


def parts_for(system: DynamicalSystem, states: Floats, drive: Floats, period: float) -> int:
    """Return how many parts keep growth and decay within each of them small, for states (K, N) along the orbit."""
    rates = np.abs(np.linalg.eigvals(evaluate_at(system, "jac", states, drive)).real).max(axis=1)
    wanted = int(np.ceil(period * float(np.mean(rates)) / GROWTH_OF_A_PART))
    return int(np.clip(wanted, LEAST_PARTS, max(LEAST_PARTS, min(MOST_PARTS, MOST_UNKNOWNS // system.state_dim))))


def shoot(
    system: DynamicalSystem,
    x: Floats,
    period: float,
    state: int,
    drive: Inputs,
    *,
    rtol: float = RTOL,
    deadline: float | None = None,
) -> Shot:
    """Refine a closed orbit from the starts x (S, N) of its parts; `state` is that whose extremum is at time 0.

    Raises
    ------
    Unreachable
        Where an iterate diverges or the time is up.
    """
    parts = len(x)
    extent = float(np.linalg.norm(np.ptp(x, axis=0)))
    best: Shot | None = None
    for iteration in range(ITERATIONS):
        ends = transport(system, x, period / parts, drive, rtol=rtol, deadline=deadline)
        gaps = system.angles.difference(ends.y, np.roll(x, -1, axis=0))
        residual = float(np.abs(gaps).max())
        shot = Shot(x, period, ends.tangent, float(ends.trace.sum()), residual, iteration, False)
        if not np.isfinite(residual):
            break
        done = residual <= ROUNDING * rtol * (1.0 + float(np.abs(x).max()))
        stalled = best is not None and done and residual >= 0.5 * best.residual
        if best is None or residual < best.residual:
            best = shot
        if stalled or residual == 0.0:
            return Shot(**{**vars(best), "converged": True})
        step, longer = _newton(system, x, ends.y, ends.tangent, gaps, period, state, drive.base)
        size = max(float(np.linalg.norm(step, axis=1).max()) / extent, abs(longer) / period)
        factor = min(1.0, LONGEST_STEP / size) if size > 0 else 1.0
        if not np.isfinite(size) or period + factor * longer <= 0:
            break
        x, period = x + factor * step, period + factor * longer
    assert best is not None
    done = best.residual <= ROUNDING * rtol * (1.0 + float(np.abs(best.x).max()))
    return Shot(**{**vars(best), "converged": done})


def _newton(
    system: DynamicalSystem, x: Floats, ends: Floats, tangent: Floats, gaps: Floats, period: float, state: int, drive: Floats
) -> tuple[Floats, float]:
    """Return the changes of the states (S, N) and of the period, which is measured in periods: units do not matter."""
    parts, n = x.shape
    size = parts * n
    matrix = np.zeros((size + 1, size + 1))
    speeds = evaluate_at(system, "rhs", ends, drive)
    for s in range(parts):
        rows = slice(s * n, (s + 1) * n)
        after = (s + 1) % parts
        matrix[rows, rows] += tangent[s]
        matrix[rows, after * n : (after + 1) * n] -= np.eye(n)
        matrix[rows, size] = speeds[s] * (period / parts)
    held = state in system.angles.states
    slope = np.eye(n)[state] if held else system.jac(0.0, x[0], drive)[state]
    unit = max(float(np.abs(slope).max()), 1e-300)
    matrix[size, :n] = slope / unit
    right = np.append(-gaps.ravel(), 0.0 if held else -system.rhs(0.0, x[0], drive)[state] / unit)
    factors, pivots, _ = lapack.dgetrf(matrix)
    inverse_condition, _ = lapack.dgecon(factors, np.abs(matrix).sum(axis=0).max())
    if inverse_condition > SINGULAR:
        change, _ = lapack.dgetrs(factors, pivots, right)
    else:
        change = np.linalg.lstsq(matrix, right, rcond=SINGULAR)[0]
    return change[:size].reshape(parts, n), period * float(change[size])
