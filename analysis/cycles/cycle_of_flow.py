"""The search for a periodic orbit of a flow."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from analysis.common import LEAST, careful_atol, evaluate_at, is_next_to_zero, keep_their_sign, slowest_time
from analysis.cycles.closing import AS_PRECISE, Turn, last_turn, turn_of_about, turns_of
from analysis.cycles.cycle_fields import jacobian_of, no_cycle, raise_at_rest, raise_where_it_ends
from analysis.cycles.drawn_in import DrawnIn, drawn_in
from analysis.cycles.floquet import Product, eigenvalues_of_product
from analysis.cycles.shooting import Shot, parts_for, shoot
from analysis.cycles.transport import TINY, Unreachable, tiny, transport
from analysis.lyapunov import Classification, classify
from neurodynamics import DynamicalSystem, Kind, Solution, Status, simulate
from neurodynamics.inputs import Inputs
from neurodynamics.lazily import cached_property
from neurodynamics.simulation import DenseOutput, why_not_taylor
from neurodynamics.validation import Floats

FIRST_PIECE = 20.0  # slowest time constants; every piece is twice as long as the one before
LONGEST = 10_000.0
CLASSIFY_AFTER = 1000.0  # slowest time constants without a closed orbit
PROBES = 50  # states of a piece at which the unit of time is looked at
FEWEST_TURNS = 8  # in a piece that is classified: what has hardly turned yet shows nothing
EXPONENTS, SURE = 4, 10_000.0  # how many are measured, and for how long where a first verdict is to be confirmed
TRANSIENT_RTOL, TRANSIENT_ATOL = 1e-9, 1e-11
STEPS_A_PIECE = 200_000  # what is kept of a piece fits into memory
IMPLICIT = "rodas4"
MANY, CHEAPER = 10_000, 4  # explicit steps of a piece after which implicit ones are tried, which must be so much fewer
SAME = 0.1  # of the extent: how far a refined orbit may be from the trajectory
COLLAPSED = 0.02  # of the extent: a smaller orbit is an equilibrium
HYPERBOLIC = 1e-9  # a multiplier closer to the unit circle does not count as off it
MOST_LOOPS = 8  # how many times over a guessed period may count an orbit
SPREAD_OF_A_PART, MOST_FINE = 12.0, 3000  # logarithm of the condition of a tangent matrix; parts for multipliers
REPEATS = 1e-7  # of the extent
TIGHT_RTOL, STIFF_RTOL = 1e-12, 1e-10  # of a turn that is taken from a trajectory, by explicit and by implicit steps
STIFF = 400.0  # logarithm of what a turn may contract by for shooting to see it
TINY_STATE = 1e-6  # of its largest value: a state that keeps its sign and falls below is no matter of absolute errors


class CycleOfFlow:
    """One search; what it returns are the fields of a :class:`LimitCycle`."""

    def __init__(self, system: DynamicalSystem, drive: Floats, rtol: float, longest: float | None,
                 deadline: float | None) -> None:  # fmt: skip
        self.system, self.drive, self.rtol, self.deadline = system, drive, rtol, deadline
        self.inputs = Inputs(drive, system.input_dim)
        self.unit = slowest_time(system)
        self.longest = longest
        self.method = "dop853" if why_not_taylor(system, self.inputs) else "taylor"
        self.vanished = np.zeros(system.state_dim, dtype=bool)  # of these, for good if a stable orbit is found without them
        self.last: Solution | None = None

    @cached_property
    def signed(self) -> np.ndarray:
        """Which states (N,) keep their sign."""
        return keep_their_sign(self.system, self.drive)

    @property
    def atol(self) -> Floats:
        """Absolute tolerances (N,) of the transient."""
        return careful_atol(self.signed, TRANSIENT_ATOL)

    # From a guess ----------------------------------------------------------------------------------------------------

    def near(self, start: Floats, period: float) -> dict[str, Any]:
        """Return the orbit near a state, of about a period."""
        run = self._run(start, 1.4 * period)
        raise_where_it_ends(self.system, run, self.drive, period)
        if not run.success:
            return self.undecided(run.status, run.message)
        turn = turn_of_about(run, period, self.system.angles)
        shot = self._refined(turn) if turn.extent > 0 else None
        if shot is None:
            raise_at_rest(self.system, run.final, self.drive)
            message = f"no periodic orbit was found near y0 with a period of about {period:g}; try a closer start or period."
            return self.undecided(Status.SOLVER_FAILED, message)
        return self._record(shot, self._stability(shot))

    # From a trajectory -----------------------------------------------------------------------------------------------

    def reached_from(self, start: Floats, *, recognise: bool = True, units: float = LONGEST) -> dict[str, Any]:
        """Return the orbit that a trajectory runs into, or else, to ``recognise``, what it settles into;
        for so many slowest time constants.
        """
        self.unit = slowest_time(self.system, self.drive, start[np.newaxis])
        state, piece, total, classified = start, FIRST_PIECE * self.unit, 0.0, False
        while total < (longest := units * self.unit if self.longest is None else self.longest):
            if self.deadline is not None and time.perf_counter() >= self.deadline:
                return self.undecided(Status.TIMEOUT, "the time was over before the trajectory closed.")
            run = self._run(state, min(piece, longest - total))
            raise_where_it_ends(self.system, run, self.drive, self.unit)
            if not run.success and (run.status != Status.MAX_STEPS or not run.t[-1] > 0):
                return self.undecided(run.status, run.message)
            state, lost = run.final, is_next_to_zero(run.y[self.signed].T).any()
            if lost:
                self.vanished = self.signed & (np.abs(state) < LEAST)
                state = np.where(self.vanished, 0.0, state)
                if not self.vanished.any():
                    return self._lost()
            piece = 2 * piece if run.success else float(run.t[-1])  # much happens in a unit of time: shorter pieces
            total, state = total + float(run.t[-1]), self.system.angles.wrap(state)
            self.unit = max(self.unit, self._unit_along(run))
            self._raise_at_rest(state)
            turn = None if lost else last_turn(self.system, run, self.drive)
            found = None if turn is None else self._closed(turn)
            if found is not None:
                return self._lost() if self.vanished.any() and not found["stable"] else found
            late = total >= min(CLASSIFY_AFTER * self.unit, 0.5 * longest)
            turned = turns_of(run, self.system.angles) >= FEWEST_TURNS or total >= 0.5 * longest
            if recognise and late and not classified and turned and self.method != IMPLICIT:  # exponents take explicit steps
                classified = True
                verdict = self._classified(state)
                if verdict is not None:
                    return no_cycle(self.system, self.last, verdict.kind, Status.SUCCESS, verdict.reason)
        return self.undecided(Status.MAX_STEPS, "the trajectory closed nowhere and was not recognised; raise max_duration.")

    def _raise_at_rest(self, state: Floats) -> None:
        passes = bool((self.signed & ((state != 0.0) | self.vanished)).any())
        raise_at_rest(self.system, state, self.drive, passes=passes)

    def _lost(self) -> dict[str, Any]:
        return self.undecided(Status.SOLVER_FAILED, f"a state that keeps its sign comes closer to 0 than {LEAST:g}.")

    def _unit_along(self, run: Solution) -> float:
        """Return the unit of time where a trajectory is most of the time: starts off slow manifolds know nothing of them."""
        even = np.linspace(run.t[0], run.t[-1], PROBES)
        states = run.y[:, np.searchsorted(run.t, even)].T
        return slowest_time(self.system, self.drive, states, stiff=self.method == IMPLICIT)

    def _closed(self, turn: Turn) -> dict[str, Any] | None:
        """Return the orbit near a turn that trajectories are drawn to, or that this one is on."""
        if self._is_beyond_shooting(turn):
            orbit = drawn_in(self.system, self._tight, turn, self.drive, self.signed)
            return None if orbit is None else self._record_of_turn(orbit)
        shot = self._refined(turn)
        if shot is None:
            return None
        stability = self._stability(shot)
        return self._record(shot, stability) if stability["stable"] or turn.gap <= 10 * AS_PRECISE else None

    def _is_beyond_shooting(self, turn: Turn) -> bool:
        """Whether tangents of a turn span too much, or its states come too close to planes that they do not cross."""
        y = np.abs(turn.sampled[:, self.signed])
        if (y.min(axis=0, initial=np.inf) < TINY_STATE * y.max(axis=0, initial=0.0)).any():
            return True
        J = evaluate_at(self.system, "jac", turn.sampled[::4], self.drive)
        return bool(np.abs(np.linalg.eigvals(J).real).max(axis=1).mean() * turn.period > STIFF * self.system.state_dim)

    def _tight(self, state: Floats, duration: float) -> Solution:
        rtol = STIFF_RTOL if self.method == IMPLICIT else TIGHT_RTOL
        return self._simulated(state, duration, rtol, np.where(self.signed, self.atol, TINY * rtol), 20 * STEPS_A_PIECE)

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
        """Follow a trajectory, by implicit steps from where these are cheaper."""
        if self.method != IMPLICIT:
            self.last = self._simulated(state, duration, TRANSIENT_RTOL, self.atol, MANY)
            if self.last.status != Status.MAX_STEPS:
                return self.last
            explicit, self.method = self.method, IMPLICIT
            if not self._simulated(state, float(self.last.t[-1]), TRANSIENT_RTOL, self.atol, MANY // CHEAPER).success:
                self.method = explicit
        self.last = self._simulated(state, duration, TRANSIENT_RTOL, self.atol)
        return self.last

    def _simulated(self, state: Floats, duration: float, rtol: float, atol: Any, most: int = STEPS_A_PIECE) -> Solution:
        return simulate(self.system, duration, state, inputs=self.drive, method=self.method, rtol=rtol, atol=atol,
                        dense_output=True, max_steps=most, timeout=self._seconds_left())  # fmt: skip

    def _refined(self, turn: Turn) -> Shot | None:
        """Return the closed orbit near a turn, counted once, or None."""
        states = turn.sampled
        state = self._phase_state(states)
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

    def _phase_state(self, states: Floats) -> int:
        """Return the state that fixes the phase: the widest one that turns back, an angle only where there is no other."""
        widths = np.ptp(states, axis=0)
        others = np.delete(np.arange(widths.size), self.system.angles.states)
        turns_back = others[widths[others] > COLLAPSED * widths.max()]
        return int(turns_back[np.argmax(widths[turns_back])] if turns_back.size else np.argmax(widths))

    def _shoot(self, x: Floats, period: float, state: int) -> Shot:
        return shoot(self.system, x, period, state, self.inputs, rtol=self.rtol, deadline=self.deadline)

    def _is_orbit_of(self, turn: Turn, shot: Shot, states: Floats) -> bool:
        if not shot.converged or np.linalg.norm(np.ptp(shot.x, axis=0)) < COLLAPSED * turn.extent:
            return False
        distance = np.linalg.norm(self.system.angles.difference(shot.x[:, np.newaxis], states), axis=2).min(axis=1).max()
        return bool(distance <= SAME * turn.extent + np.linalg.norm(np.diff(states, axis=0), axis=1).max())

    def _loops(self, shot: Shot) -> int:
        """How many times the orbit is gone through in a period."""
        sol = self._dense(shot)
        extent = float(np.linalg.norm(np.ptp(shot.x, axis=0)))
        loops = np.arange(MOST_LOOPS, 1, -1)
        apart = self.system.angles.difference
        gaps = np.linalg.norm(apart(sol(shot.period / loops).T, shot.x[0]), axis=1)
        again = np.linalg.norm(apart(sol(0.3 * shot.period + shot.period / loops).T, sol(0.3 * shot.period)), axis=1)
        return next((int(k) for k, a, b in zip(loops, gaps, again, strict=True) if max(a, b) < REPEATS * extent), 1)

    def _dense(self, shot: Shot) -> DenseOutput:
        """The orbit as a function of time, put together from its parts."""
        length = shot.period / len(shot.x)
        times, rows = [], []
        for s, start in enumerate(shot.x):
            run = self._simulated(start, length, self.rtol, tiny(self.rtol, shot.x))
            times.append(run.sol.times + s * length * np.array([1.0, 0.0, 1.0]))
            rows.append(run.sol.rows)
        return DenseOutput(np.concatenate(times), np.concatenate(rows))

    # Records ---------------------------------------------------------------------------------------------------------

    def _stability(self, shot: Shot) -> dict[str, Any]:
        return self._verdict(eigenvalues_of_product(self._fine_tangents(shot)), shot.trace)

    def _verdict(self, product: Product, trace: float) -> dict[str, Any]:
        trivial = int(np.argmin(np.abs(product.eigenvalues - 1)))
        error = float(np.abs(product.eigenvalues[trivial] - 1))
        others = np.delete(product.eigenvalues, trivial)
        threshold = max(10 * error, HYPERBOLIC)
        family = bool((np.abs(others - 1) <= threshold).any())
        return {
            "multipliers": product.eigenvalues, "log_moduli": product.log_moduli, "trivial_error": error,
            "threshold": threshold,
            "stable": bool((np.abs(others) < 1 - threshold).all()), "log_determinant": trace,
            "determinant_error": abs(product.log_determinant - trace),
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
        y[:, -1] -= self.system.angles.difference(y[:, -1], y[:, 0])
        message = "the orbit closes"
        if fields["kind"] == Kind.CONTINUUM:
            message = "the orbit closes, but a second multiplier is 1: it is one of a family, or at a fold of cycles"
        return fields | {
            "period": shot.period, "t": t, "y": y, "residual": shot.residual, "parts": len(shot.x), "sol": sol,
            "jacobian": jacobian_of(self.system), "status": Status.SUCCESS, "message": message,
        }  # fmt: skip

    def _record_of_turn(self, orbit: DrawnIn) -> dict[str, Any]:
        y = orbit.sol(orbit.t)
        y[:, -1] -= self.system.angles.difference(y[:, -1], y[:, 0])
        return self._verdict(orbit.product, orbit.trace) | {
            "period": orbit.period, "t": orbit.t, "y": y, "residual": orbit.residual, "parts": 1, "sol": orbit.sol,
            "jacobian": jacobian_of(self.system), "status": Status.SUCCESS,
            "message": "trajectories are drawn into the orbit: a turn repeats the one before to the tolerance",
        }  # fmt: skip

    def undecided(self, status: Status, message: str) -> dict[str, Any]:
        """Return what there is of a search without a result."""
        return no_cycle(self.system, self.last, Kind.UNDECIDED, status, message)
