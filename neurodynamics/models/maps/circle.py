"""Arnold's map of the circle."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(k, y, u, params, out):
    """theta -> theta + omega - K / (2 pi) sin(2 pi theta)."""
    omega, strength = params
    out[0] = y[0] + omega - strength / (2 * math.pi) * math.sin(2 * math.pi * y[0])


@kernel
def jac(k, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    out[0, 0] = 1 - params[1] * math.cos(2 * math.pi * y[0])


def circle_map(*, omega: float = 0.4, k: float = 0.9) -> DynamicalSystem:
    """Return the circle map: ``theta -> theta + omega - K / (2 pi) sin(2 pi theta)``.

    The angle counts turns and is not wrapped, so its mean increase is the rotation number; that is 0 where
    ``|omega| <= K / (2 pi)``.

    Parameters
    ----------
    omega : float
        Turns in an iteration without the nonlinear term.
    k : float
        Strength of the nonlinear term, K; the map can be inverted below 1.

    References
    ----------
    .. [1] Arnold (1965), Am. Math. Soc. Transl. 46, 213.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> simulate(models.circle_map(omega=0.25, k=0), 8, [0.0]).final.tolist()
    [2.0]
    """
    return DynamicalSystem(rhs, 1, {"omega": omega, "k": k}, jac=jac, kind="map", angles={0: 1.0})
