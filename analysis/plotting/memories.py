"""How associative memories recall."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import DIVERGING, INK, PALE, SEQUENTIAL, series_color

DAMAGE = {"cut": "share of connections cut", "noise": "noise of weights / their spread", "clip": "signs only"}
STEPS = {"sweep": "sweep", "change": "changes of units", "step": "step"}  # labels of time axes


@draws("overlaps")
def plot_recall(recall: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw how a recall went on, or where it ended.

    Parameters
    ----------
    recall : Recall
        With a trace (``record=True``, or ``"changes"``), the overlap of each probe with the pattern that it ends closest
        to, moment by moment, in the colour of that pattern; of a probe that goes around a cycle, with every pattern that
        it is closest to on the way. Without a trace, all overlaps at the end as a heat map; of a network that knows no
        patterns, the states at the end.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, or for :meth:`~matplotlib.axes.Axes.imshow` of a map.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, patterns
    >>> xi = patterns.random(2, 20, rng=0)
    >>> recall = DiscreteHopfield.from_patterns(xi).recall(patterns.flip(xi, 0.2, rng=1), rng=2, record=True)
    >>> ax = plotting.plot_recall(recall)
    """
    ax = axes_or_new(ax)
    if recall.trace is not None and recall.trace.overlaps is not None and recall.trace.overlaps.shape[1]:
        _traces(ax, recall, style)
    elif recall.overlaps is not None and recall.overlaps.shape[1]:
        _map(ax, recall.overlaps, "pattern", "overlap", style, cmap=DIVERGING, vmin=-1.0, vmax=1.0)
    else:
        _map(ax, recall.states, "unit", "state", style, cmap=SEQUENTIAL)
    return ax


def _traces(ax: Axes, recall: Any, style: dict[str, Any]) -> None:
    overlaps, closest = recall.trace.overlaps, np.abs(recall.trace.overlaps).argmax(axis=1)
    moving = np.asarray(recall.periods) > 1
    met = [np.unique(row) if goes_on else row[-1:] for row, goes_on in zip(closest, moving, strict=True)]
    for pattern in np.unique(np.concatenate(met)):
        label = f"pattern {pattern}"
        for trace in (overlaps[k, pattern] for k in range(len(met)) if pattern in met[k]):
            defaults = {"color": series_color(int(pattern)), "linewidth": 1.0, "marker": ".", "label": label}
            ax.plot(trace, **with_defaults(style, **defaults))
            label = "_nolegend_"
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(STEPS[recall.trace.step])
    ax.set_ylabel("overlap with patterns on the way" if moving.any() else "overlap with the pattern nearest at the end")
    legend_beside(ax)


def _map(ax: Axes, rows: Any, column: str, label: str, style: dict[str, Any], **colors: Any) -> None:
    defaults = {"aspect": "auto", "interpolation": "nearest", **colors}
    image = ax.imshow(np.asarray(rows, dtype=float), **with_defaults(style, **defaults))
    ax.set_xlabel(column)
    ax.set_ylabel("probe")
    if ax.figure is not None:
        ax.figure.colorbar(image, ax=ax, label=label)


