"""The path of a run through its states or outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, component_label, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK
from analysis.plotting.path import after_time, draw_path
from analysis.plotting.seams import angles_shown, show_period
from analysis.plotting.series import chosen_rows, series_of
from neurodynamics import Solution


@draws(Solution)
def plot_trajectory(
    solution: Solution,
    *,
    neurons: Any = None,
    what: str = "states",
    after: float | None = None,
    start: bool = True,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw a trajectory in the plane of two neurons, or in the space of three.

    Parameters
    ----------
    solution : Solution
    neurons : sequence of 2 or 3 ints, optional
        Which ones; by default the first two, or all three of three.
    what : {"states", "outputs"}
    after : float, optional
        Leave out what comes before this time: the approach to an attractor, say.
    start : bool
        Whether to mark where the path begins.
    ax : Axes, optional
        Where to draw; three-dimensional for three neurons.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from neurodynamics import models, simulate
    >>> ax = plotting.plot_trajectory(simulate(models.lorenz(), 20, [1, 1, 1]))
    """
    rows = series_of(solution, what)
    count = len(rows.values)
    chosen = chosen_rows(range(count if count == 3 else 2) if neurons is None else neurons, count)
    if len(chosen) not in (2, 3):
        raise ValueError(f"`neurons` must name 2 or 3 of them; got {len(chosen)}.")
    keep = after_time(rows.t, after)
    points = rows.values[np.array(chosen)][:, keep]
    solid = len(chosen) == 3
    ax = axes_or_new(ax, size=(5.8, 4.8), projection="3d" if solid else None)
    discrete = {"linestyle": "", "marker": ".", "markersize": 2} if rows.discrete else {}
    draw_path(ax, points, start, **with_defaults(style, **({"color": INK, "linewidth": 1.2} | discrete)))
    name_axes(ax, [component_label(what, number, solution.system) for number in chosen])
    for axis, number in zip("xy", chosen, strict=False):
        show_period(ax, axis, angles_shown(solution.system, what), number)
    return ax
