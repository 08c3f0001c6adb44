"""Gated networks in discrete time: long short-term memory, the gated recurrent unit, and the minimal gated unit."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.activations import LINEAR, LOGISTIC, TANH
from neurodynamics.compiling import offset
from neurodynamics.systems import add_block, affine, dual_kernel, lifted, scratch
from neurodynamics.validation import Floats, as_choice, as_flag
from recurrent.fully_recurrent import output_layer
from recurrent.network import RecurrentNetwork, as_matrix, as_vector, first_states, gate_arrays, output_arrays
from recurrent.torch_layers import OfTorch

s, tanh = lifted(LOGISTIC), lifted(TANH)

# Packing: b (G N), W (G N, N), U (G N, M) for G gates, what a variant adds, then V (K, N), d (K) of an output layer.


def _build(net: RecurrentNetwork, functions: dict[str, Any], arrays: dict[str, Any], n: int, output_weights: Any,
           output_biases: Any, blocks: int = 1) -> None:  # fmt: skip
    """Make a network of units with so many states each, the first of which is shown, or heard by an output layer."""
    layer = output_arrays(output_weights, output_biases, n)
    shown = {"outputs": output_layer(LINEAR, blocks)} if layer else {}
    net._build(functions | shown, arrays | layer, blocks * n, output_dim=len(layer["output_weights"]) if layer else n)


@functools.cache
def lstm_functions(gates: int, peephole: bool) -> dict[str, Any]:
    """Return the functions of a long short-term memory of gates i, (f,) g, o."""

    @dual_kernel
    def lstm_rhs(index, t, y, n, u, m, params, p, out, k):
        """Cell: c' = s(f) c + s(i) tanh(g), h' = s(o) tanh(c'); the state is h, then c."""
        N = n // 2
        G = gates * N
        c, c_new, z = offset(y, N), offset(out, N), scratch(out, G)
        affine(params, 0, G, G + G * N, y, N, u, m, z, G)
        P, step = G + G * N + G * m, gates - 1
        for a in range(N):
            i, g, o = z[a], z[G - 2 * N + a], z[G - N + a]
            if peephole:
                i += params[P + step * a] * c[a]
            kept = c[a]
            if gates == 4:
                f = z[N + a]
                if peephole:
                    f += params[P + step * a + 1] * c[a]
                kept = s(f) * c[a]
            c_new[a] = kept + s(i) * tanh(g)
            if peephole:
                o += params[P + step * a + step - 1] * c_new[a]
            out[a] = s(o) * tanh(c_new[a])

    return {"rhs": lstm_rhs, "outputs": first_states}


class LSTM(OfTorch):
    """Long short-term memory: ``c' = f * c + i * tanh(g)``, ``h' = o * tanh(c')``, with the state ``[h, c]``.

    ``i, f, o = s(W h + U x + b)`` and ``g = W h + U x + b``, in blocks of N rows in the order ``i, f, g, o`` (PyTorch's).

    Parameters
    ----------
    weights : array_like, shape (G N, N)
        W, G = 4 blocks, or 3 without a forget gate.
    input_weights : array_like, shape (G N, M), optional
    biases : float or array_like, shape (G N,)
    peepholes : array_like, shape (G - 1, N), optional
        From each cell to its own gates i, (f,) and o, the last of which sees c'.
    forget : bool
        Whether there is a forget gate; without it cells keep what they have: the network of 1997.
    output_weights : array_like, shape (K, N), optional
        V of an output layer ``V h + d``; without it the network shows h.
    output_biases : float or array_like, shape (K,)

    References
    ----------
    .. [1] Hochreiter & Schmidhuber (1997), Long short-term memory, Neural Computation 9, 1735.
    .. [2] Gers, Schmidhuber & Cummins (2000), Learning to forget, Neural Computation 12, 2451.
    .. [3] Gers & Schmidhuber (2000), Recurrent nets that time and count, IJCNN, 189.

    Examples
    --------
    >>> from recurrent import LSTM
    >>> net = LSTM([[0], [0], [0], [0]], biases=[0, 1, 0, 0])
    >>> net.jac(0, [0.0, 0.0]).round(7).tolist()
    [[0.0, 0.3655293], [0.0, 0.7310586]]
    """

    options: ClassVar[tuple[str, ...]] = ("forget",)
    torch_kind = "LSTM"

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0, *,
        peepholes: ArrayLike | None = None, forget: bool = True, output_weights: ArrayLike | None = None,
        output_biases: ArrayLike = 0.0,
    ) -> None:  # fmt: skip
        self.forget = as_flag(forget, "forget")
        names = ("i", "f", "g", "o") if self.forget else ("i", "g", "o")
        arrays, n = gate_arrays(names, weights, input_weights, biases)
        if peepholes is not None:
            arrays["peepholes"] = as_matrix(peepholes, "peepholes", (len(names) - 1, n), "(G - 1, N)")
        _build(self, lstm_functions(len(names), peepholes is not None), arrays, n, output_weights, output_biases, blocks=2)


