"""Asynchronous updates, compiled: local fields are kept, and touched only where a unit flips.

Each unit has its turn once a sweep:

    T = 0:  s_i <- sgn(h_i), a tie keeps s_i
    T > 0:  s_i <- +1 with probability 1 / (1 + exp(-2 (h_i - W_ii s_i) / T))

A flip of s_i changes E by 2 s_i (h_i - W_ii s_i): the coupling of a unit to itself has no say above T = 0, where states
are drawn from exp(-E / T). At T = 0 one probe relaxes after the other. Above, chains run side by side in blocks, so that
a column of W is read once for all chains of a block that flip the unit.

Three forms of couplings share both loops. A form is a tuple of arrays with four kernels: ``field`` of a unit, ``flip``
of a unit, ``settled`` (no unit wants to flip), ``refresh`` (start over from the spins, against rounding). Everything is
in units of 1 / scale, so that integer couplings give integer fields.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hopfield.couplings import load_as
from hopfield.discrete.streams import ORDER, THERMAL, fill_words, room_for, shuffle, to_unit
from neurodynamics.activations import LOGISTIC
from neurodynamics.compiling import WIDTH, copy, fma, kernel, load, offset, pointer, splat, store

SWEEPS, FLIPS, SINCE, SETTLED = range(4)  # columns of the log; SINCE: flips since the fields were computed afresh
LOG_SIZE = 4
VECTOR_BYTES = 64
BLOCK = 16  # chains that run side by side: their fields stay in the nearest cache
TOGETHER, AT_ONCE = 256, 2 * 10**8  # chains whose first fields are computed together; operations between looks at `stop`
UNITS = 6  # whose fields are computed together, in registers
RARELY = 16  # times N flips until real fields of a chain are computed afresh: above T = 0 no tie depends on them

logistic = LOGISTIC.value


class Loops(NamedTuple):
    """The kernels of one form of couplings: at T = 0, and above."""

    relax: Any
    sample: Any


def relaxation(field: Any, flip: Any, settled: Any, refresh: Any, field_of: Any = None, refresh_rows: Any = None) -> Loops:
    """Return the loops over units for one form.

    ``field_of(form, h, s, k, i)`` is the field of unit i of chain k; ``refresh_rows(form, h, s, rows)`` computes those of
    some chains afresh.
    """

    @kernel
    def by_row(form, h, s, k, i):
        return field(form, h[k], s[k], i)

    @kernel
    def one_by_one(form, h, s, rows):
        for k in rows:
            refresh(form, h[k], s[k])

    return Loops(_relaxing(field, flip, settled, refresh), _sampling(field_of or by_row, flip, refresh_rows or one_by_one))


def _relaxing(field: Any, flip: Any, settled: Any, refresh: Any) -> Any:
    """Return the kernel that relaxes probes at T = 0."""

    @kernel
    def sweep_once(form, diagonal, h, s, order, tolerance, stop):
        """One sweep; return the number of flips and the largest rise of the energy at a flip."""
        flips, rise = 0, 0.0
        for t in range(s.size):
            if stop[0]:
                break
            i = order[t]
            aligned = field(form, h, s, i) * s[i]
            if aligned < -tolerance[i]:
                rise = max(rise, 2.0 * (aligned - diagonal[i]))
                flip(form, h, s, i)
                flips += 1
        return flips, rise

    @kernel
    def relax(form, diagonal, work, spins, probes, given, key, first, count, tolerance, inexact, stop, log, rise):
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
                if stop[0] or settled(form, h, s, tolerance):
                    break
                if given.size == 0:
                    fill_words(key, probes[k], sweep, ORDER, words)
                    shuffle(words, order)
                flips, highest = sweep_once(form, diagonal, h, s, order, tolerance, stop)
                rise[k] = max(rise[k], highest)
                log[k, FLIPS] += flips
                log[k, SINCE] += flips
                if flips > 0:
                    log[k, SWEEPS] = sweep + 1
            log[k, SETTLED] = not stop[0] and settled(form, h, s, tolerance)

    return relax


def _sampling(field_of: Any, flip: Any, refresh_rows: Any) -> Any:
    """Return the kernel that runs chains at T > 0."""

    @kernel
    def sweep_block(form, diagonal, work, spins, order, words, beta, sweep, stop, log, rise):
        """One sweep of a block of chains, unit after unit, by Glauber's rule; logistic functions of all of them at once."""
        others, up, chains = np.zeros(BLOCK), np.empty(BLOCK), spins.shape[0]
        for t in range(order.size):
            if stop[0]:
                break
            i = order[t]
            for k in range(chains):
                others[k] = field_of(form, work, spins, k, i) - diagonal[i] * spins[k, i]
            for k in range(0, chains, WIDTH):
                store(up, k, logistic(splat(2.0 * beta) * load(others, k)))
            for k in range(chains):
                s_i = spins[k, i]
                if (to_unit(words[k, i]) < up[k]) != (s_i > 0):
                    rise[k] = max(rise[k], 2.0 * others[k] * s_i)
                    flip(form, work[k], spins[k], i)
                    log[k, FLIPS] += 1
                    log[k, SINCE] += 1
                    log[k, SWEEPS] = sweep + 1

    @kernel
    def sample(form, diagonal, work, spins, probes, given, key, first, count, betas, inexact, stop, log, rise):
        """Sweeps number first .. first + count - 1 of all chains; the order of a sweep is the same for all of them."""
        chains, n = spins.shape
        words, stale = np.empty((BLOCK, room_for(n)), np.uint32), np.empty(BLOCK, np.int64)
        order = given.copy() if given.size else np.empty(n, np.int64)
        if inexact and first == 0:
            together = min(max(BLOCK, AT_ONCE // (n * n)), TOGETHER)
            for a in range(0, chains, together):
                if stop[0]:
                    return
                refresh_rows(form, work, spins, np.arange(a, min(a + together, chains)))
            log[:, SINCE] = 0
        for a in range(0, chains, BLOCK):
            b = min(a + BLOCK, chains)
            for sweep in range(first, first + count):
                if given.size == 0:
                    fill_words(key, 0, sweep, ORDER, words[0])
                    shuffle(words[0], order)
                count_stale = 0
                for k in range(a, b):
                    if inexact and log[k, SINCE] >= RARELY * n:
                        stale[count_stale] = k - a
                        count_stale += 1
                        log[k, SINCE] = 0
                    fill_words(key, probes[k], sweep, THERMAL, words[k - a])
                if count_stale > 0:
                    refresh_rows(form, work[a:b], spins[a:b], stale[:count_stale])
                beta = betas[min(sweep, betas.size - 1)]
                sweep_block(form, diagonal, work[a:b], spins[a:b], order, words, beta, sweep, stop, log[a:b], rise[a:b])
                if stop[0]:
                    return

    return sample


# Dense: form = (2 W' (N, N), drive (N,)); h = the fields, in the smallest type that holds them -----------------------


@kernel
def _dense_field(form, h, s, i):
    return np.float64(h[i])


@kernel
def _kept_field(form, h, s, k, i):
    return np.float64(h[k, i])


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


@kernel
def _real_refresh_rows(form, h, s, rows):
    """The fields of some chains: each part of the matrix is read once for all of them, which stand side by side in lanes."""
    doubled, drive = form
    n, groups = drive.size, -(-rows.size // WIDTH)
    packed, strip, fields = np.zeros(groups * n * WIDTH, np.int8), np.zeros((n + 1) * UNITS), np.empty(UNITS * WIDTH)
    for place in range(rows.size):
        for j in range(n):
            packed[(place // WIDTH * n + j) * WIDTH + place % WIDTH] = s[rows[place], j]
    for first in range(0, n, UNITS):
        units = min(UNITS, n - first)
        for unit in range(units):
            strip[unit] = drive[first + unit]
            for j in range(n):
                strip[(j + 1) * UNITS + unit] = 0.5 * doubled[j, first + unit]
        for group in range(groups):
            _strip_times_spins(pointer(strip), packed, group * n * WIDTH, n, fields)
            for lane in range(min(WIDTH, rows.size - group * WIDTH)):
                chain = h[rows[group * WIDTH + lane]]
                for unit in range(units):
                    chain[first + unit] = fields[unit * WIDTH + lane]


@kernel
def _strip_times_spins(strip, spins, at, n, fields):
    """Write the fields of UNITS units, a vector over chains each: the drive and sum_j W_ij s_j, in ascending j."""
    a, b, c = splat(strip[0]), splat(strip[1]), splat(strip[2])
    d, e, f = splat(strip[3]), splat(strip[4]), splat(strip[5])
    for j in range(n):
        x, w = load_as(spins, at + j * WIDTH, a), offset(strip, (j + 1) * UNITS)
        a, b, c = fma(splat(w[0]), x, a), fma(splat(w[1]), x, b), fma(splat(w[2]), x, c)
        d, e, f = fma(splat(w[3]), x, d), fma(splat(w[4]), x, e), fma(splat(w[5]), x, f)
    store(fields, 0, a)
    store(fields, WIDTH, b)
    store(fields, 2 * WIDTH, c)
    store(fields, 3 * WIDTH, d)
    store(fields, 4 * WIDTH, e)
    store(fields, 5 * WIDTH, f)


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


relax_dense = relaxation(_dense_field, _dense_flip, _dense_settled, _dense_refresh, _kept_field)
relax_dense_real = relaxation(_dense_field, _dense_flip, _dense_settled, _dense_refresh, _kept_field, _real_refresh_rows)
relax_low_rank = relaxation(_low_rank_field, _low_rank_flip, _low_rank_settled, _low_rank_refresh)
relax_sparse = relaxation(_sparse_field, _sparse_flip, _dense_settled, _sparse_refresh, _kept_field)
