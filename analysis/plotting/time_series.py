"""States, outputs or inputs of a run over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, legend_beside, quantity_label, time_label, unit_name, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.heat_map import draw_heat_map
from analysis.plotting.palette import series_color, series_style
from analysis.plotting.series import Series, series_of
from neurodynamics import Solution

HEAT_MAP_FROM = 20  # lines beyond this number cannot be told apart


@draws(Solution)
def plot_time_series(
    solution: Solution,
    *,
    what: str = "outputs",
    neurons: Any = None,
    heat_map: bool | None = None,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw how a run went on: one line a neuron, from 20 neurons up one row of a heat map each.

    Parameters
    ----------
    solution : Solution
    what : {"outputs", "states", "inputs"}
        For several of them at once see :func:`plot_time_panels`.
    neurons : sequence of int, optional
        Which ones; all by default.
    heat_map : bool, optional
        Whether to draw a heat map, whatever the number of neurons.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, or for :meth:`~matplotlib.axes.Axes.imshow` of a heat map.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, simulate
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_time_series(simulate(net, 40, [0, 0]))
    """
    series = series_of(solution, what, neurons)
    ax = axes_or_new(ax)
    label = quantity_label(what, solution.system)
    if heat_map if heat_map is not None else len(series.numbers) >= HEAT_MAP_FROM:
        draw_heat_map(ax, series, label, **style)
        ax.set_ylabel("input" if what == "inputs" else unit_name(solution.system))
    else:
        _draw_lines(ax, series, **style)
        ax.set_ylabel(label)
    ax.set_xlabel(time_label(solution.system))
    return ax


def _draw_lines(ax: Axes, series: Series, **style: Any) -> None:
    for number, name, values in zip(series.numbers, series.names, series.values, strict=True):
        defaults = {"color": series_color(number), "linestyle": series_style(number), "linewidth": 1.5}
        if series.discrete:
            defaults |= {"marker": ".", "linewidth": 0.5}
        ax.plot(series.t, values, **with_defaults(style, label=name, **defaults))
    if series.t.size > 1:
        ax.set_xlim(np.min(series.t), np.max(series.t))
    legend_beside(ax)
