"""The continuous-time recurrent neural network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurodynamics import Activation, AdditiveNetwork
from neurodynamics.validation import Floats, as_floats, entry


class CTRNN(AdditiveNetwork):
    """A continuous-time recurrent neural network.

        ``tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + sum_k V_ik u_k + c_i``

    Its outputs are ``o_j = phi(g_j (y_j + b_j))``, with the logistic function for phi unless another is named.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        ``weights[i, j]`` is the strength of the connection **from j to i**.
    biases, time_constants, gains, leaks, constant_inputs, noise : float or array_like, shape (N,)
        b, tau, g, lambda, c, and the amplitude of white noise on each state.
    input_weights : array_like, shape (N, M), optional
        V; without it, every neuron has an input of its own.
    activation : str or Activation
    mask : array_like of bool, shape (N, N), optional
        Which connections exist, from column to row like the weights; the weights of the others are set to zero here,
        and a later attempt to set one by name is refused. See :class:`Groups` for masks between groups of neurons.

    References
    ----------
    .. [1] Beer (1995), On the dynamics of small continuous-time recurrent neural networks, Adaptive Behavior 3, 469.

    Examples
    --------
    >>> from ctrnn import CTRNN, simulate
    >>> net = CTRNN(weights=[[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
    >>> simulate(net, (0, 250), y0=[0, 0]).outputs.shape[0]
    2
    """

    further_arguments: ClassVar[tuple[str, ...]] = ("mask",)
    mask: NDArray[np.bool_] | None

    def __init__(
        self,
        weights: ArrayLike,
        biases: ArrayLike = 0.0,
        time_constants: ArrayLike = 1.0,
        *,
        gains: ArrayLike = 1.0,
        leaks: ArrayLike = 1.0,
        constant_inputs: ArrayLike = 0.0,
        noise: ArrayLike = 0.0,
        input_weights: ArrayLike | None = None,
        activation: str | Activation = "logistic",
        mask: ArrayLike | None = None,
    ) -> None:
        matrix = as_floats(weights, "weights")
        self.mask = None if mask is None else as_mask(mask, matrix.shape)
        if self.mask is not None:
            matrix = np.where(self.mask, matrix, 0.0)
        super().__init__(
            matrix, biases, time_constants, gains=gains, leaks=leaks, constant_inputs=constant_inputs,
            noise=noise, input_weights=input_weights, activation=activation,
        )  # fmt: skip

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is NaN or infinite, a time constant <= 0, or a masked weight not zero."""
        super().check_params(vector)
        if self.mask is None:
            return
        masked = (self.layout.view(vector, "weights") != 0) & ~self.mask
        if masked.any():
            i, j = (int(k) for k in np.argwhere(masked)[0][-2:])
            raise ValueError(
                f"`{entry('weights', (i, j))}` must be 0: the mask has no connection from {j} to {i}. Use "
                "`replace(mask=..)` to allow it."
            )

    @classmethod
    def restore(cls, arrays: Mapping[str, Floats], activation: Activation, further: Mapping[str, Any]) -> Self:
        """Return the network of these named arrays, activation and mask: for files and other processes."""
        mask = further["mask"]
        checked = {"mask": None if mask is None else as_mask(mask, np.shape(arrays["weights"]))}
        return super().restore(arrays, activation, checked)

    @classmethod
    def from_thresholds(
        cls, weights: ArrayLike, thresholds: ArrayLike, time_constants: ArrayLike = 1.0, **arguments: Any
    ) -> Self:
        """Return the network ``tau_i dy_i/dt = -y_i + sum_j w_ji phi(y_j - Theta_j) + I_i``, as the encyclopaedias have it.

        Parameters
        ----------
        weights : array_like, shape (N, N)
            Stored **from, to**: ``weights[j, i]`` is the strength from j to i.
        thresholds : float or array_like, shape (N,)
            Theta, subtracted from the state inside the activation: the negative of a bias.
        time_constants : float or array_like, shape (N,)
        **arguments
            Further arguments of the constructor; a ``mask`` is from column to row, like those of all networks here.

        Examples
        --------
        >>> from ctrnn import CTRNN
        >>> net = CTRNN.from_thresholds([[0, 5], [-5, 0]], thresholds=[1, 2])
        >>> float(net.weights[1, 0]), net.biases
        (5.0, array([-1., -2.]))
        """
        matrix, theta = as_floats(weights, "weights").T, as_floats(thresholds, "thresholds")
        if theta.shape not in ((), matrix.shape[:1]):
            raise ValueError(f"`thresholds` must be a number or have shape (N,) = {matrix.shape[:1]}; got {theta.shape}.")
        return cls(matrix, -theta, time_constants, **arguments)

    @classmethod
    def from_beer(
        cls,
        weights: ArrayLike,
        biases: ArrayLike = 0.0,
        time_constants: ArrayLike = 1.0,
        gains: ArrayLike = 1.0,
        **arguments: Any,
    ) -> Self:
        """Return the network ``tau_i dy_i/dt = -y_i + sum_j w_ji s(g_j (y_j + theta_j)) + I_i`` of Beer's programs.

        Parameters
        ----------
        weights : array_like, shape (N, N)
            Stored **from, to**: ``weights[j][i]`` is the strength from j to i.
        biases : float or array_like, shape (N,)
            theta, added to the state.
        time_constants, gains : float or array_like, shape (N,)
        **arguments
            Further arguments of the constructor.
        """
        return cls(as_floats(weights, "weights").T, biases, time_constants, gains=gains, **arguments)


def as_mask(mask: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return a read-only boolean matrix of that shape; zeros and ones are accepted."""
    array = as_floats(mask, "mask")
    if array.shape != shape:
        raise ValueError(f"`mask` must have the shape of the weights, {shape}; got {array.shape}.")
    if not np.isin(array, (0.0, 1.0)).all():
        index = tuple(int(k) for k in np.argwhere(~np.isin(array, (0.0, 1.0)))[0])
        raise ValueError(f"`{entry('mask', index)}` must be True or False; got {array[index]:g}.")
    result = array.astype(bool)
    result.flags.writeable = False
    return result
