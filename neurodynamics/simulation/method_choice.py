"""Which method a run gets that names none, and why; whether a method fits; what stiff runs are handed over to."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from neurodynamics.inputs import Inputs
from neurodynamics.methods import choose_order, step_cost
from neurodynamics.schemes import METHODS, Method, check_step
from neurodynamics.systems import AdditiveNetwork, DynamicalSystem
from neurodynamics.tracing import NotTraced, Program
from neurodynamics.validation import as_number

LARGEST_FOR_OWN_LU = 500  # states: a decomposition takes a tenth of a second, in which nothing is served
LARGEST_FOR_LSODA = 1000  # states: it decomposes while all of Python waits, and oftener than BDF
STIFF_SPREAD = 1e3  # rates of the leaks this far apart ..
STIFF_COST = 1.5  # .. and so many seconds of an explicit method, estimated, mean that an implicit one is cheaper
LARGE, LOOSE = 300, 1e-9  # neurons and rtol from which dop853 is at least as fast as Taylor steps
TIGHTER = 0.1  # of the tolerances where a stiff method takes over: its errors add up
STABLE = 5.0  # steps in units of the fastest time constant, about
LEAST_SPACINGS = 2  # of neighbouring numbers: a step must move the time by what it says, or nearly
MOST_STEPS = 2.0**53  # steps are counted in double precision
HIGH_ORDER_BELOW = 1e-4  # rtol below which the pair of order 8 is cheaper than that of order 5


def default_method(system: Any, inputs: Inputs, duration: float, rtol: float, dt: float | None) -> tuple[Method, str]:
    """Return the method for a run that names none, and one sentence that says why."""
    if system.has("diffusion"):
        return METHODS["euler_maruyama"], "the system has noise"
    if dt is not None:
        return METHODS["rk4"], "dt was given"
    additive = system.structure("additive") is not None
    if additive and is_stiff(system, duration, rtol):
        return stiff_method(system), "the time constants are so far apart that an implicit method is cheaper"
    if additive and not why_not_taylor(system, inputs) and not (system.state_dim >= LARGE and rtol >= LOOSE):
        return METHODS["taylor"], "the coefficients of the solution are known to any order"
    if rtol < HIGH_ORDER_BELOW:
        return METHODS["dop853"], "the tolerance is tight enough for a pair of order 8"
    return METHODS["dopri5"], "the tolerance is loose enough for a pair of order 5"


def stiff_method(system: Any) -> Method:
    """Return the method for stiff runs: LSODA looks whether they still are, but cannot be stopped where it is large."""
    return METHODS["LSODA" if system.state_dim <= LARGEST_FOR_LSODA else "BDF"]


def is_stiff(system: AdditiveNetwork, duration: float, rtol: float) -> bool:
    """Whether the leaks alone make explicit methods take longer than what the slow neurons need."""
    slowest, fastest = system.leak_rates
    if not fastest > STIFF_SPREAD * slowest > 0:
        return False
    order = choose_order(max(rtol, 1e-14), system.state_dim)
    steps = fastest * duration / STABLE
    return 1e-9 * step_cost(order, system.state_dim) * steps > STIFF_COST


def why_not_taylor(system: Any, inputs: Inputs) -> str:
    """Return why Taylor steps do not apply to a run, or an empty string."""
    if system.structure("additive") is None:
        return _why_not_traced(system, inputs)
    if system.activation.riccati is None:
        return f"the activation {system.activation.name!r} has no recurrence for its Taylor coefficients"
    if not inputs.analytic:
        return "an input is a function whose Taylor coefficients are unknown"
    return ""


def _why_not_traced(system: Any, inputs: Inputs) -> str:
    if system.host or system.kind == "map":
        return "it needs a compiled flow"
    if not inputs.analytic:
        return "an input is a function whose Taylor coefficients are unknown"
    try:
        system.program()
    except NotTraced as reason:
        return f"the right-hand side has no Taylor coefficients here: {reason}"
    return ""


def program_of(system: Any) -> Program | None:
    """Return the operations of a system that takes Taylor steps, None for an additive network."""
    return None if system.structure("additive") is not None else system.program()


def check_method_for(method: Method, system: DynamicalSystem, inputs: Inputs) -> None:
    """Raise where a method does not fit the system or its inputs."""
    if system.has("diffusion") and not method.noisy:
        raise ValueError(
            f"`method` {method.name!r} ignores the noise of this system; use 'euler_maruyama' or 'stochastic_heun', or "
            "make the system without `diffusion`."
        )
    if method.noisy and not system.has("diffusion"):
        raise ValueError(f"`method` {method.name!r} needs a system with `diffusion`.")
    if method.additive_noise_only and _noise_depends_on_state(system):
        raise ValueError(
            f"`method` {method.name!r} is right only for additive noise, and this system's `diffusion` depends on the "
            "state; use 'euler_maruyama'."
        )
    if method.exponential and system.structure("additive") is None:
        raise ValueError(f"`method` {method.name!r} needs an additive network, whose leak it integrates exactly.")
    if method.family == "rosenbrock" and system.state_dim > LARGEST_FOR_OWN_LU:
        raise ValueError(
            f"`method` {method.name!r} is for up to {LARGEST_FOR_OWN_LU} states, which it decomposes itself, without "
            f"BLAS; this system has {system.state_dim}: use 'Radau' or 'BDF'."
        )
    if method.family == "taylor":
        obstacle = why_not_taylor(system, inputs)
        if obstacle:
            raise ValueError(f"`method` 'taylor' does not apply: {obstacle}. Use 'dop853'.")


def _noise_depends_on_state(system: DynamicalSystem) -> bool:
    """Whether the diffusion differs between a few states of very different size."""
    g = system.function("diffusion")
    f = g.source if system.host else g
    n = system.state_dim
    states = [np.zeros(n), np.linspace(0.3, 0.9, n), -np.linspace(1.1, 7.3, n), np.linspace(-40.0, 55.0, n)]
    values = np.zeros((len(states), n))
    for state, out in zip(states, values, strict=True):
        f(0.7, state, np.ones(system.input_dim), system.params, out)
    return bool(np.any(values != values[0]))


def step_of(method: Method, given: dict[str, Any], system: DynamicalSystem, span: tuple[float, float]) -> float:
    """Return dt of a method of constant step, 0 for others; raise where what was given does not go with the method."""
    dt = given["dt"]
    if not method.constant_step:
        if dt is not None:
            raise ValueError(
                f"`dt` has no meaning for {method.name!r}, which chooses its steps; use rtol and atol, or max_step, or a "
                "method of constant step such as 'rk4'."
            )
        return 0.0
    for name in ("rtol", "atol", "first_step", "max_step"):
        if given[name] is not None:
            raise ValueError(f"`{name}` has no meaning for {method.name!r}, which takes steps of constant length dt.")
    if dt is None:
        raise ValueError(f"`dt` must be given for {method.name!r}, e.g. a hundredth of the smallest time constant.")
    dt = as_number(dt, "dt", positive=True)
    t0, t_end = span
    apart = float(np.spacing(max(abs(t0), abs(t_end))))
    if dt < LEAST_SPACINGS * apart:
        raise ValueError(
            f"`dt` = {dt:g} is less than times in `t_span`, near {max(abs(t0), abs(t_end)):g}, can be told apart by "
            f"({apart:g}); let time begin near 0, or use a larger dt."
        )
    if abs(t_end - t0) / dt > MOST_STEPS:
        raise ValueError(f"`dt` = {dt:g} makes {abs(t_end - t0) / dt:.3g} steps of this `t_span`; use a larger dt.")
    check_step(system, method, dt)
    return dt


def watched_for_stiffness(plan: Any) -> Any:
    """Return the plan of a run whose method nobody asked for: it may find out that the problem is stiff."""
    return dataclasses.replace(plan, detect_stiffness=plan.method.family == "adaptive")


def implicit(plan: Any, system: Any) -> Any:
    """Return the plan with which a run that turned out stiff is repeated."""
    rtol, atol = TIGHTER * plan.rtol, TIGHTER * plan.atol
    return dataclasses.replace(plan, method=stiff_method(system), rtol=rtol, atol=atol, detect_stiffness=False)
