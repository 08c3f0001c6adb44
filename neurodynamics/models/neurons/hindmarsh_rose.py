"""Hindmarsh and Rose's bursting neuron."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = y - a x^3 + b x^2 - z + I, y' = c - d x^2 - y, z' = r (s (x - x_rest) - z)."""
    a, b, c, d, r, s, x_rest, current = params
    out[0] = y[1] - a * y[0] ** 3 + b * y[0] ** 2 - y[2] + current + u[0]
    out[1] = c - d * y[0] ** 2 - y[1]
    out[2] = r * (s * (y[0] - x_rest) - y[2])


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    a, b, c, d, r, s, x_rest, current = params
    out[0, 0], out[0, 1], out[0, 2] = (2 * b - 3 * a * y[0]) * y[0], 1.0, -1.0
    out[1, 0], out[1, 1], out[1, 2] = -2 * d * y[0], -1.0, 0.0
    out[2, 0], out[2, 1], out[2, 2] = r * s, 0.0, -r


def hindmarsh_rose(
    *,
    a: float = 1.0,
    b: float = 3.0,
    c: float = 1.0,
    d: float = 5.0,
    r: float = 0.006,
    s: float = 4.0,
    x_rest: float = -1.6,
    current: float = 3.25,
) -> DynamicalSystem:
    """Return the Hindmarsh-Rose neuron: ``x' = y - a x^3 + b x^2 - z + I, y' = c - d x^2 - y, z' = r (s (x - x_rest) - z)``.

    The defaults burst chaotically.

    Parameters
    ----------
    a, b, c, d : float
        Of the fast spikes (x, y).
    r, s, x_rest : float
        Of the slow adaptation z.
    current : float
        I; the input comes on top.

    References
    ----------
    .. [1] Hindmarsh & Rose (1984), Proc. R. Soc. Lond. B 221, 87.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> sol = simulate(models.hindmarsh_rose(), 500, [-1.6, -10, 3])
    >>> bool(sol.y[0].max() > 1.5)  # spikes
    True
    """
    params = {"a": a, "b": b, "c": c, "d": d, "r": r, "s": s, "x_rest": x_rest, "current": current}
    return DynamicalSystem(rhs, 3, params, 1, jac=jac)
