"""The past while a run goes on: states some time ago, off the interpolants of the steps that were taken.

Drivers see a system with delays as one with further inputs; what evaluates inputs for them looks these up. Interpolants of
the history and of the steps stand behind each other as ``output.accept`` keeps them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.compiling import addresses, doubles, integers, integers_at, kernel, offset
from neurodynamics.inputs import evaluate_inputs
from neurodynamics.validation import Floats

(PLACES, N_PAST, STATES, DELAYS, TIMES, ROWS, KEPT, N, LENGTH, SIZE) = range(10)
SAME = 2e-12  # share of the time in which breaking points may be off


def lookup_frame(states: Any, delays: Floats, places: Any, times: Floats, rows: Floats, kept: Any) -> np.ndarray:
    """Return the vector of addresses from which :func:`drive_with_past` reads the past.

    Parameters
    ----------
    states, delays : arrays, shape (K,)
        What is looked up: ``y[states[k]]`` at ``t - delays[k]``; equal delays in a row are looked up at once.
    places : int array, shape (K,)
        Pieces where the last look was.
    times, rows : arrays, shapes (S, 3), (S, D + 1, N)
        Interpolants, see :class:`DenseOutput`.
    kept : int array, shape (1,)
        How many of them there are.
    """
    frame: list[Any] = [None] * SIZE
    frame[PLACES], frame[N_PAST], frame[STATES], frame[DELAYS] = places, states.size, states, delays
    frame[TIMES], frame[ROWS], frame[KEPT], frame[LENGTH], frame[N] = times, rows, kept, rows.shape[1], rows.shape[2]
    return addresses(frame)


@kernel
def drive_with_past(base, m, terms, n_terms, data, t, t_ref, u):
    """Evaluate the inputs and, behind them, the past states; behind the constants in `base` is the address of the past."""
    past = integers_at(int(base[m]))
    driven = m - past[N_PAST]
    evaluate_inputs(base, driven, terms, n_terms, data, t, t_ref, u)
    _look_up(past, t, t_ref, offset(u, driven))
    return 0


@kernel
def _look_up(past, t, t_ref, out):
    """out[k] = y[states[k]](t - delays[k]), on the side of a jump on which t_ref is of t."""
    places, states, delays = integers(past, PLACES), integers(past, STATES), doubles(past, DELAYS)
    times, rows, kept = doubles(past, TIMES), doubles(past, ROWS), integers(past, KEPT)[0]
    n, length, x, place = past[N], past[LENGTH], 0.0, 0
    for k in range(past[N_PAST]):
        if k == 0 or delays[k] != delays[k - 1]:
            s = t - delays[k]
            nudge = SAME * (abs(t) + delays[k])
            inside = s + min(max(t_ref - t, -nudge), nudge)
            place = _piece(times, kept, inside, places[k])
            places[k] = place
            x = (s - times[3 * place]) / times[3 * place + 1]
        coefficients = offset(rows, place * length * n + states[k])
        value = coefficients[(length - 1) * n]
        for d in range(length - 2, -1, -1):
            value = value * x + coefficients[d * n]
        out[k] = value


@kernel
def _piece(times, kept, s, first):
    """Return the piece that holds time s, from where the last one was."""
    i = min(first, kept - 1)
    while i > 0 and s < times[3 * i]:
        i -= 1
    while i + 1 < kept and s >= times[3 * (i + 1)]:
        i += 1
    return i
