"""Jordan's network, whose context is what it said."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from numpy.typing import ArrayLike

from neurodynamics import Activation, activation as activation_of
from neurodynamics.compiling import offset
from neurodynamics.systems import affine, dual_kernel, lifted, scratch
from neurodynamics.validation import as_number, called
from recurrent.network import Limit, RecurrentNetwork, as_matrix, as_vector, first_states, input_matrix

# Packing: alpha, d (K), b (H), W (H, K), U (H, M), V (K, H).


@functools.cache
def _functions(inner: Activation, outer: Activation) -> dict[str, Any]:
    phi, g = lifted(inner), lifted(outer)

    @dual_kernel
    def jordan_rhs(index, t, y, n, u, m, params, p, out, k):
        """Output o' = g(V phi(W c + U x + b) + d) and context c' = alpha c + o'; the state is o, then c."""
        K = n // 2
        H = (p - 1 - K) // (1 + 2 * K + m)
        b, c = 1 + K, offset(y, K)
        W = b + H
        U = W + H * K
        h = scratch(out, H)
        affine(params, b, W, U, c, K, u, m, h, H)
        for i in range(H):
            h[i] = phi(h[i])
        affine(params, 1, U + H * m, 0, h, H, u, 0, out, K)
        for i in range(K):
            out[i] = g(out[i])
            out[K + i] = params[0] * c[i] + out[i]

    return {"rhs": jordan_rhs, "outputs": first_states}


class Jordan(RecurrentNetwork):
    """Jordan's network: ``h = s(U x + W c + b)``, ``o' = g(V h + d)``, context ``c' = alpha c + o'``; state ``[o, c]``.

    Parameters
    ----------
    weights : array_like, shape (H, K)
        W, from the context to the hidden units.
    input_weights : array_like, shape (H, M)
    output_weights : array_like, shape (K, H)
    biases, output_biases : float or array_like, shape (H,), (K,)
    alpha : float
        0 <= alpha < 1: how much of the context stays; 0 is the network of most textbooks.
    activation, output_activation : str or Activation

    References
    ----------
    .. [1] Jordan (1986), Serial order: a parallel distributed processing approach, ICS report 8604, UC San Diego.

    Examples
    --------
    >>> from recurrent import Jordan
    >>> net = Jordan([[1.0]], [[0.5]], [[2.0]], alpha=0.5, activation="linear", output_activation="linear")
    >>> net.rhs(0, [0.0, 1.0], [2.0]).tolist()
    [4.0, 4.5]
    """

    options: ClassVar[tuple[str, ...]] = ("activation", "output_activation")
    limits: ClassVar = {"alpha": Limit("at least 0 and below 1", lambda a: (a >= 0) & (a < 1))}

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike, output_weights: ArrayLike, biases: ArrayLike = 0.0,
        output_biases: ArrayLike = 0.0, alpha: float = 0.0, *,
        activation: str | Activation = "logistic", output_activation: str | Activation = "logistic",
    ) -> None:  # fmt: skip
        self.activation = activation_of(activation)
        with called("activation", "output_activation"):
            self.output_activation = activation_of(output_activation)
        W = as_matrix(weights, "weights", (None, None), "(H, K)")
        h, k = W.shape
        arrays: dict[str, Any] = {
            "alpha": as_number(alpha, "alpha"),
            "output_biases": as_vector(output_biases, "output_biases", k, "K"),
            "biases": as_vector(biases, "biases", h, "H"),
            "weights": W,
            "input_weights": input_matrix(input_weights, h),
            "output_weights": as_matrix(output_weights, "output_weights", (k, h), "(K, H)"),
        }
        functions = _functions(self.activation, self.output_activation)
        self._build(functions, arrays, 2 * k, output_dim=k)
