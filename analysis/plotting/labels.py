"""Labels of points, put where they cover neither each other nor, where that can be helped, the curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

SIZE = 8.0  # points
WIDTH, HEIGHT = 0.62, 1.25  # of a letter, of a line, in units of the size
GAPS = (5.0, 11.0, 19.0, 30.0)  # points from the mark
TURNS = np.deg2rad([60, 120, 240, 300, 0, 180, 90, 270])
COVERS_LABEL, COVERS_MARK, OUTSIDE = 1000.0, 100.0, 300.0  # what a place costs; a vertex of a curve costs 1


def label_points(ax: Axes, places: np.ndarray, labels: Sequence[str], curves: Sequence[np.ndarray] = ()) -> None:
    """Write labels beside points (K, 2); the limits of the axes must be set."""
    if not len(labels):
        return
    ax.figure.canvas.figure.draw_without_rendering()  # a constrained layout moves axes at the first drawing
    scale = ax.figure.dpi / 72.0
    inside = [k for k, (x, y) in enumerate(places) if _within(ax.get_xlim(), x) and _within(ax.get_ylim(), y)]
    marks = ax.transData.transform(np.asarray(places, dtype=float)[inside].reshape(-1, 2))
    seen = [ax.transData.transform(curve) for curve in curves if len(curve)]
    vertices = np.concatenate(seen) if seen else np.empty((0, 2))
    frame = ax.get_window_extent()
    taken: list[Any] = []
    for k, mark in zip(inside, marks, strict=True):
        half = 0.5 * scale * SIZE * np.array([WIDTH * len(labels[k]) + 0.4, HEIGHT])
        costs = []
        for gap in GAPS:
            for turn in TURNS:
                direction = np.array([np.cos(turn), np.sin(turn)])
                centre = mark + direction * (gap * scale + np.abs(direction) * half)
                costs.append((_cost(centre, half, taken, marks, vertices, frame) + 0.2 * gap, centre))
        _, centre = min(costs, key=lambda each: each[0])
        taken.append((centre, half))
        offset = (centre - mark) / scale
        text = ax.annotate(labels[k], tuple(places[k]), xytext=tuple(offset), textcoords="offset points", fontsize=SIZE,
                           ha="center", va="center", zorder=9)  # fmt: skip
        text.set_path_effects([withStroke(linewidth=2.0, foreground="white")])
        text.set_in_layout(False)


def _within(limits: tuple[float, float], value: float) -> bool:
    return min(limits) <= value <= max(limits)


def _cost(centre: np.ndarray, half: np.ndarray, taken: list, marks: np.ndarray, vertices: np.ndarray,
          frame: object) -> float:  # fmt: skip
    cost = COVERS_LABEL * sum(bool((np.abs(centre - other) < half + size).all()) for other, size in taken)
    cost += COVERS_MARK * int((np.abs(marks - centre) < half + 2.0).all(axis=1).sum())
    cost += int((np.abs(vertices - centre) < half).all(axis=1).sum())
    low, high = np.array(frame.min), np.array(frame.max)  # type: ignore[attr-defined]
    return cost + OUTSIDE * bool((centre - half < low).any() or (centre + half > high).any())
