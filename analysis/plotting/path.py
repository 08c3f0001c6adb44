"""A line through a plane or a space, with its beginning and its direction."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from neurodynamics.validation import Floats, as_number


def after_time(t: Floats, after: float | None) -> Any:
    """Return which times to keep, or raise where none is left."""
    if after is None:
        return np.ones(t.size, dtype=bool)
    keep = t >= as_number(after, "after")
    if not keep.any():
        raise ValueError(f"`after` must be at most the last time, {t[-1]:g}; got {after:g}.")
    return keep


def draw_path(ax: Axes, points: Floats, start: bool, **style: Any) -> None:
    """Draw points (2 or 3, T) as a line; an open square marks the start, an arrowhead the way (in a plane)."""
    (line,) = ax.plot(*points, **style)
    if not points.shape[1]:
        return
    color = line.get_color()
    if start:
        label = "_nolegend_" if str(line.get_label()).startswith("_") else "start"
        ax.plot(*points[:, :1], linestyle="", marker="s", markersize=4.5, markerfacecolor="white", markeredgecolor=color,
                label=label, zorder=line.get_zorder())  # fmt: skip
    if len(points) == 2 and line.get_linestyle() != "None":
        _draw_arrowhead(ax, points, color)


def _draw_arrowhead(ax: Axes, points: Floats, color: Any) -> None:
    """Put an arrowhead on the path at a third of its length."""
    points = points[:, np.isfinite(points).all(axis=0)]  # without the gaps of angles
    if points.shape[1] < 2:
        return
    steps = np.hypot(*(np.diff(points, axis=1) / _spread(points)))
    length = np.concatenate([[0.0], np.cumsum(steps)])
    if not length[-1] > 0:
        return
    k = int(np.clip(np.searchsorted(length, length[-1] / 3), 1, points.shape[1] - 1))
    before = int(np.searchsorted(length, length[k] - 0.01 * length[-1]))
    tail, head = points[:, min(before, k - 1)], points[:, k]
    arrow = {"arrowstyle": "-|>", "color": color, "mutation_scale": 13, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(head[0], head[1]), xytext=(tail[0], tail[1]), arrowprops=arrow)


def _spread(points: Floats) -> Floats:
    spread = np.ptp(points, axis=1, keepdims=True)
    return np.where(spread > 0, spread, 1.0)
