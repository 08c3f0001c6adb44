"""Discretisations: the map that a method of constant step makes of a flow."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.compiling import WIDTH, call, copy_to, host_version, keep, offset, padded, pointer, pointer_closure
from neurodynamics.files import Saved
from neurodynamics.methods import fixed, protocol as P
from neurodynamics.schemes import METHODS, Method
from neurodynamics.systems import DynamicalSystem, Recipe, maker
from neurodynamics.validation import Floats, as_choice, as_number, require_positive

STEP = "dt"  # the map's parameter behind those of the flow
NAMES = [name for name, method in METHODS.items() if method.constant_step and not method.noisy]


class DiscretisedSystem(Saved, DynamicalSystem):
    """What `discretise` returns: a map with the states and parameters of its flow, and the parameter ``"dt"``.

    Attributes
    ----------
    flow : DynamicalSystem
        With the parameters that it was discretised with.
    method : str
    """

    flow: DynamicalSystem
    method: str

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what the flow allows, or dt is not positive."""
        self.flow.check_params(vector[..., :-1])
        require_positive(vector[..., -1], STEP)


@maker
def discretise(system: DynamicalSystem, method: str, dt: float) -> DiscretisedSystem:
    """Return the map of one step of a method, whose iterates are what `simulate` computes with that method and dt.

    A flow is not its discretisation: where the step is long, the map has fixed points of other stability, cycles or chaos
    of its own. All analyses of maps show them.

    Parameters
    ----------
    system : DynamicalSystem
        A flow. Its noise and events play no part; inputs are held during a step.
    method : {"euler", "exponential_euler", "heun", "midpoint", "rk4"}
    dt : float
        The step; a parameter of the map, so that it can be swept.

    Returns
    -------
    DiscretisedSystem
        Of kind map, with the parameters of the flow and ``"dt"``, and with a Jacobian where the flow has one. Iterates
        agree to the last bit with ``simulate(system, .., method=method, dt=dt)`` at constant inputs.

    Raises
    ------
    ValueError
        For maps, systems with a `reset`, unknown methods, and dt that is not positive.

    Examples
    --------
    One neuron that inhibits itself has a stable equilibrium; Euler's method with a step of one time constant alternates:

    >>> from ctrnn import CTRNN, discretise
    >>> from analysis import fixed_points
    >>> found = fixed_points(discretise(CTRNN([[-10]]), "euler", 1.0), period=2, rng=0)
    >>> found.x.round(6).ravel().tolist()
    [-4.795045, -0.082028]
    """
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    if system.kind == "map":
        raise ValueError("`system` must be a flow; a map has no step to choose.")
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, which a map of steps does not follow; make the system without it.")
    chosen = METHODS[as_choice(method, "method", NAMES)]
    if chosen.exponential and not system.has("rates"):
        raise ValueError(f"`method` {method!r} needs an additive network, whose leak it integrates exactly.")
    step = as_number(dt, "dt", positive=True)
    if STEP in system.layout.shapes:
        raise ValueError(f"`system` has a parameter {STEP!r} of its own, which is the name of the step; rename it.")
    named = {name: system.layout.view(system.params, name) for name in system.layout.shapes} | {STEP: step}
    discrete = DiscretisedSystem.__new__(DiscretisedSystem)
    discrete.flow, discrete.method = system, chosen.name
    discrete._recipe = Recipe(discretise, (system, chosen.name, step))
    make = _host_functions if system.host else _compiled_functions
    functions: dict[str, Any] = make(system, chosen)
    rhs = functions.pop("rhs")
    DynamicalSystem.__init__(discrete, rhs, system.state_dim, named, system.input_dim, kind="map", host=system.host,
                             output_dim=system.output_dim, angles=system.angles, **functions)  # fmt: skip
    return discrete


# Compiled ------------------------------------------------------------------------------------------------------------


def _compiled_functions(system: DynamicalSystem, method: Method) -> dict[str, Callable]:
    f, rates = system.address("rhs"), system.address("rates")
    functions = {"rhs": _step(f, rates, method.name)}
    if system.has("jac"):
        functions["jac"] = _step_jacobian(f, rates, system.address("jac"), method.name)
    for role in ("outputs", "energy"):
        if system.has(role):
            functions[role] = _of_the_flow(system.address(role))
    return functions


