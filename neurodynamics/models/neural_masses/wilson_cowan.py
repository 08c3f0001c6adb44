"""Wilson and Cowan's populations of excitatory and inhibitory neurons."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def response(x, slope, threshold):
    """S(x) = 1 / (1 + exp(-slope (x - threshold))) - 1 / (1 + exp(slope threshold)), and its derivative."""
    s = 1 / (1 + math.exp(-slope * (x - threshold)))
    return s - 1 / (1 + math.exp(slope * threshold)), slope * s * (1 - s)


@kernel
def rhs(t, y, u, params, out):
    """tau E' = -E + (k - r E) S(w_ee E - w_ei I + P), tau I' = -I + (k - r I) S(w_ie E - w_ii I + Q), k = S(infinity)."""
    tau_e, tau_i, w_ee, w_ei, w_ie, w_ii, a_e, a_i, theta_e, theta_i, r_e, r_i, p, q = params
    s_e, slope = response(w_ee * y[0] - w_ei * y[1] + p + u[0], a_e, theta_e)
    s_i, slope = response(w_ie * y[0] - w_ii * y[1] + q + u[1], a_i, theta_i)
    k_e, k_i = 1 / (1 + math.exp(-a_e * theta_e)), 1 / (1 + math.exp(-a_i * theta_i))
    out[0] = (-y[0] + (k_e - r_e * y[0]) * s_e) / tau_e
    out[1] = (-y[1] + (k_i - r_i * y[1]) * s_i) / tau_i


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    tau_e, tau_i, w_ee, w_ei, w_ie, w_ii, a_e, a_i, theta_e, theta_i, r_e, r_i, p, q = params
    s_e, slope_e = response(w_ee * y[0] - w_ei * y[1] + p + u[0], a_e, theta_e)
    s_i, slope_i = response(w_ie * y[0] - w_ii * y[1] + q + u[1], a_i, theta_i)
    left_e = (1 / (1 + math.exp(-a_e * theta_e)) - r_e * y[0]) * slope_e
    left_i = (1 / (1 + math.exp(-a_i * theta_i)) - r_i * y[1]) * slope_i
    out[0, 0], out[0, 1] = (-1 - r_e * s_e + left_e * w_ee) / tau_e, -left_e * w_ei / tau_e
    out[1, 0], out[1, 1] = left_i * w_ie / tau_i, (-1 - r_i * s_i - left_i * w_ii) / tau_i


def wilson_cowan(
    *,
    tau_e: float = 1.0,
    tau_i: float = 1.0,
    w_ee: float = 16.0,
    w_ei: float = 12.0,
    w_ie: float = 15.0,
    w_ii: float = 3.0,
    a_e: float = 1.3,
    a_i: float = 2.0,
    theta_e: float = 4.0,
    theta_i: float = 3.7,
    r_e: float = 1.0,
    r_i: float = 1.0,
    p: float = 1.25,
    q: float = 0.0,
) -> DynamicalSystem:
    """Return the Wilson-Cowan system: the active shares E and I of excitatory and inhibitory neurons.

    ``tau_e E' = -E + (k_e - r_e E) S_e(w_ee E - w_ei I + P)``, ``tau_i I' = -I + (k_i - r_i I) S_i(w_ie E - w_ii I + Q)``
    with ``S(x) = 1 / (1 + exp(-a (x - theta))) - 1 / (1 + exp(a theta))``, whose limit is k. The defaults oscillate
    (the paper's figure 11); time is in units of the time constant.

    Parameters
    ----------
    tau_e, tau_i : float
        Time constants.
    w_ee, w_ei, w_ie, w_ii : float
        Strengths of the connections, of the second letter on the first (the paper's c1 .. c4).
    a_e, a_i, theta_e, theta_i, r_e, r_i : float
        Slopes and thresholds of the responses, and refractory periods.
    p, q : float
        Inputs from elsewhere, P and Q; the two inputs of the system come on top.

    References
    ----------
    .. [1] Wilson & Cowan (1972), Biophys. J. 12, 1.

    Examples
    --------
    >>> from analysis import limit_cycle
    >>> from neurodynamics import models
    >>> limit_cycle(models.wilson_cowan(), [0.1, 0.1]).stable
    True
    """
    params = {"tau_e": tau_e, "tau_i": tau_i, "w_ee": w_ee, "w_ei": w_ei, "w_ie": w_ie, "w_ii": w_ii, "a_e": a_e,
              "a_i": a_i, "theta_e": theta_e, "theta_i": theta_i, "r_e": r_e, "r_i": r_i, "p": p, "q": q}  # fmt: skip
    return DynamicalSystem(rhs, 2, params, 2, jac=jac)
