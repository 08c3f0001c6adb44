"""Morris and Lecar's muscle fibre of the barnacle."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """C V' = I - gL (V - VL) - gCa m(V) (V - VCa) - gK w (V - VK), w' = phi (w(V) - w) cosh((V - V3) / (2 V4))."""
    c, g_l, g_ca, g_k, v_l, v_ca, v_k, v1, v2, v3, v4, phi, current = params
    v, w = y[0], y[1]
    m = (1 + math.tanh((v - v1) / v2)) / 2
    at_rest = (1 + math.tanh((v - v3) / v4)) / 2
    out[0] = (current + u[0] - g_l * (v - v_l) - g_ca * m * (v - v_ca) - g_k * w * (v - v_k)) / c
    out[1] = phi * (at_rest - w) * math.cosh((v - v3) / (2 * v4))


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    c, g_l, g_ca, g_k, v_l, v_ca, v_k, v1, v2, v3, v4, phi, current = params
    v, w = y[0], y[1]
    m = (1 + math.tanh((v - v1) / v2)) / 2
    at_rest = (1 + math.tanh((v - v3) / v4)) / 2
    slope_m, slope_w = 2 * m * (1 - m) / v2, 2 * at_rest * (1 - at_rest) / v4
    half = (v - v3) / (2 * v4)
    out[0, 0] = -(g_l + g_ca * (slope_m * (v - v_ca) + m) + g_k * w) / c
    out[0, 1] = -g_k * (v - v_k) / c
    out[1, 0] = phi * (slope_w * math.cosh(half) + (at_rest - w) * math.sinh(half) / (2 * v4))
    out[1, 1] = -phi * math.cosh(half)


def morris_lecar(
    *,
    capacitance: float = 20.0,
    g_l: float = 2.0,
    g_ca: float = 4.4,
    g_k: float = 8.0,
    v_l: float = -60.0,
    v_ca: float = 120.0,
    v_k: float = -84.0,
    v1: float = -1.2,
    v2: float = 18.0,
    v3: float = 2.0,
    v4: float = 30.0,
    phi: float = 0.04,
    current: float = 100.0,
) -> DynamicalSystem:
    """Return the Morris-Lecar neuron: a voltage V and the share w of open potassium channels.

    ``C V' = I - gL (V - VL) - gCa m(V) (V - VCa) - gK w (V - VK), w' = phi (w(V) - w) cosh((V - V3) / (2 V4))`` with
    ``m(V) = (1 + tanh((V - V1) / V2)) / 2, w(V) = (1 + tanh((V - V3) / V4)) / 2``. The defaults are the set in which
    spikes begin by a Hopf bifurcation, at I = 93.86; mV, ms, uA, mS and uF a square centimetre.

    Parameters
    ----------
    capacitance, g_l, g_ca, g_k, v_l, v_ca, v_k : float
        Of the membrane: C, conductances and reversal potentials of leak, calcium and potassium.
    v1, v2, v3, v4, phi : float
        Midpoints and widths of the two activations, and the rate of w.
    current : float
        I; the input comes on top.

    References
    ----------
    .. [1] Morris & Lecar (1981), Biophys. J. 35, 193.
    .. [2] Rinzel & Ermentrout (1998), in Koch & Segev, Methods in Neuronal Modeling, MIT Press, table 7.1.

    Examples
    --------
    >>> from analysis import fixed_points
    >>> from neurodynamics import models
    >>> systems = [models.morris_lecar(current=current) for current in (90, 100)]
    >>> [bool(fixed_points(system, bounds=[[-60, 20], [0, 1]], rng=0).stable.any()) for system in systems]
    [True, False]
    """
    params = {"capacitance": capacitance, "g_l": g_l, "g_ca": g_ca, "g_k": g_k, "v_l": v_l, "v_ca": v_ca, "v_k": v_k,
              "v1": v1, "v2": v2, "v3": v3, "v4": v4, "phi": phi, "current": current}  # fmt: skip
    return DynamicalSystem(rhs, 2, params, 1, jac=jac)
