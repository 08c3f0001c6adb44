"""Jansen and Rit's column of the cortex."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rate(v, e0, v0, r):
    """S(v) = 2 e0 / (1 + exp(r (v0 - v))), and its derivative."""
    s = 1 / (1 + math.exp(r * (v0 - v)))
    return 2 * e0 * s, 2 * e0 * r * s * (1 - s)


@kernel
def rhs(t, y, u, params, out):
    """x0'' + 2 a x0' + a^2 x0 = A a S(x1 - x2), x1: A a (p + C2 S(C1 x0)), x2: B b C4 S(C3 x0) and b for a."""
    gain_e, gain_i, a, b, e0, v0, r, c, p = params
    pyramidal, slope = rate(y[1] - y[2], e0, v0, r)
    excitatory, slope = rate(c * y[0], e0, v0, r)
    inhibitory, slope = rate(0.25 * c * y[0], e0, v0, r)
    out[0], out[1], out[2] = y[3], y[4], y[5]
    out[3] = gain_e * a * pyramidal - 2 * a * y[3] - a * a * y[0]
    out[4] = gain_e * a * (p + u[0] + 0.8 * c * excitatory) - 2 * a * y[4] - a * a * y[1]
    out[5] = gain_i * b * 0.25 * c * inhibitory - 2 * b * y[5] - b * b * y[2]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    gain_e, gain_i, a, b, e0, v0, r, c, p = params
    s, pyramidal = rate(y[1] - y[2], e0, v0, r)
    s, excitatory = rate(c * y[0], e0, v0, r)
    s, inhibitory = rate(0.25 * c * y[0], e0, v0, r)
    out[:] = 0.0
    out[0, 3] = out[1, 4] = out[2, 5] = 1.0
    out[3, 0], out[3, 1], out[3, 2], out[3, 3] = -a * a, gain_e * a * pyramidal, -gain_e * a * pyramidal, -2 * a
    out[4, 0], out[4, 1], out[4, 4] = gain_e * a * 0.8 * c * c * excitatory, -a * a, -2 * a
    out[5, 0], out[5, 2], out[5, 5] = gain_i * b * (0.25 * c) ** 2 * inhibitory, -b * b, -2 * b


@kernel
def outputs(y, params, out):
    """The potential of the pyramidal cells, which an electroencephalogram shows."""
    out[0] = y[1] - y[2]


def jansen_rit(
    *,
    gain_e: float = 3.25,
    gain_i: float = 22.0,
    a: float = 100.0,
    b: float = 50.0,
    e0: float = 2.5,
    v0: float = 6.0,
    r: float = 0.56,
    c: float = 135.0,
    p: float = 220.0,
) -> DynamicalSystem:
    """Return the Jansen-Rit column: pyramidal cells with an excitatory and an inhibitory loop, and its potential as output.

    ``x0'' + 2 a x0' + a^2 x0 = A a S(x1 - x2)``, ``x1'' + 2 a x1' + a^2 x1 = A a (p + C2 S(C1 x0))``,
    ``x2'' + 2 b x2' + b^2 x2 = B b C4 S(C3 x0)`` with ``S(v) = 2 e0 / (1 + exp(r (v0 - v)))``; C1 = C, C2 = 0.8 C and
    C3 = C4 = 0.25 C. The state is x0, x1, x2 and their derivatives; mV and seconds. The defaults give an alpha rhythm.

    Parameters
    ----------
    gain_e, gain_i, a, b : float
        Heights (A, B) and rates of the excitatory and the inhibitory postsynaptic potential.
    e0, v0, r : float
        Half the largest firing rate, the potential where it is reached, and the slope there.
    c : float
        Number of synapses, C.
    p : float
        Pulses a second from elsewhere; the input comes on top.

    References
    ----------
    .. [1] Jansen & Rit (1995), Biol. Cybern. 73, 357.
    .. [2] Grimbert & Faugeras (2006), Neural Comput. 18, 3052.

    Examples
    --------
    >>> from analysis import limit_cycle
    >>> from neurodynamics import models
    >>> 8 < 1 / limit_cycle(models.jansen_rit(), [0.1, 20, 10, 0, 0, 0]).period < 13  # Hz
    True
    """
    params = {"gain_e": gain_e, "gain_i": gain_i, "a": a, "b": b, "e0": e0, "v0": v0, "r": r, "c": c,
              "p": p}  # fmt: skip
    return DynamicalSystem(rhs, 6, params, 1, jac=jac, outputs=outputs, output_dim=1)
