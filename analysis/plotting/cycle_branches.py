"""Branches of cycles over a parameter: the range of a state as a band, and the period."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.bifurcations import CycleBranch
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import QUIET, series_color

BAND = 0.18  # opacity
LONG = 20.0  # ratio of periods from which their axis is logarithmic
LABELS_LEFT = 0.85  # of the width: labels farther right stand to the left of their marks
STABLE, UNSTABLE, UNDECIDED = 2, 1, 0
LOOKS = {STABLE: ("stable cycle", "-", series_color(0)), UNSTABLE: ("unstable cycle", "--", series_color(1)),
         UNDECIDED: ("cycle of unknown stability", ":", QUIET)}  # name, line, colour  # fmt: skip


def stretches(branch: Any) -> Iterator[tuple[int, slice]]:
    """Yield stretches of equal stability as slices that share their ends: bifurcations, which count as not stable."""
    if len(branch) < 2:
        return
    known = np.where(branch.stable, STABLE, np.where(getattr(branch, "undecided", False), UNDECIDED, UNSTABLE))
    pieces = np.maximum(known[:-1], known[1:])
    edges = [0, *(np.flatnonzero(pieces[1:] != pieces[:-1]) + 1), len(pieces)]
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        yield int(pieces[low]), slice(low, high + 1)


@draws(CycleBranch)
def plot_cycle_branch(branch: CycleBranch, *, ax: Axes | None = None, state: int = 0, **style: Any) -> Axes:
    """Draw the range of a state along the cycles of a branch, solid where they are stable, dashed where not.

    Parameters
    ----------
    branch : CycleBranch
    ax : Axes, optional
        Where to draw; a new figure by default.
    state : int
        Which state.
    **style
        For the lines, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax, size=(7.4, 4.4))
    low, high = branch.minimum[:, state], branch.maximum[:, state]
    seen: set[int] = set()
    for stable, part in stretches(branch):
        name, line, color = LOOKS[stable]
        options = with_defaults(style, color=color, linestyle=line, linewidth=1.6)
        ax.fill_between(branch.values[part], low[part], high[part], color=options["color"], alpha=BAND, linewidth=0)
        for values, label in ((low, "_nolegend_"), (high, "_nolegend_" if stable in seen else name)):
            ax.plot(branch.values[part], values[part], **(options | {"label": label}))
        seen.add(stable)
    _mark(ax, branch, high)
    _finish(ax, branch, component_label("states", state, branch.family.system))
    return ax


@draws(CycleBranch)
def plot_cycle_periods(branch: CycleBranch, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the period of a branch of cycles, on a logarithmic axis where it grows by much.

    Parameters
    ----------
    branch : CycleBranch
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the lines, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax, size=(7.4, 3.4))
    seen: set[int] = set()
    for stable, part in stretches(branch):
        name, line, color = LOOKS[stable]
        options = with_defaults(style, color=color, linestyle=line, linewidth=1.6,
                                label="_nolegend_" if stable in seen else name)  # fmt: skip
        ax.plot(branch.values[part], branch.period[part], **options)
        seen.add(stable)
    if len(branch) and branch.period.max() > LONG * branch.period.min():
        ax.set_yscale("log")
    _mark(ax, branch, branch.period)
    _finish(ax, branch, "period T")
    return ax


def _mark(ax: Axes, branch: CycleBranch, heights: np.ndarray) -> None:
    """Put marks and labels on the special points: at the height of the nearest cycle of the branch."""
    for point in branch.points:
        if "point" not in point.data or not len(branch):
            continue
        cycle = point.data["point"]
        k = int(np.argmin(np.abs(branch.values - cycle.value) + np.abs(branch.period / cycle.u.period - 1)))
        ax.plot(point.value, heights[k], marker="o", color="black", markersize=4, linestyle="", zorder=5)
        right = point.value > np.quantile([branch.values.min(), branch.values.max()], LABELS_LEFT)
        ax.annotate(point.label, (point.value, heights[k]), xytext=(-3 if right else 3, 5), textcoords="offset points",
                    horizontalalignment="right" if right else "left", fontsize="small", annotation_clip=True)  # fmt: skip


def _finish(ax: Axes, branch: CycleBranch, label: str) -> None:
    ax.set_xlabel(branch.parameter)
    ax.set_ylabel(label)
    ax.margins(x=0.04)
    legend_beside(ax)
