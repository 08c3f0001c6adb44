"""Basin stability in finite time, and under repeated shocks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.attractors import Attractors, Neighbourhood, extent_of, wilson_interval
from analysis.common import as_window, deadline_in, seconds_until
from neurodynamics import Kind, Status, simulate_ensemble
from neurodynamics.records import Record
from neurodynamics.validation import (
    Floats,
    as_count,
    as_floats,
    as_generator,
    as_instance,
    as_number,
    as_number_of,
    as_size,
    require_positive,
    require_room,
)
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

SAMPLES = 1000
NEAR = 0.01  # of the size of the box
LONGEST = 1e9  # units of time between shocks


def _late(deadline: float | None) -> bool:
    return deadline is not None and time.perf_counter() >= deadline


def _shocks(shocks: Any, n: int) -> Floats:
    """Return rows (least, largest) of displacements (N, 2)."""
    rows = as_floats(shocks, "shocks")
    rows = np.tile(rows, (n, 1)) if rows.shape == (2,) else rows
    if rows.shape != (n, 2) or not (rows[:, 0] <= rows[:, 1]).all():
        raise ValueError(f"`shocks` must be {n} rows (least, largest), one a state, or one for all; got {rows.tolist()}.")
    return rows


@dataclass(frozen=True, eq=False, repr=False)
class BasinStability(Record):
    """Share of the states of a box that has come back to an attractor, over time.

    Attributes
    ----------
    attractor : int
    times : array, shape (T,)
    returned : array of int, shape (T,)
        How many states belong to the basin and are near the attractor at each time.
    count : int
        How many belong to the basin.
    total : int
        How many there are.
    status : Status
    """

    attractor: int
    times: Floats
    returned: np.ndarray
    count: int
    total: int
    status: Status

    @property
    def fraction(self) -> float:
        """Basin stability: the share of the box that is in the basin [1]_."""
        return self.count / max(self.total, 1)

    @property
    def interval(self) -> Floats:
        """Ends (2,) of its 95 % confidence interval (Wilson)."""
        return np.array(wilson_interval(np.array(self.count), self.total))

    @property
    def finite_time(self) -> Floats:
        """Finite-time basin stability (T,): the share that has come back by each time [2]_."""
        return self.returned / max(self.total, 1)

    @property
    def finite_time_intervals(self) -> Floats:
        """Ends (T, 2) of its 95 % confidence intervals (Wilson)."""
        return np.stack(wilson_interval(self.returned, self.total), axis=-1)

    def independence_time(self, share: float = 0.95) -> float:
        """Return the first of the times by which that share of the basin is back; infinite where none is late enough."""
        back = self.returned >= as_number(share, "share", positive=True) * self.count
        return float(self.times[np.argmax(back)]) if back.any() and self.count else np.inf

    def __repr__(self) -> str:
        low, high = self.interval
        return (f"BasinStability(attractor {self.attractor}: {self.fraction:.4g} in [{low:.4g}, {high:.4g}], "
                f"95 % back by {self.independence_time():.4g})")  # fmt: skip


def basin_stability(
    attractors: Attractors,
    attractor: int,
    times: ArrayLike,
    *,
    near: float = NEAR,
    box: ArrayLike | None = None,
    samples: int = SAMPLES,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> BasinStability:
    """Estimate which share of a box goes to an attractor, and which share is there by given times.

    Parameters
    ----------
    attractors : Attractors
    attractor : int
        Its id.
    times : array_like, shape (T,)
        Rising, positive (of a map: whole numbers).
    near : float
        A state is back where its distance from the attractor is at most that, in sizes of the box of `attractors`.
    box : array_like, shape (N, 2) or (2,), optional
        Rows (least, largest) of the displaced states; by default the box of `attractors`.
    samples : int
        Random states of the box.
    rng : Generator or int, optional
        For these states; always the same by default.
    timeout : float, optional
        Seconds. What is not known then counts as not returned, and the status says so.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, or returns the record of what is known.

    Returns
    -------
    BasinStability

    References
    ----------
    .. [1] Menck, Heitzig, Marwan & Kurths (2013), Nat. Phys. 9, 89.
    .. [2] Schultz, Hellmann, Webster & Kurths (2018), Chaos 28, 043102.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import basin_stability, find_attractors
    >>> found = basin_stability(find_attractors(CTRNN([[6.0]], biases=-3)), 0, [1, 5, 20], box=[0, 6], samples=200)
    >>> bool(found.interval[0] < 0.5 < found.interval[1]), found.independence_time()
    (True, 20.0)
    """
    chosen = as_number_of(attractor, "attractor", len(as_instance(attractors, "attractors", Attractors)), "attractor")
    at = require_positive(np.atleast_1d(as_floats(times, "times")), "times")
    if at.ndim != 1 or not at.size or (np.diff(at) <= 0).any():
        raise ValueError(f"`times` must be a rising vector of at least one number; got {at.tolist()}.")
    if attractors.system.kind == "map" and (at != np.floor(at)).any():
        raise ValueError(f"`times` must be whole numbers of iterations of a map; got {at.tolist()}.")
    size, radius = as_size(samples, "samples", minimum=1), as_number(near, "near", positive=True)
    require_room(size * at.size * attractors.system.state_dim, "samples")
    window, seconds, random = as_window(box, attractors.system.state_dim), as_timeout(timeout), as_generator(rng)
    deadline, flight, n = deadline_in(seconds), attractors._flight, attractors.system.state_dim

    def known(status: Status, count: int = 0, returned: np.ndarray | None = None) -> BasinStability:
        return BasinStability(chosen, at, np.zeros(at.size, np.int64) if returned is None else returned, count, size, status)

    def work() -> BasinStability:
        rows = attractors.box if window is None else window
        states = random.uniform(rows[:, 0], rows[:, 1], (size, n))
        mine = states[attractors._destinations(states, deadline) == chosen]
        left = seconds_until(deadline)
        if _late(deadline):
            return known(Status.TIMEOUT)
        if not len(mine):
            return known(Status.SUCCESS)
        options: dict[str, Any] = {} if flight.system.kind == "map" else {"t_eval": at, "rtol": 1e-9, "atol": 1e-12}
        run = simulate_ensemble(flight.system, int(at[-1]) if not options else float(at[-1]), mine, inputs=flight.drive,
                                workers=flight.workers, timeout=left, **options)  # fmt: skip
        y = run.y.reshape(len(mine), n, -1) if options else run.y[:, :, at.astype(int)]
        record = attractors[chosen]
        curve = record.kind == Kind.LIMIT_CYCLE and flight.system.kind == "flow"
        place = Neighbourhood(record.points, radius, extent_of(attractors.box), curve, 1, angles=flight.system.angles)
        inside = np.array([place.holds(y[:, :, k]).sum() for k in range(at.size)], dtype=np.int64)
        late = _late(deadline)
        return known(Status.TIMEOUT if late else Status.SUCCESS, len(mine), inside)

    found: BasinStability = long_call(work, known, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found


@dataclass(frozen=True, eq=False, repr=False)
class RepeatedShocks(Record):
    """Share of runs that are still in the basin after each of a row of shocks.

    Attributes
    ----------
    attractor : int
    interval : float
        Time between two shocks.
    remaining : array of int, shape (K,)
        How many runs are in the basin just after each shock, and were after all shocks before.
    total : int
    status : Status
        After a timeout `remaining` has fewer entries.
    """

    attractor: int
    interval: float
    remaining: np.ndarray
    total: int
    status: Status

    @property
    def fractions(self) -> Floats:
        """Intermittent basin stability (K,): shares of runs that remain."""
        return self.remaining / self.total

    @property
    def intervals(self) -> Floats:
        """Ends (K, 2) of the 95 % confidence intervals of the fractions (Wilson)."""
        return np.stack(wilson_interval(self.remaining, self.total), axis=-1)

    def __repr__(self) -> str:
        shares = ", ".join(f"{each:.3g}" for each in self.fractions)
        return f"RepeatedShocks(attractor {self.attractor}, every {self.interval:g}: {shares})"


def repeated_shocks(
    attractors: Attractors,
    attractor: int,
    shocks: ArrayLike,
    interval: float,
    count: int = 10,
    *,
    samples: int = SAMPLES,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> RepeatedShocks:
    """Estimate which share of runs stays in a basin under a row of random shocks.

    Each run begins on the attractor; a shock is added, and another one each time the interval has passed. Where the interval
    is long, shares fall as powers of the first one; where it is short, runs have not come back when the next shock comes.

    Parameters
    ----------
    attractors : Attractors
    attractor : int
        Its id.
    shocks : array_like, shape (N, 2) or (2,)
        Rows (least, largest) of displacements, which are drawn evenly.
    interval : float
        Time between two shocks (of a map: a whole number).
    count : int
        Shocks in a row.
    samples : int
        Runs.
    rng : Generator or int, optional
        For the shocks; always the same by default.
    timeout : float, optional
        Seconds; shares after fewer shocks are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the shares so far as ``.result``, or returns them.

    Returns
    -------
    RepeatedShocks

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import find_attractors, repeated_shocks
    >>> repeated_shocks(find_attractors(CTRNN([[6.0]], biases=-3)), 0, [-1, 1], 5.0, 3, samples=100)
    RepeatedShocks(attractor 0, every 5: 1, 1, 1)
    """
    chosen = as_number_of(attractor, "attractor", len(as_instance(attractors, "attractors", Attractors)), "attractor")
    n, flight, seconds, random = attractors.system.state_dim, attractors._flight, as_timeout(timeout), as_generator(rng)
    window = _shocks(shocks, n)
    length, size = as_number(interval, "interval", positive=True), as_size(samples, "samples", minimum=1)
    if flight.system.kind == "map" and length != int(length):
        raise ValueError(f"`interval` must be a whole number of iterations of a map; got {length:g}.")
    if length > LONGEST * flight.unit:
        raise ValueError(f"`interval` must be at most {LONGEST * flight.unit:g}; got {length:g}.")
    times, remaining, deadline = as_count(count, "count", minimum=1), list[int](), deadline_in(seconds)

    def known(status: Status) -> RepeatedShocks:
        return RepeatedShocks(chosen, length, np.array(remaining, dtype=np.int64), size, status)

    def work() -> RepeatedShocks:
        points = attractors[chosen].points
        y = points[random.integers(len(points), size=size)]
        try:
            for _ in range(times):
                y = y + random.uniform(window[:, 0], window[:, 1], (len(y), n))
                y = y[attractors._destinations(y, deadline) == chosen]
                if _late(deadline):
                    return known(Status.TIMEOUT)
                remaining.append(len(y))
                y = flight.advance(y, length, deadline)
                if _late(deadline):
                    return known(Status.TIMEOUT)
        except KeyboardInterrupt:
            return known(Status.INTERRUPTED)
        return known(Status.SUCCESS)

    found: RepeatedShocks = long_call(work, known, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found
