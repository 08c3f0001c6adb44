"""Asynchronous updates, compiled: local fields are kept, and touched only where a unit flips.

One probe after the other, one sweep after the other, each unit once a sweep:

    T = 0:  s_i <- sgn(h_i), a tie keeps s_i
    T > 0:  s_i <- +1 with probability 1 / (1 + exp(-2 (h_i - W_ii s_i) / T))

A flip of s_i changes E by 2 s_i (h_i - W_ii s_i): the coupling of a unit to itself has no say above T = 0, where states
are drawn from exp(-E / T).

Three forms of couplings share the loop. A form is a tuple of arrays with four kernels: ``field`` of a unit, ``flip``
of a unit, ``settled`` (no unit wants to flip), ``refresh`` (start over from the spins, against rounding). Everything is
in units of 1 / scale, so that integer couplings give integer fields.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hopfield.couplings import load_as
from hopfield.discrete.streams import ORDER, THERMAL, fill_words, room_for, shuffle, to_unit
from neurodynamics.compiling import copy, fma, kernel, load, splat, store

SWEEPS, FLIPS, SINCE, SETTLED = range(4)  # columns of the log; SINCE: flips since the fields were computed afresh
LOG_SIZE = 4
VECTOR_BYTES = 64


def _relaxation(field: Any, flip: Any, settled: Any, refresh: Any) -> Any:
    """Return the kernel that relaxes probes with couplings of one form."""

    @kernel
    def sweep_once(form, diagonal, h, s, order, words, thermal, beta, tolerance, stop):
        """One sweep; return the number of flips and the largest rise of the energy at a flip."""
        flips, rise = 0, 0.0
        for t in range(s.size):
            if stop[0]:
                break
            i = order[t]
            f = field(form, h, s, i)
            aligned = f * s[i]
            if thermal:
                others = f - diagonal[i] * s[i]
                change = (to_unit(words[i]) * (1.0 + np.exp(-2.0 * beta * others)) < 1.0) != (s[i] > 0)
            else:
                change = aligned < -tolerance[i]
            if change:
                rise = max(rise, 2.0 * (aligned - diagonal[i]))
                flip(form, h, s, i)
                flips += 1
        return flips, rise

    @kernel
    def relax(form, diagonal, work, spins, probes, given, key, first, count, thermal, beta, tolerance, inexact, stop, log,
              rise):
        """Sweeps number first .. first + count - 1 of each probe, fewer where nothing wants to flip any more."""
        n = spins.shape[1]
        words = np.empty(room_for(n), np.uint32)
        order = given.copy() if given.size else np.empty(n, np.int64)
        for k in range(spins.shape[0]):
            h, s = work[k], spins[k]
            for sweep in range(first, first + count):
                if inexact and log[k, SINCE] >= n:
                    refresh(form, h, s)
                    log[k, SINCE] = 0
                if stop[0] or (not thermal and settled(form, h, s, tolerance)):
                    break
                if given.size == 0:
                    fill_words(key, probes[k], sweep, ORDER, words)
                    shuffle(words, order)
                if thermal:
                    fill_words(key, probes[k], sweep, THERMAL, words)
                flips, highest = sweep_once(form, diagonal, h, s, order, words, thermal, beta, tolerance, stop)
                rise[k] = max(rise[k], highest)
                log[k, FLIPS] += flips
                log[k, SINCE] += flips
                if flips > 0:
                    log[k, SWEEPS] = sweep + 1
            log[k, SETTLED] = not thermal and not stop[0] and settled(form, h, s, tolerance)

    return relax


# Dense: form = (2 W' (N, N), drive (N,)); h = the fields, in the smallest type that holds them -----------------------


@kernel
def _dense_field(form, h, s, i):
    return np.float64(h[i])


@kernel
def _dense_flip(form, h, s, i):
    doubled = form[0][i]
    if s[i] > 0:
        for j in range(h.size):
            h[j] -= doubled[j]
    else:
        for j in range(h.size):
            h[j] += doubled[j]
    s[i] = -s[i]


@kernel
def _dense_settled(form, h, s, tolerance):
    wanting = 0
    for i in range(h.size):
        wanting += np.float64(h[i]) * s[i] < -tolerance[i]
    return wanting == 0


@kernel
def _dense_refresh(form, h, s):
    doubled, drive = form
    copy(drive, h)
    for j in range(s.size):
        for i in range(h.size):
            h[i] += 0.5 * s[j] * doubled[j, i]


# Low rank: form = (left' (N q), right' (N q), drive (N,), removed (N,)), rows of p patterns padded to q, whole vectors;
# h = right s (q,) and behind it room for one vector ------------------------------------------------------------------


@kernel
def _low_rank_field(form, h, s, i):
    left, _, drive, removed = form
    width = VECTOR_BYTES // h.itemsize
    q = h.size - width
    h[q:] = 0
    a = load(h, q)
    b = a
    for k in range(0, q, 2 * width):
        a = fma(load_as(left, i * q + k, a), load(h, k), a)
        b = fma(load_as(left, i * q + k + width, a), load(h, k + width), b)
    store(h, q, a + b)
    return np.float64(h[q:].sum()) + drive[i] - removed[i] * s[i]


@kernel
def _low_rank_flip(form, h, s, i):
    right = form[1]
    width = VECTOR_BYTES // h.itemsize
    q = h.size - width
    change = splat(h.dtype.type(-2 * s[i]))
    for k in range(0, q, width):
        store(h, k, fma(load_as(right, i * q + k, change), change, load(h, k)))
    s[i] = -s[i]


@kernel
def _low_rank_settled(form, h, s, tolerance):
    for i in range(s.size):
        if _low_rank_field(form, h, s, i) * s[i] < -tolerance[i]:
            return False
    return True


@kernel
def _low_rank_refresh(form, h, s):
    right = form[1]
    q = h.size - VECTOR_BYTES // h.itemsize
    h[:] = 0
    for i in range(s.size):
        for k in range(q):
            h[k] += s[i] * right[i * q + k]


# Sparse: form = (data, row numbers, column starts, drive) of the columns of W; h = the fields ------------------------


@kernel
def _sparse_field(form, h, s, i):
    return h[i]


@kernel
def _sparse_flip(form, h, s, i):
    data, rows, starts, _ = form
    for k in range(starts[i], starts[i + 1]):
        h[rows[k]] -= 2.0 * s[i] * data[k]
    s[i] = -s[i]


@kernel
def _sparse_refresh(form, h, s):
    data, rows, starts, drive = form
    copy(drive, h)
    for i in range(s.size):
        for k in range(starts[i], starts[i + 1]):
            h[rows[k]] += s[i] * data[k]


relax_dense = _relaxation(_dense_field, _dense_flip, _dense_settled, _dense_refresh)
relax_low_rank = _relaxation(_low_rank_field, _low_rank_flip, _low_rank_settled, _low_rank_refresh)
relax_sparse = _relaxation(_sparse_field, _sparse_flip, _dense_settled, _sparse_refresh)
