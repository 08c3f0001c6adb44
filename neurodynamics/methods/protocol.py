"""What all drivers share: where a run is, what it counts, and how it hands out results.

The first act of a driver is to turn its frame (:mod:`neurodynamics.methods.frame`) into two records of pointers and
lengths, which all the kernels below it are passed: the :class:`Problem` and the :class:`Trajectory` in the making.
Their parts are taken by name, one at a time: numba (0.68) drops the last write through names that are unpacked from a
tuple all at once.

What only some runs need is compiled for those, and called by its address: inputs that vary, and events.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from neurodynamics.compiling import call, call_address, copy_to, doubles, integers, kernel, row
from neurodynamics.inputs import evaluate_inputs
from neurodynamics.methods import frame as F
from neurodynamics.methods.frame import reals

# functions
RHS, DIFFUSION, EVENTS, RESET, OUTPUTS, RATES, INPUTS, LOCATE, RESTART, ORDERS, SLOPE, JAC = range(12)
FUNCTIONS_SIZE = 12
ACTIVATION = OUTPUTS  # Taylor steps never call outputs, so the same place holds the activation, which they need

# clock
T, H, ERROR_OLD, T_EVENT, BOLDNESS, T_BEGIN, T_RESET, GAP, FIRST_GAP, CAME = range(10)
CLOCK_SIZE = 10

# count
STARTED, STEPS, REJECTED, EVALUATIONS, SEGMENT, OUT, LOGGED, KEPT = range(8)
STIFF, NOT_STIFF, FRESH, AFTER_REJECTION, EVENT, MEMBER, BURST, SHRINKING, PARTLY = range(8, 17)
COUNT_SIZE = 17

# what advance returns
DONE = 0
STOPPED_BY_EVENT = 1
BUDGET_USED = 10
OUTPUT_FULL = 11
LOOKS_STIFF = 12
MAX_STEPS = -2
NON_FINITE = -4
STEP_TOO_SMALL = -5
ACCUMULATED = -7


class Drive(NamedTuple):
    """The inputs of a run (:mod:`neurodynamics.inputs`); `u` holds their values."""

    base: Any
    m: int
    terms: Any
    n_terms: int
    data: Any
    u: Any
    varying: bool


class Problem(NamedTuple):
    """The right-hand side of one member: functions by their places, inputs, and parameters."""

    functions: Any
    drive: Drive
    params: Any
    p: int
    n: int
    width: int


class Output(NamedTuple):
    """Where the states at the wanted times go, or of every step, `refine` points each."""

    times: Any
    states: Any
    room: int
    refine: int


class Pieces(NamedTuple):
    """Where the interpolants of the steps are kept; without room, they are not."""

    times: Any
    rows: Any
    room: int


class Events(NamedTuple):
    """The event functions: their values before and after a step, and the log of their zeros."""

    count: int  # type: ignore[assignment]
    room: int
    times: Any
    numbers: Any
    states: Any
    before: Any
    after: Any
    roots: Any
    samples: Any
    directions: Any
    terminal: Any


class Trajectory(NamedTuple):
    """A trajectory in the making: where it is, what was counted, and where its results go."""

    frame: Any
    clock: Any
    count: Any
    output: Output
    pieces: Pieces
    events: Events


@kernel
def held(u, m):
    """Return inputs that stay as they are in u."""
    return Drive(u, m, u, 0, u, u, False)


@kernel
def problem_of(frame, like):
    """Return the problem of a frame; `like` says of which precision its states are."""
    base, m, u = reals(frame, F.BASE, like), frame[F.M], reals(frame, F.U, like)
    for channel in range(m):
        u[channel] = base[channel]
    drive = Drive(base, m, doubles(frame, F.TERMS), frame[F.N_TERMS], doubles(frame, F.DATA), u, frame[F.VARYING] != 0)
    return Problem(integers(frame, F.FUNCTIONS), drive, reals(frame, F.PARAMS, like), frame[F.P], frame[F.N], frame[F.WIDTH])


@kernel
def trajectory_of(frame, like):
    """Return where the results of a frame go."""
    whole = integers(frame, F.WHOLE)
    output = Output(doubles(frame, F.T_OUT), reals(frame, F.Y_OUT, like), frame[F.ROOM], whole[F.REFINE])
    pieces = Pieces(doubles(frame, F.KEPT_TIMES), reals(frame, F.KEPT_ROWS, like), frame[F.KEPT_ROOM])
    events = Events(frame[F.EVENTS], frame[F.LOG_ROOM], doubles(frame, F.LOG_TIMES), integers(frame, F.LOG_NUMBERS),
                    reals(frame, F.LOG_STATES, like), reals(frame, F.BEFORE, like), reals(frame, F.AFTER, like),
                    reals(frame, F.ROOTS, like), reals(frame, F.SAMPLES, like), integers(frame, F.DIRECTIONS),
                    integers(frame, F.TERMINAL))  # fmt: skip
    return Trajectory(frame, doubles(frame, F.CLOCK), integers(frame, F.COUNT), output, pieces, events)


@kernel
def drive_values(base, m, terms, n_terms, data, t, t_ref, u):
    """Evaluate the inputs; drivers call this by its address."""
    evaluate_inputs(base, m, terms, n_terms, data, t, t_ref, u)
    return 0


@kernel
def evaluate_drive(problem, t, t_ref):
    """Put the inputs at time t, on the piece that holds t_ref, where the functions find them."""
    drive = problem.drive
    if drive.varying:
        call_address(problem.functions[INPUTS],
                     (drive.base, drive.m, drive.terms, drive.n_terms, drive.data, t, t_ref, drive.u))  # fmt: skip


@kernel
def slope(problem, t, t_ref, y, out):
    """out = f(t, y), with the inputs of the piece that holds t_ref."""
    evaluate_drive(problem, t, t_ref)
    n, drive = problem.n, problem.drive
    call(problem.functions[RHS], t, y, n, drive.u, drive.m, problem.params, problem.p, out, n)


@kernel
def event_values(problem, events, t, t_ref, y, out):
    """out = the event functions."""
    if events.count > 0:
        evaluate_drive(problem, t, t_ref)
        n, drive = problem.n, problem.drive
        call(problem.functions[EVENTS], t, y, n, drive.u, drive.m, problem.params, problem.p, out, events.count)


@kernel(inline=True)
def put(t, y, n, trajectory):
    """Append a point to the output."""
    count, output = trajectory.count, trajectory.output
    k = count[OUT]
    output.times[k] = t
    copy_to(y, n, row(output.states, k, n))
    count[OUT] = k + 1


@kernel
def crossed(before, after, direction):
    """Whether an event function went through zero in the wanted direction; leaving zero does not count."""
    rising = before < 0.0 and after >= 0.0
    falling = before > 0.0 and after <= 0.0
    return (rising and direction >= 0) or (falling and direction <= 0)


@kernel
def log_event(t, event, y, n, trajectory):
    """Append an event to the log."""
    count, events = trajectory.count, trajectory.events
    k = count[LOGGED]
    events.times[k] = t
    events.numbers[k] = event
    copy_to(y, n, row(events.states, k, n))
    count[LOGGED] = k + 1
