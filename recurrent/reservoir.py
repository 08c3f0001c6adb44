"""Echo state networks: random leaky maps, states harvested through sparse weights, and closed loops."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import ArrayLike

from neurodynamics import Activation, activation as activation_of
from neurodynamics.activations import LINEAR
from neurodynamics.compiling import kernel, offset, pointer_kernel
from neurodynamics.status import Status
from neurodynamics.systems import affine, dual_kernel, lifted, multiply_add
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_instance, as_number, require_room
from neurodynamics.watched import result_of, stop_word, watched
from recurrent.fully_recurrent import output_layer
from recurrent.network import FRACTION, RecurrentNetwork, as_square, as_vector, input_matrix, output_arrays
from recurrent.readout import Readout

DENSE_BELOW = 300  # units; smaller networks find all eigenvalues quicker than some

# Packing: a, b (N), W (N, N), U (N, M), then V (K, N), d (K) of a readout.


@functools.cache
def _functions(activation: Activation) -> dict[str, Any]:
    phi, slope = lifted(activation), activation.derivative

    @dual_kernel
    def echo_rhs(index, t, y, n, u, m, params, p, out, k):
        """Unit: x' = x + a (-x + phi(W x + U u + b))."""
        affine(params, 1, 1 + n, 1 + n + n * n, y, n, u, m, out, n)
        for i in range(n):
            out[i] = multiply_add(params[0], -y[i] + phi(out[i]), y[i])

    @pointer_kernel
    def echo_jac(index, t, y, n, u, m, params, p, out, k):
        """J_ij = (1 - a) delta_ij + a phi'(z_i) W_ij."""
        z, W = np.empty(n), offset(params, 1 + n)
        affine(params, 1, 1 + n, 1 + n + n * n, y, n, u, m, z, n)
        for i in range(n):
            factor = params[0] * slope(z[i])
            for j in range(n):
                out[i * n + j] = factor * W[j * n + i]
            out[i * n + i] += 1.0 - params[0]

    return {"rhs": echo_rhs, "jac": echo_jac}


@functools.cache
def _harvest(activation: Activation) -> Any:
    phi = activation.value

    @kernel
    def harvest(starts, columns, weights, drive, a, x, out, stop):
        """Rows of ``out`` become the states along the rows of ``drive`` = U u + b; the weights are sparse rows."""
        n = x.size
        z = np.empty(n)
        for t in range(drive.shape[0]):
            if stop[0]:
                break
            for i in range(n):
                acc = drive[t, i]
                for e in range(starts[i], starts[i + 1]):
                    acc += weights[e] * x[columns[e]]
                z[i] = acc
            for i in range(n):
                x[i] += a * (phi(z[i]) - x[i])
                out[t, i] = x[i]

    return harvest


