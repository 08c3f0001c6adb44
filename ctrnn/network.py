"""The continuous-time recurrent neural network."""

from __future__ import annotations

from typing import Any, Self

from numpy.typing import ArrayLike

from neurodynamics import AdditiveNetwork


class CTRNN(AdditiveNetwork):
    """A continuous-time recurrent neural network.

        ``tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + sum_k V_ik u_k + c_i``

    Its outputs are ``o_j = phi(g_j (y_j + b_j))``, with the logistic function for phi unless another is named.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        ``weights[i, j]`` is the strength of the connection **from j to i**.
    biases, time_constants, gains, leaks, constant_inputs : float or array_like, shape (N,)
        b, tau, g, lambda, c.
    input_weights : array_like, shape (N, M), optional
        V; without it, every neuron has an input of its own.
    activation : str or Activation

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

    @classmethod
    def from_thresholds(
        cls, weights: ArrayLike, thresholds: ArrayLike, time_constants: ArrayLike = 1.0, **arguments: Any
    ) -> Self:
        """Return the network ``tau_i dy_i/dt = -y_i + sum_j w_ji phi(y_j - Theta_j) + I_i``.

        Parameters
        ----------
        weights : array_like, shape (N, N)
            Stored **from, to**: ``weights[j, i]`` is the strength from j to i, as in the encyclopaedias.
        thresholds : float or array_like, shape (N,)
            Theta, subtracted from the state inside the activation: the negative of a bias.
        """
        import numpy as np

        return cls(np.transpose(weights), -np.asarray(thresholds), time_constants, **arguments)
