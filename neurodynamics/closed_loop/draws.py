"""Random numbers for the functions of a task, compiled or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.compiling import kernel
from neurodynamics.inputs import normal_pair, philox, uniform_pair

_OF_TRIALS = 0x7461736B  # sets the words of trials apart from whatever else is drawn with a run's key


@kernel
def trial_word(key: Any, member: int, trial: int) -> Any:
    """Return the 64 bits that all random numbers of a trial come from."""
    return philox(key, np.uint64(trial), np.uint64(_OF_TRIALS), np.uint64(0), np.uint64(member))[0]


@kernel
def draw_uniform(key: Any, index: int) -> float:
    """Return a random number between 0 and 1, for use in a task's ``reset`` and ``step``.

    Parameters
    ----------
    key : pair of int
        What ``reset`` gets as its first argument, and ``step`` as its last where it takes seven. It is another one for
        every member, trial and step.
    index : int
        0, 1, 2, ..: which of the numbers of this call.

    Returns
    -------
    float
        The same for the same key and index, so runs do not depend on threads or on the order of the members.

    Examples
    --------
    >>> from neurodynamics import draw_uniform
    >>> def reset(key, trial, state, sensors):
    ...     state[0] = 2 * draw_uniform(key, 0) - 1
    ...     state[1] = 2 * draw_uniform(key, 1) - 1
    """
    return uniform_pair(np.uint64(key[0]), 0, key[1], index)[0]


@kernel
def draw_normal(key: Any, index: int) -> float:
    """Return a standard normal random number, for use in a task's ``reset`` and ``step``; see `draw_uniform`.

    Parameters
    ----------
    key : pair of int
    index : int

    Returns
    -------
    float

    Examples
    --------
    >>> from neurodynamics import draw_normal
    >>> def step(t, dt, motors, state, sensors, score, key):
    ...     sensors[0] = state[0] + 0.1 * draw_normal(key, 0)
    ...     return 0
    """
    return normal_pair(np.uint64(key[0]), 0, key[1], index)[0]