class EchoState(RecurrentNetwork):
    """An echo state network: ``x' = x + a (-x + phi(W x + U u + b))``, which is Euler's step of a :class:`RateNetwork`.

    Parameters
    ----------
    weights : array_like, shape (N, N)
    input_weights : array_like, shape (N, M), optional
    biases : float or array_like, shape (N,)
    leak : float
        a, in (0, 1].
    output_weights, output_biases : array_like, shape (K, N), (K,), optional
        Of a linear readout; without it the network shows its state.
    activation : str or Activation

    References
    ----------
    .. [1] Jaeger (2001), The "echo state" approach to analysing and training recurrent neural networks, GMD report 148.
    .. [2] Jaeger & Haas (2004), Harnessing nonlinearity, Science 304, 78.

    Examples
    --------
    >>> import numpy as np
    >>> from recurrent import EchoState
    >>> net = EchoState.random(50, 1, spectral_radius=0.9, rng=0)
    >>> u = np.sin(np.arange(300.0))[np.newaxis]
    >>> states = net.harvest(u)
    >>> readout = net.fit(states[:, 50:-1], u[:, 51:])
    >>> readout.nrmse(states[:, 50:-1], u[:, 51:]) < 1e-6
    True
    """

    options: ClassVar[tuple[str, ...]] = ("activation",)
    limits: ClassVar = {"leak": FRACTION}

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, biases: ArrayLike = 0.0, leak: float = 1.0, *,
        output_weights: ArrayLike | None = None, output_biases: ArrayLike = 0.0, activation: str | Activation = "tanh",
    ) -> None:  # fmt: skip
        self.activation = activation_of(activation)
        W = as_square(weights, "weights")
        n = len(W)
        arrays = {"leak": as_number(leak, "leak"), "biases": as_vector(biases, "biases", n, "N"), "weights": W,
                  "input_weights": input_matrix(input_weights, n)}  # fmt: skip
        layer = output_arrays(output_weights, output_biases, n)
        shown = {"outputs": output_layer(LINEAR)} if layer else {}
        k = len(layer["output_weights"]) if layer else None
        self._build(_functions(self.activation) | shown, arrays | layer, n, output_dim=k)

    @classmethod
    def random(
        cls, units: int, inputs: int = 1, *, spectral_radius: float = 0.9, connections: float = 10.0,
        input_scale: float = 1.0, bias_scale: float = 0.0, leak: float = 1.0, activation: str | Activation = "tanh",
        rng: np.random.Generator | int | None = None,
    ) -> Self:  # fmt: skip
        """Return a random network.

        Parameters
        ----------
        units, inputs : int
        spectral_radius : float
            Of W, > 0.
        connections : float
            Mean number of connections that reach a unit.
        input_scale, bias_scale : float
            Weights of inputs and biases are uniform in plus and minus this.
        leak, activation
            As of the constructor.
        rng : Generator, int, optional
        """
        rng = as_generator(rng)
        n, m = as_count(units, "units", minimum=1), as_count(inputs, "inputs")
        require_room(n * (n + m), "units" if n >= m else "inputs")
        radius = as_number(spectral_radius, "spectral_radius", positive=True)
        density = min(1.0, as_number(connections, "connections", positive=True) / n)
        W = np.where(rng.random((n, n)) < density, rng.uniform(-1, 1, (n, n)), 0.0)
        found = result_of(lambda: largest_modulus(W, rng), operations=n**2 * min(n, 2 * DENSE_BELOW))
        if found == 0:
            raise ValueError(f"`connections` = {connections:g} left no cycle among {n} units; give more.")
        U = as_number(input_scale, "input_scale") * rng.uniform(-1, 1, (n, m))
        b = as_number(bias_scale, "bias_scale") * rng.uniform(-1, 1, n)
        return cls(W * (radius / found), U, b, leak, activation=activation)

    def harvest(self, inputs: ArrayLike, y0: ArrayLike | None = None) -> Floats:
        """Return the states (N, T) after each of the inputs (M, T), through sparse weights: quicker than ``simulate``."""
        u = np.atleast_2d(as_floats(inputs, "inputs"))
        if u.ndim != 2 or u.shape[0] != self.input_dim or u.shape[1] == 0:
            raise ValueError(f"`inputs` must have shape (M, T) with M = {self.input_dim} and T > 0; got {u.shape}.")
        x = np.zeros(self.state_dim) if y0 is None else self.check_state(y0, "y0")
        W = scipy.sparse.csr_array(self.weights)
        out = np.empty((u.shape[1], self.state_dim))
        drive = np.ascontiguousarray((self.input_weights @ u).T) + self.biases
        starts, columns = W.indptr.astype(np.int64), W.indices.astype(np.int64)
        kernel, stop = _harvest(self.activation), stop_word()
        work = functools.partial(kernel, starts, columns, W.data, drive, float(self.leak), x, out, stop)
        if watched(work, stop, operations=len(out) * (W.nnz + len(x))) is not Status.SUCCESS:
            raise KeyboardInterrupt
        return out.T

    def fit(self, states: ArrayLike, targets: ArrayLike, *, ridge: float = 0.0) -> Readout:
        """Return the readout of least squares from states (N, T) to targets (K, T); see :meth:`Readout.fit`."""
        return Readout.fit(states, targets, ridge=ridge)

    def with_readout(self, readout: Readout) -> Self:
        """Return the network that shows what the readout says."""
        as_instance(readout, "readout", Readout)
        return self.replace(output_weights=readout.weights, output_biases=readout.biases)

    def closed_loop(self, readout: Readout) -> Self:
        """Return the autonomous map in which the readout's outputs are the inputs: ``W + U V`` and ``b + U d``."""
        if as_instance(readout, "readout", Readout).weights.shape != (self.input_dim, self.state_dim):
            raise ValueError(
                f"`readout` must have shape (M, N) = ({self.input_dim}, {self.state_dim}), its outputs being the inputs; "
                f"got {readout.weights.shape}."
            )
        U = self.input_weights
        return type(self)(
            self.weights + U @ readout.weights, None, self.biases + U @ readout.biases, float(self.leak),
            output_weights=readout.weights, output_biases=readout.biases, activation=self.activation,
        )  # fmt: skip


def largest_modulus(matrix: Floats, rng: np.random.Generator) -> float:
    """Return the spectral radius, of large matrices by Arnoldi's method."""
    n = len(matrix)
    if n >= DENSE_BELOW:
        sparse = scipy.sparse.csr_array(matrix)
        try:
            found = scipy.sparse.linalg.eigs(sparse, k=6, v0=rng.normal(size=n), return_eigenvectors=False)
            return float(np.abs(found).max())
        except scipy.sparse.linalg.ArpackNoConvergence:
            pass  # all of them, then
    return float(np.abs(np.linalg.eigvals(matrix)).max())
