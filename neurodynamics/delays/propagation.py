"""Breaking points: times to which delays carry the jumps of the start and of the inputs, each time a derivative higher."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats

MOST = 500  # beyond, what is left is found by error control: with many delays, high orders are many and small
APART = 1e-12  # of the time: points closer than this are one


def breaking_points(jumps: Iterable[tuple[float, int]], delays: ArrayLike, t0: float, t_end: float, highest: int) -> Floats:
    """Return the times inside (t0, t_end) at which a derivative of the solution jumps, up to an order.

    A jump of the derivative of order q at s is one of order q + 1 at each s + tau, since the right-hand side integrates
    what it looks back at.

    Parameters
    ----------
    jumps : iterable of (float, int)
        Times and orders of the first ones: 0 for y itself, 1 for its slope.
    delays : array_like, shape (K,)
    highest : int
        That of the method: a step across a jump of a higher order has the full order.

    Examples
    --------
    >>> breaking_points([(0.0, 1)], [1.0], 0.0, 10.0, 4).tolist()
    [1.0, 2.0, 3.0]
    """
    tau = np.unique(np.asarray(delays, dtype=float))
    levels: list[list[Floats]] = [[] for _ in range(highest + 1)]
    for time, order in jumps:
        if order <= highest:
            levels[order].append(np.array([time]))
    found = np.zeros(0)
    carried = np.zeros(0)
    for level in levels:
        carried = _distinct(np.concatenate([carried, *level]))
        inside = carried[(carried > t0) & (carried < t_end)]
        together = _distinct(np.concatenate([found, inside]))
        if together.size > MOST and found.size:
            break
        found = together
        carried = (carried[:, np.newaxis] + tau).ravel()
        carried = carried[carried < t_end]
    return found[(found > t0 + APART * max(abs(t0), abs(t_end))) & (found < t_end - APART * max(abs(t0), abs(t_end)))]


def _distinct(times: Floats) -> Floats:
    times = np.sort(times)
    return times[np.concatenate([[True], np.diff(times) > APART * np.maximum(np.abs(times[1:]), np.abs(times[:-1]))])] \
        if times.size else times
