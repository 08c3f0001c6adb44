"""Networks of memristors with internal memory in a box."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Box
from neurodynamics.compiling import kernel, pointer_kernel
from neurodynamics.systems import add_product, dual_kernel, scratch
from neurodynamics.validation import Floats, as_floats, as_number
from recurrent.network import POSITIVE, Limit, RecurrentNetwork, as_square, as_vector


@kernel
def solve_in_place(a, b, n):
    """Solve A x = b by elimination with row pivots; A is row by row, and b becomes x."""
    for c in range(n):
        best = c
        for r in range(c + 1, n):
            if abs(a[r * n + c].real) > abs(a[best * n + c].real):
                best = r
        for j in range(n):
            a[c * n + j], a[best * n + j] = a[best * n + j], a[c * n + j]
        b[c], b[best] = b[best], b[c]
        for r in range(c + 1, n):
            factor = a[r * n + c] / a[c * n + c]
            for j in range(c, n):
                a[r * n + j] -= factor * a[c * n + j]
            b[r] -= factor * b[c]
    for c in range(n - 1, -1, -1):
        for j in range(c + 1, n):
            b[c] -= a[c * n + j] * b[j]
        b[c] /= a[c * n + c]


@kernel
def within(w):
    """Return the nearest number of the box."""
    if w.real < 0.0:
        return 0.0 * w
    return 1.0 + 0.0 * w if w.real > 1.0 else w


@dual_kernel
def _memristive_rhs(index, t, y, n, u, m, params, p, out, k):
    """Memory: w' = alpha w - (1/beta) (1 + xi Omega W)^-1 Omega (S + u), sliding along the faces of the box."""
    alpha, beta, xi, omega = params[0], params[1], params[2], 3 + n
    a, b, source = scratch(out, n * n), scratch(out, n), scratch(out, n)
    for i in range(n):
        source[i] = params[3 + i] + u[i]
        b[i] = 0.0 * y[i]
        for j in range(n):
            a[i * n + j] = xi * params[omega + j * n + i] * within(y[j]) + (1.0 if i == j else 0.0)
    add_product(params, omega, source, n, b, n)
    solve_in_place(a, b, n)
    for i in range(n):
        out[i] = alpha * within(y[i]) - b[i] / beta
        if (y[i].real <= 0.0 and out[i].real < 0.0) or (y[i].real >= 1.0 and out[i].real > 0.0):
            out[i] = 0.0 * out[i]


@pointer_kernel
def _memristive_energy(index, t, y, n, u, m, params, p, out, k):
    """L = -(alpha/3) sum w^3 - (alpha xi/4) q'Omega q + (1/2 beta) q'Omega (S + u), q = w^2."""
    alpha, beta, xi, omega = params[0], params[1], params[2], 3 + n
    total = 0.0
    for i in range(n):
        q = y[i] * y[i]
        total -= alpha / 3.0 * q * y[i]
        for j in range(n):
            w = params[omega + j * n + i]
            total += q * w * (0.5 / beta * (params[3 + j] + u[j]) - 0.25 * alpha * xi * y[j] * y[j])
    out[0] = total


class Memristive(RecurrentNetwork):
    """A circuit of memristors: ``w' = alpha w - (1/beta) (1 + xi Omega W)^-1 Omega S`` in the box ``0 <= w <= 1``.

    Device i has the resistance ``R_on w_i + R_off (1 - w_i)`` in units of R_off up to sign conventions, W = diag(w), and
    Omega projects on the loops of the circuit (:func:`loop_projector`). The energy
    ``L = -(alpha/3) sum w^3 - (alpha xi/4) q'Omega q + (1/2 beta) q'Omega S`` with ``q = w^2`` falls **inside** the box:
    ``dL/dt = -w'(W + xi W Omega W)w'``. On its faces, where the projected flow slides, that is not proved.

    Inputs add to the sources S.

    Parameters
    ----------
    projector : array_like, shape (N, N)
        Omega, a symmetric projector.
    sources : float or array_like, shape (N,)
        S.
    alpha, beta, xi : float
        Rate of decay, inverse activation voltage (> 0), and nonlinearity (> -1: resistances stay positive).

    References
    ----------
    .. [1] Caravelli, Traversa & Di Ventra (2017), Complex dynamics of memristive circuits, Phys. Rev. E 95, 022140.
    .. [2] Caravelli (2019), Asymptotic behavior of memristive circuits, Entropy 21, 789.

    Examples
    --------
    >>> from recurrent import Memristive
    >>> Memristive([[1.0]], 1.0, alpha=0.0, beta=2.0, xi=1.0).rhs(0, [0.5]).round(6).tolist()
    [-0.333333]
    """

    domain = Box(0.0, 1.0)
    limits: ClassVar = {"beta": POSITIVE, "xi": Limit("above -1, so that resistances stay positive", lambda xi: xi > -1)}

    def __init__(
        self, projector: ArrayLike, sources: ArrayLike = 0.0, *, alpha: float = 1.0, beta: float = 1.0, xi: float = 1.0,
    ) -> None:  # fmt: skip
        omega = as_square(projector, "projector")
        n = len(omega)
        arrays: dict[str, Any] = {"alpha": as_number(alpha, "alpha"), "beta": as_number(beta, "beta"),
                                  "xi": as_number(xi, "xi"), "sources": as_vector(sources, "sources", n, "N"),
                                  "projector": omega}  # fmt: skip
        self._build({"rhs": _memristive_rhs, "energy": _memristive_energy}, arrays, n, n, kind="flow")

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside of its limits, or Omega no projector."""
        super().check_params(vector)
        omega = self.layout.view(vector, "projector")
        if not np.allclose(omega, omega.swapaxes(-1, -2), atol=1e-9) or not np.allclose(omega @ omega, omega, atol=1e-9):
            raise ValueError("`projector` must be symmetric and equal to its square; see `loop_projector`.")


def loop_projector(edges: ArrayLike) -> Floats:
    """Return the projector on the loops of a circuit, from its branches (N, 2), each from node to node.

    Examples
    --------
    >>> from recurrent import loop_projector
    >>> loop_projector([[0, 1], [1, 0]]).round(12).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    real = as_floats(edges, "edges")
    branches = real.astype(np.int64) if (np.floor(real) == real).all() and np.abs(real).max(initial=0.0) < 2**53 else real
    if branches.ndim != 2 or branches.shape[1] != 2 or branches.dtype.kind not in "iu":
        raise ValueError(f"`edges` must be whole numbers of shape (N, 2), from node to node; got shape {branches.shape}.")
    nodes, ends = np.unique(branches, return_inverse=True)
    ends = ends.reshape(branches.shape)
    incidence = np.zeros((len(nodes), len(branches)))
    for k, (i, j) in enumerate(ends):
        incidence[i, k] -= 1.0
        incidence[j, k] += 1.0
    return np.eye(len(branches)) - np.linalg.pinv(incidence) @ incidence
