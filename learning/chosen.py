"""Which parameters of a system are differentiated, or learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from neurodynamics.systems import DynamicalSystem
from neurodynamics.validation import Floats, as_items


class Chosen:
    """Some of a system's parameters, in order: by name, without those that a mask holds at zero."""

    def __init__(self, system: DynamicalSystem, names: Sequence[str] | str | None) -> None:
        self.layout = layout = system.layout
        listed = [names] if isinstance(names, str) else list(layout.shapes) if names is None else as_items(names, "params")
        self.arrays: dict[str, np.ndarray] = {}
        named = np.zeros(layout.size, dtype=bool)
        for name in listed:
            places = layout.positions(name)
            if named[places].any():
                raise ValueError(f"`params` must name each parameter once; all or some of {name!r} was named before.")
            named[places], self.arrays[name] = True, places
        parts = [np.ravel(each, order="F") for each in self.arrays.values()]
        self.positions = np.concatenate(parts) if parts else np.zeros(0, dtype=int)
        self.free = np.ones(self.positions.size, dtype=bool)
        mask = getattr(system, "mask", None)
        if isinstance(mask, np.ndarray):
            held = np.zeros(layout.size, dtype=bool)
            held[layout.positions("weights")[~mask]] = True
            self.free = ~held[self.positions]

    def vector(self, whole: Floats) -> Floats:
        """Return the chosen entries of a vector (P,), zero where a mask holds them."""
        return np.where(self.free, whole[self.positions], 0.0)

    def by_name(self, whole: Floats) -> dict[str, Floats]:
        """Return them by name."""
        spread = np.zeros(whole.size)
        spread[self.positions] = self.vector(whole)
        return {name: spread[each] for name, each in self.arrays.items()}

    def directions(self, size: int) -> Floats:
        """Return each of them as a direction of all parameters, shape (P, D)."""
        out = np.zeros((size, self.positions.size))
        out[self.positions, np.arange(self.positions.size)] = self.free
        return out


def require_differentiable(system: Any) -> None:
    """Raise where a system cannot be differentiated along its trajectories."""
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    if system.host:
        raise ValueError("`system` must have compiled functions; one made with host=True has none.")
    if system.event_terminal.any():
        raise ValueError("`system` must go on after its events: where a trajectory ends at one, there is nothing to compare "
                         "with targets. Declare them without `terminal`.")  # fmt: skip
