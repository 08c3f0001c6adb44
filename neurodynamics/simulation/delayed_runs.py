"""Runs of systems with delays: the method of steps on dense output.

The drivers are those of any flow. Their inputs are looked up in the interpolants that this run keeps of its own steps
(:mod:`neurodynamics.delays.lookup`), no step is longer than the shortest delay, and steps end at the breaking points.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
from numba.core import types

from neurodynamics.compiling import DOUBLES, addresses, place
from neurodynamics.delays import DelayedSystem, Past, breaking_points, drive_with_past, lookup_frame, past_of
from neurodynamics.inputs import Inputs
from neurodynamics.methods import adaptive, frame as F, protocol as P
from neurodynamics.simulation.runs import MOST_KEPT, Helper, Pieces, Plan, Run
from neurodynamics.simulation.solution import DenseOutput
from neurodynamics.validation import Floats

METHODS_FOR_DELAYS = {"dop853": 8, "dopri5": 5, "rodas4": 4}  # and their orders
HIGH_ORDER_BELOW = 1e-4  # rtol
ROOM = 512  # interpolants at first
LOOK_UP = Helper(drive_with_past, types.int64(DOUBLES, types.int64, DOUBLES, types.int64, DOUBLES, types.float64,
                                              types.float64, DOUBLES))  # fmt: skip


def method_for_delays(method: Any, rtol: float | None) -> tuple[str, str]:
    """Return the method of a run, and why."""
    if method is None:
        tight = rtol is None or rtol < HIGH_ORDER_BELOW
        name = "dop853" if tight else "dopri5"
        return name, f"the system has delays, and the tolerance is {'tight' if tight else 'loose'}"
    if method not in METHODS_FOR_DELAYS:
        raise ValueError(
            f"`method` of a system with delays must be one of {', '.join(map(repr, METHODS_FOR_DELAYS))}, into whose "
            f"interpolants delays look back; got {method!r}."
        )
    return method, "it was asked for"


def with_past(system: DelayedSystem, plan: Plan, y0: Any, inputs: Inputs) -> tuple[Plan, Past]:
    """Return plan and history of a run."""
    if inputs.callable is not None:
        raise ValueError("`inputs` of a system with delays must be compiled; wrap it as Signal(function, breakpoints).")
    if plan.t_end < plan.t0:
        raise ValueError("`t_span` of a system with delays must run forwards: a past does not follow from its future.")
    longest = float(system.delays.min()) / adaptive.STRETCH  # a step that reaches for the end of its piece may stretch
    past = past_of(y0, plan.t0, system.longest_delay, system, plan.degree, plan.rtol, plan.atol)
    return dataclasses.replace(plan, dense=True, max_step=min(plan.max_step, longest)), past


class DelayedRun(Run):
    """One trajectory of a system with delays.

    Parameters
    ----------
    system : DelayedSystem
    plan, past
        As :func:`with_past` returns them.
    inputs : Inputs
        Those of the system.
    dense : bool
        Whether all interpolants are kept, and not only those that delays reach.
    """

    def __init__(self, system: DelayedSystem, plan: Plan, past: Past, inputs: Inputs, *, dense: bool = False) -> None:
        whole = copy.copy(inputs)  # with the past states as further inputs, and steps that end at breaking points
        whole.base = np.concatenate([inputs.base, np.zeros(len(system.past))])
        order = METHODS_FOR_DELAYS[plan.method.name]
        self.jumps = past.jumps + [(float(t), 1) for t in inputs.breakpoints]
        points = breaking_points(self.jumps, system.delays, plan.t0, plan.t_end, order)
        whole.breakpoints = np.union1d(inputs.breakpoints, points)
        super().__init__(system.opened, plan, past.y0, whole)
        self._watch = None
        self._reach, self._all = system.longest_delay, dense
        pieces, length, n = past.rows.shape
        self._old = pieces  # at the front of the memory: handed out before, or history
        self.count[P.KEPT] = pieces
        room = max(ROOM, 2 * pieces)
        self._kept = Pieces(np.zeros((room, 3)), np.zeros((room, length, n)))
        self._kept.times[:pieces], self._kept.rows[:pieces] = past.times, past.rows
        self._pieces = [(past.times, past.rows)] if dense else []
        self._states = np.array([each.state for each in system.past], dtype=np.int64)
        self._delays, self._places = system.delays, np.zeros(len(system.past), dtype=np.int64)
        self._base = np.append(whole.base, 0.0)
        self._frame[F.BASE], self._frame[F.VARYING] = self._base, True
        self._frame[F.FUNCTIONS][P.INPUTS] = LOOK_UP.address
        self._link()

    def _link(self) -> None:
        """Tell the driver, and what looks up the past, where the interpolants are."""
        kept = self._kept
        self._frame[F.KEPT_TIMES], self._frame[F.KEPT_ROWS] = kept.times, kept.rows
        self._frame[F.KEPT_ROOM] = len(kept.times)
        count = self.count[P.KEPT : P.KEPT + 1]
        self._lookup = lookup_frame(self._states, self._delays, self._places, kept.times, kept.rows, count)
        self._base[-1] = place(self._lookup)  # addresses have fewer bits than the numbers of doubles that are exact
        self._addresses = addresses(self._frame)
        self._start = place(self._addresses)

    def _hand_out_pieces(self) -> None:
        """Keep what delays reach at the front of the memory."""
        kept = int(self.count[P.KEPT])
        times, rows = self._kept
        if self._all:
            self._pieces.append((times[self._old : kept].copy(), rows[self._old : kept].copy()))
            self._kept_numbers += self._pieces[-1][1].size
        gone = int(np.searchsorted(times[:kept, 2], self.t - (1 + 1e-9) * self._reach))
        left = kept - gone
        if 2 * left > len(times):
            self._kept = Pieces(np.zeros((2 * len(times), 3)), np.zeros((2 * len(times), *rows.shape[1:])))
            self._kept_numbers += self._kept.rows.size if self._kept.rows.size > MOST_KEPT else 0
        self._kept.times[:left], self._kept.rows[:left] = times[gone:kept].copy(), rows[gone:kept].copy()
        self.count[P.KEPT] = self._old = left
        np.maximum(self._places - gone, 0, out=self._places)
        self._link()

    def dense(self, domain: Any) -> DenseOutput:
        """Return the interpolants, at least over the longest delay before the end; after :meth:`points`."""
        if self._all:
            return super().dense(domain)
        return DenseOutput(*self.segment(), domain)

    def recent_jumps(self) -> list[tuple[float, int]]:
        """Return the jumps that delays still carry on: what a run that goes on from here must know."""
        oldest = self.t - max(METHODS_FOR_DELAYS.values()) * self._reach
        return [(time, order) for time, order in self.jumps if oldest < time <= self.t]

    def segment(self) -> tuple[Floats, Floats]:
        """Return times and rows of the interpolants in memory, which cover the longest delay before now."""
        kept = int(self.count[P.KEPT])
        return self._kept.times[:kept].copy(), self._kept.rows[:kept].copy()
