"""diffrax: solvers in JAX, in float64 (JAX's own default is float32), compiled once for each solver and size."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from ..case import Case, Run
from ..workloads import Adaptive, Basins, Population

PACKAGE = "diffrax"
SOLVERS = ("Tsit5", "Dopri8")
MAX_STEPS = 1_000_000
TOLERANCE = 1e-6  # of the trajectories of basins

STARTUP = """
import diffrax, jax, jax.numpy as jnp, numpy as np
jax.config.update("jax_enable_x64", True)
W = 3 * np.random.default_rng(1).normal(size=(3, 3)) / np.sqrt(3)
sol = diffrax.diffeqsolve(
    diffrax.ODETerm(lambda t, x, W: -x + W @ jnp.tanh(x)), diffrax.Dopri8(), 0.0, 100.0, None,
    jnp.array([0.1, 0.2, 0.3]), jnp.array(W), saveat=diffrax.SaveAt(ts=jnp.linspace(0, 100, 1001)),
    stepsize_controller=diffrax.PIDController(rtol=1e-6, atol=1e-6),
)
np.asarray(sol.ys)
"""


def available() -> bool:
    return importlib.util.find_spec("diffrax") is not None


def adaptive(problem: Adaptive) -> list[Case]:
    return [Case(f"diffrax {name}", _builder(problem, name), cores=0) for name in SOLVERS]


def _builder(problem: Adaptive, name: str) -> Callable[[float], Run]:
    jnp = _jax().numpy
    solve = _solver(name)
    W, x0, times = (jnp.asarray(a) for a in (problem.W, problem.x0, problem.t))

    def build(tolerance: float) -> Run:
        def run() -> np.ndarray:
            return np.asarray(solve(x0, W, times, tolerance)).T

        return run

    return build


def _solver(name: str) -> Callable:
    import diffrax

    jax = _jax()
    term = diffrax.ODETerm(lambda t, x, W: -x + W @ jax.numpy.tanh(x))
    solver = getattr(diffrax, name)()

    @jax.jit
    def solve(x0, W, times, tolerance):
        control = diffrax.PIDController(rtol=tolerance, atol=tolerance)
        save = diffrax.SaveAt(ts=times)
        return diffrax.diffeqsolve(
            term, solver, 0.0, times[-1], None, x0, W, saveat=save, stepsize_controller=control, max_steps=MAX_STEPS
        ).ys

    return solve


def population(pop: Population) -> list[Case]:
    label = "diffrax Euler, vmap"
    return [Case(f"{label} {dtype}", lambda dtype=dtype: _ensemble(pop, dtype), cores=0) for dtype in _DTYPES]


_DTYPES = ("float64", "float32")


def _ensemble(pop: Population, dtype: str) -> Run:
    import diffrax

    jax = _jax()
    jnp = jax.numpy
    pop = pop.expanded()
    term = diffrax.ODETerm(_logistic_network)
    control = diffrax.ConstantStepSize()

    def solve(W, b, tau, y0):
        end = jnp.asarray(pop.steps * pop.dt, dtype)
        dt = jnp.asarray(pop.dt, dtype)
        args = (W, b, tau)
        return diffrax.diffeqsolve(
            term, diffrax.Euler(), 0.0 * dt, end, dt, y0, args, stepsize_controller=control, max_steps=pop.steps + 2
        ).ys[0]

    batch = jax.jit(jax.vmap(solve))
    arguments = [jnp.asarray(a, dtype) for a in (pop.W, pop.b, pop.tau, pop.y0)]
    return lambda: np.asarray(batch(*arguments))


def basins(problem: Basins) -> list[Case]:
    return [Case("diffrax Tsit5, vmap, steady-state event", lambda: _labels(problem), cores=0)]


def _labels(problem: Basins) -> Run:
    import diffrax

    jax = _jax()
    jnp = jax.numpy
    W, b, attractors = (jnp.asarray(a) for a in (problem.W, problem.b, problem.attractors))
    term = diffrax.ODETerm(lambda t, y, args: -y + W @ jax.nn.sigmoid(y + b))
    control = diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE)
    event = diffrax.Event(diffrax.steady_state_event())

    def solve(y0):
        y = diffrax.diffeqsolve(
            term, diffrax.Tsit5(), 0.0, 200.0, None, y0, stepsize_controller=control, event=event, max_steps=4096
        ).ys[0]
        return jnp.argmin(((attractors - y) ** 2).sum(axis=1))

    batch, states = jax.jit(jax.vmap(solve)), jnp.asarray(problem.states)
    return lambda: np.asarray(batch(states))


def _logistic_network(t: Any, y: Any, args: tuple) -> Any:
    W, b, tau = args
    return (-y + W @ _jax().nn.sigmoid(y + b)) / tau


def _jax() -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax
