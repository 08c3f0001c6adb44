"""Memories of real numbers whose update is attention: Ramsauer's network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from hopfield.checks import as_steps
from hopfield.couplings import SMALL, LowRank
from hopfield.dense.flow import DenseFlow
from hopfield.dense.memories import as_memories, as_real_rows
from hopfield.graded import as_starts, descent
from hopfield.recall import Recall
from neurodynamics.files import Saved
from neurodynamics.validation import Floats, as_choice, as_number
from neurodynamics.watched import as_timeout, result_of

BLOCK = 2**24  # scores that are held at a time
SHARE = 1e-17  # weights below this are rounding beside the others


def attention(queries: ArrayLike, patterns: ArrayLike, beta: float) -> NDArray[Any]:
    """Return ``softmax(beta Q X') X``: attention with patterns as keys and values, one update of :class:`SoftmaxMemory`.

    Parameters
    ----------
    queries : array_like, shape (N,) or (K, N)
    patterns : array_like, shape (p, N)
        X. Where queries and patterns come in single precision (or as int8), so does the result.
    beta : float
        Positive; ``1 / sqrt(N)`` in transformers.

    Returns
    -------
    ndarray, in the shape of ``queries``

    References
    ----------
    .. [1] Ramsauer et al. (2021), Hopfield networks is all you need, ICLR.

    Examples
    --------
    >>> attention([1.0, 0.2], [[1.0, 0.0], [0.0, 1.0]], beta=10.0).round(4).tolist()
    [0.9997, 0.0003]
    """
    X = as_real_rows(patterns, "patterns")
    Q = as_real_rows(queries, "queries", X.shape[1])
    beta = as_number(beta, "beta", positive=True)
    kind: Any = np.result_type(X, Q)
    X, Q = X.astype(kind, copy=False), Q.astype(kind, copy=False)
    out = np.empty(Q.shape, kind)
    step = max(1, BLOCK // len(X))

    def work() -> None:
        for first in range(0, len(Q), step):
            rows = slice(first, first + step)
            np.matmul(_softmax(Q[rows] @ X.T, kind.type(beta))[0], X, out=out[rows])

    result_of(work, float(Q.size) * len(X))
    return out.reshape(np.shape(queries))


def _softmax(z: NDArray[Any], beta: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return softmax(beta z) of each row, in place, and ln(sum exp(beta z)) / beta."""
    top = z.max(axis=1, keepdims=True)
    z -= top
    z *= beta
    np.exp(z, out=z)
    total = z.sum(axis=1, keepdims=True)
    z /= total
    return z, (top + np.log(total) / beta)[:, 0]


class SoftmaxMemory(Saved):
    """A dense memory of real numbers: ``v <- X' softmax(beta X v)``, which never raises its energy.

    ``E = v.v/2 - ln(sum exp(beta X v)) / beta``, whose second part is concave: an update goes to the minimum of a bound.
    A large beta keeps each pattern apart; with less, a state comes to rest in a mean of patterns that are close to each
    other (metastable), and for a small beta in the mean of all.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        X, a pattern in each row. Integers up to 127 are kept as they are, a byte an entry.
    beta : float
        Positive.

    References
    ----------
    .. [1] Ramsauer et al. (2021), Hopfield networks is all you need, ICLR.

    Examples
    --------
    >>> from hopfield import SoftmaxMemory
    >>> net = SoftmaxMemory([[3.0, 0.0], [0.0, 3.0]], beta=2.0)
    >>> net.recall([[2.0, 0.5], [1.0, 1.0]])
    Recall(2 probes of 2 units: 1 fixed_point, 1 saddle)
    """

    biases = 0.0
    layers = None

    def __init__(self, patterns: ArrayLike, beta: float = 1.0) -> None:
        self._rows = LowRank(as_memories(patterns, "patterns"))
        self.patterns: NDArray[Any] = self._rows.left
        self.beta = as_number(beta, "beta", positive=True)
        self.size = self.state_dim = self.patterns.shape[1]

    def __repr__(self) -> str:
        return f"SoftmaxMemory({self.state_dim} units, {len(self.patterns)} patterns, beta {self.beta:g})"

    def arguments(self) -> dict[str, Any]:
        """Return what the constructor makes the memory again of: for files."""
        return {"patterns": self.patterns, "beta": self.beta}

    def has(self, role: str) -> bool:
        """Whether there is this function: an energy, always."""
        return role == "energy"

    def weights(self, states: ArrayLike) -> Floats:
        """Return the share of each pattern in the next state, ``softmax(beta X v)``, (p,) or (K, p)."""
        shares = _softmax(self._rows.project(self._states(states)), self.beta)[0]
        return shares[0] if np.ndim(states) == 1 else shares

    def update(self, states: ArrayLike) -> Floats:
        """Return the next states, ``X' softmax(beta X v)``, in the shape of ``states``."""
        return self._rows.lift(np.atleast_2d(self.weights(states))).reshape(np.shape(states))

    def energy(self, states: ArrayLike) -> Any:
        """Return E, a number for a state (N,) and shape (K,) for (K, N)."""
        energies = self.value_and_gradient(self._states(states))[0]
        return energies[0] if np.ndim(states) == 1 else energies

    def value_and_gradient(self, u: ArrayLike) -> tuple[Floats, Floats]:
        """Return E (K,) and dE/dv (K, N), which is v minus the next state."""
        v = np.asarray(u, dtype=float)
        shares, free = _softmax(self._rows.project(v), self.beta)
        return np.einsum("ki,ki->k", v, v) / 2 - free, v - self._rows.lift(shares)

    def overlaps(self, states: ArrayLike) -> Floats:
        """Return ``xi.v / xi.xi`` with each pattern, (K, p): 1 for the pattern itself; 0 with a pattern of zeros."""
        squares = np.einsum("ki,ki->k", self.patterns, self.patterns, dtype=float)
        return self._rows.project(self._states(states)) / np.where(squares > 0, squares, np.inf)

    def flow(self, *, memory_time: ArrayLike | None = None, time_constants: ArrayLike = 1.0) -> DenseFlow:
        """Return the continuous network with the same energy and fixed points, as a system of the contract.

        Parameters
        ----------
        memory_time, time_constants
            As in :class:`DenseFlow`. Without ``memory_time``, a step of Euler's method of one time constant is an update.
        """
        return DenseFlow(self.patterns, beta=self.beta, memory_time=memory_time, time_constants=time_constants)

    def recall(
        self,
        probes: ArrayLike,
        *,
        tolerance: float = 1e-8,
        max_steps: int = 10_000,
        record: bool = False,
        timeout: float | None = None,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Update each probe until it changes by less than ``tolerance``.

        Parameters
        ----------
        probes : array_like, shape (N,) or (K, N)
        tolerance : float
            Of the largest change of a unit.
        max_steps : int
            Where to stop at the latest.
        record : bool
            Whether to keep every step, in ``Recall.trace``.
        timeout : float, optional
            Seconds; what was reached until then is returned.
        on_interrupt : {"raise", "return"}
            Ctrl-C raises ``Interrupted`` with the partial ``result``, or returns that.

        Returns
        -------
        Recall
            A probe at rest is at a minimum of E, a fixed point, or at a saddle. ``residuals`` are the last changes.
        """
        rows = self._states(probes, "probes")
        small, most = as_number(tolerance, "tolerance", positive=True), as_steps(max_steps, "max_steps")
        as_choice(on_interrupt, "on_interrupt", ("raise", "return"))
        scheme = descent.Scheme(lambda k, v, gradient: v - gradient, 1.0)

        def relax(run: descent.Progress) -> None:
            descent.descend(self, 1.0, scheme, run, small, float(most), bool(record))

        return descent.followed(self, rows, relax, self._are_minima, small, as_timeout(timeout), on_interrupt)

    def _states(self, states: ArrayLike, name: str = "states") -> Floats:
        return as_starts(states, name, self.state_dim, None)

    def _are_minima(self, ends: Floats) -> Iterator[bool]:
        """Whether the update contracts: beta times the largest variance of the patterns, weighted, is below 1."""
        for v, shares in zip(ends, self.weights(ends), strict=True):
            seen = np.flatnonzero(shares > SHARE)
            mean, f = v, shares[seen]
            if len(seen) > SMALL:
                yield self._largest_variance(mean, shares) * self.beta < 1
                continue
            spread = np.sqrt(f)[:, None] * (self.patterns[seen] - mean)
            yield bool(self.beta * np.linalg.norm(spread, 2) ** 2 < 1)

    def _largest_variance(self, mean: Floats, shares: Floats) -> float:
        """The same of many patterns, by Lanczos' method on products."""

        def covariance(x: Floats) -> Floats:
            x = np.ravel(x)[np.newaxis]
            along = shares * (self._rows.project(x) - mean @ x[0])
            return (self._rows.lift(along) - along.sum() * mean)[0]

        n = self.state_dim
        start = np.random.default_rng(0).normal(size=n)
        if n <= 2:
            return float(np.linalg.eigvalsh([covariance(e) for e in np.eye(n)])[-1])
        operator = LinearOperator((n, n), matvec=covariance, dtype=np.float64)
        return float(eigsh(operator, k=1, which="LA", v0=start, return_eigenvectors=False)[0])
