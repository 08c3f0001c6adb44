"""Which method a run gets that names none, and why."""

from __future__ import annotations

from typing import Any

from neurodynamics.inputs import Inputs
from neurodynamics.schemes import METHODS, Method
from neurodynamics.systems import AdditiveNetwork

STIFF_SPREAD = 1e3  # rates of the leaks this far apart ..
STIFF_STEPS = 3e4  # .. and so many steps of an explicit method mean that an implicit one is cheaper
HIGH_ORDER_BELOW = 1e-4  # rtol below which the pair of order 8 is cheaper than that of order 5


def default_method(system: Any, inputs: Inputs, duration: float, rtol: float, dt: float | None) -> tuple[Method, str]:
    """Return the method for a run that names none, and one sentence that says why."""
    if system.has("diffusion"):
        return METHODS["euler_maruyama"], "the system has noise"
    if dt is not None:
        return METHODS["rk4"], "dt was given"
    if system.structure("additive") is not None and is_stiff(system, duration):
        return METHODS["Radau"], "the time constants are so far apart that an implicit method is cheaper"
    if not why_not_taylor(system, inputs):
        return METHODS["taylor"], "the coefficients of the solution are known to any order"
    if rtol < HIGH_ORDER_BELOW:
        return METHODS["dop853"], "the tolerance is tight enough for a pair of order 8"
    return METHODS["dopri5"], "the tolerance is loose enough for a pair of order 5"


def is_stiff(system: AdditiveNetwork, duration: float) -> bool:
    """Whether the leaks alone make explicit methods take many more steps than the slow neurons need."""
    slowest, fastest = system.leak_rates
    return fastest > STIFF_SPREAD * slowest > 0 and fastest * duration / 3.3 > STIFF_STEPS


def why_not_taylor(system: Any, inputs: Inputs) -> str:
    """Return why Taylor steps do not apply to a run, or an empty string."""
    if system.structure("additive") is None:
        return "it needs an additive network"
    if system.activation.riccati is None:
        return f"the activation {system.activation.name!r} has no recurrence for its Taylor coefficients"
    if not inputs.analytic:
        return "an input is a function whose Taylor coefficients are unknown"
    return ""
