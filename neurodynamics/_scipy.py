"""SciPy's solvers on a system of the contract: the one place that reaches ``scipy.integrate``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.runs import Plan
from neurodynamics.signals import Inputs
from neurodynamics.status import Status
from neurodynamics.validation import Floats

IMPLICIT = ("Radau", "BDF", "LSODA")


class Limit(Exception):
    """Raised inside the solver's loop when a limit is reached."""

    def __init__(self, status: Status) -> None:
        self.status = status


class ScipyRun:
    """A run of ``solve_ivp``'s solvers, piece by piece between the breakpoints of the inputs.

    The solver objects are stepped here rather than by ``solve_ivp``, so that limits and Ctrl-C keep what is there.
    """

    def __init__(self, system: Any, plan: Plan, y0: Floats, inputs: Inputs) -> None:
        self.system, self.plan, self.inputs = system, plan, inputs
        self.y = y0.copy()
        self.t = plan.t0
        self.steps = self.nfev = 0
        self.times: list[Floats] = [np.array([plan.t0])] if _wants_start(plan) else []
        self.states: list[Floats] = [y0[np.newaxis].copy()] if _wants_start(plan) else []
        self.interpolants: list[Any] = []
        self.logged: list[tuple[float, int, Floats]] = []
        self._wanted = 0 if plan.t_out is None else len(self.times)
        self.message = ""
        self._gates = self._gate_values(self.t, self.y, plan.t0 + 1e-9 * (plan.t_end - plan.t0))

    def to_end(self, max_steps: int | None, deadline: float | None, watch: Callable | None) -> Status:
        """Advance to the end, or to the first limit."""
        plan = self.plan
        edges = np.concatenate([[plan.t0], plan.breakpoints[:: int(plan.direction)], [plan.t_end]])
        if not np.isfinite(self.y).all():
            return Status.NON_FINITE
        for start, end in zip(edges[:-1], edges[1:], strict=True):
            if start == end:
                continue
            while self.t != end:
                solver = self._solver(self.t, end, 0.5 * (start + end))
                status = self._piece(solver, 0.5 * (start + end), max_steps, deadline, watch)
                self.nfev += solver.nfev
                if status is not None:
                    return status
        return Status.SUCCESS

    def _piece(self, solver: Any, t_ref: float, max_steps: Any, deadline: Any, watch: Any) -> Status | None:
        """Step to the end of the piece or to a reset; return a status where the run ends."""
        while solver.status == "running":
            if max_steps is not None and self.steps >= max_steps:
                return Status.MAX_STEPS
            if deadline is not None and time.perf_counter() > deadline:
                return Status.TIMEOUT
            message = solver.step()
            if solver.status == "failed":
                self.message = message or ""
                return Status.SOLVER_FAILED if np.isfinite(solver.y).all() else Status.NON_FINITE
            if not np.isfinite(solver.y).all():
                return Status.NON_FINITE
            self.steps += 1
            interpolant = solver.dense_output()
            outcome = self._events(solver, interpolant, t_ref)
            t_new = self.t if outcome is not None else solver.t
            self._emit(solver, interpolant, t_new)
            if outcome is not None:
                return self._after_event(outcome, interpolant, t_ref)
            self.t, self.y = solver.t, solver.y.copy()
            if watch is not None:
                watch(self.t, self.y)
        return None

    def _solver(self, t: float, end: float, t_ref: float) -> Any:
        from scipy import integrate

        plan = self.plan
        options: dict[str, Any] = {"rtol": plan.rtol, "atol": plan.atol, "max_step": plan.max_step}
        if plan.first_step:
            options["first_step"] = min(plan.first_step, abs(end - t))
        if plan.method.name in IMPLICIT:
            options["jac"] = self._jac(t_ref)
        return getattr(integrate, plan.method.name)(self._fun(t_ref), t, self.y, end, **options)

    def _fun(self, t_ref: float) -> Callable:
        system, inputs = self.system, self.inputs
        function = system.function("rhs")
        f = function.source if system.host else function
        u, params = inputs.base.copy(), system.params
        constant = inputs.constant

        def fun(t: float, y: Floats) -> Floats:
            if not constant:
                inputs.evaluate(t, t_ref, u)
            out = np.empty(y.size)
            f(t, y, u, params, out)
            return out

        return fun

    def _jac(self, t_ref: float) -> Callable | None:
        system, inputs = self.system, self.inputs
        if system.host and not system.has("jac"):
            return None
        function = system.function("jac")
        f = function.source if system.host else function
        u = inputs.base.copy()

        def jac(t: float, y: Floats) -> Floats:
            if not inputs.constant:
                inputs.evaluate(t, t_ref, u)
            out = np.empty((y.size, y.size))
            f(t, y, u, system.params, out)
            return out

        return jac

    def _gate_values(self, t: float, y: Floats, t_ref: float) -> Floats:
        out = np.zeros(self.system.event_dim)
        if out.size:
            u = self.inputs.base.copy()
            self.inputs.evaluate(t, t_ref, u)
            function = self.system.function("events")
            (function.source if self.system.host else function)(t, np.ascontiguousarray(y), u, self.system.params, out)
        return out

    def _events(self, solver: Any, interpolant: Any, t_ref: float) -> int | None:
        """Log the zeros in the step; return the event that ends it, with the time in ``self.t``."""
        from scipy.optimize import brentq

        if not self.system.event_dim:
            return None
        before, after = self._gates, self._gate_values(solver.t, solver.y, t_ref)
        found = []
        for e, direction in enumerate(self.system.event_directions):
            rising, falling = before[e] < 0 <= after[e], before[e] > 0 >= after[e]
            if (rising and direction >= 0) or (falling and direction <= 0):

                def gate(t: float, e: int = e) -> float:
                    return float(self._gate_values(t, interpolant(t), t_ref)[e])

                ends_differ = gate(solver.t_old) * gate(solver.t) < 0
                root = brentq(gate, solver.t_old, solver.t, xtol=1e-14, rtol=1e-14) if ends_differ else solver.t
                found.append((abs(root - solver.t_old), root, e))
        for _, root, e in sorted(found):
            self.logged.append((root, e, interpolant(root)))
            if self.system.event_terminal[e] or self.system.has("reset"):
                self.t = root
                return e
        self._gates = after
        return None

    def _after_event(self, event: int, interpolant: Any, t_ref: float) -> Status | None:
        self.y = interpolant(self.t)
        if self.system.has("reset"):
            u, out = self.inputs.base.copy(), np.empty_like(self.y)
            self.inputs.evaluate(self.t, t_ref, u)
            reset = self.system.function("reset")
            if self.system.host:
                reset.source(event, self.t, self.y, u, self.system.params, out)
            else:
                reset.call_event(event, self.t, self.y, u, self.system.params, out)
            self.y = out
            self._gates = self._gate_values(self.t, self.y, t_ref)
            self._gates[event] = 0.0
        return Status.EVENT if self.system.event_terminal[event] else None

    def _emit(self, solver: Any, interpolant: Any, t_new: float) -> None:
        plan = self.plan
        if plan.dense:
            self.interpolants.append((solver.t_old, t_new, interpolant))
        if plan.t_out is None:
            times = solver.t_old + (t_new - solver.t_old) * np.arange(1, plan.refine + 1) / plan.refine
            times[-1] = t_new
        else:
            last = self._wanted + int(np.sum((t_new - plan.t_out[self._wanted :]) * plan.direction >= 0))
            times = plan.t_out[self._wanted : last]
            self._wanted = last
        if times.size:
            self.times.append(times)
            self.states.append(interpolant(times).T)
            if times[-1] == solver.t:
                self.states[-1][-1] = solver.y

    def points(self) -> tuple[Floats, Floats]:
        """Return times (T,) and states (T, N) handed out so far."""
        if not self.times:
            return np.empty(0), np.empty((0, self.y.size))
        return np.concatenate(self.times), np.concatenate(self.states)

    def dense(self) -> ScipyDense:
        """Return the solution as a function of time."""
        return ScipyDense(self.interpolants, self.plan.direction)

    def events(self, count: int) -> tuple[list[Floats], list[Floats]]:
        """Return times and states of each event."""
        times = [np.array([t for t, k, _ in self.logged if k == e]) for e in range(count)]
        states = [np.array([y for _, k, y in self.logged if k == e]).reshape(-1, self.y.size) for e in range(count)]
        return times, states


class ScipyDense:
    """The solution as a function of time, from SciPy's interpolants of the steps."""

    def __init__(self, pieces: list[tuple[float, float, Any]], direction: float) -> None:
        self._pieces = [piece for _, _, piece in pieces]
        self._ends = np.array([end for _, end, _ in pieces]) * direction
        self._direction = direction

    def __call__(self, t: Any) -> Floats:
        """Return the state at the times t: (N,) for a number, (N, T) for a vector."""
        times = np.atleast_1d(np.asarray(t, dtype=np.float64))
        steps = np.minimum(np.searchsorted(self._ends, times * self._direction), len(self._ends) - 1)
        y = np.stack([self._pieces[k](time) for k, time in zip(steps, times, strict=True)], axis=1)
        return y if np.ndim(t) else y[:, 0]


def _wants_start(plan: Plan) -> bool:
    return plan.t_out is None or bool(plan.t_out.size and plan.t_out[0] == plan.t0)
