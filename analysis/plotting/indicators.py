"""Chaos indicators: alignment, fast Lyapunov indicator, growth of volumes, the 0-1 test."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.lyapunov import AlignmentIndex, ExpansionEntropy, FastLyapunovIndicator
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, name_axes, time_label, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, PALE, SEQUENTIAL, series_color
from analysis.series import ZeroOneTest
from neurodynamics.validation import as_items, as_number_of


@draws(AlignmentIndex)
def plot_alignment(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw GALI_2, GALI_3, .. over time, in powers of ten.

    Parameters
    ----------
    found : AlignmentIndex
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import gali, plotting
    >>> from neurodynamics import models
    >>> ax = plotting.plot_alignment(gali(models.standard_map(k=0.9), [0.0, 0.1], 200))
    """
    ax = axes_or_new(ax)
    for j, row in enumerate(found.log_gali):
        defaults = {"color": series_color(j), "linewidth": 1.3, "label": f"GALI$_{{{j + 2}}}$"}
        ax.plot(found.t, row / np.log(10.0), **with_defaults(style, **defaults))
    ax.set_xlabel(time_label(found.system))
    ax.set_ylabel(r"$\log_{10}$ GALI")
    legend_beside(ax)
    return ax


@draws(FastLyapunovIndicator)
def plot_fast_indicator(found: Any, *, plane: tuple[int, int] = (0, 1), ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the indicator over the starts, as colours in the plane of two states.

    Parameters
    ----------
    found : FastLyapunovIndicator
    plane : (int, int)
        The two states.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.scatter`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import fast_lyapunov_indicator, plotting
    >>> from neurodynamics import models
    >>> found = fast_lyapunov_indicator(models.standard_map(k=0.9), [[0, 0.1], [1, 2], [3, 1]], 100)
    >>> ax = plotting.plot_fast_indicator(found)
    """
    pair = [as_number_of(each, f"plane[{i}]", found.y0.shape[1], "state") for i, each in enumerate(as_items(plane, "plane"))]
    if len(pair) != 2:
        raise ValueError(f"`plane` must name two states; got {len(pair)}.")
    ax = axes_or_new(ax, size=(6.0, 4.8))
    ax.set_facecolor(PALE)
    x, y = found.y0[:, pair[0]], found.y0[:, pair[1]]
    side = max(1.0, 260.0 / max(np.unique(x).size, np.unique(y).size, 1))  # points: a grid of starts is covered
    defaults = {"c": found.values, "cmap": SEQUENTIAL, "s": side**2, "marker": "s", "linewidths": 0, "rasterized": True}
    marks = ax.scatter(x, y, **{**defaults, **style})
    name_axes(ax, [component_label("states", number, found.system) for number in pair])
    if ax.figure is not None:
        ax.figure.colorbar(marks, ax=ax, label=f"fast Lyapunov indicator, t = {found.t[-1]:g}")
    return ax


@draws(ExpansionEntropy)
def plot_expansion(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the growth of volumes: the logarithm for each batch of samples, and the slope that is the entropy.

    Parameters
    ----------
    found : ExpansionEntropy
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import expansion_entropy, plotting
    >>> from neurodynamics import models
    >>> ax = plotting.plot_expansion(expansion_entropy(models.logistic_map(r=4), [0, 1], 10, rng=0))
    """
    ax = axes_or_new(ax)
    for curve in found.log_expansion:
        ax.plot(found.t, curve, **with_defaults(style, color=series_color(0), linewidth=0.8, alpha=0.5))
    late = found.t[len(found.t) // 2 :]
    ends = found.log_expansion[:, -1]
    middle = ends[np.isfinite(ends)].mean() if np.isfinite(ends).any() else 0.0
    label = f"slope {found.entropy:.3f} ± {found.standard_error:.1g}"
    ax.plot(late, middle + found.entropy * (late - found.t[-1]), color=INK, linewidth=1.8, label=label)
    ax.set_xlabel("time t")
    ax.set_ylabel(r"$\ln E(t)$")
    legend_beside(ax)
    return ax


@draws(ZeroOneTest)
def plot_zero_one(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the walk of the 0-1 test in its plane: bounded for regular motion, like a random walk for chaos.

    Parameters
    ----------
    found : ZeroOneTest
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import plotting, zero_one_test
    >>> ax = plotting.plot_zero_one(zero_one_test(np.cos(np.arange(500.0))))
    """
    ax = axes_or_new(ax, size=(4.8, 4.6))
    ax.plot(*found.translations, **with_defaults(style, color=series_color(0), linewidth=0.7))
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel("translation p")
    ax.set_ylabel("translation q")
    ax.set_title(f"K = {found.k:.3f}: {found.verdict}")
    return ax
