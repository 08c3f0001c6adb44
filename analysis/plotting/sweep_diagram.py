"""Attractors and fixed points over a parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, component_label, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, series_color
from analysis.plotting.seams import angles_shown, show_period
from analysis.sweeps import SweepDiagram
from neurodynamics.validation import Floats

FEW, MANY = 4.0, 0.7  # sizes of marks of few and of many per value
CROWDED = 24  # marks per value that can be told apart
NEAR = 0.1  # of the height of the marks: how far a branch may move from value to value
APART = 500  # as many as that over the height of the picture
UNSTABLE = "#B0B0B0"
SIDES = {1: ("maximum", 1), -1: ("minimum", 0)}


def _marks(diagram: SweepDiagram) -> int:
    """Return how many of the points can be told apart."""
    if not len(diagram.height):
        return 0
    spread = float(np.ptp(diagram.height)) or 1.0
    places = np.column_stack([diagram.at, np.round(diagram.height / spread * APART)])
    return len(np.unique(places, axis=0))


def _rounded(height: Floats) -> Floats:
    """Return heights that differ where they can be told apart."""
    step = (float(np.ptp(height)) or 1.0) / APART
    return np.round(height / step) * step


def _links(at: Floats, height: Floats, reach: float) -> tuple[Floats, Floats]:
    """Return lines, NaN between them, from marks to those of the next value that are nearest to each other, and near."""
    lines: list[Floats] = []
    values = np.unique(at)
    own = [np.unique(height[at == value]) for value in values]
    for value, following, a, b in zip(values, values[1:], own, own[1:], strict=False):
        gaps = np.abs(a[:, np.newaxis] - b)
        for i, j in enumerate(gaps.argmin(axis=1)):
            if gaps[:, j].argmin() == i and gaps[i, j] <= reach:
                lines += [np.array([[value, a[i]], [following, b[j]], [np.nan, np.nan]])]
    x, y = np.concatenate(lines).T if lines else np.empty((2, 0))
    return x, y


@draws(SweepDiagram)
def plot_sweep_diagram(diagram: SweepDiagram, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw maxima and minima of what was settled into, or iterates of a map, with the fixed points.

    Stable fixed points are black, unstable ones grey.

    Parameters
    ----------
    diagram : SweepDiagram
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the marks of attractors, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting, sweep_diagram
    >>> from neurodynamics import models
    >>> ax = plotting.plot_sweep_diagram(sweep_diagram(models.logistic_map(), "r", [2.8, 3.2, 3.5]))
    """
    ax = axes_or_new(ax, size=(7.4, 4.4))
    crowded = _marks(diagram) > CROWDED * len(diagram.values)
    heights = np.concatenate([diagram.height, diagram.points_height])
    reach = NEAR * float(np.ptp(heights)) if heights.size else 0.0
    look = {"linestyle": "", "marker": ".", "markersize": MANY if crowded else FEW, "markeredgewidth": 0, "zorder": 2}
    for stable, color, name in ((False, UNSTABLE, "unstable fixed point"), (True, INK, "stable fixed point")):
        chosen = diagram.points_stable == stable
        ax.plot(diagram.points_at[chosen], diagram.points_height[chosen], linestyle="", marker=".", markersize=FEW,
                markeredgewidth=0, color=color, zorder=4, label=name if chosen.any() else "_nolegend_")  # fmt: skip
        line = _links(diagram.points_at[chosen], diagram.points_height[chosen], reach)
        ax.plot(*line, color=color, linewidth=1.0, zorder=4, label="_nolegend_")
    is_map = diagram.system.kind == "map"
    for side, (name, series) in SIDES.items():
        chosen = diagram.side == side
        if chosen.any():
            options = with_defaults(style, color=series_color(series), label=name, **look)
            ax.plot(diagram.at[chosen], diagram.height[chosen], **options)
            if not crowded:
                line = _links(diagram.at[chosen], _rounded(diagram.height)[chosen], reach)
                ax.plot(*line, color=options["color"], linewidth=1.0, zorder=2, label="_nolegend_")
    rest = diagram.side == 0
    if rest.any():
        label = "iterate" if is_map else "_nolegend_" if diagram.points_stable.any() else "at rest"
        options = with_defaults(style, color=series_color(0) if is_map else INK, label=label, **look)
        ax.plot(diagram.at[rest], diagram.height[rest], **options)
    low, high = float(np.min(diagram.values)), float(np.max(diagram.values))
    ax.set_xlim(low, high if high > low else None)
    ax.set_xlabel(diagram.parameter)
    ax.set_ylabel(component_label(diagram.what, diagram.number, diagram.system))
    show_period(ax, "y", angles_shown(diagram.system, diagram.what), diagram.number)
    legend_beside(ax)
    legend = ax.get_legend()
    for handle in legend.legend_handles if legend is not None else []:
        handle.set_markersize(8)  # type: ignore[union-attr]
    return ax
