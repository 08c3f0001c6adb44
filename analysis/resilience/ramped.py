"""A system whose parameter is ramped from one value to another, in units of the duration of the ramp."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bifurcations import Parameter
from neurodynamics import DynamicalSystem
from neurodynamics.compiling import call, keep, pointer, pointer_closure
from neurodynamics.systems import scratch
from neurodynamics.validation import Floats

SHAPES = ("linear", "tanh")
REACH = 20.0  # of the argument of tanh at the ends: within rounding of 1


def ramped(system: DynamicalSystem, parameter: Parameter, values: Floats, shape: str) -> DynamicalSystem:
    """Return ``dy/ds = duration f(y, value(s))`` for s from 0 to 1; `duration` is a parameter.

    The value goes from the first to the second of `values`: evenly, or as a tanh over REACH of its units on either side.
    """
    f, n0, m0, p0 = system.address("rhs"), system.state_dim, system.input_dim, system.param_dim
    steep = REACH if shape == "tanh" else 0.0

    def ramped_rhs(index, t, y, n, u, m, params, p, out, k):
        duration, start, stop = params[0], params[1], params[2]
        share = t if steep == 0.0 else 0.5 + 0.5 * np.tanh(steep * (2.0 * t - 1.0))
        value = start + (stop - start) * share
        own, drive = scratch(out, p0), scratch(out, m0)
        for i in range(p0):
            own[i] = params[3 + i] + value * params[3 + p0 + i]
        for i in range(m0):
            drive[i] = params[3 + 2 * p0 + i] + value * params[3 + 2 * p0 + m0 + i]
        call(f, t, y, n0, pointer(drive), m0, pointer(own), p0, out, n0)
        keep(own)
        keep(drive)
        for i in range(n0):
            out[i] *= duration

    params: dict[str, Any] = {"duration": 1.0, "values": values, "rest": parameter.rest, "direction": parameter.direction,
              "drive": parameter.drive, "drive_direction": parameter.drive_direction}  # fmt: skip
    return DynamicalSystem(pointer_closure(ramped_rhs), n0, {k: v for k, v in params.items() if np.size(v)}, 0,
                           angles=system.angles.mapping)  # fmt: skip
