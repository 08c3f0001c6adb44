"""Disconnectivity trees of energy landscapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm

from analysis.landscape import EnergyLandscape
from analysis.plotting.axes import axes_or_new
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, PALE, SEQUENTIAL
from neurodynamics.validation import Floats

LABELS = 60  # more leaves than this are not named
SHORT = {"pattern ": "ξ", "reversed ": "−ξ", "mixture ": "mix ", "minimum ": ""}  # ξ: Greek xi
LIGHTEST = 0.9  # of the colour map: its end is hard to see on white
SQUEEZE = 0.06  # of the height: how fast branches come together below a joint


@draws(EnergyLandscape)
def plot_disconnectivity(land: Any, *, names: bool = True, bar: bool = True, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw which minima are joined at which energy, as the literature of energy landscapes does [1]_.

    Every minimum is the lower end of a line; lines meet at the energy of the lowest pass between what hangs on them. The
    colour of a line's end is the share of random states that go to the minimum.

    Parameters
    ----------
    land : EnergyLandscape
    names : bool
        Whether to write below each line what its minimum is: ξk for pattern k, −ξk for its reverse, mix for a mixture.
    bar : bool
        Whether to draw the bar of colours.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :class:`matplotlib.collections.LineCollection`.

    Returns
    -------
    Axes

    References
    ----------
    .. [1] Becker & Karplus (1997), J. Chem. Phys. 106, 1495; Wales, Miller & Walsh (1998), Nature 394, 758.

    Examples
    --------
    >>> from analysis import energy_landscape, plotting
    >>> from hopfield import GradedHopfield
    >>> land = energy_landscape(GradedHopfield([[0, 1], [1, 0]], gain=2), rng=0)
    >>> ax = plotting.plot_disconnectivity(land)
    """
    count = len(land.passes)
    ax = axes_or_new(ax, size=(max(5.6, min(14.0, 0.32 * count + 2.5)), 4.8))
    place = _places(land)
    segments, ends = _lines(land, place)
    defaults: dict[str, Any] = {"color": INK, "linewidth": 1.0, "zorder": 2}
    ax.add_collection(LineCollection(segments, **(defaults | style)))
    _leaves(ax, land, place, ends, bar)
    if names and count <= LABELS:
        _name(ax, land, place)
    ax.set_xlim(-0.8, max(count, 1) - 0.2)
    ax.set_xticks([])
    ax.set_ylabel("energy E")
    ax.set_xlabel("minima")
    for side in ("top", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.margins(y=0.1)
    return ax


def _places(land: Any) -> Floats:
    """Return an x for each minimum and superbasin: the deepest part of a joint in its middle, the others around it."""
    count, tree = len(land.passes), land.tree
    lowest = [*land.energy[:count], *(min(land.energy[m] for m in basin.minima) for basin in tree)]
    inner = {part for basin in tree for part in basin.parts}
    roots = [node for node in range(count + len(tree)) if node not in inner]
    order: list[int] = []

    def visit(nodes: Any) -> None:
        stack = [sorted(nodes, key=lambda node: (lowest[node], node))]
        todo = _middle_out(stack[0])[::-1]
        while todo:
            node = todo.pop()
            if node < count:
                order.append(node)
            else:
                parts = sorted(tree[node - count].parts, key=lambda part: (lowest[part], part))
                todo += _middle_out(parts)[::-1]

    visit(roots)
    place = np.zeros(count + len(tree))
    place[order] = np.arange(count)
    for k, basin in enumerate(tree):
        place[count + k] = np.mean([place[part] for part in basin.parts])
    return place


def _middle_out(nodes: list[int]) -> list[int]:
    """The first in the middle, the next ones left and right of it in turn."""
    return nodes[1::2][::-1] + nodes[::2]


def _lines(land: Any, place: Floats) -> tuple[list[Any], Floats]:
    count, tree = len(land.passes), land.tree
    height = np.concatenate([land.energy[:count], [basin.energy for basin in tree]])
    top, span = (float(height.max()), float(np.ptp(height))) if len(height) else (0.0, 1.0)
    span = span or 1.0
    segments, inner = [], set()
    for k, basin in enumerate(tree):
        joint = (place[count + k], basin.energy)
        for part in basin.parts:
            inner.add(part)
            knee = (place[part], max(basin.energy - SQUEEZE * span, height[part]))
            segments.append([joint, knee, (place[part], height[part])])
    for node in set(range(count + len(tree))) - inner:
        segments.append([(place[node], top + 0.06 * span), (place[node], height[node])])
    return segments, height[:count]


def _leaves(ax: Axes, land: Any, place: Floats, ends: Floats, bar: bool) -> None:
    share, count = land.volumes.share, len(ends)
    known = np.isfinite(share) & (share > 0)
    if known.any():
        least, most = share[known].min(), share[known].max()
        norm = LogNorm(least, most) if most > least else LogNorm(0.5 * least, 2 * most)
        shades = colormaps[SEQUENTIAL].reversed()(np.linspace(1 - LIGHTEST, 1.0, 256))  # large: dark
        shown = LinearSegmentedColormap.from_list("volumes", shades)
        ax.scatter(place[:count][known], ends[known], c=share[known], cmap=shown, norm=norm, s=34, zorder=3, edgecolor=INK,
                   linewidth=0.5)  # fmt: skip
        if bar:
            label = "share of random states that go there"
            ax.figure.colorbar(ScalarMappable(norm, shown), ax=ax, label=label, pad=0.02, fraction=0.05)
    rest = ~known
    if rest.any():
        ax.scatter(place[:count][rest], ends[rest], color=PALE, s=34, zorder=3, edgecolor=INK, linewidth=0.5)


def _name(ax: Axes, land: Any, place: Floats) -> None:
    for k, label in enumerate(land.labels):
        text = label.name
        for long, short in SHORT.items():
            text = text.replace(long, short)
        ax.annotate(text.replace("-", "−"), (place[k], land.energy[k]), xytext=(0, -7), textcoords="offset points",
                    rotation=90, ha="center", va="top", fontsize=8)  # fmt: skip
