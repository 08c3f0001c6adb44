"""Expansion entropy: chaos in a region, whether it attracts or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import as_window, deadline_in
from analysis.lyapunov.carrier import Carrier, OutOfTime, TimeLimit
from analysis.lyapunov.flow import TOGETHER
from analysis.lyapunov.tangent_maps import Course, course_of, span_of
from neurodynamics import DynamicalSystem, Status
from neurodynamics.compiling import as_workers
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_size, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, heed, long_call

LEVEL = 2.0  # standard errors on either side


@dataclass(frozen=True, eq=False, repr=False)
class ExpansionEntropy(Record):
    """Expansion entropy of a region, from the growth of volumes of those trajectories that stay in it.

    Attributes
    ----------
    t : array, shape (T,)
    log_expansion : array, shape (batches, T)
        ``ln E(t)`` of each batch of samples, E being the mean over all samples of ``G``, the product of the singular values
        above 1 of the tangent map, with 0 for those that have left.
    inside : array, shape (T,)
        Share of all samples that are still in the region.
    entropy, standard_error : float
        Slope of ``ln E`` over the second half of the time (mean over batches), in nats per unit time.
    status : Status
    notes : tuple of str
    """

    t: Floats
    log_expansion: Floats
    inside: Floats
    entropy: float
    standard_error: float
    status: Status
    notes: tuple[str, ...] = ()

    @property
    def interval(self) -> tuple[float, float]:
        """Two standard errors on either side."""
        return self.entropy - LEVEL * self.standard_error, self.entropy + LEVEL * self.standard_error

    plot = drawn("plot_expansion", "Draw the growth of volumes")

    def __repr__(self) -> str:
        return f"ExpansionEntropy({self.entropy:.4g} ± {self.standard_error:.1g}, {self.status.name.lower()})"


def expansion_entropy(
    system: DynamicalSystem,
    box: ArrayLike,
    duration: float,
    *,
    samples: int = 1000,
    batches: int = 10,
    points: int = 20,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    rng: np.random.Generator | int | None = None,
    workers: int | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> ExpansionEntropy:
    """Return the expansion entropy of a region of states.

    The rate at which volumes grow along trajectories that stay in the region: positive is chaos, also on repellers, of
    transients, and with driving [1]_. For uniformly expanding maps of an interval it is the topological entropy.

    Parameters
    ----------
    system : DynamicalSystem
    box : array_like, shape (2,) or (N, 2)
        The region: lowest and highest states, for all or for each.
    duration : float
        (Of a map: iterations.) Some e-folds; in long ones few samples stay, and small singular values are lost.
    samples, batches : int
        Samples in all, uniform in the box, and batches of them, whose scatter is the standard error.
    points : int
        Moments at which volumes are taken and those outside are left out, of a map whole iterations.
    inputs, method, dt, rtol
        As for `lyapunov_spectrum`.
    rng : optional
        Seed or generator of the samples.
    workers : int, optional
        Threads.
    timeout, on_interrupt
        As for `simulate`; the times until then count.

    Returns
    -------
    ExpansionEntropy

    References
    ----------
    .. [1] Hunt & Ott (2015), Chaos 25, 097618.

    Examples
    --------
    >>> from analysis import expansion_entropy
    >>> from neurodynamics import models
    >>> found = expansion_entropy(models.logistic_map(r=4), [0, 1], 12, rng=0)
    >>> round(found.entropy, 1)  # ln 2
    0.7
    """
    course, generator = course_of(system, np.zeros(getattr(system, "state_dim", 1)), inputs, method, dt, rtol, rng)
    length = span_of(system, duration, "duration")
    region = as_window(box, system.state_dim)
    if region is None or not (region[:, 0] < region[:, 1]).all():
        raise ValueError("`box` must be (low, high) with low < high, for all states or one row for each.")
    total, parts = as_size(samples, "samples", minimum=2), as_size(batches, "batches", minimum=2)
    if parts > total:
        raise ValueError(f"`batches` must be at most `samples`, {total}; got {parts}.")
    require_room(float(total) * system.state_dim * (system.state_dim + 1), "samples")
    t = np.linspace(0.0, length, as_size(points, "points", minimum=2) + 1)
    t = np.unique(np.round(t)) if system.kind == "map" else t
    starts = generator.uniform(region[:, 0], region[:, 1], (total, system.state_dim))
    seconds, threads, wanted = as_timeout(timeout), as_workers(workers), as_on_interrupt(on_interrupt)
    call = _Call(course, region, starts, parts, t, threads, deadline_in(seconds))
    found: ExpansionEntropy = long_call(call.run, call.so_far, timeout=seconds, on_interrupt=wanted)
    return found


@dataclass(eq=False)
class _Call:
    """One call."""

    course: Course
    region: Floats
    starts: Floats
    batches: int
    t: Floats
    workers: int
    deadline: float | None

    def __post_init__(self) -> None:
        self.logs: list[Floats] = [np.zeros(len(self.starts))]  # ln G of each sample, -inf outside
        self.lost = False

    def run(self) -> ExpansionEntropy:
        system, limits = self.course.system, TimeLimit(self.deadline)
        theta = np.broadcast_to(system.params, (len(self.starts), system.param_dim)).copy()
        carrier = Carrier(system, self.course.scheme, self.starts, theta, [self.course.drive], self.workers)
        carrier.set_vectors(np.eye(system.state_dim))
        carrier.counts[:, TOGETHER] = 1
        scale, inside = np.zeros(len(self.starts)), np.ones(len(self.starts), dtype=bool)
        try:
            for start, end in zip(self.t[:-1], self.t[1:], strict=True):
                growth, _ = carrier.go(np.array([start, end]), limits)
                scale += growth[:, 0, 0]
                y = system.angles.wrap(carrier.states, self.region.mean(axis=1))
                inside &= ~carrier.failed & ((y >= self.region[:, 0]) & (y <= self.region[:, 1])).all(axis=1)
                self.logs.append(self._growth(carrier.vectors, scale, inside))
                heed()
        except OutOfTime:
            return self.so_far(Status.TIMEOUT)
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        return self.so_far(Status.SUCCESS)

    def _growth(self, vectors: Floats, scale: Floats, inside: np.ndarray) -> Floats:
        singular = np.linalg.svd(vectors[inside], compute_uv=False)
        own = scale[inside, np.newaxis]
        with np.errstate(divide="ignore"):
            logs = np.log(singular) + own
        rounding = np.log(np.finfo(float).eps * singular[:, :1]) + own
        self.lost |= bool(((logs <= rounding) & (rounding > 0)).any())
        found = np.full(len(inside), -np.inf)
        found[inside] = np.maximum(logs, 0.0).sum(axis=1)
        return found

    def so_far(self, status: Status) -> ExpansionEntropy:
        logs = np.array(list(self.logs))
        t, parts = self.t[: len(logs)], np.array_split(np.arange(len(self.starts)), self.batches)
        curves = np.array([np.logaddexp.reduce(logs[:, part], axis=1) - np.log(len(part)) for part in parts])
        late, notes = np.arange(len(t)) >= len(t) // 2, []
        entropy = error = np.nan
        if late.sum() > 1:
            alive = np.isfinite(curves).all(axis=1)
            slopes = np.array([np.polyfit(t[late], curve[late], 1)[0] for curve in curves[alive]])
            if alive.sum() > 1:
                entropy, error = float(slopes.mean()), float(slopes.std(ddof=1) / np.sqrt(alive.sum()))
            if not alive.all():
                notes.append(f"{(~alive).sum()} batches have no sample left in the region: take more samples, or less time")
        if self.lost:
            notes.append("growth of volumes is below rounding for some samples, and was not counted: take less time")
        return ExpansionEntropy(t, curves, np.isfinite(logs).mean(axis=1), entropy, error, status, tuple(notes))
