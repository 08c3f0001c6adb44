"""One predictor-corrector for all curves: pseudo-arclength with steps by contraction and angle.

A curve is a problem: ``problem(u)`` returns the residual (m,) and its derivative (m, m + 1) at unknowns u (m + 1,). Lengths
are relative: each unknown is measured by `problem.scale(u)`.

References
----------
.. [1] Allgower & Georg (1990), Numerical Continuation Methods, chapter 6.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

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
SHORTEST = 1e-10  # relative length of a step
TURNING = 1e-7  # relative length of a step that is taken however much the curve turns
AT_A_CORNER = 1e-6  # relative length of a step at which a corner is looked for
ROUNDING = 1e-12  # relative steps that Newton's method cannot improve
SHARES = 0.4, 0.6  # of the time that is left, for either direction; the rest is for what was passed
LOCATING = 60  # corrections to locate a zero


class Problem(Protocol):
    """A curve in the unknowns u."""

    bounds: Floats  # (k, 2) of the last unknowns before the auxiliary ones
    columns: slice  # where these are

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return the residual (m,) and its derivative (m, m + 1)."""

    def scale(self, u: Floats) -> Floats:
        """Return the natural sizes of the unknowns (m + 1,)."""

    def adapt(self, point: Corrected) -> None:
        """Take note of an accepted point."""

    def turn(self, point: Corrected) -> Corrected | None:
        """Return a point beyond the corner that lies ahead, or None where there is none."""

    def ordinary_steps(self, walk: Walk, room: int) -> list[Corrected]:
        """Return the next points, up to one that needs a decision; none where nothing is compiled for that."""

    def stop(self, previous: Corrected, found: Corrected) -> tuple[Corrected, End] | None:
        """Return the last point and the end, where the curve ends for a reason of its own between two points."""


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


class Side(NamedTuple):
    """What was found in one direction, and why it ends there."""

    points: list[Any]
    end: End


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
        out = Clock(None)
        if self.left is not None:
            out.deadline = time.perf_counter() + part * self.left
        return out


@dataclass(frozen=True)
class Pace:
    """How to go along.

    Attributes
    ----------
    first, longest : float
        Relative lengths of steps.
    points : int
        Largest number of points.
    rtol : float
        Relative length of the last Newton step.
    progress : bool
        Whether to show a progress bar.
    """

    first: float = 0.01
    longest: float = 0.05
    points: int = 2000
    rtol: float = 1e-9
    progress: bool = False


def correct(problem: Any, guess: Floats, row: Floats, rtol: float, scale: Floats | None = None) -> Corrected | None:
    """Solve ``F(u) = 0`` with ``row . (u - guess) = 0`` by Newton's method; None where it does not converge.

    The tangent comes from the last step's matrix, and points to the side of `row`.
    """
    scale = problem.scale(guess) if scale is None else scale
    m = guess.size - 1
    A, right = np.empty((m + 1, m + 1)), np.zeros((m + 1, 2))
    A[m], right[m, 1] = row, 1.0
    u, first, last, contraction = guess, 0.0, np.inf, 0.0
    for k in range(NEWTON_STEPS):
        F, D = problem(u)
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


def tangent_at(problem: Any, u: Floats) -> Floats:
    """Return a tangent from the null space of the derivative, also where that is singular."""
    scale = problem.scale(u)
    _, D = problem(u)
    t = np.linalg.svd(D * scale)[2][-1]
    return t * scale


