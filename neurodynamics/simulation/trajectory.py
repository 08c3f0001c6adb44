"""Simulate one trajectory of a system."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import check_signature
from neurodynamics.delays import DelayedSystem
from neurodynamics.inputs import Inputs, key_from
from neurodynamics.lazily import cached_property
from neurodynamics.methods import ON_GRID, choose_order, order_for, protocol as P
from neurodynamics.notices import warn
from neurodynamics.progress import watcher
from neurodynamics.schemes import METHODS, Method, method_named
from neurodynamics.simulation.delayed_runs import DelayedRun, method_for_delays, with_past
from neurodynamics.simulation.method_choice import (
    check_method_for,
    default_method,
    implicit,
    program_of,
    step_of,
    watched_for_stiffness,
)
from neurodynamics.simulation.runs import Plan, Run, grid
from neurodynamics.simulation.solution import End, Solution
from neurodynamics.status import Interrupted, Status
from neurodynamics.systems import DynamicalSystem, started_in
from neurodynamics.validation import Floats, as_choice, as_count, as_floats, as_generator, as_number, as_vector, require_room

RTOL, ATOL = 1e-6, 1e-9
LEAST_AREA = 1e-12  # of a pulse whose loss is told
LOOKS = 9  # at event functions along a run, whether they are numbers
POINTS_SEEN = 8192  # of a curve, by default
SMALLEST_RTOL, SMALLEST_OF_SERIES = 1e-14, 1e-15  # of pairs and of Taylor steps: what double precision can still deliver
ONLY_FOR_FLOWS = ("method", "dt", "rtol", "atol", "first_step", "max_step", "dense_output", "t_eval")


def simulate(
    system: DynamicalSystem,
    t_span: Any,
    y0: ArrayLike,
    *,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    t_eval: ArrayLike | None = None,
    save: str | int = "all",
    rtol: float | None = None,
    atol: ArrayLike | None = None,
    first_step: float | None = None,
    max_step: float | None = None,
    dense_output: bool = False,
    events: Any = None,
    rng: np.random.Generator | int | None = None,
    max_steps: int | None = None,
    timeout: float | None = None,
    callback: Callable[[float, Floats], Any] | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
    debug: bool = False,
) -> Solution:
    """Integrate a flow, or iterate a map, from one initial state.

    Parameters
    ----------
    system : DynamicalSystem
        A network, or a system of your own.
    t_span : (float, float)
        Start and end; the end may lie before the start. A number T is short for (0, T). For a map: numbers of
        iterations.
    y0 : array_like, shape (N,)
        State at the start. Of a system with delays also its past: a vector is a constant one; otherwise a function
        ``t -> (N,)``, or a `Solution` to go on from.
    inputs : optional
        None (zero), M numbers, signals such as ``[Pulse(t0=50, width=0.1, amplitude=3), 0.0]``, a `Sampled` with M rows,
        or a Python function ``t -> (M,)`` (runs uncompiled).
    method : str, optional
        Compiled: "taylor", "dopri5", "dop853", for stiff problems "rodas4" (adaptive); "euler", "exponential_euler",
        "heun", "midpoint", "rk4", "euler_maruyama", "stochastic_heun" (constant dt). SciPy's: "RK23", "RK45", "DOP853",
        "Radau", "BDF", "LSODA".
        By default the fastest that fits; the result says which, and why.
    dt : float
        Step of the methods of constant step, in the units of the time constants.
    t_eval : array_like, optional
        Times to return, sorted in the direction of integration. By default each step, for adaptive methods with
        interpolated points between them so that pictures are smooth.
    save : {"all", "final"} or int
        What to keep without ``t_eval``: everything, the last state (at the end, or where an event or a limit ended the
        run), or (constant dt, maps) every so many steps.
    rtol, atol : float, or atol (N,)
        Relative and absolute tolerance of the adaptive methods; 1e-6 and 1e-9 by default.
    first_step, max_step : float, optional
        Limits for the adaptive methods.
    dense_output : bool
        Whether ``solution.sol(t)`` shall give the state at any time (adaptive methods).
    events : optional
        Functions ``g(t, y) -> float`` whose zeros are wanted, with SciPy's attributes ``terminal`` and ``direction``; see
        :meth:`DynamicalSystem.with_events`.
    rng : optional
        Seed or generator for the noise of stochastic methods.
    max_steps, timeout : optional
        Budgets: accepted steps, and seconds. When one is used up, the result holds what is there and says so.
    callback : callable ``(t, y)``, optional
        Called about fifty times a second.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the partial solution as ``.result``, or returns it.
    debug : bool
        Whether to raise what functions of the system raise on purpose; otherwise such a run ends with a status. (Indices
        outside the arrays are always found, and raised.)

    Returns
    -------
    Solution

    Raises
    ------
    ValueError, TypeError
        Before anything is computed, naming the argument, the entry and the remedy.

    Examples
    --------
    >>> from ctrnn import CTRNN, simulate
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> sol = simulate(net, (0, 250), y0=[0, 0])
    >>> sol.success
    True
    """
    if not isinstance(system, DynamicalSystem):
        remedy = " Its `as_system()` is one." if hasattr(system, "as_system") else ""
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.{remedy}")
    if events is not None:
        system = system.with_events(events)
    drive = Inputs(inputs, system.input_dim)
    limits = Limits.of(max_steps, timeout, callback, progress, on_interrupt)
    rng = None if rng is None else as_generator(rng)
    given = {"method": method, "dt": dt, "rtol": rtol, "atol": atol, "first_step": first_step, "max_step": max_step,
             "t_eval": t_eval}  # fmt: skip
    if isinstance(system, DelayedSystem):
        return _checked(_with_delays(system, t_span, y0, drive, given, save, dense_output, limits), debug)
    state = started_in(system.domain, system.check_state(y0, "y0"), "y0")
    if system.kind == "map":
        refuse_for_maps(given | {"dense_output": dense_output or None})
        return _checked(_run(system, plan_map(t_span, save), "the system is a map", state, drive, limits), debug)
    plan, reason = plan_flow(system, t_span, drive, given, save, dense_output, rng)
    if method is None:
        plan = watched_for_stiffness(plan)
    return _checked(_run(system, plan, reason, state, drive, limits), debug)


def _with_delays(
    system: DelayedSystem, t_span: Any, y0: Any, drive: Inputs, given: dict[str, Any], save: Any, dense: bool, limits: Limits
) -> Solution:
    """Return the solution of a system with delays, from its history y0."""
    method, reason = method_for_delays(given["method"], given["rtol"])
    plan, _ = plan_flow(system.opened, t_span, drive, given | {"method": method}, save, dense, None)
    plan, past = with_past(system, plan, y0, drive)
    limits.planned()
    return _followed(system, plan, reason, DelayedRun(system, plan, past, drive, dense=dense), "compiled", drive, limits)


def _checked(solution: Solution, debug: bool) -> Solution:
    """Return the solution, or raise where a user's function left its arrays."""
    for part in (solution.system, solution.inputs):
        if part is not None:
            part.raise_failures(as_they_were=bool(debug))
    _warn_of_undefined_events(solution)
    return solution


