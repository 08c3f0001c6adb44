"""SciPy's solvers on a system of the contract: the one place that reaches ``scipy.integrate``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.compiling import host_version
from neurodynamics.inputs import Inputs
from neurodynamics.methods import frame as F, output, protocol as P
from neurodynamics.simulation.runs import (
    EVENTS,
    FAMILIES,
    MOST_KEPT,
    STATUS,
    Driven,
    Memory,
    Plan,
    constants_of,
    event_log,
    frame_of,
    functions_of,
)
from neurodynamics.simulation.sliding import slide_watch
from neurodynamics.simulation.solution import require_inside
from neurodynamics.status import Status
from neurodynamics.validation import Floats, as_floats
from neurodynamics.watched import LIGHT, watched

IMPLICIT = ("Radau", "BDF", "LSODA")
SMALLEST_RTOL = 100 * np.finfo(np.float64).eps  # below it the solvers warn and take this
UNKNOWN_STEP = 1e-6  # share of the time span for a first step that cannot be estimated
STALLED = 10  # steps of length zero after which LSODA, which would go on for ever, is stopped


DENSE_COSTS = 12  # numbers a state in an interpolant


class _GaveUp(Exception):
    """LSODA took no step; the text says why."""


def _raise_where_it_would_warn(integrator: Any) -> None:
    """Have LSODA's wrapper raise what it would warn of: the status of the run says it."""
    run = integrator.runner

    def runner(*arguments: Any) -> Any:
        y, t, istate = run(*arguments)
        if istate < 0:
            raise _GaveUp(integrator.messages.get(istate, f"LSODA failed with istate = {istate}."))
        return y, t, istate

    integrator.runner = runner


class _Late(Exception):
    """The time is up, or somebody stopped the run, in the middle of a step."""