class Walk:
    """Steps along a curve in one direction, from a point with its tangent.

    Call `step` until it returns None; then `end` says why.
    """

    def __init__(self, problem: Any, first: Corrected, pace: Pace, clock: Clock) -> None:
        self.problem, self.first, self.pace, self.clock = problem, first, pace, clock
        self.point, self.length, self.count, self.travelled = first, min(pace.first, pace.longest), 1, 0.0
        self.end: End | None = None
        self.ahead: list[Corrected] = []
        self.decide = False

    def step(self) -> Corrected | None:
        """Return the next point, or None at the end of the curve."""
        if self.ahead:
            return self._from_ahead()
        if self.end is not None:
            return None
        if self.count >= self.pace.points:
            self._stop(EndKind.BUDGET, f"`max_points` = {self.pace.points} were used up.")
            return None
        while self.length >= SHORTEST:
            if self.clock.over:
                self._stop(EndKind.TIMEOUT, "`timeout` was used up.")
                return None
            if self._look_ahead():
                return self._from_ahead()
            found = self._try()
            if found is None and self.length < AT_A_CORNER:
                found = self.problem.turn(self.point)
                self.factor = 1.0
            if found is not None:
                return self._accept(found)
            self.length *= 0.5
        self._stop(EndKind.STALLED, "Newton's method failed down to the shortest step: the curve has a corner, or the "
                                    "equations are not smooth or not defined beyond.")  # fmt: skip
        return None

    def _look_ahead(self) -> bool:
        """Take ordinary steps many at a time, where the problem has a compiled way to."""
        if self.decide:  # the last of them stopped here
            self.decide = False
            return False
        room = self.pace.points - self.count
        self.ahead = self.problem.ordinary_steps(self, room)
        self.decide = bool(self.ahead)
        self.ahead.reverse()
        return bool(self.ahead)

    def _from_ahead(self) -> Corrected:
        self.point = self.ahead.pop()
        self.count += 1
        return self.point

    def _try(self) -> Corrected | None:
        point, scale = self.point, self.problem.scale(self.point.u)
        guess = point.u + self.length * point.t
        found = correct(self.problem, guess, point.t / scale**2, self.pace.rtol, scale)
        if found is None:
            return None
        cosine = float((found.t / scale) @ (point.t / scale)) / float(np.linalg.norm(found.t / scale))
        angle = np.arccos(min(1.0, max(-1.0, cosine)))
        slower = max((found.contraction / CONTRACTION) ** 0.5, angle / ANGLE, (found.distance / (0.3 * self.length)))
        if slower > 2.0 and self.length > TURNING:
            return None
        self.factor = 1.0 / min(2.0, max(0.5, slower))
        return found

    def _accept(self, found: Corrected) -> Corrected | None:
        self.travelled += self.length
        previous, self.point = self.point, found
        if (own := self.problem.stop(previous, found)) is not None:
            self.point, self.end = own
        elif not (self._at_bound(previous, found) or self._closed(previous, found)):
            self._far(found)
        self.length = min(self.pace.longest, self.length * self.factor)
        self.count += 1
        if self.point is previous:
            return None
        self.problem.adapt(self.point)
        return self.point

    def _at_bound(self, previous: Corrected, found: Corrected) -> bool:
        """Land on the bound that was passed."""
        problem = self.problem
        values = found.u[problem.columns]
        outside = (values < problem.bounds[:, 0]) | (values > problem.bounds[:, 1])
        if not outside.any():
            return False
        before = previous.u[problem.columns]
        ends = np.where(values < problem.bounds[:, 0], problem.bounds[:, 0], problem.bounds[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(outside, (ends - before) / (values - before), np.inf)
        which = int(np.argmin(shares))
        share = min(1.0, max(0.0, float(shares[which])))
        row = np.zeros(found.u.size)
        place = range(found.u.size)[problem.columns][which]
        row[place] = 1.0
        guess = previous.u + share * (found.u - previous.u)
        guess[place] = ends[which]
        landed = correct(problem, guess, row, self.pace.rtol)
        if landed is not None and share > 0.0:
            t = landed.t * np.sign(float(landed.t / problem.scale(landed.u) ** 2 @ found.t) or 1.0)
            self.point = landed._replace(t=t)
        else:
            self.point = previous
        self._stop(EndKind.BOUNDS, "", float(ends[which]))
        return True

    def _closed(self, previous: Corrected, found: Corrected) -> bool:
        """Whether the curve came back to its first point."""
        scale, start = self.problem.scale(self.first.u), self.first
        a, b = (float((start.t / scale) @ ((each.u - start.u) / scale)) for each in (previous, found))
        near = float(np.linalg.norm((found.u - start.u) / scale)) <= 2.0 * self.length
        if not (near and a < 0.0 <= b and self.travelled > 4.0 * self.length):
            return False
        guess = previous.u + a / (a - b) * (found.u - previous.u)
        met = correct(self.problem, guess, start.t / scale**2, self.pace.rtol)
        if met is None or float(np.linalg.norm((met.u - start.u) / scale)) > 1e-6:
            return False
        self.point = met._replace(t=self.first.t)
        self._stop(EndKind.CLOSED, "")
        return True

    def _far(self, found: Corrected) -> None:
        most = LARGEST * max(1.0, float(np.abs(self.first.u).max()))
        if not np.abs(found.u).max() <= most:
            self._stop(EndKind.DIVERGED, f"the unknowns exceed {most:g}.")

    def _stop(self, kind: EndKind, message: str, value: float | None = None) -> None:
        place = range(self.point.u.size)[self.problem.columns][0]
        self.end = End(kind, float(self.point.u[place]) if value is None else value, message)


STOPPED = {Status.INTERRUPTED: EndKind.INTERRUPTED, Status.TIMEOUT: EndKind.TIMEOUT}


@dataclass
class UnderWay:
    """Walks that go on, for who does not wait for their end; of a continuation also what collects the points of each."""

    walks: list[Any] = field(default_factory=list)
    collectors: list[Any] = field(default_factory=list)

    def sides(self, status: Status) -> list[Side]:
        """Return both directions so far."""
        pairs = zip(self.walks, self.collectors, strict=False)  # one may just be added
        sides = [Side(list(each.done), self.end_of(walk, status)) for walk, each in pairs]
        return sides + [Side([], End(STOPPED[status], np.nan, status.message))] * (2 - len(sides))

    @staticmethod
    def end_of(walk: Any, status: Status) -> End:
        """Return how a walk ended, or that it was stopped."""
        return walk.end or End(STOPPED[status], np.nan, status.message)


def both_ways(
    problem: Any, first: Corrected, pace: Pace, clock: Clock, collector: Callable[[], Any], under_way: UnderWay
) -> list[Side]:
    """Go along a curve in both directions; a closed one is gone round once.

    A collector takes the points of one direction, with tangents as in the first direction, and returns what it makes of
    them by `flush`. Ctrl-C ends the walk with what is there.
    """
    sides: list[Side] = []
    under_way.walks.clear()
    under_way.collectors.clear()
    bar = progress_bar(2 * pace.points) if pace.progress else None
    for sign, part in zip((1.0, -1.0), SHARES, strict=True):
        walk, collected = Walk(problem, first._replace(t=sign * first.t), pace, clock.share(part)), collector()
        under_way.collectors.append(collected)
        under_way.walks.append(walk)
        try:
            problem.adapt(first)
            while (point := walk.step()) is not None:
                collected(point._replace(t=sign * point.t))
                if bar is not None:
                    bar.update(1)
            points = collected.flush()
        except KeyboardInterrupt:
            walk.end = End(EndKind.INTERRUPTED, float(walk.point.u[problem.columns][0]), "Ctrl-C")
            points = collected.flush()
        assert walk.end is not None
        sides.append(Side(points, walk.end))
        if walk.end.kind in (EndKind.CLOSED, EndKind.INTERRUPTED):
            sides.append(Side([], walk.end))
            break
    if bar is not None:
        bar.close()
    return sides


def between(problem: Any, a: Any, b: Any, share: float, rtol: float) -> Corrected | None:
    """Return the point of the curve at a share of the way from a to b, by cubic interpolation and correction."""
    scale = problem.scale(a.u)
    chord = b.u - a.u
    length = float(np.linalg.norm(chord / scale))
    s = share
    guess = a.u + s * chord + s * (1 - s) * ((1 - s) * (length * a.t - chord) - s * (length * b.t - chord))
    found = correct(problem, guess, chord / scale**2, rtol, scale)
    if found is None:
        return correct(problem, a.u + s * chord, chord / scale**2, rtol, scale)
    return found


def locate(problem: Any, a: Any, b: Any, test: Callable[[Corrected], float], fa: float, fb: float, rtol: float,
           width: float = 1e-15) -> Corrected | None:  # fmt: skip
    """Return where a test function vanishes between two points of a curve, by the Illinois variant of false position.

    Parameters
    ----------
    width : float
        Share of the way from a to b within which it is good enough.
    """
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
