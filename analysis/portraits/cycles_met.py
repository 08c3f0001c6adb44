"""The distinct limit cycles that trajectories converged to."""

from __future__ import annotations

from analysis.common import Loop, seconds_until
from analysis.cycles import LimitCycle, limit_cycle
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats


def number_of(loop: Loop, cycles: list[LimitCycle], system: DynamicalSystem, drive: Floats,
              deadline: float | None = None) -> int:  # fmt: skip
    """Return the number of the cycle that a loop shows; one that is not known yet is refined and appended.

    -1 where it is no cycle after all: a slow spiral closes nearly.
    """
    for number, cycle in enumerate(cycles):
        if Loop(cycle.t, cycle.y.T, system.angles).is_like(loop):
            return number
    try:
        found = limit_cycle(system, loop.y[-1], period=loop.period, inputs=drive,
                            timeout=seconds_until(deadline))  # fmt: skip
    except ValueError:
        return -1
    if not found.success:
        return -1
    cycles.append(found)
    return len(cycles) - 1
