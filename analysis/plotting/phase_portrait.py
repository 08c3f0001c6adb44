"""A phase portrait: all that was found, in one plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.common import evaluate_at
from analysis.plotting.axes import axes_or_new, component_name, legend_beside
from analysis.plotting.given import draws
from analysis.plotting.kinds import label_plane, mark_points
from analysis.plotting.palette import QUIET, series_color
from analysis.plotting.path import draw_path
from analysis.plotting.seams import broken
from analysis.plotting.separatrices import draw_branches, draw_cycles
from analysis.portraits import PhasePortrait

ARROWS = 19
CONTOURED = 240  # points along each axis, where nullclines are not known in closed form
TRAJECTORY = "#555555"
MOST_HELD = 3  # states whose values fit above a picture


@draws(PhasePortrait)
def plot_phase_portrait(
    portrait: PhasePortrait,
    *,
    ax: Axes | None = None,
    arrows: bool = True,
    nullclines: bool = True,
    legend: bool = True,
    **style: Any,
) -> Axes:
    """Draw nullclines, directions, trajectories, cycles, separatrices and fixed points.

    Parameters
    ----------
    portrait : PhasePortrait
    ax : Axes, optional
        Where to draw; a new figure by default.
    arrows, nullclines, legend : bool
        Whether to draw them. In a plane of two states of a larger system that is no network they are contoured.
    **style
        For the trajectories, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import phase_portrait, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_phase_portrait(phase_portrait(net))
    """
    ax = axes_or_new(ax, size=(7.4, 4.8))
    plane = portrait.plane
    if arrows:
        _draw_arrows(portrait, ax)
    if nullclines:
        _draw_nullclines(portrait, ax)
    for number, y in enumerate(portrait.trajectories):
        label = "_nolegend_" if number else "trajectory"
        options = {"color": TRAJECTORY, "linewidth": 0.8, "alpha": 0.8, "zorder": 3, "label": label} | style
        draw_path(ax, plane.project(broken(portrait.system.angles, y)[0]).T, False, **options)
    draw_cycles(portrait.cycles, plane.project, ax)
    draw_branches(portrait.separatrices, plane.project, ax, {})
    mark_points(portrait.points, plane.project, ax, {})
    label_plane(plane, portrait.system, ax)
    ax.set_xlim(*plane.box[0])
    ax.set_ylim(*plane.box[1])
    if plane.origin.size > 2 and (arrows or nullclines):
        ax.set_title(_slice(portrait), loc="left", fontsize="small")
    if legend:
        legend_beside(ax)
    return ax


def _slice(portrait: PhasePortrait) -> str:
    """Where the plane lies on which arrows and nullclines are shown; all else is projected onto it."""
    plane = portrait.plane
    others = [k for k in range(plane.origin.size) if k not in (plane.states or ())]
    if plane.states is None:
        return "arrows: along the plane of the axes through the mean of what is drawn"
    shown = ", ".join(f"{component_name('states', k, portrait.system)} = {plane.origin[k]:.3g}" for k in others[:MOST_HELD])
    rest = f", {len(others) - MOST_HELD} more held" if len(others) > MOST_HELD else ""
    return f"arrows and nullclines: where {shown}{rest}"


def _grid(portrait: PhasePortrait, a: Any, b: Any) -> Any:
    """Return the flow along the axes of the plane, (2, rows, columns)."""
    first, second = np.meshgrid(a, b)
    states = portrait.plane.lift(np.column_stack([first.ravel(), second.ravel()]))
    field = evaluate_at(portrait.system, "rhs", states, portrait.inputs) @ portrait.plane.axes.T
    return np.moveaxis(field.reshape(*first.shape, 2), -1, 0)


def _draw_arrows(portrait: PhasePortrait, ax: Axes) -> None:
    box = portrait.plane.box
    size = np.diff(box, axis=1)
    centres = box[:, :1] + size * (np.arange(ARROWS) + 0.5) / ARROWS
    field = _grid(portrait, *centres) / size[..., np.newaxis]
    speed = np.hypot(*field)
    field *= size[..., np.newaxis] * 0.7 / ARROWS / np.where(speed > 0, speed, 1.0)
    ax.quiver(*centres, *field, color=QUIET, angles="xy", scale_units="xy", scale=1.0, pivot="middle", width=0.0028,
              headwidth=4.5, zorder=1, alpha=0.8)  # fmt: skip


def _draw_nullclines(portrait: PhasePortrait, ax: Axes) -> None:
    states = portrait.plane.states
    if states is None:
        return
    held = "" if portrait.system.state_dim == 2 else ", others held"
    labels = [f"{component_name('states', states[k], portrait.system)} at rest{held}" for k in (0, 1)]
    for k, nullcline in enumerate(portrait.nullclines):
        for number, branch in enumerate(nullcline.branches):
            ax.plot(*branch.T, color=series_color(k), linewidth=1.6, zorder=2, label="_nolegend_" if number else labels[k])
    if not portrait.nullclines:
        axes = [np.linspace(low, high, CONTOURED) for low, high in portrait.plane.box]
        for k, values in enumerate(_grid(portrait, *axes)):
            if values.min() < 0 < values.max():
                ax.contour(*axes, values, levels=[0.0], colors=series_color(k), linewidths=1.6, zorder=2)
                ax.plot([], [], color=series_color(k), linewidth=1.6, label=labels[k])
