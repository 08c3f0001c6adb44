"""Ikeda's map of light in a ring cavity."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(k, y, u, params, out):
    """z -> a + b z exp(i (kappa - alpha / (1 + |z|^2))), z = x + i y."""
    a, b, kappa, alpha = params
    phase = kappa - alpha / (1 + y[0] * y[0] + y[1] * y[1])
    c, s = math.cos(phase), math.sin(phase)
    out[0] = a + b * (y[0] * c - y[1] * s)
    out[1] = b * (y[0] * s + y[1] * c)


@kernel
def jac(k, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    a, b, kappa, alpha = params
    below = 1 + y[0] * y[0] + y[1] * y[1]
    phase = kappa - alpha / below
    c, s = b * math.cos(phase), b * math.sin(phase)
    by_x, by_y = 2 * alpha * y[0] / (below * below), 2 * alpha * y[1] / (below * below)
    turned_x, turned_y = -y[0] * s - y[1] * c, y[0] * c - y[1] * s
    out[0, 0], out[0, 1] = c + turned_x * by_x, -s + turned_x * by_y
    out[1, 0], out[1, 1] = s + turned_y * by_x, c + turned_y * by_y


def ikeda(*, a: float = 1.0, b: float = 0.9, kappa: float = 0.4, alpha: float = 6.0) -> DynamicalSystem:
    """Return the Ikeda map: ``z -> a + b z exp(i (kappa - alpha / (1 + |z|^2)))``, z = x + i y.

    It shrinks every area by ``b**2``.

    Parameters
    ----------
    a, b : float
        The light that comes in, and the share that goes round.
    kappa, alpha : float
        Detuning of the cavity, and the strength of the nonlinear medium.

    References
    ----------
    .. [1] Ikeda (1979), Opt. Commun. 30, 257.
    .. [2] Hammel, Jones & Moloney (1985), J. Opt. Soc. Am. B 2, 552.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> simulate(models.ikeda(), 1000, [0, 0]).y.shape
    (2, 1001)
    """
    return DynamicalSystem(rhs, 2, {"a": a, "b": b, "kappa": kappa, "alpha": alpha}, jac=jac, kind="map")
