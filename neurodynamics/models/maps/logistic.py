"""The logistic map."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(k, y, u, params, out):
    """x -> r x (1 - x)."""
    out[0] = params[0] * y[0] * (1 - y[0])


@kernel
def jac(k, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    out[0, 0] = params[0] * (1 - 2 * y[0])


def logistic_map(*, r: float = 3.8) -> DynamicalSystem:
    """Return the logistic map: ``x -> r x (1 - x)``.

    The period doubles at r = 3, 1 + sqrt(6), ..; chaos at r = 4 has the exponent ln 2.

    Parameters
    ----------
    r : float
        Growth, between 0 and 4.

    References
    ----------
    .. [1] May (1976), Nature 261, 459.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> round(float(simulate(models.logistic_map(r=2), 100, [0.3]).final[0]), 9)  # 1 - 1/r
    0.5
    """
    return DynamicalSystem(rhs, 1, {"r": r}, jac=jac, kind="map")
