"""Integration of many states at once, in lanes for additive networks and as an ensemble elsewhere."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from analysis.attractors.balls import Ball
from analysis.attractors.lanes import absorb_in_lanes, fastest_rate
from analysis.attractors.sticking import sticks
from analysis.attractors.stiffness import IMPLICIT
from analysis.common import LEAST, WITHOUT_BOUND, blows_up, careful_atol, keep_their_sign, residuals_at
from analysis.cycles import without_noise
from neurodynamics import DIVERGES, UNDECIDED, DynamicalSystem, Status, simulate, simulate_ensemble
from neurodynamics.lazily import cached_property
from neurodynamics.notices import quiet
from neurodynamics.systems import why_not_lanes
from neurodynamics.validation import Floats

STEP = 0.75  # over the fastest rate: of the method of constant step
SLOW_FAST, STIFF = 1000.0, 3e5  # steps in a unit of time; from the latter on steps are implicit
FINER = 0.125  # of that step, where it matters
RTOL, ATOL = 1e-7, 1e-10
FINE_RTOL, FINE_ATOL = 1e-10, 1e-13
MOST_STEPS = 50_000  # of one state, in one piece
FEW_STEPS = 4000  # where the right-hand side jumps: a state that sticks to a jump takes any number of them
FARTHEST = 1e150  # where is looked at how fast growth is that has left all numbers
SURE_RTOL, SURE_ATOL = 1e-9, 1e-200  # an escape must happen with these as well: states near zero may not change their sign
DOUBLINGS = 10  # of the time in which a state has escaped
FIRST_LOOK, GROWTH = 0.2, 1.5  # share of the time before the first look at balls; growth of the pieces between looks


class Flight:
    """How the states of a system are carried forward.

    Parameters
    ----------
    system, drive : DynamicalSystem, array (M,)
    unit : float
        Characteristic time, in which the system changes noticeably: its slowest time constant, or one over a typical
        rate; of a map 1.
    escape : float
        A state with an element beyond has diverged.
    workers : int
    jumps : bool
        Whether the right-hand side jumps.
    stiff : bool
        Whether implicit steps are cheaper; of a network, its time constants say it.
    bounded : bool
        Whether the escape radius was given: a state beyond need not be followed.
    """

    def __init__(self, system: DynamicalSystem, drive: Floats, unit: float, escape: float, workers: int,
                 jumps: bool = False, stiff: bool = False, *, bounded: bool = False) -> None:  # fmt: skip
        self.jumps, self.bounded, self.is_flow = jumps, bounded, system.kind == "flow"
        self.system, self.drive, self.unit, self.escape, self.workers = without_noise(system), drive, unit, escape, workers
        self.dt = 0.0 if why_not_lanes(system) else min(STEP / fastest_rate(system), unit)
        self.stiff = stiff or 0 < STIFF * self.dt < unit
        self.slow_fast = stiff or 0 < SLOW_FAST * self.dt < unit  # long runs cost too much, cycles are sought at once
        self.lanes = self.dt > 0 and not self.stiff
        self.method = IMPLICIT if self.stiff else None if self.dt else "dop853"

    @cached_property
    def signed(self) -> np.ndarray:
        """Which states (N,) keep their sign."""
        return keep_their_sign(self.system, self.drive)

    def _atol(self, fine: bool = False) -> Floats:
        return careful_atol(self.signed, FINE_ATOL if fine else ATOL)

    def absorb(
        self,
        states: Floats,
        labels: np.ndarray,
        balls: list[Ball],
        duration: float,
        deadline: float | None = None,
        *,
        fine: bool = False,
    ) -> None:
        """Carry states (K, N) on, in place, each until it enters a ball, diverges, or has used up the duration.

        ``labels`` (K,) become the number of the ball, DIVERGES or UNDECIDED; what is cut short keeps UNDECIDED.
        """
        labels[:] = UNDECIDED
        if self.lanes:
            dt = self.dt * (FINER if fine else 1.0)
            escape = self.escape if self.bounded else WITHOUT_BOUND * self.escape
            absorb_in_lanes(self.system, self.drive, states.copy(), balls, dt=dt, duration=duration, escape=escape,
                            workers=self.workers, deadline=deadline, labels=labels, ends=states)  # fmt: skip
            if not self.bounded:
                gone = np.flatnonzero(labels == DIVERGES)
                labels[gone[self._drifts(np.clip(states[gone], -FARTHEST, FARTHEST))]] = UNDECIDED
            return
        piece, spent, waiting = duration * (FIRST_LOOK if balls else 1.0), 0.0, np.arange(len(states))
        while True:
            y = states[waiting]
            found = np.full(len(y), UNDECIDED)
            for number, ball in enumerate(balls):
                found[(found == UNDECIDED) & ball.holds(y)] = number
            found[self._diverged(y, spent, deadline)] = DIVERGES
            labels[waiting] = found
            waiting = waiting[found == UNDECIDED]
            if not waiting.size or spent >= duration or (deadline is not None and time.perf_counter() >= deadline):
                return
            states[waiting] = self._checked(states[waiting], piece, deadline, fine)
            spent, piece = spent + piece, piece * GROWTH

    def sticks(self, states: Floats) -> np.ndarray:
        """Whether each of the states (K, N) rests at a jump of the right-hand side."""
        if not self.jumps or not len(states):
            return np.zeros(len(states), dtype=bool)
        return sticks(self.system, self.drive, states)

    def escaped(self, states: Floats) -> np.ndarray:
        """Whether each state (K, N) is beyond the escape radius, or no number."""
        inside: Any = (np.abs(states) <= self.escape).all(axis=1)
        return ~inside

    def _diverged(self, states: Floats, spent: float, deadline: float | None) -> np.ndarray:
        """Whether states have escaped, and faster than in proportion to time, as angles and drifts do, and do not return."""
        gone = self.escaped(states)
        rows = np.flatnonzero(gone & np.isfinite(states).all(axis=1))
        if rows.size:
            f = np.abs(residuals_at(self.system, states[rows], self.drive)).max(axis=1)
            gone[rows] = ~(f * (0.5 * spent) <= np.abs(states[rows]).max(axis=1))
            rows = rows[gone[rows]]
            gone[rows] = self.bounded or self._grow(states[rows], max(spent, self.unit), deadline)
        return gone

    def _drifts(self, states: Floats) -> np.ndarray:
        """Whether the largest elements of states far away (K, N) are no faster twice as far: in proportion to time."""
        largest = np.arange(len(states)), np.abs(states).argmax(axis=1)
        here, beyond = (np.abs(residuals_at(self.system, far, self.drive)[largest]) for far in (states, 2.0 * states))
        return beyond < np.sqrt(2.0) * here

    def _grow(self, states: Floats, duration: float, deadline: float | None) -> np.ndarray:
        """Whether states far away (K, N) grow without bounds."""
        first = last = np.abs(states).max(axis=1)
        growing, left = np.ones(len(states), dtype=bool), np.arange(len(states))
        for _ in range(DOUBLINGS):
            span = duration if self.is_flow else int(np.ceil(duration))
            states = self._run(states, span, deadline, {"rtol": SURE_RTOL, "atol": SURE_ATOL} if self.is_flow else {})
            size = np.abs(states).max(axis=1)
            back, beyond = size <= last, ~(size < WITHOUT_BOUND * first)
            growing[left[back]] = False
            left, states, first, last = (each[~back & ~beyond] for each in (left, states, first, size))
            duration *= 2.0
            if not left.size:
                break
        growing[left] = False
        return growing

    def _checked(self, states: Floats, duration: float, deadline: float | None, fine: bool) -> Floats:
        """Return the states after a time, where those that escape do so with a precise relative tolerance as well."""
        y = self.advance(states, duration, deadline, fine=fine)
        gone = np.flatnonzero(self.escaped(y))
        if gone.size and self.system.kind == "flow":
            sure = {"method": self.method, "rtol": SURE_RTOL, "atol": SURE_ATOL}
            y[gone] = self._run(states[gone], duration, deadline, sure)
        return y

    def advance(self, states: Floats, duration: float, deadline: float | None = None, *, fine: bool = False) -> Floats:
        """Return the states (K, N) after a time; of a map, at least so many iterations. NaN where they diverge.

        A state that could not be carried so far stays where it was.
        """
        if not len(states):
            return states
        options: dict[str, Any] = {}
        if self.lanes:
            options = {"method": "rk4", "dt": self.dt * (FINER if fine else 1.0)}
            duration = max(1.0, round(duration / options["dt"])) * options["dt"]
        elif self.system.kind == "flow":
            rtol, atol = (FINE_RTOL if fine else RTOL), self._atol(fine)
            options = {"method": self.method, "rtol": rtol, "atol": atol}
        else:
            duration = int(np.ceil(duration))
        return self._run(states, duration, deadline, options)

    def how_they_go_on(self, states: Floats, deadline: float | None) -> np.ndarray:
        """Return the status (K,) of the trajectories from here after a unit of time."""
        options = {"rtol": RTOL, "atol": self._atol(), "method": self.method} if self.is_flow else {}
        return self._ensemble(states, self.unit if self.is_flow else 1, self._given(deadline, options)).status

    def _given(self, deadline: float | None, options: dict[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {"inputs": self.drive, "save": "final", "workers": self.workers} | options
        if "rtol" in given:
            given["max_steps"] = FEW_STEPS if self.jumps else MOST_STEPS
        if deadline is not None:
            given["timeout"] = max(1e-3, deadline - time.perf_counter())
        return given

    def _ensemble(self, states: Floats, duration: float, given: dict[str, Any]) -> Any:
        with quiet(), np.errstate(all="ignore"):
            return simulate_ensemble(self.system, duration, self.system.set_back(states), **given)

    def _run(self, states: Floats, duration: float, deadline: float | None, options: dict[str, Any]) -> Floats:
        given = self._given(deadline, options)
        run = self._ensemble(states, duration, given)
        y = run.y.copy()
        broken = (run.status == Status.NON_FINITE) | (run.status == Status.STEP_TOO_SMALL)
        ended = broken & ~np.isfinite(y).all(axis=1) | self.jumps & (run.status == Status.MAX_STEPS)
        for k in np.flatnonzero(ended | self._vanishes(states, y).any(axis=1)):
            y[k] = self._last_state(states[k], duration, given)
        y[self._vanishes(states, y)] = 0.0
        y = self.system.angles.wrap(y)
        blown = blows_up(self.system, y[broken], states[broken], self.drive, self.unit)
        y[broken] = np.where(blown[:, np.newaxis], np.nan, y[broken])
        return y

    def _vanishes(self, start: Floats, states: Floats) -> np.ndarray:
        """Whether elements (K, N) that keep their sign have come so near to zero that numbers lost it."""
        with np.errstate(invalid="ignore"):
            return self.signed & (start != 0.0) & ~(states * np.sign(start) >= LEAST)

    def _last_state(self, state: Floats, duration: float, given: dict[str, Any]) -> Floats:
        """Return the last state of a run that breaks off, or that loses the sign of an element."""
        options = {name: value for name, value in given.items() if name not in ("save", "workers", "inputs")}
        with quiet(), np.errstate(all="ignore"):
            seen = simulate(self.system, duration, state, inputs=self.drive, **options).y.T
        seen = seen[np.isfinite(seen).all(axis=1)]
        gone = self._vanishes(state, seen).any(axis=1)
        return seen[int(np.argmax(gone)) if gone.any() else -1] if len(seen) else state
