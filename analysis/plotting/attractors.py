"""Attractors in a plane, each in the colour of its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.attractors import WORDS, Attractor, Attractors
from analysis.common import plane_of
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.kinds import label_plane
from analysis.plotting.palette import INK, attractor_color
from analysis.plotting.seams import broken, show_period
from neurodynamics import DIVERGES, UNDECIDED, Kind
from neurodynamics.validation import Floats

DOTS = 4000  # of a cloud


@draws(Attractors)
def plot_attractors(attractors: Attractors, *, plane: Any = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw attractors: fixed points as disks, cycles as lines, tori, chaotic sets and continua as dots.

    Parameters
    ----------
    attractors : Attractors
    plane : (int, int) or "principal", optional
        For more than two states: two of them, or principal components, which are the default. The attractors of a system
        of one state are drawn over their ids.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import find_attractors, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[8, 0], [0, 8]], biases=-4)
    >>> ax = plotting.plot_attractors(find_attractors(net, samples=50, rng=0))
    """
    fresh = ax is None
    ax = axes_or_new(ax, size=(6.6, 4.4))
    n = attractors.system.state_dim
    if n == 1:
        for each in attractors:
            draw_attractor(each, _over(each.id), ax, style)
        ax.set(xlabel=component_label("states", 0, attractors.system), ylabel="attractor", yticks=range(len(attractors)))
        ax.set_ylim(-0.5, max(len(attractors), 1) - 0.5)
        show_period(ax, "x", attractors.system.angles, 0)
    else:
        seen = [each.points for each in attractors] or [np.zeros((1, n))]
        states = np.concatenate(seen)
        chosen = plane_of(attractors.system, plane, None, np.column_stack([states.min(axis=0), states.max(axis=0)]), seen)
        for each in attractors:
            draw_attractor(each, chosen.project, ax, style)
        if fresh or not ax.get_xlabel():
            label_plane(chosen, attractors.system, ax)
    if fresh:
        legend_beside(ax)
    return ax


def _over(number: int) -> Callable[[Floats], Floats]:
    return lambda states: np.column_stack([states[:, 0], np.full(len(states), number)])


def draw_attractor(attractor: Attractor, project: Callable[[Floats], Floats], ax: Axes, style: dict[str, Any]) -> None:
    """Draw one attractor at the coordinates that `project` gives."""
    points = attractor.points
    look: dict[str, Any] = {"color": attractor_color(attractor.id), "label": name_of(attractor.id, attractor), "zorder": 5}
    if attractor.kind == Kind.LIMIT_CYCLE and attractor.system.kind == "flow":
        points, _ = broken(attractor.system.angles, np.vstack([points, points[:1]]))
        look |= {"linewidth": 2.2}
    elif attractor.kind in (Kind.FIXED_POINT, Kind.LIMIT_CYCLE):
        look |= {"linestyle": "", "marker": "o", "markersize": 8, "markeredgecolor": INK, "zorder": 6}
    else:
        points = points[:: max(1, len(points) // DOTS)]
        dots: dict[str, Any] = {"linestyle": "", "marker": ".", "markeredgewidth": 0.0}
        ax.plot([], [], **with_defaults(style, markersize=9.0, **(look | dots)))  # for the legend
        look |= dots | {"label": "_nolegend_", "markersize": 1.5 if len(points) > 500 else 5.0}
    ax.plot(*project(points).T, **with_defaults(style, **look))


def name_of(label: int, attractor: Attractor | None = None) -> str:
    """Return what a label is called in a legend."""
    if attractor is None:
        return {UNDECIDED: "undecided", DIVERGES: "diverges"}.get(label, f"attractor {label}")
    period = f", period {attractor.period:.4g}" if attractor.kind == Kind.LIMIT_CYCLE else ""
    return f"{label}: {WORDS[attractor.kind][0]}{period}"
