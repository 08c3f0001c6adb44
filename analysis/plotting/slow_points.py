"""Slow points, by their speed."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.common import plane_of
from analysis.equilibria import SlowPoints
from analysis.plotting.axes import axes_or_new, component_label
from analysis.plotting.given import draws
from analysis.plotting.kinds import label_plane
from analysis.plotting.palette import INK


@draws(SlowPoints)
def plot_slow_points(points: SlowPoints, *, plane: Any = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Mark slow points: a circle for a fixed point, a star, coloured by its speed, for a slow one.

    Parameters
    ----------
    points : SlowPoints
    plane : (int, int) or "principal", optional
        For more than two states: two of them, or principal components, which are the default.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.scatter`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting, slow_points
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[8, 0], [0, 8]], biases=-4)
    >>> ax = plotting.plot_slow_points(slow_points(net, rng=0))
    """
    fresh = ax is None
    ax = axes_or_new(ax, size=(6.2, 4.4))
    n = points.x.shape[1]
    x = points.x if n > 1 else np.column_stack([points.x, points.speed])
    if n > 1:
        window = np.column_stack([x.min(axis=0, initial=-1.0), x.max(axis=0, initial=1.0)])
        chosen = plane_of(points.system, plane, np.zeros(n), window, [x] if len(x) else [])
        x = chosen.project(x)
    ax.plot(*x[points.fixed].T, linestyle="", marker="o", color=INK, label="fixed point", zorder=5)
    speeds = points.speed[~points.fixed]
    if speeds.size:
        defaults: dict[str, Any] = {"marker": "*", "s": 90, "cmap": "viridis", "edgecolors": INK, "linewidths": 0.5,
                                    "zorder": 4, "label": "slow point", "c": np.log10(speeds)}  # fmt: skip
        first, second = x[~points.fixed].T
        drawn = ax.scatter(first, second, **(defaults | style))
        ax.figure.colorbar(drawn, ax=ax, label="log10 of the speed")
    if fresh:
        if n > 1:
            label_plane(chosen, points.system, ax)
        else:
            ax.set_xlabel(component_label("states", 0, points.system))
            ax.set_ylabel("speed |dy/dt|")
        ax.legend(loc="best", frameon=False)
    return ax
