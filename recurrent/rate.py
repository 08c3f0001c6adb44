"""Rate networks in continuous time: leaky units, gated ones, and liquid time constants."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation, activation as activation_of
from neurodynamics.activations import LOGISTIC
from neurodynamics.compiling import offset
from neurodynamics.systems import add_product, affine, dual_kernel, lifted, scratch
from recurrent.network import POSITIVE, RecurrentNetwork, as_matrix, as_square, as_vector, input_matrix
from recurrent.torch_layers import torch_layer

s = lifted(LOGISTIC)


class _WithTimeConstants(RecurrentNetwork):
    """A flow whose first parameters are N time constants."""

    options: ClassVar[tuple[str, ...]] = ("activation",)
    limits: ClassVar = {"time_constants": POSITIVE}

    def _set(
        self, functions: dict[str, Any], vectors: dict[str, ArrayLike], weights: ArrayLike, input_weights: ArrayLike | None,
        **others: ArrayLike | None,
    ) -> None:  # fmt: skip
        """Make the flow of vectors (N,), weights, other matrices (N, N), zero where they are None, and input weights."""
        W = as_square(weights, "weights")
        n = len(W)
        arrays = {name: as_vector(value, name, n, "N") for name, value in vectors.items()} | {"weights": W}
        for name, value in others.items():
            arrays[name] = np.zeros((n, n)) if value is None else as_matrix(value, name, (n, n), "(N, N)")
        arrays["input_weights"] = input_matrix(input_weights, n)
        self._build(functions, arrays, n, kind="flow")


@functools.cache
def _rate_functions(activation: Activation) -> dict[str, Any]:
    phi = lifted(activation)

    @dual_kernel
    def rate_rhs(index, t, y, n, u, m, params, p, out, k):
        """Rate: tau x' = -x + phi(W x + U u + b)."""
        affine(params, n, 2 * n, 2 * n + n * n, y, n, u, m, out, n)
        for i in range(n):
            out[i] = (-y[i] + phi(out[i])) * (1.0 / params[i])

    return {"rhs": rate_rhs}


class RateNetwork(_WithTimeConstants):
    """Leaky integrators of rates, ``tau x' = -x + phi(W x + U u + b)``: the CTRNN whose sum is inside the activation.

    Its Euler step is the leaky map of echo state networks.

    Parameters
    ----------
    weights : array_like, shape (N, N)
    input_weights : array_like, shape (N, M), optional
    biases, time_constants : float or array_like, shape (N,)
    activation : str or Activation

    References
    ----------
    .. [1] Jaeger, Lukosevicius, Popovici & Siewert (2007), Optimization and applications of echo state networks with
       leaky-integrator neurons, Neural Networks 20, 335.

    Examples
    --------
    >>> from recurrent import RateNetwork
    >>> RateNetwork([[0.0]], biases=0.0, time_constants=2.0).rhs(0, [1.0]).tolist()
    [-0.5]
    """

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0,
        time_constants: ArrayLike = 1.0, *, activation: str | Activation = "tanh",
    ) -> None:  # fmt: skip
        self.activation = activation_of(activation)
        vectors = {"time_constants": time_constants, "biases": biases}
        self._set(_rate_functions(self.activation), vectors, weights, input_weights)

    @classmethod
    def from_torch(
        cls, state_dict: Mapping[str, Any], layer: int = 0, *, time_constants: ArrayLike = 1.0,
        activation: str | Activation = "tanh", reverse: bool = False, prefix: str = "",
    ) -> RateNetwork:  # fmt: skip
        """Return the flow whose Euler step of one time constant is a layer of PyTorch's RNN (torch is not imported).

        Parameters
        ----------
        state_dict : mapping of str to array
        layer : int
        time_constants : float or array_like, shape (N,)
            With others than the step, the flow of leaky units that has these weights.
        activation : str or Activation
            "tanh", or "relu", as the layer has it: its state dict does not say.
        reverse : bool
            Whether to read the half of a bidirectional layer that goes backwards.
        prefix : str
            Of the layer's names in the state dict of a whole model, such as ``"rnn."``.

        Examples
        --------
        >>> from recurrent import RateNetwork
        >>> RateNetwork.from_torch({"weight_hh_l0": [[0.5]], "weight_ih_l0": [[1.0, 2.0]]}).input_dim
        2
        """
        W, U, b, recurrent = torch_layer(state_dict, layer, reverse, prefix, "RNN")
        return cls(W, U, b + recurrent, time_constants, activation=activation)


