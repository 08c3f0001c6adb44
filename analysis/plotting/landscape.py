"""Minima and saddles of an energy landscape, and the ways between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from analysis.landscape import EnergyLandscape
from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, QUIET, attractor_color
from neurodynamics.validation import Floats

LEGEND = 12  # minima that the legend names
SQUEEZED = 20.0  # how much larger the whole may be than what the minima and saddles of index 1 span
_MARKS = {0: "o", 1: "D", 2: "s"}  # by index; higher ones are crosses


@draws(EnergyLandscape)
def plot_landscape(land: Any, *, higher: bool = True, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw minima and saddles by their energies; lines lead from each saddle of index 1 down to its two minima.

    Minima stand side by side, next to those to which passes are low; a saddle stands between the two that it joins, a
    point of higher index at the right.

    Parameters
    ----------
    land : EnergyLandscape
    higher : bool
        Whether to draw points of index 2 and more.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        Of the lines, for :class:`matplotlib.collections.LineCollection`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import energy_landscape, plotting
    >>> from hopfield import GradedHopfield
    >>> land = energy_landscape(GradedHopfield([[0, 1], [1, 0]], gain=2), rng=0)
    >>> ax = plotting.plot_landscape(land)
    """
    from analysis.plotting.tree import _places

    count = len(land.passes)
    ax = axes_or_new(ax, size=(7.6, 4.6))
    place = _places(land)[:count]
    _saddles(ax, land, place, style)
    named = count <= LEGEND
    for k in range(count):
        ax.plot(place[k], land.energy[k], "o", color=attractor_color(k), markersize=7, markeredgecolor=INK, zorder=4,
                label=f"{k}: {land.labels[k].name}" if named and land.patterns is not None else f"minimum {k}" if named else
                "minima" if k == 0 else None)  # fmt: skip
    if higher:
        _higher(ax, land, count)
    ax.set_ylabel("energy E")
    ax.set_xlabel("minima, neighbours over low passes side by side")
    ax.set_xticks(np.sort(place) if named else [], [str(k) for k in np.argsort(place)] if named else [])
    legend_beside(ax)
    return ax


def _saddles(ax: Axes, land: Any, place: Floats, style: dict[str, Any]) -> None:
    known = (land.joins >= 0).all(axis=1)
    joins, energy = land.joins[known], land.energy[land.saddles[known]]
    if not len(joins):
        return
    middle = place[joins].mean(axis=1)
    lines = [[(middle[k], energy[k]), (place[m], land.energy[m])] for k, pair in enumerate(joins) for m in pair]
    defaults: dict[str, Any] = {"color": QUIET, "linewidth": 0.8, "zorder": 1}
    ax.add_collection(LineCollection(lines, **(defaults | style)))
    ax.plot(middle, energy, "D", color="#BBBBBB", markersize=5, markeredgecolor=INK, zorder=3, label="saddles of index 1")


def _higher(ax: Axes, land: Any, count: int) -> None:
    """Points of higher index; at the upper edge where they would press minima and saddles of index 1 onto each other."""
    low = land.energy[land.index <= 1]
    span = max(float(np.ptp(low)), 1e-300) if low.size else np.inf
    top = float(low.max(initial=-np.inf)) + 0.1 * span if np.ptp(land.energy) > SQUEEZED * span else np.inf
    if top < np.inf:
        ax.set_ylim(float(low.min()) - 0.05 * span, top)
    points = np.flatnonzero(land.index > 1)
    for index in np.unique(land.index[points]):
        some = points[land.index[points] == index]
        x = count + 0.3 + 0.5 * (index - 2) + np.zeros(len(some))
        place, label = land.energy[some], f"index {index}"
        if (above := place > top).any():
            label += f", {above.sum()} of them higher, up to E = {place.max():.4g}"
        ax.plot(x, np.minimum(place, top), _MARKS.get(int(index), "x"), color=INK, markersize=4, markerfacecolor="white",
                label=label, clip_on=False)  # fmt: skip


@draws("states")
def plot_energy_path(path: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the energy along a way, with the minima and saddles that it touches.

    Parameters
    ----------
    path : EnergyPath
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import energy_landscape, plotting
    >>> from hopfield import GradedHopfield
    >>> land = energy_landscape(GradedHopfield([[0, 1], [1, 0]], gain=2), rng=0)
    >>> ax = plotting.plot_energy_path(land.path(0, 1))
    """
    ax = axes_or_new(ax)
    ax.plot(path.s, path.energy, **with_defaults(style, color=INK, linewidth=1.3, zorder=2))
    span = float(np.ptp(path.energy))
    for row, point, name in zip(path.marks, path.points, path.names, strict=True):
        minimum = not name.startswith("saddle")
        color = attractor_color(int(point)) if minimum and point >= 0 else "#BBBBBB"
        ax.plot(path.s[row], path.energy[row], "o" if minimum else "D", color=color, markeredgecolor=INK, zorder=3)
        ax.annotate(name, (path.s[row], path.energy[row]), xytext=(0, -14 if minimum else 8), textcoords="offset points",
                    ha="center", fontsize=8)  # fmt: skip
    ax.set_ylim(path.energy.min() - 0.18 * max(span, 1e-12), path.energy.max() + 0.15 * max(span, 1e-12))
    ax.margins(x=0.08)
    ax.set_xlabel("length of the way, between outputs")
    ax.set_ylabel("energy E")
    return ax
