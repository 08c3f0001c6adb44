"""Angles between covariant Lyapunov vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.lyapunov import CovariantVectors
from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import series_color

BINS = 45  # of two degrees


@draws(CovariantVectors)
def plot_covariant_angles(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the distribution of the smallest angle between fast and slow directions, at each change of sign.

    Parameters
    ----------
    found : CovariantVectors
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.stairs`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import covariant_vectors, plotting
    >>> from neurodynamics import models
    >>> ax = plotting.plot_covariant_angles(covariant_vectors(models.henon(), [0, 0], 500, rng=0))
    """
    ax = axes_or_new(ax)
    edges = np.linspace(0.0, 90.0, BINS + 1)
    for j, split in enumerate(found.splits):
        density, _ = np.histogram(np.degrees(found.angles[:, j]), edges, density=True)
        label = f"vectors 0 .. {split - 1} to {split} .. {found.vectors.shape[1] - 1}"
        ax.stairs(density, edges, **with_defaults(style, color=series_color(j), linewidth=1.5, label=label))
    ax.set_xlim(0.0, 90.0)
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("smallest angle (degrees)")
    ax.set_ylabel("density")
    legend_beside(ax)
    return ax
