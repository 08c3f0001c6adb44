"""One predictor-corrector for all curves: pseudo-arclength with steps by contraction and angle.

What is followed is a `Curve`: equilibria, bifurcations over two parameters, cycles. Its unknowns u can be added and scaled;
lengths are relative.

References
----------
.. [1] Allgower & Georg (1990), Numerical Continuation Methods, chapter 6.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg.lapack import dgesv

from analysis.bifurcations.records import End, EndKind
from neurodynamics import Status
from neurodynamics.progress import progress_bar
from neurodynamics.validation import Floats

NEWTON_STEPS = 8
CONTRACTION, ANGLE = 0.3, 0.12  # nominal: of Newton's second step to its first; radians between tangents
SLOWEST = 0.7  # contraction at which the corrector gives up
LARGEST = 1e4  # times what was largest at the start: diverged
TURNING = 1e-7  # relative length of a step that is taken however much the curve turns
AT_A_CORNER = 1e-6  # relative length of a step at which a corner is looked for
ROUNDING = 1e-12  # relative steps that Newton's method cannot improve
SHARES = 0.4, 0.6  # of the time that is left, for either direction; the rest is for what was passed
LOCATING = 60  # corrections to locate a zero


class Corrected(NamedTuple):
    """A point on a curve.

    u, t (m + 1,): unknowns and tangent of relative length 1; D (m, m + 1) the derivative; error: the last step of Newton's
    method, relative; contraction: of its second step to the first; distance: its first step.
    """

    u: Floats
    t: Floats
    D: Floats
    error: float
    contraction: float
    distance: float

    def turned(self) -> Corrected:
        """Return the same point with the tangent in the other direction."""
        return self._replace(t=-self.t)


class Curve(ABC):
    """A curve, and what there is to know about its unknowns; `near` is a point that gives the scale."""

    bounds: Floats  # (k, 2) of the parameters
    shortest = 1e-10  # relative length of a step
    batch = 1  # points that `spots` takes together

    @abstractmethod
    def values(self, u: Any) -> Floats:
        """Return the parameters (k,)."""

    @abstractmethod
    def placed(self, u: Any, which: int, value: float) -> Any:
        """Return unknowns with another value of a parameter."""

    @abstractmethod
    def size(self, u: Any) -> float:
        """Return how large unknowns are."""

    @abstractmethod
    def row(self, t: Any, near: Any) -> Any:
        """Return the linear form of the relative product with a direction."""

    @abstractmethod
    def unit(self, which: int, near: Any) -> Any:
        """Return the linear form that is a parameter."""

    @abstractmethod
    def inner(self, a: Any, b: Any, near: Any) -> float:
        """Return the relative product of two directions."""

    @abstractmethod
    def correct(self, guess: Any, row: Any, rtol: float, near: Any = None) -> Any:
        """Return the point of the curve near a guess at which a linear form has the same value; None where there is none."""

    def length(self, t: Any, near: Any) -> float:
        """Return the relative length of a direction."""
        return float(np.sqrt(self.inner(t, t, near)))

    def stepped(self, walk: Walk) -> Any:
        """Return the corrected point at a step along the tangent."""
        point = walk.point
        return self.correct(point.u + walk.length * point.t, self.row(point.t, point), walk.pace.rtol, point)

    def slower(self, walk: Walk, found: Any) -> float:
        """Return the factor by which the next step should be shorter; above 2 this one is not taken."""
        t = walk.point.t
        cosine = self.inner(found.t, t, walk.point) / self.length(found.t, walk.point)
        angle = float(np.arccos(min(1.0, max(-1.0, cosine))))
        slower = max((found.contraction / CONTRACTION) ** 0.5, angle / ANGLE, found.distance / (0.3 * walk.length))
        return slower if walk.length > TURNING else min(slower, 2.0)

    def ahead(self, walk: Walk, room: int) -> list[Any]:
        """Return the next points, up to one that needs a decision; none where nothing is compiled for that."""
        return []

    def begin(self, walk: Walk) -> None:
        """Take note of where a walk begins."""
        return None

    def adapt(self, walk: Walk) -> None:
        """Take note of an accepted point, and set the end of the walk where there is one."""
        return None

    def turn(self, point: Any) -> Any:
        """Return a point beyond the corner that lies ahead, or None where there is none."""
        return None

    def stop(self, walk: Walk, found: Any) -> tuple[Any, End] | None:
        """Return the last point (None: that before) and the end, where the curve ends in a step for a reason of its own."""
        return None

    def stalled(self, walk: Walk) -> End:
        """Return the end where no step is short enough."""
        message = ("Newton's method failed down to the shortest step: the curve has a corner, or the equations are not "
                   "smooth or not defined beyond.")  # fmt: skip
        return walk.ended(EndKind.STALLED, message)

    def returned(self, walk: Walk, found: Any) -> Any:
        """Return the first point where the curve comes back to it in a step."""
        first, previous = walk.first, walk.point
        a, b = (self.inner(first.t, each.u - first.u, first) for each in (previous, found))
        near = self.length(found.u - first.u, first) <= 2.0 * walk.length
        if not (near and a < 0.0 <= b and walk.travelled > 4.0 * walk.length):
            return None
        met = self.correct(previous.u + a / (a - b) * (found.u - previous.u), self.row(first.t, first), walk.pace.rtol)
        if met is None or self.length(met.u - first.u, first) > 1e-6:
            return None
        return met._replace(t=first.t)

    def spots(self, points: list[Any], before: Any) -> list[Any]:
        """Return points with their tests; `before` is the one before them."""
        return points

    def shared(self, a: Any, b: Any, finer: bool = False) -> tuple[Any, Any]:
        """Return two points with unknowns of the same kind; with `finer` for locating what is between."""
        return a, b

    def landed(self, a: Any, b: Any, which: int, value: float, rtol: float) -> Any:
        """Return the point between two at which a parameter has a value."""
        a, b = self.shared(a, b)
        before, after = (float(self.values(each.u)[which]) for each in (a, b))
        share = min(1.0, max(0.0, (value - before) / (after - before))) if after != before else 0.0
        guess = self.placed(a.u + share * (b.u - a.u), which, value)
        found = self.correct(guess, self.unit(which, a), rtol, a)
        return None if found is None else found._replace(u=self.placed(found.u, which, value))


class VectorCurve(Curve):
    """A curve ``F(u) = 0`` of m equations in vectors u (m + 1,)."""

    columns: slice  # where the parameters are

    @abstractmethod
    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return the residual (m,) and its derivative (m, m + 1)."""

    @abstractmethod
    def scale(self, u: Floats) -> Floats:
        """Return the natural sizes of the unknowns (m + 1,)."""

    def values(self, u: Floats) -> Floats:
        """Return the parameters (k,)."""
        return u[self.columns]

    def placed(self, u: Floats, which: int, value: float) -> Floats:
        """Return unknowns with another value of a parameter."""
        out = u.copy()
        out[self.columns.start + which] = value
        return out

    def size(self, u: Floats) -> float:
        """Return how large unknowns are."""
        return float(np.abs(u).max())

    def row(self, t: Floats, near: Any) -> Floats:
        """Return the linear form of the relative product with a direction."""
        return t / self.scale(near.u) ** 2

    def unit(self, which: int, near: Any) -> Floats:
        """Return the linear form that is a parameter."""
        return self.placed(np.zeros(near.u.size), which, 1.0)

    def inner(self, a: Floats, b: Floats, near: Any) -> float:
        """Return the relative product of two directions."""
        scale = self.scale(near.u)
        return float((a / scale) @ (b / scale))

    def correct(self, guess: Floats, row: Floats, rtol: float, near: Any = None) -> Corrected | None:
        """Solve ``F(u) = 0`` with ``row . (u - guess) = 0`` by Newton's method; None where it does not converge.

        The tangent comes from the last step's matrix, and points to the side of `row`.
        """
        scale = self.scale(guess if near is None else near.u)
        m = guess.size - 1
        A, right = np.empty((m + 1, m + 1)), np.zeros((m + 1, 2))
        A[m], right[m, 1] = row, 1.0
        u, first, last, contraction = guess, 0.0, np.inf, 0.0
        for k in range(NEWTON_STEPS):
            F, D = self(u)
            A[:m], right[:m, 0], right[m, 0] = D, F, row @ (u - guess)
            *_, solved, failed = dgesv(A, right)
            step = solved[:, 0]
            ratio = step / scale
            size = float(ratio @ ratio) ** 0.5
            if failed or not size < 1e3:
                return None
            u = u - step
            first = size if k == 0 else first
            contraction = size / last if k == 1 else contraction
            if size <= rtol or (size <= 1e3 * rtol and size > 0.5 * last and size <= 1e3 * ROUNDING):
                t = solved[:, 1]
                return Corrected(u, t / np.linalg.norm(t / scale), D, size, contraction, first)
            if k and size > SLOWEST * last:
                return None
            last = size
        return None

    def tangent(self, u: Floats) -> Floats:
        """Return a tangent from the null space of the derivative, also where that is singular."""
        scale = self.scale(u)
        return np.linalg.svd(self(u)[1] * scale)[2][-1] * scale


