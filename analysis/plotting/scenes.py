"""Frames and animations of a body during a trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.plotting.axes import axes_or_new, new_figure
from analysis.plotting.behaviour import feet_of
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, PALE, QUIET, series_color

Show = Callable[[int], tuple[Artist, ...]]  # moves the artists of a scene to step k
CART = (0.5, 0.18)  # width and height, in m
APART = 0.2  # between two poles, so that both are seen
STOP = 0.12  # height of the ends of the track
TRUNK = (24.0, 4.0)
SIDE = 30.0  # how much is seen on either side of a walker
PANEL = (4.2, 1.5)  # inches
HEIGHTS = (1.5, 4.2)  # least and largest height of a panel
EARLIEST_END, ALIKE = 0.8, 0.25  # of the trial; frames that vary by less than this share of the trial's are of one phase
LOOKS = 60  # at a trial, for the limits of its pictures


@draws("task")
def plot_frames(loop: Any, frames: int = 6, *, columns: int = 2) -> Figure:
    """Draw a body at some moments of a trial, row by row.

    Parameters
    ----------
    loop : LoopSolution
        A trial of a walker, of a cart with poles, or of a task that can ``draw`` its body.
    frames : int
        How many moments, evenly spaced from the start to the end; to a little before it where a movement that repeats
        itself would be seen in the same phase again and again.
    columns : int

    Returns
    -------
    Figure

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    >>> loop = evaluate(net, tasks.PoleBalancing(1), duration=4, dt=0.01, substeps=2, record=(0, 0)).solution
    >>> len(plotting.plot_frames(loop).axes)
    6
    """
    if not (isinstance(frames, int) and isinstance(columns, int) and frames >= 1 and columns >= 1):
        raise ValueError(f"`frames` and `columns` must be integers from 1; got {frames!r} and {columns!r}.")
    columns = min(columns, frames)
    rows = -(-frames // columns)
    fig = new_figure((PANEL[0] * columns, PANEL[1] * rows))
    for place, k in enumerate(_moments(loop.state, frames)):
        ax = fig.add_subplot(rows, columns, place + 1)
        _scene(loop, ax)(k)
        ax.set_title(f"t = {loop.t[k]:.3g}", loc="left", fontsize="medium")
        if place < frames - columns:
            ax.set_xlabel("")
    if getattr(loop.task, "draw", None) is not None:  # worlds of any shape
        high, wide = np.ptp(fig.axes[0].get_ylim()), np.ptp(fig.axes[0].get_xlim())
        fig.set_size_inches(PANEL[0] * columns, rows * float(np.clip(0.8 * PANEL[0] * high / wide + 0.6, *HEIGHTS)))
    return fig


@draws("task")
def animate_behaviour(loop: Any, *, speed: float = 1.0, fps: float = 25.0, ax: Axes | None = None) -> FuncAnimation:
    """Return a film of a trial.

    Parameters
    ----------
    loop : LoopSolution
        A trial of a walker, of a cart with poles, or of a task that can ``draw`` its body.
    speed : float
        Units of the trial's time that pass in a second of the film.
    fps : float
        Frames in a second.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it while it is shown; ``.save("film.gif", writer="pillow")`` writes it to a file.

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    >>> loop = evaluate(net, tasks.PoleBalancing(1), duration=4, dt=0.01, substeps=2, record=(0, 0)).solution
    >>> plotting.animate_behaviour(loop, speed=4, fps=4).save("poles.gif", writer="pillow")
    """
    if not (speed > 0 and fps > 0):
        raise ValueError(f"`speed` and `fps` must be positive; got {speed!r} and {fps!r}.")
    own = ax is None
    ax = axes_or_new(ax, size=(PANEL[0] * 1.6, PANEL[1] * 1.8))
    show = _scene(loop, ax)
    times = np.arange(loop.t[0], loop.t[-1] + 1e-9, speed / fps)
    steps = np.searchsorted(loop.t, times - 1e-9).clip(max=loop.t.size - 1)

    def frame(number: int) -> tuple[Artist, ...]:
        k = int(steps[number])
        ax.set_title(f"t = {loop.t[k]:.2f}", loc="left", fontsize="medium")
        return show(k)

    fig: Any = ax.figure
    if own:  # making room once is enough
        frame(0)
        fig.draw_without_rendering()
        fig.set_layout_engine("none")
    return FuncAnimation(fig, frame, frames=len(steps), interval=1000.0 / fps)


def _moments(state: Any, frames: int) -> list[int]:
    """Return evenly spaced steps, to a little before the end where the body would look alike in all of them."""
    last, chosen, seen = state.shape[1] - 1, None, -1.0
    rest = state - state[:, :1] - (state[:, -1:] - state[:, :1]) * np.linspace(0, 1, last + 1)  # without the drift
    moving = rest[np.ptp(rest, axis=1) > 1e-9 * np.abs(state).max(axis=1)]
    for end in np.linspace(1.0, EARLIEST_END, 8):
        steps = np.linspace(0, end * last, frames).round().astype(int)
        spread = np.mean(np.std(moving[:, steps], axis=1) / np.std(moving, axis=1)) if len(moving) else 1.0
        if spread > ALIKE:
            return steps.tolist()
        if spread > seen:
            chosen, seen = steps, spread
    return np.asarray(chosen).tolist()


def _scene(loop: Any, ax: Axes) -> Show:
    draw = {"walker": _walker, "poles": _poles}.get(getattr(loop.task, "behaviour", ""))
    if draw is None and getattr(loop.task, "draw", None) is not None:
        return _drawn_by_task(loop, ax)
    if draw is None:
        raise ValueError(
            f"there are scenes of a LeggedWalker, of PoleBalancing, and of tasks with `draw`; this trial is of a "
            f"{type(loop.task).__name__}. `loop.plot()` shows the states of any body."
        )
    ax.set_aspect("equal")
    ax.set_yticks([])
    ax.spines[["top", "left", "right"]].set_visible(False)
    return draw(loop, ax)


def _drawn_by_task(loop: Any, ax: Axes) -> Show:
    """Let the task draw each moment anew; what is seen is what holds the whole trial, unless the task sets limits."""
    ax.set_aspect("equal")

    def show(k: int) -> tuple[Artist, ...]:
        for artist in [*ax.lines, *ax.patches, *ax.collections, *ax.texts]:
            artist.remove()
        loop.task.draw(ax, loop.state[:, k].copy())
        return *ax.lines, *ax.patches, *ax.collections, *ax.texts

    corners = []
    for k in np.linspace(0, loop.t.size - 1, min(loop.t.size, LOOKS)).round().astype(int):
        show(int(k))
        ax.relim()
        ax.autoscale_view()
        corners.append([*ax.get_xlim(), *ax.get_ylim()])
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    ax.set_xlim(low[0], high[1])
    ax.set_ylim(low[2], high[3])
    return show


def _poles(loop: Any, ax: Axes) -> Show:
    track, (width, height) = loop.task.track, CART
    ax.plot([-track, -track, track, track], [STOP, 0, 0, STOP], color=QUIET, linewidth=1.0)
    cart = Rectangle((0.0, 0.0), width, height, color=PALE)
    ax.add_patch(cart)
    poles = [ax.plot([], [], color=series_color(i), linewidth=2.5)[0] for i in range(len(loop.task.lengths))]
    hinges = (np.arange(len(poles)) - (len(poles) - 1) / 2) * APART
    ax.set_xlim(-track - width, track + width)
    ax.set_ylim(-0.08, height + 1.1 * max(loop.task.lengths))
    ax.set_xlabel("position (m)")

    def show(k: int) -> tuple[Artist, ...]:
        x, angles = loop.state[0, k], loop.state[2 : 2 + 2 * len(poles) : 2, k]
        cart.set_x(x - width / 2)
        for pole, foot, length, angle in zip(poles, x + hinges, loop.task.lengths, angles, strict=True):
            pole.set_data([foot, foot + length * np.sin(angle)], [height, height + length * np.cos(angle)])
        return cart, *poles

    return show


def _walker(loop: Any, ax: Axes) -> Show:
    height, (width, thick) = loop.task.body_height, TRUNK
    x, down = loop.state[0], loop.state[4] > 0.5
    feet = feet_of(loop)
    ax.axhline(0.0, color=QUIET, linewidth=1.0)
    trunk = Rectangle((0.0, height), width, thick, color=PALE)
    ax.add_patch(trunk)
    (leg,) = ax.plot([], [], color=INK, linewidth=2.0)
    (foot,) = ax.plot([], [], "o", markersize=5)
    ax.set_ylim(-2.0, height + thick + 2.0)
    ax.set_xlabel("distance x")

    def show(k: int) -> tuple[Artist, ...]:
        ax.set_xlim(x[k] - SIDE, x[k] + SIDE)
        trunk.set_x(x[k] - width / 2)
        leg.set_data([x[k], feet[k, 0]], [height, feet[k, 1]])
        foot.set_data(feet[k : k + 1, 0], feet[k : k + 1, 1])
        foot.set_color(series_color(0 if down[k] else 1))
        return trunk, leg, foot

    return show
