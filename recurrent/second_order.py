"""Second-order networks, whose weights join a state and an input."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from numpy.typing import ArrayLike

from neurodynamics import Activation, activation as activation_of
from neurodynamics.systems import dual_kernel, lifted
from neurodynamics.validation import as_floats
from recurrent.network import RecurrentNetwork, as_vector


@functools.cache
def _functions(activation: Activation) -> dict[str, Any]:
    s = lifted(activation)

    @dual_kernel
    def second_order_rhs(index, t, y, n, u, m, params, p, out, k):
        """Unit: s_i' = s(b_i + sum_jk W_ijk s_j x_k), W_ijk at n + (i n + j) m + k."""
        for i in range(n):
            acc = params[i] + 0.0 * y[i]
            for j in range(n):
                at, w = n + (i * n + j) * m, 0.0 * params[i]
                for q in range(m):
                    w += params[at + q] * u[q]
                acc += w * y[j]
            out[i] = s(acc)

    return {"rhs": second_order_rhs}


class SecondOrder(RecurrentNetwork):
    """A second-order recurrent network: ``s_i' = s(sum_jk W_ijk s_j x_k + b_i)``.

    Parameters
    ----------
    weights : array_like, shape (N, N, M)
        ``weights[i, j, k]`` joins state j and input k.
    biases : float or array_like, shape (N,)
    activation : str or Activation

    References
    ----------
    .. [1] Giles et al. (1992), Learning and extracting finite state automata with second-order recurrent neural networks,
       Neural Computation 4, 393.

    Examples
    --------
    >>> from recurrent import SecondOrder
    >>> SecondOrder([[[4.0]]], -2.0).jac(0, [0.5], [1.0]).tolist()
    [[1.0]]
    """

    options: ClassVar[tuple[str, ...]] = ("activation",)

    def __init__(
        self, weights: ArrayLike, biases: ArrayLike = 0.0, *, activation: str | Activation = "logistic"
    ) -> None:
        self.activation = activation_of(activation)
        W = as_floats(weights, "weights")
        if W.ndim != 3 or W.shape[0] != W.shape[1]:
            raise ValueError(f"`weights` must have shape (N, N, M), weights[i, j, k] of state j and input k; got {W.shape}.")
        n = len(W)
        arrays = {"biases": as_vector(biases, "biases", n, "N"), "weights": W}
        self._build(_functions(self.activation), arrays, n, W.shape[2])
