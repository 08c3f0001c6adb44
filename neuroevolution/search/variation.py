"""How children differ from their parents: mutation in a random direction, crossover of modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from neurodynamics.validation import Floats, as_count, as_items, as_number

LARGEST = 1e6  # a step beyond this leaves [-1, 1] in any case, and its square may overflow


def as_spread(value: Any, name: str, *, positive: bool = False) -> float:
    """Return the size of steps, not beyond what they can be."""
    size = as_number(value, name, positive=positive, minimum=0.0)
    if size > LARGEST:
        raise ValueError(f"`{name}` must be at most {LARGEST:g}, for genes in [-1, 1]; got {size:g}.")
    return size


def steps(rng: np.random.Generator, shape: tuple[int, int], deviation: float) -> Floats:
    """Return vectors whose length is normal, N(0, deviation^2), and whose direction is uniform on the sphere."""
    directions = rng.normal(size=shape)
    directions /= np.sqrt(np.add.reduce(directions * directions, axis=1, keepdims=True))
    return deviation * rng.normal(size=(shape[0], 1)) * directions


def module_starts(modules: Sequence[int] | None, size: int | None) -> np.ndarray:
    """Return where each module begins, and the end of the last one."""
    given = [1] * (size or 0) if modules is None else as_items(modules, "modules")
    lengths = [as_count(length, "modules", minimum=1) for length in given]
    if size is not None and sum(lengths) != size:
        raise ValueError(f"`modules` must be lengths that add up to the {size} genes; got {sum(lengths)}.")
    return np.concatenate([[0], np.cumsum(lengths)])


def crossed(rng: np.random.Generator, first: Floats, second: Floats, starts: np.ndarray, kind: str) -> Floats:
    """Return the first parent with some modules of the second: those between two points, or each with probability 1/2."""
    count = len(starts) - 1
    if kind == "uniform":
        taken = rng.random(count) < 0.5
    else:
        a, b = np.sort(rng.integers(0, count + 1, 2))
        taken = (np.arange(count) >= a) & (np.arange(count) < b)
    return np.where(np.repeat(taken, np.diff(starts)), second, first)
