"""Homoclinic orbits in the plane: the gap between the unstable and the stable manifold of a saddle.

Both are followed from the saddle to a line across the orbit, far away from it. The gap there, a smooth function of the
parameter with a simple zero, says nothing of periods: it is a check on what a branch of cycles leads to, and more exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bifurcations.cycles.point import CyclePoint
from analysis.bifurcations.family import Family
from neurodynamics import DynamicalSystem, simulate
from neurodynamics.validation import Floats

OFFSET = 1e-6  # of the size of the cycle: first step along an eigenvector, off the manifold by about its square
TOLERANCE = 1e-13
SECANTS, PROBE, CLOSE = 12, 1e-7, 1e-13
PIECES = 4  # how often the time is doubled to reach the line


def homoclinic_value(family: Family, point: CyclePoint, saddle: Floats, value: float) -> float | None:
    """Return the value at which the gap closes, near one that a branch of cycles led to; None where it does not.

    Parameters
    ----------
    point : CyclePoint
        A long cycle beside the homoclinic orbit.
    saddle : array, shape (2,)
        The saddle, roughly.
    """
    y = point.u.stages.reshape(-1, 2)
    far = y[np.argmax(np.linalg.norm(y - saddle, axis=1))]
    scale = float(point.metric.widths[0])
    before, gap_before = value, manifold_gap(family, point, saddle, far, value)
    now = value + PROBE * scale
    for _ in range(SECANTS):
        gap = manifold_gap(family, point, saddle, far, now)
        if gap is None or gap_before is None or gap == gap_before:
            return None
        step = -gap * (now - before) / (gap - gap_before)
        if not abs(step) < 1e-2 * scale:
            return None
        before, gap_before, now = now, gap, now + step
        if abs(step) <= CLOSE * max(1.0, abs(now)):
            return now
    return now if abs(step) < 1e-10 * scale else None


def manifold_gap(family: Family, point: CyclePoint, saddle: Floats, far: Floats, value: float) -> float | None:
    """Return the signed distance of the manifolds on the line through `far` across the flow; None where one misses it."""
    found = _saddle(family, saddle, value)
    if found is None:
        return None
    x, directions, rates = found
    system, drive = family.at(np.append(x, value))
    along = system.rhs(0.0, far, drive)
    along = along / np.linalg.norm(along)
    hits = []
    for sign, vector, rate in zip((1.0, -1.0), directions, rates, strict=True):
        side = np.sign(vector @ (_nearest_passage(point, x, sign) - x)) or 1.0
        start = x + OFFSET * point.metric.size * side * vector
        hits.append(_hit(system, drive, start, sign * 1.5 * np.log(1 / OFFSET) / rate, far, along))
    if hits[0] is None or hits[1] is None:
        return None
    across = np.array([-along[1], along[0]])
    return float(across @ (hits[0] - hits[1]))


def _saddle(family: Family, x: Floats, value: float) -> tuple[Floats, list[Floats], list[float]] | None:
    """The saddle, its unstable and its stable direction, and their rates."""
    for _ in range(20):
        F, D = family(np.append(x, value))
        step = np.linalg.solve(D[:, :2], F)
        x = x - step
        if np.abs(step).max() < 1e-14 * (1 + np.abs(x).max()):
            break
    eigenvalues, vectors = np.linalg.eig(family(np.append(x, value))[1][:, :2])
    order = np.argsort(-eigenvalues.real)
    rates = eigenvalues[order].real
    if np.iscomplexobj(vectors) or not rates[0] > 0 > rates[1]:
        return None
    return x, [vectors[:, k] for k in order], [float(rates[0]), float(-rates[1])]


def _nearest_passage(point: CyclePoint, x: Floats, sign: float) -> Floats:
    """A state of the cycle a little after it has passed the saddle (sign 1), or before (-1)."""
    y = point.u.x
    distances = np.linalg.norm(y - x, axis=1)
    k, outside = int(np.argmin(distances)), 0.05 * point.metric.size
    for _ in range(len(y)):
        if distances[k] > outside:
            break
        k = (k + int(sign)) % len(y)
    return y[k]


def _hit(system: DynamicalSystem, drive: Floats, start: Floats, duration: float, far: Floats,
         along: Floats) -> Floats | None:  # fmt: skip
    """Where a trajectory crosses the line, nearest to `far`."""
    for _ in range(PIECES):
        run = simulate(system, (0.0, duration), start, inputs=drive, method="dop853", rtol=TOLERANCE, atol=TOLERANCE,
                       dense_output=True)  # fmt: skip
        if not run.success:
            return None
        times = np.linspace(0.0, duration, 4000)
        y = run.sol(times).T
        height = (y - far) @ along
        crossings = np.flatnonzero(height[:-1] * height[1:] < 0)
        near = crossings[np.linalg.norm(y[crossings] - far, axis=1) < 0.5 * np.linalg.norm(start - far)]
        if near.size:
            return _polished(run.sol, times[near[0]], times[near[0] + 1], far, along)
        duration *= 2
    return None


def _polished(sol: Any, low: float, high: float, far: Floats, along: Floats) -> Floats:
    below = (sol(low) - far) @ along
    for _ in range(60):
        middle = 0.5 * (low + high)
        height = (sol(middle) - far) @ along
        low, high = (middle, high) if height * below > 0 else (low, middle)
    return sol(0.5 * (low + high))
