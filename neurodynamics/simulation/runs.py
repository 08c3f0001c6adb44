"""One run of a compiled integrator: its memory, and the loop that takes it to the end in short calls.

Kernels cannot be interrupted, so a run advances in chunks of about 20 ms; between two of them Ctrl-C, time limits, and
callbacks are served, and full buffers are emptied.
"""

from __future__ import annotations

import ctypes
import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba.core import types

from neurodynamics.compiling import (
    ADVANCE,
    DOUBLES,
    INTEGERS,
    SINGLES,
    address_of,
    addresses,
    aligned_zeros,
    host_version,
    over_rows,
    padded,
    place,
    pointer_kernel,
)
from neurodynamics.inputs import Inputs
from neurodynamics.lazily import cached_property
from neurodynamics.methods import (
    adaptive as _adaptive,
    events,
    fixed as _fixed,
    frame as F,
    maps as _maps,
    protocol as P,
    rosenbrock as _rosenbrock,
    taylor as _taylor,
    taylor_rows,
    taylor_series,
    traced_series,
)
from neurodynamics.schemes import EULER, Method
from neurodynamics.simulation.sliding import slide_watch
from neurodynamics.simulation.solution import DenseOutput
from neurodynamics.status import Status
from neurodynamics.tracing import Program
from neurodynamics.validation import MEMORY, Floats

CHUNK_SECONDS = 0.02
FIRST_BUDGET = 1000  # steps of a small network before the time that they take is known ..
FIRST_WORK = 2**24  # .. and of a large one so many that its matrix-vector products take no longer
STAGES = 5  # evaluations in a step, about
HANDED_OUT = 2.0  # times as long as to keep points while the run goes on: their record
SLOW_STEP = 0.03  # seconds of a step that is not waited for on Ctrl-C
FASTER = 32.0  # how much more to do at once than in a chunk that was over too soon
MOST_KEPT = int(min(2**30, MEMORY / 8)) // 8  # numbers of all steps that are kept
POINTS = 2048  # room for points whose number is not known before
PIECES = 256  # room for interpolants
EVENTS = 256  # room for events

STATUS = {P.DONE: Status.SUCCESS, P.STOPPED_BY_EVENT: Status.EVENT, P.NON_FINITE: Status.NON_FINITE,
          P.STEP_TOO_SMALL: Status.STEP_TOO_SMALL, P.MAX_STEPS: Status.MAX_STEPS,
          P.ACCUMULATED: Status.EVENTS_ACCUMULATE}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is the same for all members of an ensemble: the method, the times, the tolerances."""

    method: Method
    t0: float
    t_end: float
    t_out: Floats | None  # None: every step, `refine` points each
    dt: float = 0.0
    rtol: float = 0.0
    atol: Any = None  # (N,)
    first_step: float = 0.0
    max_step: float = np.inf
    dense: bool = False
    key: Any = 0  # uint64, for the noise
    detect_stiffness: bool = False
    last_only: bool = False  # the result holds the last state, wherever the run ended
    asked: bool = False  # the times were, and no other is returned
    order: int = 0  # of Taylor steps
    program: Program | None = None  # whose Taylor coefficients are known

    @property
    def degree(self) -> int:
        """Degree of the interpolant in the fraction of a step."""
        return self.order if self.method.tableau is None else self.method.tableau.dense.shape[1]  # type: ignore[union-attr]

    @property
    def direction(self) -> float:
        """+1 forwards, -1 backwards in time."""
        return 1.0 if self.t_end >= self.t0 else -1.0

    def inside(self, breakpoints: Floats) -> Floats:
        """Return the breakpoints strictly inside the span."""
        low, high = sorted((self.t0, self.t_end))
        return breakpoints[(breakpoints > low) & (breakpoints < high)] if breakpoints.size else breakpoints

    @property
    def refine(self) -> int:
        """Points handed out at each step, 0 where the wanted times are given."""
        return self.method.refine if self.t_out is None else 0


def grid(t0: float, t_end: float, dt: float) -> tuple[int, float]:
    """Return the number of steps of length dt from t0 to t_end and the length of the last one."""
    span = abs(t_end - t0)
    steps = int(np.ceil(span / dt - _fixed.ON_GRID)) if span > 0 else 0
    last = span - (steps - 1) * dt
    step = dt if abs(last - dt) <= _fixed.ON_GRID * dt else last
    return steps, float(np.copysign(step, t_end - t0))


class Helper(NamedTuple):
    """A kernel that only some runs need, which drivers call by its address."""

    kernel: Any
    signature: Any

    @property
    def address(self) -> int:
        """Where it is; compiles."""
        return _helper_address(self.kernel, self.signature)


@functools.cache
def _helper_address(kernel: Any, signature: Any) -> int:
    return address_of(kernel, signature)


def _inputs_helper(reals: Any) -> Helper:
    real, whole = types.float64, types.int64
    return Helper(P.drive_values, whole(reals, whole, DOUBLES, whole, DOUBLES, real, real, reals))


_LOCATE = types.int64(INTEGERS, *[types.float64] * 4, DOUBLES, DOUBLES, DOUBLES, types.int64, DOUBLES)
_IN_STEP = types.int64(INTEGERS, DOUBLES, *[types.float64] * 4)
_RESTART = types.int64(INTEGERS, types.int64, types.float64, types.float64, DOUBLES, DOUBLES)
INPUTS, INPUTS_SINGLE = _inputs_helper(DOUBLES), _inputs_helper(SINGLES)
RESTART = Helper(events.restart, _RESTART)


@dataclass(frozen=True)
class Family:
    """How a family of methods is called.

    Parameters
    ----------
    advance : kernel
        The driver.
    work_rows : callable ``(plan, n) -> int``
    roles : dict
        Which function of the system the driver finds in which slot of the functions.
    breaks : callable ``(plan, breakpoints) -> array``
        What the driver needs to know of the breakpoints of the inputs inside the span.
    locate : Helper, optional
        What looks for events in a step.
    """

    advance: Any
    work_rows: Callable
    roles: Mapping[int, str]
    breaks: Callable
    locate: Helper | None = None

    @cached_property
    def address(self) -> int:
        """Where the compiled driver is."""
        return address_of(self.advance, ADVANCE)

    @cached_property
    def driver(self) -> Callable[[int, int], int]:
        """The compiled driver as a Python function of a frame's address and a budget; it runs without the GIL."""
        return _DRIVER(self.address)


