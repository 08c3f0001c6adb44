"""Energy over a plane: filled contours, or a surface in space, with trajectories, minima and saddles."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.ticker import MaxNLocator

from analysis.landscape import EnergySurface
from analysis.plotting.axes import axes_or_new, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, SEQUENTIAL, attractor_color
from neurodynamics.validation import Floats

ON_PLANE = 1e-6  # of the extent of the picture: points further away are drawn pale
PALE = 0.45
LEVELS = 24
TICKS = 6  # of the bar of colours, about
HEADROOM = 2.0  # how far above the saddles colours go, in units of their height
MOST_PALE = 24  # points off the plane; more would bury what is on it
HIGHEST = 0.85  # share of the grid that the colours tell apart; what rises beyond is cut off


@draws(EnergySurface)
def plot_energy_surface(
    surface: Any,
    *,
    points: Any = None,
    trajectories: Any = (),
    solid: bool = False,
    highest: float | None = None,
    bar: bool = True,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw the energy over a plane.

    Parameters
    ----------
    surface : EnergySurface
    points : EnergyLandscape or FixedPoints, optional
        Minima are dots, saddles of index 1 diamonds, other points squares. What is not in the plane is drawn pale, where
        it is nearest to it, or left out in space, where it would float above or below the surface.
    trajectories : sequence of Solution or array_like, shape (T, N)
        Drawn where they are nearest to the plane; in space at their own energies, as far as the surface is drawn.
    solid : bool
        Whether to draw a surface in space instead of filled contours; so it is on an `ax` in space.
    highest : float, optional
        Where to cut off; by default where the energy is higher than on most of the plane.
    bar : bool
        Whether to draw the bar of colours.
    ax : Axes, optional
        Where to draw, three-dimensional for a solid; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.contourf` or ``plot_surface``.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import energy_surface, plotting
    >>> from hopfield import GradedHopfield
    >>> ax = plotting.plot_energy_surface(energy_surface(GradedHopfield([[0, 1], [1, 0]], gain=2)))
    """
    solid = solid or (ax is not None and ax.name == "3d")
    ax = axes_or_new(ax, size=(6.8, 5.0), projection="3d" if solid else None)
    known = surface.energy[np.isfinite(surface.energy)]
    top = _top(surface, points, known) if highest is None else highest
    drawn = _solid(ax, surface, top, style) if solid else _contours(ax, surface, top, style)
    if bar:
        room: dict[str, Any] = {"pad": 0.12, "shrink": 0.7} if solid else {"pad": 0.02}
        ticks = MaxNLocator(7) if solid else drawn.levels[:: max(1, len(drawn.levels) // TICKS)]
        ax.figure.colorbar(drawn, ax=ax, label="energy E", ticks=ticks, format="%.3g", **room)
    for path in trajectories:
        states = path.y.T if hasattr(path, "y") else np.asarray(path, dtype=float)
        _line(ax, surface, states, top if solid else None)
    if points is not None:
        _mark(ax, surface, points, top if solid else None)
    name_axes(ax, [*surface.labels, "energy E"] if solid else list(surface.labels))
    if not solid:
        ax.set_xlim(surface.a[0], surface.a[-1])
        ax.set_ylim(surface.b[0], surface.b[-1])
    if points is not None:
        _legend(ax)
    return ax


def _top(surface: Any, points: Any, known: Floats) -> float:
    """Above the saddles that are shown, or where most of the plane is below."""
    quantile = float(np.quantile(known, HIGHEST))
    if points is None or not (points.index > 0).any():
        return quantile
    low, saddle = float(known.min()), float(surface.energies(points.x[points.index > 0]).max())
    return min(quantile, low + HEADROOM * (saddle - low)) if saddle > low else quantile


def _contours(ax: Axes, surface: Any, top: float, style: dict[str, Any]) -> Any:
    low = float(np.nanmin(surface.energy))
    high = max(top, low + 1e-12 * max(1.0, abs(low)))
    levels = low + (high - low) * np.linspace(0.0, 1.0, LEVELS) ** 2  # close together where wells are shallow
    norm = BoundaryNorm(levels, colormaps[SEQUENTIAL].N, extend="max")
    defaults: dict[str, Any] = {"levels": levels, "cmap": SEQUENTIAL, "extend": "max", "norm": norm}
    filled = ax.contourf(surface.a, surface.b, surface.energy, **(defaults | style))
    ax.contour(surface.a, surface.b, surface.energy, levels=levels, colors="white", linewidths=0.4, alpha=0.6)
    return filled


def _solid(ax: Any, surface: Any, top: float, style: dict[str, Any]) -> Any:
    a, b = np.meshgrid(surface.a, surface.b)
    cut = np.minimum(surface.energy, top)  # a plateau; holes in the grid would have jagged edges
    defaults: dict[str, Any] = {"cmap": SEQUENTIAL, "linewidth": 0.0, "alpha": 0.85, "rcount": 100, "ccount": 100,
                "vmin": np.nanmin(cut), "vmax": np.nanmax(cut)}  # fmt: skip
    ax.computed_zorder = False
    ax.set_zlim(np.nanmin(cut), top)
    return ax.plot_surface(a, b, cut, **(defaults | {"zorder": 1} | style))


def _line(ax: Any, surface: Any, states: Floats, top: float | None) -> None:
    """Draw a path; ``top`` is where a surface in space is cut off."""
    places = surface.project(states)
    if top is not None:
        energy, window = surface.energies(states), _window(surface, places)
        places = np.column_stack([places, energy])[window & (energy <= top)]
    ax.plot(*places.T, color=INK, linewidth=1.0, zorder=3)
    ax.plot(*places[:1].T, ".", color=INK, zorder=3)


def _window(surface: Any, flat: Floats) -> Any:
    """Which coordinates (K, 2) lie in the picture."""
    return ((flat >= [surface.a[0], surface.b[0]]) & (flat <= [surface.a[-1], surface.b[-1]])).all(axis=1)


def _mark(ax: Any, surface: Any, points: Any, top: float | None) -> None:
    flat = surface.project(points.x)
    extent = max(np.ptp(surface.a), np.ptp(surface.b)) * float(np.linalg.norm(surface.axes, axis=1).max())
    inside = surface.distance(points.x) <= ON_PLANE * extent
    energy = surface.energies(points.x)
    window = _window(surface, flat) & (energy <= (np.inf if top is None else top))
    pale = np.flatnonzero(~inside & window)
    hidden, minima = set(pale[MOST_PALE if top is None else 0 :].tolist()), 0
    if hidden:
        ax.set_title(f"{len(hidden)} more points, off the plane, are not drawn", fontsize="small")
    for k in range(len(points.x)):
        index = int(points.index[k])
        number, minima = minima, minima + (index == 0)
        if not window[k] or k in hidden:
            continue
        name, look = _look(index, number)
        place = flat[k] if top is None else (*flat[k], energy[k])
        defaults = {"markeredgecolor": INK, "linestyle": "", "zorder": 4 if inside[k] else 3.5,
                    "alpha": 1.0 if inside[k] else PALE}  # fmt: skip
        ax.plot(*([part] for part in place), **with_defaults(look, label=name, **defaults))


def _look(index: int, number: int) -> tuple[str, dict[str, Any]]:
    if index == 0:
        return "minimum", {"marker": "o", "color": attractor_color(number), "markersize": 8}
    if index == 1:
        return "saddle of index 1", {"marker": "D", "color": "#BBBBBB"}
    return "higher index", {"marker": "s", "color": "white", "markersize": 5}


def _legend(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    first = dict(zip(reversed(labels), reversed(handles), strict=True))
    names = [name for name in ("minimum", "saddle of index 1", "higher index") if name in first]
    if not names:
        return
    ax.legend([first[name] for name in names], names, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=len(names),
              frameon=False)  # fmt: skip
