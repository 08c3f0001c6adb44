"""The memory of a run as one vector of addresses and lengths: all that a driver is given.

A driver is a kernel ``advance(frame, budget) -> code``. Because it takes two plain arguments it is compiled once,
called by its address, and the loop over members (:mod:`neurodynamics.methods.members`) is one kernel for all drivers. A
driver goes on from where ``clock`` and ``count`` say, for at most ``budget`` steps; it owns no memory and never raises,
so it can be stopped between two calls, continued, run for one member of an ensemble after the other in a thread, or run
uncompiled: then the frame is a list of the arrays themselves.

========================  ====================================================================================
``FUNCTIONS``             int64 (6,): addresses of rhs, diffusion, events, reset, outputs, rates; 0 for none
``NUMBERS``, ``WHOLE``    the run's constants (:func:`neurodynamics.runs.constants_of`)
``A .. DENSE``, ``ATOL``  the tableau; absolute tolerances, padded
``DIRECTIONS, TERMINAL``  of the events
``BREAKS``                ends of pieces, or where steps are split
``BASE .. VARYING``       the inputs (:mod:`neurodynamics.signals`); ``U`` is scratch
``PARAMS``, ``P``         parameters
``N``, ``WIDTH``          number of states; length of a padded row
``CLOCK``, ``COUNT``      where the run is, and what was counted
``Y``, ``WORK``           the state (width,); scratch rows (.., width)
``T_OUT .. KEPT_ROOM``    where points and interpolants go, and how many fit
``LOG_TIMES .. EVENTS``   the log of events; their values before and after a step, and roots: scratch
========================  ====================================================================================
"""

from __future__ import annotations

from typing import Any

from numba.extending import intrinsic, overload

from neurodynamics.compiling import DOUBLES, INTEGERS, SINGLES, address, kernel

(FUNCTIONS, NUMBERS, WHOLE, A, B, C, ERROR, ERROR_3, DENSE, ATOL, DIRECTIONS, TERMINAL, BREAKS, N_BREAKS, BASE, M, TERMS,
 N_TERMS, DATA, U, VARYING, PARAMS, P, N, WIDTH, CLOCK, COUNT, Y, WORK, T_OUT, ROOM, Y_OUT, KEPT_TIMES, KEPT_ROWS,
 KEPT_ROOM, LOG_TIMES, LOG_NUMBERS, LOG_STATES, BEFORE, AFTER, ROOTS, LOG_ROOM, EVENTS, SIZE) = range(44)  # fmt: skip

# NUMBERS
T0, T_END, DT, LAST_DT, RTOL, FIRST_STEP, MAX_STEP, ERROR_ORDER, STIFF_ABOVE, ALPHA, BETA, GAMMA = range(12)

# WHOLE
N_STEPS, STAGES, TOTAL, DEGREE, REFINE, KEEP, EXPONENTIAL, NOISY, KEY, LANES, ORDER, ERROR_ROWS = range(12)


def doubles(frame: Any, slot: int) -> Any:
    """Return the pointer to float64 in a slot; run uncompiled, the array."""
    return frame[slot]


def integers(frame: Any, slot: int) -> Any:
    """Return the pointer to int64 in a slot; run uncompiled, the array."""
    return frame[slot]


def reals(frame: Any, slot: int, like: Any) -> Any:
    """Return the pointer in a slot, of the type of `like`; run uncompiled, the array."""
    return frame[slot]


def no_doubles() -> Any:
    """Return a pointer that says "double precision" to :func:`reals`."""
    return None


def no_singles() -> Any:
    """Return a pointer that says "single precision" to :func:`reals`."""
    return None


@overload(doubles, inline="always")
def _doubles(frame, slot):  # type: ignore[no-untyped-def]
    return lambda frame, slot: _pointer_at(frame[slot], no_doubles())


@overload(integers, inline="always")
def _integers(frame, slot):  # type: ignore[no-untyped-def]
    return lambda frame, slot: _pointer_at(frame[slot], _no_integers())


@overload(reals, inline="always")
def _reals(frame, slot, like):  # type: ignore[no-untyped-def]
    return lambda frame, slot, like: _pointer_at(frame[slot], like)


@overload(no_doubles)
def _no_doubles():  # type: ignore[no-untyped-def]
    return lambda: _null_doubles()


@overload(no_singles)
def _overload_no_singles():  # type: ignore[no-untyped-def]
    return lambda: _null_singles()


def _null(kind: Any) -> Any:
    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.get_constant_null(sig.return_type)

    return kind(), codegen


@intrinsic
def _null_doubles(typingctx: Any) -> Any:
    return _null(DOUBLES)


@intrinsic
def _null_singles(typingctx: Any) -> Any:
    return _null(SINGLES)


@intrinsic
def _no_integers(typingctx: Any) -> Any:
    return _null(INTEGERS)


@intrinsic
def _pointer_at(typingctx: Any, value: Any, like: Any) -> Any:
    """The integer as a pointer of the type of `like`."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(sig.return_type))

    return like(value, like), codegen


@kernel
def fill_frame(frame, functions, constants, inputs, spans, params, clock, count, y, work, t_out, y_out, kept, log):
    """Write the addresses of the arrays of one member."""
    numbers, whole, a, b, c, error, error_3, dense, atol, directions, terminal = constants
    base, terms, data, u, varying, breaks = inputs
    kept_times, kept_rows = kept
    times, event_numbers, states, before, after, roots = log
    frame[FUNCTIONS], frame[NUMBERS], frame[WHOLE] = address(functions), address(numbers), address(whole)
    frame[A], frame[B], frame[C] = address(a), address(b), address(c)
    frame[ERROR], frame[ERROR_3], frame[DENSE] = address(error), address(error_3), address(dense)
    frame[ATOL], frame[DIRECTIONS], frame[TERMINAL] = address(atol), address(directions), address(terminal)
    frame[BREAKS], frame[N_BREAKS] = address(breaks) + 8 * spans[2], spans[3] - spans[2]
    frame[BASE], frame[M] = address(base), base.size
    frame[TERMS], frame[N_TERMS] = address(terms) + 8 * terms.shape[1] * spans[0], spans[1] - spans[0]
    frame[DATA], frame[U], frame[VARYING] = address(data), address(u), varying
    frame[PARAMS], frame[P] = address(params), params.size
    frame[N], frame[WIDTH] = y_out.shape[1], y.size
    frame[CLOCK], frame[COUNT], frame[Y], frame[WORK] = address(clock), address(count), address(y), address(work)
    frame[T_OUT], frame[ROOM], frame[Y_OUT] = address(t_out), t_out.size, address(y_out)
    frame[KEPT_TIMES], frame[KEPT_ROWS], frame[KEPT_ROOM] = address(kept_times), address(kept_rows), kept_times.shape[0]
    frame[LOG_TIMES], frame[LOG_NUMBERS], frame[LOG_STATES] = address(times), address(event_numbers), address(states)
    frame[BEFORE], frame[AFTER], frame[ROOTS] = address(before), address(after), address(roots)
    frame[LOG_ROOM], frame[EVENTS] = times.size, before.size
