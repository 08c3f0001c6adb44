"""Gated networks in discrete time: long short-term memory, the gated recurrent unit, and the minimal gated unit."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.activations import LOGISTIC, TANH
from neurodynamics.compiling import offset
from neurodynamics.systems import dual_kernel, lifted, scratch
from neurodynamics.validation import as_choice, as_count
from recurrent.kernels import add_product, affine
from recurrent.network import RecurrentNetwork, as_matrix, as_vector, gate_block, input_matrix

s, tanh = lifted(LOGISTIC), lifted(TANH)

# Packing: b (G N), W (G N, N), U (G N, M) for G gates, and what a variant adds.


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
        P = G + G * N + G * m
        for a in range(N):
            i, g, o = z[a], z[G - 2 * N + a], z[G - N + a]
            if peephole:
                i += params[P + a] * c[a]
            kept = c[a]
            if gates == 4:
                f = z[N + a]
                if peephole:
                    f += params[P + N + a] * c[a]
                kept = s(f) * c[a]
            c_new[a] = kept + s(i) * tanh(g)
            if peephole:
                o += params[P + (gates - 2) * N + a] * c_new[a]
            out[a] = s(o) * tanh(c_new[a])

    @dual_kernel
    def lstm_outputs(index, t, y, n, u, m, params, p, out, k):
        """What the cells show is h."""
        for i in range(k):
            out[i] = y[i]

    return {"rhs": lstm_rhs, "outputs": lstm_outputs}


class LSTM(RecurrentNetwork):
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

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0, *,
        peepholes: ArrayLike | None = None, forget: bool = True,
    ) -> None:  # fmt: skip
        self.forget = bool(forget)
        names = ("i", "f", "g", "o") if self.forget else ("i", "g", "o")
        W = gate_block(weights, "weights", names)
        rows, n = W.shape
        arrays = {"biases": as_vector(biases, "biases", rows, "G N"), "weights": W}
        arrays["input_weights"] = input_matrix(input_weights, rows)
        if peepholes is not None:
            arrays["peepholes"] = as_matrix(peepholes, "peepholes", (len(names) - 1, n), "(G - 1, N)")
        layout = arrays | {"peepholes": np.ravel(arrays["peepholes"])} if "peepholes" in arrays else arrays
        functions = lstm_functions(len(names), peepholes is not None)
        self._build(functions, layout, 2 * n, arrays["input_weights"].shape[1], output_dim=n)

    def arrays(self) -> dict[str, Any]:
        """Return the parameters by name, as the constructor takes them."""
        arrays = super().arrays()
        if "peepholes" in arrays:
            arrays["peepholes"] = arrays["peepholes"].reshape(-1, self.state_dim // 2)
        return arrays

    @classmethod
    def from_torch(cls, state_dict: Mapping[str, Any], layer: int = 0, *, reverse: bool = False) -> Self:
        """Return one layer of a ``torch.nn.LSTM`` from its state dict (arrays or tensors; torch is not imported)."""
        W, U, b, recurrent = torch_layer(state_dict, layer, reverse, "LSTM", 4)
        return cls(W, U, b + recurrent)


@functools.cache
def gru_functions(after: bool) -> dict[str, Any]:
    """Return the functions of a gated recurrent unit; the reset gate acts after W_n or before."""

    @dual_kernel
    def gru_rhs(index, t, y, n, u, m, params, p, out, k):
        """Unit: h' = (1 - z) q + z h, q = tanh(U_n x + b_n + r (W_n h + a)) or tanh(U_n x + b_n + W_n (r h))."""
        G = 3 * n
        U, A = G + G * n, G + G * n + G * m
        w, v = scratch(out, G), scratch(out, G)
        for i in range(G):
            w[i] = params[i]
            v[i] = params[A + i - 2 * n] if i >= 2 * n else 0.0 * params[i]
        add_product(params, U, u, m, w, G)
        add_product(params, G, y, n, v, G)
        for i in range(n):
            r = s(w[i] + v[i])
            v[2 * n + i] *= r
            v[i] = r * y[i]
        if not after:
            for i in range(n):
                q = params[A + i]
                for j in range(n):
                    q += params[G + j * G + 2 * n + i] * v[j]
                v[2 * n + i] = q
        for i in range(n):
            z = s(w[n + i] + v[n + i])
            out[i] = (1.0 - z) * tanh(w[2 * n + i] + v[2 * n + i]) + z * y[i]

    return {"rhs": gru_rhs}


