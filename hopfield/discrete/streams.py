"""Random orders and numbers of one probe in one sweep, from the project's counter-based generator.

The counter is (index, sweep, probe, purpose). So what a probe draws does not depend on the other probes, on chunks or
on the number of threads.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.compiling import kernel
from neurodynamics.inputs import philox

ORDER, THERMAL = 0, 1  # purposes: streams of one probe that never meet
_HALF = np.uint64(32)
_TO_UNIT = 2.0**-32


@kernel
def fill_words(key, probe, sweep, purpose, out):
    """Fill ``out`` (uint32, a multiple of four long) with the words of one sweep of one probe."""
    for block in range(out.size // 4):
        a, b = philox(key, np.uint64(block), np.uint64(sweep), np.uint64(probe), np.uint64(purpose))
        out[4 * block] = a
        out[4 * block + 1] = a >> _HALF
        out[4 * block + 2] = b
        out[4 * block + 3] = b >> _HALF


@kernel
def shuffle(words, order):
    """Set ``order`` to a random permutation (Fisher & Yates); an index is biased by less than order.size / 2**32."""
    for i in range(order.size):
        order[i] = i
    for i in range(order.size - 1, 0, -1):
        j = np.int64((np.uint64(words[i]) * np.uint64(i + 1)) >> _HALF)
        order[i], order[j] = order[j], order[i]


@kernel
def fill_order(key, probe, sweep, order):
    """Set ``order`` to that in which the units of a probe have their turn in a sweep."""
    words = np.empty(room_for(order.size), np.uint32)
    fill_words(key, probe, sweep, ORDER, words)
    shuffle(words, order)


@kernel
def to_unit(word):
    """Return a number in (0, 1) from a word of 32 bits."""
    return (word + 0.5) * _TO_UNIT


@kernel
def fill_uniforms(key, probes, sweep, out):
    """out[k, i] in (0, 1): what unit i of probe ``probes[k]`` draws in a sweep."""
    n = out.shape[1]
    words = np.empty(room_for(n), np.uint32)
    for k in range(probes.size):
        fill_words(key, probes[k], sweep, THERMAL, words)
        for i in range(n):
            out[k, i] = to_unit(words[i])


@kernel
def room_for(n):
    """The length of a word array for n words: a multiple of four."""
    return (n + 3) // 4 * 4
