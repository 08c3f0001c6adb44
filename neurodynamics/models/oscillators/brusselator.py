"""The Brusselator, a chemical reaction that oscillates."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = a - (b + 1) x + x^2 y, y' = b x - x^2 y."""
    a, b = params
    made = y[0] * y[0] * y[1]  # of x, from two x and one y
    out[0] = a - (b + 1) * y[0] + made
    out[1] = b * y[0] - made


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    b = params[1]
    by_x, by_y = 2 * y[0] * y[1], y[0] * y[0]
    out[0, 0], out[0, 1] = by_x - b - 1, by_y
    out[1, 0], out[1, 1] = b - by_x, -by_y


def brusselator(*, a: float = 1.0, b: float = 3.0) -> DynamicalSystem:
    """Return the Brusselator: ``x' = a - (b + 1) x + x^2 y, y' = b x - x^2 y``.

    Its equilibrium, ``(a, b / a)``, loses its stability to a cycle at ``b = 1 + a^2``, in a supercritical Hopf bifurcation
    with angular frequency a.

    Parameters
    ----------
    a, b : float
        Concentrations of the substances that are fed in, A and B.

    References
    ----------
    .. [1] Prigogine & Lefever (1968), J. Chem. Phys. 48, 1695.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> calm = simulate(models.brusselator(a=1, b=1.5), 100, [1.0, 1.0]).final
    >>> [round(float(x), 4) for x in calm]  # a and b / a
    [1.0, 1.5]
    """
    return DynamicalSystem(rhs, 2, {"a": a, "b": b}, jac=jac)