class GRU(RecurrentNetwork):
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

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0,
        reset_biases: ArrayLike = 0.0, *, reset: str = "after",
    ) -> None:  # fmt: skip
        self.reset = as_choice(reset, "reset", ("after", "before"))
        W = gate_block(weights, "weights", ("r", "z", "q"))
        rows, n = W.shape
        arrays = {"biases": as_vector(biases, "biases", rows, "3 N"), "weights": W}
        arrays["input_weights"] = input_matrix(input_weights, rows)
        arrays["reset_biases"] = as_vector(reset_biases, "reset_biases", n, "N")
        self._build(gru_functions(self.reset == "after"), arrays, n, arrays["input_weights"].shape[1])

    @classmethod
    def from_torch(cls, state_dict: Mapping[str, Any], layer: int = 0, *, reverse: bool = False) -> Self:
        """Return one layer of a ``torch.nn.GRU`` from its state dict (arrays or tensors; torch is not imported)."""
        W, U, b, recurrent = torch_layer(state_dict, layer, reverse, "GRU", 3)
        n = W.shape[1]
        return cls(W, U, b + np.where(np.arange(3 * n) < 2 * n, recurrent, 0.0), recurrent[2 * n :])


@dual_kernel
def mgu_rhs(index, t, y, n, u, m, params, p, out, k):
    """Unit: h' = (1 - f) h + f tanh(U_q x + b_q + W_q (f h)), f = s(W_f h + U_f x + b_f)."""
    G = 2 * n
    z, f = scratch(out, G), scratch(out, n)
    affine(params, 0, G, G + G * n, y, 0, u, m, z, G)
    for i in range(n):
        for j in range(n):
            z[i] += params[G + j * G + i] * y[j]
        f[i] = s(z[i])
    for i in range(n):
        for j in range(n):
            z[n + i] += params[G + j * G + n + i] * (f[j] * y[j])
        out[i] = (1.0 - f[i]) * y[i] + f[i] * tanh(z[n + i])


class MGU(RecurrentNetwork):
    """The minimal gated unit: ``h' = (1 - f) * h + f * tanh(W_q (f * h) + U_q x + b_q)``, ``f = s(W_f h + U_f x + b_f)``.

    Parameters
    ----------
    weights : array_like, shape (2 N, N)
        Blocks of N rows in the order ``f, q``.
    input_weights : array_like, shape (2 N, M), optional
    biases : float or array_like, shape (2 N,)

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
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0
    ) -> None:
        W = gate_block(weights, "weights", ("f", "q"))
        rows, n = W.shape
        arrays = {"biases": as_vector(biases, "biases", rows, "2 N"), "weights": W}
        arrays["input_weights"] = input_matrix(input_weights, rows)
        self._build({"rhs": mgu_rhs}, arrays, n, arrays["input_weights"].shape[1])


_LAYERS = {4: "LSTM", 3: "GRU", 1: "RNN"}


def torch_layer(state_dict: Mapping[str, Any], layer: int, reverse: bool, kind: str, gates: int) -> tuple[Any, ...]:
    """Return W, U and the biases of inputs and of the state, checked to be those of a layer of that kind."""
    suffix = f"_l{as_count(layer, 'layer')}{'_reverse' if reverse else ''}"
    key = f"weight_hh{suffix}"
    if key not in state_dict:
        layers = sorted(name.removeprefix("weight_hh") for name in state_dict if name.startswith("weight_hh"))
        raise ValueError(f"`state_dict` has no {key!r}; it has the layers {', '.join(layers) or 'none'}.")
    W = np.asarray(state_dict[key], dtype=np.float64)
    if f"weight_hr{suffix}" in state_dict:
        raise ValueError(f"`state_dict` is that of an LSTM with projections (weight_hr{suffix}), which has no equal here.")
    found, rest = divmod(W.shape[0], W.shape[1]) if W.ndim == 2 and W.shape[1] else (0, 1)
    if rest or found != gates:
        theirs = _LAYERS.get(found, "none of torch's") if not rest else "none of torch's"
        raise ValueError(
            f"`state_dict` must be that of {kind}, {gates} gates; {key!r} has shape {W.shape}, which is {theirs} layer's."
        )
    U = as_matrix(np.asarray(state_dict[f"weight_ih{suffix}"]), f"weight_ih{suffix}", (len(W), None), "(G N, M)")
    zeros = np.zeros(len(W))
    b, recurrent = (np.asarray(state_dict.get(f"bias_{of}{suffix}", zeros), dtype=np.float64) for of in ("ih", "hh"))
    return W, U, b, recurrent
