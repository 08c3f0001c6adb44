"""What all drivers share: where a run is, what it counts, and how it hands out results.

The first act of a driver is to turn its frame (:mod:`neurodynamics.methods.frame`) into two tuples of pointers and
lengths, which all the kernels below it are passed: ``problem`` (:func:`problem_of`) and ``book`` (:func:`book_of`).
"""

from __future__ import annotations

from neurodynamics.compiling import call, call_reset, copy_to, kernel, row
from neurodynamics.inputs import evaluate_inputs
from neurodynamics.methods import frame as F
from neurodynamics.methods.frame import doubles, integers, reals

RHS, DIFFUSION, EVENTS, RESET, OUTPUTS, RATES = range(6)
ACTIVATION = OUTPUTS  # what Taylor steps call instead

# clock
T, H, ERROR_OLD, T_EVENT, BOLDNESS = range(5)
CLOCK_SIZE = 5

# count
STARTED, STEPS, REJECTED, EVALUATIONS, SEGMENT, OUT, LOGGED, KEPT = range(8)
STIFF, NOT_STIFF, FRESH, AFTER_REJECTION, EVENT, MEMBER = range(8, 14)
COUNT_SIZE = 14

# events
LOOKS = 4  # parts of a step at whose ends adaptive methods look for changes of sign
LEAVING = 2.0**-16  # share of a step after which a zero function that starts at zero shows its sign

# what advance returns
DONE = 0
STOPPED_BY_EVENT = 1
BUDGET_USED = 10
OUTPUT_FULL = 11
LOOKS_STIFF = 12
MAX_STEPS = -2
NON_FINITE = -4
STEP_TOO_SMALL = -5


@kernel
def problem_of(frame, like):
    """Return (functions, drive, params, p, n, width), drive = (base, m, terms, number of terms, data, u, varying)."""
    drive = (reals(frame, F.BASE, like), frame[F.M], doubles(frame, F.TERMS), frame[F.N_TERMS], doubles(frame, F.DATA),
             reals(frame, F.U, like), frame[F.VARYING] != 0)  # fmt: skip
    return integers(frame, F.FUNCTIONS), drive, reals(frame, F.PARAMS, like), frame[F.P], frame[F.N], frame[F.WIDTH]


@kernel
def book_of(frame, like):
    """Return (clock, count, t_out, room, y_out, kept_times, kept_rows, kept_room, event log .., event room, events)."""
    return (doubles(frame, F.CLOCK), integers(frame, F.COUNT), doubles(frame, F.T_OUT), frame[F.ROOM],
            reals(frame, F.Y_OUT, like), doubles(frame, F.KEPT_TIMES), reals(frame, F.KEPT_ROWS, like), frame[F.KEPT_ROOM],
            doubles(frame, F.LOG_TIMES), integers(frame, F.LOG_NUMBERS), reals(frame, F.LOG_STATES, like),
            reals(frame, F.BEFORE, like), reals(frame, F.AFTER, like), reals(frame, F.ROOTS, like), frame[F.LOG_ROOM],
            frame[F.EVENTS])  # fmt: skip


@kernel
def slope(problem, t, t_ref, y, out):
    """Out = f(t, y), with the inputs of the piece that holds t_ref."""
    functions, drive, params, p, n, width = problem
    base, m, terms, number, data, u, varying = drive
    if varying:
        evaluate_inputs(base, m, terms, number, data, t, t_ref, u)
    call(functions[RHS], t, y, n, u, m, params, p, out, n)


@kernel
def gates(problem, book, t, t_ref, y, out):
    """Out = the zero functions of the events."""
    functions, drive, params, p, n, width = problem
    base, m, terms, number, data, u, varying = drive
    events = book[15]
    if events > 0:
        if varying:
            evaluate_inputs(base, m, terms, number, data, t, t_ref, u)
        call(functions[EVENTS], t, y, n, u, m, params, p, out, events)


@kernel
def restart(problem, book, event, t, t_ref, y, z):
    """Y = the state after the event; a zero function that the reset left where it was starts from zero."""
    functions, drive, params, p, n, width = problem
    before, after = book[11], book[12]
    gates(problem, book, t, t_ref, y, after)  # leaves the inputs at this time
    call_reset(functions[RESET], event, t, y, n, drive[5], drive[1], params, p, z)
    copy_to(z, n, y)
    gates(problem, book, t, t_ref, y, before)
    if abs(before[event]) <= abs(after[event]):
        before[event] = 0.0


@kernel(inline=True)
def put(t, y, n, book):
    """Append a point to the output."""
    count, t_out, y_out = book[1], book[2], book[4]
    k = count[OUT]
    t_out[k] = t
    copy_to(y, n, row(y_out, k, n))
    count[OUT] = k + 1


@kernel
def crossed(before, after, direction):
    """Whether a zero function went through zero in the wanted direction; leaving zero does not count."""
    rising = before < 0.0 and after >= 0.0
    falling = before > 0.0 and after <= 0.0
    return (rising and direction >= 0) or (falling and direction <= 0)


@kernel
def log_event(t, event, y, n, book):
    """Append an event to the log."""
    count, times, numbers, states = book[1], book[8], book[9], book[10]
    k = count[LOGGED]
    times[k] = t
    numbers[k] = event
    copy_to(y, n, row(states, k, n))
    count[LOGGED] = k + 1
