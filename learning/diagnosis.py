"""Vanishing and exploding gradients: the products of Jacobians along a task.

What goes back from the end of a task to its beginning is multiplied by ``M = J_S .. J_2 J_1``, transposed. The logarithms of
its singular values, per unit time, are finite-time Lyapunov exponents of the same trajectory, and a vector that goes back
grows with the largest: gradients explode along chaos and vanish along contraction, one direction after the other.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from learning.chosen import require_differentiable
from learning.courses import Way
from learning.trials import Trial
from learning.unrolled import Unrolled
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_floats, as_generator, as_instance, as_items, as_number
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout, long_call

BLOCKS = 40  # of the task, at least, where there are so many steps
WORST = 1e6  # condition of the product of a block: singular values are good to so many digits less
SWEEPS, SETTLED = 100, 1e-9  # of triangular factors; change of logarithms
AT_FIRST = 0.1  # share of the task in which a vector turns to the direction that grows most
BATCHES = 8  # whose means give the error of a rate


@dataclass(frozen=True, eq=False)
class GradientFlow(Record):
    """How what is propagated back along a task grows.

    Attributes
    ----------
    times : ndarray, shape (B + 1,)
        Ends of blocks of steps.
    growth : ndarray, shape (B + 1,)
        Logarithm of the length of a vector that goes back from the end, where it is 1.
    rate, rate_error : float
        Its growth per unit time (maps: per iteration), the first tenth left out, and the standard error: an estimate of the
        largest Lyapunov exponent.
    exponents : ndarray, shape (N,)
        Logarithms of the singular values of ``dy(end) / dy(start)`` per unit time, descending; -inf where one is 0.
    exploding, vanishing : float
        Shares of directions that grow, or shrink, by more than ``factor`` over the whole task.
    factor : float
    settled : float
        Last change of the exponents in the iteration that found them.
    exact : bool
        Whether derivatives are exact to rounding.
    status : Status
    """

    times: Floats
    growth: Floats
    rate: float
    rate_error: float
    exponents: Floats
    exploding: float
    vanishing: float
    factor: float
    settled: float
    exact: bool
    status: Status = Status.SUCCESS

    plot = drawn("plot_gradient_flow", "Draw the growth of gradients, and the exponents")

    def __repr__(self) -> str:
        return (f"GradientFlow(rate {self.rate:.4g} +- {self.rate_error:.2g}, {self.exploding:.0%} exploding, "
                f"{self.vanishing:.0%} vanishing)")  # fmt: skip


def gradient_flow(
    system: DynamicalSystem, trial: Trial, *, factor: float = 100.0, integrator: str | None = None, dt: float | None = None,
    rtol: float = 1e-6, atol: float = 1e-9, rng: np.random.Generator | int | None = None,
    timeout: float | None = None, on_interrupt: str = "raise",
) -> GradientFlow:  # fmt: skip
    """Return how gradients grow or vanish along a task.

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map without resets; compiled.
    trial : Trial
        Its start, inputs and duration; targets do not matter.
    factor : float
        From which growth or decay over the task a direction counts as exploding or vanishing; above 1.
    integrator, dt, rtol, atol
        As for :func:`learning.gradient`.
    rng : Generator or int, optional
        For the vector that goes back.
    timeout : float, optional
        Seconds; then what was found of the beginning of the task is returned, without exponents.
    on_interrupt : {"raise", "return"}

    Examples
    --------
    >>> from learning import Trial, gradient_flow
    >>> from recurrent import FullyRecurrent
    >>> net = FullyRecurrent([[0.5, 0.0], [0.0, 1.1]], activation="linear")
    >>> flow = gradient_flow(net, Trial(t_span=100, y0=[0, 0]), rng=0)
    >>> flow.exponents.round(4).tolist(), flow.exploding, flow.vanishing
    ([0.0953, -0.6931], 0.5, 0.5)
    """
    require_differentiable(system)
    limit, rng = as_number(factor, "factor", minimum=1.0), as_generator(rng)
    w, given = rng.normal(size=system.state_dim), as_instance(trial, "trial", Trial)
    times, products, exact = np.zeros(1), list[Floats](), [True]
    seconds, then = as_timeout(timeout), as_on_interrupt(on_interrupt)
    ends = np.inf if seconds is None else time.perf_counter() + seconds

    def work() -> GradientFlow:
        nonlocal times
        steps = Way(integrator=integrator, dt=dt, rtol=rtol, atol=atol).course(system, given)
        times = steps.times[:1]
        run = Unrolled(system, steps)
        for first, last in _parts(run.size):
            if time.perf_counter() >= ends:
                raise OutOfTime
            for stop, product in _well_conditioned(run, first, last):
                products.append(product)
                times = np.append(times, steps.times[stop])
        exact[0] = run.exact
        return record(Status.SUCCESS)

    def record(status: Status) -> GradientFlow:
        known = products[: len(times) - 1]
        growth, span = _growth(known, w), float(times[-1] - times[0])
        if status is not Status.SUCCESS:  # exponents are of the whole task
            rate = _rate(times, growth) if span > 0 else (np.nan, np.nan)
            unknown = np.full(w.size, np.nan)
            return GradientFlow(times, growth, *rate, unknown, np.nan, np.nan, limit, np.nan, exact[0], status)
        logs, settled = log_singular_values(known)
        exploding, vanishing = (float(np.mean(side * logs > np.log(limit))) for side in (1, -1))
        return GradientFlow(times, growth, *_rate(times, growth), logs / span, exploding, vanishing, limit, settled / span,
                            exact[0], status)  # fmt: skip

    return long_call(work, record, timeout=seconds, on_interrupt=then, quiet=False)


def _parts(size: int) -> list[tuple[int, int]]:
    ends = np.unique(np.linspace(0, size, BLOCKS + 1).astype(int)).tolist()
    return list(zip(ends[:-1], ends[1:], strict=True))


def _well_conditioned(run: Unrolled, first: int, last: int) -> list[tuple[int, Floats]]:
    """Return the product of Jacobians from one step to another, in parts that keep their small singular values."""
    n, nothing = run.system.state_dim, np.zeros(run.system.param_dim)
    with np.errstate(all="ignore"):
        product = np.array([run.back(None, nothing, None, first, last, unit) for unit in np.eye(n)]).reshape(n, n)
    small = np.linalg.svd(product, compute_uv=False) if np.isfinite(product).all() else np.zeros(1)
    if last - first == 1 or (small.size and small[-1] * WORST > small[0]):
        return [(last, product)]
    middle = (first + last) // 2
    return _well_conditioned(run, first, middle) + _well_conditioned(run, middle, last)


def _growth(products: Sequence[Floats], w: Floats) -> Floats:
    """Return the logarithms of the lengths of a vector that goes back through all products."""
    logs, w = [0.0], w / np.linalg.norm(w)
    for product in reversed(products):
        w = w @ product
        length = float(np.linalg.norm(w))
        logs.append(logs[-1] + (np.log(length) if length > 0 else -np.inf))
        w = w / length if length > 0 else w
    return np.array(logs[::-1])


def _rate(times: Floats, growth: Floats) -> tuple[float, float]:
    """Return the growth per unit time, and its error by the means of batches of equal length."""
    edges = np.linspace(times[0], times[-1] - AT_FIRST * (times[-1] - times[0]), BATCHES + 1)
    at = np.interp(edges, times, growth)
    rates = -np.diff(at) / np.diff(edges)
    if not np.isfinite(rates).all():
        return -np.inf, np.nan
    return float(rates.mean()), float(rates.std(ddof=1) / np.sqrt(BATCHES))


def log_singular_values(matrices: Sequence[ArrayLike]) -> tuple[Floats, float]:
    """Return the logarithms of the singular values of a product ``A_k .. A_2 A_1``, and their last change.

    The product is never formed: it is turned into one of triangular matrices by QR factors, and transposed, again and
    again, which makes them diagonal [1]_. So small singular values keep their digits beside large ones; those that
    a factor has lost to rounding are -inf.

    Parameters
    ----------
    matrices : sequence of array_like, shape (N, N)
        A_1 first.

    References
    ----------
    .. [1] Golub, Solna & Van Dooren (2000), Computing the SVD of a general matrix product/quotient, SIAM J. Matrix Anal.
       Appl. 22, 1.

    Examples
    --------
    >>> from learning.diagnosis import log_singular_values
    >>> log_singular_values([[[10.0, 0.0], [0.0, 1e-3]]] * 100)[0].round(3).tolist()
    [230.259, -690.776]
    """
    factors = [as_floats(each, f"matrices[{k}]") for k, each in enumerate(as_items(matrices, "matrices"))]
    n = len(factors[0]) if factors else 0
    if any(each.shape != (n, n) for each in factors):
        raise ValueError(f"`matrices` must be square and of one size; got {sorted({each.shape for each in factors})}.")
    rank = min((int(np.linalg.matrix_rank(each)) for each in factors), default=0)
    logs, change = np.zeros(n), np.inf
    for sweep in range(SWEEPS):
        Q, new = np.eye(n), np.zeros(n)
        for k, factor in enumerate(factors):
            Q, factors[k] = np.linalg.qr(factor @ Q)
            with np.errstate(divide="ignore"):
                new += np.log(np.abs(np.diag(factors[k])))
        known = np.isfinite(new) & np.isfinite(logs)
        change = float(np.abs(new - logs)[known].max(initial=0.0))
        logs = new
        if sweep and change < SETTLED:
            break
        factors = [factor.T for factor in reversed(factors)]
    logs = np.sort(logs)[::-1]
    logs[rank:] = -np.inf
    return logs, change
