"""Delay lines as companion maps: finite and infinite impulse response filters, and NARX networks."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation, DynamicalSystem, activation as activation_of, linearise
from neurodynamics.compiling import offset
from neurodynamics.systems import add_product, affine, dual_kernel, lifted, scratch
from neurodynamics.validation import Floats, as_count, as_floats, as_instance
from recurrent.network import RecurrentNetwork, as_matrix, as_vector, first_states


@dual_kernel
def _filter_rhs(index, t, y, n, u, m, params, p, out, k):
    """Direct form II transposed: o = b_0 x + z_0, z_i' = z_(i+1) + b_(i+1) x - a_(i+1) o; the state is o, then z."""
    K = n - 1
    b, a, z, z_new = params, offset(params, K + 1), offset(y, 1), offset(out, 1)
    out[0] = z[0] + b[0] * u[0] if K > 0 else b[0] * u[0]
    for i in range(K):
        z_new[i] = b[i + 1] * u[0] - a[i] * out[0]
        if i + 1 < K:
            z_new[i] = z[i + 1] + b[i + 1] * u[0] - a[i] * out[0]


class LinearFilter(RecurrentNetwork):
    """A linear filter ``o[k] = sum_j b_j x[k-j] - sum_j a_j o[k-j]``: IIR, and FIR where a is [1].

    One input, one output. The state is the last output and what the delays hold (direct form II transposed, as
    ``scipy.signal.lfilter`` has it, to the last bits).

    Parameters
    ----------
    b : array_like, shape (K + 1,)
    a : array_like, shape (L + 1,)
        With ``a[0]`` not zero, by which all is divided.

    Examples
    --------
    >>> from neurodynamics import Sampled, simulate
    >>> from recurrent import LinearFilter
    >>> fir = LinearFilter([0.5, 0.5])
    >>> simulate(fir, 3, [0, 0], inputs=Sampled([0, 1, 2], [[1.0, 3.0, 5.0]])).outputs.tolist()
    [[0.0, 0.5, 2.0, 4.0]]
    """

    def __init__(self, b: ArrayLike, a: ArrayLike = (1.0,)) -> None:
        up, down = (np.atleast_1d(as_floats(each, name)) for each, name in ((b, "b"), (a, "a")))
        for each, name in ((up, "b"), (down, "a")):
            if each.ndim != 1 or not each.size:
                raise ValueError(f"`{name}` must be a vector of at least one coefficient; got shape {each.shape}.")
        if down[0] == 0:
            raise ValueError("`a[0]` must not be 0: all coefficients are divided by it.")
        order = max(len(up), len(down)) - 1
        with np.errstate(over="ignore"):  # refused by name, then
            padded = [np.concatenate([each / down[0], np.zeros(order + 1 - len(each))]) for each in (up, down)]
        arrays = {"b": padded[0], "a": padded[1][1:]}
        self._build({"rhs": _filter_rhs, "outputs": first_states}, arrays, order + 1, 1, output_dim=1)

    def arrays(self) -> dict[str, Floats]:
        """Return the coefficients as the constructor takes them."""
        return {"b": np.array(self.b), "a": np.concatenate([[1.0], self.a])}


@functools.cache
def _narx_functions(inner: Activation, K: int, lags: int) -> dict[str, Any]:
    phi, own = lifted(inner), K * lags

    @dual_kernel
    def narx_rhs(index, t, y, n, u, m, params, p, out, k):
        """Output: o' = V phi(W [o lags] + U [x lags] + b) + d + D [o lags] + E [x lags]; the lines move on by one.

        The state: the last ``lags`` outputs, the newest first, then the inputs before this one, the newest first.
        """
        held = n - own
        x = scratch(out, held + m)
        for i in range(m):
            x[i] = u[i]
        for i in range(held):
            x[m + i] = y[own + i]
        past = held + m
        H = (p - K - K * own - K * past) // (1 + own + past + K)
        b = K
        W = b + H
        U = W + H * own
        V = U + H * past
        D = V + K * H
        E = D + K * own
        h = scratch(out, H)
        affine(params, b, W, U, y, own, x, past, h, H)
        for i in range(H):
            h[i] = phi(h[i])
        affine(params, 0, V, E, h, H, x, past, out, K)
        add_product(params, D, y, own, out, K)
        for i in range(own - K):
            out[K + i] = y[i]
        for i in range(held):
            out[own + i] = x[i]

    return {"rhs": narx_rhs, "outputs": first_states}


