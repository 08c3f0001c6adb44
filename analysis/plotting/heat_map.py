"""Many neurons over time: one row each."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from analysis.plotting.axes import with_defaults
from analysis.plotting.palette import DIVERGING, SEQUENTIAL
from analysis.plotting.series import Series
from neurodynamics.validation import Floats

COLUMNS = 1000  # more than a picture shows


def draw_heat_map(ax: Axes, series: Series, label: str, **style: Any) -> AxesImage:
    """Draw rows of values as colours over time, with a bar that tells their meaning."""
    values, span = _evenly_spaced(series)
    rows = len(series.numbers)
    extent = (span[0], span[1], rows - 0.5, -0.5)
    defaults = {"aspect": "auto", "interpolation": "nearest", "extent": extent, **_colors(values)}
    image = ax.imshow(values, **with_defaults(style, **defaults))
    _name_rows(ax, series.numbers)
    if ax.figure is not None:
        ax.figure.colorbar(image, ax=ax, label=label)
    return image


def _evenly_spaced(series: Series) -> tuple[Floats, tuple[float, float]]:
    """Return values at evenly spaced times: runs with chosen steps are not, and an image is."""
    if series.discrete or series.t.size < 2:
        half = 0.5
        first, last = (series.t[0], series.t[-1]) if series.t.size else (0.0, 0.0)
        return series.values, (first - half, last + half)
    order = np.argsort(series.t, kind="stable")
    t, values = series.t[order], series.values[:, order]
    columns = np.linspace(t[0], t[-1], COLUMNS)
    even = np.array([np.interp(columns, t, row) for row in values]).reshape(len(values), COLUMNS)
    return even, (float(t[0]), float(t[-1]))


def _colors(values: Floats) -> dict[str, Any]:
    """Return a map of colours: of two hues, with zero between them, where values have either sign."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    if low < 0 < high:
        largest = max(-low, high)
        return {"cmap": DIVERGING, "vmin": -largest, "vmax": largest}
    return {"cmap": SEQUENTIAL, "vmin": low, "vmax": high}


def _name_rows(ax: Axes, numbers: tuple[int, ...]) -> None:
    every = max(1, -(-len(numbers) // 10))
    positions = list(range(0, len(numbers), every))
    ax.set_yticks(positions, [str(numbers[p]) for p in positions])
