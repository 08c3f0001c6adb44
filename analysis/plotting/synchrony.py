"""Synchronisation: Arnold tongues and the master stability function."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from analysis.plotting.axes import axes_or_new, legend_beside, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import PALE, QUIET, SEQUENTIAL, series_color
from analysis.synchrony import ArnoldTongues, MasterStability

SIGMAS = 2.0  # half-width of bands, in errors


@draws(ArnoldTongues)
def plot_arnold_tongues(found: Any, *, largest: int = 5, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw where rotation numbers are locked, one colour a fraction, over their values in the background.

    Parameters
    ----------
    found : ArnoldTongues
    largest : int
        Denominators up to which tongues have colours.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import arnold_tongues, plotting
    >>> from neurodynamics import models
    >>> grid = {"omega": np.linspace(0, 1, 21), "k": np.linspace(0, 1, 5)}
    >>> ax = plotting.plot_arnold_tongues(arnold_tongues(models.circle_map(), grid, [0.0], 200))
    """
    fractions = found.fractions(largest)
    ax = axes_or_new(ax, size=(6.8, 4.6))
    ax.set_facecolor(PALE)
    defaults = {"cmap": SEQUENTIAL, "shading": "nearest", "rasterized": True, "alpha": 0.45}
    mesh = ax.pcolormesh(*found.values, found.rotation.T, **with_defaults(style, **defaults))
    for number, (p, q) in enumerate(fractions):
        inside = np.where(found.locked(p, q), 1.0, np.nan)
        color = series_color(number)
        ax.pcolormesh(*found.values, inside.T, cmap=ListedColormap([color]), shading="nearest", rasterized=True)
        ax.plot([], [], marker="s", linestyle="", color=color, label=f"{p}/{q}" if q > 1 else f"{p}")
    name_axes(ax, list(found.names))
    if ax.figure is not None:
        ax.figure.colorbar(mesh, ax=ax, label="rotation number", location="top", shrink=0.6)
    legend_beside(ax, "locked to")
    return ax


@draws(MasterStability)
def plot_master_stability(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the largest transversal exponent over the strength of coupling, with a band of two errors.

    Parameters
    ----------
    found : MasterStability
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import master_stability, plotting
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_master_stability(master_stability(net, [0, 0.5, 1], duration=100))
    """
    ax = axes_or_new(ax)
    ax.axhline(0.0, color=QUIET, linewidth=0.8, zorder=0)
    (line,) = ax.plot(found.alphas, found.values, **with_defaults(style, color=series_color(0), linewidth=1.3))
    low, high = found.values - SIGMAS * found.errors, found.values + SIGMAS * found.errors
    ax.fill_between(found.alphas, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    ax.set_xlabel(r"coupling strength times eigenvalue, $\alpha$")
    ax.set_ylabel("largest transversal exponent")
    return ax
