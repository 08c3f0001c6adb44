"""From probes to end states: the loops behind ``recall``, on spins of +-1 and in units of 1 / scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hopfield.checks import Spins, require_room
from hopfield.discrete import relax
from hopfield.discrete.forms import Form
from hopfield.discrete.streams import fill_order, fill_uniforms
from hopfield.recall import RecallStatus
from neurodynamics.compiling import over_rows
from neurodynamics.status import Status
from neurodynamics.validation import Floats
from neurodynamics.watched import stop_word

SLAB_BYTES = 2**26  # probes are handed to the kernels in slabs whose fields take about so much memory

Advance = Callable[[Spins, NDArray[np.int64], int], tuple[Spins, Floats]]


@dataclass
class Progress:
    """Where each probe is; filled in place, so that an interrupted run has something to show."""

    spins: Spins
    sweeps: NDArray[np.int64] = field(init=False)
    flips: NDArray[np.int64] = field(init=False)
    periods: NDArray[np.int64] = field(init=False)
    rise: Floats = field(init=False)
    status: NDArray[np.int8] = field(init=False)
    history: list[Spins] = field(default_factory=list)
    stop: NDArray[np.int64] = field(default_factory=stop_word)
    step: str = "sweep"  # what lies between two states of the history
    running: bool = True
    symmetric: bool = False  # whether there is an energy, as far as was looked

    def __post_init__(self) -> None:
        count = len(self.spins)
        self.sweeps, self.flips, self.periods = (np.zeros(count, np.int64) for _ in range(3))
        self.rise = np.zeros(count)
        self.status = np.full(count, RecallStatus.INTERRUPTED, np.int8)

    def snapshot(self, ended: Status) -> Progress:
        """Return a copy that work which is still running does not change, with what ended it."""
        copy = Progress(self.spins.copy(), history=list(self.history), step=self.step, symmetric=self.symmetric)
        for name in ("sweeps", "flips", "periods", "rise", "status"):
            setattr(copy, name, getattr(self, name).copy())
        copy.status[copy.status == RecallStatus.INTERRUPTED] = int(ended)
        return copy


@dataclass(frozen=True)
class Options:
    """How to update.

    Attributes
    ----------
    key : uint64
        Of the random numbers.
    betas : ndarray
        1 / (temperature * scale) of each sweep, the last for all sweeps beyond; empty for zero temperature.
    tolerance : ndarray, shape (N,)
        Fields of each unit up to this are ties.
    max_sweeps, workers : int
    order : ndarray of int
        The order of updates; empty for a new random order in each sweep.
    record : bool
        Whether to keep the states after each sweep.
    changes : bool
        Whether to keep them after each change of a unit as well.
    """

    key: np.uint64
    betas: Floats
    tolerance: Floats
    max_sweeps: int
    workers: int = 1
    order: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    record: bool = False
    changes: bool = False

    @property
    def thermal(self) -> bool:
        """Whether the temperature is above zero."""
        return self.betas.size > 0

    def beta(self, sweep: int) -> float:
        """1 / (temperature * scale) in sweep number 1, 2, ..; 0 at zero temperature."""
        return float(self.betas[min(sweep, self.betas.size) - 1]) if self.thermal else 0.0


# Asynchronous ---------------------------------------------------------------------------------------------------------


def asynchronous(form: Form, diagonal: Floats, options: Options, progress: Progress) -> None:
    """Update one unit at a time until none wants to flip; ``diagonal`` is that of W, in units of 1 / scale."""
    if options.record:
        _asynchronous_recorded(form, diagonal, options, progress)
        return
    for rows in _slabs(progress.spins):
        if progress.stop[0]:
            return
        run = _Slab(form, diagonal, options, progress, rows)
        run.advance(0, options.max_sweeps)


def _asynchronous_recorded(form: Form, diagonal: Floats, options: Options, progress: Progress) -> None:
    """The same run, stopped after each sweep to look."""
    run = _Slab(form, diagonal, options, progress, slice(0, len(progress.spins)))
    progress.history.append(progress.spins.copy())
    for sweep in range(options.max_sweeps):
        run.advance(sweep, 1)
        if progress.stop[0]:
            return
        if np.array_equal(progress.spins, progress.history[-1]) and not options.thermal:
            break
        progress.history.append(progress.spins.copy())
    if options.changes:
        progress.history[:] = _change_by_change(progress.history, options)
        progress.step = "change"


def _change_by_change(history: list[Spins], options: Options) -> list[Spins]:
    """Return the states after each change of a unit: in a sweep each has one turn, in an order that is known."""
    count, n = history[0].shape
    order, changed = options.order.copy() if options.order.size else np.empty(n, np.int64), []
    for k in range(count):
        units: list[int] = []
        for sweep, (before, after) in enumerate(pairwise(history)):
            if options.order.size == 0:
                fill_order(options.key, 0 if options.thermal else k, sweep, order)
            units += order[before[k, order] != after[k, order]].tolist()
        changed.append(units)
    moments = 1 + max(map(len, changed))
    require_room("the states after each change that `record` asks for", count, n, moments)
    frames = [history[0]]
    for t in range(1, moments):
        frame = frames[-1].copy()
        for k, units in enumerate(changed):
            if t <= len(units):
                frame[k, units[t - 1]] *= -1
        frames.append(frame)
    return frames


def _slabs(spins: Spins) -> Iterator[slice]:
    step = max(1, SLAB_BYTES // (8 * spins.shape[1]))
    for first in range(0, len(spins), step):
        yield slice(first, first + step)


class _Slab:
    """Some probes with their fields, for the kernel."""

    def __init__(self, form: Form, diagonal: Floats, options: Options, progress: Progress, rows: slice) -> None:
        self.form, self.diagonal, self.options, self.progress = form, diagonal, options, progress
        self.rows = np.arange(len(progress.spins))[rows]
        self.work = form.start(progress.spins[rows])
        self.log = np.zeros((len(self.rows), relax.LOG_SIZE), np.int64)
        self.log[:, relax.SINCE] = progress.spins.shape[1]  # real fields are computed at the start
        self.stop = progress.stop

    def advance(self, first: int, count: int) -> None:
        try:
            if self.options.workers == 1 or len(self.rows) == 1:
                self._relax(slice(0, len(self.rows)), first, count)
            else:
                over_rows(lambda part: self._relax(part, first, count), len(self.rows), self.options.workers, self.stop)
        finally:
            self._report(first + count)

    def _relax(self, part: slice, first: int, count: int) -> None:
        rows, o = self.rows[part], self.options
        where = slice(rows[0], rows[-1] + 1)
        loops = self.form.relax
        loop, how = (loops.sample, o.betas) if o.thermal else (loops.relax, o.tolerance)
        loop(
            self.form.arrays, self.diagonal, self.work[part], self.progress.spins[where], rows, o.order, o.key, first,
            count, how, not self.form.exact, self.stop, self.log[part], self.progress.rise[where],
        )  # fmt: skip

    def _report(self, made: int) -> None:
        progress, rows = self.progress, self.rows
        progress.sweeps[rows] = self.log[:, relax.SWEEPS]
        progress.flips[rows] = self.log[:, relax.FLIPS]
        settled = self.log[:, relax.SETTLED] == 1
        progress.periods[rows] = settled
        ended = RecallStatus.SAMPLED if self.options.thermal else RecallStatus.BUDGET
        unsettled = RecallStatus.INTERRUPTED if self.stop[0] or made < self.options.max_sweeps else ended
        progress.status[rows] = np.where(settled, RecallStatus.FIXED_POINT, unsettled)


# Layers at once -------------------------------------------------------------------------------------------------------


def synchronous(advance: Advance, options: Options, progress: Progress) -> None:
    """Update whole layers until the states stand still or repeat.

    ``advance(spins, probes, sweep)`` returns the next spins and the energies before the step. Cycles are found by
    Brent's method: the states are compared with those at the last power of two.
    """
    active = np.arange(len(progress.spins))
    mark, marked_at = progress.spins.copy(), 0
    energies = np.full(len(active), np.inf)
    if options.record:
        progress.history.append(progress.spins.copy())
    for sweep in range(1, options.max_sweeps + 1):
        old = progress.spins[active]
        new, before = advance(old, active, sweep)
        if progress.stop[0]:
            return
        progress.rise[active] = np.maximum(progress.rise[active], before - energies[active])
        energies[active] = before
        changes = (new != old).sum(axis=1)
        progress.spins[active] = new
        progress.flips[active] += changes
        progress.sweeps[active[changes > 0]] = sweep
        if not options.thermal:
            repeats = (new == mark[active]).all(axis=1)
            progress.periods[active] = np.where(changes == 0, 1, np.where(repeats, sweep - marked_at, 0))
            active = _drop_finished(active, progress)
        if options.record:
            progress.history.append(_frame(progress))
        if active.size == 0:
            break
        if sweep & (sweep - 1) == 0:
            mark, marked_at = progress.spins.copy(), sweep
    progress.status[active] = RecallStatus.SAMPLED if options.thermal else RecallStatus.BUDGET
    _last_rise(advance, progress, energies, options)


def _frame(progress: Progress) -> Spins:
    """The states after one more sweep: probes in a cycle go on around it while others still run."""
    frame, now = progress.spins.copy(), len(progress.history)
    for k in np.flatnonzero(progress.periods > 1):
        frame[k] = progress.history[now - progress.periods[k]][k]
    return frame


def _drop_finished(active: NDArray[np.int64], progress: Progress) -> NDArray[np.int64]:
    periods = progress.periods[active]
    progress.status[active[periods == 1]] = RecallStatus.FIXED_POINT
    progress.status[active[periods > 1]] = RecallStatus.CYCLE
    return active[periods == 0]


def _last_rise(advance: Advance, progress: Progress, energies: Floats, options: Options) -> None:
    """The step into the end state, whose energy no later sweep has computed."""
    moving = np.flatnonzero(progress.periods != 1)
    if moving.size and options.max_sweeps:
        _, after = advance(progress.spins[moving], moving, options.max_sweeps + 1)
        progress.rise[moving] = np.maximum(progress.rise[moving], after - energies[moving])


def decide(fields: Floats, spins: Spins, beta: float, tolerance: Floats, draws: Floats | None) -> Spins:
    """Return the next spins of a layer: signs of the fields with ties kept, or Glauber's rule where there are draws."""
    if draws is not None:
        with np.errstate(over="ignore"):
            up = draws * (1.0 + np.exp(-2.0 * beta * fields)) < 1.0
        return np.where(up, 1, -1).astype(np.int8)
    up, down = fields > tolerance, fields < -tolerance
    return np.where(up, 1, np.where(down, -1, spins)).astype(np.int8)


def draws_for(spins: Spins, options: Options, probes: NDArray[np.int64], sweep: int) -> Floats | None:
    """Return what each unit of each probe draws in a sweep, shape (K, N); None at zero temperature."""
    if not options.thermal:
        return None
    draws = np.empty(spins.shape)
    fill_uniforms(options.key, probes, sweep, draws)
    return draws
