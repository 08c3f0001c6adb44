"""What all compiled integrators share: the state they keep between calls, and how they hand out results.

An integrator is a kernel

    advance(functions, method, settings, inputs, params, clock, count, y, work, out, log, budget) -> code

that goes on from where ``clock`` and ``count`` say, for at most ``budget`` steps. It owns no memory and never raises, so
it can be stopped between two calls, continued, run for one member of an ensemble after the other in a thread, or run
uncompiled.

functions   int64 (6,): addresses of rhs, diffusion, events, reset, outputs, rates; 0 where there is none
method      the tableau, or what else defines the method
settings    (t0, ...): the run, see :mod:`neurodynamics.runs`
inputs      (base, terms, number of terms, data, u, varying, breaks), see :mod:`neurodynamics.signals`; u is scratch
params      (P,)
clock       float64: where the run is
count       int64: what was counted
y           (width,): the state, padded
work        (rows, width): scratch
out         (t_out, y_out, kept_times, kept_rows): where results go
log         (times, numbers, states, before, after, roots) of the events; the last three are scratch

Its first act is to turn these into two tuples of pointers and lengths, which all the kernels below it are passed:
``problem`` (:func:`problem_of`) and ``book`` (:func:`book_of`).
"""

from __future__ import annotations

from neurodynamics._jit import kernel
from neurodynamics._pointer import call, call_reset, pointer, row
from neurodynamics._state import copy_to
from neurodynamics.signals import evaluate_inputs

RHS, DIFFUSION, EVENTS, RESET, OUTPUTS, RATES = range(6)

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
def problem_of(functions, inputs, params, n, width):
    """Return (functions, drive, params, p, n, width), drive = (base, m, terms, number of terms, data, u, varying)."""
    base, terms, number, data, u, varying, breaks = inputs
    drive = (pointer(base), base.size, pointer(terms), number, pointer(data), pointer(u), varying)
    return pointer(functions), drive, pointer(params), params.size, n, width


@kernel
def book_of(clock, count, out, log):
    """Return (clock, count, t_out, room, y_out, kept_times, kept_rows, kept_room, event log .., event room, events)."""
    t_out, y_out, kept_times, kept_rows = out
    times, numbers, states, before, after, roots = log
    return (pointer(clock), pointer(count), pointer(t_out), t_out.size, pointer(y_out), pointer(kept_times),
            pointer(kept_rows), kept_times.shape[0], pointer(times), pointer(numbers), pointer(states), pointer(before),
            pointer(after), pointer(roots), times.size, before.size)  # fmt: skip


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


@kernel
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
