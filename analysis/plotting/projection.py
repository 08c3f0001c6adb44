"""Trajectories of many neurons, seen along their principal components."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK
from analysis.plotting.path import after_time, draw_path
from analysis.plotting.seams import angles_shown
from analysis.plotting.series import chosen_rows, series_of
from neurodynamics import Solution
from neurodynamics.validation import Floats


@draws(Solution)
def plot_projection(
    solution: Solution,
    *,
    components: Any = (0, 1),
    what: str = "states",
    after: float | None = None,
    start: bool = True,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw a trajectory along the directions in which it varies most; the labels say how much each one explains.

    For chosen neurons see :func:`plot_trajectory`.

    Parameters
    ----------
    solution : Solution
    components : sequence of 2 or 3 ints
        Which principal components, from 0.
    what : {"states", "outputs"}
    after : float, optional
        Leave out what comes before this time, in the picture and in the components.
    start : bool
        Whether to mark where the path begins.
    ax : Axes, optional
        Where to draw; three-dimensional for three components.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from neurodynamics import models, simulate
    >>> ax = plotting.plot_projection(simulate(models.lorenz(), 20, [1, 1, 1]))
    """
    rows = series_of(solution, what, seams=False)
    values = angles_shown(solution.system, what).embed(rows.values.T).T  # an angle is two components, on a circle
    keep = after_time(solution.t, after)
    scores, shares = principal_components(solution.t[keep], values[:, keep])
    chosen = chosen_rows(components, len(scores), "components")
    if len(chosen) not in (2, 3):
        raise ValueError(f"`components` must name 2 or 3 of them; got {len(chosen)}.")
    solid = len(chosen) == 3
    ax = axes_or_new(ax, size=(5.8, 4.8), projection="3d" if solid else None)
    draw_path(ax, scores[np.array(chosen)], start, **with_defaults(style, color=INK, linewidth=1.0))
    between = "\n" if solid else " "
    name_axes(ax, [f"principal component {n}{between}({100 * shares[n]:.1f} % of variance)" for n in chosen])
    return ax


def principal_components(t: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return scores (K, T) and shares of variance (K,), from a singular value decomposition.

    Each time counts for as long as it lasts, so that the density of an adaptive method's steps does not matter. The sign
    of a component is such that its largest loading is positive.
    """
    weight = _durations(t)
    mean = values @ weight
    centred = values - mean[:, np.newaxis]
    directions, sizes, _ = np.linalg.svd(centred * np.sqrt(weight), full_matrices=False)
    largest = np.argmax(np.abs(directions), axis=0)
    directions = directions * np.where(directions[largest, np.arange(len(largest))] < 0, -1.0, 1.0)
    variance = sizes**2
    total = variance.sum()
    return directions.T @ centred, variance / total if total > 0 else variance


def _durations(t: Floats) -> Floats:
    """Return the share of time that each point stands for, by the trapezoidal rule."""
    if t.size < 2 or t[0] == t[-1]:
        return np.full(t.size, 1.0 / max(t.size, 1))
    half = 0.5 * np.abs(np.diff(t))
    weight = np.concatenate([half, [0.0]]) + np.concatenate([[0.0], half])
    return weight / weight.sum()