def _warn_of_undefined_events(solution: Solution) -> None:
    """Say where event functions are no numbers, or raise: no zeros are found there; looked at in a few states of the run."""
    system, drive = solution.system, solution.inputs
    if system is None or not system.has("events"):
        return
    u = np.zeros(getattr(system, "opened", system).input_dim)
    values, events = np.empty(system.event_dim), system.function("events")
    for k in np.unique(np.linspace(0, solution.t.size - 1, min(LOOKS, solution.t.size)).astype(int)):
        if drive is not None:
            drive.evaluate(float(solution.t[k]), float(solution.t[k]), u)
        (events.source if system.host else events)(solution.t[k], solution.y[:, k].copy(), u, system.params, values)
        off = np.flatnonzero(~np.isfinite(values))
        if off.size and np.isfinite(solution.y[:, k]).all():
            warn(f"events[{off[0]}] is {values[off[0]]:g}, or raises, at t = {solution.t[k]:g}: no zeros are found where it "
                 "is. Let it be a number wherever trajectories go.", stacklevel=4)  # fmt: skip
            return


@dataclasses.dataclass(frozen=True)
class Limits:
    """Budgets and watchers of a long call."""

    max_steps: int | None
    timeout: float | None
    callback: Callable | None
    progress: bool
    on_interrupt: str

    @classmethod
    def of(cls, max_steps: Any, timeout: Any, callback: Any, progress: Any, on_interrupt: Any) -> Limits:
        """Check what the user gave."""
        if max_steps is not None:
            max_steps = min(as_count(max_steps, "max_steps", minimum=1), 2**62)
        if timeout is not None:
            timeout = as_number(timeout, "timeout", positive=True)
        if callback is not None:
            check_signature(callback, "callback", ("t", "y"))
        on_interrupt = as_choice(on_interrupt, "on_interrupt", ["raise", "return"])
        return cls(max_steps, timeout, callback, bool(progress), on_interrupt)

    begun: float = dataclasses.field(default_factory=time.perf_counter)

    def planned(self) -> None:
        """Say that only compiling, which does not count, lies between this and the first look at the deadline."""
        self.__dict__["spent"] = time.perf_counter() - self.begun

    @cached_property
    def deadline(self) -> float | None:
        """The time on the performance counter at which to give up: one for the call, without what it compiles."""
        spent = self.__dict__.get("spent", 0.0)
        return None if self.timeout is None else time.perf_counter() + max(self.timeout - spent, 0.0)

    def after(self, steps: int) -> Limits:
        """Return what is left when so many steps were taken."""
        left = None if self.max_steps is None else max(self.max_steps - steps, 0)
        rest = dataclasses.replace(self, max_steps=left)
        rest.__dict__["deadline"] = self.deadline
        return rest


