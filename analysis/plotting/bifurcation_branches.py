"""Branches of equilibria and cycles over a parameter, with their special points: bifurcation diagrams."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.bifurcations import BifurcationDiagram, FixedPointBranch
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, new_figure, with_defaults
from analysis.plotting.cycle_branches import BAND, LONG, LOOKS, STABLE, UNSTABLE, stretches
from analysis.plotting.given import draws
from analysis.plotting.labels import label_points
from analysis.plotting.palette import INK, QUIET
from neurodynamics.validation import as_choice, as_count

EQUILIBRIA = {STABLE: ("stable equilibrium", "-", INK), UNSTABLE: ("unstable equilibrium", "--", QUIET)}
MARKS = {"LP": "s", "H": "o", "BP": "D", "PD": "^", "NS": "o", "LPC": "s", "SNIC": "P", "HOM": "X"}
MARGIN = 0.1  # of the height, above and below


@draws(FixedPointBranch)
def plot_fixed_point_branch(branch: FixedPointBranch, *, ax: Axes | None = None, what: str = "states", number: int = 0,
                            **style: Any) -> Axes:  # fmt: skip
    """Draw a branch of equilibria: solid where they are stable, dashed where not, special points labelled.

    Parameters
    ----------
    branch : FixedPointBranch
    ax : Axes, optional
        Where to draw; a new figure by default.
    what : {"states", "outputs"}
    number : int
        Of the state or output.
    **style
        For the lines, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax, size=(7.4, 4.4))
    heights = _heights(branch, what, number)
    curves = _draw(ax, branch, heights, EQUILIBRIA, style)
    ax.set_xlim(*branch.bounds)
    _fit(ax, [heights])
    places = _places(branch, heights)
    _mark(ax, [point.label for point in branch.points], [point.kind for point in branch.points], places, curves)
    ax.set_xlabel(branch.parameter)
    ax.set_ylabel(component_label(what, number, branch.system))
    legend_beside(ax)
    return ax


@draws(BifurcationDiagram)
def plot_bifurcation_diagram(diagram: BifurcationDiagram, *, ax: Axes | None = None, what: str = "states", number: int = 0,
                             **style: Any) -> Axes:  # fmt: skip
    """Draw a bifurcation diagram: equilibria as lines, cycles as bands from least to largest, special points labelled.

    Parameters
    ----------
    diagram : BifurcationDiagram
    ax : Axes, optional
        Where to draw; by default a new figure, with a panel of the periods below where there are cycles.
    what : {"states", "outputs"}
        Outputs show equilibria only.
    number : int
        Of the state or output.
    **style
        For the lines of equilibria, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes
    """
    panel = None
    if ax is None and diagram.cycles and what == "states":
        ax, panel = new_figure((7.8, 6.2)).subplots(2, 1, sharex=True, height_ratios=(3, 1.3))
    ax = axes_or_new(ax, size=(7.8, 4.6))
    curves, spans, labels, kinds, places = [], [], [], [], []
    names = iter(diagram.points)
    for branch in diagram.branches:
        heights = _heights(branch, what, number)
        curves += _draw(ax, branch, heights, EQUILIBRIA, style)
        spans.append(heights)
        places += _places(branch, heights).tolist()
        kinds += [point.kind for point in branch.points]
        labels += [next(names).label for _ in branch.points]
    for cycle in diagram.cycles if what == "states" else ():
        low, high = cycle.minimum[:, number], cycle.maximum[:, number]
        curves += _band(ax, cycle, low, high)
        spans += [low, high]
        for point in cycle.points:
            k = int(np.argmin(np.abs(cycle.values - point.value)))
            places.append([point.value, high[k]])
            kinds.append(point.kind)
            labels.append(next(names).label)
    ax.set_xlim(*diagram.bounds)
    _fit(ax, spans)
    _mark(ax, labels, kinds, np.array(places).reshape(-1, 2), curves)
    ax.set_ylabel(component_label(as_choice(what, "what", ["states", "outputs"]), number, diagram.family.system))
    legend_beside(ax)
    if panel is not None:
        _periods(panel, diagram)
    (ax if panel is None else panel).set_xlabel(diagram.parameter)
    return ax


def _heights(branch: FixedPointBranch, what: str, number: int) -> np.ndarray:
    rows = branch.x if as_choice(what, "what", ["states", "outputs"]) == "states" else branch.outputs
    if as_count(number, "number") >= rows.shape[1]:
        raise ValueError(f"`number` must be below {rows.shape[1]}, the number of {what}; got {number}.")
    return rows[:, number]


def _places(branch: FixedPointBranch, heights: np.ndarray) -> np.ndarray:
    """Where the special points of a branch are: their parameter, and the height of the curve there."""
    out = []
    for point in branch.points:
        gaps = np.abs(branch.values - point.value) + np.abs(branch.x - point.x).max(axis=1)
        out.append([point.value, heights[int(np.argmin(gaps))]])
    return np.array(out).reshape(-1, 2)


def _draw(ax: Axes, branch: Any, heights: np.ndarray, looks: Any, style: Any) -> list[np.ndarray]:
    known = set(ax.get_legend_handles_labels()[1])
    for flag, part in stretches(branch):
        name, line, color = looks[flag]
        options = with_defaults(style, color=color, linestyle=line, linewidth=1.7)
        ax.plot(branch.values[part], heights[part], **(options | {"label": "_nolegend_" if name in known else name}))
        known.add(name)
    return [np.column_stack([branch.values, heights])]


def _band(ax: Axes, cycle: Any, low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
    for flag, part in stretches(cycle):
        ax.fill_between(cycle.values[part], low[part], high[part], color=LOOKS[flag][2], alpha=BAND, linewidth=0)
    lower, upper = (_draw(ax, cycle, side, LOOKS, {}) for side in (low, high))
    return [*lower, *upper]


def _fit(ax: Axes, spans: list[np.ndarray]) -> None:
    """Limits with room for labels, clipped to the bounds of the parameter."""
    finite = np.concatenate([span[np.isfinite(span)] for span in spans]) if spans else np.empty(0)
    if finite.size:
        low, high = float(finite.min()), float(finite.max())
        room = MARGIN * (high - low or 1.0)
        ax.set_ylim(low - room, high + room)


def _mark(ax: Axes, labels: list[str], kinds: list[Any], places: np.ndarray, curves: list[np.ndarray]) -> None:
    for kind, (x, y) in zip(kinds, places, strict=True):
        marker = MARKS.get(str(kind), "o")
        ax.plot(x, y, marker=marker, color="white", markeredgecolor=INK, markersize=5, linestyle="", zorder=8)
    label_points(ax, places, labels, curves)


def _periods(ax: Axes, diagram: BifurcationDiagram) -> None:
    longest = 1.0
    for cycle in diagram.cycles:
        _draw(ax, cycle, cycle.period, LOOKS, {})
        if len(cycle.period):
            longest = max(longest, float(cycle.period.max() / cycle.period.min()))
    ax.set_yscale("log" if longest > LONG else "linear")
    ax.set_ylabel("period T")
