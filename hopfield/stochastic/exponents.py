"""Growth of linear systems whose matrix jumps, as a Markov chain does: almost surely, and in the mean square."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.stochastic.generators import as_generator_matrix, occupancy_of
from neurodynamics.records import Record
from neurodynamics.status import Status
from neurodynamics.validation import Floats, as_count, as_floats, as_generator
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

BATCHES = 20  # of the path, for the error
LARGEST_EXPONENT = 700.0  # exp of more is not a number
TERMS = 15  # of the series of exp at norms up to a half: the next is below 1e-17
TOGETHER = 200  # jumps between two looks at the clock
LARGEST = 2000  # rows of the matrix of second moments


@dataclass(frozen=True)
class JumpExponents(Record):
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
    F = as_floats(matrices, "matrices")
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
        x: Floats = np.asarray(rng.normal(size=F.shape[1]))
        mode, size = int(rng.choice(len(F), p=occupancy_of(Q))), -(-count // BATCHES)
        for batch in range(BATCHES + 1):  # the first is forgotten
            growth = duration = 0.0
            for first in range(0, size, TOGETHER):
                if time.perf_counter() > deadline:
                    self.status = Status.TIMEOUT
                    return
                modes, stays = _stays(Q, mode, min(TOGETHER, size - first), rng)
                x, more = _grown(x, F, modes[:-1], stays)
                if not math.isfinite(more):
                    self.status = Status.NON_FINITE
                    return
                growth, duration, mode = growth + more, duration + float(stays.sum()), int(modes[-1])
            if batch:
                self.growth.append(growth)
                self.times.append(duration)
                self.jumps += size

    def record(self, mean_square: float, ended: Status | None = None) -> JumpExponents:
        status = self.status if ended is None else ended
        if not self.times:
            return JumpExponents(np.nan, np.nan, mean_square, 0, status)
        rates = np.array(self.growth) / self.times
        error = float(rates.std(ddof=1) / np.sqrt(len(rates))) if len(rates) > 1 else np.nan
        return JumpExponents(float(np.sum(self.growth) / np.sum(self.times)), error, mean_square, self.jumps, status)


def _stays(Q: Floats, mode: int, count: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], Floats]:
    """Return modes (one more) and how long each is kept; a mode that is never left is kept for a unit of time, again."""
    rates = -np.diag(Q)
    chances = np.cumsum(np.where(np.eye(len(Q), dtype=bool), 0.0, Q), axis=1)
    modes, numbers = np.full(count + 1, mode), rng.random(count)
    for k in range(count):
        if rates[mode] > 0:
            mode = int(np.searchsorted(chances[mode], numbers[k] * chances[mode, -1], side="right"))
        modes[k + 1] = mode
    leaving = rates[modes[:-1]]
    stays = rng.exponential(size=count) / np.where(leaving > 0, leaving, 1.0)
    return modes, np.where(leaving > 0, stays, 1.0)


def _grown(x: Floats, F: Floats, modes: NDArray[np.int64], stays: Floats) -> tuple[Floats, float]:
    """Return the direction of x after these stays, and by how much the logarithm of its length has grown."""
    steps, growth = _exponentials(F[modes] * stays[:, np.newaxis, np.newaxis]), 0.0
    for step in steps:
        x = step @ x
        size = math.sqrt(float(x @ x))
        growth += math.log(size)
        x = x / size
    return x, growth


def _exponentials(A: Floats) -> Floats:
    """Return exp of each matrix of a stack: a Taylor polynomial of a fraction, squared again."""
    if np.abs(A).max() > LARGEST_EXPONENT:
        return np.full_like(A, np.nan)
    squarings = max(0, math.ceil(math.log2(max(np.abs(A).sum(axis=2).max(), 0.5))) + 1)
    small = A / 2.0**squarings
    result = term = np.broadcast_to(np.eye(A.shape[1]), A.shape)
    for k in range(1, TERMS):
        term = term @ small / k
        result = result + term
    for _ in range(squarings):
        result = result @ result
    return result
