"""Basins of attraction as coloured cells, or as bars with intervals; fractions of basins along a parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from analysis.attractors import Basins
from analysis.plotting.attractors import draw_attractor, name_of
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, attractor_color

EDGE = "white"


@draws(Basins)
def plot_basins(
    found: Basins, *, attractors: bool = True, legend: bool = True, ax: Axes | None = None, **style: Any
) -> Axes:
    """Draw basins: a plane as cells in the colours of the attractors' ids, samples as bars with their intervals.

    Parameters
    ----------
    found : Basins
    attractors : bool
        Whether to draw the attractors as well, in a plane of two states.
    legend : bool
        Whether to name the colours.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.imshow`, or for :meth:`~matplotlib.axes.Axes.barh`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import basins, find_attractors, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[8, 0], [0, 8]], biases=-4)
    >>> ax = plotting.plot_basins(basins(find_attractors(net, samples=50, rng=0), resolution=50))
    """
    ax = axes_or_new(ax, size=(6.6, 1.8 if len(found.axes) == 1 else 4.4))
    if not found.axes:
        return _bars(found, ax, style)
    cells = np.searchsorted(np.sort(found.ids), found.labels)
    colors = ListedColormap([attractor_color(int(each)) for each in np.sort(found.ids)])
    ends = [edge for axis in found.axes for edge in _ends(axis)] + ([0.0, 1.0] if len(found.axes) == 1 else [])
    picture = cells.T if cells.ndim == 2 else cells[np.newaxis]
    defaults = {"cmap": colors, "vmin": -0.5, "vmax": len(found.ids) - 0.5, "origin": "lower", "extent": ends,
                "aspect": "auto", "interpolation": "nearest"}  # fmt: skip
    ax.imshow(picture, **with_defaults(style, **defaults))
    system = found.attractors.system
    labels = [component_label("states", number, system) for number in found.plane]
    if len(labels) == 2:
        name_axes(ax, labels)
        if attractors and system.state_dim == 2:
            for each in found.attractors:
                disk = {"markerfacecolor": INK, "markeredgecolor": EDGE, "markersize": 8}
                look = disk if len(each.points) == 1 else {"color": INK}
                draw_attractor(each, lambda y: y[:, list(found.plane)], ax, {"label": "_nolegend_"} | look)
            ax.set(xlim=ends[:2], ylim=ends[2:])
    else:
        ax.set(xlabel=labels[0], yticks=[])
    if legend:
        legend_beside(ax, "goes to", legend_of(found))
    return ax


def legend_of(found: Basins) -> list[Patch]:
    """Return a patch for each label, with its share."""
    return [
        Patch(facecolor=attractor_color(int(each)), edgecolor=INK, linewidth=0.6,
              label=f"{_name(found, int(each))}, {100 * share:.3g} %")
        for each, share in zip(found.ids, found.fractions, strict=True)
    ]  # fmt: skip


def _name(found: Basins, label: int) -> str:
    return name_of(label, found.attractors[label] if label >= 0 else None)


def _ends(axis: Any) -> tuple[float, float]:
    half = 0.5 * (axis[1] - axis[0]) if len(axis) > 1 else 0.5
    return float(axis[0] - half), float(axis[-1] + half)


def _bars(found: Basins, ax: Axes, style: dict[str, Any]) -> Axes:
    places = np.arange(len(found.ids))
    reach = np.abs(found.intervals - found.fractions[:, np.newaxis]).T
    defaults = {"color": [attractor_color(int(each)) for each in found.ids], "edgecolor": INK, "xerr": 100 * reach,
                "ecolor": INK, "capsize": 3.0, "linewidth": 0.6}  # fmt: skip
    ax.barh(places, 100 * found.fractions, **with_defaults(style, **defaults))
    ax.set_yticks(places, [_name(found, int(each)) for each in found.ids])
    ax.invert_yaxis()
    ax.set_xlim(left=0.0)
    ax.set_xlabel(f"share of {found.labels.size} starts (%), 95 % intervals")
    return ax
