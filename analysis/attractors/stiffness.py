"""Whether explicit steps follow what a flow does, or only keep it stable while something slow goes on."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.common import careful_atol, residuals_at, slowest_time, without_noise
from neurodynamics import DynamicalSystem, Status, simulate
from neurodynamics.notices import quiet
from neurodynamics.validation import Floats

IMPLICIT = "rodas4"
PILOTS, STEPS = 4, 10_000  # states that are followed, and for how many explicit steps
CHEAPER, SMALL = 4.0, 20.0  # implicit steps must be so much fewer; the more where there are more states than that
RESTS = 1e-6  # of the extent: what a state that moves no further than that in all the time shows nothing
FOREVER = 1e12  # units of time
RTOL, ATOL = 1e-7, 1e-10


def slow_motion(system: DynamicalSystem, drive: Floats, states: Floats, unit: float, scale: Floats) -> float:
    """Return the slowest time constant that is met from states (K, N) of a stiff flow; 0 where explicit steps do as well."""
    if system.kind == "map" or system.host or system.structure("additive") is not None:
        return 0.0
    system = without_noise(system)
    return max((_slow_motion_from(system, drive, y, unit, scale) for y in states[:PILOTS]), default=0.0)


def _slow_motion_from(system: DynamicalSystem, drive: Floats, y: Floats, unit: float, scale: Floats) -> float:
    options: dict[str, Any] = {"inputs": drive, "rtol": RTOL, "atol": careful_atol(system, drive, ATOL)}
    with quiet(), np.errstate(all="ignore"):
        run = simulate(system, FOREVER * unit, y, method="dop853", max_steps=STEPS, save="final", **options)
        spent = float(run.t[-1])
        if run.status != Status.MAX_STEPS or not np.isfinite(run.final).all() or spent <= 0:
            return 0.0
        speed = np.abs(residuals_at(system, run.final[np.newaxis], drive)[0]) / scale
        if not speed.max() * spent > RESTS:
            return 0.0
        most = int(STEPS / max(CHEAPER, (y.size / SMALL) ** 2))
        along = simulate(system, spent, y, method=IMPLICIT, max_steps=most, **options)
        return slowest_time(system, drive, along.y.T, stiff=True) if along.success else 0.0