def refuse_for_maps(given: dict[str, Any]) -> None:
    """Raise where an argument that has no meaning for maps was given."""
    for name in ONLY_FOR_FLOWS:
        if given.get(name) is not None:
            raise ValueError(f"`{name}` has no meaning for a map, which is iterated step by step; leave it out.")


def time_span(t_span: Any) -> tuple[float, float]:
    """Return start and end."""
    if type(t_span) is tuple and len(t_span) == 2:
        start, end = as_number(t_span[0], "t_span[0]"), as_number(t_span[1], "t_span[1]")
    elif isinstance(t_span, (list, tuple)) or getattr(t_span, "ndim", None):
        values = as_floats(t_span, "t_span")
        if values.shape != (2,):
            raise ValueError(f"`t_span` must be (start, end) or the duration; got {t_span!r}.")
        start, end = map(float, values)
    else:
        start, end = 0.0, as_number(t_span, "t_span")
    if not math.isfinite(end - start):
        raise ValueError(f"`t_span` = ({start:g}, {end:g}) is longer than the largest number.")
    return start, end


def plan_flow(
    system: DynamicalSystem,
    t_span: Any,
    inputs: Inputs,
    given: dict[str, Any],
    save: str | int,
    dense: bool,
    rng: Any,
) -> tuple[Plan, str]:
    """Check the arguments of an integration and return its plan, with the reason for the method."""
    t0, t_end = time_span(t_span)
    rtol = RTOL if given["rtol"] is None else as_number(given["rtol"], "rtol", minimum=0.0)
    if given["method"] is None:
        method, reason = default_method(system, inputs, abs(t_end - t0), rtol, given["dt"])
    else:
        method, reason = method_named(given["method"]), "it was asked for"
    check_method_for(method, system, inputs)
    dt = step_of(method, given, system, (t0, t_end))
    _check_pieces(method, inputs, t0, dt)
    if not method.constant_step and given["t_eval"] is None:
        method = _as_fine_as_seen(method, inputs)
    atol = np.full(system.state_dim, ATOL)
    if given["atol"] is not None:
        atol = as_vector(given["atol"], "atol", system.state_dim, "state_dim")
        if (atol < 0).any():
            raise ValueError(f"`atol` must not be negative; got {atol.min():g}.")
    smallest = SMALLEST_OF_SERIES if method.family == "taylor" else SMALLEST_RTOL
    if not method.constant_step and rtol < smallest:
        if not (atol > 0).all():
            raise ValueError(f"`rtol` must be at least {smallest:g} where atol is 0; got {rtol:g}.")
        rtol = smallest
    if dense and method.constant_step:
        raise ValueError(f"`dense_output` needs an adaptive method; {method.name!r} has none. Use t_eval.")
    plan = Plan(
        method=method,
        t0=t0,
        t_end=t_end,
        t_out=_output_times(given["t_eval"], save, method, t0, t_end, dt),
        dt=dt,
        rtol=rtol,
        atol=atol,
        first_step=0.0 if given["first_step"] is None else as_number(given["first_step"], "first_step", positive=True),
        max_step=np.inf if given["max_step"] is None else as_number(given["max_step"], "max_step", positive=True),
        dense=bool(dense),
        last_only=isinstance(save, str) and save == "final",
        asked=given["t_eval"] is not None,
        **(_taylor(system, max(rtol, SMALLEST_OF_SERIES)) if method.family == "taylor" else {}),
        key=key_from(rng) if method.noisy else 0,
    )
    return plan, reason