@functools.cache
def gru_functions(after: bool, flow: bool = False) -> dict[str, Any]:
    """Return the functions of a gated recurrent unit; the reset gate acts after W_q or before."""

    @dual_kernel
    def gru_rhs(index, t, y, n, u, m, params, p, out, k):
        """Unit: h' = (1 - z) q + z h, q = tanh(U_q x + b_q + r (W_q h + a)) or tanh(U_q x + b_q + a + W_q (r h))."""
        G = 3 * n
        U, Wq, a = G + G * n, G + 2 * n, G + G * n + G * m
        w, v, rh = scratch(out, G), scratch(out, n), scratch(out, n)
        affine(params, 0, G, U, y, 0, u, m, w, G)
        add_block(params, G, G, y, n, w, 2 * n)
        for i in range(n):
            w[i] = s(w[i])
            v[i], rh[i] = params[a + i], w[i] * y[i]
        if after:
            add_block(params, Wq, G, y, n, v, n)
            for i in range(n):
                v[i] *= w[i]
        else:
            add_block(params, Wq, G, rh, n, v, n)
        for i in range(n):
            change = (1.0 - s(w[n + i])) * (tanh(w[2 * n + i] + v[i]) - y[i])
            out[i] = change if flow else y[i] + change

    return {"rhs": gru_rhs}


class GRU(OfTorch):
    """The gated recurrent unit: ``h' = (1 - z) * q + z * h`` with gates ``r, z = s(W h + U x + b)``.

    ``q = tanh(U x + b + r * (W h + a))`` with ``reset="after"`` (PyTorch's and cuDNN's), and with ``reset="before"``
    (Cho's) ``q = tanh(U x + b + a + W (r * h))``. Blocks of N rows in the order ``r, z, q``.

    Parameters
    ----------
    weights : array_like, shape (3 N, N)
    input_weights : array_like, shape (3 N, M), optional
    biases : float or array_like, shape (3 N,)
    reset_biases : float or array_like, shape (N,)
        a, inside of what the reset gate multiplies.
    reset : {"after", "before"}
    output_weights : array_like, shape (K, N), optional
        V of an output layer ``V h + d``; without it the network shows h.
    output_biases : float or array_like, shape (K,)

    References
    ----------
    .. [1] Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, EMNLP, 1724.

    Examples
    --------
    >>> from recurrent import GRU
    >>> GRU([[0], [0], [0]]).jac(0, [0.0]).tolist()
    [[0.5]]
    """

    options: ClassVar[tuple[str, ...]] = ("reset",)
    torch_kind = "GRU"

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0,
        reset_biases: ArrayLike = 0.0, *, reset: str = "after", output_weights: ArrayLike | None = None,
        output_biases: ArrayLike = 0.0,
    ) -> None:  # fmt: skip
        self.reset = as_choice(reset, "reset", ("after", "before"))
        arrays, n = gate_arrays(("r", "z", "q"), weights, input_weights, biases)
        arrays["reset_biases"] = as_vector(reset_biases, "reset_biases", n, "N")
        _build(self, gru_functions(self.reset == "after"), arrays, n, output_weights, output_biases)

    @classmethod
    def _of_torch(cls, W: Floats, U: Floats, b: Floats, recurrent: Floats) -> dict[str, Any]:
        """Return the constructor's arguments; the biases of the state of gate q are inside of what r multiplies."""
        outside = np.arange(len(W)) < 2 * W.shape[1]
        biases = b + np.where(outside, recurrent, 0.0)
        return {"weights": W, "input_weights": U, "biases": biases, "reset_biases": recurrent[~outside]}


