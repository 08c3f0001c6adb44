"""Hodgkin and Huxley's axon of the squid."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def over_expm1(x):
    """Return x / (exp(x) - 1) and its derivative, at 0 as well."""
    if abs(x) < 0.01:  # the next terms of the series are below rounding
        return 1 - x / 2 + x**2 / 12 - x**4 / 720, -0.5 + x / 6 - x**3 / 180 + x**5 / 5040
    value = x / math.expm1(x)
    return value, (value - value * value) / x - value


@kernel
def rates(v):
    """Return alpha and beta of the gates m, h and n, in 1/ms, and then their derivatives."""
    m, slope_m = over_expm1(-(v + 40) / 10)
    n, slope_n = over_expm1(-(v + 55) / 10)
    b_m, b_n = 4 * math.exp(-(v + 65) / 18), 0.125 * math.exp(-(v + 65) / 80)
    a_h, b_h = 0.07 * math.exp(-(v + 65) / 20), 1 / (1 + math.exp(-(v + 35) / 10))
    slopes = -slope_m / 10, -b_m / 18, -a_h / 20, b_h * (1 - b_h) / 10, -slope_n / 100, -b_n / 80
    return (m, b_m, a_h, b_h, n / 10, b_n), slopes


@kernel
def rhs(t, y, u, params, out):
    """C V' = I - gNa m^3 h (V - ENa) - gK n^4 (V - EK) - gL (V - EL), x' = alpha_x(V) (1 - x) - beta_x(V) x, x = m, h, n."""
    c, g_na, g_k, g_l, e_na, e_k, e_l, current = params
    v, m, h, n = y
    values, slopes = rates(v)
    sodium, potassium = g_na * m**3 * h * (v - e_na), g_k * n**4 * (v - e_k)
    out[0] = (current + u[0] - sodium - potassium - g_l * (v - e_l)) / c
    for gate in range(3):
        opening, closing = values[2 * gate], values[2 * gate + 1]
        out[gate + 1] = opening * (1 - y[gate + 1]) - closing * y[gate + 1]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    c, g_na, g_k, g_l, e_na, e_k, e_l, current = params
    v, m, h, n = y
    values, slopes = rates(v)
    out[:] = 0.0
    out[0, 0] = -(g_na * m**3 * h + g_k * n**4 + g_l) / c
    out[0, 1] = -3 * g_na * m**2 * h * (v - e_na) / c
    out[0, 2] = -g_na * m**3 * (v - e_na) / c
    out[0, 3] = -4 * g_k * n**3 * (v - e_k) / c
    for gate in range(3):
        x = y[gate + 1]
        out[gate + 1, 0] = slopes[2 * gate] * (1 - x) - slopes[2 * gate + 1] * x
        out[gate + 1, gate + 1] = -values[2 * gate] - values[2 * gate + 1]


def hodgkin_huxley(
    *,
    capacitance: float = 1.0,
    g_na: float = 120.0,
    g_k: float = 36.0,
    g_l: float = 0.3,
    e_na: float = 50.0,
    e_k: float = -77.0,
    e_l: float = -54.4,
    current: float = 10.0,
) -> DynamicalSystem:
    """Return the Hodgkin-Huxley axon: ``C V' = I - gNa m^3 h (V - ENa) - gK n^4 (V - EK) - gL (V - EL)``.

    Each gate x = m, h, n follows ``x' = alpha_x(V) (1 - x) - beta_x(V) x`` with the rates at 6.3 degrees; the resting
    potential is -65. mV, ms, uA, mS and uF a square centimetre.

    Parameters
    ----------
    capacitance, g_na, g_k, g_l, e_na, e_k, e_l : float
        Of the membrane: C, conductances and reversal potentials of sodium, potassium and leak.
    current : float
        I; the input comes on top.

    References
    ----------
    .. [1] Hodgkin & Huxley (1952), J. Physiol. 117, 500.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> sol = simulate(models.hodgkin_huxley(current=10), 50, [-65, 0.053, 0.596, 0.318])
    >>> bool(30 < sol.y[0].max() < 50)  # the peaks of spikes
    True
    """
    params = {"capacitance": capacitance, "g_na": g_na, "g_k": g_k, "g_l": g_l, "e_na": e_na, "e_k": e_k, "e_l": e_l,
              "current": current}  # fmt: skip
    return DynamicalSystem(rhs, 4, params, 1, jac=jac)
