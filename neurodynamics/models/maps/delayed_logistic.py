"""The logistic map with a delay."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(k, y, u, params, out):
    """x -> a x (1 - y), y -> x."""
    out[0] = params[0] * y[0] * (1 - y[1])
    out[1] = y[0]


@kernel
def jac(k, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    out[0, 0], out[0, 1] = params[0] * (1 - y[1]), -params[0] * y[0]
    out[1, 0], out[1, 1] = 1.0, 0.0


def delayed_logistic_map(*, a: float = 2.1) -> DynamicalSystem:
    """Return the delayed logistic map: ``x -> a x (1 - y), y -> x``.

    Its fixed point x = y = 1 - 1/a gives way to an invariant circle at a = 2, in a Neimark-Sacker bifurcation.

    Parameters
    ----------
    a : float
        Growth.

    References
    ----------
    .. [1] Aronson, Chory, Hall & McGehee (1982), Commun. Math. Phys. 83, 303.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> [round(float(x), 6) for x in simulate(models.delayed_logistic_map(a=1.5), 200, [0.3, 0.3]).final]
    [0.333333, 0.333333]
    """
    return DynamicalSystem(rhs, 2, {"a": a}, jac=jac, kind="map")
