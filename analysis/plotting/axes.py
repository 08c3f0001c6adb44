"""Axes to draw on, their labels, and legends that stand beside the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurodynamics import DynamicalSystem

TICKS_IN_SPACE = 5  # more overlap
ZOOM_IN_SPACE = 0.85  # larger cuts off labels


def axes_or_new(ax: Axes | None, *, size: tuple[float, float] = (6.4, 4.0), projection: str | None = None) -> Axes:
    """Return the axes given, or those of a new figure."""
    if ax is not None:
        return ax
    return new_figure(size).add_subplot(projection=projection)


def new_figure(size: tuple[float, float]) -> Figure:
    """Return an empty figure that makes room for legends and labels."""
    return plt.figure(figsize=size, layout="constrained")


def legend_beside(ax: Axes, title: str | None = None) -> None:
    """Put the legend to the right of the axes, where it covers nothing."""
    handles, _ = ax.get_legend_handles_labels()
    if handles:
        ax.legend(title=title, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, frameon=False,
                  alignment="left")  # fmt: skip


def name_axes(ax: Axes, labels: Sequence[str]) -> None:
    """Label the axes of a plane or of a space."""
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    if len(labels) == 3:
        solid: Any = ax
        solid.set_zlabel(labels[2])
        solid.set_box_aspect(None, zoom=ZOOM_IN_SPACE)
        for axis, label in zip((solid.xaxis, solid.yaxis, solid.zaxis), labels, strict=True):
            axis.set_major_locator(MaxNLocator(TICKS_IN_SPACE))
            axis.labelpad = 9.0 + 12.0 * label.count("\n")


def time_label(system: DynamicalSystem | None) -> str:
    """Return the label of a time axis, with its unit where one is known."""
    if _is_additive(system):
        return "time t (in units of the time constants)"
    if system is not None and system.kind == "map":
        return "iteration k"
    return "time t"


def unit_name(system: DynamicalSystem | None) -> str:
    """Return what one state belongs to."""
    return "neuron" if _is_additive(system) else "state"


def _is_additive(system: DynamicalSystem | None) -> bool:
    return system is not None and system.structure("additive") is not None


def quantity_label(what: str, system: DynamicalSystem | None) -> str:
    """Return the label of an axis that shows states, outputs or inputs."""
    if what == "outputs" and (system is None or not system.has("outputs")):
        what = "states"
    return {"states": "state y", "outputs": "output o", "inputs": "input u"}[what]


def component_label(what: str, index: int, system: DynamicalSystem | None) -> str:
    """Return the label of an axis that shows one component."""
    return f"{quantity_label(what, system)} of neuron {index}" if unit_name(system) == "neuron" else f"state {index}"


def with_defaults(style: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """Return a style with defaults for what is not given, under matplotlib's short names or long ones."""
    short = {"c": "color", "lw": "linewidth", "ls": "linestyle", "ms": "markersize"}
    given = {short.get(name, name): value for name, value in style.items()}
    return defaults | given
