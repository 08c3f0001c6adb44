"""Curves of bifurcations in a plane of two parameters, and charts of what attracts there."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from analysis.bifurcations import BifurcationChart, BifurcationCurve, BifurcationSets
from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.labels import label_points
from analysis.plotting.palette import INK, PALE, series_color

COLORS = {"LP": INK, "H": series_color(1), "PD": series_color(2), "NS": series_color(3), "LPC": series_color(0),
          "HOM": series_color(6)}  # fmt: skip
FILLS = ("#DCE9F5", "#FFFFFF", "#FBE8C8", "#D9EEDD", "#F3DCE8", "#E4E0F2", "#F5E1D8", "#DDF2F2")  # by number, 0 first
MOST = len(FILLS) - 1


@draws(BifurcationCurve)
def plot_bifurcation_curve(curve: BifurcationCurve, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw a curve of bifurcations over two parameters, with its points of codimension two.

    A Hopf, period-doubling or Neimark-Sacker curve is solid where it is supercritical, dashed where subcritical.

    Parameters
    ----------
    curve : BifurcationCurve
        Of equilibria or of cycles.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the line, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax, size=(6.4, 5.0))
    kind = str(curve.kind)
    values = np.asarray(curve.values)
    options = with_defaults(style, color=COLORS.get(kind, INK), linewidth=1.7, label=getattr(curve.kind, "words", kind))
    ax.plot(values[:, 0], values[:, 1], **options)
    ax.set_xlim(*curve.bounds[0])
    ax.set_ylim(*curve.bounds[1])
    _finish(ax, curve.parameters, curve.points, [values])
    legend_beside(ax)
    return ax


@draws(BifurcationSets)
def plot_bifurcation_sets(sets: BifurcationSets, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw all folds and Hopf points of two neurons over the plane of their inputs.

    Hopf points are solid where they are supercritical, dashed where subcritical.

    Parameters
    ----------
    sets : BifurcationSets
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the lines, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax, size=(6.8, 5.2))
    curves = _draw_sets(ax, sets, style)
    ax.set_xlim(*_limits(sets, 0))
    ax.set_ylim(*_limits(sets, 1))
    _finish(ax, sets.parameters, sets.points, curves)
    legend_beside(ax)
    return ax


@draws(BifurcationChart)
def plot_bifurcation_chart(chart: BifurcationChart, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw a chart: regions by the number of attracting equilibria, hatched where it is not proved, with the curves.

    Circles fill regions in which a cycle attracts too; crosses, where cycles were counted, those where that is not known.

    Parameters
    ----------
    chart : BifurcationChart
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the regions, as for :meth:`matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    Axes
    """
    ax = axes_or_new(ax, size=(7.4, 5.4))
    counts = np.minimum(chart.attractors, MOST)
    colors = ListedColormap([PALE, *FILLS])
    norm = BoundaryNorm(np.arange(-1.5, MOST + 1), colors.N)
    across, up = (np.linspace(low, high, counts.shape[1 - k] + 1) for k, (low, high) in enumerate(chart.bounds))
    ax.pcolormesh(across, up, counts, **with_defaults(style, cmap=colors, norm=norm, rasterized=True, zorder=0))
    patterns = {"////": (~chart.proved, "not proved"), "..": (chart.oscillates & (counts > 0), "and a cycle attracts")}
    if chart.curves or (chart.cycles >= 0).any():
        patterns["xx"] = chart.proved & (chart.cycles < 0) & (counts > 0), "cycles not known"
    patterns = {hatch: (where, words) for hatch, (where, words) in patterns.items() if where.any()}
    for hatch, (where, _) in patterns.items():
        ax.contourf(chart.first, chart.second, where.astype(float), levels=[0.5, 1.5], colors="none", hatches=[hatch],
                    zorder=1)  # fmt: skip
    curves = [] if chart.sets is None else _draw_sets(ax, chart.sets, {})
    for kind in dict.fromkeys(curve.kind for curve in chart.curves):
        for number, curve in enumerate(each for each in chart.curves if each.kind == kind):
            label = "_nolegend_" if number else kind.words
            ax.plot(*curve.values.T, color=COLORS[str(kind)], linewidth=1.5, linestyle="-.", label=label)
    ax.set_xlim(*chart.bounds[0])
    ax.set_ylim(*chart.bounds[1])
    handles, _ = ax.get_legend_handles_labels()
    for count in np.unique(counts):
        fill = PALE if count < 0 else FILLS[count]
        handles.append(Patch(facecolor=fill, edgecolor=INK, linewidth=0.4, label=_words(count)))
    for hatch, (_, words) in patterns.items():
        handles.append(Patch(facecolor="none", edgecolor=INK, hatch=hatch, linewidth=0.4, label=words))
    legend_beside(ax, handles=handles)
    _finish(ax, chart.parameters, chart.points, curves)
    return ax


def _words(count: int) -> str:
    if count < 0:
        return "unknown"
    if count == 0:
        return "no equilibrium attracts: it oscillates"
    more = " or more" if count == MOST else ""
    return f"{count}{more} attracting equilibri{'um' if count == 1 else 'a'}"


def _draw_sets(ax: Axes, sets: BifurcationSets, style: dict[str, Any]) -> list[np.ndarray]:
    drawn: set[str] = set()

    def draw(values: np.ndarray, name: str, **look: Any) -> None:
        label = "_nolegend_" if name in drawn else name
        drawn.add(name)
        ax.plot(values[:, 0], values[:, 1], **with_defaults(style, linewidth=1.5, label=label, **look))

    for arc in sets.folds:
        draw(arc.values, "fold", color=COLORS["LP"])
    for arc in sets.hopf:
        below = np.nan_to_num(arc.coefficient, nan=0.0) <= 0.0
        cuts = [0, *(np.flatnonzero(below[1:] != below[:-1]) + 1), len(below)]
        for low, high in zip(cuts[:-1], cuts[1:], strict=True):
            part = arc.values[max(low - 1, 0) : high]
            if len(part) > 1:
                name, line = ("supercritical Hopf", "-") if below[low] else ("subcritical Hopf", "--")
                draw(part, name, color=COLORS["H"], linestyle=line)
    return [arc.values for arc in (*sets.folds, *sets.hopf)]


def _limits(sets: BifurcationSets, axis: int) -> tuple[float, float]:
    """The bounds, or a window around the special points where there are none."""
    low, high = sets.bounds[axis]
    if np.isfinite([low, high]).all():
        return float(low), float(high)
    values = [list(point.parameters.values())[axis] for point in sets.points]
    values = values or [float(np.median(arc.values[:, axis])) for arc in (*sets.folds, *sets.hopf)] or [0.0]
    room = 2.0 + 0.15 * (max(values) - min(values))
    return min(values) - room, max(values) + room


def _finish(ax: Axes, names: Any, points: Any, curves: list[np.ndarray]) -> None:
    places = np.array([list(point.parameters.values()) for point in points]).reshape(-1, 2)
    if len(places):
        ax.plot(*places.T, linestyle="", marker="o", markersize=5, color="white", markeredgecolor=INK, zorder=8)
    ax.set_xlabel(str(names[0]))
    ax.set_ylabel(str(names[1]))
    label_points(ax, places, [point.label for point in points], curves)
