"""Transverse tangent matrices of a known closed orbit by exponentials, for equations too stiff for explicit steps.

On an interval h, with the Jacobians J1, J2 at its two Gauss points, the variational equation is solved to order 4 by

    exp( h (J1 + J2) / 2  +  sqrt(3) h^2 [J2, J1] / 12 ),

which contracts by what it should however large h times a rate is. States that keep their sign are measured by their
logarithms, ``J[i, j] y[j] / y[i] - delta[i, j] f[i] / y[i]``, which leaves multipliers as they are: near a plane that
nothing crosses, tangents in the states themselves grow and shrink by as much as the states do. The direction of the flow,
whose multiplier is 1, is left out.

References
----------
.. [1] Blanes, Casas, Oteo & Ros (2009), Phys. Rep. 470, 151.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.common import exponentials, jacobians_at, residuals_at
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats

GAUSS = 0.5 + np.array([-1.0, 1.0]) / np.sqrt(12.0)
INTERVALS = 4000  # of a turn


class Transverse(NamedTuple):
    """Tangent matrices (S, N - 1, N - 1) across the flow, and the integral of the trace of J over a turn."""

    matrices: Floats
    trace: float


def transverse(system: DynamicalSystem, sol: Any, times: Floats, drive: Floats, signed: np.ndarray) -> Transverse:
    """Return the tangents of a closed orbit, between times that follow its steps; `signed` states by their logarithms."""
    edges = _about(times, INTERVALS)
    steps = np.diff(edges)
    h = steps[:, np.newaxis, np.newaxis]
    first, second = (_jacobians(system, _states(sol, edges[:-1] + share * steps), drive, signed) for share in GAUSS)
    mean = 0.5 * (first + second)
    bracket = np.sqrt(3.0) / 12.0 * h**2 * (second @ first - first @ second)
    frames = _frames(system, _states(sol, edges[:-1]), drive, signed)
    matrices = np.swapaxes(np.roll(frames, -1, axis=0), 1, 2) @ exponentials(h * mean + bracket) @ frames
    return Transverse(matrices, float((steps * np.trace(mean, axis1=1, axis2=2)).sum()))


def _states(sol: Any, times: Floats) -> Floats:
    return np.ascontiguousarray(sol(times).T)


def _frames(system: DynamicalSystem, y: Floats, drive: Floats, signed: np.ndarray) -> Floats:
    """Return orthonormal vectors (K, N, N - 1) across the flow at states (K, N)."""
    flow = residuals_at(system, y, drive) / np.where(signed & (y != 0.0), y, 1.0)
    return np.linalg.qr(flow[:, :, np.newaxis], mode="complete")[0][:, :, 1:]


def _jacobians(system: DynamicalSystem, y: Floats, drive: Floats, signed: np.ndarray) -> Floats:
    """Return the Jacobians (K, N, N) at states (K, N), with the logarithms of signed states in their place."""
    J = jacobians_at(system, y, drive)
    if not signed.any():
        return J
    unit = np.where(signed & (y != 0.0), y, 1.0)  # what is zero for ever has no logarithm, and needs none
    own = np.where(signed & (y != 0.0), residuals_at(system, y, drive) / unit, 0.0)
    return J * unit[:, np.newaxis] / unit[:, :, np.newaxis] - own[:, :, np.newaxis] * np.eye(y.shape[1])


def _about(times: Floats, count: int) -> Floats:
    """Return about so many times, as dense as the given ones are."""
    return np.interp(np.linspace(0.0, len(times) - 1.0, count + 1), np.arange(len(times)), times)
