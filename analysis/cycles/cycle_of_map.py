"""The search for a periodic orbit of a map."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from analysis.common import equations_at, evaluate_at, iterate
from analysis.cycles.closing import AS_PRECISE
from analysis.cycles.cycle_fields import jacobian_of, no_cycle, raise_at_rest, raise_rest, raise_where_it_ends
from analysis.cycles.floquet import eigenvalues_of_product
from analysis.lyapunov import classify
from neurodynamics import DynamicalSystem, Kind, Solution, Status, simulate
from neurodynamics.validation import Floats

FIRST_PIECE, LONGEST = 500, 100_000  # iterations; every piece is twice as long as the one before
CLASSIFY_AFTER = 4000
NEARLY = 0.05  # of the extent: a return worth a Newton iteration
LONGEST_CYCLE = 512
ITERATIONS = 40
ROUNDING = 1e-13  # of the size of the states
SAME = 0.1  # of the extent: how far a refined orbit may be from the trajectory
HYPERBOLIC = 1e-9


class CycleOfMap:
    """One search; what it returns are the fields of a :class:`LimitCycle`."""

    def __init__(self, system: DynamicalSystem, drive: Floats, rtol: float, longest: float | None,
                 deadline: float | None) -> None:  # fmt: skip
        self.system, self.drive, self.deadline = system, drive, deadline
        self.longest = LONGEST if longest is None else int(longest)
        self.last: Solution | None = None

    def near(self, start: Floats, period: float) -> dict[str, Any]:
        """Return the orbit of a period near a state."""
        if period % 1 or period < 2:
            raise ValueError(f"`period` of a map must be a whole number of iterations, at least 2; got {period:g}.")
        point = self._newton(start, int(period))
        if point is None:
            message = f"no orbit of period {period:g} was found near y0; try a closer start."
            return self.undecided(Status.SOLVER_FAILED, message)
        return self._record(point, self._least_period(point, int(period)))

    def reached_from(self, start: Floats) -> dict[str, Any]:
        """Return the orbit that a trajectory runs into."""
        state, piece, total, classified = start, FIRST_PIECE, 0, False
        while total < self.longest:
            run = self.last = self._run(state, min(piece, self.longest - total))
            raise_where_it_ends(self.system, run, self.drive, 1.0)
            if not run.success:
                return self.undecided(run.status, run.message)
            total, state, piece = total + int(run.t[-1]), self.system.angles.wrap(run.final), 2 * piece
            raise_at_rest(self.system, state, self.drive)
            found = self._closed(run.y.T[len(run.t) // 2 :], state)
            if found is not None:
                return found
            if not classified and total >= min(CLASSIFY_AFTER, self.longest):
                classified = True
                verdict = classify(self.system, state, inputs=self.drive, timeout=self._seconds_left())
                if verdict.kind in (Kind.CHAOS, Kind.TORUS):
                    return no_cycle(self.system, self.last, verdict.kind, Status.SUCCESS, verdict.reason)
        return self.undecided(Status.MAX_STEPS, "the trajectory closed nowhere and was not recognised; raise max_duration.")

    def undecided(self, status: Status, message: str) -> dict[str, Any]:
        """Return what there is of a search without a result."""
        return no_cycle(self.system, self.last, Kind.UNDECIDED, status, message)

    def _seconds_left(self) -> float | None:
        return None if self.deadline is None else max(1e-3, self.deadline - time.perf_counter())

    def _run(self, state: Floats, count: int) -> Solution:
        return simulate(self.system, count, state, inputs=self.drive, timeout=self._seconds_left())

    def _closed(self, late: Floats, end: Floats) -> dict[str, Any] | None:
        """Return the orbit that the end of a trajectory is near, where it is drawn to it."""
        apart = self.system.angles.difference
        extent = float(np.linalg.norm(np.ptp(self.system.angles.embed(late), axis=0)))
        size = 1.0 + float(np.abs(late).max())
        longest = min(LONGEST_CYCLE, len(late) - 1)
        gaps = np.linalg.norm(apart(late[-1 - longest : -1][::-1], late[-1]), axis=1)
        if not gaps.size or gaps.min() > NEARLY * max(extent, ROUNDING * size):
            return None
        period = int(np.argmax(gaps <= max(2 * gaps.min(), 1e-12 * size))) + 1
        point = self._newton(end, period)
        if point is None or np.linalg.norm(apart(point, end)) > SAME * extent + 1e-9 * size:
            return None
        period = self._least_period(point, period)
        fields = self._record(point, period)
        if not fields["stable"] and gaps.min() > AS_PRECISE * extent:
            return None
        if period == 1:
            raise_rest("fixed point", point)
        return fields

    def _newton(self, start: Floats, period: int) -> Floats | None:
        """Return the solution of f^period(y) = y near a start."""
        y = start[np.newaxis].copy()
        best = np.inf
        for _ in range(ITERATIONS):
            residual, jacobian = equations_at(self.system, y, self.drive, period)
            size = float(np.abs(residual).max())
            if not np.isfinite(size) or not np.isfinite(jacobian).all():
                return None
            done = size <= ROUNDING * (1.0 + float(np.abs(y).max())) * period
            if done and size >= 0.5 * best:
                break
            best = min(best, size)
            y = y - np.linalg.lstsq(jacobian[0], residual[0], rcond=None)[0]
        return y[0] if done else None

    def _least_period(self, point: Floats, period: int) -> int:
        divisors = [k for k in range(1, period) if period % k == 0]
        size = 1.0 + float(np.abs(point).max())
        for k in divisors:
            again = iterate(self.system, point[np.newaxis], self.drive, k)[0]
            if np.abs(self.system.angles.difference(again, point)).max() < 1e-9 * size:
                return k
        return period

    def _record(self, point: Floats, period: int) -> dict[str, Any]:
        """Return all fields, with the orbit from the point where the state of the widest range is largest."""
        points = [point]
        for _ in range(period - 1):
            points.append(evaluate_at(self.system, "rhs", points[-1][np.newaxis], self.drive)[0])
        orbit = self.system.angles.wrap(np.array(points))
        orbit = np.roll(orbit, -int(np.argmax(orbit[:, int(np.argmax(np.ptp(orbit, axis=0)))])), axis=0)
        matrices = evaluate_at(self.system, "jac", orbit, self.drive)
        product = eigenvalues_of_product(matrices)
        moduli = np.abs(product.eigenvalues)
        exact = float(np.sum(np.linalg.slogdet(matrices)[1]))
        family = bool((np.abs(product.eigenvalues - 1) <= HYPERBOLIC).any())
        ends = evaluate_at(self.system, "rhs", orbit, self.drive)
        missed = self.system.angles.difference(ends, np.roll(orbit, -1, axis=0))
        return {
            "kind": Kind.CONTINUUM if family else Kind.LIMIT_CYCLE, "period": float(period), "t": np.arange(float(period)),
            "y": orbit.T.copy(), "multipliers": product.eigenvalues, "log_moduli": product.log_moduli,
            "trivial_error": float("nan"),
            "log_determinant": exact, "determinant_error": _difference(product.log_determinant, exact),
            "stable": bool((moduli < 1 - HYPERBOLIC).all()), "threshold": HYPERBOLIC,
            "residual": float(np.abs(missed).max()), "parts": period,
            "jacobian": jacobian_of(self.system), "status": Status.SUCCESS, "message": "the orbit closes", "sol": None,
        }  # fmt: skip


def _difference(a: float, b: float) -> float:
    """|a - b|, also where both are -inf."""
    return 0.0 if a == b else abs(a - b)
