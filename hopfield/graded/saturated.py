"""Linear units that saturate: a linear system on a cube, a step of which is exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import as_patterns, as_steps
from hopfield.graded import descent
from hopfield.graded.base import as_starts
from hopfield.recall import Recall
from hopfield.rules import learn
from hopfield.states import guarded
from neurodynamics.compiling import pointer_kernel
from neurodynamics.systems import ConstructedNetwork, add_product, dual_kernel
from neurodynamics.validation import Floats, as_choice, as_floats, as_number, as_vector
from neurodynamics.watched import as_timeout


@dual_kernel
def saturated_map(index, t, y, n, u, m, params, p, out, k):
    """Unit: x_i <- clip(sum_j W_ij x_j + b_i + u_i, -1, 1)."""
    for i in range(n):
        out[i] = params[i] + u[i]
    add_product(params, n, y, n, out, n)
    for i in range(n):
        if out[i].real > 1.0:
            out[i] = 1.0 + 0.0 * y[i].real
        elif out[i].real < -1.0:
            out[i] = -1.0 + 0.0 * y[i].real


@pointer_kernel
def saturated_energy(index, t, y, n, u, m, params, p, out, k):
    """E = x.x/2 - x.Wx/2 - (b + u).x."""
    out[0] = 0.0
    for i in range(n):
        out[0] += y[i] * (0.5 * y[i] - params[i] - u[i])
        for j in range(n):
            out[0] -= 0.5 * y[i] * params[n + j * n + i] * y[j]


class SaturatedHopfield(ConstructedNetwork):
    """A map on the cube, ``x <- clip(W x + b, -1, 1)``: the system of Li, Michel and Porod; a brain state in a box.

    With symmetric W whose eigenvalues exceed -1, ``E = x.x/2 - x.Wx/2 - b.x`` never rises: a step is one of length 1 down
    its gradient, and back onto the cube.

    Parameters
    ----------
    weights : array_like, shape (N, N)
    biases : float or array_like, shape (N,)
    patterns : array_like, shape (p, N), optional
        Patterns of +-1 that the overlaps of results refer to.

    References
    ----------
    .. [1] Li, Michel & Porod (1989), IEEE Trans. Circuits Syst. 36, 1405.

    Examples
    --------
    >>> from hopfield import SaturatedHopfield, patterns
    >>> xi = patterns.random(4, 30, rng=0)
    >>> net = SaturatedHopfield.from_patterns(xi)
    >>> r = net.recall(0.5 * patterns.flip(xi, 0.1, rng=1))
    >>> r.overlaps.diagonal().round(2).tolist(), bool(r.max_energy_rise.max() < 1e-12)
    ([1.0, 1.0, 1.0, 1.0], True)
    """

    options: ClassVar[tuple[str, ...]] = ("patterns",)
    patterns: NDArray[np.int8] | None
    layers = None

    def __init__(self, weights: ArrayLike, biases: ArrayLike = 0.0, *, patterns: ArrayLike | None = None) -> None:
        W = as_floats(weights, "weights")
        if W.ndim != 2 or W.shape[0] != W.shape[1] or W.size == 0:
            raise ValueError(f"`weights` must be a square matrix, W[i, j] from unit j to unit i; got shape {W.shape}.")
        n = len(W)
        self.patterns = None if patterns is None else guarded(as_patterns(patterns))
        if self.patterns is not None and self.patterns.shape[1] != n:
            raise ValueError(f"`patterns` must have shape (p, {n}); got {self.patterns.shape}.")
        arrays = {"biases": as_vector(biases, "biases", n, "N"), "weights": W}
        self._build({"rhs": saturated_map, "energy": saturated_energy}, arrays, n, n, kind="map")

    @classmethod
    def from_patterns(cls, patterns: ArrayLike, rule: Any = "eigenstructure", **options: Any) -> Self:
        """Return the network that a learning rule makes of patterns, with the bias that goes with the couplings.

        Parameters
        ----------
        patterns : array_like, shape (p, N)
            Entries -1 and +1.
        rule : str or callable
            "eigenstructure", the design of Li, Michel and Porod, or another rule.
        **options
            Go to the rule.
        """
        rows = as_patterns(patterns)
        w = learn(rule, rows, **options)
        W = (w.dense() + w.dense().T) / 2 if w.symmetric else w.dense()  # no rounding between the two halves
        return cls(W, 0.0 if w.bias is None else w.bias, patterns=rows)

    def has(self, role: str) -> bool:
        """Whether there is this function; there is an energy where W is symmetric, with eigenvalues above -1."""
        if role == "energy" and "energy" not in self._derived:
            symmetric = np.array_equal(self.weights, self.weights.T)
            self._derived["energy"] = symmetric and float(np.linalg.eigvalsh(self.weights)[0]) > -1.0
        return super().has(role) and (role != "energy" or self._derived["energy"])

    def value_and_gradient(self, u: ArrayLike) -> tuple[Floats, Floats]:
        """Return E (K,) of states in rows, and what a step takes away from them."""
        x = np.asarray(u, dtype=float)
        fields = x @ self.weights.T
        return np.einsum("ki,ki->k", x, (x - fields) / 2 - self.biases), x - np.clip(fields + self.biases, -1, 1)

    def overlaps(self, states: ArrayLike) -> Floats:
        """Return ``m = xi.x / N`` with each pattern, shape (K, p)."""
        if self.patterns is None:
            raise ValueError("this network knows no patterns; build it with from_patterns or pass `patterns`.")
        return as_starts(states, "states", self.state_dim, None) @ self.patterns.T.astype(float) / self.state_dim

    def recall(
        self, probes: ArrayLike, *, tolerance: float = 1e-10, max_steps: int = 10_000, record: bool = False,
        timeout: float | None = None, on_interrupt: str = "raise",
    ) -> Recall:  # fmt: skip
        """Let the network run from each probe until no unit changes by ``tolerance``.

        Parameters
        ----------
        probes : array_like, shape (N,) or (K, N)
        tolerance, max_steps, record, timeout, on_interrupt
            As in :meth:`SoftmaxMemory.recall`.
        """
        rows = np.clip(as_starts(probes, "probes", self.state_dim, None), -1, 1)
        small, most = as_number(tolerance, "tolerance", positive=True), as_steps(max_steps, "max_steps")
        as_choice(on_interrupt, "on_interrupt", ("raise", "return"))
        scheme = descent.Scheme(lambda k, x, change: x - change, 1.0)

        def relax(run: descent.Progress) -> None:
            descent.descend(self, 1.0, scheme, run, small, float(most), bool(record))

        return descent.followed(self, rows, relax, self._return, small, as_timeout(timeout), on_interrupt)

    def _return(self, ends: Floats) -> Iterator[bool]:
        """Whether small pushes die out: eigenvalues of W between the units that are inside of the cube."""
        for x in ends:
            free = np.abs(self.weights @ x + self.biases) < 1
            rates = np.linalg.eigvals(self.weights[np.ix_(free, free)])
            yield bool((np.abs(rates) < 1).all())
