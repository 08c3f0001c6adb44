"""The search for a periodic orbit that passes resets: shooting with the saltation matrix."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.cycles.closing import NEARLY
from analysis.cycles.cycle_fields import jacobian_of
from analysis.cycles.cycle_of_flow import CycleOfFlow
from analysis.cycles.floquet import eigenvalues_of_product
from neurodynamics import Kind, Solution, Status, simulate
from neurodynamics.systems import with_tangents
from neurodynamics.validation import Floats

PIECES = 12  # of the trajectory, each twice as long as the one before
FIRST = 5.0  # slowest time constants
MOST_RESETS = 64  # of a cycle
ITERATIONS = 30
POINTS = 400
RTOL, ATOL = 1e-12, 1e-14
ROUNDING = 1e-9  # of the size of the states: where Newton's method is done
LONGEST_STEP = 0.2  # of the extent, or of the period


class _Start(NamedTuple):
    """A state between two resets, and about when it comes again."""

    x: Floats
    period: float
    extent: float


class CycleThroughResets(CycleOfFlow):
    """One search in a flow with a `reset`; where a trajectory meets none, that of any flow."""

    def near(self, start: Floats, period: float) -> dict[str, Any]:
        """Return the orbit near a state, of about a period."""
        run = self._events(start, 1.4 * period)
        edges = np.sort(np.concatenate([[0.0, run.t[-1]], *run.t_events]))
        longest = int(np.argmax(np.diff(edges)))
        middle = self._events(start, 0.5 * (edges[longest] + edges[longest + 1])) if len(edges) > 2 else run
        extent = float(np.linalg.norm(np.ptp(run.y, axis=1)))
        return self._refine(_Start(middle.final, period, extent)) or self.undecided(
            Status.SOLVER_FAILED, f"no periodic orbit of about the period {period:g} was found near y0; try a closer start."
        )

    def reached_from(self, start: Floats, **options: Any) -> dict[str, Any]:
        """Return the orbit that a trajectory runs into."""
        state, piece, total = start, FIRST * self.unit, 0.0
        for number in range(PIECES):
            run = self.last = self._events(state, piece)
            if run.status < 0:
                return self.undecided(run.status, run.message)
            if not any(len(times) for times in run.t_events):
                if number >= 2:
                    return super().reached_from(run.final, **options)
            else:
                recurrence = self._recurrence(run)
                found = None if recurrence is None else self._refine(recurrence)
                if found is not None and found["stable"]:
                    return found
            total, state, piece = total + piece, run.final, 2 * piece
            if self.longest is not None and total >= self.longest:
                break
        return self.undecided(Status.MAX_STEPS, "the trajectory closed nowhere; raise max_duration, or see its exponents.")

    def _events(self, state: Floats, duration: float) -> Solution:
        return simulate(self.system, duration, state, inputs=self.drive, rtol=RTOL, atol=ATOL, method="dop853",
                        timeout=self._seconds_left())  # fmt: skip

    def _recurrence(self, run: Solution) -> _Start | None:
        """Return where the trajectory is half way to the next reset, and the time since it last was about there."""
        times = np.concatenate(run.t_events)
        kinds = np.repeat(np.arange(len(run.t_events)), [len(each) for each in run.t_events])
        states = np.concatenate([np.reshape(each, (-1, self.system.state_dim)) for each in run.y_events])
        order = np.argsort(times, kind="stable")
        times, kinds, states = times[order], kinds[order], states[order]
        if len(times) < 3:
            return None
        extent = float(np.linalg.norm(np.ptp(run.y[:, run.t >= times[max(0, len(times) - MOST_RESETS)]], axis=1)))
        gaps = np.linalg.norm(self.system.angles.difference(states[:-1], states[-1]), axis=1)
        gaps[kinds[:-1] != kinds[-1]] = np.inf
        gaps = gaps[::-1][:MOST_RESETS]
        if not gaps.min() <= NEARLY * extent:
            return None
        back = int(np.argmax(gaps <= max(2 * gaps.min(), ROUNDING * extent))) + 1
        half_way = 0.5 * (times[-2] + times[-1])
        middle = self._events(run.y[:, 0], half_way) if half_way > 0 else run
        return _Start(middle.final, float(times[-1] - times[-1 - back]), extent)

    def _refine(self, start: _Start) -> dict[str, Any] | None:
        """Return the fields of the closed orbit, by Newton's method on a state and the period."""
        n, tangents = self.system.state_dim, with_tangents(self.system, self.system.state_dim)
        x, period, first = start.x, start.period, np.concatenate([np.eye(self.system.state_dim).ravel(), [0.0]])
        best: tuple[float, Any] = (np.inf, None)
        size = 1.0 + float(np.abs(x).max())
        for _ in range(ITERATIONS):
            run = simulate(tangents, period, np.concatenate([x, first]), inputs=self.drive, rtol=RTOL, atol=ATOL,
                           method="dop853", timeout=self._seconds_left(), save="final")  # fmt: skip
            if not run.success or not np.isfinite(run.final).all():
                return None
            end, matrix = run.final[:n], run.final[n:-1].reshape(n, n).T
            miss = self.system.angles.difference(end, x)
            residual = float(np.abs(miss).max())
            if residual >= 0.5 * best[0] and best[0] <= ROUNDING * size:
                break
            if residual < best[0]:
                best = residual, (x, period, matrix, float(run.final[-1]), sum(map(len, run.t_events)))
            speed, now = (self.system.rhs(0.0, each, self.drive) for each in (end, x))
            whole = np.block([[matrix - np.eye(n), speed[:, np.newaxis]], [now[np.newaxis], np.zeros((1, 1))]])
            step = np.linalg.lstsq(whole, np.append(-miss, 0.0), rcond=1e-12)[0]
            longest = max(float(np.linalg.norm(step[:n])) / max(start.extent, 1e-300), abs(step[n]) / period)
            step *= min(1.0, LONGEST_STEP / longest) if longest > 0 else 1.0
            x, period = x + step[:n], period + step[n]
        residual, found = best
        if residual > ROUNDING * size or found is None or found[-1] == 0:
            return None
        return self._fields(residual, *found[:-1])

    def _fields(self, residual: float, x: Floats, period: float, matrix: Floats, trace: float) -> dict[str, Any]:
        run = simulate(self.system, period, x, inputs=self.drive, rtol=RTOL, atol=ATOL, method="dop853", dense_output=True)
        t = np.linspace(0.0, period, POINTS + 1)
        fields = self._verdict(eigenvalues_of_product(matrix[np.newaxis]), trace)
        return fields | {
            "period": period, "t": t, "y": run.sol(t), "residual": residual, "parts": 1, "sol": run.sol,
            "jacobian": jacobian_of(self.system), "status": Status.SUCCESS,
            "message": "the orbit closes, through resets" if fields["kind"] == Kind.LIMIT_CYCLE else
            "the orbit closes, but a second multiplier is 1: it is one of a family, or at a fold of cycles",
        }  # fmt: skip
