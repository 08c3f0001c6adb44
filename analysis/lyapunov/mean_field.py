"""Dynamic mean-field theory of random networks: chaos as N goes to infinity.

For ``dx/dt = -x + J phi(x)`` with independent ``J_ij ~ N(0, g^2/N)`` and odd phi every neuron sees Gaussian noise whose
autocorrelation is that of the outputs, so the autocorrelation Delta of x obeys

    Delta'' = Delta - g^2 <phi(x) phi(x')> = -dV/dDelta,    V = -Delta^2/2 + g^2 <Phi(x) Phi(x')>,    Phi' = phi,

where (x, x') are Gaussian with variance Delta(0) and covariance Delta(t). The chaotic solution decays to 0, so
``V(Delta(0)) = V(0)`` fixes Delta(0). The largest exponent follows from the ground state of a particle in one dimension:

    [-d^2/dt^2 + 1 - g^2 <phi'(x) phi'(x')>] psi = E psi,    lambda = -1 + sqrt(1 - E).

References
----------
.. [1] Sompolinsky, Crisanti & Sommers (1988), Chaos in random neural networks, Phys. Rev. Lett. 61, 259.
.. [2] Crisanti & Sompolinsky (2018), Path integral approach to random neural networks, Phys. Rev. E 98, 062120.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import Chebyshev

from analysis.lyapunov.gaussian import correlation, mean
from neurodynamics import Activation, activation as activation_of
from neurodynamics.compiling import each
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_number

DEGREE = 60  # of the polynomials that stand for the force and for the slopes
STEP = 0.02  # of the autocorrelation, in units of its fastest rate
MOST_STEPS = 20_000
DECAYED = 1e-6  # of the variance is left where the exponential tail takes over
TAIL = 6.0  # length of the tail in units of its decay
GRID = 4000  # points of the wave function
ODD = 1e-12
MOST_GAIN = 50.0  # of the critical one: the points of the quadrature grow with it, and units are switches there


@dataclass(frozen=True, eq=False, repr=False)
class MeanField(Record):
    """What mean-field theory says about a random network of infinite size.

    Attributes
    ----------
    gain : float
        g.
    exponent : float
        The largest Lyapunov exponent, in units of the inverse time constant.
    variance : float
        Delta(0) of the state of a neuron; 0 where the network rests.
    lags, autocorrelation : array, shape (T,)
        Delta(t); empty where the network rests.
    critical_gain : float
        Above it the network is chaotic.
    """

    gain: float
    exponent: float
    variance: float
    lags: Floats
    autocorrelation: Floats
    critical_gain: float
    activation: str

    @property
    def correlation_time(self) -> float:
        """The lag at which the autocorrelation has fallen to 1/e; 0 where the network rests."""
        if not self.lags.size:
            return 0.0
        below = self.autocorrelation < self.variance / math.e
        return float(np.interp(-self.variance / math.e, -self.autocorrelation, self.lags)) if below.any() else np.inf

    plot = drawn("plot_mean_field", "Draw the autocorrelation")

    def __repr__(self) -> str:
        values = f"exponent {self.exponent:.5f}, variance {self.variance:.5g}"
        return f"MeanField(gain {self.gain:g}, {values}, {self.activation})"


def mean_field_lyapunov(gain: float, activation: str | Activation = "tanh") -> MeanField:
    """Return the largest Lyapunov exponent of a random network of infinite size, by dynamic mean-field theory.

    Parameters
    ----------
    gain : float
        g: the weights of ``dx/dt = -x + J phi(x)`` have variance ``g**2 / N``.
    activation : str or Activation
        phi: odd, bounded, steepest at 0, with a known potential: "tanh", "erf", "arctangent".

    Returns
    -------
    MeanField

    Examples
    --------
    >>> from analysis import mean_field_lyapunov
    >>> mean_field_lyapunov(2.0)
    MeanField(gain 2, exponent 0.11246, variance 1.9248, tanh)
    """
    g = as_number(gain, "gain", minimum=0.0)
    phi = activation_of(activation)
    functions = _functions(phi)
    slope = float(functions["derivative"](np.zeros(1))[0])
    critical = 1.0 / slope
    if g > MOST_GAIN * critical:
        raise ValueError(f"`gain` must be at most {MOST_GAIN * critical:g}: its quadrature grows with it; got {g:g}.")
    if g <= critical:
        nothing = np.empty(0)
        return MeanField(g, g * slope - 1.0, 0.0, nothing, nothing, critical, phi.name)
    variance = _variance(g, functions, g / critical)
    force = _interpolated(lambda d: correlation(functions["value"], d, variance), variance)
    decay = float(np.sqrt(1.0 - (g * mean(functions["derivative"], variance)) ** 2))
    lags, delta = _autocorrelation(g, variance, force, decay)
    slopes = _interpolated(lambda d: correlation(functions["derivative"], d, variance), variance)
    energy = _ground_state(lags, 1.0 - g * g * slopes(delta))
    return MeanField(g, float(np.sqrt(1.0 - energy) - 1.0), variance, lags, delta, critical, phi.name)


def _functions(phi: Activation) -> dict[str, Any]:
    x = np.array([0.3, 1.7])
    if not np.allclose(phi(x), -phi(-x), atol=ODD) or phi.potential is None or not np.isfinite(phi.range).all():
        raise ValueError(
            f"`activation` must be odd and bounded and have a potential, such as 'tanh' or 'erf'; {phi.name!r} is not. "
            "(A logistic network is a tanh network in other variables, up to a constant input.)"
        )
    return {name: functools.partial(each, getattr(phi, name)) for name in ("value", "derivative", "potential")}


def _variance(g: float, functions: dict[str, Any], ratio: float) -> float:
    """Solve V(Delta(0)) = V(0): the solution that decays. Near the transition the variance is about ``ratio - 1``."""
    from scipy.optimize import brentq  # late: a tenth of a second

    def excess(log_variance: float) -> float:
        d = np.exp(log_variance)
        ends = correlation(functions["potential"], np.array([d, 0.0]), d)
        return (-0.5 * d * d + g * g * (ends[0] - ends[1])) / d**2

    low, high = np.log(1e-3 * (ratio - 1.0)), np.log(4.0 * g * g)
    return float(np.exp(brentq(excess, low, high, xtol=1e-14)))


def _interpolated(function: Any, variance: float) -> Chebyshev:
    """Return a polynomial in the covariance; functions of it are analytic up to an end point with weak roots."""
    nodes = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    values = function(0.5 * variance * (nodes + 1.0))
    return Chebyshev.fit(0.5 * variance * (nodes + 1.0), values, DEGREE, domain=[0.0, variance])


def _autocorrelation(g: float, variance: float, force: Chebyshev, decay: float) -> tuple[Floats, Floats]:
    """Integrate ``Delta'' = Delta - g^2 C(Delta)`` from ``Delta(0) = variance, Delta'(0) = 0`` until it has decayed.

    Rounding grows as fast as Delta decays, so the last part is its exponential tail.
    """
    h = STEP / max(decay, np.sqrt(abs(float(variance - g * g * force(variance))) / variance))
    lags, values = [0.0], [variance]
    y = np.array([variance, 0.0])

    def slope(y: Floats) -> Floats:
        return np.array([y[1], y[0] - g * g * force(min(max(y[0], 0.0), variance))])

    while DECAYED * variance < y[0] and y[1] <= 0.0 and len(lags) < MOST_STEPS:
        k1 = slope(y)
        k2 = slope(y + 0.5 * h * k1)
        k3 = slope(y + 0.5 * h * k2)
        k4 = slope(y + h * k3)
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        lags.append(lags[-1] + h)
        values.append(float(y[0]))
    good = len(values) - 1
    while good > 1 and values[good] >= values[good - 1]:
        good -= 1
    tail = h * np.arange(1, int(TAIL / (decay * h)) + 1)
    delta = np.concatenate([values[: good + 1], values[good] * np.exp(-decay * tail)])
    return h * np.arange(delta.size), np.clip(delta, 0.0, variance)


def _ground_state(lags: Floats, potential: Floats) -> float:
    """Return the lowest E of ``-psi'' + U psi = E psi`` for even psi, by differences of order two and extrapolation."""
    from scipy.interpolate import CubicSpline  # late: half a second
    from scipy.linalg import eigh_tridiagonal

    spline = CubicSpline(lags, potential, bc_type=((1, 0.0), (1, 0.0)))
    energies = []
    for count in (GRID, 2 * GRID):
        h = lags[-1] / count
        diagonal = 2.0 / h**2 + spline(h * (np.arange(count) + 0.5))
        diagonal[0] -= 1.0 / h**2  # psi is even
        (energy,) = eigh_tridiagonal(diagonal, np.full(count - 1, -1.0 / h**2), eigvals_only=True, select="i",
                                     select_range=(0, 0))  # fmt: skip
        energies.append(energy)
    return float((4.0 * energies[1] - energies[0]) / 3.0)