def _off_grid(plan: Plan, breakpoints: Floats) -> Floats:
    """Return the breakpoints at which steps of constant length are split, in the order of travel."""
    position = (breakpoints - plan.t0) / plan.dt
    off = np.abs(position - np.round(position)) > _fixed.ON_GRID
    return np.ascontiguousarray(breakpoints[off][:: int(plan.direction)])


def _edges(plan: Plan, breakpoints: Floats) -> Floats:
    """Return the ends of the pieces of the span, in the order of travel."""
    return np.concatenate([[plan.t0], breakpoints[:: int(plan.direction)], [plan.t_end]])


class Constants(NamedTuple):
    """What is constant over a run, in the order of the slots from NUMBERS to TERMINAL of a frame."""

    numbers: Floats
    whole: Any
    a: Floats
    b: Floats
    c: Floats
    error: Floats
    error_3: Floats
    dense: Floats
    atol: Floats
    directions: Any
    terminal: Any


def constants_of(plan: Plan, system: Any, lanes: int = 1) -> Constants:
    """Return what is constant over a run."""
    method = plan.method
    tableau = method.tableau or EULER
    steps, last_dt = grid(plan.t0, plan.t_end, plan.dt) if method.constant_step else (0, 0.0)
    alpha, beta, gamma = (0.0, 0.0, 0.0) if method.family != "taylor" or plan.program else system.activation.riccati
    error: Any = _NONE
    error_3: Any = _NONE
    dense: Any = _NONE
    degree = 0
    if tableau.error is not None:
        error, dense = tableau.error, tableau.dense
        error_3 = np.zeros_like(error) if tableau.error_3 is None else tableau.error_3
        degree = dense.shape[1]
    atol = _NONE
    if plan.atol is not None:
        atol = np.ones(padded(system.state_dim))  # no division by zero in the padding
        atol[: system.state_dim] = plan.atol
    stiff_above = tableau.stiff_above if plan.detect_stiffness else np.inf
    numbers = np.array([plan.t0, plan.t_end, plan.dt * plan.direction, last_dt, plan.rtol, plan.first_step, plan.max_step,
                        tableau.error_order, stiff_above, alpha, beta, gamma], dtype=np.float64)  # fmt: skip
    key = int(plan.key) - 2**64 if plan.key >= 2**63 else int(plan.key)  # the same bits, signed
    whole = np.array([steps, tableau.stages, len(tableau.a), degree, plan.refine, plan.dense, method.exponential,
                      method.noisy, key, lanes, plan.order, error.size], dtype=np.int64)  # fmt: skip
    a, b, c, error, error_3, dense = map(np.ascontiguousarray, (tableau.a, tableau.b, tableau.c, error, error_3, dense))
    return Constants(numbers, whole, a, b, c, error, error_3, dense, atol, system.event_directions, system.event_terminal)


