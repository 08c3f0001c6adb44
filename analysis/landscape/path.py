"""Paths through a landscape: minimum-energy paths over the lowest saddles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from analysis.landscape.descent import descend
from analysis.landscape.spaces import modes_of
from analysis.landscape.stationary import Model, size_of
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats

RESOLUTION = 400  # points of each steepest descent
OFFSET = REACH = 1e-4  # of the size: the first step off the saddle, and how near to the minimum the last one ends


@dataclass(frozen=True, eq=False, repr=False)
class EnergyPath(Record):
    """States along a path, with their energies.

    Attributes
    ----------
    states : array, shape (T, N)
    s : array, shape (T,)
        Length of the path so far, between the outputs of the states.
    energy : array, shape (T,)
    marks : array of int, shape (m,)
        Rows of `states` at which there are stationary points.
    points : array of int, shape (m,)
        Their numbers in the landscape; -1 where they are none.
    names : tuple of str
    """

    states: Floats
    s: Floats
    energy: Floats
    marks: np.ndarray
    points: np.ndarray
    names: tuple[str, ...]
    system: Any

    @property
    def top(self) -> float:
        """The highest energy on the way."""
        return float(self.energy.max())

    @property
    def height(self) -> float:
        """How far one has to climb: the highest energy less that of the start."""
        return self.top - float(self.energy[0])

    plot = drawn("plot_energy_path", "Draw the energy over the length of the path")

    def __repr__(self) -> str:
        return f"EnergyPath({' -> '.join(self.names)}, climbs {self.height:.6g})"


def steepest_descent(model: Model, states: Floats, saddle: int, minimum: int) -> Floats:
    """Return states (T, N) from a saddle to a minimum on one of its sides, both included; `states` are all points."""
    x = model.reduce(states)
    top, bottom, size = x[[saddle]], x[[minimum]], size_of(x)
    gap = cKDTree(x).query(top, k=2)[0][0, 1]
    push = min(OFFSET * size, 0.05 * gap) * modes_of(model, top)[1]
    for side in (push, -push):
        reach = np.full(1, min(REACH * size, 0.05 * gap))
        ends = descend(model.flow, top + side, bottom, reach, size=size, record=True, jacobian=model.jacobian)
        if ends.target[0] == 0:
            return model.expand(np.concatenate([top, ends.way, bottom]))
    raise RuntimeError(f"neither side of point {saddle} leads down to minimum {minimum}.")


def joined(legs: list[Floats], outputs: Any, energy: Any, points: list[int], names: list[str], system: Any) -> EnergyPath:
    """Return the path of legs (T, N) that begin where the one before ends."""
    legs = [_thinned(leg, outputs(leg)) for leg in legs]
    states = np.concatenate([legs[0][:1], *(leg[1:] for leg in legs)])
    marks = np.concatenate([[0], np.cumsum([len(leg) - 1 for leg in legs])])
    steps = np.linalg.norm(np.diff(outputs(states), axis=0), axis=1)
    s = np.concatenate([[0.0], np.cumsum(steps)])
    return EnergyPath(states, s, energy(states), marks, np.array(points), tuple(names), system)


def _thinned(leg: Floats, outputs: Floats) -> Floats:
    """Keep points that are evenly apart, and both ends."""
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(outputs, axis=0), axis=1))])
    keep = np.unique(np.searchsorted(s, np.linspace(0.0, s[-1], RESOLUTION)))
    return leg[np.unique(np.concatenate([[0], np.minimum(keep, len(leg) - 1), [len(leg) - 1]]))]