class ScipyRun:
    """A run of ``solve_ivp``'s solvers, piece by piece between the breakpoints of the inputs.

    The solver objects are stepped here rather than by ``solve_ivp``, so that limits and Ctrl-C keep what is there.
    """

    def __init__(self, system: Any, plan: Plan, y0: Floats, inputs: Inputs) -> None:
        self.system, self.plan, self.inputs = system, plan, inputs
        self.y = y0.copy()
        self.t = plan.t0
        self.steps = self.nfev = self.kept = 0
        self.times: list[Floats] = [np.array([plan.t0])] if _wants_start(plan) else []
        self.states: list[Floats] = [y0[np.newaxis].copy()] if _wants_start(plan) else []
        self.interpolants: list[Any] = []
        self.logged: list[tuple[float, int, Floats]] = []
        self._wanted = 0 if plan.t_out is None else len(self.times)
        self.message = ""
        self._watch = slide_watch(system, inputs, plan)
        self.too_late: Callable[[], bool] = lambda: False
        self._deadline: float | None = None
        for role in ("rhs", "jac") if plan.method.name in IMPLICIT and not system.host else ("rhs",):
            self._python(role)  # compiled here, and not in the middle of the run
        self._edges = np.concatenate([[plan.t0], plan.inside(self.inputs.breakpoints)[:: int(plan.direction)], [plan.t_end]])
        if system.event_dim:
            self._look_for_events(0.5 * (self._edges[0] + self._edges[1]))

    def to_end(self, max_steps: int | None, deadline: float | None, watch: Callable | None) -> Status:
        """Advance to the end, or to the first limit."""
        self._deadline = deadline
        if deadline is not None:
            stopped, self.too_late = self.too_late, lambda: time.perf_counter() > deadline or stopped()
        with np.errstate(all="ignore"):
            for start, end in zip(self._edges[:-1], self._edges[1:], strict=True):
                while self.t != end:
                    status = self._piece(end, 0.5 * (start + end), max_steps, deadline, watch)
                    if status is not None:
                        return status
        return Status.SUCCESS if np.isfinite(self.y).all() else Status.NON_FINITE

    def _piece(self, end: float, t_ref: float, max_steps: Any, deadline: Any, watch: Any) -> Status | None:
        """Step to the end of the piece or to a reset; return a status where the run ends."""
        self.nfev += 1
        stalled = 0
        solver: Any = None
        try:
            if not (np.isfinite(self.y).all() and np.isfinite(self._fun(t_ref)(self.t, self.y)).all()):
                return Status.NON_FINITE
            solver = self._in_time(lambda: self._solver(self.t, end, t_ref))
            while solver.status == "running":
                if max_steps is not None and self.steps >= max_steps:
                    return Status.MAX_STEPS
                if self.too_late():
                    return Status.TIMEOUT
                if self.kept > MOST_KEPT:
                    return Status.OUT_OF_ROOM
                if self._watch is not None and self._watch.slides(self.t, self.y, self.steps):
                    return Status.SLIDES
                try:
                    message = self._in_time(solver.step)
                except _GaveUp as error:
                    return self._failure(solver, str(error), stalled)
                stalled = stalled + 1 if solver.t == self.t else 0
                if solver.status == "failed" or stalled >= STALLED or not np.isfinite(solver.y).all():
                    return self._failure(solver, message, stalled)
                self.steps += 1
                happened = self._accept(solver, t_ref)
                if watch is not None:
                    watch(self.t, self.y)
                if happened != output.NOTHING:
                    return None if happened == output.RESTART else STATUS[happened]
        except _Late:
            return Status.TIMEOUT
        except ValueError as error:  # SciPy's linear algebra refuses a Jacobian that is not finite
            if "infs or NaNs" not in str(error):
                raise
            return Status.NON_FINITE
        finally:
            self.nfev += 0 if solver is None else solver.nfev
        return None

    def _failure(self, solver: Any, message: str | None, stalled: int) -> Status:
        if not np.isfinite(solver.y).all():
            return Status.NON_FINITE
        if stalled >= STALLED or message == solver.TOO_SMALL_STEP:
            return Status.STEP_TOO_SMALL
        self.message = message or ""
        return Status.SOLVER_FAILED

    def _accept(self, solver: Any, t_ref: float) -> int:
        """Go to the end of the step, or to the event that ends it; return what happened."""
        interpolant: Any = solver.dense_output() if self._looks_inside(solver) else None
        t_new, y_new, happened = solver.t, solver.y.copy(), output.NOTHING
        if self.system.event_dim:
            happened = self._locate(solver, interpolant, t_ref, y_new)
            if happened != output.NOTHING:
                t_new, y_new = float(self._clock[P.T_EVENT]), self._z.copy()
        self.t, self.y = t_new, y_new
        if happened in (output.STOP, output.RESTART) and self.system.has("reset"):
            self.y = y_new.copy()
            restart = self._frame[F.FUNCTIONS][P.RESTART]
            if restart(self._frame, self._count[P.EVENT], self.t, t_ref, self.y, self._z):
                happened = P.ACCUMULATED
        self._emit(solver, interpolant, y_new)
        return happened

    def _looks_inside(self, solver: Any) -> bool:
        """Whether anything inside the step is wanted; for DOP853 and Radau an interpolant is not for free."""
        plan = self.plan
        if plan.dense or plan.refine or self.system.event_dim:
            return True
        t_out: Any = plan.t_out
        ahead = t_out[self._wanted : self._wanted + 1]
        return bool(((solver.t - ahead) * plan.direction > 0).any())

    def _solver(self, t: float, end: float, t_ref: float) -> Any:
        from scipy import integrate

        plan = self.plan
        options: dict[str, Any] = {"rtol": max(plan.rtol, SMALLEST_RTOL), "atol": plan.atol, "max_step": plan.max_step}
        if plan.first_step:
            options["first_step"] = min(plan.first_step, abs(end - t))
        if plan.method.name in IMPLICIT:
            options["jac"] = self._jac(t_ref)
        solver = getattr(integrate, plan.method.name)(self._fun(t_ref), t, self.y, end, **options)
        if not np.isfinite(getattr(solver, "h_abs", 1.0)):  # without a tolerance, SciPy finds none
            solver.h_abs = min(UNKNOWN_STEP * abs(end - t), plan.max_step)
        if plan.method.name == "LSODA":
            _raise_where_it_would_warn(solver._lsoda_solver._integrator)
        return solver

    def _in_time(self, work: Callable[[], Any]) -> Any:
        """Return what work on large matrices returns; it is left behind where the time is up, or at Ctrl-C."""
        if self.plan.method.name not in IMPLICIT or self.y.size**3 < LIGHT:
            return work()
        found: list[Any] = []
        left = None if self._deadline is None else max(self._deadline - time.perf_counter(), 0.0)
        ended = watched(lambda: found.append(work()), np.zeros(1, np.int64), timeout=left)
        if ended is Status.INTERRUPTED:
            raise KeyboardInterrupt
        if not found:
            raise _Late
        return found[0]

    def _python(self, role: str) -> Any:
        """Return a function of the system, compiled here and not in the middle of the run."""
        function = self.system.function(role)
        return function.source if self.system.host else function.address and function

    def _fun(self, t_ref: float) -> Callable:
        inputs, params, f = self.inputs, self.system.params, self._python("rhs")
        u = inputs.base.copy()
        constant = inputs.constant

        def fun(t: float, y: Floats) -> Floats:
            if self.too_late():
                raise _Late
            if not constant:
                inputs.evaluate(t, t_ref, u)
            out = np.empty(y.size)
            f(t, y, u, params, out)
            return out

        return fun

    def _jac(self, t_ref: float) -> Callable | None:
        if self.system.host and not self.system.has("jac"):
            return None
        inputs, params, f = self.inputs, self.system.params, self._python("jac")
        u = inputs.base.copy()

        def jac(t: float, y: Floats) -> Floats:
            if not inputs.constant:
                inputs.evaluate(t, t_ref, u)
            out = np.empty((y.size, y.size))
            f(t, y, u, params, out)
            return out

        return jac

    # Events ----------------------------------------------------------------------------------------------------------

    def _look_for_events(self, t_ref: float) -> None:
        """Make the frame of what finds events: that of a run over Python functions, whose interpolant is SciPy's."""
        system, drive = self.system, self.inputs
        n, events = self.y.size, system.event_dim
        self._clock, self._count, self._z = np.zeros(P.CLOCK_SIZE), np.zeros(P.COUNT_SIZE, dtype=np.int64), np.zeros(n)
        self._log = event_log(EVENTS + events, n, events)
        driven = Driven(*drive.table, drive.base.copy(), not drive.constant, self._edges)
        memory = Memory(system.params, self._clock, self._count, self.y, np.zeros((1, n)), np.zeros(0), np.zeros((0, n)),
                        log=self._log)  # fmt: skip
        functions = functions_of(system, FAMILIES["adaptive"], True, driven.varying)
        self._frame = frame_of(functions, constants_of(self.plan, system), driven, memory)
        self._clock[P.T_BEGIN] = self._clock[P.T_RESET] = self.t
        problem, trajectory = host_version(P.problem_of)(self._frame, None), host_version(P.trajectory_of)(self._frame, None)
        host_version(P.event_values)(problem, trajectory.events, self.t, t_ref, self.y, trajectory.events.before)

    def _locate(self, solver: Any, interpolant: Any, t_ref: float, y_new: Floats) -> int:
        """Log the zeros inside the step in order, up to the first that ends it; return what happened."""
        if self._log.times.size - self._count[P.LOGGED] <= self.system.event_dim:
            self._empty_log()
        start, h = solver.t_old, solver.t - solver.t_old
        multistep = self.plan.method.name in ("BDF", "LSODA")  # whose interpolants do not meet: these do
        first, last = (self.y - interpolant(start), y_new - interpolant(solver.t)) if multistep else (0.0, 0.0)

        def inside(x: float) -> Floats:
            return interpolant(start + x * h) + (1.0 - x) * first + x * last

        locate = self._frame[F.FUNCTIONS][P.LOCATE]
        return int(locate(self._frame, start, h, solver.t, t_ref, self.y, y_new, inside, 1, self._z))

    def _empty_log(self) -> None:
        logged = int(self._count[P.LOGGED])
        log = self._log
        times, numbers = log.times[:logged].tolist(), log.numbers[:logged].tolist()
        self.logged += zip(times, numbers, log.states[:logged].copy(), strict=True)
        self._count[P.LOGGED] = 0

    # Results ---------------------------------------------------------------------------------------------------------

    def _emit(self, solver: Any, interpolant: Any, y_new: Floats) -> None:
        """Hand out points of the step; y_new is the state at its end, before a reset."""
        plan, t_old, t_new = self.plan, solver.t_old, self.t
        if plan.dense:
            self.kept += DENSE_COSTS * y_new.size
            self.interpolants.append((t_old, t_new, interpolant))
        if plan.t_out is None:
            times = t_old + (t_new - t_old) * np.arange(1, plan.refine + 1) / plan.refine
            times[-1] = t_new
        else:
            last = self._wanted + int(np.sum((t_new - plan.t_out[self._wanted :]) * plan.direction >= 0))
            times = plan.t_out[self._wanted : last]
            self._wanted = last
        if times.size:
            self.times.append(times)
            self.states.append(y_new[np.newaxis].copy() if interpolant is None else interpolant(times).T)
            self.kept += times.size * (1 + y_new.size) if plan.t_out is None else 0
            if times[-1] == t_new:
                self.states[-1][-1] = y_new if plan.t_out is None else self.y
        if plan.t_out is None and self.y is not y_new:
            self.times.append(np.array([t_new]))
            self.states.append(self.y[np.newaxis].copy())

    def points(self) -> tuple[Floats, Floats]:
        """Return times (T,) and states (T, N) handed out so far."""
        if not self.times:
            return np.empty(0), np.empty((0, self.y.size))
        return np.concatenate(self.times), np.concatenate(self.states)

    def dense(self, domain: Any) -> ScipyDense:
        """Return the solution as a function of time."""
        y = self.y
        nothing = [(self.plan.t0, self.plan.t0, lambda t: y)]
        return ScipyDense(self.interpolants or nothing, self.plan.direction, domain)

    def events(self, count: int) -> tuple[list[Floats], list[Floats]]:
        """Return times and states of each event."""
        if count:
            self._empty_log()
        times = [np.array([t for t, k, _ in self.logged if k == e]) for e in range(count)]
        states = [np.array([y for _, k, y in self.logged if k == e]).reshape(-1, self.y.size) for e in range(count)]
        return times, states