def _taylor_work_rows(plan: Plan, n: int) -> int:
    if plan.program is None:
        return taylor_series.work_rows(plan.order, n)
    return traced_series.traced_rows(plan.order, n, plan.program)


_NONE = np.empty(0)
_EVENTS = {P.EVENTS: "events", P.RESET: "reset"}
FAMILIES = {
    "fixed": Family(
        _fixed.advance_fixed,
        lambda plan, n: plan.method.tableau.stages + _fixed.EXTRA_ROWS + _fixed.EVENT_ROWS,
        {P.RHS: "rhs", P.DIFFUSION: "diffusion", P.RATES: "rates", **_EVENTS},
        _off_grid,
        Helper(_fixed.locate_in_step, _IN_STEP),
    ),
    "adaptive": Family(
        _adaptive.advance_adaptive,
        lambda plan, n: sum(plan.method.tableau.dense.shape) + _adaptive.EXTRA_ROWS,
        {P.RHS: "rhs", **_EVENTS},
        _edges,
        Helper(events.locate, _LOCATE),
    ),
    "rosenbrock": Family(
        _rosenbrock.advance_rosenbrock,
        _rosenbrock.work_rows,
        {P.RHS: "rhs", P.JAC: "jac", **_EVENTS},
        _edges,
        Helper(events.locate, _LOCATE),
    ),
    "taylor": Family(
        _taylor.advance_taylor,
        _taylor_work_rows,
        {P.ACTIVATION: "activation", **_EVENTS},
        _edges,
        Helper(events.locate, _LOCATE),
    ),
    "map": Family(_maps.advance_map, lambda plan, n: 1, {P.RHS: "rhs"}, lambda plan, breakpoints: _NONE),
}


