"""Axes to draw on, their labels, and legends that stand beside the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurodynamics import AdditiveNetwork, CoupledSystem, DynamicalSystem

TICKS_IN_SPACE = 5  # more overlap
ZOOM_IN_SPACE = 0.85  # larger cuts off labels


def axes_or_new(ax: Axes | None, *, size: tuple[float, float] = (6.4, 4.0), projection: str | None = None) -> Axes:
    """Return the axes given, or those of a new figure."""
    if ax is not None:
        if projection == "3d" and ax.name != "3d":
            raise ValueError("`ax` must be three-dimensional for a picture in space: figure.add_subplot(projection='3d').")
        return ax
    return new_figure(size).add_subplot(projection=projection)


def new_figure(size: tuple[float, float]) -> Figure:
    """Return an empty figure that makes room for legends and labels."""
    return plt.figure(figsize=size, layout="constrained")


def legend_beside(ax: Axes, title: str | None = None, handles: Sequence[Any] | None = None) -> None:
    """Put the legend to the right of the axes, where it covers nothing; within them where the figure makes no room."""
    shown = ax.get_legend_handles_labels()[0] if handles is None else handles
    if not shown:
        return
    beside = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.0, "frameon": False}
    has_room = ax.figure.get_layout_engine() is not None
    ax.legend(handles=shown, title=title, alignment="left", **(beside if has_room else {"loc": "best", "fontsize": "small"}))


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
    if isinstance(system, AdditiveNetwork) and (system.time_constants == 1).all():
        return "time t (in units of the time constant)"
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
    part, _, _ = _part_of(system, index, what)
    name = component_name(what, index, system)
    return f"{quantity_label(what, part)} of {name}" if unit_name(part) == "neuron" else name


def component_name(what: str, index: int, system: DynamicalSystem | None) -> str:
    """Return the name of one component, for legends."""
    part, number, where = _part_of(system, index, what)
    return f"{'input' if what == 'inputs' else unit_name(part)} {number}{where}"


def _part_of(system: DynamicalSystem | None, index: int, what: str) -> tuple[DynamicalSystem | None, int, str]:
    """Return the system to which a component belongs, its number there, and where that is if not in a network."""
    parts: Any = getattr(system, "parts", ())
    if system and what != "inputs" and len(parts) == 2 and sum(part.state_dim for part in parts) == system.state_dim:
        first, last = parts  # of a cascade, which shows the outputs of its end
        if what == "states" and index < first.state_dim:
            return _in_part(first, index, what, " of the first")
        return _in_part(last, index - (first.state_dim if what == "states" else 0), what, " of the second")
    if not isinstance(system, CoupledSystem) or what == "inputs":
        return system, index, ""
    first = system.network.output_dim if what == "outputs" else system.network.state_dim
    return (system.network, index, "") if index < first else (system.body, index - first, " of the body")


def _in_part(system: DynamicalSystem, index: int, what: str, where: str) -> tuple[DynamicalSystem | None, int, str]:
    part, number, inside = _part_of(system, index, what)
    return part, number, inside + where


def with_defaults(style: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """Return a style with defaults for what is not given, under matplotlib's short names or long ones."""
    short = {"c": "color", "lw": "linewidth", "ls": "linestyle", "ms": "markersize"}
    given = {short.get(name, name): value for name, value in style.items()}
    return defaults | given
