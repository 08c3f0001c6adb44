"""Answers to problems of optimisation, as nodes and lines."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from analysis.plotting.axes import axes_or_new, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, QUIET, series_color
from neurodynamics.validation import as_count

LARGEST = 40.0  # points of area of a node


@draws("solution")
def plot_solution(found: Any, *, restart: int | None = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw an answer: cities and the tour, nodes by their side or colour, queens on their board.

    Parameters
    ----------
    found : Solutions
    restart : int, optional
        Which; by default the best.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the nodes, :meth:`matplotlib.axes.Axes.scatter`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield.problems import MaxCut, solve
    >>> ax = plotting.plot_solution(solve(MaxCut([[0, 1, 0], [1, 0, 1], [0, 1, 0]]), restarts=3, rng=0))
    """
    k = found.best if restart is None else as_count(restart, "restart")
    if k >= len(found.states):
        raise ValueError(f"`restart` must be 0 .. {len(found.states) - 1}; got {restart}.")
    picture = found.problem.picture(found.states[k])
    ax = axes_or_new(ax, size=(4.6, 4.4))
    lines = picture.places[picture.edges]
    ax.add_collection(LineCollection(list(lines), colors=QUIET, linewidths=1.2, zorder=1))
    colors = [series_color(int(group)) if group >= 0 else "white" for group in picture.groups]
    size = float(np.clip(4000 / len(picture.places), 4, LARGEST))
    ax.scatter(*picture.places.T, **with_defaults(style, c=colors, s=size, edgecolors=INK, linewidths=0.6, zorder=2))
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel(_words(found, k))
    return ax


def _words(found: Any, k: int) -> str:
    cost = f"cost {found.costs[k]:.4g}" if np.isfinite(found.costs[k]) else "no answer"
    known = "" if found.optimum is None else f", least {found.optimum:.4g}"
    return f"{cost}{known}; {found.valid.sum()} of {len(found.valid)} valid"
