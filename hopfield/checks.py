"""Checks of patterns and states: +-1 or 0/1, as declared, and never guessed."""

from __future__ import annotations

import math
import sys
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurodynamics.validation import MEMORY, Floats, as_count, as_floats, as_number, dimensions, entry, is_masked

ALPHABETS = {"bipolar": (-1, 1), "binary": (0, 1)}
MOST_STEPS = 2**62
BLOCK = 2**22  # entries that are looked at together
Spins = NDArray[np.int8]


def as_states(
    value: ArrayLike, name: str, values: str | None = None, size: int | None = None, choice: bool = True
) -> NDArray[np.int8]:
    """Return states in the rows of an int8 array of shape (K, N); one state becomes one row.

    A locked array of int8 is taken as it is; everything else is copied.

    Parameters
    ----------
    value : array_like, shape (N,) or (K, N)
    name : str
        The argument's name, for messages.
    values : {"bipolar", "binary"}, optional
        Whether entries must be -1 and +1, or 0 and 1; None: -1 and +1, where the caller's user has no choice.
    size : int, optional
        The N that is required.
    choice : bool
        Whether the user can pass ``values=`` where this is called.
    """
    array = as_numbers(value, name)
    rows = array[None, :] if array.ndim == 1 else array
    if rows.ndim != 2 or rows.shape[1] == 0 or (size is not None and rows.shape[1] != size):
        n = "N" if size is None else size
        pictures = f" Pictures are rows as well: {name}.reshape(len({name}), -1)." if array.ndim == 3 else ""
        raise ValueError(f"`{name}` must have shape ({n},) or (K, {n}); got {array.shape}.{pictures}")
    low, high = ALPHABETS[values or "bipolar"]
    where = _first_wrong(rows, low, high)
    if where is not None:
        remedy = _remedy(rows, values, choice)
        raise ValueError(f"`{entry(name, where[-array.ndim :])}` must be {low} or {high}; got {rows[where]}.{remedy}")
    return rows if rows.dtype == np.int8 and not rows.flags.writeable else rows.astype(np.int8)


def as_patterns(value: ArrayLike, name: str = "patterns", values: str | None = None) -> NDArray[np.int8]:
    """Return at least one pattern, as rows of a locked int8 array of shape (p, N), so that all who keep it share it."""
    array = as_numbers(value, name)
    if array.ndim == 2 and len(array) == 0:
        raise ValueError(f"`{name}` must hold at least one pattern; got shape {array.shape}.")
    rows = as_states(value, name, values)
    rows.flags.writeable = False
    return rows


def as_distinct_patterns(patterns: ArrayLike) -> NDArray[np.int8]:
    """Return patterns as rows, with a warning where one comes twice."""
    rows = as_patterns(patterns)
    seen: dict[int, int] = {}
    for k, row in enumerate(rows):
        first = seen.setdefault(hash(row.tobytes()), k)
        if first != k and np.array_equal(row, rows[first]):
            warn(f"`patterns[{k}]` repeats `patterns[{first}]`; it counts again.")
    return rows


def warn(message: str) -> None:
    """Warn in the name of the first caller outside this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals["__name__"].startswith("hopfield."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level - 1)


def require_room(names: str, *shape: int, itemsize: int = 1) -> None:
    """Raise where an array of this shape does not fit into the machine's memory."""
    asked = itemsize * math.prod(shape)
    if asked > MEMORY:
        asked = min(asked, 10**30)
        numbers = " x ".join(f"{n:.3g}" if n < 1e300 else "more than 1e300" for n in shape)
        raise ValueError(f"{names} must fit into memory; got {numbers}, which takes {asked / 1e9:.3g} GB.")


def as_steps(value: Any, name: str) -> int:
    """Return a number of steps that a kernel can count."""
    number = as_count(value, name, minimum=1)
    if number > MOST_STEPS:
        raise ValueError(f"`{name}` must be at most {MOST_STEPS}; got a larger integer.")
    return number


def as_temperatures(value: Any, name: str = "temperature") -> Floats:
    """Return the temperatures of the sweeps, the last for all sweeps beyond: one number, or one a sweep."""
    if dimensions(value) == 0:
        return np.array([as_number(value, name, minimum=0.0)])
    temperatures = as_floats(value, name)
    if temperatures.ndim != 1 or temperatures.size == 0:
        raise ValueError(f"`{name}` must be a number, or one a sweep; got an array of shape {temperatures.shape}.")
    if (temperatures < 0).any():
        k = int(temperatures.argmin())
        raise ValueError(f"`{name}[{k}]` must be 0 or positive; got {temperatures[k]:g}.")
    return temperatures


def to_spins(states: NDArray[np.int8], values: str) -> Spins:
    """Return +-1 for states of either alphabet."""
    states = np.asarray(states)
    return states if values == "bipolar" else (2 * states - 1).astype(np.int8)


def from_spins(spins: Spins, values: str) -> NDArray[np.int8]:
    """Return states of the given alphabet for +-1."""
    return spins if values == "bipolar" else ((spins + 1) // 2).astype(np.int8)


def as_numbers(value: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array of real numbers or bools, as it is."""
    if is_masked(value):
        raise TypeError(f"`{name}` must have no mask; got a masked array. Fill it, or leave its rows out.")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"`{name}` must be a rectangular array; got rows of different lengths.") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold numbers; got an array of {array.dtype}.")
    return array


def _first_wrong(rows: NDArray[Any], low: int, high: int) -> tuple[int, int] | None:
    """Where the first entry is that is neither value; None where there is none."""
    step = max(1, BLOCK // rows.shape[1])
    for first in range(0, len(rows), step):
        block = rows[first : first + step]
        wrong = (block != low) & (block != high)
        if wrong.any():
            k, i = np.argwhere(wrong)[0]
            return first + int(k), int(i)
    return None


def _remedy(rows: NDArray[Any], values: str | None, choice: bool) -> str:
    other = "bipolar" if values == "binary" else "binary"
    if not np.isin(rows, ALPHABETS[other]).all():
        return ""
    passed = f'pass values="{other}", or ' if choice and values is not None else ""
    return f" They look {other}: {passed}convert with patterns.to_{values or 'bipolar'}."
