"""Van der Pol's oscillator."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = v, v' = mu (1 - x^2) v - x + u."""
    mu = params[0]
    out[0] = y[1]
    out[1] = mu * (1 - y[0] * y[0]) * y[1] - y[0] + u[0]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    mu = params[0]
    out[0, 0], out[0, 1] = 0.0, 1.0
    out[1, 0], out[1, 1] = -2 * mu * y[0] * y[1] - 1, mu * (1 - y[0] * y[0])


def van_der_pol(*, mu: float = 1.0) -> DynamicalSystem:
    """Return the van der Pol oscillator: ``x' = v, v' = mu (1 - x^2) v - x + u``.

    Parameters
    ----------
    mu : float
        Strength of the nonlinear damping; stiff from about 100 on.

    References
    ----------
    .. [1] van der Pol (1926), Phil. Mag. 2, 978.

    Examples
    --------
    >>> from analysis import limit_cycle
    >>> from neurodynamics import models
    >>> round(limit_cycle(models.van_der_pol(mu=1), [1, 1]).period, 6)
    6.663287
    """
    return DynamicalSystem(rhs, 2, {"mu": mu}, 1, jac=jac)
