"""Plastic networks: local learning rules as flows, in which some parameters of an additive network become slow states.

Everything that works on a system works on them: trajectories, fixed points, exponents, bifurcations over a learning rate.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.compiling import keep, kernel, offset, pointer
from neurodynamics.systems import (
    BIAS,
    WEIGHTS,
    Composition,
    Recipe,
    dual_functions,
    dual_kernel,
    jacobian_of,
    maker,
    scratch,
)
from neurodynamics.validation import Floats, as_floats, as_instance, as_vector, require_positive

SLOW = ("biases", "gains", "weights")  # in the order of the states, behind those of the network


class PlasticNetwork(Composition):
    """A network and its slow variables as one flow, made by a rule such as :func:`oja`.

    The states are those of the network, then biases, gains and weights as far as the rule changes them, weights column by
    column. The parameters of the same names are where :meth:`start` begins.
    """

    slow: tuple[str, ...]

    def start(self, y0: ArrayLike = 0.0) -> Floats:
        """Return the state of network states y0 (N,) and the slow variables that the parameters name."""
        y = as_vector(y0, "y0", self.output_dim, "N")
        return np.concatenate([y, *(np.ravel(self.layout.view(self.params, name), order="F") for name in self.slow)])

    def network_at(self, state: ArrayLike) -> Any:
        """Return the network, without its plasticity, with the slow variables of a state."""
        rest, net = self.check_state(state, "state")[self.output_dim :], self.parts[0]
        vector = self.params[: net.param_dim].copy()
        for name in self.slow:
            places = np.ravel(net.layout.positions(name), order="F")
            vector[places], rest = rest[: places.size], rest[places.size :]
        return net.with_params(vector)


@functools.cache
def _functions(
    activation: Any, rule: Callable, blocks: int, with_weights: bool, vectors: int, matrices: int
) -> dict[str, Any]:
    """Return the flow of a network whose blocks of parameters from the biases on, and weights, obey a rule."""
    network, shown = dual_functions(activation)

    @kernel
    def neurons(n):
        N = 0
        while N * (1 + blocks + (N if with_weights else 0)) < n:
            N += 1
        return N

    @kernel
    def with_slow(y, N, params, q):
        """The parameters of the network as they are now."""
        for i in range(q.size):
            q[i] = params[i]
        for i in range(blocks * N):
            q[BIAS * N + i] = y[N + i]
        for i in range(N * N if with_weights else 0):
            q[WEIGHTS * N + i] = y[N + blocks * N + i]

    @dual_kernel
    def plastic_rhs(index, t, y, n, u, m, params, p, out, k):
        """Network: dy/dt = f(y, u, q), dq/dt = rule(y, o, q)."""
        N = neurons(n)
        p0 = p - vectors * N - matrices * N * N
        q, o = scratch(out, p0), scratch(out, N)
        with_slow(y, N, params, q)
        network(index, t, y, N, u, m, pointer(q), p0, out, N)
        shown(index, t, y, N, u, 0, pointer(q), p0, pointer(o), N)
        rule(y, o, q, offset(params, p0), N, offset(out, N))
        keep(q)

    @dual_kernel
    def plastic_outputs(index, t, y, n, u, m, params, p, out, k):
        """Outputs: those of the network as it is now."""
        N = neurons(n)
        q = scratch(out, p - vectors * N - matrices * N * N)
        with_slow(y, N, params, q)
        shown(index, t, y, N, u, 0, pointer(q), q.size, out, k)
        keep(q)

    return {"rhs": plastic_rhs, "jac": jacobian_of(plastic_rhs), "outputs": plastic_outputs}


def plastic(recipe: Recipe, rule: Callable, slow: tuple[str, ...], more: dict[str, Floats]) -> PlasticNetwork:
    """Return the flow in which the network of a recipe learns by a rule, a kernel ``rule(y, o, q, own, N, out)``.

    ``own`` are the rule's parameters, first vectors (N,), then matrices (N, N), column by column.
    """
    net = recipe.arguments[0]
    if net.has("diffusion"):
        raise ValueError("`net` must have no noise: a plastic network is a flow.")
    system = PlasticNetwork.__new__(PlasticNetwork)
    system.parts, system.slow, system._recipe = (net,), slow, recipe
    vectors = sum(array.ndim == 1 for array in more.values())
    weights = "weights" in slow
    functions = _functions(net.activation, rule, len(slow) - weights, weights, vectors, len(more) - vectors)
    states = net.state_dim + sum(net.layout.positions(name).size for name in slow)
    params = {name: net.layout.view(net.params, name) for name in net.layout.shapes} | more
    DynamicalSystem.__init__(system, functions["rhs"], states, params, net.input_dim, jac=functions["jac"],
                             outputs=functions["outputs"], output_dim=net.state_dim)  # fmt: skip
    return system


def _as_rates(net: AdditiveNetwork, rates: ArrayLike) -> Floats:
    """Return learning rates (N, N), zero where a mask has no connection."""
    n, given = net.state_dim, as_floats(rates, "rates")
    if given.shape not in ((), (n, n)):
        raise ValueError(f"`rates` must be a number or have shape (N, N) = {(n, n)}; got {given.shape}.")
    mask = getattr(net, "mask", None)
    return np.where(True if mask is None else mask, np.broadcast_to(given, (n, n)), 0.0)


@kernel
def hebb_rule(y, o, q, own, n, out):
    """dW_ij/dt = eta_ij (o_i o_j - alpha_i W_ij)."""
    for j in range(n):
        for i in range(n):
            e = j * n + i
            out[e] = own[n + e] * (o[i] * o[j] - own[i] * q[WEIGHTS * n + e])


@kernel
def oja_rule(y, o, q, own, n, out):
    """dW_ij/dt = eta_ij o_i (o_j - o_i W_ij)."""
    for j in range(n):
        for i in range(n):
            e = j * n + i
            out[e] = own[e] * o[i] * (o[j] - o[i] * q[WEIGHTS * n + e])


@kernel
def homeostatic_rule(y, o, q, own, n, out):
    """db_i/dt = rho_i / tau_b, dW_ij/dt = rho_i |W_ij| / tau_w; rho_i from 1 at o_i = 0 to -1 at 1, and 0 in the range."""
    for i in range(n):
        low, high = own[i], own[n + i]
        rho = 0.0 * o[i]
        if o[i].real < low.real:
            rho = (low - o[i]) / low
        elif o[i].real > high.real:
            rho = (high - o[i]) / (1.0 - high)
        out[i] = rho / own[2 * n + i]
        for j in range(n):
            w = q[WEIGHTS * n + j * n + i]
            out[n + j * n + i] = rho * (w if w.real >= 0.0 else -w) / own[3 * n + i]


@maker
def hebbian(net: AdditiveNetwork, rates: ArrayLike = 0.01, decay: ArrayLike = 1.0) -> PlasticNetwork:
    """Return a network with Hebbian weights: ``dW_ij/dt = eta_ij (o_i o_j - alpha_i W_ij)``.

    Parameters
    ----------
    net : AdditiveNetwork
        Such as a CTRNN.
    rates : float or array_like, shape (N, N)
        eta, per unit time; zero where nothing is learned. Connections that a mask excludes stay zero.
    decay : float or array_like, shape (N,)
        alpha; without any decay weights grow without bound.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from learning import hebbian
    >>> from neurodynamics import simulate
    >>> pair = hebbian(CTRNN([[0, 0], [0, 0]], [5, -1]), rates=0.1)
    >>> simulate(pair, 400, pair.start()).final[2:].round(2).tolist()
    [1.0, 0.35, 0.35, 0.12]
    """
    n = as_instance(net, "net", AdditiveNetwork).state_dim
    more = {"decay": as_vector(decay, "decay", n, "N"), "rates": _as_rates(net, rates)}
    return plastic(Recipe(hebbian, (net, more["rates"], more["decay"])), hebb_rule, ("weights",), more)


@maker
def oja(net: AdditiveNetwork, rates: ArrayLike = 0.01) -> PlasticNetwork:
    """Return a network with Oja's rule [1]_: ``dW_ij/dt = eta_ij o_i (o_j - o_i W_ij)``.

    The weights of a linear unit become the leading eigenvector of the correlations of what it hears, of length 1.

    Parameters
    ----------
    net : AdditiveNetwork
        Such as a CTRNN.
    rates : float or array_like, shape (N, N)
        eta, per unit time; zero where nothing is learned. Connections that a mask excludes stay zero.

    References
    ----------
    .. [1] Oja (1982), A simplified neuron model as a principal component analyzer, J. Math. Biology 15, 267.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from learning import oja
    >>> oja(CTRNN([[0, 1], [0, 0]]), rates=[[0, 0.1], [0, 0]]).state_dim
    6
    """
    given = _as_rates(as_instance(net, "net", AdditiveNetwork), rates)
    return plastic(Recipe(oja, (net, given)), oja_rule, ("weights",), {"rates": given})


@maker
def homeostatic(
    net: AdditiveNetwork, low: ArrayLike = 0.25, high: ArrayLike = 0.75, bias_time: ArrayLike = 40.0,
    weight_time: ArrayLike = 40.0,
) -> PlasticNetwork:  # fmt: skip
    """Return a network that keeps its outputs within a range by moving biases and scaling incoming weights [1]_.

    ``db_i/dt = rho_i / tau_b`` and ``dW_ij/dt = rho_i |W_ij| / tau_w`` with ``rho_i = (low - o_i) / low`` below the range,
    ``(high - o_i) / (1 - high)`` above it, and 0 within.

    Parameters
    ----------
    net : AdditiveNetwork
        With outputs in (0, 1), such as a CTRNN.
    low, high : float or array_like, shape (N,)
    bias_time, weight_time : float or array_like, shape (N,)
        tau_b and tau_w, longer than the network's time constants.

    References
    ----------
    .. [1] Williams & Noble (2007), Homeostatic plasticity improves signal propagation in continuous-time recurrent neural
       networks, BioSystems 87, 252.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from learning import homeostatic
    >>> from neurodynamics import simulate
    >>> saturated = homeostatic(CTRNN([[6.0]], biases=3.0))
    >>> run = simulate(saturated, 2000, saturated.start())
    >>> round(float(run.outputs[0, -1]), 2)
    0.75
    """
    n = as_instance(net, "net", AdditiveNetwork).state_dim
    if net.activation.range != (0.0, 1.0):
        raise ValueError(f"`net` must have outputs in (0, 1), as of logistic units; got {net.activation.name!r}.")
    given = {"low": low, "high": high, "bias_time": bias_time, "weight_time": weight_time}
    more = {name: require_positive(as_vector(value, name, n, "N"), name) for name, value in given.items()}
    if (more["high"] < more["low"]).any() or (more["high"] >= 1).any():
        raise ValueError("`high` must be below 1, and not below `low`.")
    return plastic(Recipe(homeostatic, (net, *more.values())), homeostatic_rule, ("biases", "weights"), more)