class ScipyDense:
    """The solution as a function of time, from SciPy's interpolants of the steps."""

    def __init__(self, pieces: list[tuple[float, float, Any]], direction: float, domain: Any = None) -> None:
        self.domain = domain
        self._pieces = [piece for _, _, piece in pieces]
        self._start = pieces[0][0]
        self._ends = np.array([end for _, end, _ in pieces]) * direction
        self._direction = direction

    def __call__(self, t: Any) -> Floats:
        """Return the state at the times t: (N,) for a number, (N, T) for a vector."""
        wanted = as_floats(t, "t")
        times = np.atleast_1d(wanted)
        require_inside(times, self._start, self._ends[-1] * self._direction)
        steps = np.minimum(np.searchsorted(self._ends, times * self._direction), len(self._ends) - 1)
        y = np.array([self._pieces[k](time) for k, time in zip(steps, times, strict=True)])
        y = y.reshape(times.size, np.size(self._pieces[0](self._start)))
        y = y if self.domain is None else self.domain.project(y)
        return y.T if wanted.ndim else y[0]


def _wants_start(plan: Plan) -> bool:
    return plan.t_out is None or bool(plan.t_out.size and plan.t_out[0] == plan.t0)


def state_at_end(f: Callable, span: tuple[float, float], y: Floats, *, rtol: float = 1e-9, atol: float = 1e-12) -> Floats:
    """Return the solution of ``dy/dt = f(t, y)`` at the end of a span of time, also a reversed one, by SciPy's DOP853."""
    from scipy import integrate

    found = integrate.solve_ivp(f, span, y, "DOP853", rtol=rtol, atol=atol)
    if not found.success:
        raise ArithmeticError(f"the equations from t = {span[0]:g} to {span[1]:g} were not solved: {found.message}")
    return found.y[:, -1]
