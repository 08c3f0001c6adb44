"""Edge states: the attractor within a basin boundary, a saddle or a cycle of saddle type, found by edge tracking."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.attractors.box import extent_of
from analysis.attractors.find import Attractors
from analysis.common import deadline_in
from analysis.cycles import LimitCycle, limit_cycle
from analysis.lyapunov import rest_near
from neurodynamics import UNDECIDED, Kind, Status, simulate_ensemble
from neurodynamics.records import Record
from neurodynamics.validation import Floats
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

SECTIONS = 15  # states between two that are looked at at once
NEAR = 1e-10  # of the size of the box: how close two states beside the boundary are brought together
FAR = 1e-5  # how far they may part before they are brought together again
PIECE, SHOWN = 4.0, 0.1  # units of time between looks, and between points of the path
LONGEST = 2000.0  # units of time
RETURNS = 0.02  # of the extent of the path: a return that may close a cycle
HYPERBOLIC = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class EdgeState(Record):
    """Where the boundary between two basins leads.

    Attributes
    ----------
    kind : Kind
        fixed_point (a saddle), limit_cycle, or undecided.
    y : array, shape (N,)
        The saddle, a state on the cycle, or the end of the path.
    attractors : tuple of int
        Ids on either side.
    unstable : int
        Number of unstable directions of the edge state; 1 where the boundary is smooth. -1 where it is not known.
    period : float
        Of a cycle; nan otherwise.
    t, path : arrays, shapes (K,), (K, N)
        The trajectory on the boundary.
    cycle : LimitCycle or None
    status : Status
    """

    kind: Kind
    y: Floats
    attractors: tuple[int, int]
    unstable: int
    period: float
    t: Floats
    path: Floats
    cycle: LimitCycle | None
    status: Status

    def __repr__(self) -> str:
        names = {Kind.FIXED_POINT: "saddle", Kind.LIMIT_CYCLE: f"cycle of period {self.period:.8g}"}
        what = names.get(self.kind, "undecided")
        where = np.array2string(self.y, precision=4, threshold=8)
        return f"EdgeState({what} between {self.attractors[0]} and {self.attractors[1]}, at {where})"


def edge_state(
    attractors: Attractors,
    a: int | ArrayLike,
    b: int | ArrayLike,
    *,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> EdgeState:
    """Follow the boundary between the basins of two states to where it leads.

    The boundary is located between the two by repeated division; a pair of states on either side of it, so close that it
    moves as the boundary does, is carried on and brought together again whenever it parts [1]_. In the end the saddle or the
    cycle near it is found to rounding.

    Parameters
    ----------
    attractors : Attractors
    a, b : int or array_like, shape (N,)
        Ids of two attractors, or states that go to different ones.
    timeout : float, optional
        Seconds.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the path so far as ``.result``, or returns that.

    Returns
    -------
    EdgeState

    Raises
    ------
    ValueError
        Where a and b go to the same attractor.

    References
    ----------
    .. [1] Skufca, Yorke & Eckhardt (2006), Phys. Rev. Lett. 96, 174101.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import edge_state, find_attractors
    >>> att = find_attractors(CTRNN([[0, -8], [-8, 0]], constant_inputs=4))
    >>> abs(edge_state(att, 0, 1).y).round(6).tolist()
    [0.0, 0.0]
    """
    if not isinstance(attractors, Attractors):
        raise TypeError(f"`attractors` must be what find_attractors returns; got {type(attractors).__name__}.")
    seconds = as_timeout(timeout)
    ends = [start_at(attractors, end, name) for end, name in ((a, "a"), (b, "b"))]
    tracker = _Tracker(attractors, ends, deadline_in(seconds))
    found: EdgeState = long_call(
        tracker.run, tracker.undecided, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


def start_at(attractors: Attractors, end: int | ArrayLike, name: str) -> Floats:
    """Return a state on the attractor of that id, or the state itself."""
    if not isinstance(end, (int, np.integer)):
        return attractors.system.check_state(end, name)
    if not 0 <= end < len(attractors):
        raise ValueError(f"`{name}` must be the id of one of the {len(attractors)} attractors, from 0 on; got {end}.")
    return attractors[int(end)].y


class _Tracker:
    def __init__(self, attractors: Attractors, ends: list[Floats], deadline: float | None) -> None:
        self.attractors, self.flight, self.deadline = attractors, attractors._flight, deadline
        self.ends, self.labels = ends, [UNDECIDED, UNDECIDED]
        self.scale = extent_of(attractors.box)
        self.t, self.path = [np.zeros(0)], [np.zeros((0, self.scale.size))]
        self.now = 0.0

    def run(self) -> EdgeState:
        status = Status.MAX_STEPS
        try:
            self._tell_apart()
            while self.now < LONGEST * self.flight.unit:
                if self.deadline is not None and time.perf_counter() >= self.deadline:
                    status = Status.TIMEOUT
                    break
                self._close_in()
                found = self._at_rest() or self._on_cycle()
                if found is not None:
                    return found
                self._carry_on()
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return self.undecided(status)

    def undecided(self, status: Status) -> EdgeState:
        """Return the way so far."""
        return self._result(Kind.UNDECIDED, self.ends[0], -1, status)

    def _tell_apart(self) -> None:
        self.labels = self.attractors(np.array(self.ends)).tolist()
        if self.labels[0] == self.labels[1]:
            raise ValueError(f"`a` and `b` must go to different attractors; both go to {self.labels[0]}.")

    @property
    def gap(self) -> float:
        return float(np.linalg.norm(self._apart(*self.ends) / self.scale))

    def _apart(self, a: Floats, b: Floats) -> Floats:
        """Return b - a, of angles the shortest way."""
        return self.flight.system.angles.difference(b, a)

    def _close_in(self) -> None:
        """Bring the pair together: of equally spaced states between them, keep the first that goes elsewhere."""
        shares = np.linspace(0.0, 1.0, SECTIONS + 2)[:, np.newaxis]
        while self.gap > NEAR:
            a, b = self.ends
            between = a + shares * self._apart(a, b)
            found = self.attractors._destinations(between[1:-1], self.deadline, fine=True)
            found = np.array([self.labels[0], *found, self.labels[1]])
            first = int(np.argmax(found != self.labels[0]))
            self.ends = [between[first - 1], between[first]]
            if found[first] != UNDECIDED:  # a state on the boundary itself goes nowhere
                self.labels[1] = int(found[first])

    def _carry_on(self) -> None:
        """Follow the pair until it has parted, or for a piece of time."""
        unit, a_map = self.flight.unit, self.flight.system.kind == "map"
        length = int(PIECE) if a_map else PIECE * unit
        t = np.arange(length + 1.0) if a_map else np.linspace(0.0, length, int(PIECE / SHOWN) + 1)
        options: dict[str, Any] = {} if a_map else {"t_eval": t, "rtol": 1e-11, "atol": 1e-14}
        options |= {"inputs": self.flight.drive, "workers": 1}
        run = simulate_ensemble(self.flight.system, length, np.array(self.ends), **options)
        gaps = np.linalg.norm(self._apart(run.y[0].T, run.y[1].T) / self.scale, axis=1)
        parted = np.flatnonzero(~(gaps < FAR))
        last = max(1, int(parted[0])) if parted.size else len(t) - 1
        self.t.append(self.now + t[:last])
        self.path.append(run.y[0].T[:last])
        self.now += float(t[last])
        self.ends = [run.y[0][:, last].copy(), run.y[1][:, last].copy()]

    def _at_rest(self) -> EdgeState | None:
        rest = rest_near(self.flight.system, self.ends[0], self.flight.drive)
        if rest is None:
            return None
        growth = rest.exponents
        return self._result(Kind.FIXED_POINT, rest.point, int((growth > HYPERBOLIC).sum()), Status.SUCCESS)

    def _on_cycle(self) -> EdgeState | None:
        if self.flight.system.kind == "map" or self.now < 20 * self.flight.unit:
            return None
        angles = self.flight.system.angles
        t, path = np.concatenate(self.t), angles.embed(np.concatenate(self.path)) / angles.weights(self.scale)
        late = t >= 0.5 * t[-1]
        t, path = t[late], path[late]
        extent = float(np.linalg.norm(np.ptp(path, axis=0)))
        away = np.linalg.norm(path - path[-1], axis=1)
        left = np.flatnonzero(away > 0.3 * extent)
        if not left.size:
            return None
        before = away[: left[-1]]
        closest = int(np.argmin(before)) if before.size else -1
        if closest < 0 or before[closest] > RETURNS * extent:
            return None
        guess = self._last_return(t, away, extent)
        try:
            cycle = limit_cycle(self.flight.system, self.ends[0], inputs=self.flight.drive, period=guess)
        except ValueError:
            return None
        if not cycle.success or np.ptp(cycle.y.T / self.scale, axis=0).max() < 1e-6:
            return None
        unstable = int((np.abs(cycle.multipliers) > 1 + cycle.threshold).sum())
        return self._result(Kind.LIMIT_CYCLE, cycle.y[:, 0], unstable, Status.SUCCESS, cycle)

    @staticmethod
    def _last_return(t: Floats, away: Floats, extent: float) -> float:
        """Return the time since the path was last as near to its end as it ever was, having been away."""
        inner = away[1:-1]
        minima = np.flatnonzero((inner <= away[:-2]) & (inner < away[2:]) & (inner < 3 * RETURNS * extent)) + 1
        left = int(np.flatnonzero(away > 0.3 * extent)[-1])
        minima = minima[minima < left]
        return float(t[-1] - t[minima[-1]]) if minima.size else float(t[-1] - t[0])

    def _result(self, kind: Kind, y: Floats, unstable: int, status: Status, cycle: LimitCycle | None = None) -> EdgeState:
        period = cycle.period if cycle is not None else np.nan
        first, second = sorted(self.labels)
        pieces = min(len(self.t), len(self.path))  # one may just be added
        t, path = np.concatenate(self.t[:pieces]), np.concatenate(self.path[:pieces])
        return EdgeState(kind, y, (first, second), unstable, period, t, path, cycle, status)