class Run:
    """One trajectory on its way from t0 to t_end.

    Parameters
    ----------
    system : DynamicalSystem
    plan : Plan
    y0 : array, shape (N,)
    inputs : Inputs
    member : int
        Number of the member in an ensemble; selects its random numbers.
    """

    def __init__(self, system: Any, plan: Plan, y0: Floats, inputs: Inputs, member: int = 0) -> None:
        family = FAMILIES[plan.method.family]
        n, events = system.state_dim, system.event_dim
        self.plan = plan
        self.host = system.host or inputs.callable is not None
        self.clock = np.zeros(P.CLOCK_SIZE)
        self.count = np.zeros(P.COUNT_SIZE, dtype=np.int64)
        self.count[P.MEMBER] = member
        self.y = np.zeros(padded(n))
        self.y[:n] = y0
        work = aligned_zeros((family.work_rows(plan, n), padded(n)))
        points = POINTS if plan.t_out is None else plan.t_out.size
        self._t_out = np.zeros(points) if plan.t_out is None else plan.t_out
        self._y_out = np.zeros((points, n))
        self._kept = Pieces(np.zeros((PIECES, 3)), np.zeros((PIECES, plan.degree + 1, n))) if plan.dense else NO_PIECES
        self._log = event_log(EVENTS + events if events else 0, n, events)
        breaks = family.breaks(plan, plan.inside(inputs.breakpoints))
        drive = Driven(*inputs.table, inputs.base.copy(), not inputs.constant, breaks)
        memory = Memory(system.params, self.clock, self.count, self.y, work, self._t_out, self._y_out, self._kept, self._log)
        functions = functions_of(system, family, self.host, drive.varying, plan)
        self._frame = frame_of(functions, constants_of(plan, system), drive, memory)
        self._advance: Callable[[Any, int], int]
        self._start: Any
        if self.host:
            self._advance, self._start = host_version(family.advance), self._frame
        else:
            self._addresses = addresses(self._frame)
            self._advance, self._start = family.driver, place(self._addresses)
        self._points: list[tuple[Floats, Floats]] = []
        self._pieces: list[tuple[Floats, Floats]] = []
        self._events: list[tuple[Floats, Any, Floats]] = []
        self._may_be_slow = not self.host and may_be_slow(system)
        self._budget = 1 if self.host else first_budget(system)
        self._kept_numbers, self._handing_out = 0, 0.0  # seconds that the record of what is kept will take
        self._watch = slide_watch(system, inputs, plan)
        self.stopped: Callable[[], bool] = lambda: False

    def restart(self, y0: Floats) -> None:
        """Begin again, from another state."""
        member = self.count[P.MEMBER]
        self.clock.fill(0.0)
        self.count.fill(0)
        self.count[P.MEMBER] = member
        self._watch = self._watch and self._watch.again()
        self.y[: y0.size] = y0
        if self._kept_numbers:
            self._kept_numbers, self._handing_out = 0, 0.0
            for kept in (self._points, self._pieces, self._events):
                kept.clear()

    @property
    def t(self) -> float:
        """The time reached."""
        return self.clock.item(P.T) if self.count.item(P.STARTED) else self.plan.t0

    @property
    def steps(self) -> int:
        """Accepted steps so far."""
        return int(self.count[P.STEPS])

    @property
    def tries(self) -> int:
        """Accepted and rejected steps so far."""
        return self.count.item(P.STEPS) + self.count.item(P.REJECTED)

    def advance(self, budget: int, *, apart: bool = False, deadline: float | None = None) -> int:
        """Take at most so many steps, fewer where a buffer was full, which is emptied."""
        code = self._apart(deadline) if apart else self._advance(self._start, budget)
        if code != P.OUTPUT_FULL:
            return code
        self._flush()
        return P.BUDGET_USED

    def _apart(self, deadline: float | None) -> int:
        """Take a step in a thread of its own. At Ctrl-C, and at the deadline, it is cut short and undone."""
        places = (self.clock, self.count, self.y, self._frame[F.FUNCTIONS])
        before, stop, codes = [each.copy() for each in places], np.zeros(1, dtype=np.int64), list[int]()
        try:
            over_rows(lambda rows: codes.append(self._advance(self._start, 1)), 1, 1, stop, deadline,
                      stopped=lambda: withdraw(places[-1]))  # fmt: skip
        finally:
            if stop[0]:
                for memory, content in zip(places, before, strict=True):
                    memory[:] = content
        return P.BUDGET_USED if stop[0] else codes[0]

    def to_end(self, max_steps: int | None, deadline: float | None, watch: Callable | None) -> Status | int:
        """Advance to the end, or to the first limit; return a Status or the code LOOKS_STIFF."""
        slow = False
        while True:
            budget = self._budget if max_steps is None else min(self._budget, max_steps - self.steps)
            if budget <= 0:
                return Status.MAX_STEPS
            before, tries = time.perf_counter(), self.tries
            code = self.advance(budget, apart=slow, deadline=deadline)
            if code != P.BUDGET_USED:
                return STATUS.get(code, code)
            now = time.perf_counter()
            if (deadline is not None and now + self._handing_out > deadline) or self.stopped():
                return Status.TIMEOUT
            if self._kept_numbers > MOST_KEPT:
                return Status.OUT_OF_ROOM
            if self._watch is not None and self._watch.slides(self.t, self.y[: self._y_out.shape[1]], self.steps):
                return Status.SLIDES
            if watch is not None:
                watch(self.t, self.y[: self._y_out.shape[1]])
            taken = self.tries - tries
            slow = self._may_be_slow and now - before > SLOW_STEP * max(taken, 1)
            self._budget = max(1, int(taken * min(FASTER, CHUNK_SECONDS / max(now - before, 1e-6))))

    def _flush(self) -> None:
        """Move what the buffers hold to lists."""
        began = time.perf_counter()
        if self.plan.t_out is None:
            points = int(self.count[P.OUT])
            self._points.append((self._t_out[:points].copy(), self._y_out[:points].copy()))
            self._kept_numbers += points * (1 + self._y_out.shape[1])
            self.count[P.OUT] = 0
        if self.plan.dense:
            self._hand_out_pieces()
        logged = int(self.count[P.LOGGED])
        if logged:
            log = self._log
            self._events.append((log.times[:logged].copy(), log.numbers[:logged].copy(), log.states[:logged].copy()))
            self._kept_numbers += self._events[-1][2].size
            self.count[P.LOGGED] = 0
        self._handing_out += HANDED_OUT * (time.perf_counter() - began)

    def _hand_out_pieces(self) -> None:
        kept = int(self.count[P.KEPT])
        self._pieces.append((self._kept.times[:kept].copy(), self._kept.rows[:kept].copy()))
        self._kept_numbers += self._pieces[-1][1].size
        self.count[P.KEPT] = 0

    def points(self) -> tuple[Floats, Floats]:
        """Return times (T,) and states (T, N) handed out so far."""
        self._flush()
        if self.plan.t_out is None:
            return np.concatenate([t for t, _ in self._points]), np.concatenate([y for _, y in self._points])
        count = int(self.count[P.OUT])
        return self._t_out[:count].copy(), self._y_out[:count]

    def dense(self, domain: Any) -> DenseOutput:
        """Return the interpolants kept so far; after :meth:`points`."""
        times, rows = (np.concatenate(parts) for parts in zip(*self._pieces, strict=True))
        if not len(times):  # no step was taken
            times, rows = np.array([[self.t, 1.0, self.t]]), self.y[np.newaxis, np.newaxis, : rows.shape[2]].copy()
        return DenseOutput(times, rows, domain)

    def events(self, count: int) -> tuple[list[Floats], list[Floats]]:
        """Return times and states of each event; after :meth:`points`."""
        n = self._y_out.shape[1]
        if not self._events:
            return [np.empty(0)] * count, [np.empty((0, n))] * count
        times, numbers, states = (np.concatenate(parts) for parts in zip(*self._events, strict=True))
        return [times[numbers == e] for e in range(count)], [states[numbers == e] for e in range(count)]


