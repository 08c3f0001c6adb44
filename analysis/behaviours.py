"""What a network would do if what it senses stayed as it is, at moments of a recorded behaviour."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common import deadline_in, seconds_until
from analysis.cycles import LimitCycle, limit_cycle
from analysis.equilibria import FixedPoints, fixed_points
from neurodynamics import Kind, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_flag
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call


@dataclass(frozen=True, eq=False, repr=False)
class DynamicsAlong(Record):
    """Fixed points and cycles of a network under what it sensed at moments of a behaviour.

    Attributes
    ----------
    t : array, shape (K,)
        The moments.
    inputs : array, shape (K, M)
        What was sensed then.
    points : tuple of FixedPoints
        Of the network under these constant inputs.
    cycles : tuple of LimitCycle or None
        The cycle that the network would run into from where it is, where it is one.
    solution : LoopSolution
        The behaviour.
    status : Status
    """

    t: Floats
    inputs: Floats
    points: tuple[FixedPoints, ...]
    cycles: tuple[LimitCycle | None, ...]
    solution: Any
    status: Status

    plot = drawn("plot_dynamics_along", "Draw what the network would settle into over a sensor, and the behaviour on it")

    @property
    def success(self) -> bool:
        """Whether all moments were looked at."""
        return self.status >= 0

    def __repr__(self) -> str:
        counts = sorted({int(points.stable.sum()) for points in self.points})
        cycles = sum(cycle is not None for cycle in self.cycles)
        stable = " or ".join(map(str, counts)) or "no"
        return f"DynamicsAlong({len(self.t)} moments, {stable} stable points, cycles at {cycles} of them)"


def dynamics_along(
    solution: Any, *, moments: int = 40, cycles: bool = True, timeout: float | None = None, on_interrupt: str = "raise"
) -> DynamicsAlong:
    """Find the fixed points and cycles of a network under each of the sensor values along a recorded behaviour.

    While the body moves, the network chases attractors that come, go and move with what it senses: a bifurcation diagram
    over the sensor, on which the behaviour is drawn, shows which.

    Parameters
    ----------
    solution : LoopSolution
        As `evaluate(.., record=..)` returns it.
    moments : int
        How many, evenly spaced; equal sensor values are looked at once.
    cycles : bool
        Whether to follow the network from each of its states to see whether it runs into a cycle.
    timeout, on_interrupt
        As for `simulate`; the moments that were looked at until then are returned.

    Returns
    -------
    DynamicsAlong

    Examples
    --------
    >>> from analysis import dynamics_along
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN([[6.0]], biases=-3, time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    >>> fall = evaluate(net, tasks.PoleBalancing(1), duration=1, dt=0.01, substeps=2, record=(0, 0)).solution
    >>> dynamics_along(fall, moments=5)
    DynamicsAlong(5 moments, 1 stable points, cycles at 0 of them)
    """
    if not hasattr(solution, "sensors") or not hasattr(solution, "system"):
        raise TypeError(f"`solution` must be a trial that `evaluate(.., record=..)` kept; got {type(solution).__name__}.")
    if not len(solution.sensors):
        raise ValueError("`solution`: its task senses nothing, so its network is the same throughout; see fixed_points.")
    search = _Search(solution, as_count(moments, "moments", minimum=1), as_flag(cycles, "cycles"), as_timeout(timeout))
    found: DynamicsAlong = long_call(
        search.run, search.so_far, timeout=search.seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


class _Search:
    """One call: the moments, and what was found at those that were looked at."""

    def __init__(self, solution: Any, moments: int, cycles: bool, seconds: float | None) -> None:
        self.solution, self.cycles, self.seconds, self.deadline = solution, cycles, seconds, deadline_in(seconds)
        even = np.unique(np.linspace(0, len(solution.t) - 1, moments).round().astype(int))
        _, first = np.unique(solution.sensors[:, even], axis=1, return_index=True)
        self.chosen = even[np.sort(first)]
        self.inputs = np.zeros((len(self.chosen), solution.system.input_dim))
        self.inputs[:, : len(solution.sensors)] = solution.sensors[:, self.chosen].T
        self.found: list[tuple[FixedPoints, LimitCycle | None]] = []

    def run(self) -> DynamicsAlong:
        """Look at all moments."""
        for k, drive in zip(self.chosen, self.inputs, strict=True):
            if self.deadline is not None and time.perf_counter() >= self.deadline:
                return self.so_far(Status.TIMEOUT)
            points = fixed_points(self.solution.system, inputs=drive, rng=0, timeout=seconds_until(self.deadline))
            if points.status == Status.TIMEOUT:
                return self.so_far(Status.TIMEOUT)
            self.found.append((points, self._cycle(self.solution.y[:, k], drive) if self.cycles else None))
        return self.so_far(Status.SUCCESS)

    def _cycle(self, state: Floats, drive: Floats) -> LimitCycle | None:
        try:
            cycle = limit_cycle(self.solution.system, state, inputs=drive, timeout=seconds_until(self.deadline))
        except ValueError:  # it comes to rest
            return None
        return cycle if cycle.kind == Kind.LIMIT_CYCLE else None

    def so_far(self, status: Status) -> DynamicsAlong:
        """Return the moments that were looked at."""
        found = list(self.found)
        points, cycles = tuple(each for each, _ in found), tuple(each for _, each in found)
        moments = self.solution.t[self.chosen[: len(found)]]
        return DynamicsAlong(moments, self.inputs[: len(found)], points, cycles, self.solution, status)
