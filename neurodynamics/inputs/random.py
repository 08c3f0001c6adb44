"""Random numbers that depend only on where they are used: Philox 4x32 with ten rounds.

Each number is a function of a key (from the user's generator) and a counter (member, step, index), so results do not
depend on workers, chunks, blocks or on what is saved.

References
----------
.. [1] Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC'11.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.compiling import kernel
from neurodynamics.validation import as_generator

ROUNDS = 10
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)


def key_from(rng: np.random.Generator | int | None) -> np.uint64:
    """Draw a key of 64 bits from what users pass as ``rng``."""
    return as_generator(rng).integers(0, 2**64, dtype=np.uint64)


@kernel
def philox(key, c0, c1, c2, c3):
    """Return two independent 64-bit words for a key and a counter of four 32-bit words, given as uint64."""
    k0 = key & _LOW
    k1 = key >> _SHIFT
    for _ in range(ROUNDS):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _LOW, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0 | (c1 << _SHIFT), c2 | (c3 << _SHIFT)


@kernel
def to_unit(word):
    """Return the upper 52 bits of a 64-bit word as a number in (0, 1), at the middle of one of 2**52 equal parts."""
    return (np.float64(word >> np.uint64(12)) + 0.5) * 2.0**-52


@kernel
def uniform_pair(key, member, step, index):
    """Return two numbers in (0, 1)."""
    step = np.uint64(step)
    a, b = philox(key, np.uint64(index), step & _LOW, step >> _SHIFT, np.uint64(member))
    return to_unit(a), to_unit(b)


@kernel
def normal_pair(key, member, step, index):
    """Return two independent standard normal numbers (Box & Muller)."""
    a, b = uniform_pair(key, member, step, index)
    radius = np.sqrt(-2.0 * np.log(a))
    return radius * np.cos(2.0 * np.pi * b), radius * np.sin(2.0 * np.pi * b)


@kernel
def fill_normal(key, member, step, n, lanes, out):
    """out[i * lanes + lane] = standard normal numbers of member + lane in this step, for i < n."""
    for lane in range(lanes):
        for i in range(0, n, 2):
            a, b = normal_pair(key, member + lane, step, i // 2)
            out[i * lanes + lane] = a
            if i + 1 < n:
                out[(i + 1) * lanes + lane] = b


fill_normal.host = fill_normal  # systems that run uncompiled draw the same numbers


def normals(key: Any, member: int, step: int, n: int) -> np.ndarray:
    """Return what a run of this key uses at a step, for checks."""
    out = np.empty(n)
    fill_normal(np.uint64(key), member, step, n, 1, out)
    return out
