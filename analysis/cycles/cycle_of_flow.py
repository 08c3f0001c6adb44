"""The search for a periodic orbit of a flow."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from analysis.common import evaluate_at, slowest_time
from analysis.cycles.closing import AS_PRECISE, Turn, last_turn, turn_of_about
from analysis.cycles.cycle_fields import jacobian_of, no_cycle, raise_at_rest, raise_where_it_diverges
from analysis.cycles.floquet import eigenvalues_of_product
from analysis.cycles.shooting import Shot, parts_for, shoot
from analysis.cycles.transport import TINY, Unreachable, transport
from analysis.lyapunov import Classification, classify
from neurodynamics import DynamicalSystem, Kind, Solution, Status, simulate
from neurodynamics.inputs import Inputs
from neurodynamics.simulation import DenseOutput, why_not_taylor
from neurodynamics.validation import Floats

FIRST_PIECE = 20.0  # slowest time constants; every piece is twice as long as the one before
LONGEST = 10_000.0
CLASSIFY_AFTER = 1000.0  # slowest time constants without a closed orbit
EXPONENTS, SURE = 4, 10_000.0  # how many are measured, and for how long where a first verdict is to be confirmed
TRANSIENT_RTOL, TRANSIENT_ATOL = 1e-9, 1e-11
STEPS_A_PIECE = 200_000  # what is kept of a piece fits into memory
SAME = 0.1  # of the extent: how far a refined orbit may be from the trajectory
COLLAPSED = 0.02  # of the extent: a smaller orbit is an equilibrium
HYPERBOLIC = 1e-9  # a multiplier closer to the unit circle does not count as off it
MOST_LOOPS = 8  # how many times over a guessed period may count an orbit
SPREAD_OF_A_PART, MOST_FINE = 12.0, 3000  # logarithm of the condition of a tangent matrix; parts for multipliers
REPEATS = 1e-7  # of the extent


class CycleOfFlow:
    """One search; what it returns are the fields of a :class:`LimitCycle`."""

    def __init__(self, system: DynamicalSystem, drive: Floats, rtol: float, longest: float | None,
                 deadline: float | None) -> None:  # fmt: skip
        self.system, self.drive, self.rtol, self.deadline = system, drive, rtol, deadline
        self.inputs = Inputs(drive, system.input_dim)
        self.unit = slowest_time(system)
        self.longest = longest
        self.method = "dop853" if why_not_taylor(system, self.inputs) else "taylor"
        self.last: Solution | None = None

    # From a guess ----------------------------------------------------------------------------------------------------

    def near(self, start: Floats, period: float) -> dict[str, Any]:
        """Return the orbit near a state, of about a period."""
        run = self._run(start, 1.4 * period)
        raise_where_it_diverges(run)
        if not run.success:
            return self.undecided(run.status, run.message)
        turn = turn_of_about(run, period)
        shot = self._refined(turn) if turn.extent > 0 else None
        if shot is None:
            raise_at_rest(self.system, run.final, self.drive)
            message = f"no periodic orbit was found near y0 with a period of about {period:g}; try a closer start or period."
            return self.undecided(Status.SOLVER_FAILED, message)
        return self._record(shot, self._stability(shot))

    # From a trajectory -----------------------------------------------------------------------------------------------

    def reached_from(self, start: Floats) -> dict[str, Any]:
        """Return the orbit that a trajectory runs into."""
        self.unit = slowest_time(self.system, self.drive, start[np.newaxis])
        longest = LONGEST * self.unit if self.longest is None else self.longest
        state, piece, total, classified = start, FIRST_PIECE * self.unit, 0.0, False
        while total < longest:
            if self.deadline is not None and time.perf_counter() >= self.deadline:
                return self.undecided(Status.TIMEOUT, "the time was over before the trajectory closed.")
            run = self._run(state, min(piece, longest - total))
            raise_where_it_diverges(run)
            if not run.success and (run.status != Status.MAX_STEPS or not run.t[-1] > 0):
                return self.undecided(run.status, run.message)
            piece = 2 * piece if run.success else float(run.t[-1])  # much happens in a unit of time: shorter pieces
            total, state = total + float(run.t[-1]), run.final
            raise_at_rest(self.system, state, self.drive)
            turn = last_turn(self.system, run, self.drive)
            shot = None if turn is None else self._refined(turn)
            if turn is not None and shot is not None:
                stability = self._stability(shot)
                if stability["stable"] or turn.gap <= 10 * AS_PRECISE:  # drawn to it, or on it
                    return self._record(shot, stability)
            if not classified and total >= min(CLASSIFY_AFTER * self.unit, 0.5 * longest):
                classified = True
                found = self._classified(state)
                if found is not None:
                    return no_cycle(self.system, self.last, found.kind, Status.SUCCESS, found.reason)
        return self.undecided(Status.MAX_STEPS, "the trajectory closed nowhere and was not recognised; raise max_duration.")

    def _classified(self, state: Floats) -> Classification | None:
        """Return what a trajectory that does not close settles into; weak chaos looks like a torus at first."""
        options: dict[str, Any] = {"inputs": self.drive, "k": min(EXPONENTS, self.system.state_dim)}
        found = classify(self.system, state, **options, timeout=self._seconds_left())
        if found.kind in (Kind.TORUS, Kind.UNDECIDED):
            found = classify(self.system, state, **options, timeout=self._seconds_left(), duration=SURE * self.unit)
        return found if found.kind in (Kind.CHAOS, Kind.TORUS) else None

    # Parts -----------------------------------------------------------------------------------------------------------

    def _seconds_left(self) -> float | None:
        return None if self.deadline is None else max(1e-3, self.deadline - time.perf_counter())

    def _run(self, state: Floats, duration: float) -> Solution:
        self.last = self._simulated(state, duration, TRANSIENT_RTOL, TRANSIENT_ATOL)
        return self.last

    def _simulated(self, state: Floats, duration: float, rtol: float, atol: float) -> Solution:
        return simulate(self.system, duration, state, inputs=self.drive, method=self.method, rtol=rtol, atol=atol,
                        dense_output=True, max_steps=STEPS_A_PIECE, timeout=self._seconds_left())  # fmt: skip

    def _refined(self, turn: Turn) -> Shot | None:
        """Return the closed orbit near a turn, counted once, or None."""
        states = turn.sampled
        state = int(np.argmax(np.ptp(states, axis=0)))
        parts = parts_for(self.system, states[::20], self.drive, turn.period)
        x, period = turn.parts_from_extremum(state, parts), turn.period
        try:
            shot = self._shoot(x, period, state)
            if not self._is_orbit_of(turn, shot, states):
                return None
            loops = self._loops(shot)
            if loops > 1:
                sol = self._dense(shot)
                parts = max(4, -(-parts // loops))
                x = np.ascontiguousarray(sol(np.arange(parts) * shot.period / loops / parts).T)
                shot = self._shoot(x, shot.period / loops, state)
        except Unreachable:
            return None
        return shot if shot.converged else None

    def _shoot(self, x: Floats, period: float, state: int) -> Shot:
        return shoot(self.system, x, period, state, self.inputs, rtol=self.rtol, deadline=self.deadline)

    def _is_orbit_of(self, turn: Turn, shot: Shot, states: Floats) -> bool:
        if not shot.converged or np.linalg.norm(np.ptp(shot.x, axis=0)) < COLLAPSED * turn.extent:
            return False
        distance = np.linalg.norm(shot.x[:, np.newaxis] - states, axis=2).min(axis=1).max()
        return bool(distance <= SAME * turn.extent + np.linalg.norm(np.diff(states, axis=0), axis=1).max())

    def _loops(self, shot: Shot) -> int:
        """How many times the orbit is gone through in a period."""
        sol = self._dense(shot)
        extent = float(np.linalg.norm(np.ptp(shot.x, axis=0)))
        loops = np.arange(MOST_LOOPS, 1, -1)
        gaps = np.linalg.norm(sol(shot.period / loops) - shot.x[0][:, np.newaxis], axis=0)
        again = np.linalg.norm(sol(0.3 * shot.period + shot.period / loops) - sol(0.3 * shot.period)[:, np.newaxis], axis=0)
        return next((int(k) for k, a, b in zip(loops, gaps, again, strict=True) if max(a, b) < REPEATS * extent), 1)

    def _dense(self, shot: Shot) -> DenseOutput:
        """The orbit as a function of time, put together from its parts."""
        length = shot.period / len(shot.x)
        times, rows = [], []
        for s, start in enumerate(shot.x):
            run = self._simulated(start, length, self.rtol, TINY * self.rtol)
            times.append(run.sol.times + s * length * np.array([1.0, 0.0, 1.0]))
            rows.append(run.sol.rows)
        return DenseOutput(np.concatenate(times), np.concatenate(rows))

    # Records ---------------------------------------------------------------------------------------------------------

    def _stability(self, shot: Shot) -> dict[str, Any]:
        product = eigenvalues_of_product(self._fine_tangents(shot))
        trivial = int(np.argmin(np.abs(product.eigenvalues - 1)))
        error = float(np.abs(product.eigenvalues[trivial] - 1))
        others = np.delete(product.eigenvalues, trivial)
        threshold = max(10 * error, HYPERBOLIC)
        family = bool((np.abs(others - 1) <= threshold).any())
        return {
            "multipliers": product.eigenvalues, "log_moduli": product.log_moduli, "trivial_error": error,
            "threshold": threshold,
            "stable": bool((np.abs(others) < 1 - threshold).all()), "log_determinant": shot.trace,
            "determinant_error": abs(product.log_determinant - shot.trace),
            "kind": Kind.CONTINUUM if family else Kind.LIMIT_CYCLE,
        }  # fmt: skip

    def _fine_tangents(self, shot: Shot) -> Floats:
        """Return tangent matrices of parts so short that none hides its strongest contraction behind rounding."""
        rates = np.linalg.eigvals(evaluate_at(self.system, "jac", shot.x, self.drive)).real
        spread = float((rates.max(axis=1) - rates.min(axis=1)).max())
        times = int(min(np.ceil(shot.period / len(shot.x) * spread / SPREAD_OF_A_PART), MOST_FINE // len(shot.x)))
        if times <= 1:
            return shot.tangent
        count = times * len(shot.x)
        x = np.ascontiguousarray(self._dense(shot)(np.arange(count) * shot.period / count).T)
        try:
            part = shot.period / count
            return transport(self.system, x, part, self.inputs, rtol=self.rtol, deadline=self.deadline).tangent
        except Unreachable:
            return shot.tangent

    def _record(self, shot: Shot, fields: dict[str, Any]) -> dict[str, Any]:
        sol = self._dense(shot)
        edges = np.linspace(0.0, 1.0, 9)[:-1]
        t = np.append((sol.times[:, :1] + edges * (sol.times[:, 2:] - sol.times[:, :1])).ravel(), shot.period)
        y = sol(np.minimum(t, sol.times[-1, 2]))
        y[:, -1] = y[:, 0]
        message = "the orbit closes"
        if fields["kind"] == Kind.CONTINUUM:
            message = "the orbit closes, but a second multiplier is 1: it is one of a family, or at a fold of cycles"
        return fields | {
            "period": shot.period, "t": t, "y": y, "residual": shot.residual, "parts": len(shot.x), "sol": sol,
            "jacobian": jacobian_of(self.system), "status": Status.SUCCESS, "message": message,
        }  # fmt: skip

    def undecided(self, status: Status, message: str) -> dict[str, Any]:
        """Return what there is of a search without a result."""
        return no_cycle(self.system, self.last, Kind.UNDECIDED, status, message)
