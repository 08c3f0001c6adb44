"""What all compiled integrators share: the state they keep between calls, and how they hand out results.

An integrator is a kernel

    advance(functions, method, settings, inputs, params, clock, count, y, work, out, log, budget) -> code

that goes on from where ``clock`` and ``count`` say, for at most ``budget`` steps. It owns no memory and never raises, so
it can be stopped between two calls, continued, run for one member of an ensemble after the other in a thread, or run
uncompiled.

functions   (5,): addresses of rhs, diffusion, events, reset, outputs; 0 where there is none
method      the tableau, or what else defines the method
settings    (t0, ...): the run, see :mod:`neurodynamics.runs`
inputs      (base, terms, data, u, varying), see :mod:`neurodynamics.signals`; u is scratch
clock       float64: where the run is
count       int64: what was counted
y           the state, padded
work        scratch rows, padded
out         (t_out, y_out, kept_times, kept_rows): where results go
log         (times, numbers, states, before, after, roots) of the events; the last three are scratch
"""

from __future__ import annotations

from neurodynamics._jit import kernel

RHS, DIFFUSION, EVENTS, RESET, OUTPUTS = range(5)

# clock
T, H, ERROR_OLD, T_EVENT, BOLDNESS = range(5)
CLOCK_SIZE = 5

# count
STARTED, STEPS, REJECTED, EVALUATIONS, SEGMENT, OUT, LOGGED, KEPT = range(8)
STIFF, NOT_STIFF, FRESH, AFTER_REJECTION, EVENT, MEMBER = range(8, 14)
COUNT_SIZE = 14

# what advance returns
DONE = 0
STOPPED_BY_EVENT = 1
BUDGET_USED = 10
OUTPUT_FULL = 11
LOOKS_STIFF = 12
NON_FINITE = -4
STEP_TOO_SMALL = -5


@kernel
def put(t, y, n, out, count):
    """Append a point to the output."""
    k = count[OUT]
    out[0][k] = t
    out[1][k, :] = y[:n]
    count[OUT] = k + 1


@kernel
def crossed(before, after, direction):
    """Whether a zero function went through zero in the wanted direction; leaving zero does not count."""
    rising = before < 0.0 and after >= 0.0
    falling = before > 0.0 and after <= 0.0
    return (rising and direction >= 0) or (falling and direction <= 0)


@kernel
def log_event(t, event, y, n, log, count):
    """Append an event to the log."""
    k = count[LOGGED]
    log[0][k] = t
    log[1][k] = event
    log[2][k, :] = y[:n]
    count[LOGGED] = k + 1
