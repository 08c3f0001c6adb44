"""Networks of one layer that listens to itself: fully recurrent, Elman's, independently recurrent, and of several layers."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation, activation
from neurodynamics.compiling import pointer_kernel
from neurodynamics.systems import affine, dual_kernel, lifted
from neurodynamics.validation import Floats, as_items, called, entry
from recurrent.network import as_matrix, as_square, as_vector, input_matrix, output_arrays
from recurrent.torch_layers import OfTorch

# Packing: b (N), W (N, N) or u (N), U (N, M), then V (K, N), d (K) where there is an output layer.


@functools.cache
def layer_functions(phi: Activation, shown: Activation | None, diagonal: bool = False) -> dict[str, Any]:
    """Return the functions of a layer h' = phi(W h + U x + b), or of units that listen to themselves only."""
    functions = {"rhs": _rhs(lifted(phi), diagonal), "jac": _jac(phi.derivative, diagonal)}
    return functions if shown is None else functions | {"outputs": output_layer(shown)}


def _rhs(phi: Any, diagonal: bool) -> Any:
    @dual_kernel
    def layer_rhs(index, t, y, n, u, m, params, p, out, k):
        """Layer: h_i' = phi(b_i + sum_q U_iq x_q + sum_j W_ij h_j)."""
        if diagonal:
            affine(params, 0, 0, 2 * n, y, 0, u, m, out, n)
            for i in range(n):
                out[i] += params[n + i] * y[i]
        else:
            affine(params, 0, n, n + n * n, y, n, u, m, out, n)
        for i in range(n):
            out[i] = phi(out[i])

    return layer_rhs


def _jac(slope: Any, diagonal: bool) -> Any:
    @pointer_kernel
    def layer_jac(index, t, y, n, u, m, params, p, out, k):
        """J_ij = phi'(z_i) W_ij."""
        W = n
        U = W + (n if diagonal else n * n)
        for i in range(n):
            z = params[i]
            for q in range(m):
                z += params[U + q * n + i] * u[q]
            for j in range(1 if diagonal else n):
                z += params[W + j * n + i] * y[i if diagonal else j]
            s = slope(z)
            for j in range(n):
                if diagonal:
                    out[i * n + j] = s * params[W + i] if i == j else 0.0
                else:
                    out[i * n + j] = s * params[W + j * n + i]

    return layer_jac


@functools.cache
def output_layer(activation: Activation, blocks: int = 1) -> Any:
    """Return the outputs of a layer that hears the first of so many blocks of states."""
    phi = lifted(activation)

    @dual_kernel
    def layer_outputs(index, t, y, n, u, m, params, p, out, k):
        """Output layer: o_i = phi(d_i + sum_j V_ij h_j); V and d are the last of the parameters."""
        h = n // blocks
        affine(params, p - k, p - k - h * k, 0, y, h, u, 0, out, k)
        for i in range(k):
            out[i] = phi(out[i])

    return layer_outputs


