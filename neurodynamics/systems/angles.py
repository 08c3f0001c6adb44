"""Angles: states of a circle, which are the same again after a period.

Trajectories carry angles on without a jump, so that turns can be counted. Whoever compares states does it by the three
functions here: `difference` is the shortest way from one to another, `wrap` gives the representative around zero, and
`embed` puts each angle on a circle in the plane, in which distances, extents and planes know of no seam. Of states without
angles all of them are what they are on the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurodynamics.validation import Floats, as_count, as_number

TURN = 2.0 * np.pi


@dataclass(frozen=True, eq=False)
class Angles:
    """Which states are angles, and after what they repeat.

    Attributes
    ----------
    states : array of int, shape (A,)
        In ascending order.
    periods : array, shape (A,)

    Examples
    --------
    >>> from neurodynamics.systems import Angles
    >>> angles = Angles.of({0: 1.0}, 2)
    >>> angles.difference([0.9, 3.0], [0.1, 1.0]).round(9).tolist()
    [-0.2, 2.0]
    """

    states: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    periods: Floats = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, given: Any, n: int) -> Angles:
        """Return the angles that a user named: numbers of states, or a mapping from them to periods."""
        if given is None or isinstance(given, Angles):
            return given or cls()
        if isinstance(given, (str, bytes)) or not hasattr(given, "__iter__"):
            raise TypeError(f"`angles` must name states, e.g. [0], or give periods, e.g. {{0: 1.0}}; got {given!r}.")
        periods = dict(given) if isinstance(given, Mapping) else {each: TURN for each in given}
        checked = {}
        for state, period in periods.items():
            number = as_count(state, "angles")
            if number >= n:
                raise ValueError(f"`angles` must be numbers of states below state_dim = {n}; got {number}.")
            checked[number] = as_number(period, f"angles[{number}]", positive=True)
        states = np.array(sorted(checked), dtype=np.int64)
        return cls(states, np.array([checked[state] for state in states.tolist()], dtype=float))

    def __bool__(self) -> bool:
        return self.states.size > 0

    @property
    def mapping(self) -> dict[int, float]:
        """Periods by the numbers of their states."""
        return dict(zip(self.states.tolist(), self.periods.tolist(), strict=True))

    def shifted(self, by: int) -> dict[int, float]:
        """Return the periods where the states stand behind so many others."""
        return {state + by: period for state, period in self.mapping.items()}

    def without(self, state: int) -> dict[int, float]:
        """Return the periods where a state has been taken out."""
        return {each - (each > state): period for each, period in self.mapping.items() if each != state}

    def wrap(self, states: Any, about: Any = None) -> Floats:
        """Return states (.., N) whose angles are at most half a period from zero, or from states ``about``."""
        if not self:
            return states  # type: ignore[no-any-return]
        y = np.array(states, dtype=float)
        middle = 0.0 if about is None else np.asarray(about)[..., self.states]
        with np.errstate(invalid="ignore"):
            y[..., self.states] -= self.periods * np.floor((y[..., self.states] - middle) / self.periods + 0.5)
        return y

    def difference(self, a: Any, b: Any) -> Floats:
        """Return a - b, (.., N), the shortest way round."""
        return self.wrap(np.subtract(a, b))

    def embed(self, states: Any) -> Floats:
        """Return states (.., N) with each angle on a circle of its period's length, (.., N + A)."""
        if not self:
            return states  # type: ignore[no-any-return]
        y = np.array(states, dtype=float)
        radius = self.periods / TURN
        phase = y[..., self.states] / radius
        y[..., self.states] = radius * np.cos(phase)
        return np.concatenate([y, radius * np.sin(phase)], axis=-1)

    def carry(self, states: Any, vectors: Any) -> Floats:
        """Return tangent vectors (.., N) at states as those of the embedded states, (.., N + A)."""
        if not self:
            return vectors  # type: ignore[no-any-return]
        v = np.array(vectors, dtype=float)
        phase = np.asarray(states)[..., self.states] * TURN / self.periods
        along = v[..., self.states].copy()
        v[..., self.states] = -np.sin(phase) * along
        return np.concatenate([v, np.cos(phase) * along], axis=-1)

    def weights(self, scale: Floats) -> Floats:
        """Return the scale (N,) of states as that of embedded states, (N + A,)."""
        return np.concatenate([scale, scale[self.states]]) if self else scale

    def box(self, box: Floats) -> Floats:
        """Return a box (N, 2) whose rows are one period for each angle."""
        if not self:
            return box
        rows = np.array(box, dtype=float)
        rows[self.states] = 0.5 * self.periods[:, np.newaxis] * np.array([-1.0, 1.0])
        return rows


NO_ANGLES = Angles()