@functools.cache
def _gated_functions(activation: Activation) -> dict[str, Any]:
    phi = lifted(activation)

    @dual_kernel
    def gated_rhs(index, t, y, n, u, m, params, p, out, k):
        """Rate: tau h' = z (-h + J (phi(h) r) + U u), z = s(Z phi(h) + a), r = s(R phi(h) + b)."""
        J = 3 * n
        Z, R, U = J + n * n, J + 2 * n * n, J + 3 * n * n
        f, r, z = scratch(out, n), scratch(out, n), scratch(out, n)
        for i in range(n):
            f[i] = phi(y[i])
        affine(params, n, Z, U, f, n, u, 0, z, n)
        affine(params, 2 * n, R, U, f, n, u, 0, r, n)
        for i in range(n):
            r[i] = s(r[i]) * f[i]
            out[i] = -y[i]
        add_product(params, U, u, m, out, n)
        add_product(params, J, r, n, out, n)
        for i in range(n):
            out[i] *= s(z[i]) / params[i]

    return {"rhs": gated_rhs}


class GatedRate(_WithTimeConstants):
    """A gated rate network: ``tau h' = z * (-h + J (r * phi(h)) + U u)``, gates ``z, r = s(W phi(h) + bias)``.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        J.
    update_weights, reset_weights : array_like, shape (N, N), optional
        Of the gates z and r; zero if not given, which leaves gates of zero bias half open.
    input_weights : array_like, shape (N, M), optional
    update_biases, reset_biases, time_constants : float or array_like, shape (N,)
    activation : str or Activation

    References
    ----------
    .. [1] Krishnamurthy, Can & Schwab (2022), Theory of gating in recurrent neural networks, Phys. Rev. X 12, 011011.

    Examples
    --------
    >>> from recurrent import GatedRate
    >>> GatedRate([[2.0]]).jac(0, [0.0]).tolist()
    [[0.0]]
    """

    def __init__(
        self, weights: ArrayLike, update_weights: ArrayLike | None = None, reset_weights: ArrayLike | None = None,
        input_weights: ArrayLike | None = None, update_biases: ArrayLike = 0.0, reset_biases: ArrayLike = 0.0,
        time_constants: ArrayLike = 1.0, *, activation: str | Activation = "tanh",
    ) -> None:  # fmt: skip
        self.activation = activation_of(activation)
        vectors = {"time_constants": time_constants, "update_biases": update_biases, "reset_biases": reset_biases}
        self._set(_gated_functions(self.activation), vectors, weights, input_weights, update_weights=update_weights,
                  reset_weights=reset_weights)  # fmt: skip


@functools.cache
def _liquid_functions(activation: Activation) -> dict[str, Any]:
    phi = lifted(activation)

    @dual_kernel
    def liquid_rhs(index, t, y, n, u, m, params, p, out, k):
        """Cell: x' = -(1/tau + f) x + f A, f = phi(W x + U u + b)."""
        A = offset(params, 2 * n)
        affine(params, n, 3 * n, 3 * n + n * n, y, n, u, m, out, n)
        for i in range(n):
            f = phi(out[i])
            out[i] = -(1.0 / params[i] + f) * y[i] + f * A[i]

    return {"rhs": liquid_rhs}


class LiquidTimeConstant(_WithTimeConstants):
    """A network of liquid time constants: ``x' = -(1/tau + f) x + f A``, ``f = phi(W x + U u + b)``.

    With f >= 0 the states stay between 0 and A, and the time constants between ``tau/(1 + tau)`` and tau for f <= 1.

    Parameters
    ----------
    weights : array_like, shape (N, N)
    input_weights : array_like, shape (N, M), optional
    biases, time_constants, targets : float or array_like, shape (N,)
        b, tau and A.
    activation : str or Activation

    References
    ----------
    .. [1] Hasani, Lechner, Amini, Rus & Grosu (2021), Liquid time-constant networks, AAAI 35, 7657.

    Examples
    --------
    >>> from recurrent import LiquidTimeConstant
    >>> LiquidTimeConstant([[0.0]], targets=3.0).rhs(0, [1.0]).tolist()
    [0.0]
    """

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0,
        time_constants: ArrayLike = 1.0, targets: ArrayLike = 1.0, *, activation: str | Activation = "logistic",
    ) -> None:  # fmt: skip
        self.activation = activation_of(activation)
        vectors = {"time_constants": time_constants, "biases": biases, "targets": targets}
        self._set(_liquid_functions(self.activation), vectors, weights, input_weights)
