"""Marks of fixed points, a look for each kind, and labels of planes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.equilibria import FixedPoints
from analysis.plotting.axes import component_label, name_axes, with_defaults
from analysis.plotting.palette import INK
from analysis.plotting.seams import show_period
from neurodynamics.validation import Floats

MIDDLE = "#BBBBBB"
LOOKS: dict[str, dict[str, Any]] = {  # by the last words of a kind; filled: stable
    "stable node": {"marker": "o", "markerfacecolor": INK},
    "stable focus": {"marker": "h", "markerfacecolor": INK, "markersize": 8},
    "saddle": {"marker": "D", "markerfacecolor": MIDDLE, "markersize": 6},
    "saddle-focus": {"marker": "P", "markerfacecolor": MIDDLE, "markersize": 8},
    "unstable node": {"marker": "o", "markerfacecolor": "white"},
    "unstable focus": {"marker": "h", "markerfacecolor": "white", "markersize": 8},
    "centre": {"marker": "s", "markerfacecolor": "white", "markersize": 6},
    "non-hyperbolic": {"marker": "X", "markerfacecolor": "white", "markersize": 8},
}
SAME_LOOK = {"star": "node", "degenerate node": "node"}


def mark_points(points: FixedPoints, project: Callable[[Floats], Floats], ax: Axes, style: dict[str, Any]) -> None:
    """Mark points, each kind with its look, at the coordinates that `project` gives."""
    kinds = np.array([_look(str(kind)) for kind in points.kind], dtype=object)
    for name, look in LOOKS.items():
        of_kind = points.x[kinds == name]
        if len(of_kind):
            common = {"linestyle": "", "markersize": 7, "markeredgecolor": INK, "zorder": 6, "label": name}
            ax.plot(*project(of_kind).T, **with_defaults(style, **(common | look)))


def _look(kind: str) -> str:
    for special, plain in SAME_LOOK.items():
        kind = kind.replace(special, plain)
    return kind


def label_plane(plane: Any, system: Any, ax: Axes) -> None:
    """Label the axes of a plane."""
    if plane.states is not None:
        name_axes(ax, [component_label("states", number, system) for number in plane.states])
        for axis, number in zip("xy", plane.states, strict=True):
            show_period(ax, axis, system.angles, number)
    else:
        name_axes(ax, [f"principal component {k} ({100 * plane.shares[k]:.1f} % of variance)" for k in (0, 1)])
