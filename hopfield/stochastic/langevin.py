"""Langevin dynamics of graded memories: noise that depends on the state so that outputs have the law exp(-E / T)."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hopfield.graded import GradedNetwork
from neurodynamics import Activation
from neurodynamics.activations import ACTIVATIONS
from neurodynamics.compiling import each, kernel, offset, pointer_kernel
from neurodynamics.systems import (
    BIAS,
    CONSTANT,
    GAIN,
    LEAK,
    TAU,
    WEIGHTS,
    Box,
    Composition,
    DynamicalSystem,
    Recipe,
    maker,
)
from neurodynamics.validation import Floats, as_floats, as_instance, as_number

EDGE = 1e-12  # of the range: how near its ends an output is taken to be at most


# phi'' / phi' and its derivative, at x = phi^-1(v), of the activations whose range is bounded ---------------------------


@kernel
def _tanh_bend(x, v, slope):
    return -2.0 * v, -2.0 * slope


@kernel
def _logistic_bend(x, v, slope):
    return 1.0 - 2.0 * v, -2.0 * slope


@kernel
def _erf_bend(x, v, slope):
    return -2.0 * x, -2.0


@kernel
def _arctangent_bend(x, v, slope):
    q = 0.5 * math.pi * x
    r = 1.0 / (1.0 + q * q)
    return -math.pi * q * r, -0.5 * math.pi**2 * (1.0 - q * q) * r * r


BENDS = {"tanh": _tanh_bend, "logistic": _logistic_bend, "erf": _erf_bend, "arctangent": _arctangent_bend}


@maker
class Langevin(Composition):
    """A graded memory with noise, in its outputs V, whose law in the long run is ``exp(-E(V) / T)``:

        ``dV_i = -D_i dE/dV_i dt + T D_i' dt + sqrt(2 T D_i) dB_i,    D_i = dV_i/du_i / C_i,    D_i' = dD_i/dV_i``

    in the sense of Ito. Without noise it is the flow of the network. (Noise of constant amplitude on u has another law: the
    mobility D depends on the state.) States are outputs and keep their range; an Euler-Maruyama step is at most its own
    error outside, and the law is that of steps so short that halving them makes no difference.

    As a system it has a Jacobian, and as its ``energy`` that which its drift goes down, ``E - T sum ln D_i``;
    :meth:`log_density` is -E / T. The parameters are those of the network, and ``temperature``.

    Parameters
    ----------
    network : GradedHopfield or GradedBAM
        With an energy, the activation "tanh", "logistic", "erf" or "arctangent", and no ``noise`` of its own.
    temperature : float
        T.

    Examples
    --------
    >>> from hopfield import GradedHopfield, Langevin
    >>> from neurodynamics import simulate
    >>> flow = Langevin(GradedHopfield([[0, 1], [1, 0]], gain=4.0), 0.1)
    >>> simulate(flow, 10.0, [0.5, 0.5], dt=0.01, rng=0).success
    True
    """

    def __init__(self, network: GradedNetwork, temperature: float) -> None:
        as_instance(network, "network", GradedNetwork)
        T = as_number(temperature, "temperature", minimum=0.0)
        _require_langevin(network)
        self.parts, self._recipe = (network,), Recipe(Langevin, (network, T))
        params = {name: network.layout.view(network.params, name) for name in network.layout.shapes}
        functions: dict[str, Any] = _functions(network.activation)._asdict()
        DynamicalSystem.__init__(
            self, functions.pop("rhs"), network.state_dim, {**params, "temperature": T}, network.input_dim, **functions
        )
        self.__dict__["domain"] = Box(*network.activation.range)

    @property
    def network(self) -> GradedNetwork:
        """The network without noise, with the parameters that this system has."""
        return self.parts[0].with_params(self.params[:-1])  # type: ignore[return-value]

    @property
    def temperature(self) -> float:
        """T."""
        return float(self.params[-1])

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is not what the network allows, or the temperature negative."""
        super().check_params(vector)
        if (vector[..., -1] < 0).any():
            raise ValueError(f"`temperature` must be 0 or positive; got {vector[..., -1].min():g}.")

    def states_of(self, outputs: ArrayLike) -> Floats:
        """Return u of outputs V (N,) or (K, N): ``V = phi(gain (u + b))``; infinite at the ends of the range."""
        network, V = self.network, as_floats(outputs, "outputs")
        if V.shape[-1:] != (self.state_dim,) or V.ndim > 2:
            raise ValueError(f"`outputs` must have shape ({self.state_dim},) or (K, {self.state_dim}); got {V.shape}.")
        low, high = network.activation.range
        if ((V < low) | (V > high)).any():
            raise ValueError(f"`outputs` must be between {low:g} and {high:g}; got {V.min():g} to {V.max():g}.")
        return each(network.activation.inverse, V) / network.gains - network.biases

    def log_density(self, outputs: ArrayLike) -> Any:
        """Return ``-E(V) / T`` of outputs V (N,) or (K, N), the law's logarithm but for a constant."""
        low, high = self.network.activation.range
        edge = EDGE * (high - low)
        inside = np.clip(as_floats(outputs, "outputs"), low + edge, high - edge)
        with np.errstate(divide="ignore"):
            return -self.network.energy(self.states_of(inside)) / np.float64(self.temperature)


