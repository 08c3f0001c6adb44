"""Stable and unstable manifolds of saddles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.common import plane_of
from analysis.cycles import LimitCycle
from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.kinds import label_plane, mark_points
from analysis.plotting.palette import INK
from analysis.plotting.seams import broken
from analysis.portraits import Separatrices
from neurodynamics import Kind
from neurodynamics.validation import Floats

COLORS = {"stable": "#009E73", "unstable": "#CC79A7"}
STYLES = {"stable": "-", "unstable": "--"}
LABELS = {"stable": "stable manifold (separatrix)", "unstable": "unstable manifold"}


@draws(Separatrices)
def plot_separatrices(found: Separatrices, *, plane: Any = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw branches of manifolds, stable ones solid and unstable ones dashed, with the fixed points and cycles.

    Parameters
    ----------
    found : Separatrices
    plane : (int, int) or "principal", optional
        For more than two states: two of them, or principal components, which are the default.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the lines, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting, separatrix
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[0, -8], [-8, 0]], constant_inputs=4)
    >>> ax = plotting.plot_separatrices(separatrix(net))
    """
    fresh = ax is None
    ax = axes_or_new(ax, size=(6.6, 4.4))
    n = found.points.x.shape[1]
    seen = [found.points.x, *(branch.y for branch in found)]
    states = np.concatenate(seen) if len(found.points) else np.zeros((1, n))
    window = np.column_stack([states.min(axis=0), states.max(axis=0)])
    chosen = plane_of(found.points.system, plane, np.zeros(n), window, seen)
    draw_branches(found, chosen.project, ax, style)
    draw_cycles(found.cycles, chosen.project, ax)
    mark_points(found.points, chosen.project, ax, {})
    if fresh or not ax.get_xlabel():
        label_plane(chosen, found.points.system, ax)
    if fresh:
        legend_beside(ax)
    return ax


def draw_cycles(cycles: Sequence[LimitCycle], project: Callable[[Floats], Floats], ax: Axes) -> None:
    """Draw cycles at the coordinates that `project` gives: attracting ones solid, others dashed, of families thin."""
    families = False
    for cycle in cycles:
        attracts, family = cycle.stable, cycle.kind == Kind.CONTINUUM
        name = "closed orbits" if family else "attracting cycle" if attracts else "repelling cycle"
        label = "_nolegend_" if family and families else name if family else f"{name}, period {cycle.period:.4g}"
        families |= family
        ax.plot(*project(broken(cycle.system.angles, cycle.y.T)[0]).T, color=INK, linewidth=1.2 if family else 2.4,
                linestyle="-" if family or attracts else (0, (4, 2)), zorder=4.5, label=label)  # fmt: skip


def draw_branches(found: Separatrices, project: Callable[[Floats], Floats], ax: Axes, style: dict[str, Any]) -> None:
    """Draw the branches at the coordinates that `project` gives."""
    labelled = set()
    for branch in found:
        kind = branch.direction
        label = "_nolegend_" if kind in labelled else LABELS[kind]
        labelled.add(kind)
        defaults = {"color": COLORS[kind], "linestyle": STYLES[kind], "linewidth": 1.5, "zorder": 4, "label": label}
        ax.plot(*project(broken(found.points.system.angles, branch.y)[0]).T, **with_defaults(style, **defaults))
