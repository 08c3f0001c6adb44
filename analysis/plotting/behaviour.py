"""What a body does while a network moves it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, QUIET, series_color, series_style

SNAPSHOTS = 120  # of a walker
LIFTED = 0.1  # of the body's height: how far above the ground a foot that is up is drawn
X, FOOT_DOWN, FOOT_X = 0, 4, 5  # in the state of a walker


@draws("task")
def plot_behaviour(loop: Any, *, ax: Axes | None = None, path: tuple[str, str] | None = None, **style: Any) -> Axes:
    """Draw one trial of a network in its body.

    Parameters
    ----------
    loop : LoopSolution
        A walker is seen from the side, its leg again and again as it moves along; of a cart with poles, position and
        angles are drawn over time; of bodies that move in a plane (their task names a ``path``), the path and the scene at
        the end; of others, all states by their names, or those that their task names as ``shown``.
    ax : Axes, optional
        Where to draw; a new figure by default.
    path : (str, str), optional
        The names of two states: the path of the body in their plane, instead.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    >>> loop = evaluate(net, tasks.PoleBalancing(1), duration=4, dt=0.01, substeps=2, record=(0, 0)).solution
    >>> ax = plotting.plot_behaviour(loop)
    """
    if path is not None or hasattr(loop.task, "path"):
        return _path(loop, path, axes_or_new(ax, size=(4.4, 4.0)), style)
    draw = {"walker": _walker, "poles": _poles}.get(getattr(loop.task, "behaviour", ""), _states)
    return draw(loop, axes_or_new(ax, size=(8.0, 3.4)), style)


def _path(loop: Any, path: Any, ax: Axes, style: dict[str, Any]) -> Axes:
    names = _names(loop)
    scene = path is None
    if scene:
        path = loop.task.path
        loop.task.draw(ax, loop.state[:, -1].copy())
    if not isinstance(path, (tuple, list)) or len(path) != 2 or not {*path} <= {*names}:
        raise ValueError(f"`path` must be the names of two states, of {', '.join(map(repr, names))}; got {path!r}.")
    x, y = (loop.state[names.index(name)] for name in path)
    ax.plot(x, y, **with_defaults(style, color=series_color(0), linewidth=1.3))
    ax.plot(x[:1], y[:1], "o", color=INK, markersize=4)  # the start
    ax.set_aspect("equal", adjustable="box" if scene else "datalim")
    ax.set_xlabel(path[0])
    ax.set_ylabel(path[1])
    return ax


def _names(loop: Any) -> list[str]:
    return [*getattr(loop.task, "state_names", [f"state[{number}]" for number in range(len(loop.state))])]


def _states(loop: Any, ax: Axes, style: dict[str, Any]) -> Axes:
    names = _names(loop)
    shown = [*getattr(loop.task, "shown", names)]
    _lines(ax, loop.t, [loop.state[names.index(name)] for name in shown], shown, style)
    ax.set_ylabel("state of the body")
    return ax


def _poles(loop: Any, ax: Axes, style: dict[str, Any]) -> Axes:
    angles = loop.state[2 : 2 + 2 * len(loop.task.lengths) : 2]
    labels = ["position of the cart (m)", *(f"angle of pole {number} (rad)" for number in range(len(angles)))]
    _lines(ax, loop.t, [loop.state[0], *angles], labels, style)
    ax.axhline(0.0, color=QUIET, linewidth=0.6, zorder=0)
    ax.set_ylabel("position and angles")
    ax.set_xlabel("time t (s)")
    return ax


def _lines(ax: Axes, t: Any, rows: Any, labels: list[str], style: dict[str, Any]) -> None:
    for number, (row, label) in enumerate(zip(rows, labels, strict=True)):
        defaults = {"color": series_color(number), "linestyle": series_style(number), "linewidth": 1.3, "label": label}
        ax.plot(t, row, **with_defaults(style, **defaults))
    if len(t) > 1:
        ax.set_xlim(t[0], t[-1])
    ax.set_xlabel("time t")
    legend_beside(ax)


def feet_of(loop: Any) -> Any:
    """Return where a walker's foot is seen, shape (T, 2): on the ground, at 0, or above it.

    The body's leg keeps its length while it swings, and stretches while it stands: seen so, it would reach below the ground.
    """
    up = loop.state[FOOT_DOWN] <= 0.5
    return np.column_stack([loop.state[FOOT_X], np.where(up, LIFTED * loop.task.body_height, 0.0)])


def _walker(loop: Any, ax: Axes, style: dict[str, Any]) -> Axes:
    height = loop.task.body_height
    x, down = loop.state[[X, FOOT_DOWN]]
    shown = np.unique(np.linspace(0, loop.t.size - 1, SNAPSHOTS).astype(int))
    hips = np.column_stack([x, np.full(x.size, height)])
    feet = feet_of(loop)
    for stands, color, label in ((True, series_color(0), "foot down"), (False, series_color(1), "foot up")):
        chosen = [k for k in shown if bool(down[k]) == stands]
        legs = LineCollection([[hips[k], feet[k]] for k in chosen], colors=color, linewidths=0.8, label=label)
        ax.add_collection(legs)
    ax.plot(*hips.T, **with_defaults(style, color=INK, linewidth=2.0, label="body"))
    ax.axhline(0.0, color=QUIET, linewidth=0.8)
    ax.set_ylim(-0.15 * height, 1.4 * height)
    ax.set_xlabel("distance x")
    ax.set_ylabel("height")
    legend_beside(ax)
    return ax
