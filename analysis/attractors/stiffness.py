"""Whether explicit steps follow what a flow does, or only keep it stable while something slow goes on."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.common import careful_atol, keep_their_sign, residuals_at, seconds_until, slowest_time, without_noise
from neurodynamics import DynamicalSystem, Solution, Status, simulate
from neurodynamics.notices import quiet
from neurodynamics.validation import Floats

IMPLICIT = "rodas4"
PILOTS, STEPS = 4, 10_000  # states that are followed, and for how many explicit steps
CHEAPER, SMALL = 4.0, 20.0  # implicit steps must be so much fewer; the more where there are more states than that
RESTS = 1e-6  # of the extent: what a state that moves no further than that in all the time shows nothing
FOREVER = 1e12  # units of time
RTOL, ATOL = 1e-7, 1e-10


def slow_motion(
    system: DynamicalSystem, drive: Floats, states: Floats, unit: float, scale: Floats, deadline: float | None = None
) -> float:
    """Return the slowest time constant that is met from states (K, N) of a stiff flow; 0 where explicit steps do as well.

    Where it is not known by the deadline, explicit steps are taken to do.
    """
    if system.kind == "map" or system.host or system.structure("additive") is not None:
        return 0.0
    system = without_noise(system)
    atol = careful_atol(keep_their_sign(system, drive), ATOL)

    def run(y: Floats, duration: float, method: str, max_steps: int, **save: Any) -> Solution:
        return simulate(system, duration, y, inputs=drive, method=method, max_steps=max_steps, rtol=RTOL, atol=atol,
                        timeout=seconds_until(deadline), **save)  # fmt: skip

    slowest = 0.0
    with quiet(), np.errstate(all="ignore"):
        for y in states[:PILOTS]:
            pilot = run(y, FOREVER * unit, "dop853", STEPS, save="final")
            spent = float(pilot.t[-1])
            if pilot.status != Status.MAX_STEPS or not np.isfinite(pilot.final).all() or spent <= 0:
                continue
            speed = np.abs(residuals_at(system, pilot.final[np.newaxis], drive)[0]) / scale
            if speed.max() * spent > RESTS:
                along = run(y, spent, IMPLICIT, int(STEPS / max(CHEAPER, (y.size / SMALL) ** 2)))
                slowest = max(slowest, slowest_time(system, drive, along.y.T, stiff=True) if along.success else 0.0)
    return slowest
