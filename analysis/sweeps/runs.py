"""What is varied in a sweep, what is observed, and the extrema of what was observed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common import evaluate_at, slowest_time
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats

STEP = 1e-6  # of the size of a state: for the derivative of an output along the flow
COARSE = 3e-4  # of the range: by which the trapezoidal rule may miss a sample from the one before
SETTLED = 0.02  # of the range: by which halves of a settled run may differ
QUIET = 1e-5  # of the size: a run that moves by less is at rest
_INPUT = re.compile(r"^inputs\[(-?\d+)\]$")


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
            if not -system.input_dim <= channel < system.input_dim:
                raise ValueError(f"`parameter` must be one of the {system.input_dim} inputs; got {parameter!r}.")
            channel %= system.input_dim
            return cls(system, f"inputs[{channel}]", values, drive, channel)
        parameter = system.layout.name_of(system.layout.index(parameter))  # "biases[-1]" counts from the end
        for value in (values.min(), values.max()):
            system.with_params({parameter: value})
        return cls(system, parameter, values, drive, None)

    def unit(self, states: Floats) -> float:
        """Of time: the slowest time constant at any of the values, near states (K, N); of a map 1."""
        ends = (self.member(int(k)) for k in (np.argmin(self.values), np.argmax(self.values)))
        return max(slowest_time(system, drive, states) for system, drive in ends)

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

    def slopes(self, system: DynamicalSystem, states: Floats, drive: Floats) -> Floats:
        """Return how fast the observable changes at states that are rows, (K,)."""
        states = np.ascontiguousarray(states)
        f = evaluate_at(system, "rhs", states, drive)
        if self.what == "states":
            return f[:, self.number]
        size = (1.0 + np.abs(states).max(axis=1)) / np.maximum(np.abs(f).max(axis=1), 1e-300)
        step = STEP * size[:, np.newaxis] * f
        return (self.of_states(system, states + step) - self.of_states(system, states - step)) / (2.0 * STEP * size)

    def of_states(self, system: DynamicalSystem, states: Floats) -> Floats:
        """Return the observable of states that are rows, (K,)."""
        shown = self.what == "outputs" and system.has("outputs")
        rows = system.outputs_of_rows(np.ascontiguousarray(states)) if shown else system.angles.wrap(states)
        return rows[:, self.number]


def extrema_of(series: Series, still: float, is_map: bool) -> tuple[np.ndarray, ...]:
    """Return (values, heights, sides, starts) of the marks that observed series make.

    An extremum is where the derivative changes its sign, by the cubic through two samples and their derivatives. A series
    that moves by less than `still` is marked by its last sample, one that moves and does not turn by its ends.
    """
    rows, slopes = series.rows, series.slopes
    if is_map:
        marks = np.repeat(series.at, rows.shape[1]), rows.ravel(), np.zeros(rows.size)
        return (*marks, np.full(rows.size, series.number))
    moving = (np.ptp(rows, axis=1) > still)[:, np.newaxis] if rows.size else np.zeros((len(rows), 1), dtype=bool)
    found = []
    for side in (1, -1):
        member, k = np.nonzero(moving & (side * slopes[:, :-1] > 0) & (side * slopes[:, 1:] <= 0))
        height = _vertex(rows[member, k], rows[member, k + 1], slopes[member, k] * series.dt[member, k],
                         slopes[member, k + 1] * series.dt[member, k], side)  # fmt: skip
        found.append((member, height, np.full(len(member), side)))
    resting = np.setdiff1d(np.arange(len(rows)), np.concatenate([found[0][0], found[1][0]]))
    jumping = resting[moving[resting, 0]]  # resets: it rises to a threshold, and never turns
    resting = np.setdiff1d(resting, jumping)
    found += [(jumping, rows[jumping].max(axis=1, initial=-np.inf), np.ones(len(jumping), dtype=int)),
              (jumping, rows[jumping].min(axis=1, initial=np.inf), -np.ones(len(jumping), dtype=int))]  # fmt: skip
    found.append((resting, rows[resting, -1] if rows.size else np.empty(0), np.zeros(len(resting), dtype=int)))
    member, height, sides = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return series.at[member], height, sides, np.full(len(member), series.number)


def _vertex(a: Floats, b: Floats, da: Floats, db: Floats, side: int) -> Floats:
    """Return the extremum of the cubic on [0, 1] with these values and derivatives at its ends."""
    cubic, square = da + db - 2.0 * (b - a), 3.0 * (b - a) - 2.0 * da - db
    root = np.sqrt(np.maximum(square**2 - 3.0 * cubic * da, 0.0))
    jumps = np.abs(b - a - 0.5 * (da + db)) > 0.5 * (np.abs(da) + np.abs(db))  # at a reset
    x = np.clip(-da / np.where(square - side * root == 0, -1.0, square - side * root), 0.0, 1.0)
    return np.where(jumps, side * np.maximum(side * a, side * b), a + x * (da + x * (square + x * cubic)))


@dataclass(frozen=True, eq=False)
class Series:
    """The observable of some runs: values of the parameter (B,), samples and derivatives (B, T), distances (B, T - 1)."""

    at: Floats
    rows: Floats
    slopes: Floats
    dt: Floats
    number: int

    @property
    def coarse(self) -> np.ndarray:
        """Whether samples are so far apart that cubics miss what lies between, (B,)."""
        if self.rows.shape[1] < 2:
            return np.zeros(len(self.rows), dtype=bool)
        along = 0.5 * self.dt * (self.slopes[:, 1:] + self.slopes[:, :-1])
        missed = np.abs(np.diff(self.rows, axis=1) - along).max(axis=1)
        return missed > COARSE * np.maximum(np.ptp(self.rows, axis=1), self._still)

    @property
    def _still(self) -> Floats:
        """Range (B,) below which a run is at rest."""
        return QUIET * (1.0 + np.abs(self.rows).max(axis=1, initial=0.0))

    def __getitem__(self, chosen: np.ndarray) -> Series:
        return Series(self.at[chosen], self.rows[chosen], self.slopes[chosen], self.dt[chosen], self.number)

    @property
    def settling(self) -> np.ndarray:
        """Whether the range of the later half is still another one than that of the first half, (B,)."""
        half = self.rows.shape[1] // 2
        first, second = (np.ptp(part, axis=1) for part in (self.rows[:, :half], self.rows[:, half:]))
        return np.abs(first - second) > SETTLED * np.maximum(np.maximum(first, second), self._still / SETTLED)
