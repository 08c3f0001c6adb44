"""Unlearning: let a network fall into its own states and weaken what it falls into."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from hopfield.checks import as_steps, require_room
from hopfield.couplings import LowRank
from hopfield.discrete.network import DiscreteHopfield
from hopfield.patterns import random
from neurodynamics.status import Interrupted
from neurodynamics.validation import as_choice, as_count, as_generator, as_number
from neurodynamics.watched import as_timeout


def unlearn(
    couplings: LowRank,
    count: int,
    *,
    strength: float = 0.01,
    max_sweeps: int = 100,
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> LowRank:
    """Return couplings after ``count`` dreams: relax from a random state to s, then ``W -= (strength / N) s s'``.

    Spurious states have the widest basins under Hebb's rule and are weakened first; too many dreams weaken the
    patterns as well. Local, incremental, symmetric where W was. A diagonal that was set stays as it is.

    Parameters
    ----------
    couplings : LowRank
        What a learning rule returned.
    count : int
        Number of dreams; each adds a state of N units to the couplings.
    strength : float
        epsilon, about 0.01.
    max_sweeps : int
        Of each relaxation.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; the couplings after the dreams that were finished until then are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with those couplings as ``result``, or returns them.

    References
    ----------
    .. [1] Hopfield, Feinstein & Palmer (1983), Nature 304, 158.

    Examples
    --------
    >>> from hopfield import hebbian, patterns
    >>> w = unlearn(hebbian(patterns.random(5, 50, rng=0)), 10, rng=1)
    >>> w
    LowRank(50 x 50, 15 patterns of int8, diagonal set)
    """
    rng = as_generator(rng)
    if not isinstance(couplings, LowRank) or couplings.shape[0] != couplings.shape[1]:
        raise TypeError(f"`couplings` must be the LowRank couplings of a learning rule; got {couplings!r:.60}.")
    share = as_number(strength, "strength", positive=True) * couplings.scale / couplings.size
    if not np.isfinite(share):
        raise ValueError(f"`strength` must be a small number; got {strength:g}.")
    dreams, sweeps = as_count(count, "count"), as_steps(max_sweeps, "max_sweeps")
    require_room("the matrix between `count` states", dreams, dreams, itemsize=8)
    as_choice(on_interrupt, "on_interrupt", ("raise", "return"))
    seconds = as_timeout(timeout)
    deadline = np.inf if seconds is None else time.perf_counter() + seconds
    try:
        for _ in range(dreams):
            if time.perf_counter() >= deadline:
                break
            net = DiscreteHopfield(couplings)
            end = net.recall(random(1, net.size, rng=rng), max_sweeps=sweeps, rng=rng, workers=1)
            couplings = _weakened(couplings, end.states, share)
    except KeyboardInterrupt:
        if on_interrupt == "raise":
            raise Interrupted(couplings) from None
    return couplings


def _weakened(w: LowRank, state: np.ndarray, share: float) -> LowRank:
    """W minus share / scale of the projection on one state."""
    old = w.full_core
    core = np.zeros((old.shape[0] + 1, old.shape[1] + 1))
    core[:-1, :-1] = old
    core[-1, -1] = -share
    left = np.concatenate([w.left, state])
    right = None if w.left is w.right else np.concatenate([w.right, state])
    diagonal = None if w.own_diagonal is None else w.diagonal()
    return LowRank(left, right, core=core, scale=w.scale, diagonal=diagonal)