class FullyRecurrent(OfTorch):
    """A fully recurrent network in discrete time: ``h' = phi(W h + U x + b)``.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        W; ``weights[i, j]`` is the strength **from j to i**.
    input_weights : array_like, shape (N, M), optional
        U; without it there are no inputs.
    biases : float or array_like, shape (N,)
    output_weights : array_like, shape (K, N), optional
        V of an output layer ``s(V h + d)``; without it the network shows its state.
    output_biases : float or array_like, shape (K,)
    mask : array_like of bool, shape (N, N), optional
        Which connections exist; the weights of the others are zero, and setting one by name is refused.
    activation, output_activation : str or Activation
        phi and s.

    References
    ----------
    .. [1] Sompolinsky, Crisanti & Sommers (1988), Chaos in random neural networks, Phys. Rev. Lett. 61, 259.

    Examples
    --------
    >>> from recurrent import FullyRecurrent
    >>> from neurodynamics import simulate
    >>> net = FullyRecurrent([[0.0, 1.2], [-1.2, 0.0]], biases=0.1)
    >>> simulate(net, 50, [0.1, 0]).final.round(4).tolist()
    [-0.5835, -0.6397]
    """

    options: ClassVar[tuple[str, ...]] = ("mask", "activation", "output_activation")
    diagonal: ClassVar[bool] = False
    torch_kind = "RNN"

    def __init__(
        self,
        weights: ArrayLike,
        input_weights: ArrayLike | None = None,
        biases: ArrayLike = 0.0,
        *,
        output_weights: ArrayLike | None = None,
        output_biases: ArrayLike = 0.0,
        mask: ArrayLike | None = None,
        activation: str | Activation = "tanh",
        output_activation: str | Activation = "linear",
    ) -> None:
        W = as_square(weights, "weights")
        self.mask = None if mask is None else as_matrix(mask, "mask", W.shape, "that of the weights") != 0
        arrays = {"weights": W if self.mask is None else np.where(self.mask, W, 0.0)}
        self._set_layer(arrays, input_weights, biases, output_weights, output_biases, activation, output_activation)

    def _set_layer(
        self, arrays: dict[str, Floats], input_weights: Any, biases: Any, output_weights: Any, output_biases: Any,
        inner: Any, outer: Any,
    ) -> None:  # fmt: skip
        n = len(arrays["weights"])
        self.activation = activation(inner)
        with called("activation", "output_activation"):
            self.output_activation = activation(outer)
        arrays = {"biases": as_vector(biases, "biases", n, "N")} | arrays
        arrays["input_weights"] = input_matrix(input_weights, n)
        layer = output_arrays(output_weights, output_biases, n)
        shown, k = (self.output_activation, len(layer["output_weights"])) if layer else (None, None)
        self._build(layer_functions(self.activation, shown, self.diagonal), arrays | layer, n, output_dim=k)

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is NaN or infinite, or a masked weight is not zero."""
        super().check_params(vector)
        mask = self.__dict__.get("mask")
        if mask is not None:
            masked = np.argwhere((self.layout.view(vector, "weights") != 0) & ~mask)
            if len(masked):
                i, j = (int(index) for index in masked[0][-2:])
                raise ValueError(f"`{entry('weights', (i, j))}` must be 0: the mask has no connection from {j} to {i}.")


class Elman(FullyRecurrent):
    """Elman's simple recurrent network: ``h' = s(U x + W h + b)``, ``o = s(V h + d)``.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        W, from the context (the last hidden state) to the hidden layer.
    input_weights : array_like, shape (N, M)
    output_weights : array_like, shape (K, N)
    biases, output_biases : float or array_like, shape (N,), (K,)
    activation, output_activation : str or Activation
    mask : array_like of bool, shape (N, N), optional

    References
    ----------
    .. [1] Elman (1990), Finding structure in time, Cognitive Science 14, 179.

    Examples
    --------
    >>> from recurrent import Elman
    >>> Elman([[0.5, -1], [1, 0.5]], [[1], [0]], [[1, 1]]).output_dim
    1
    """

    def __init__(
        self,
        weights: ArrayLike,
        input_weights: ArrayLike,
        output_weights: ArrayLike,
        biases: ArrayLike = 0.0,
        output_biases: ArrayLike = 0.0,
        *,
        activation: str | Activation = "logistic",
        output_activation: str | Activation = "logistic",
        mask: ArrayLike | None = None,
    ) -> None:
        super().__init__(
            weights, input_weights, biases, output_weights=output_weights, output_biases=output_biases, mask=mask,
            activation=activation, output_activation=output_activation,
        )  # fmt: skip


class IndRNN(FullyRecurrent):
    """An independently recurrent network: ``h' = phi(U x + w * h + b)``, each unit listens to itself only.

    Its Lyapunov exponents are the means of ``ln |w_i phi'(z_i)|``.

    Parameters
    ----------
    weights : array_like, shape (N,)
        w, of each unit to itself.
    input_weights : array_like, shape (N, M), optional
    biases : float or array_like, shape (N,)
    activation : str or Activation

    References
    ----------
    .. [1] Li, Li, Cook, Zhu & Gao (2018), Independently recurrent neural network, CVPR, 5457.

    Examples
    --------
    >>> from recurrent import IndRNN
    >>> IndRNN([0.9, -0.5], [[1.0], [2.0]]).jac(0, [0.5, 0.0], [0.1]).tolist()
    [[0.9, 0.0], [0.0, -0.5]]
    """

    options: ClassVar[tuple[str, ...]] = ("activation",)
    diagonal: ClassVar[bool] = True

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0, *,
        activation: str | Activation = "relu",
    ) -> None:  # fmt: skip
        w = np.atleast_1d(np.asarray(weights))
        arrays = {"weights": as_vector(weights, "weights", len(w), "N")}
        self._set_layer(arrays, input_weights, biases, None, 0.0, activation, "linear")


class RMLP(FullyRecurrent):
    """A recurrent multilayer perceptron: layers that listen to themselves and to the layer below.

    ``h_l' = phi(W_l h_l + F_l h_(l-1) + b_l)``, with the inputs for ``h_0``: what is below arrives one step later.

    Parameters
    ----------
    layers : sequence of (array_like (N_l, N_l), array_like (N_l, N_(l-1)), array_like (N_l,))
        W, F and b of each layer, the one that hears the inputs first.
    activation : str or Activation

    References
    ----------
    .. [1] Puskorius & Feldkamp (1994), Neurocontrol of nonlinear dynamical systems with Kalman filter trained recurrent
       networks, IEEE Trans. Neural Networks 5, 279.

    Examples
    --------
    >>> from recurrent import RMLP
    >>> net = RMLP.of([([[0.5]], [[1.0]], [0.0]), ([[0.2]], [[2.0]], [0.1])])
    >>> net.weights.tolist()
    [[0.5, 0.0], [2.0, 0.2]]
    """

    @classmethod
    def of(cls, layers: Sequence[tuple[ArrayLike, ArrayLike, ArrayLike]], *, activation: str | Activation = "tanh") -> RMLP:
        """Return the network of these layers."""
        layers = as_items(layers, "layers")
        if not layers or any(not isinstance(layer, (list, tuple)) or len(layer) != 3 for layer in layers):
            raise ValueError("`layers` must hold at least one layer, each (W, F, b).")
        squares = [as_square(W, f"layers[{k}][0]") for k, (W, _, _) in enumerate(layers)]
        ends = np.cumsum([0, *map(len, squares)])
        weights, biases = np.zeros((ends[-1], ends[-1])), np.zeros(ends[-1])
        mask, inputs = np.zeros(weights.shape), None
        for k, (W, (_, F, b)) in enumerate(zip(squares, layers, strict=True)):
            own, below = slice(ends[k], ends[k + 1]), slice(ends[k - 1], ends[k])
            weights[own, own], mask[own, own] = W, 1
            biases[own] = as_vector(b, f"layers[{k}][2]", len(W), "N")
            width = None if k == 0 else len(squares[k - 1])
            forward = as_matrix(F, f"layers[{k}][1]", (len(W), width), "(N, N below)")
            if k == 0:
                inputs = np.zeros((ends[-1], forward.shape[1]))
                inputs[own] = forward
            else:
                weights[own, below], mask[own, below] = forward, 1
        return cls(weights, inputs, biases, mask=mask, activation=activation)
