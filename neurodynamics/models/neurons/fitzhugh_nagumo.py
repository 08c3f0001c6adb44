"""FitzHugh and Nagumo's reduction of a spiking neuron."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """v' = v - v^3/3 - w + I, w' = epsilon (v + a - b w)."""
    a, b, epsilon, current = params
    out[0] = y[0] - y[0] ** 3 / 3 - y[1] + current + u[0]
    out[1] = epsilon * (y[0] + a - b * y[1])


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    a, b, epsilon, current = params
    out[0, 0], out[0, 1] = 1 - y[0] * y[0], -1.0
    out[1, 0], out[1, 1] = epsilon, -epsilon * b


def fitzhugh_nagumo(*, a: float = 0.7, b: float = 0.8, epsilon: float = 0.08, current: float = 0.5) -> DynamicalSystem:
    """Return the FitzHugh-Nagumo neuron: ``v' = v - v^3/3 - w + I, w' = epsilon (v + a - b w)``.

    It rests, and is excitable, below I = 0.3313, and fires until I = 1.4187 (Hopf bifurcations).

    Parameters
    ----------
    a, b, epsilon : float
        Of the recovery w; epsilon is small.
    current : float
        I; the input comes on top.

    References
    ----------
    .. [1] FitzHugh (1961), Biophys. J. 1, 445.
    .. [2] Nagumo, Arimoto & Yoshizawa (1962), Proc. IRE 50, 2061.

    Examples
    --------
    >>> from neurodynamics import Pulse, models, simulate
    >>> rest = [-1.199408, -0.62426]
    >>> sol = simulate(models.fitzhugh_nagumo(current=0), 50, rest, inputs=[Pulse(5, 2, 1)])
    >>> bool(sol.y[0].max() > 1.5)  # a spike
    True
    """
    return DynamicalSystem(rhs, 2, {"a": a, "b": b, "epsilon": epsilon, "current": current}, 1, jac=jac)
