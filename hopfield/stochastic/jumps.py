"""Memories whose parameters jump as a Markov chain does, with delays, impulses and noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm

from hopfield.checks import require_room
from hopfield.stochastic.exponents import JumpExponents, jump_exponents
from hopfield.stochastic.generators import as_generator_matrix, occupancy_of
from hopfield.stochastic.jump_steps import advance
from neurodynamics import AdditiveNetwork, switch
from neurodynamics.compiling import as_workers, over_rows
from neurodynamics.inputs import Sampled, key_from
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Interrupted, Status
from neurodynamics.systems import Composition, markov_modes
from neurodynamics.validation import (
    Floats,
    as_count,
    as_floats,
    as_generator,
    as_items,
    as_number,
    as_rows,
    as_vector,
)
from neurodynamics.watched import as_on_interrupt, as_timeout, stop_word, watched

MOST_STEPS = 1e12


@dataclass(frozen=True, eq=False, repr=False)
class JumpRun(Record):
    """Paths of a network whose parameters jump.

    Attributes
    ----------
    t : ndarray, shape (T,)
    y : ndarray, shape (B, N, T)
        States of B paths, NaN where the run did not get so far.
    modes : ndarray of int, shape (B, T)
        -1 there.
    status : Status
    """

    t: Floats
    y: Floats
    modes: NDArray[np.int64]
    status: Status

    @property
    def success(self) -> bool:
        """Whether all paths came to their end, with finite states."""
        return self.status >= 0

    @property
    def occupancy(self) -> Floats:
        """Share of the recorded moments that were spent in each mode seen, (S,)."""
        seen = self.modes[self.modes >= 0]
        return np.bincount(seen) / seen.size

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        return f"JumpRun({len(self)} paths of {self.y.shape[1]} units, t to {self.t[-1]:g}, {self.status.name.lower()})"

    plot = drawn("plot_jump_run", "Draw the paths over the modes of the first")


class MarkovJump:
    """A network that follows one of several sets of parameters, between which it jumps as a Markov chain does:

        ``C dx = [-A(r) x(t) + W(r) f(x(t - delay)) + I(r)] dt + sigma(r) dB,    x(k period) <- K x(k period)``

    The chain r has the generator Q. Such is the stochastic BAM with Markovian switching, delays and impulses of the
    literature on stability [1]_.

    Parameters
    ----------
    modes : sequence of GradedBAM, GradedHopfield or other additive networks
        Of the same number of units.
    generator : array_like, shape (S, S)
        Q: rates from row to column, rows summing to 0; a mode is kept for ``1 / |q_ii|`` on average.
    delay : float
        How late units see each other; 0 for none. Leaks see the present.
    impulses : (period, factor), optional
        At each multiple of the period the state is multiplied by the factor: a number, one a unit, or a matrix K (N, N).

    References
    ----------
    .. [1] Mao & Yuan (2006), Stochastic Differential Equations with Markovian Switching.

    Examples
    --------
    >>> from hopfield import GradedBAM, MarkovJump
    >>> weak, strong = GradedBAM([[0.5]]), GradedBAM([[2.0]])
    >>> net = MarkovJump([weak, strong], [[-1.0, 1.0], [3.0, -3.0]], delay=0.5)
    >>> net.occupancy
    array([0.75, 0.25])
    >>> net.run(10.0, [0.1, 0.1], dt=0.01, rng=0)
    JumpRun(1 paths of 2 units, t to 10, success)
    """

    def __init__(
        self,
        modes: Sequence[AdditiveNetwork],
        generator: ArrayLike,
        *,
        delay: float = 0.0,
        impulses: tuple[float, ArrayLike] | None = None,
    ) -> None:
        self.modes = tuple(as_items(modes, "modes"))
        if not self.modes:
            raise ValueError("`modes` must hold at least one network.")
        for k, net in enumerate(self.modes):
            if not isinstance(net, AdditiveNetwork):
                raise TypeError(f"`modes[{k}]` must be a GradedBAM, a GradedHopfield or another additive network; got "
                                f"{type(net).__name__}.")  # fmt: skip
            if (net.state_dim, net.param_dim) != (self.modes[0].state_dim, self.modes[0].param_dim):
                raise ValueError(f"`modes[{k}]` must have the units and inputs of `modes[0]`; got {net!r}.")
        self.generator = as_generator_matrix(generator, len(self.modes))
        self.delay = as_number(delay, "delay", minimum=0.0)
        self.period, self.factor = _as_impulses(impulses, self.state_dim)

    @property
    def state_dim(self) -> int:
        """N, the number of units."""
        return self.modes[0].state_dim

    @property
    def occupancy(self) -> Floats:
        """Share of time in each mode in the long run, (S,)."""
        return occupancy_of(self.generator)

    @property
    def system(self) -> Composition:
        """The network without delay, impulses and noise as a system of the contract, with the mode as its last input."""
        self._require_flow()
        if any(net.noise.any() for net in self.modes):
            raise ValueError("the switched system has no noise, and these modes have; use `run`.")
        return switch(self.modes)

    def _require_flow(self) -> None:
        if self.delay or self.period:
            raise ValueError("a network with a delay or impulses is no flow of its state alone; use `run`.")

    def path(self, duration: float, start: int = 0, rng: Any = None) -> Sampled:
        """Return a path of the modes, for the mode input of :attr:`system`; steps end where it jumps."""
        return markov_modes(self.generator, duration, start=start, rng=rng)

    def exponents(self, state: ArrayLike = 0.0, **options: Any) -> JumpExponents:
        """Return the exponents of small deviations from a state that all modes keep, noise aside: :func:`jump_exponents`."""
        self._require_flow()
        y = as_vector(state, "state", self.state_dim, "N")
        return jump_exponents(np.stack([net.jac(0.0, y) for net in self.modes]), self.generator, **options)

    def __repr__(self) -> str:
        more = [f"delay {self.delay:g}"] * bool(self.delay) + [f"impulses every {self.period:g}"] * bool(self.period)
        return ", ".join([f"MarkovJump({len(self.modes)} modes of {self.state_dim} units", *more]) + ")"

    def run(
        self,
        duration: float,
        starts: ArrayLike,
        *,
        dt: float,
        points: int = 200,
        rng: Any = None,
        workers: int | None = None,
        timeout: float | None = None,
        on_interrupt: str = "raise",
    ) -> JumpRun:
        """Follow paths by Euler-Maruyama steps; modes have their exact law at the ends of steps, which they keep for a step.

        Parameters
        ----------
        duration : float
        starts : array_like, shape (N,) or (B, N)
            States, which were the same before; the first modes are drawn from :attr:`occupancy`.
        dt : float
            Step, which is shortened so that `delay` and the period of impulses are whole numbers of steps.
        points : int
            About so many moments are recorded.
        rng : Generator, int or None
            Each path has a stream of its own.
        workers : int, optional
            Threads.
        timeout : float, optional
            Seconds; what was reached until then is returned.
        on_interrupt : {"raise", "return"}
            Ctrl-C raises ``Interrupted`` with the partial ``result``, or returns that.
        """
        end, step = as_number(duration, "duration", positive=True), as_number(dt, "dt", positive=True)
        states = np.atleast_2d(as_rows(starts, "starts", self.state_dim))
        rng, crew, seconds = as_generator(rng), as_workers(workers), as_timeout(timeout)
        wanted = as_count(points, "points", minimum=1)
        as_on_interrupt(on_interrupt)
        plan = _Plan(self, end, step, wanted)
        run = _Progress(self, plan, states, rng)
        ended = watched(lambda: run.go(crew), run.stop, timeout=seconds)
        record = run.record(ended)
        if ended is Status.INTERRUPTED and on_interrupt == "raise":
            raise Interrupted(record)
        return record


def _as_impulses(impulses: Any, n: int) -> tuple[float, Floats]:
    """Return the period, 0 for none, and the matrix."""
    if impulses is None:
        return 0.0, np.eye(n)
    if not isinstance(impulses, tuple | list) or len(impulses) != 2:
        raise ValueError(f"`impulses` must be (period, factor); got {impulses!r:.60}.")
    factor = as_floats(impulses[1], "impulses[1]")
    matrix = factor if factor.ndim == 2 else np.diag(as_vector(factor, "impulses[1]", n, "N"))
    if matrix.shape != (n, n):
        raise ValueError(f"`impulses[1]` must be a number, one a unit, or a matrix ({n}, {n}); got shape {matrix.shape}.")
    return as_number(impulses[0], "impulses[0]", positive=True), matrix


class _Plan:
    """Steps of a run: their length, and what comes after how many."""

    def __init__(self, net: MarkovJump, end: float, dt: float, points: int) -> None:
        spans = [span for span in (net.delay, net.period) if span > 0]
        step = min([dt, end, *spans])
        if end / step > MOST_STEPS:
            raise ValueError(f"`dt` = {dt:g} makes more than {MOST_STEPS:g} steps of `duration`; use a larger dt.")
        base = spans[0] if spans else end
        self.h = base / math.ceil(base / step * (1 - 1e-12))
        if len(spans) == 2:
            gap = round(spans[1] / self.h)
            if gap == 0 or abs(gap * self.h - spans[1]) > 1e-9 * spans[1]:
                raise ValueError(f"`dt` must divide the delay {net.delay:g} and the period of impulses {net.period:g}; "
                                 f"{self.h:g} does not.")  # fmt: skip
        self.lag, self.gap = round(net.delay / self.h), round(net.period / self.h)
        self.steps = max(1, round(end / self.h))
        self.every = max(1, self.steps // points)
        self.saved = np.append(np.arange(0, self.steps, self.every), self.steps)


class _Progress:
    """The paths so far."""

    def __init__(self, net: MarkovJump, plan: _Plan, states: Floats, rng: np.random.Generator) -> None:
        count, n = states.shape
        require_room("the recorded states", count, n, len(plan.saved), itemsize=8)
        require_room("the states within the delay", count, n, plan.lag + 1, itemsize=8)
        self.net, self.plan, self.stop = net, plan, stop_word()
        self.key = key_from(rng)
        self.past = np.repeat(states[:, np.newaxis], plan.lag + 1, axis=1)
        self.mode: NDArray[np.int64] = np.asarray(rng.choice(len(net.modes), size=count, p=net.occupancy))
        self.y = np.full((count, n, len(plan.saved)), np.nan)
        self.modes = np.full((count, len(plan.saved)), -1)
        self._keep(0)

    def _keep(self, k: int) -> None:
        self.y[:, :, k] = self.past[:, self.plan.saved[k] % (self.plan.lag + 1)]
        self.modes[:, k] = self.mode

    def go(self, workers: int) -> None:
        net, plan = self.net, self.plan
        parts = [np.array([m.address("rhs") for m in net.modes]), np.stack([m.params for m in net.modes]),
                 np.stack([m.leaks / m.time_constants for m in net.modes]), np.stack([m.noise for m in net.modes]),
                 np.cumsum(expm(net.generator * plan.h), axis=1), np.ascontiguousarray(net.factor)]  # fmt: skip
        inputs = np.zeros(net.modes[0].input_dim)

        def on_rows(rows: slice) -> None:
            advance(*parts, inputs, plan.h, plan.gap, self.key, rows.start, first, count, self.stop, self.past[rows],
                    self.mode[rows])  # fmt: skip

        for k in range(1, len(plan.saved)):
            first, count = int(plan.saved[k - 1]), int(plan.saved[k] - plan.saved[k - 1])
            if workers == 1 or len(self.past) == 1:
                on_rows(slice(0, len(self.past)))
            else:
                over_rows(on_rows, len(self.past), workers, self.stop)
            if self.stop[0]:
                return
            self._keep(k)

    def record(self, ended: Status) -> JumpRun:
        reached = self.modes[0] >= 0
        finite = np.isfinite(self.y[:, :, reached]).all()
        status = ended if finite or ended is not Status.SUCCESS else Status.NON_FINITE
        return JumpRun(self.plan.saved * self.plan.h, self.y.copy(), self.modes.copy(), status)