class NARX(RecurrentNetwork):
    """Nonlinear autoregression with inputs: a perceptron that sees its last outputs and the last inputs.

    ``o[k+1] = V phi(W [o[k] .. o[k-p+1]] + U [x[k] .. x[k-q+1]] + b) + D [o ..] + E [x ..] + d``

    Parameters
    ----------
    weights, input_weights : array_like, shape (H, K p), (H, M q)
        W and U; the newest first, all K (M) channels of one time side by side.
    output_weights : array_like, shape (K, H)
    direct_weights, direct_input_weights : array_like, shape (K, K p), (K, M q), optional
        D and E, past the hidden units; zero if not given. With H = 0 hidden units the model is linear: ARX.
    biases, output_biases : float or array_like, shape (H,), (K,)
    inputs : int
        M, the number of inputs.
    activation : str or Activation

    References
    ----------
    .. [1] Lin, Horne, Tino & Giles (1996), Learning long-term dependencies in NARX recurrent neural networks, IEEE
       Trans. Neural Networks 7, 1329.

    Examples
    --------
    >>> from recurrent import NARX
    >>> net = NARX([[1.0, 0.0]], [[0.5]], [[2.0]], inputs=1)
    >>> net.state_dim, net.rhs(0, [0.0, 0.3], [0.0]).tolist()
    (2, [0.0, 0.0])
    """

    options: ClassVar[tuple[str, ...]] = ("inputs", "activation")

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike, output_weights: ArrayLike,
        direct_weights: ArrayLike | None = None, direct_input_weights: ArrayLike | None = None,
        biases: ArrayLike = 0.0, output_biases: ArrayLike = 0.0, *, inputs: int = 1, activation: str | Activation = "tanh",
    ) -> None:  # fmt: skip
        self.activation, self.inputs = activation_of(activation), as_count(inputs, "inputs")
        V = as_matrix(output_weights, "output_weights", (None, None), "(K, H)")
        k, h = V.shape
        W = as_matrix(weights, "weights", (h, None), "(H, K p)")
        U = as_matrix(input_weights, "input_weights", (h, None), "(H, M q)")
        own, past = W.shape[1], U.shape[1]
        if k == 0 or own % k or own == 0:
            raise ValueError(f"`weights` must have a column for each of the K = {k} outputs and p >= 1 lags; got {own}.")
        if past % max(self.inputs, 1) or (past == 0) != (self.inputs == 0):
            raise ValueError(
                f"`input_weights` must have a column for each of the M = {self.inputs} inputs and q >= 1 lags; got {past}."
            )
        direct = np.zeros((k, own)) if direct_weights is None else direct_weights
        direct_inputs = np.zeros((k, past)) if direct_input_weights is None else direct_input_weights
        arrays = {
            "output_biases": as_vector(output_biases, "output_biases", k, "K"),
            "biases": as_vector(biases, "biases", h, "H"),
            "weights": W,
            "input_weights": U,
            "output_weights": V,
            "direct_weights": as_matrix(direct, "direct_weights", (k, own), "(K, K p)"),
            "direct_input_weights": as_matrix(direct_inputs, "direct_input_weights", (k, past), "(K, M q)"),
        }
        functions = _narx_functions(self.activation, k, own // k)
        self._build(functions, arrays, own + past - self.inputs, self.inputs, output_dim=k)

    @classmethod
    def fit_linear(cls, x: ArrayLike, o: ArrayLike, *, lags: int, input_lags: int) -> Self:
        """Return the linear model (ARX) of least squares for a record of inputs x (M, T) and outputs o (K, T).

        ``o[:, k+1]`` is explained by ``o[:, k], .., o[:, k-lags+1]``, ``x[:, k], .., x[:, k-input_lags+1]`` and a constant.
        """
        inputs, outputs = np.atleast_2d(as_floats(x, "x")), np.atleast_2d(as_floats(o, "o"))
        p, q = as_count(lags, "lags", minimum=1), as_count(input_lags, "input_lags", minimum=1)
        if inputs.shape[1] != outputs.shape[1]:
            raise ValueError(f"`x` and `o` must be equally long; got {inputs.shape[1]} and {outputs.shape[1]} times.")
        first, last = max(p, q) - 1, inputs.shape[1] - 1
        k, m = len(outputs), len(inputs)
        if last - first < k * p + m * q + 1:
            least = k * p + m * q + 2 + first
            raise ValueError(f"`o` must have at least {least} times for so many `lags` and `input_lags`; got {last + 1}.")
        rows = [outputs[:, first - j : last - j] for j in range(p)] + [inputs[:, first - j : last - j] for j in range(q)]
        design = np.concatenate([*rows, np.ones((1, last - first))])
        wanted, solved = outputs[:, first + 1 :].T, np.zeros((len(design), k))
        for _ in range(2):  # the second time refines
            solved += np.linalg.lstsq(design.T, wanted - design.T @ solved, rcond=None)[0]
        solved = solved.T
        D, E, d = np.split(solved, [k * p, k * p + m * q], axis=1)
        return cls(np.zeros((0, k * p)), np.zeros((0, m * q)), np.zeros((k, 0)), D, E, np.zeros(0), d[:, 0], inputs=m)


def frequency_response(system: DynamicalSystem, w: ArrayLike, y: ArrayLike, u: ArrayLike | None = None) -> Floats:
    """Return how a system at rest answers small sines: ``C (z - J)^-1 F_u``, complex, shape (W, K, M).

    z is ``exp(i w)`` for maps, with w in radians a step, and ``i w`` for flows. What a map shows at step k + 1 it heard at
    step k, so its response holds a delay of one step.

    Parameters
    ----------
    system : DynamicalSystem
    w : array_like, shape (W,)
        Angular frequencies.
    y : array_like, shape (N,)
        A fixed point; the outputs are linearised there by central differences.
    u : array_like, shape (M,), optional

    Examples
    --------
    >>> from recurrent import LinearFilter, frequency_response
    >>> abs(frequency_response(LinearFilter([0.5, 0.5]), [0.0], [0, 0])).round(12).ravel().tolist()
    [1.0]
    """
    at = linearise(as_instance(system, "system", DynamicalSystem), y, u)
    J, F = system.jac(0.0, at.y, at.u), at.dfdinputs()
    steps = 1e-5 * np.maximum(np.abs(at.y), 1.0)
    ends = [system.outputs(at.y[:, np.newaxis] + side * np.diag(steps)) for side in (1, -1)]
    C = (ends[0] - ends[1]) / (2 * steps)
    frequencies = np.atleast_1d(as_floats(w, "w"))
    if frequencies.ndim != 1 or not frequencies.size:
        raise ValueError(f"`w` must be a frequency or a vector of them; got shape {frequencies.shape}.")
    z = np.exp(1j * frequencies) if system.kind == "map" else 1j * frequencies
    try:
        return np.stack([C @ np.linalg.solve(each * np.eye(len(J)) - J, F.astype(complex)) for each in z])
    except np.linalg.LinAlgError as error:
        raise ValueError("`w` holds a frequency at which the system resonates without bound: an eigenvalue.") from error
