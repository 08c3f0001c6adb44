"""A history of a body: rings of past values, and sums over their windows, kept in its state."""

from __future__ import annotations

from neurodynamics.compiling import kernel


@kernel
def remember(ring, k, value):
    """Put value number k into a ring; return the one whose place it takes, number k less the length of the ring."""
    place = k % ring.size
    gone = ring[place]
    ring[place] = value
    return gone


@kernel
def recall(ring, k):
    """Return value number k, one of the last; the first one where there was none yet."""
    return ring[max(k, 0) % ring.size]
