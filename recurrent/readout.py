"""Linear readouts by ridge regression, and what a reservoir remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_number, as_real, require_room
from neurodynamics.watched import result_of

REFINEMENTS, SETTLED = 8, 1e-12  # steps at most, and the relative size of the first that is left out
BLOCK = 256  # times that a step of refinement reads at once


@dataclass(frozen=True, eq=False)
class Readout(Record):
    """A linear readout ``o = V x + d``.

    Attributes
    ----------
    weights : ndarray, shape (K, N)
    biases : ndarray, shape (K,)

    Examples
    --------
    >>> import numpy as np
    >>> from recurrent import Readout
    >>> Readout.fit(np.arange(4.0)[np.newaxis], 2 * np.arange(4.0)[np.newaxis] + 1).weights.round(9).tolist()
    [[2.0]]
    """

    weights: Floats
    biases: Floats

    def __post_init__(self) -> None:
        weights, biases = as_floats(self.weights, "weights"), as_floats(self.biases, "biases")
        if weights.ndim != 2 or biases.shape != weights.shape[:1]:
            raise ValueError(f"`weights` (K, N) and `biases` (K,) must fit; got {weights.shape} and {biases.shape}.")
        self.__dict__.update(weights=weights, biases=biases)

    @classmethod
    def fit(cls, states: ArrayLike, targets: ArrayLike, *, ridge: float = 0.0) -> Readout:
        """Return the readout that minimises ``|V X + d - Y|^2 + ridge |V|^2``.

        Solved by Cholesky factors of the normal equations and refined on the record itself until the last digits stand.
        Where the penalty is so small that this does not settle, by QR factors of states and penalty, which keep twice the
        digits; without a penalty by ``scipy.linalg.lstsq``, as states may depend on each other.

        Parameters
        ----------
        states : array_like, shape (N, T)
        targets : array_like, shape (K, T)
        ridge : float
            At least 0. Readouts that close a loop need a little: without it weights may be so large that the loop diverges.
        """
        X, Y = np.atleast_2d(as_floats(states, "states")), np.atleast_2d(as_floats(targets, "targets"))
        penalty = as_number(ridge, "ridge", minimum=0.0)
        if X.shape[1] != Y.shape[1] or X.shape[1] < 2:
            raise ValueError(f"`states` (N, T) and `targets` (K, T) must be equally long; got {X.shape} and {Y.shape}.")
        middle, level = X.mean(axis=1), Y.mean(axis=1)  # the bias is not penalised

        def solved() -> Floats:
            found = _refined(X, Y, middle, level, penalty) if penalty > 0 else None
            return _by_orthogonal_factors(X.T - middle, Y.T - level, penalty) if found is None else found

        weights = result_of(solved, operations=float(X.size) * len(X))
        return cls(weights, level - weights @ middle)

    def __call__(self, states: ArrayLike) -> Floats:
        """Return the outputs (K,) or (K, T) of states (N,) or (N, T)."""
        x = as_real(states, "states")
        if x.ndim not in (1, 2) or len(x) != self.weights.shape[1]:
            raise ValueError(f"`states` must have shape (N,) or (N, T) with N = {self.weights.shape[1]}; got {x.shape}.")
        return self.weights @ x + (self.biases if x.ndim == 1 else self.biases[:, np.newaxis])

    def nrmse(self, states: ArrayLike, targets: ArrayLike) -> float:
        """Return the root mean square error in units of the targets' standard deviation."""
        return nrmse(self(states), targets)


def _refined(X: Floats, Y: Floats, middle: Floats, level: Floats, penalty: float) -> Floats | None:
    """Return the weights by normal equations and iterative refinement, None where that does not settle."""
    n, length = X.shape
    with np.errstate(all="ignore"):
        squares = scipy.linalg.blas.dsyrk(1.0, X.T, trans=1) - length * np.outer(middle, middle) + penalty * np.eye(n)
    try:
        if not np.isfinite(squares).all():
            return None
        factor = scipy.linalg.cho_factor(squares, overwrite_a=True, check_finite=False)
    except np.linalg.LinAlgError:
        return None
    weights, last = np.zeros((len(Y), n)), np.inf
    for _ in range(REFINEMENTS):
        rest = -penalty * weights
        bias = level - weights @ middle
        for first in range(0, length, BLOCK):
            x, y = X[:, first : first + BLOCK], Y[:, first : first + BLOCK]
            error = y - bias[:, np.newaxis] - weights @ x
            rest += error @ x.T - np.outer(error.sum(axis=1), middle)
        step = scipy.linalg.cho_solve(factor, rest.T, check_finite=False).T
        weights += step
        size = float(np.abs(step).max(initial=0.0)) / float(np.abs(weights).max(initial=1e-300))
        if last < np.inf and size * size <= SETTLED * last:  # the next step would be that small
            return weights
        if not size < 0.1 * last:  # contracts too slowly for the digits to be those of the record
            return None
        last = size
    return None


