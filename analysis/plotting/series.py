"""Times, channels and values of a time series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.plotting.axes import component_name
from analysis.plotting.seams import angles_shown, broken
from neurodynamics import Ensemble, Solution
from neurodynamics.systems import NO_ANGLES
from neurodynamics.validation import Floats, as_choice, as_count, dimensions

QUANTITIES = ("outputs", "states", "inputs")
INPUT_SAMPLES = 1000  # of inputs that change smoothly


@dataclass(frozen=True)
class Series:
    """Rows of values over time, each with the number and the name of what it belongs to."""

    t: Floats
    values: Floats
    numbers: tuple[int, ...]
    names: tuple[str, ...] = ()
    discrete: bool = False


def series_of(solution: Solution, what: str, numbers: Any = None, *, seams: bool = True) -> Series:
    """Return the chosen rows of a quantity of a run, of angles within a period, with gaps at their seams."""
    as_choice(what, "what", QUANTITIES)
    discrete = solution.system is not None and solution.system.kind == "map"
    if what == "inputs" and not discrete:
        t, values = _inputs(solution)
    else:
        t = solution.t
        values = getattr(solution, {"outputs": "outputs", "states": "y", "inputs": "input_values"}[what])
    angles = angles_shown(solution.system, what) if seams else NO_ANGLES
    if angles and not discrete:
        rows, t = broken(angles, values.T, t)
        values = rows.T
    elif angles:
        values = angles.wrap(values.T).T
    chosen = chosen_rows(numbers, len(values))
    names = tuple(component_name(what, number, solution.system) for number in chosen)
    return Series(t, values[list(chosen)], chosen, names, discrete)


def ensemble_values(ensemble: Ensemble, what: str) -> Floats:
    """Return outputs or states of all members, shape (B, K, T) or (B, K)."""
    return ensemble.outputs if as_choice(what, "what", ["outputs", "states"]) == "outputs" else ensemble.y


def chosen_rows(numbers: Any, count: int, name: str = "neurons") -> tuple[int, ...]:
    """Return row numbers 0 .. count - 1, or raise."""
    if numbers is None:
        return tuple(range(count))
    if dimensions(numbers) not in (0, 1):
        raise TypeError(f"`{name}` must be the number of a row, or a vector of them; got {numbers!r:.60}.")
    chosen = tuple(as_count(n, f"{name}[{i}]") for i, n in enumerate(np.atleast_1d(numbers)))
    for i, n in enumerate(chosen):
        if n >= count:
            raise ValueError(f"`{name}[{i}]` must be below {count}, the number of rows; got {n}.")
    return chosen


def _inputs(solution: Solution) -> tuple[Floats, Floats]:
    """Return inputs at times that hold both sides of every jump, so that no pulse is missed and every edge is upright."""
    inputs = solution.inputs
    if inputs is None:
        raise ValueError("`solution` does not hold its inputs, so they cannot be drawn.")
    if not solution.t.size:
        return solution.t, np.empty((inputs.base.size, 0))
    start, end = solution.t.min(), solution.t.max()
    jumps = inputs.breakpoints[(inputs.breakpoints > start) & (inputs.breakpoints <= end)]
    smooth = np.linspace(start, end, 2 if inputs.constant else INPUT_SAMPLES)
    times = np.unique(np.concatenate([smooth, np.nextafter(jumps, -np.inf), jumps]))
    return times, inputs.at(times)
