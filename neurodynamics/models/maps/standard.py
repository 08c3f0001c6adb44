"""Chirikov's standard map."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(k, y, u, params, out):
    """theta -> theta + p', p -> p' = p + K sin(theta)."""
    p = y[1] + params[0] * math.sin(y[0])
    out[0] = y[0] + p
    out[1] = p


@kernel
def jac(k, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    slope = params[0] * math.cos(y[0])
    out[0, 0], out[0, 1] = 1 + slope, 1.0
    out[1, 0], out[1, 1] = slope, 1.0


def standard_map(*, k: float = 0.971635) -> DynamicalSystem:
    """Return the standard map: ``p -> p + K sin(theta), theta -> theta + p`` with the new p.

    It keeps every area. Neither the angle theta nor the momentum p is wrapped. At the default, the last curve that
    separates high from low momenta breaks.

    Parameters
    ----------
    k : float
        Strength of the kicks, K.

    References
    ----------
    .. [1] Chirikov (1979), Phys. Rep. 52, 263.
    .. [2] Greene (1979), J. Math. Phys. 20, 1183.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> simulate(models.standard_map(k=0), 10, [0.0, 0.5]).final.tolist()
    [5.0, 0.5]
    """
    return DynamicalSystem(rhs, 2, {"k": k}, jac=jac, kind="map", angles=[0])