def _by_orthogonal_factors(design: Floats, wanted: Floats, penalty: float) -> Floats:
    """Return the weights by QR factors; without a penalty states may depend on each other."""
    if penalty == 0:
        return scipy.linalg.lstsq(design, wanted, lapack_driver="gelsy", overwrite_a=True, check_finite=False)[0].T
    n = design.shape[1]
    below = np.concatenate([np.sqrt(penalty) * np.eye(n), np.zeros((n, wanted.shape[1]))], axis=1)
    both = np.concatenate([np.concatenate([design, wanted], axis=1), below])
    (R,) = scipy.linalg.qr(both, mode="r", overwrite_a=True, check_finite=False)  # holds Q'Y beside R; Q is never formed
    return scipy.linalg.solve_triangular(R[:n, :n], R[:n, n:], check_finite=False).T


def nrmse(outputs: ArrayLike, targets: ArrayLike) -> float:
    """Return the root mean square error in units of the targets' standard deviation.

    Examples
    --------
    >>> from recurrent import nrmse
    >>> nrmse([0.0, 0.0], [1.0, -1.0])
    1.0
    """
    o, y = as_floats(outputs, "outputs"), as_floats(targets, "targets")
    if o.shape != y.shape:
        raise ValueError(f"`outputs` and `targets` must have the same shape; got {o.shape} and {y.shape}.")
    if not y.size or np.var(y) == 0:
        raise ValueError("`targets` must vary, or there is no standard deviation to measure errors by.")
    return float(np.sqrt(np.mean((o - y) ** 2) / np.var(y)))


def memory_capacity(
    net: Any, *, delays: int, length: int = 4000, ridge: float = 0.0, rng: np.random.Generator | int | None = None
) -> Floats:
    """Return how much of each past input a reservoir of one input remembers: ``1 - error`` on inputs not trained on.

    Parameters
    ----------
    net : EchoState
        Of one input.
    delays : int
        Entry k of the result is of the input k + 1 steps back (the state after an input holds it at delay 0, which is
        counted as one step); the sum is the memory capacity.
    length : int
        Inputs to train on, and to test with; independent and uniform in (-1, 1).
    ridge : float
    rng : Generator, int, optional

    References
    ----------
    .. [1] Jaeger (2002), Short term memory in echo state networks, GMD report 152.

    Examples
    --------
    >>> import numpy as np
    >>> from recurrent import EchoState, memory_capacity
    >>> line = EchoState(np.eye(3, k=-1), [[1.0], [0.0], [0.0]], activation="linear")
    >>> memory_capacity(line, delays=5, rng=0).round(3).tolist()
    [1.0, 1.0, 1.0, 0.0, 0.0]
    """
    if not callable(getattr(net, "harvest", None)):
        raise TypeError(f"`net` must be a reservoir, with `harvest`; got {type(net).__name__}.")
    if net.input_dim != 1:
        raise ValueError(f"`net` must have one input; got {net.input_dim}.")
    count, rng = as_count(delays, "delays", minimum=1), as_generator(rng)
    steps = as_count(length, "length", minimum=10)
    require_room(steps * (count + net.state_dim), "length" if steps > count else "delays")
    u = rng.uniform(-1, 1, (1, 2 * steps + count))

    def remembered() -> Floats:
        states = net.harvest(u)[:, count:]
        targets = np.stack([u[0, count - k : u.shape[1] - k] for k in range(count)])
        train, test = slice(0, steps), slice(steps, None)
        said = Readout.fit(states[:, train], targets[:, train], ridge=ridge)(states[:, test])
        errors = np.mean((said - targets[:, test]) ** 2, axis=1) / np.var(targets[:, test], axis=1)
        return np.maximum(1.0 - errors, 0.0)

    return result_of(remembered, operations=float(steps) * net.state_dim * (net.state_dim + count))
