"""Angles in pictures: one period, and no line across the seam where it begins again."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from neurodynamics import DynamicalSystem
from neurodynamics.systems import Angles
from neurodynamics.validation import Floats

QUARTERS = [r"$-\pi$", r"$-\pi/2$", "0", r"$\pi/2$", r"$\pi$"]


def angles_shown(system: DynamicalSystem | None, what: str = "states") -> Angles:
    """Return the angles among what is shown; outputs of their own have none."""
    shown = system is not None and (what == "states" or (what == "outputs" and not system.has("outputs")))
    return system.angles if shown and system is not None else Angles()


def broken(angles: Angles, states: Floats, t: Floats | None = None) -> tuple[Floats, Floats]:
    """Return states (T, N) of a line within one period, and times, with a gap (NaN) where an angle passes its seam."""
    t = np.arange(len(states), dtype=float) if t is None else t
    if not angles or len(states) < 2:
        return angles.wrap(states), t
    y = angles.wrap(states)
    steps = np.zeros(y[1:].shape, dtype=bool)
    steps[:, angles.states] = np.abs(np.diff(y[:, angles.states], axis=0)) > 0.5 * angles.periods
    after = np.flatnonzero(steps.any(axis=1)) + 1
    between = np.where(steps[after - 1], np.nan, 0.5 * (y[after - 1] + y[after]))
    return np.insert(y, after, between, axis=0), np.insert(t, after, 0.5 * (t[after - 1] + t[after]))


def show_period(ax: Axes, axis: str, angles: Angles, state: int) -> None:
    """Let an axis, "x" or "y", show one period where it belongs to an angle."""
    period = angles.mapping.get(state)
    if period is None:
        return
    (ax.set_xlim if axis == "x" else ax.set_ylim)(-0.5 * period, 0.5 * period)
    if np.isclose(period, 2 * np.pi):
        (ax.set_xticks if axis == "x" else ax.set_yticks)(period * np.linspace(-0.5, 0.5, 5), QUARTERS)
