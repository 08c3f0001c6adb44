"""Equilibria in the plane of two states, marked by what they do to their neighbourhood."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from analysis.common import constant_inputs
from analysis.equilibria import FixedPoints
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK
from analysis.plotting.series import chosen_rows
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats, as_floats

_LOOKS: dict[str, dict[str, Any]] = {
    "attracting": {"marker": "o", "markerfacecolor": INK},
    "saddle": {"marker": "D", "markerfacecolor": "#BBBBBB"},
    "repelling": {"marker": "o", "markerfacecolor": "white"},
}


@draws(DynamicalSystem)
def plot_equilibria(
    system: DynamicalSystem, equilibria: ArrayLike, *, inputs: Any = None, ax: Axes | None = None, **style: Any
) -> Axes:
    """Mark equilibria of a flow of two states: filled where attracting, open where repelling, a diamond for a saddle.

    Parameters
    ----------
    system : DynamicalSystem
    equilibria : array_like, shape (K, 2)
    inputs : array_like, shape (M,), optional
        Constants.
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
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_equilibria(net, [[2.75, 1.75]])
    """
    points = np.atleast_2d(as_floats(equilibria, "equilibria"))
    if points.shape[-1] != 2 or points.ndim != 2:
        raise ValueError(f"`equilibria` must have shape (K, 2); got {points.shape}.")
    drive = constant_inputs(system, inputs)
    indices = [int((np.linalg.eigvals(system.jac(0.0, point, drive)).real > 0).sum()) for point in points]
    fresh = ax is None
    ax = axes_or_new(ax, size=(6.2, 4.8))
    _mark(ax, points, np.array(indices), 2, "equilibrium", style)
    if fresh:
        name_axes(ax, [component_label("states", number, system) for number in (0, 1)])
        legend_beside(ax)
    return ax


@draws(FixedPoints)
def plot_fixed_points(points: Any, *, neurons: Any = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Mark fixed points: filled where attracting, open where repelling in all directions, a diamond for a saddle.

    Parameters
    ----------
    points : FixedPoints
    neurons : sequence of 2 ints, optional
        The plane to show; by default the first two. The points of a single neuron are drawn over their index.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import fixed_points, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[8, 0], [0, 8]], biases=-4)
    >>> ax = plotting.plot_fixed_points(fixed_points(net))
    """
    size = points.x.shape[1]
    chosen = chosen_rows(range(min(size, 2)) if neurons is None else neurons, size)
    if len(chosen) != min(size, 2):
        raise ValueError(f"`neurons` must name {min(size, 2)} of them; got {len(chosen)}.")
    fresh = ax is None
    ax = axes_or_new(ax, size=(6.2, 4.8))
    labels = [component_label("states", number, points.system) for number in chosen]
    places = points.x[:, list(chosen)]
    if size == 1:
        places, labels = np.column_stack([places, points.index]), [*labels, "unstable directions"]
    _mark(ax, places, np.asarray(points.index), size, "fixed point", style)
    if fresh:
        name_axes(ax, labels)
        legend_beside(ax)
    return ax


def _mark(ax: Axes, places: Floats, indices: np.ndarray, size: int, noun: str, style: dict[str, Any]) -> None:
    """Mark places (K, 2) by their numbers of unstable directions out of ``size``."""
    kinds = np.where(indices == 0, "attracting", np.where(indices == size, "repelling", "saddle"))
    for kind, look in _LOOKS.items():
        of_kind = places[kinds == kind]
        if len(of_kind):
            common = {"linestyle": "", "markersize": 7, "markeredgecolor": INK, "zorder": 4}
            ax.plot(*of_kind.T, **with_defaults(style, label=f"{kind} {noun}", **common, **look))
