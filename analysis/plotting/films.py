"""Films of memories: a recall picture by picture, and a ball that rolls down the landscape of an energy."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from analysis.landscape import EnergySurface
from analysis.plotting.axes import axes_or_new
from analysis.plotting.given import draws
from analysis.plotting.memories import STEPS
from analysis.plotting.palette import INK
from analysis.plotting.patterns import pictures_of
from analysis.plotting.surface import plot_energy_surface
from neurodynamics.validation import Floats, as_count, as_floats, as_number, as_number_of

MOST_FRAMES = 60


@draws("overlaps")
def animate_recall(
    recall: Any, shape: tuple[int, int], *, probe: int = 0, fps: float = 10.0, ax: Axes | None = None
) -> FuncAnimation:
    """Return a film of a recall: the state as a picture, moment by moment, with its energy above.

    Parameters
    ----------
    recall : Recall
        With its trace (``record=True``, or ``"changes"`` for one unit after the other).
    shape : tuple of int
        (rows, columns) of pixels.
    probe : int
        Which.
    fps : float
        Moments in a second.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it while it is shown; ``.save("film.gif", writer="pillow")`` writes it, ``.to_jshtml()`` is for notebooks.

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, patterns
    >>> letters = patterns.letters("AB", (8, 6))
    >>> net = DiscreteHopfield.from_patterns(letters, "pseudo_inverse")
    >>> recall = net.recall(patterns.flip(letters[0], 0.2, rng=0), rng=1, record=True)
    >>> plotting.animate_recall(recall, (8, 6)).save("recall.gif", writer="pillow")
    """
    if recall.trace is None:
        raise ValueError("`recall` has no trace; pass record=True to `recall`.")
    number = as_number_of(probe, "probe", len(recall.states), "probe")
    states = np.asarray(recall.trace.states[number].T, dtype=float)
    pictures = pictures_of(states, shape)
    energies = None if recall.trace.energies is None else recall.trace.energies[number]
    ax = axes_or_new(ax, size=(3.4, 0.9 + 3.0 * shape[0] / shape[1]))
    image = ax.imshow(pictures[0], cmap="gray_r", interpolation="nearest", vmin=states.min(), vmax=states.max())
    ax.set_xticks([])
    ax.set_yticks([])

    def show(k: int) -> tuple[Artist, ...]:
        image.set_data(pictures[k])
        energy = "" if energies is None else f", E = {energies[k]:.4g}"
        return image, ax.set_title(f"{STEPS[recall.trace.step]} {k}{energy}", fontsize="medium")

    return _film(ax, show, range(len(pictures)), fps)


@draws(EnergySurface)
def animate_descent(
    surface: Any, path: Any, *, frames: int = MOST_FRAMES, fps: float = 15.0, ax: Axes | None = None, **options: Any
) -> FuncAnimation:
    """Return a film of a ball that moves as a trajectory does over the surface of an energy, and leaves its track.

    Parameters
    ----------
    surface : EnergySurface
        Of the system whose trajectory it is.
    path : Solution or array_like, shape (T, N)
        The trajectory; at equal distances along the surface it is looked at `frames` times.
    frames : int
    fps : float
        Frames in a second.
    ax : Axes, optional
        Where to draw, three-dimensional; a new figure by default.
    **options
        Go to :func:`plot_energy_surface`.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it while it is shown; ``.save("film.gif", writer="pillow")`` writes it, ``.to_jshtml()`` is for notebooks.

    Examples
    --------
    >>> from analysis import energy_surface, plotting
    >>> from hopfield import GradedHopfield
    >>> from neurodynamics import simulate
    >>> net = GradedHopfield([[0, 1], [1, 0]], gain=2)
    >>> film = plotting.animate_descent(energy_surface(net, resolution=20), simulate(net, 10, [1.5, -1.4]), frames=5)
    >>> film.save("ball.gif", writer="pillow")
    """
    states = path.y.T if hasattr(path, "y") else as_floats(path, "path")
    track = _evenly(np.column_stack([surface.project(states), surface.energies(states)]), frames)
    ax = plot_energy_surface(surface, solid=True, ax=ax, **options)
    line = ax.plot(*track[:1].T, color=INK, linewidth=1.2, zorder=3)[0]
    ball = ax.plot(*track[:1].T, "o", color="#D55E00", markeredgecolor=INK, markersize=10, zorder=5)[0]

    def show(k: int) -> tuple[Artist, ...]:
        for artist, points in ((line, track[: k + 1]), (ball, track[k : k + 1])):
            artist.set_data_3d(*points.T)  # type: ignore[attr-defined]
        return line, ball, ax.set_title(f"E = {track[k, 2]:.4g}", fontsize="medium")

    return _film(ax, show, range(len(track)), fps)


def _evenly(track: Floats, frames: int) -> Floats:
    """Points (frames, 3) at equal distances along a track, each coordinate in units of its extent."""
    count = as_count(frames, "frames", minimum=2)
    extent = np.ptp(track, axis=0)
    steps = np.linalg.norm(np.diff(track, axis=0) / np.where(extent > 0, extent, 1.0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    places = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(places, along, column) for column in track.T])


def _film(ax: Axes, show: Any, frames: Any, fps: float) -> FuncAnimation:
    show(0)
    pause = 1000.0 / as_number(fps, "fps", positive=True)
    figure: Any = ax.figure
    return FuncAnimation(figure, show, frames=frames, interval=pause)
