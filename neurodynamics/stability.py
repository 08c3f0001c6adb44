"""The largest steps that explicit methods allow."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from neurodynamics.methods import Method

REAL_EXTENT = {"euler": 2.0, "heun": 2.0, "midpoint": 2.0, "rk4": 2.785293563405282, "euler_maruyama": 2.0,
               "stochastic_heun": 2.0, "exponential_euler": np.inf}  # fmt: skip
COARSE = 0.1  # a step above this share of the smallest time constant deserves a warning


def max_stable_leak_step(system: Any, method: Method) -> float:
    """Return the step beyond which the leak alone, ``dy/dt = -(lambda/tau) y``, grows under the method."""
    fastest = float(np.max(np.abs(system.leaks) / system.time_constants, initial=0.0))
    return np.inf if fastest == 0 else REAL_EXTENT[method.name] / fastest


def check_step(system: Any, method: Method, dt: float) -> None:
    """Raise where dt is beyond the stability of the leak; warn where it is coarse."""
    if not hasattr(system, "leaks") or system.state_dim == 0:
        return
    limit = max_stable_leak_step(system, method)
    i = int(np.argmin(system.time_constants))
    tau = float(system.time_constants[i])
    if dt > limit * (1 + 1e-12):
        raise ValueError(
            f"`dt` must be at most {limit:g} for {method.name!r}: beyond it even the leak of neuron {i} "
            f"(time constant {tau:g}) grows without bound; got {dt:g}."
        )
    if dt > COARSE * tau * (1 + 1e-12):
        warnings.warn(
            f"`dt` = {dt:g} is above a tenth of the smallest time constant ({tau:g}, neuron {i}); the result may depend "
            "on dt more than on the network.",
            stacklevel=5,
        )
