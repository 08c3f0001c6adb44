"""The memory of a run as one vector of addresses and lengths: all that a driver is given.

A driver is a kernel ``advance(frame, budget) -> code``. Because it takes two plain arguments it is compiled once, called by
its address, and the loop over members (:mod:`neurodynamics.methods.members`) is one kernel for all drivers. Frames are
filled in Python: those of an ensemble are the rows of a matrix. A driver goes on from where ``clock`` and ``count``
say, for at most ``budget`` steps; it owns no memory and never raises, so it can be stopped between two calls,
continued, run for one member of an ensemble after the other in a thread, or run uncompiled: then the frame is a list of
the arrays themselves.

========================  ====================================================================================
``FUNCTIONS``             int64: addresses of functions, by the places in :mod:`neurodynamics.methods.protocol`; 0 for none
``NUMBERS``, ``WHOLE``    the run's constants (``constants_of`` in ``simulation/runs.py``)
``A .. DENSE``, ``ATOL``  the tableau; absolute tolerances, padded
``DIRECTIONS, TERMINAL``  of the events
``BREAKS``                ends of pieces, or where steps are split
``BASE .. VARYING``       the inputs (:mod:`neurodynamics.inputs`); ``U`` is scratch
``PARAMS``, ``P``         parameters
``N``, ``WIDTH``          number of states; length of a padded row
``CLOCK``, ``COUNT``      where the run is, and what was counted
``Y``, ``WORK``           the state (width,); scratch rows (.., width)
``T_OUT .. KEPT_ROOM``    where points and interpolants go, and how many fit
``LOG_TIMES .. EVENTS``   the log of events; their values before, after and inside a step, and roots: scratch
========================  ====================================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.compiling import DOUBLES, SINGLES, in_kernels, place, slot_of

(FUNCTIONS, NUMBERS, WHOLE, A, B, C, ERROR, ERROR_3, DENSE, ATOL, DIRECTIONS, TERMINAL, BREAKS, N_BREAKS, BASE, M, TERMS,
 N_TERMS, DATA, U, VARYING, PARAMS, P, N, WIDTH, CLOCK, COUNT, Y, WORK, T_OUT, ROOM, Y_OUT, KEPT_TIMES, KEPT_ROWS,
 KEPT_ROOM, LOG_TIMES, LOG_NUMBERS, LOG_STATES, BEFORE, AFTER, ROOTS, SAMPLES, LOG_ROOM, EVENTS,
 SIZE) = range(45)  # fmt: skip

# NUMBERS
T0, T_END, DT, LAST_DT, RTOL, FIRST_STEP, MAX_STEP, ERROR_ORDER, STIFF_ABOVE, ALPHA, BETA, GAMMA = range(12)

# WHOLE
N_STEPS, STAGES, TOTAL, DEGREE, REFINE, KEEP, EXPONENTIAL, NOISY, KEY, LANES, ORDER, ERROR_ROWS = range(12)


def reals(frame: Any, slot: int, like: Any) -> Any:
    """Return the pointer in a slot, of the type of `like`; run uncompiled, the array."""
    return frame[slot]


def no_doubles() -> Any:
    """Return a pointer that says "double precision" to :func:`reals`."""
    return None


def no_singles() -> Any:
    """Return a pointer that says "single precision" to :func:`reals`."""
    return None


@in_kernels(reals)
def _reals(typingctx: Any, frame: Any, slot: Any, like: Any) -> Any:
    return like(frame, slot, like), slot_of


def _null(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return context.get_constant_null(sig.return_type)


@in_kernels(no_doubles)
def _no_doubles(typingctx: Any) -> Any:
    return DOUBLES(), _null


@in_kernels(no_singles)
def _no_singles(typingctx: Any) -> Any:
    return SINGLES(), _null


def frames_of_members(frame: np.ndarray, rows: dict[int, np.ndarray], spans: np.ndarray, term_bytes: int) -> np.ndarray:
    """Return the frames of the members of an ensemble, one a row.

    Parameters
    ----------
    frame : array, shape (SIZE,)
        The frame of the first member, were it alone.
    rows : dict
        For each slot that differs, the array whose rows belong to the members.
    spans : array, shape (B, 4)
        The first of each member's terms and the one after its last; the same of its breaks.
    term_bytes : int
        Length of a term.
    """
    frames = np.repeat(frame[np.newaxis], len(spans), axis=0)
    for slot, array in rows.items():
        frames[:, slot] = place(array) + array.strides[0] * np.arange(len(spans))
    frames[:, TERMS] += term_bytes * spans[:, 0]
    frames[:, N_TERMS] = spans[:, 1] - spans[:, 0]
    frames[:, BREAKS] += 8 * spans[:, 2]
    frames[:, N_BREAKS] = spans[:, 3] - spans[:, 2]
    return frames