def _require_langevin(network: GradedNetwork) -> None:
    if ACTIVATIONS.get(network.activation.name) is not network.activation or network.activation.name not in BENDS:
        raise ValueError(
            f"`network` must have one of the activations {', '.join(BENDS)}, whose second derivatives are known; it has "
            f"{network.activation.name!r}."
        )
    if network.noise.any():
        raise ValueError("`network` must have no `noise` of its own: that of `temperature` takes its place.")
    _ = network.landscape  # which says what is missing
    if not network.has("energy"):
        raise ValueError("`network` must have positive gains and leaks, so that there is an energy.")


class Functions(NamedTuple):
    """What the system is made of."""

    rhs: Any
    jac: Any
    diffusion: Any
    energy: Any


@functools.cache
def _functions(activation: Activation) -> Functions:
    unit = _unit(activation)
    return Functions(_rhs(unit), _jac(unit), _diffusion(unit), _energy(unit, activation.potential))


class Unit(NamedTuple):
    """A unit at its output: u, D, its first two derivatives by V, and what the inverse of phi and its slope are there."""

    u: Any
    D: Any
    first: Any
    second: Any
    x: Any
    v: Any
    slope: Any


def _unit(activation: Activation) -> Any:
    slope_of, inverse, bend = activation.derivative, activation.inverse, BENDS[activation.name]
    low, high = activation.range
    edge = EDGE * (high - low)

    @kernel
    def unit(y, params, n, i):
        g, tau = params[GAIN * n + i], params[TAU * n + i]
        v = min(max(y[i], low + edge), high - edge)
        x = inverse(v)
        slope = slope_of(x)
        first, second = bend(x, v, slope)
        return Unit(x / g - params[BIAS * n + i], g * slope / tau, g * first / tau, g * second / (tau * slope), x, v, slope)

    return unit


@kernel
def _gradient(at, u, m, params, p, n, i, fields):
    """DE/dV_i = lambda_i u_i - (W V)_i - c_i - (inputs)_i."""
    V = WEIGHTS * n + n * n
    total = params[LEAK * n + i] * at.u - params[CONSTANT * n + i] - fields[i]
    if p - 1 > V:
        for q in range(m):
            total -= params[V + q * n + i] * u[q]
    else:
        total -= u[i]
    return total


@kernel
def _products(y, params, n, fields):
    """Fields = W V."""
    W = offset(params, WEIGHTS * n)
    fields[:] = 0.0
    for j in range(n):
        for i in range(n):
            fields[i] += W[j * n + i] * y[j]


def _rhs(unit: Any) -> Any:
    @pointer_kernel
    def langevin_rhs(index, t, y, n, u, m, params, p, out, k):
        """-D_i dE/dV_i + T D_i'."""
        fields, T = np.empty(n), params[p - 1]
        _products(y, params, n, fields)
        for i in range(n):
            at = unit(y, params, n, i)
            out[i] = -at.D * _gradient(at, u, m, params, p, n, i, fields) + T * at.first

    return langevin_rhs


def _jac(unit: Any) -> Any:
    @pointer_kernel
    def langevin_jac(index, t, y, n, u, m, params, p, out, k):
        """D_i W_ij, and on the diagonal less D_i' dE/dV_i + lambda_i / C_i - T D_i''."""
        fields, T = np.empty(n), params[p - 1]
        _products(y, params, n, fields)
        for i in range(n):
            at = unit(y, params, n, i)
            for j in range(n):
                out[i * n + j] = at.D * params[WEIGHTS * n + j * n + i]
            dE = _gradient(at, u, m, params, p, n, i, fields)
            out[i * n + i] += T * at.second - at.first * dE - params[LEAK * n + i] / params[TAU * n + i]

    return langevin_jac


def _diffusion(unit: Any) -> Any:
    @pointer_kernel
    def langevin_diffusion(index, t, y, n, u, m, params, p, out, k):
        """sqrt(2 T D_i)."""
        for i in range(n):
            out[i] = math.sqrt(2.0 * params[p - 1] * unit(y, params, n, i).D)

    return langevin_diffusion


def _energy(unit: Any, potential: Any) -> Any:
    @pointer_kernel
    def langevin_energy(index, t, y, n, u, m, params, p, out, k):
        """E - T sum_i ln D_i, with E = -V.WV/2 - I.V + sum_i lambda_i [(x_i V_i - L(x_i)) / g_i - b_i V_i]."""
        fields, total = np.empty(n), 0.0
        _products(y, params, n, fields)
        for i in range(n):
            at = unit(y, params, n, i)
            leak = params[LEAK * n + i]
            own = (at.x * at.v - potential(at.x)) / params[GAIN * n + i] - params[BIAS * n + i] * at.v
            slope = _gradient(at, u, m, params, p, n, i, fields) - leak * at.u + 0.5 * fields[i]
            total += leak * own + slope * at.v - params[p - 1] * math.log(at.D)
        out[0] = total

    return langevin_energy