class GRUODE(RecurrentNetwork):
    """The flow of a gated recurrent unit: ``h' = (1 - z) * (q - h)``, with the gates and blocks of :class:`GRU` (before).

    Parameters
    ----------
    weights : array_like, shape (3 N, N)
        Blocks ``r, z, q``.
    input_weights : array_like, shape (3 N, M), optional
    biases : float or array_like, shape (3 N,)

    References
    ----------
    .. [1] De Brouwer, Simm, Arany & Moreau (2019), GRU-ODE-Bayes, NeurIPS 32.

    Examples
    --------
    >>> from recurrent import GRUODE
    >>> GRUODE([[0], [0], [0]]).jac(0, [0.0]).tolist()
    [[-0.5]]
    """

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0,
        reset_biases: ArrayLike = 0.0,
    ) -> None:  # fmt: skip
        arrays, n = gate_arrays(("r", "z", "q"), weights, input_weights, biases)
        arrays["reset_biases"] = as_vector(reset_biases, "reset_biases", n, "N")
        self._build(gru_functions(False, flow=True), arrays, n, kind="flow")


@dual_kernel
def mgu_rhs(index, t, y, n, u, m, params, p, out, k):
    """Unit: h' = (1 - f) h + f tanh(U_q x + b_q + W_q (f h)), f = s(W_f h + U_f x + b_f)."""
    G = 2 * n
    z, f, fh = scratch(out, G), scratch(out, n), scratch(out, n)
    affine(params, 0, G, G + G * n, y, 0, u, m, z, G)
    add_block(params, G, G, y, n, z, n)
    for i in range(n):
        f[i] = s(z[i])
        fh[i], z[i] = f[i] * y[i], z[n + i]
    add_block(params, G + n, G, fh, n, z, n)
    for i in range(n):
        out[i] = y[i] + f[i] * (tanh(z[i]) - y[i])


class MGU(RecurrentNetwork):
    """The minimal gated unit: ``h' = (1 - f) * h + f * tanh(W_q (f * h) + U_q x + b_q)``, ``f = s(W_f h + U_f x + b_f)``.

    Parameters
    ----------
    weights : array_like, shape (2 N, N)
        Blocks of N rows in the order ``f, q``.
    input_weights : array_like, shape (2 N, M), optional
    biases : float or array_like, shape (2 N,)
    output_weights : array_like, shape (K, N), optional
        V of an output layer ``V h + d``; without it the network shows h.
    output_biases : float or array_like, shape (K,)

    References
    ----------
    .. [1] Zhou, Wu, Zhang & Zhou (2016), Minimal gated unit for recurrent neural networks, Int. J. Automation and
       Computing 13, 226.

    Examples
    --------
    >>> from recurrent import MGU
    >>> MGU([[0], [0]]).jac(0, [0.0]).tolist()
    [[0.5]]
    """

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0, *,
        output_weights: ArrayLike | None = None, output_biases: ArrayLike = 0.0,
    ) -> None:  # fmt: skip
        arrays, n = gate_arrays(("f", "q"), weights, input_weights, biases)
        _build(self, {"rhs": mgu_rhs}, arrays, n, output_weights, output_biases)