def may_be_slow(system: Any) -> bool:
    """Whether the right-hand side is a user's, which may take any time."""
    return system.structure("additive") is None and system.function("rhs").of_user and _nothing_address() != 0


@pointer_kernel
def _nothing(index, t, y, n, u, m, params, p, out, k):
    for i in range(k):
        out[i] = np.nan


@functools.cache
def _nothing_address() -> int:
    return address_of(_nothing)


def withdraw(functions: Any) -> None:
    """Take a user's right-hand side, and its Jacobian, from a run that goes on: what is left of a step takes no time."""
    for role in (P.RHS, P.JAC):
        if functions[role]:
            functions[role] = _nothing_address()


def first_budget(system: Any) -> int:
    """Return how many steps to take before their time is known: one where functions of users may take any time."""
    if may_be_slow(system):
        return 1
    return max(1, min(FIRST_BUDGET, FIRST_WORK // (system.state_dim + 1) ** 2))


def steps_at_once(system: Any, states: Floats) -> int:
    """Return how many steps take about the time of a chunk; that of a user's right-hand side is measured."""
    if not may_be_slow(system) or not len(states):
        return max(1, min(2 * FIRST_BUDGET, FIRST_WORK // (system.state_dim + 1) ** 2))
    rhs, out, u = system.function("rhs"), np.empty(system.state_dim), np.zeros(system.input_dim)
    assert rhs.address, "it is compiled before it is timed"
    begin = time.perf_counter()
    rhs(0.0, np.ascontiguousarray(states[0]), u, system.params, out)
    return max(1, min(2 * FIRST_BUDGET, int(CHUNK_SECONDS / (STAGES * (time.perf_counter() - begin)))))


_DRIVER = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)


class Pieces(NamedTuple):
    """Room for the interpolants of steps."""

    times: Floats
    rows: Floats


class EventLog(NamedTuple):
    """Room for events, and scratch for the values of the event functions."""

    times: Floats
    numbers: Any
    states: Floats
    before: Floats
    after: Floats
    roots: Floats
    samples: Floats


_NO_LOG = EventLog(_NONE, np.zeros(0, dtype=np.int64), np.zeros((0, 1)), _NONE, _NONE, _NONE, _NONE)
NO_PIECES = Pieces(np.zeros((0, 3)), np.zeros((0, 1, 1)))


def event_log(room: int, n: int, events: int) -> EventLog:
    """Return memory for the log of events."""
    if not room:
        return _NO_LOG
    before, after, roots, samples = (np.zeros(k * events) for k in (1, 1, 1, 6))
    return EventLog(np.zeros(room), np.zeros(room, dtype=np.int64), np.zeros((room, n)), before, after, roots, samples)


class Driven(NamedTuple):
    """What drives a run: a table of signals, room for their values, and the breaks at which steps end."""

    base: Floats
    terms: Any
    n_terms: int
    data: Floats
    u: Floats
    varying: bool
    breaks: Floats


class Memory(NamedTuple):
    """The memory of a run; that of an ensemble has a row a member, its frame is the first one's."""

    params: Floats
    clock: Floats
    count: Any
    y: Floats
    work: Floats
    t_out: Floats
    y_out: Floats
    kept: Pieces = NO_PIECES
    log: EventLog = _NO_LOG


def frame_of(functions: Any, constants: Constants, drive: Driven, memory: Memory) -> list[Any]:
    """Return the frame of a run: numbers and arrays, matrices as matrices (see :func:`neurodynamics.methods.addresses`)."""
    params, y, t_out, y_out, kept, log = memory.params, memory.y, memory.t_out, memory.y_out, memory.kept, memory.log
    frame: list[Any] = [None] * F.SIZE
    frame[F.FUNCTIONS], frame[F.NUMBERS : F.BREAKS] = functions, constants
    frame[F.BREAKS], frame[F.N_BREAKS] = drive.breaks, drive.breaks.size
    frame[F.BASE : F.PARAMS] = drive.base, drive.u.size, drive.terms, drive.n_terms, drive.data, drive.u, drive.varying
    frame[F.PARAMS], frame[F.P], frame[F.N], frame[F.WIDTH] = params, params.shape[-1], y_out.shape[-1], y.shape[-1]
    frame[F.CLOCK : F.T_OUT] = memory.clock, memory.count, y, memory.work
    frame[F.T_OUT : F.KEPT_TIMES] = t_out, t_out.size, y_out
    frame[F.KEPT_TIMES : F.LOG_TIMES] = kept.times, kept.rows, len(kept.times)
    frame[F.LOG_TIMES : F.SIZE] = *log, log.times.size, log.before.size
    return frame


def functions_of(system: Any, family: Family, host: bool, varying: bool, plan: Plan | None = None) -> Any:
    """Return what drivers call: addresses, or Python functions for a run that is not compiled; 0 for what is not there."""
    functions: list[Any] = [0] * P.FUNCTIONS_SIZE
    for index, role in family.roles.items():
        if system.has(role) or role == "jac":  # which is made from differences where there is none
            functions[index] = _python(system, role) if host else system.function(role).address
    for index, helper in _helpers(system, family, varying, plan).items():
        functions[index] = host_version(helper.kernel) if host else helper.address
    return functions if host else np.array(functions, dtype=np.int64)


def _helpers(system: Any, family: Family, varying: bool, plan: Plan | None) -> dict[int, Helper]:
    """Return what this run needs beside the driver."""
    needed = {P.INPUTS: INPUTS} if varying else {}
    if system.event_dim and family.locate is not None:
        needed[P.LOCATE] = family.locate
        if system.has("reset"):
            needed[P.RESTART] = RESTART
    if P.ACTIVATION in family.roles:
        slope, orders = _coefficients(system, plan, varying)
        needed[P.ORDERS] = Helper(orders, taylor_rows.ORDERS_SIGNATURE)
        needed[P.SLOPE] = Helper(slope, taylor_rows.SLOPE_SIGNATURE)
    return needed


def _coefficients(system: Any, plan: Plan | None, varying: bool) -> tuple[Any, Any]:
    """Return the kernels of the slope and of the Taylor coefficients of a right-hand side."""
    if plan is not None and plan.program is not None:
        program = plan.program
        return traced_series.slope_of(program), traced_series.orders_of(program, plan.order, varying)
    return taylor_series.additive_slope, taylor_series.orders_for(system.state_dim, varying)


def _python(system: Any, role: str) -> Callable:
    function = system.function(role)
    if system.host:
        return function.source
    return function.call_event if role == "reset" else function
