"""Stationary densities, with arrows for the flux of probability."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.noise import StationaryDensity
from analysis.plotting.axes import axes_or_new, component_label, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import SEQUENTIAL, series_color
from neurodynamics.validation import as_count

WEAK = 0.02  # share of the largest flux below which there is no arrow
NO_FLUX = 1e-10  # share of the peak of the density times the rate 1: rounding


@draws(StationaryDensity)
def plot_stationary_density(found: Any, *, arrows: int = 20, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw a stationary density as colours, with arrows for its flux of probability.

    Parameters
    ----------
    found : StationaryDensity
    arrows : int
        Along each side; 0 for none. The longest shows the largest flux.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting, stationary_density
    >>> from ctrnn import CTRNN
    >>> found = stationary_density(CTRNN([[0, 2], [-2, 0]], activation="tanh"), [(-3, 3), (-3, 3)], resolution=32)
    >>> ax = plotting.plot_stationary_density(found)
    """
    count = min(as_count(arrows, "arrows"), max(found.density.shape))
    ax = axes_or_new(ax, size=(6.0, 4.8))
    defaults: dict[str, Any] = {"cmap": SEQUENTIAL, "shading": "nearest", "rasterized": True}
    mesh = ax.pcolormesh(found.x, found.y, found.density, **with_defaults(style, **defaults))
    name_axes(ax, [component_label("states", number, found.system) for number in (0, 1)])
    if ax.figure is not None:
        ax.figure.colorbar(mesh, ax=ax, label="probability density")
    if count:
        rows, columns = (_chosen(n, count) for n in found.density.shape)
        flux = found.flux[:, rows[:, np.newaxis], columns]
        spacing = [np.ptp(found.x) / count, np.ptp(found.y) / count]
        size = np.hypot(flux[0] / spacing[0], flux[1] / spacing[1])
        if np.hypot(*found.flux).max() > NO_FLUX * found.density.max():
            shown, places = size > WEAK * size.max(), np.meshgrid(found.x[columns], found.y[rows])
            defaults = {"angles": "xy", "scale_units": "xy", "scale": 1.0, "pivot": "middle", "width": 0.004}
            positions, vectors = (each[shown] for each in places), flux[:, shown] / size.max()
            ax.quiver(*positions, *vectors, color=series_color(1), **defaults)
    return ax


def _chosen(cells: int, count: int) -> np.ndarray:
    """Return evenly spaced numbers of cells."""
    number = min(cells, count)
    return ((np.arange(number) + 0.5) * cells / number).astype(int)
