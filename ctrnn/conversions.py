"""The same network in other words: between conventions, programs and papers.

Each function returns a network with the same trajectories, in the variables that its docstring names. Inputs keep their
meaning.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn.network import CTRNN
from neurodynamics import Activation
from neurodynamics.validation import Floats, as_floats, as_vector, require_positive


def fold_gains(net: CTRNN) -> CTRNN:
    """Return the network with all gains 1, in the variables ``x = g y``.

    ``w'_ij = g_i w_ij``, ``b'_j = g_j b_j``, and all inputs of neuron i times g_i.

    Examples
    --------
    >>> from ctrnn import CTRNN, fold_gains
    >>> fold_gains(CTRNN([[3.0]], biases=-0.5, gains=2.0)).weights
    array([[6.]])
    """
    _require_no_events(net)
    g = net.gains
    if not g.all():
        i = int(np.argmin(g != 0))
        raise ValueError(f"`gains[{i}]` must not be 0 to be folded away: the state would have no other variable.")
    return _scaled(net, g, gains=1.0, biases=g * net.biases, noise=np.abs(g) * net.noise)


def fold_leaks(net: CTRNN) -> CTRNN:
    """Return the network with all leaks 1, in the same variables: time constants and all inputs divided by the leaks.

    Examples
    --------
    >>> from ctrnn import CTRNN, fold_leaks
    >>> fold_leaks(CTRNN([[3.0]], leaks=2.0)).time_constants
    array([0.5])
    """
    require_ctrnn(net)
    if not (net.leaks > 0).all():
        i = int(np.argmin(net.leaks > 0))
        raise ValueError(f"`leaks[{i}]` must be positive to be folded into a time constant; got {net.leaks[i]:g}.")
    return _scaled(net, 1.0 / net.leaks, leaks=1.0, time_constants=net.time_constants / net.leaks)


def fold_constant_inputs(net: CTRNN) -> CTRNN:
    """Return the network without constant inputs, in the variables ``x = y - c/lambda``: biases ``b + c/lambda``.

    Examples
    --------
    >>> from ctrnn import CTRNN, fold_constant_inputs
    >>> fold_constant_inputs(CTRNN([[3.0]], biases=-1.0, constant_inputs=0.5)).biases
    array([-0.5])
    """
    _require_no_events(net)
    if not (net.leaks[net.constant_inputs != 0] != 0).all():
        i = int(np.argmax((net.leaks == 0) & (net.constant_inputs != 0)))
        raise ValueError(f"`leaks[{i}]` must not be 0: a constant input then makes the state grow, and cannot be folded.")
    shift = np.divide(net.constant_inputs, net.leaks, out=np.zeros(net.state_dim), where=net.constant_inputs != 0)
    return net.replace(biases=net.biases + shift, constant_inputs=0.0)


def to_logistic(net: CTRNN) -> CTRNN:
    """Return a tanh network as a logistic one, in the same variables, by ``tanh(x) = 2 s(2 x) - 1``.

    Weights and gains double; the constant inputs fall by the sum of each neuron's weights. Folding the gains then gives
    the form ``W = 4 J`` in the variables ``2 y``.

    Examples
    --------
    >>> from ctrnn import CTRNN, to_logistic
    >>> to_logistic(CTRNN([[1.5]], activation="tanh")).constant_inputs
    array([-1.5])
    """
    _require(net, "tanh")
    drive = net.constant_inputs - net.weights.sum(axis=1)
    return net.replace(weights=2 * net.weights, gains=2 * net.gains, constant_inputs=drive, activation="logistic")


def to_tanh(net: CTRNN) -> CTRNN:
    """Return a logistic network as a tanh one, in the same variables, by ``s(x) = (1 + tanh(x/2))/2``.

    Examples
    --------
    >>> from ctrnn import CTRNN, to_tanh
    >>> to_tanh(CTRNN([[4.0]])).constant_inputs
    array([2.])
    """
    _require(net, "logistic")
    drive = net.constant_inputs + net.weights.sum(axis=1) / 2
    return net.replace(weights=net.weights / 2, gains=net.gains / 2, constant_inputs=drive, activation="tanh")


def from_rate_form(
    weights: ArrayLike,
    biases: ArrayLike = 0.0,
    responses: ArrayLike = 1.0,
    *,
    time_constant: ArrayLike = 1.0,
    gains: ArrayLike = 1.0,
    activation: str | Activation = "logistic",
) -> CTRNN:
    """Return ``tau dr_i/dt = -r_i + phi(g_i u_i)``, ``u = beta + rho W r``, as the CTRNN of the variables u.

    That is the model of neat-python, whose "sigmoid" has g = 5. (What its program computes is another matter: ``advance``
    of release 2.0.0 goes at half the speed, 0.3936 instead of 0.6321 at t = 1 for a constant drive of 1.) The outputs
    ``phi(g u)`` are what r follows; a state r corresponds to ``y = beta + rho W r``. It holds where all neurons have one
    time constant.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        W, from column to row.
    biases, responses, gains : float or array_like, shape (N,)
        beta, rho and g. A constant external drive is a part of beta.
    time_constant : float or array_like, shape (N,)
        tau, the same for all neurons.
    activation : str or Activation

    Examples
    --------
    >>> from ctrnn import from_rate_form
    >>> from_rate_form([[0, 2], [-2, 0]], biases=0.5, gains=5.0).constant_inputs
    array([0.5, 0.5])
    """
    matrix = as_floats(weights, "weights")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"`weights` must be a square matrix; got shape {matrix.shape}.")
    rho = as_vector(responses, "responses", matrix.shape[0], "N")
    biases = as_vector(biases, "biases", matrix.shape[0], "N")
    taus = require_positive(as_vector(time_constant, "time_constant", matrix.shape[0], "N"), "time_constant")
    if taus.size and (taus != taus[0]).any():
        raise ValueError("`time_constant` must be the same for all neurons: with others the rates are no additive network.")
    tau = taus[0] if taus.size else 1.0
    return CTRNN(rho[:, np.newaxis] * matrix, 0.0, tau, gains=gains, constant_inputs=biases, activation=activation)


def _scaled(net: CTRNN, factors: Floats, **changes: ArrayLike) -> CTRNN:
    """Return the network with everything that drives neuron i multiplied by factors[i]."""
    column = factors[:, np.newaxis]
    if "input_weights" in net.layout.shapes or (factors != 1).any():
        changes["input_weights"] = column * net.input_weights
    return net.replace(weights=column * net.weights, constant_inputs=factors * net.constant_inputs, **changes)


def require_ctrnn(net: Any) -> None:
    """Raise unless it is a CTRNN."""
    if not isinstance(net, CTRNN):
        raise TypeError(f"`net` must be a CTRNN; got {type(net).__name__}.")


def _require_no_events(net: CTRNN) -> None:
    """Raise where events would see other variables than those that they were written for."""
    require_ctrnn(net)
    if net.has("events"):
        raise ValueError("`net` has events, which are functions of its variables; convert it without, then `with_events`.")


def _require(net: CTRNN, name: str) -> None:
    require_ctrnn(net)
    if net.activation.name != name:
        raise ValueError(f"`net` must have the activation {name!r}; got {net.activation.name!r}.")
