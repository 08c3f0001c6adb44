"""Maps and fields of Lyapunov exponents, and theory beside measurement."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from analysis.lyapunov import FiniteTimeField, LyapunovMap, MeanField
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import DIVERGING, INK, PALE, QUIET, SEQUENTIAL, series_color
from neurodynamics.validation import Floats, as_count, as_instance, as_items

LEAST_SIDE = 0.1  # of the other side of zero: weak chaos beside strong contraction keeps pale colours
SIDE_TICKS = 4  # at most, on each side of zero
SIGMAS = 2.0  # half-width of bands and bars, in errors


@draws(LyapunovMap)
def plot_lyapunov_map(found: Any, *, number: int = 0, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw one exponent over one parameter, as a line with its errors, or over two, as colours around zero.

    Parameters
    ----------
    found : LyapunovMap
    number : int
        Which exponent; 0 is the largest.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, or for :meth:`~matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import lyapunov_map, plotting
    >>> from neurodynamics import models
    >>> found = lyapunov_map(models.henon(), {"a": [1.0, 1.2, 1.4], "b": [0.2, 0.3]}, duration=1000, y0=[0, 0])
    >>> ax = plotting.plot_lyapunov_map(found)
    """
    if as_count(number, "number") >= found.exponents.shape[-1]:
        raise ValueError(f"`number` must be below {found.exponents.shape[-1]}, the number of exponents; got {number}.")
    values, errors = found.exponents[..., number], found.standard_errors[..., number]
    label = "largest Lyapunov exponent" if number == 0 else f"Lyapunov exponent {number}"
    if len(found.names) == 1:
        return _over_one(found, values, errors, label, axes_or_new(ax), style)
    ax = axes_or_new(ax, size=(6.2, 4.8))
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (-1.0, 1.0)
    norm = TwoSlopeNorm(0.0, min(low, -LEAST_SIDE * high, -1e-12), max(high, -LEAST_SIDE * low, 1e-12))
    ax.set_facecolor(PALE)  # members that failed
    defaults = {"cmap": DIVERGING + "_r", "norm": norm, "shading": "nearest", "rasterized": True}
    mesh = ax.pcolormesh(*found.values, values.T, **with_defaults(style, **defaults))
    name_axes(ax, list(found.names))
    if ax.figure is not None:
        ticks = _on_both_sides(norm) if mesh.norm is norm else None
        ax.figure.colorbar(mesh, ax=ax, label=label, ticks=ticks)
    if finite.size < values.size:
        ax.legend(handles=[Patch(facecolor=PALE, edgecolor=QUIET, label="no exponent")], loc="best", fontsize="small")
    return ax


def _on_both_sides(norm: TwoSlopeNorm) -> Floats:
    """Return ticks for a colour bar whose sides have scales of their own."""
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    sides = [MaxNLocator(SIDE_TICKS).tick_values(*side) for side in ((low, 0.0), (0.0, high))]
    ticks = np.unique(np.concatenate(sides))
    return ticks[(ticks >= low) & (ticks <= high)]


def _over_one(found: Any, values: Floats, errors: Floats, label: str, ax: Axes, style: dict[str, Any]) -> Axes:
    (x,) = found.values
    ax.axhline(0.0, color=QUIET, linewidth=0.8, zorder=0)
    defaults = {"color": series_color(0), "linewidth": 1.2}
    (line,) = ax.plot(x, values, **with_defaults(style, **defaults))
    low, high = values - SIGMAS * errors, values + SIGMAS * errors
    ax.fill_between(x, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    ax.set_xlabel(found.names[0])
    ax.set_ylabel(label)
    return ax


@draws(FiniteTimeField)
def plot_finite_time_field(field: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the largest finite-time exponent over a plane of starts; its ridges are separatrices.

    Parameters
    ----------
    field : FiniteTimeField
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import finite_time_field, plotting
    >>> from neurodynamics import models
    >>> field = finite_time_field(models.pendulum(), 2.0, [(-4, 4), (-7, 7)], resolution=20)
    >>> ax = plotting.plot_finite_time_field(field)
    """
    ax = axes_or_new(ax, size=(6.0, 4.8))
    ax.set_facecolor(PALE)
    defaults = {"cmap": SEQUENTIAL, "shading": "nearest", "rasterized": True}
    mesh = ax.pcolormesh(field.x, field.y, field.values, **with_defaults(style, **defaults))
    name_axes(ax, [component_label("states", number, field.system) for number in field.plane])
    if ax.figure is not None:
        ax.figure.colorbar(mesh, ax=ax, label=f"exponent over a time of {field.duration:g}")
    return ax


def plot_transition_to_chaos(
    theory: Sequence[Any],
    gains: ArrayLike = (),
    measured: Sequence[Sequence[Any]] = (),
    *,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw the largest exponent of random networks over their gain: theory as a line, measurements with error bars.

    Parameters
    ----------
    theory : sequence of MeanField
    gains : array_like, shape (G,), optional
        Gains of the measured networks.
    measured : sequence of G sequences of LyapunovSpectrum, optional
        Several networks a gain: their mean, with twice its standard error over networks.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import mean_field_lyapunov, plotting
    >>> ax = plotting.plot_transition_to_chaos([mean_field_lyapunov(gain) for gain in (1.5, 2.0, 3.0)])
    """
    ax = axes_or_new(ax)
    ax.axhline(0.0, color=QUIET, linewidth=0.8, zorder=0)
    defaults = {"color": INK, "linewidth": 1.5, "label": r"mean-field theory, $N \to \infty$"}
    kinds = MeanField, SimpleNamespace
    theory = [as_instance(each, f"theory[{k}]", kinds) for k, each in enumerate(as_items(theory, "theory"))]
    line = sorted((m.gain, m.exponent) for m in theory)
    ax.plot([gain for gain, _ in line], [exponent for _, exponent in line], **with_defaults(style, **defaults))
    if len(measured):
        values = [np.array([record.exponents[0] for record in records]) for records in measured]
        means = [v.mean() for v in values]
        bars = [SIGMAS * v.std(ddof=1) / np.sqrt(v.size) if v.size > 1 else 0.0 for v in values]
        n, count = measured[0][0].y.size, len(measured[0])
        ax.errorbar(np.asarray(gains), means, yerr=bars, linestyle="", marker="o", markersize=4, capsize=2.5,
                    color=series_color(1), label=f"{count} networks of {n} neurons")  # fmt: skip
    ax.set_xlabel("gain g")
    ax.set_ylabel("largest Lyapunov exponent")
    legend_beside(ax)
    return ax
