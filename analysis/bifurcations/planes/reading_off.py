"""Inputs or biases at which given net inputs are an equilibrium: additive networks solved backwards.

``lambda y = W phi(x) + I`` and ``x = g (y + b)`` hold for any x if each neuron has a bias b_i or a current I_i of its own to
be chosen. So surfaces of folds and Hopf points, which depend on the slopes phi'(x) alone, need no continuation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.parameters import Parameter
from analysis.common import require_system
from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.validation import Floats, as_count, as_floats

BIAS, CURRENT = "biases", "constant_inputs"


@dataclass(frozen=True, eq=False)
class Plane:
    """Parameters of which each moves the bias or the current of one neuron, all neurons in turn."""

    network: Any
    neurons: tuple[int, ...]  # of each parameter
    kinds: tuple[str, ...]
    weights: Floats  # what a unit of the parameter adds
    biases: Floats
    currents: Floats  # without what the parameters add

    @classmethod
    def of(cls, system: DynamicalSystem, parameters: tuple[Parameter, ...], drive: Floats) -> Plane | None:
        """Return the plane, or None where a closed form does not apply."""
        net = system.structure("additive")
        if net is None or (net.leaks == 0).any() or (net.gains == 0).any():
            return None
        V, n = net.input_weights, system.state_dim
        biases, currents = net.biases.copy(), net.constant_inputs + V @ drive
        neurons, kinds, weights = [], [], []
        for each in parameters:
            bias = system.layout.view(each.direction, "biases")
            current = system.layout.view(each.direction, "constant_inputs") + V @ each.drive_direction
            others = np.count_nonzero(each.direction) - np.count_nonzero(bias)
            others -= np.count_nonzero(system.layout.view(each.direction, "constant_inputs"))
            if others or np.count_nonzero(bias) + np.count_nonzero(current) != 1:
                return None
            moved = bias if bias.any() else current
            k = int(np.argmax(moved != 0))
            neurons.append(k)
            kinds.append(BIAS if bias.any() else CURRENT)
            weights.append(moved[k])
            if kinds[-1] == CURRENT:
                currents[k] -= net.constant_inputs[k] if each.direction.any() else V[k] @ (drive - each.drive)
        if sorted(neurons) != list(range(n)):
            return None
        return cls(system, tuple(neurons), tuple(kinds), np.array(weights), biases, currents)

    def values(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the values (K, m) of the parameters and the states (K, N) at net inputs x (K, N)."""
        net, y = self.network, np.empty_like(x)
        drive, leaks, gains = net.activation(x) @ net.weights.T, net.leaks, net.gains
        values = np.empty((len(x), len(self.neurons)))
        for k, (i, kind, weight) in enumerate(zip(self.neurons, self.kinds, self.weights, strict=True)):
            if kind == BIAS:
                y[:, i] = (drive[:, i] + self.currents[i]) / leaks[i]
                values[:, k] = (x[:, i] / gains[i] - y[:, i]) / weight
            else:
                y[:, i] = x[:, i] / gains[i] - self.biases[i]
                values[:, k] = (leaks[i] * y[:, i] - drive[:, i] - self.currents[i]) / weight
        return values, y


def fold_net_inputs(network: AdditiveNetwork, x: ArrayLike, neuron: int) -> Floats:
    """Return where an additive network has a fold, for net inputs that are chosen in all neurons but one.

    The determinant of ``W D - Lambda`` is affine in each slope ``D_j = g_j phi'(x_j)``: it vanishes at one value of it, and
    the two net inputs with that slope are opposite. Inputs at which x is an equilibrium can be read off:
    ``I = lambda (x / g - b) - W phi(x)``. So surfaces of folds of any number of neurons need no continuation.

    Parameters
    ----------
    network : AdditiveNetwork
        With a logistic, tanh, erf or arctangent activation.
    x : array_like, shape (N,) or (K, N)
        Net inputs g (y + b); that of `neuron` does not count.
    neuron : int
        Whose net input is found.

    Returns
    -------
    array, shape (K, 2, N)
        Net inputs on the fold surface; NaN where none is.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import fold_net_inputs
    >>> fold_net_inputs(CTRNN([[6.0]]), [0.0], 0).round(6)  # phi' is 1/6
    array([[[ 1.316958],
            [-1.316958]]])
    """
    net = require_system(network).structure("additive")
    if net is None or net.activation.name not in _OF_SLOPE:
        raise ValueError(f"`network` must be additive with one of the activations {', '.join(_OF_SLOPE)}.")
    neuron = as_count(neuron, "neuron")
    if neuron >= network.state_dim:
        raise ValueError(f"`neuron` must be one of the {network.state_dim} neurons; got {neuron}.")
    rows = np.atleast_2d(as_floats(x, "x"))
    if rows.ndim != 2 or rows.shape[1] != network.state_dim:
        raise ValueError(f"`x` must have shape (N,) = ({network.state_dim},) or (K, N); got {np.shape(x)}.")
    D = network.gains * network.activation.slopes(rows)
    at = []
    for value in (0.0, 1.0):
        D[:, neuron] = value
        at.append(np.linalg.det(network.weights * D[:, np.newaxis, :] - np.diag(network.leaks)))
    with np.errstate(divide="ignore", invalid="ignore"):
        place = net_input_of_slope(network.activation, at[0] / (at[0] - at[1]) / network.gains[neuron])
    out = np.stack([rows, rows], axis=1)
    out[:, 0, neuron], out[:, 1, neuron] = place, -place
    return out


def net_input_of_slope(activation: Any, d: Floats) -> Floats:
    """Return the positive net input at which a sigmoid has slope d, NaN where it has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where((d > 0) & (d <= activation.max_slope * (1 + 1e-15)), d / activation.max_slope, np.nan)
        share = np.minimum(share, 1.0)
        return _OF_SLOPE[activation.name](share)


_OF_SLOPE: dict[str, Any] = {  # of the slope relative to the steepest
    "logistic": lambda r: 2.0 * np.log1p(np.sqrt(1.0 - r)) - np.log(r),  # 2 artanh(sqrt(1 - r)), also where r is tiny
    "tanh": lambda r: np.log1p(np.sqrt(1.0 - r)) - 0.5 * np.log(r),
    "erf": lambda r: np.sqrt(-np.log(r)),
    "arctangent": lambda r: 2.0 / np.pi * np.sqrt(1.0 / r - 1.0),
}


def why_no_closed_form(system: DynamicalSystem, plane: Plane | None) -> str:
    """Return why there is no closed form, or an empty string."""
    net = system.structure("additive")
    if net is None or system.state_dim != 2:
        return "closed forms are known for two neurons"
    if net.activation.name not in _OF_SLOPE:
        return f"the slope of the activation {net.activation.name!r} is not inverted here"
    if plane is None:
        return "each parameter must move the bias or the input of one neuron"
    return ""