def _taylor(system: DynamicalSystem, rtol: float) -> dict[str, Any]:
    """Return the order of Taylor steps, and the operations of a right-hand side that is no network."""
    program = program_of(system)
    if program is None:
        return {"order": choose_order(rtol, system.state_dim)}
    return {"order": order_for(rtol, len(program.operations), program.products), "program": program}


def _check_pieces(method: Method, inputs: Inputs, t0: float, dt: float) -> None:
    """Raise where a pulse begins and ends at what counts as one point of the grid of steps, and would be lost."""
    if not method.constant_step:
        return
    for start, end, height in inputs.pulses():
        if abs(height) * (end - start) <= LEAST_AREA:
            continue
        places = (np.array([start, end]) - t0) / dt
        on_grid = (np.abs(places - np.round(places)) <= ON_GRID).all()
        if on_grid and np.round(places[0]) == np.round(places[1]):
            raise ValueError(
                f"`inputs` hold a pulse at t = {start:g} of the width {end - start:g}, which steps of dt = {dt:g} do not "
                "see; use an adaptive method."
            )


def _as_fine_as_seen(method: Method, inputs: Inputs) -> Method:
    """Return the method with fewer points a step where the input has so many pieces that their ends draw the curve."""
    points = -(-POINTS_SEEN // max(inputs.breakpoints.size, 1))
    return method if points >= method.refine else dataclasses.replace(method, refine=points)


def plan_map(t_span: Any, save: str | int) -> Plan:
    """Check the arguments of an iteration and return its plan."""
    t0, t_end = time_span(t_span)
    if t0 % 1 or t_end % 1 or t_end < t0:
        raise ValueError(f"`t_span` of a map must be numbers of iterations, start <= end; got ({t0:g}, {t_end:g}).")
    if isinstance(save, str):
        as_choice(save, "save", ["all", "final"])
    stride = as_count(1 if isinstance(save, str) else save, "save", minimum=1)
    times = np.array([t_end]) if save == "final" else grid_times(t0, t_end, 1.0, stride)
    return Plan(METHODS["map"], t0, t_end, times, dt=1.0, last_only=isinstance(save, str) and save == "final")


def _output_times(t_eval: Any, save: Any, method: Method, t0: float, t_end: float, dt: float) -> Floats | None:
    if not isinstance(save, str):
        save = as_count(save, "save", minimum=1)
    if t_eval is not None:
        if save != "all":
            raise ValueError("`save` and `t_eval` exclude each other; leave one out.")
        return _check_t_eval(t_eval, t0, t_end, method, dt)
    if save == "final":
        return np.array([t_end])
    if save != "all":
        if isinstance(save, str):
            as_choice(save, "save", ["all", "final"])
        if not method.constant_step:
            raise ValueError("`save` as a stride needs a method of constant step; use t_eval with an adaptive one.")
        return grid_times(t0, t_end, dt, save)
    return grid_times(t0, t_end, dt, 1) if method.constant_step else None


def grid_times(t0: float, t_end: float, dt: float, stride: int) -> Floats:
    """Return the ends of every ``stride``-th step, and the end."""
    steps, _ = grid(t0, t_end, dt)
    if stride > steps:
        return np.array([t0, t_end]) if steps else np.array([t0])
    require_room(steps / stride, "dt` of this `t_span")
    times = t0 + np.arange(0, steps + 1, stride) * np.copysign(dt, t_end - t0)
    if steps % stride:
        return np.append(times, t_end)
    times[-1] = t_end if steps else t0
    return times


def _check_t_eval(t_eval: Any, t0: float, t_end: float, method: Method, dt: float) -> Floats:
    times = as_floats(t_eval, "t_eval")
    if times.ndim != 1:
        raise ValueError(f"`t_eval` must be a vector; got shape {times.shape}.")
    if not times.size:
        return times
    if t0 <= times[0] and times[-1] <= t_end and (times[1:] > times[:-1]).all() and not method.noisy:
        return times  # the usual case, in a fifth of the time
    direction = 1.0 if t_end >= t0 else -1.0
    outside = ((times - t0) * direction < 0) | ((times - t_end) * direction > 0)
    if outside.any():
        k = int(np.argmax(outside))
        near = abs(times[k] - t_end) <= 1e-12 * max(abs(t_end), abs(t0)) or abs(times[k] - t0) <= 1e-12 * abs(t0)
        if not near:
            raise ValueError(f"`t_eval[{k}]` = {times[k]:g} lies outside t_span = ({t0:g}, {t_end:g}).")
        times = np.clip(times, min(t0, t_end), max(t0, t_end))
    unsorted = np.diff(times) * direction <= 0
    if unsorted.any():
        k = int(np.argmax(unsorted)) + 1
        raise ValueError(
            f"`t_eval` must be sorted in the direction of integration; t_eval[{k}] = {times[k]:g} follows {times[k - 1]:g}."
        )
    if method.noisy:
        position = (times - t0) / dt
        off = np.abs(position - np.round(position)) > 1e-6
        if (off & (times != t_end)).any():
            k = int(np.argmax(off & (times != t_end)))
            raise ValueError(f"`t_eval[{k}]` = {times[k]:g} is not a multiple of dt; noise is not interpolated.")
    return times


def _run(system: Any, plan: Plan, reason: str, state: Floats, inputs: Inputs, limits: Limits) -> Solution:
    run: Any
    limits.planned()
    if plan.method.family == "scipy":
        from neurodynamics.simulation.scipy_solvers import ScipyRun

        run = ScipyRun(system, plan, state, inputs)
        path = "scipy"
    else:
        run = Run(system, plan, state, inputs)
        path = "host" if run.host else "compiled"
    solution = _followed(system, plan, reason, run, path, inputs, limits)
    if solution is None:
        why = f"{plan.method.name} found the problem stiff near t = {run.t:g}"
        return _run(system, implicit(plan, system), why, state, inputs, limits.after(run.steps))
    return solution


def _followed(system: Any, plan: Plan, reason: str, run: Any, path: str, inputs: Inputs, limits: Limits) -> Any:
    """Take a run to its end, and return its record, or None where it looks stiff."""
    status: Any
    try:
        quiet = contextlib.nullcontext() if path == "compiled" else np.errstate(all="ignore")  # the status says it
        with quiet, watcher(limits, plan.t0, plan.t_end) as watch:
            status = run.to_end(limits.max_steps, limits.deadline, watch)
        solution = None if status == P.LOOKS_STIFF else _solution(system, plan, reason, path, run, status, inputs)
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
        solution = _solution(system, plan, reason, path, run, status, inputs)
    if status == Status.INTERRUPTED and limits.on_interrupt == "raise":
        raise Interrupted(solution)
    return solution


def _solution(system: Any, plan: Plan, reason: str, path: str, run: Any, status: Status, inputs: Inputs) -> Solution:
    t, y = run.points()
    last = run.y[: system.state_dim].copy()
    by_event = status in (Status.EVENT, Status.EVENTS_ACCUMULATE)
    ends_between = by_event and not plan.asked and not (t.size and t[-1] == run.t)
    if np.isfinite(last).all() and (ends_between or (plan.last_only and not t.size)):
        t, y = np.append(t, run.t), np.vstack([y, last])
    if not np.isfinite(y).all():
        status = Status.NON_FINITE if status >= 0 else status
        good = int(np.argmin(np.isfinite(y).all(axis=1)))
        t, y = t[:good], y[:good]
    y, last = system.set_back(y), system.set_back(last[np.newaxis])[0]
    t_events, y_events = run.events(system.event_dim)
    y_events = [system.set_back(states) for states in y_events]
    message = status.message + (f" {run.message}" if getattr(run, "message", "") else "")
    count = getattr(run, "count", None)
    options: dict[str, Any] = {"rtol": plan.rtol, "atol": plan.atol.tolist()} if plan.atol is not None else {}
    if plan.method.constant_step:
        options = {"dt": plan.dt}
    if isinstance(system, DelayedSystem):
        options["jumps"] = run.recent_jumps()
    if plan.method.noisy:
        options["key"] = int(plan.key)
    return Solution(
        t=t, y=y.T, status=status, message=message, method=plan.method.name, reason=reason, path=path,
        t_events=t_events, y_events=y_events, sol=run.dense(system.domain) if plan.dense else None,
        nfev=run.nfev if count is None else int(count[P.EVALUATIONS]),
        steps=run.steps, rejected=0 if count is None else int(count[P.REJECTED]),
        system=system, inputs=inputs, options=options, end=End(run.t, last) if by_event or not t.size else None,
    )  # fmt: skip