@functools.lru_cache(maxsize=64)
def _step(f: int, rates: int, name: str) -> Any:
    """One step of the driver of `simulate`."""
    tableau, exponential = METHODS[name].tableau, METHODS[name].exponential
    assert tableau is not None
    a, b, c, stages = np.ascontiguousarray(tableau.a), tableau.b, tableau.c, tableau.stages
    rows, step = stages + fixed.EXTRA_ROWS, fixed.step

    @pointer_closure
    def discrete_step(index, t, y, n, u, m, params, p, out, k):
        dt = params[p - 1]
        width = max(WIDTH, -(-n // WIDTH) * WIDTH)
        functions = np.zeros(P.FUNCTIONS_SIZE, dtype=np.int64)
        functions[P.RHS], functions[P.RATES] = f, rates
        clock, count = np.zeros(P.CLOCK_SIZE), np.zeros(P.COUNT_SIZE, dtype=np.int64)
        state, work = np.zeros(width), np.zeros(rows * width)
        copy_to(y, n, pointer(state))
        problem = P.Problem(pointer(functions), P.held(u, m), params, p - 1, n, width)
        scheme = fixed.Scheme(pointer(a), pointer(b), pointer(c), stages, exponential, False, np.uint64(0), 1)
        step(problem, scheme, pointer(count), pointer(clock), pointer(state), pointer(work), t * dt, dt, (t + 0.5) * dt)
        copy_to(pointer(state), n, out)
        keep((functions, clock, count, state, work))  # they are used by their addresses

    return discrete_step


@functools.lru_cache(maxsize=64)
def _step_jacobian(f: int, rates: int, jac: int, name: str) -> Any:
    """G[s] = J(z[s]) (1 + h sum_r a[s, r] G[r]) for each stage; the step's Jacobian is 1 + h sum_s b[s] G[s]."""
    tableau, exponential = METHODS[name].tableau, METHODS[name].exponential
    assert tableau is not None
    a, b, c, stages = np.ascontiguousarray(tableau.a), tableau.b, tableau.c, tableau.stages

    @pointer_closure
    def discrete_jacobian(index, t, y, n, u, m, params, p, out, k):
        dt = params[p - 1]
        slopes, tangents = np.zeros(stages * n), np.zeros(stages * n * n)
        z, moved, matrix = np.zeros(n), np.zeros(n * n), np.zeros(n * n)
        for s in range(stages):
            for i in range(n):
                z[i] = y[i]
                for r in range(s):
                    z[i] += dt * a[s, r] * slopes[r * n + i]
            for e in range(n * n):
                moved[e] = 1.0 if e % (n + 1) == 0 else 0.0
                for r in range(s):
                    moved[e] += dt * a[s, r] * tangents[r * n * n + e]
            time = (t + c[s]) * dt
            call(f, time, pointer(z), n, u, m, params, p - 1, offset(pointer(slopes), s * n), n)
            call(jac, time, pointer(z), n, u, m, params, p - 1, pointer(matrix), n * n)
            for i in range(n):
                for q in range(n):
                    for j in range(n):
                        tangents[(s * n + i) * n + j] += matrix[i * n + q] * moved[q * n + j]
        if exponential:
            call(rates, t * dt, y, n, u, m, params, p - 1, pointer(z), n)
        for i in range(n):
            x = z[i] * dt
            factor = -np.expm1(-x) / x if exponential and x != 0.0 else 1.0
            for j in range(n):
                total = 0.0
                for s in range(stages):
                    total += b[s] * tangents[(s * n + i) * n + j]
                out[i * n + j] = dt * factor * total + (1.0 if i == j else 0.0)

    return discrete_jacobian


@functools.lru_cache(maxsize=64)
def _of_the_flow(function: int) -> Any:
    """A function of the flow, which knows nothing of dt."""

    @pointer_closure
    def of_the_flow(index, t, y, n, u, m, params, p, out, k):
        call(function, t, y, n, u, m, params, p - 1, out, k)

    return of_the_flow


# Uncompiled ----------------------------------------------------------------------------------------------------------


def _host_functions(system: DynamicalSystem, method: Method) -> dict[str, Callable]:
    step, tableau, n = host_version(fixed.step), method.tableau, system.state_dim
    assert tableau is not None
    f, stages, width = system.function("rhs").source, tableau.stages, padded(system.state_dim)

    def rhs(t: float, y: Floats, u: Floats, params: Floats, out: Floats) -> None:
        dt = params[-1]
        state, work = np.zeros(width), np.zeros((stages + fixed.EXTRA_ROWS, width))
        state[:n] = y
        functions = [f if role == P.RHS else 0 for role in range(P.FUNCTIONS_SIZE)]
        drive = P.Drive(u, u.size, u, 0, u, u, False)
        problem = P.Problem(functions, drive, params[:-1], params.size - 1, n, width)
        scheme = fixed.Scheme(tableau.a, tableau.b, tableau.c, stages, method.exponential, False, np.uint64(0), 1)
        clock, count = np.zeros(P.CLOCK_SIZE), np.zeros(P.COUNT_SIZE, dtype=np.int64)
        step(problem, scheme, count, clock, state, work, t * dt, dt, (t + 0.5) * dt)
        out[:] = state[:n]

    functions: dict[str, Callable] = {"rhs": rhs}
    if system.has("outputs"):
        shown = system.function("outputs").source
        functions["outputs"] = lambda y, params, out: shown(y, params[:-1], out)
    if system.has("energy"):
        energy = system.function("energy").source
        functions["energy"] = lambda y, u, params: energy(y, u, params[:-1])
    return functions