class Clock:
    """When to stop."""

    def __init__(self, timeout: float | None) -> None:
        self.timeout = timeout
        self.deadline = None if timeout is None else time.perf_counter() + timeout

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and time.perf_counter() >= self.deadline

    @property
    def left(self) -> float | None:
        """Seconds that are left."""
        return None if self.deadline is None else max(0.0, self.deadline - time.perf_counter())

    def share(self, part: float) -> Clock:
        """Return a clock for a part of the time that is left."""
        return Clock(None if self.left is None else part * self.left)


@dataclass(frozen=True)
class Pace:
    """How to go along: relative lengths of the first and the longest step, most points, relative length of Newton's last
    step, and whether to show a progress bar.
    """

    first: float = 0.01
    longest: float = 0.05
    points: int = 2000
    rtol: float = 1e-9
    progress: bool = False


class Walk:
    """Steps along a curve in one direction, from a point with its tangent.

    Call `step` until it returns None; then `end` says why.
    """

    def __init__(self, problem: Curve, first: Any, pace: Pace, clock: Clock) -> None:
        self.problem, self.first, self.pace, self.clock = problem, first, pace, clock
        self.point, self.length, self.count, self.travelled = first, min(pace.first, pace.longest), 1, 0.0
        self.taken = 1.0  # the last step
        self.largest = LARGEST * max(1.0, problem.size(first.u))
        self.end: End | None = None
        self._ahead: list[Any] = []
        self._decide = False
        problem.begin(self)

    def ended(self, kind: EndKind, message: str = "", value: float | None = None) -> End:
        """Return an end where the walk stands."""
        return End(kind, float(self.problem.values(self.point.u)[0]) if value is None else value, message)

    def step(self) -> Any:
        """Return the next point, or None at the end of the curve."""
        if self._ahead:
            return self._from_ahead()
        if self.end is not None:
            return None
        if self.count >= self.pace.points:
            self.end = self.ended(EndKind.BUDGET, f"`max_points` = {self.pace.points} were used up; raise it to go on")
            return None
        while self.length >= self.problem.shortest:
            if self.clock.over:
                self.end = self.ended(EndKind.TIMEOUT, "`timeout` was used up; raise it to go on")
                return None
            if self._look_ahead():
                return self._from_ahead()
            found, slower = self._tried()
            if found is not None:
                return self._accept(found, slower)
            self.length *= 0.5
        self.end = self.problem.stalled(self)
        return None

    def _look_ahead(self) -> bool:
        """Take ordinary steps many at a time, where the problem has a compiled way to."""
        if self._decide:  # the last of them stopped here
            self._decide = False
            return False
        self._ahead = self.problem.ahead(self, self.pace.points - self.count)[::-1]
        self._decide = bool(self._ahead)
        return self._decide

    def _from_ahead(self) -> Any:
        self.point = self._ahead.pop()
        self.count += 1
        return self.point

    def _tried(self) -> tuple[Any, float]:
        found = self.problem.stepped(self)
        if found is not None and (slower := self.problem.slower(self, found)) <= 2.0:
            return found, slower
        return (self.problem.turn(self.point) if self.length < AT_A_CORNER else None), 1.0

    def _accept(self, found: Any, slower: float) -> Any:
        self.travelled += self.length
        previous, problem = self.point, self.problem
        if (own := problem.stop(self, found)) is not None:
            found, self.end = own
        elif (outside := self._outside(previous, found)) is not None:
            found, self.end = outside
        elif (first := problem.returned(self, found)) is not None:
            found, self.end = first, self.ended(EndKind.CLOSED, value=float(problem.values(first.u)[0]))
        elif not problem.size(found.u) <= self.largest:
            self.end = End(EndKind.DIVERGED, float(problem.values(found.u)[0]), f"the unknowns exceed {self.largest:g}.")
        self.taken, self.length = self.length, min(self.pace.longest, self.length / max(0.5, slower))
        if found is None:
            return None
        self.count += 1
        self.point = found
        problem.adapt(self)
        return found

    def _outside(self, previous: Any, found: Any) -> tuple[Any, End] | None:
        """Land on the bound that was passed."""
        problem, (low, high) = self.problem, self.problem.bounds.T
        before, values = problem.values(previous.u), problem.values(found.u)
        outside = (values < low) | (values > high)
        if not outside.any():
            return None
        ends = np.where(values < low, low, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(outside, (ends - before) / (values - before), np.inf)
        which = int(np.argmin(shares))
        landed = problem.landed(previous, found, which, float(ends[which]), self.pace.rtol) if shares[which] > 0.0 else None
        if landed is not None and problem.inner(landed.t, problem.shared(found, landed)[0].t, landed) < 0.0:
            landed = landed.turned()
        return landed, End(EndKind.BOUNDS, float(ends[which]))


class Followed(NamedTuple):
    """The points of a curve in order, and why it ends on either side."""

    points: list[Any]
    ends: tuple[End, End]


STOPPED = {Status.INTERRUPTED: EndKind.INTERRUPTED, Status.TIMEOUT: EndKind.TIMEOUT}


@dataclass
class UnderWay:
    """The directions in which a curve is followed, for who does not wait for their end: each walk, and its points."""

    sides: list[tuple[Walk, list[Any]]] = field(default_factory=list)

    def followed(self, status: Status) -> Followed | None:
        """Return what is there, None where nothing is."""
        sides = [(walk.end or End(STOPPED[status], np.nan, status.message), list(out)) for walk, out in self.sides]
        if not sides:
            return None
        back = sides[1][1][:0:-1] if len(sides) == 2 else []
        return Followed([*back, *sides[0][1]], (sides[-1][0], sides[0][0]))


def follow(
    problem: Curve, first: Any, pace: Pace, clock: Clock, directions: int = 2, under_way: UnderWay | None = None
) -> Followed:
    """Go along a curve in both directions; a closed one is gone round once.

    Points become what `problem.spots` makes of them, with tangents as in the first direction. Ctrl-C ends the walk with
    what is there.
    """
    (origin,) = problem.spots([first], None)
    sides, ends = [], []
    seen = UnderWay() if under_way is None else under_way
    seen.sides.clear()
    bar = progress_bar(directions * pace.points) if pace.progress else None
    for sign, part in zip((1.0, -1.0)[:directions], SHARES, strict=False):
        walk = Walk(problem, first if sign > 0 else first.turned(), pace, clock.share(part))
        out = [origin]
        seen.sides.append((walk, out))
        sides.append(_collected(walk, out, sign, bar))
        assert walk.end is not None
        ends.append(walk.end)
        if walk.end.kind in (EndKind.CLOSED, EndKind.INTERRUPTED):
            break
    if bar is not None:
        bar.close()
    return Followed([*(sides[1][::-1] if len(sides) == 2 else []), origin, *sides[0]], (ends[-1], ends[0]))


def _collected(walk: Walk, out: list[Any], sign: float, bar: Any) -> list[Any]:
    """Take the points of a walk into a list that begins with the one it starts from; return them without that."""
    problem, waiting = walk.problem, list[Any]()
    try:
        while (point := walk.step()) is not None:
            waiting.append(point if sign > 0 else point.turned())
            if len(waiting) >= problem.batch:
                waiting, batch = [], waiting
                out += problem.spots(batch, out[-1])
            if bar is not None:
                bar.update(1)
    except KeyboardInterrupt:
        walk.end = walk.ended(EndKind.INTERRUPTED, "interrupted by the user")
    if waiting:
        out += problem.spots(waiting, out[-1])
    return out[1:]


def between(problem: Curve, a: Any, b: Any, share: float, rtol: float) -> Any:
    """Return the point of the curve at a share of the way from a to b, by cubic interpolation and correction."""
    chord = b.u - a.u
    length, row = problem.length(chord, a), problem.row(chord, a)
    bend = (1 - share) * (length * a.t - chord) - share * (length * b.t - chord)
    found = problem.correct(a.u + share * chord + (share * (1 - share)) * bend, row, rtol, a)
    return problem.correct(a.u + share * chord, row, rtol, a) if found is None else found


def locate(problem: Curve, a: Any, b: Any, test: Callable[[Any], float], rtol: float, width: float = 1e-15) -> Any:
    """Return where a test function vanishes between two points of a curve, by the Illinois variant of false position.

    Parameters
    ----------
    width : float
        Share of the way from a to b within which it is good enough.
    """
    fa, fb = test(a), test(b)
    low, high, best, size = 0.0, 1.0, None, np.inf
    side, last = 0, np.inf
    for _ in range(LOCATING):
        share = (low * fb - high * fa) / (fb - fa) if np.isfinite(fb - fa) and fa != fb else 0.5 * (low + high)
        share = min(max(share, low), high)
        point = between(problem, a, b, share, rtol)
        if point is None and best is None:  # exactly at a branch point the matrix is singular
            share += 0.01 * ((0.0 if share > 0.5 else 1.0) - share)
            point = between(problem, a, b, share, rtol)
        if point is None:
            return best
        f = test(point)
        if abs(f) < size:
            best, size = point, abs(f)
        if f == 0.0 or high - low < width or abs(share - last) < width:
            return best
        last = share
        if (f > 0) == (fb > 0):
            high, fb, fa, side = share, f, fa * (0.5 if side == 1 else 1.0), 1
        else:
            low, fa, fb, side = share, f, fb * (0.5 if side == -1 else 1.0), -1
    return best
