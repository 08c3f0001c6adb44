"""Integration of many states at once, in lanes for additive networks and as an ensemble elsewhere."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from analysis.attractors.balls import Ball
from analysis.attractors.lanes import absorb_in_lanes, fastest_rate, why_not_lanes
from analysis.cycles import without_noise
from neurodynamics import DIVERGES, UNDECIDED, DynamicalSystem, Status, simulate_ensemble
from neurodynamics.validation import Floats

STEP = 0.75  # over the fastest rate: of the method of constant step
FINER = 0.125  # of that step, where it matters
RTOL, ATOL = 1e-7, 1e-10
FINE_RTOL, FINE_ATOL = 1e-10, 1e-13
MOST_STEPS = 50_000  # of one state, in one piece
DIVERGED = (Status.NON_FINITE, Status.STEP_TOO_SMALL)
FIRST_LOOK, GROWTH = 0.2, 1.5  # share of the time before the first look at balls; growth of the pieces between looks


class Flight:
    """How the states of a system are carried forward.

    Parameters
    ----------
    system, drive : DynamicalSystem, array (M,)
    unit : float
        What the system does in that time is worth a look; of a map 1.
    escape : float
        A state with an element beyond has diverged.
    workers : int
    """

    def __init__(self, system: DynamicalSystem, drive: Floats, unit: float, escape: float, workers: int) -> None:
        self.system, self.drive, self.unit, self.escape, self.workers = without_noise(system), drive, unit, escape, workers
        self.lanes = not why_not_lanes(system)
        self.dt = STEP / fastest_rate(system) if self.lanes else 0.0

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
            absorb_in_lanes(self.system, self.drive, states.copy(), balls, dt=dt, duration=duration, escape=self.escape,
                            workers=self.workers, deadline=deadline, labels=labels, ends=states)  # fmt: skip
            return
        piece, spent, waiting = duration * (FIRST_LOOK if balls else 1.0), 0.0, np.arange(len(states))
        while True:
            y = states[waiting]
            found = np.full(len(y), UNDECIDED)
            for number, ball in enumerate(balls):
                found[(found == UNDECIDED) & ball.holds(y)] = number
            found[self.escaped(y)] = DIVERGES
            labels[waiting] = found
            waiting = waiting[found == UNDECIDED]
            if not waiting.size or spent >= duration or (deadline is not None and time.perf_counter() >= deadline):
                return
            states[waiting] = self.advance(states[waiting], piece, deadline, fine=fine)
            spent, piece = spent + piece, piece * GROWTH

    def escaped(self, states: Floats) -> np.ndarray:
        """Whether each state (K, N) is beyond the escape radius, or no number."""
        inside: Any = (np.abs(states) <= self.escape).all(axis=1)
        return ~inside

    def advance(self, states: Floats, duration: float, deadline: float | None = None, *, fine: bool = False) -> Floats:
        """Return the states (K, N) after a time; of a map, at least so many iterations. NaN where they diverge.

        A state that could not be carried so far stays where it was.
        """
        if not len(states):
            return states
        options: dict[str, Any] = {"inputs": self.drive, "save": "final", "workers": self.workers}
        if self.lanes:
            options |= {"method": "rk4", "dt": self.dt * (FINER if fine else 1.0)}
            duration = max(1.0, round(duration / options["dt"])) * options["dt"]
        elif self.system.kind == "flow":
            options |= {"rtol": FINE_RTOL if fine else RTOL, "atol": FINE_ATOL if fine else ATOL, "max_steps": MOST_STEPS}
        else:
            duration = int(np.ceil(duration))
        if deadline is not None:
            options["timeout"] = max(1e-3, deadline - time.perf_counter())
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            run = simulate_ensemble(self.system, duration, states, **options)
        y = run.y.copy()
        y[np.isin(run.status, DIVERGED)] = np.nan
        stuck = ~np.isfinite(y).all(axis=1) & ~np.isin(run.status, DIVERGED)
        y[stuck] = states[stuck]
        return y
