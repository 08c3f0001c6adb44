"""What is varied in a sweep, what is observed, and the extrema of what was observed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.lyapunov import slowest_time
from neurodynamics import AdditiveNetwork, DynamicalSystem, Ensemble, Solution
from neurodynamics.validation import Floats

_INPUT = re.compile(r"^inputs\[(\d+)\]$")


@dataclass(frozen=True, eq=False)
class Varied:
    """A system with one parameter, or one input, at many values."""

    system: DynamicalSystem
    parameter: str
    values: Floats
    drive: Floats
    channel: int | None

    @classmethod
    def of(cls, system: DynamicalSystem, parameter: Any, values: Floats, drive: Floats) -> Varied:
        """Check what the user gave."""
        if values.ndim != 1 or not values.size:
            raise ValueError(f"`values` must be a vector of at least one value; got shape {values.shape}.")
        if not isinstance(parameter, str):
            raise TypeError(f"`parameter` must be a name such as 'biases[0]'; got {type(parameter).__name__}.")
        match = _INPUT.match(parameter)
        if match and "inputs" not in system.layout.shapes:
            channel = int(match[1])
            if channel >= system.input_dim:
                raise ValueError(f"`parameter` must be one of the {system.input_dim} inputs; got {parameter!r}.")
            return cls(system, parameter, values, drive, channel)
        system.layout.index(parameter)
        for value in (values.min(), values.max()):
            system.with_params({parameter: value})
        return cls(system, parameter, values, drive, None)

    @property
    def unit(self) -> float:
        """Of time: the slowest time constant at any of the values; of a map 1."""
        if not isinstance(self.system, AdditiveNetwork):
            return 1.0
        return max(slowest_time(self.member(int(k))[0]) for k in (np.argmin(self.values), np.argmax(self.values)))

    def member(self, k: int) -> tuple[DynamicalSystem, Floats]:
        """Return the system and its inputs at a value."""
        if self.channel is None:
            return self.system.with_params({self.parameter: self.values[k]}), self.drive
        drive = self.drive.copy()
        drive[self.channel] = self.values[k]
        return self.system, drive

    def of_members(self, members: slice) -> dict[str, Any]:
        """Return what `simulate_ensemble` takes for some of the values."""
        values = self.values[members]
        if self.channel is None:
            return {"params": {self.parameter: values}, "inputs": self.drive}
        drives = np.tile(self.drive, (len(values), 1))
        drives[:, self.channel] = values
        return {"inputs": drives}


@dataclass(frozen=True, eq=False)
class Observed:
    """One output, or one state."""

    what: str
    number: int

    @classmethod
    def of(cls, system: DynamicalSystem, what: str, number: int) -> Observed:
        """Check what the user gave."""
        count = system.output_dim if what == "outputs" else system.state_dim
        if number >= count:
            raise ValueError(f"`number` must be below {count}, the number of {what}; got {number}.")
        return cls(what, number)

    def of_ensemble(self, ens: Ensemble) -> Floats:
        """Return the observable (B, T)."""
        return (ens.outputs if self.what == "outputs" else ens.y)[:, self.number]

    def of_run(self, run: Solution) -> Floats:
        """Return the observable (T,)."""
        return (run.outputs if self.what == "outputs" else run.y)[self.number]

    def of_states(self, system: DynamicalSystem, states: Floats) -> Floats:
        """Return the observable of states that are rows, (K,)."""
        return (system.outputs_of_rows(np.ascontiguousarray(states)) if self.what == "outputs" else states)[:, self.number]


def extrema_of(at: Floats, rows: Floats, number: int, still: float, is_map: bool) -> tuple[np.ndarray, ...]:
    """Return (values, heights, sides, starts) of the marks that series (B, T) make.

    An extremum is the vertex of the parabola through three samples. A series that moves by less than `still`, or that has
    no extremum, is marked by its last sample.
    """
    if is_map:
        marks = np.repeat(at, rows.shape[1]), rows.ravel(), np.zeros(rows.size)
        return (*marks, np.full(rows.size, number))
    left, middle, right = rows[:, :-2], rows[:, 1:-1], rows[:, 2:]
    moving = (np.ptp(rows, axis=1) > still)[:, np.newaxis] if rows.size else np.zeros((len(rows), 1), dtype=bool)
    found = []
    for side in (1, -1):
        member, k = np.nonzero(moving & (side * (middle - left) > 0) & (side * (middle - right) >= 0))
        a, b, c = left[member, k], middle[member, k], right[member, k]
        found.append((member, b - (c - a) ** 2 / (8 * (a - 2 * b + c)), np.full(len(member), side)))
    resting = np.setdiff1d(np.arange(len(rows)), np.concatenate([found[0][0], found[1][0]]))
    found.append((resting, rows[resting, -1] if rows.size else np.empty(0), np.zeros(len(resting), dtype=int)))
    member, height, sides = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return at[member], height, sides, np.full(len(member), number)