@draws("recalled")
def plot_recall_curve(curve: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw recall against the overlap of the cue: the mean at the end, and the share recalled with its 95 % interval.

    Parameters
    ----------
    curve : RecallCurve
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, patterns, recall_curve
    >>> net = DiscreteHopfield.from_patterns(patterns.random(3, 50, rng=0))
    >>> ax = plotting.plot_recall_curve(recall_curve(net, [0.1, 0.3], trials=10, rng=1))
    """
    ax = axes_or_new(ax)
    ax.plot([0, 1], [0, 1], color=PALE, linewidth=1.0, linestyle="--", label="no change")
    _with_bars(ax, curve.initial, curve.final, curve.final_error, 0, "overlap at the end", style)
    _with_band(ax, curve.initial, curve.recalled, curve.low, curve.high, 1, f"share above {curve.threshold:g}", style)
    ax.set_xlabel("overlap of the cue")
    ax.set_ylabel("at the end")
    legend_beside(ax, f"{curve.trials} cues each")
    return ax


@draws("retrieved")
def plot_capacity(curve: Any, *, theory: Any = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw retrieval against the load: the mean overlap, the shares retrieved and exactly stable.

    Parameters
    ----------
    curve : CapacityCurve
    theory : pair of array_like, optional
        Loads and overlaps to draw beside the measurement; by default those of ``curve.theory``.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import capacity_curve
    >>> curve = capacity_curve("hebbian", 100, [0.05, 0.2], networks=2, probes=5, rng=0)
    >>> ax = plotting.plot_capacity(curve)
    """
    ax = axes_or_new(ax)
    theory = curve.theory if theory is None else theory
    if theory is not None:
        ax.plot(*theory, color=INK, linewidth=1.2, linestyle="--", label="overlap, theory")
    _with_bars(ax, curve.loads, curve.overlaps, curve.overlap_errors, 0, "overlap", style)
    _with_band(ax, curve.loads, curve.retrieved, curve.low, curve.high, 1, f"share above {curve.threshold:g}", style)
    stable = {"color": series_color(2), "marker": ".", "linewidth": 1.2, "label": "share exactly stable"}
    ax.plot(curve.loads, curve.stable, **with_defaults(style, **stable))
    ax.set_xlabel("load p / N")
    ax.set_ylabel("at the end, from the pattern")
    legend_beside(ax, f"N = {curve.size}")
    return ax


def _with_bars(ax: Axes, x: Any, y: Any, error: Any, number: int, label: str, style: dict[str, Any]) -> None:
    defaults = {"color": series_color(number), "marker": "o", "markersize": 3.5, "linewidth": 1.2, "label": label}
    ax.errorbar(x, y, yerr=error, **with_defaults(style, **defaults))


def _with_band(ax: Axes, x: Any, y: Any, low: Any, high: Any, number: int, label: str, style: dict[str, Any]) -> None:
    color = series_color(number)
    ax.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)
    ax.plot(x, y, **with_defaults(style, color=color, marker=".", linewidth=1.2, label=label))


@draws("amounts")
def plot_damage(curve: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw retrieval against damage, with the theory of Hebb's rule beside it.

    Parameters
    ----------
    curve : DamageCurve
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, damage_curve, patterns
    >>> net = DiscreteHopfield.from_patterns(patterns.random(5, 100, rng=0))
    >>> ax = plotting.plot_damage(damage_curve(net, [0.2, 0.9], networks=2, rng=1))
    """
    ax = axes_or_new(ax)
    ax.plot(*curve.theory, color=INK, linewidth=1.2, linestyle="--", label="overlap, theory of Hebb's rule")
    _with_bars(ax, curve.amounts, curve.overlaps, curve.overlap_errors, 0, "overlap", style)
    _with_band(ax, curve.amounts, curve.retrieved, curve.low, curve.high, 1, f"share above {curve.threshold:g}", style)
    ax.set_xlabel(DAMAGE[curve.kind])
    ax.set_ylabel("at the end")
    legend_beside(ax, f"load {curve.load:.3g}")
    return ax


@draws("radii")
def plot_basin_radii(basins: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the share of cues that lead back to their pattern over the distance, one pale line a pattern.

    Parameters
    ----------
    basins : BasinRadii
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, basin_radii, patterns
    >>> net = DiscreteHopfield.from_patterns(patterns.random(3, 50, rng=0))
    >>> ax = plotting.plot_basin_radii(basin_radii(net, rng=1))
    """
    ax = axes_or_new(ax)
    away = 1 - basins.rings
    ax.plot(away, basins.recalled, color=PALE, linewidth=0.6)
    _with_band(ax, away, basins.recalled.mean(axis=1), basins.low, basins.high, 1, "all patterns", style)
    ax.axvline(basins.mean, color=INK, linewidth=1.0, linestyle="--", label=f"mean radius {basins.mean:.3g}")
    ax.set_xlabel("distance 1 - m of the cue")
    ax.set_ylabel(f"share that ends above {basins.threshold:g}")
    legend_beside(ax)
    return ax


@draws("limit")
def plot_capacity_scaling(scaling: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw critical loads over a power of the size, with the line that was fitted.

    Parameters
    ----------
    scaling : CapacityScaling
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import capacity_scaling
    >>> found = capacity_scaling("hebbian", [40, 60, 80], [0.1, 0.2, 0.3], networks=3, rng=0)
    >>> ax = plotting.plot_capacity_scaling(found)
    """
    ax = axes_or_new(ax)
    x = np.asarray(scaling.sizes, dtype=float) ** -scaling.exponent
    _with_bars(ax, x, scaling.loads, scaling.errors, 0, "share falls through a half", style)
    ax.errorbar([0.0], [scaling.limit], yerr=[scaling.limit_error], color=series_color(1), marker="s", label="limit")
    if scaling.theory is not None:
        ax.axhline(scaling.theory, color=INK, linewidth=1.0, linestyle="--", label="theory, large N")
    ax.set_xlabel(f"size N^-{scaling.exponent:g}")
    ax.set_ylabel("load p / N")
    legend_beside(ax)
    return ax
