"""The loss over a plane in the space of parameters."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from learning.chosen import Chosen, require_differentiable
from learning.courses import Way
from learning.objective import Objective
from learning.trials import Trial, as_trials
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_number, require_room
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout, long_call

NO_TIME = "there was no time for it"


@dataclass(frozen=True, eq=False)
class LossLandscape(Record):
    """A loss along two directions of the parameters, ``x = x0 + a * directions[0] + b * directions[1]``.

    Attributes
    ----------
    a, b : ndarray, shape (A,), (B,)
    loss : ndarray, shape (A, B)
        NaN where it is not known, see ``reasons``.
    directions : ndarray, shape (2, D)
    status : Status
    reasons : ndarray of str, shape (A, B)
        Why the loss is not known: what the parameters may not be, when a trajectory left the numbers, or that time was up;
        "" where it is known.
    """

    a: Floats
    b: Floats
    loss: Floats
    directions: Floats
    status: Status
    reasons: np.ndarray

    plot = drawn("plot_loss_landscape", "Draw the loss over the plane")

    def __repr__(self) -> str:
        known = self.loss[np.isfinite(self.loss)]
        ends = f"{known.min():.4g} to {known.max():.4g}" if known.size else "nowhere known"
        unknown = f", {self.loss.size - known.size} unknown: {self.why}" if self.why else ""
        return f"LossLandscape({self.a.size} x {self.b.size}, loss {ends}{unknown})"

    @property
    def why(self) -> str:
        """The most frequent reason, "" where all losses are known."""
        given = Counter(self.reasons[self.reasons != ""].tolist())
        return given.most_common(1)[0][0].rstrip(".") if given else ""


def loss_landscape(
    system: DynamicalSystem, data: Trial | Sequence[Trial], loss: Callable, *, params: Sequence[str] | str | None = None,
    directions: ArrayLike | None = None, extent: float = 1.0, points: int = 25, integrator: str | None = None,
    dt: float | None = None, rtol: float = 1e-6, atol: float = 1e-9, of: str = "outputs",
    rng: np.random.Generator | int | None = None, timeout: float | None = None, on_interrupt: str = "raise",
) -> LossLandscape:  # fmt: skip
    """Return the mean loss of trials over a plane of parameters through those of the system.

    Parameters
    ----------
    system : DynamicalSystem
    data : Trial or sequence of Trial
    loss : callable
        See :mod:`learning.losses`.
    params : str or sequence of str, optional
        Which parameters move; by default all.
    directions : array_like, shape (2, D), optional
        In the order of ``gradient(..).vector``; by default random, in each array of parameters as long as the array [1]_.
    extent : float
        How far to go to both sides, in units of the directions.
    points : int
        Along each, 2 or more; an odd number has the system itself among them.
    integrator, dt, rtol, atol, of
        As for :func:`learning.gradient`.
    rng : Generator or int, optional
        For random directions.
    timeout : float, optional
        Seconds; what is known until then is returned.
    on_interrupt : {"raise", "return"}

    References
    ----------
    .. [1] Li, Xu, Taylor, Studer & Goldstein (2018), Visualizing the loss landscape of neural nets, NeurIPS 31.

    Examples
    --------
    >>> from learning import Trial, loss_landscape, losses
    >>> from recurrent import FullyRecurrent
    >>> net = FullyRecurrent([[0.5]], biases=1.0, activation="linear")
    >>> trial = Trial(targets=[[1.0]], times=[1.0])    # one step from 0: the bias itself
    >>> found = loss_landscape(net, trial, losses.MeanSquare(), params=["weights", "biases"], directions=np.eye(2), points=3)
    >>> found.loss.tolist()
    [[1.0, 0.0, 1.0], [1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]
    """
    require_differentiable(system)
    chosen = Chosen(system, params)
    trials = as_trials(data)
    far, count = as_number(extent, "extent", positive=True), as_count(points, "points", minimum=2)
    seconds, then = as_timeout(timeout), as_on_interrupt(on_interrupt)
    rng = as_generator(rng)
    plane = _random(system, chosen, rng) if directions is None else as_floats(directions, "directions")
    if plane.shape != (2, chosen.positions.size):
        raise ValueError(f"`directions` must have shape (2, D) = (2, {chosen.positions.size}); got {plane.shape}.")
    objective = Objective(system, loss, chosen, Way(integrator=integrator, dt=dt, rtol=rtol, atol=atol, of=of), None)
    require_room(count * count, "points")
    at, sheet = np.linspace(-far, far, count), np.full((count, count), np.nan)
    reasons = np.full(sheet.shape, NO_TIME, dtype=object)
    start = objective.start()
    first = objective.value(start, trials), objective.why  # errors of arguments come here

    def record(status: Status) -> LossLandscape:
        return LossLandscape(at, at.copy(), sheet.copy(), plane, status, reasons.copy())

    def work() -> LossLandscape:
        began = time.perf_counter()
        for i, j in np.ndindex(sheet.shape):
            if seconds is not None and time.perf_counter() > began + seconds:
                raise OutOfTime
            move = at[i] * plane[0] + at[j] * plane[1]
            value, reasons[i, j] = (objective.value(start + move, trials), objective.why) if move.any() else first
            sheet[i, j] = value if np.isfinite(value) else np.nan
        return record(Status.SUCCESS)

    found: LossLandscape = long_call(work, record, timeout=seconds, on_interrupt=then)
    return found


def _random(system: Any, chosen: Chosen, rng: np.random.Generator) -> Floats:
    """Return two directions, in each array as long as its entries."""
    whole, parts = np.asarray(system.params), np.zeros((2, system.param_dim))
    for places in chosen.arrays.values():
        length = float(np.linalg.norm(whole[places])) or 1.0
        for row in parts:
            drawn_ = rng.normal(size=np.shape(places))
            row[places] = drawn_ * (length / np.linalg.norm(drawn_))
    return np.array([chosen.vector(row) for row in parts])
