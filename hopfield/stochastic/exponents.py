"""Growth of linear systems whose matrix jumps, as a Markov chain does: almost surely, and in the mean square."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import expm

from hopfield.stochastic.generators import as_generator_matrix, occupancy_of
from neurodynamics.status import Status
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_items
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

BATCHES = 20  # of the path, for the error
LARGEST = 2000  # rows of the matrix of second moments


@dataclass(frozen=True)
class JumpExponents:
    """How fast ``dx = F(r) x dt`` grows, r a Markov chain.

    Attributes
    ----------
    almost_sure : float
        Of ``ln |x| / t`` along almost every path.
    error : float
        Its standard error, from batches of one path; 0 where the value is exact.
    mean_square : float
        Of ``ln E|x|^2 / t``, exact. Half of it is never below the almost-sure exponent; where the two have different
        signs, paths decay although their mean square grows.
    jumps : int
        Jumps of the path; 0 where no path was needed.
    status : Status
    """

    almost_sure: float
    error: float
    mean_square: float
    jumps: int
    status: Status


def jump_exponents(
    matrices: ArrayLike, generator: ArrayLike, *, jumps: int = 10_000, rng: Any = None, timeout: float | None = None,
    on_interrupt: str = "raise",
) -> JumpExponents:  # fmt: skip
    """Return the almost-sure and the mean-square exponent of a linear system that jumps between modes.

    The second moments obey a linear equation, whose matrix is ``Q' (x) 1 + diag(F_i (x) 1 + 1 (x) F_i)``; its spectral
    abscissa is the exponent of the mean square. The almost-sure exponent is ``sum_i pi_i F_i`` for numbers, and measured
    along a path of the chain for matrices, with exact exponentials between jumps.

    Parameters
    ----------
    matrices : array_like, shape (S, N, N), or (S,) for N = 1
        F of each mode.
    generator : array_like, shape (S, S)
        Q, rates from row to column, rows summing to 0.
    jumps : int
        Length of the path.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; what the path gave until then is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with that as ``result``, or returns it.

    References
    ----------
    .. [1] Feng, Loparo, Ji & Chizeck (1992), IEEE Trans. Autom. Control 37, 38.

    Examples
    --------
    Stable in one sense, unstable in the other.

    >>> from hopfield import jump_exponents
    >>> found = jump_exponents([1.0, -3.0], [[-2.0, 2.0], [2.0, -2.0]])
    >>> found.almost_sure, round(found.mean_square, 6)
    (-1.0, 0.472136)
    """
    F = as_floats(np.array(as_items(matrices, "matrices")) if isinstance(matrices, list) else matrices, "matrices")
    F = F[:, np.newaxis, np.newaxis] if F.ndim == 1 else F
    if F.ndim != 3 or F.shape[1] != F.shape[2] or F.size == 0:
        raise ValueError(f"`matrices` must have shape (S,) or (S, N, N), a square matrix for each mode; got {F.shape}.")
    Q, count, rng = as_generator_matrix(generator, len(F)), as_count(jumps, "jumps", minimum=BATCHES), as_generator(rng)
    seconds = as_timeout(timeout)
    deadline = np.inf if seconds is None else time.perf_counter() + seconds
    as_on_interrupt(on_interrupt)
    if F.shape[1] == 1:
        sure = float(occupancy_of(Q) @ F[:, 0, 0])
        return JumpExponents(sure, 0.0, _mean_square(F, Q), 0, Status.SUCCESS)
    path = _Path()

    def work() -> JumpExponents:
        mean_square = _mean_square(F, Q)
        try:
            path.follow(F, Q, count, rng, deadline)
        except KeyboardInterrupt:
            path.status = Status.INTERRUPTED
        return path.record(mean_square)

    return long_call(work, lambda ended: path.record(np.nan, ended), timeout=seconds, on_interrupt=on_interrupt)


def _mean_square(F: Floats, Q: Floats) -> float:
    """Spectral abscissa of the equation of the second moments E[x x' 1(r = i)]."""
    modes, n = F.shape[:2]
    size = modes * n * n
    if size > LARGEST:
        raise ValueError(f"`matrices` must be fewer or smaller: S N^2 may be {LARGEST} at most; got {size}.")
    moments = np.kron(Q.T, np.eye(n * n))
    for i, f in enumerate(F):
        block = slice(i * n * n, (i + 1) * n * n)
        moments[block, block] += np.kron(f, np.eye(n)) + np.kron(np.eye(n), f)
    return float(np.linalg.eigvals(moments).real.max())


class _Path:
    """Growth and time of each batch of jumps so far."""

    def __init__(self) -> None:
        self.growth: list[float] = []
        self.times: list[float] = []
        self.jumps = 0
        self.status = Status.SUCCESS

    def follow(self, F: Floats, Q: Floats, count: int, rng: np.random.Generator, deadline: float) -> None:
        x: Floats = rng.normal(size=F.shape[1])
        mode = int(rng.choice(len(F), p=occupancy_of(Q)))
        x /= np.linalg.norm(x)
        for batch in range(BATCHES + 1):  # the first is forgotten
            modes, stays = _stays(Q, mode, -(-count // BATCHES), rng)
            growth = 0.0
            for r, stay in zip(modes[:-1], stays, strict=True):
                if time.perf_counter() > deadline:
                    self.status = Status.TIMEOUT
                    return
                x = expm(F[r] * stay) @ x
                size = np.linalg.norm(x)
                growth += math.log(size)
                x /= size
            mode = modes[-1]
            if batch:
                self.growth.append(growth)
                self.times.append(float(np.sum(stays)))
                self.jumps += len(stays)

    def record(self, mean_square: float, ended: Status | None = None) -> JumpExponents:
        status = self.status if ended is None else ended
        if not self.times:
            return JumpExponents(np.nan, np.nan, mean_square, 0, status)
        rates = np.array(self.growth) / self.times
        error = float(rates.std(ddof=1) / np.sqrt(len(rates))) if len(rates) > 1 else np.nan
        return JumpExponents(float(np.sum(self.growth) / np.sum(self.times)), error, mean_square, self.jumps, status)


def _stays(Q: Floats, mode: int, count: int, rng: np.random.Generator) -> tuple[list[int], list[float]]:
    """Return modes (one more) and how long each is kept; a mode that is never left is kept for a unit of time, again."""
    modes, stays = [mode], []
    for _ in range(count):
        rate = -Q[mode, mode]
        stays.append(float(rng.exponential(1 / rate)) if rate > 0 else 1.0)
        if rate > 0:
            chances = np.where(np.arange(len(Q)) == mode, 0.0, Q[mode])
            mode = int(rng.choice(len(Q), p=chances / chances.sum()))
        modes.append(mode)
    return modes, stays
