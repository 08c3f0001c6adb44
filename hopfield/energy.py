"""Energies in closed form: of states of two values, and of graded networks with their gradient and curvature.

A graded network ``tau_i du_i/dt = -lambda_i u_i + sum_j W_ij V_j + c_i``, ``V_i = phi(x_i)``, ``x_i = g_i (u_i + b_i)``,
with symmetric W, goes downhill in

    E = -V.WV/2 - c.V + sum_i lambda_i [(x_i V_i - L(x_i)) / g_i - b_i V_i],        L = integral of phi,

because ``dE/dV_i = -tau_i du_i/dt`` [1]_. The bracket is the integral of u dV, written so that no 1 - V^2 and no inverse
function occurs: it is right to rounding where V has reached 1. It is zero at x = 0 where L(0) = 0 (tanh, arctangent),
and -ln 2 / g for the logistic function; only differences of energies mean anything.

References
----------
.. [1] Hopfield (1984), PNAS 81, 3088; Cohen & Grossberg (1983), IEEE Trans. Syst. Man Cybern. 13, 815.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.couplings import Coupling, as_coupling
from neurodynamics.activations import Activation, activation as activation_of
from neurodynamics.compiling import each
from neurodynamics.validation import Floats, as_floats, as_vector, require_positive


def discrete_energy(couplings: Any, states: ArrayLike, bias: ArrayLike = 0.0) -> Floats:
    """Return ``E = -s.Ws/2 - bias.s`` of states of two values.

    Parameters
    ----------
    couplings : Coupling or array_like, shape (N, N)
        Symmetric. Any ``W_ii`` counts as it stands.
    states : array_like, shape (K, N)
        Entries -1 and +1, or 0 and 1.
    bias : float or array_like, shape (N,)

    Returns
    -------
    ndarray, shape (K,)

    Examples
    --------
    >>> discrete_energy([[0, 1], [1, 0]], [[1, 1], [1, -1]])
    array([-1.,  1.])
    """
    w = as_coupling(couplings)
    w.require_symmetric("an energy")
    rows = _as_rows(states, "states", w.size)
    _require_values(rows, "states")
    quadratic = np.einsum("ki,ki->k", w.scaled_product(rows).astype(float), rows) / w.scale
    return -quadratic / 2 - rows @ as_vector(bias, "bias", w.size, "N")


def two_step_energy(couplings: Any, before: ArrayLike, after: ArrayLike, bias: ArrayLike = 0.0) -> Floats:
    """Return ``-s(k+1).W s(k) - bias.(s(k+1) + s(k))``, which synchronous updates never raise.

    Parameters
    ----------
    couplings : Coupling or array_like, shape (N, N)
        Symmetric.
    before, after : array_like, shape (K, N)
        States s(k) and s(k+1).
    bias : float or array_like, shape (N,)

    Returns
    -------
    ndarray, shape (K,)

    References
    ----------
    .. [1] Goles-Chacc, Fogelman-Soulie & Pellegrin (1985), Discrete Appl. Math. 12, 261.
    """
    w = as_coupling(couplings)
    w.require_symmetric("an energy")
    before, after = _as_rows(before, "before", w.size), _as_rows(after, "after", w.size)
    _require_values(before, "before")
    _require_values(after, "after")
    if len(before) != len(after):
        raise ValueError(f"`before` and `after` must have the same number of rows; got {len(before)} and {len(after)}.")
    bilinear = np.einsum("ki,ki->k", w.scaled_product(before).astype(float), after) / w.scale
    return -bilinear - (before.astype(float) + after) @ as_vector(bias, "bias", w.size, "N")


def _require_values(rows: NDArray[Any], name: str) -> None:
    """Raise where an entry is neither -1 nor 0 nor 1."""
    wrong = np.argwhere((rows != 1) & (rows != -1) & (rows != 0))
    if len(wrong):
        k, i = wrong[0]
        raise ValueError(f"`{name}[{k}, {i}]` must be -1 or 1, or 0 or 1; got {rows[k, i]:g}.")


def _as_rows(states: ArrayLike, name: str, n: int) -> NDArray[Any]:
    """Return states as rows: integers as they are, so that fields stay exact, and others as finite floats."""
    whole = isinstance(states, np.ndarray) and states.dtype.kind in "iu"
    array = np.atleast_2d(states if whole else as_floats(states, name))
    if array.ndim != 2 or array.shape[1] != n:
        raise ValueError(f"`{name}` must have shape (N,) = ({n},) or (K, {n}); got {np.shape(states)}.")
    return array


class GradedEnergy:
    """The energy of a graded network as a function of its state u, with gradient, Hessian and index.

    Parameters
    ----------
    couplings : Coupling or array_like, shape (N, N)
        Symmetric W.
    activation : str or Activation
        phi, with a ``potential``.
    gains, leaks : float or array_like, shape (N,)
        g and lambda, positive.
    biases, inputs : float or array_like, shape (N,)
        b, inside the activation, and c, outside.

    Examples
    --------
    Two neurons that support each other: the origin is a saddle (Hopfield 1984).

    >>> energy = GradedEnergy([[0, 1], [1, 0]], "tanh", gains=1.4)
    >>> energy.index([0.0, 0.0])
    1
    >>> round(energy.value([0.8145285312, 0.8145285312]), 9)
    -0.114420803
    """

    def __init__(
        self,
        couplings: Any,
        activation: str | Activation = "tanh",
        *,
        gains: ArrayLike = 1.0,
        leaks: ArrayLike = 1.0,
        biases: ArrayLike = 0.0,
        inputs: ArrayLike = 0.0,
    ) -> None:
        self.couplings: Coupling = as_coupling(couplings)
        self.couplings.require_symmetric("an energy")
        self.activation = activation_of(activation)
        if self.activation.potential is None:
            raise ValueError(
                f"the activation {self.activation.name!r} has no `potential`, the integral of its value, which an "
                "energy needs; build the Activation with one."
            )
        n = self.couplings.size
        self.gains = require_positive(as_vector(gains, "gains", n, "N"), "gains")
        self.leaks = require_positive(as_vector(leaks, "leaks", n, "N"), "leaks")
        self.biases = as_vector(biases, "biases", n, "N")
        self.inputs = as_vector(inputs, "inputs", n, "N")

    def outputs(self, u: ArrayLike) -> Floats:
        """Return V = phi(g (u + b)) for states (N,) or (K, N)."""
        return each(self.activation.value, self._arguments(u))

    def value(self, u: ArrayLike) -> Any:
        """Return E, a number for a state (N,) and shape (K,) for (K, N)."""
        energy = self.value_and_gradient(u)[0]
        return float(energy) if np.ndim(u) == 1 else energy

    def value_and_gradient(self, u: ArrayLike) -> tuple[Any, Floats]:
        """Return E and dE/dV, which share one product with the couplings."""
        x = self._arguments(u)
        v = each(self.activation.value, x)
        potential = each(self.activation.potential, x)
        own = self.leaks * ((x * v - potential) / self.gains - self.biases * v)
        fields = self.couplings.product(v)
        energy = (own - v * (fields / 2 + self.inputs)).sum(axis=-1)
        return energy, self.leaks * as_floats(u, "u") - fields - self.inputs

    def gradient(self, u: ArrayLike) -> Floats:
        """Return dE/dV = lambda u - W V - c = -tau du/dt, in the shape of u; zero at equilibria only."""
        outputs = self.outputs(u)
        return self.leaks * np.asarray(u, dtype=float) - self.couplings.product(outputs) - self.inputs

    def rate(self, u: ArrayLike, time_constants: ArrayLike = 1.0) -> Any:
        """Return dE/dt along the flow, ``-sum_i g_i phi'(x_i) (dE/dV_i)^2 / tau_i <= 0``."""
        tau = require_positive(as_vector(time_constants, "time_constants", self.couplings.size, "N"), "time_constants")
        rate = -(self._slopes(u) * self.gradient(u) ** 2 / tau).sum(axis=-1)
        return float(rate) if np.ndim(u) == 1 else rate

    def hessian(self, u: ArrayLike) -> Floats:
        """Return d2E/dV2 = diag(lambda / (g phi')) - W of one state u (N,), shape (N, N), infinite where phi' = 0."""
        with np.errstate(divide="ignore"):
            curvature = self.leaks / self._slopes(self._one_state(u))
        return np.diag(curvature) - self.couplings.dense()

    def index(self, u: ArrayLike) -> int:
        """Return the index of a fixed point u (N,): its number of unstable directions, 0 for a minimum.

        As many eigenvalues of ``D^1/2 W D^1/2`` as exceed 1, D = diag(g phi' / lambda); with low-rank couplings they
        come from p x p matrices.
        """
        return self.couplings.index(self._slopes(self._one_state(u)) / self.leaks)

    def certified_step(self, time_constants: ArrayLike = 1.0) -> float:
        """Return the largest h for which explicit Euler steps ``u <- u + h du/dt`` are proved never to raise E.

        The flow is mirror descent in V: ``1/h = max_i (lambda_i + max(0, -lambda_min(W)) g_i max phi') / tau_i``.
        """
        tau = require_positive(as_vector(time_constants, "time_constants", self.couplings.size, "N"), "time_constants")
        slope = self.gains * self.activation.max_slope
        if not np.isfinite(slope).all():
            raise ValueError(f"a certified step needs a bounded slope; that of {self.activation.name!r} is not.")
        concave = max(0.0, -self.couplings.lowest_eigenvalue_bound())
        return float(1 / ((self.leaks + concave * slope) / tau).max())

    def _arguments(self, u: ArrayLike) -> Floats:
        u = as_floats(u, "u")
        n = self.couplings.size
        if u.ndim not in (1, 2) or u.shape[-1] != n:
            raise ValueError(f"`u` must have shape (N,) = ({n},) or (K, {n}); got {u.shape}.")
        return self.gains * (u + self.biases)

    def _one_state(self, u: ArrayLike) -> ArrayLike:
        u = as_floats(u, "u")
        if u.ndim != 1:
            raise ValueError(f"`u` must be one state, of shape (N,) = ({self.couplings.size},); got {np.shape(u)}.")
        return u

    def _slopes(self, u: ArrayLike) -> Floats:
        """dV/du = g phi'(x)."""
        return self.gains * each(self.activation.derivative, self._arguments(u))
