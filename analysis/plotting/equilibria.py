"""Equilibria in the plane of two states, marked by what they do to their neighbourhood."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from analysis.nullclines import constant_inputs
from analysis.plotting._axes import axes_or_new, component_label, legend_beside, with_defaults
from analysis.plotting.palette import INK
from neurodynamics import DynamicalSystem
from neurodynamics.validation import as_floats

_LOOKS: dict[str, dict[str, Any]] = {
    "attracting": {"marker": "o", "markerfacecolor": INK},
    "saddle": {"marker": "D", "markerfacecolor": "#BBBBBB"},
    "repelling": {"marker": "o", "markerfacecolor": "white"},
}


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
    """
    points = np.atleast_2d(as_floats(equilibria, "equilibria"))
    if points.shape[-1] != 2 or points.ndim != 2:
        raise ValueError(f"`equilibria` must have shape (K, 2); got {points.shape}.")
    drive = constant_inputs(system, inputs)
    fresh = ax is None
    ax = axes_or_new(ax, size=(6.2, 4.8))
    kinds = np.array([stability(system, point, drive) for point in points])
    for kind, look in _LOOKS.items():
        of_kind = points[kinds == kind]
        if len(of_kind):
            common = {"linestyle": "", "markersize": 7, "markeredgecolor": INK, "zorder": 4}
            ax.plot(*of_kind.T, **with_defaults(style, label=f"{kind} equilibrium", **common, **look))
    if fresh:
        ax.set_xlabel(component_label("states", 0, system))
        ax.set_ylabel(component_label("states", 1, system))
        legend_beside(ax)
    return ax


def stability(system: DynamicalSystem, point: Any, inputs: Any) -> str:
    """Return "attracting", "saddle" or "repelling", by the eigenvalues of the Jacobian."""
    unstable = int((np.linalg.eigvals(system.jac(0.0, point, inputs)).real > 0).sum())
    return ("attracting", "saddle", "repelling")[unstable]
