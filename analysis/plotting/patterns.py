"""Patterns as pictures, and a recall as a strip of film."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from analysis.plotting.axes import axes_or_new, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.memories import STEPS
from neurodynamics.validation import as_count, as_floats, as_items, dimensions

GAP = 1  # pixels between two pictures
INCHES = 0.85  # of a picture in a new figure
MOST_FRAMES = 12  # where nothing else is asked for


def plot_patterns(
    patterns: ArrayLike, shape: tuple[int, int], *, columns: int = 8, ax: Axes | None = None, **style: Any
) -> Axes:
    """Draw patterns as pictures side by side.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        States of any network; the largest number is black.
    shape : tuple of int
        (rows, columns) of pixels of one picture.
    columns : int
        Pictures side by side.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.imshow`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import patterns
    >>> ax = plotting.plot_patterns(patterns.letters("AB"), (16, 12))
    """
    pictures = pictures_of(np.atleast_2d(as_floats(patterns, "patterns")), shape)
    width = min(as_count(columns, "columns", minimum=1), max(len(pictures), 1))
    lines = [pictures[first : first + width] for first in range(0, len(pictures), width)]
    ax, _ = _mosaic(lines, shape, ax, style)
    ax.set_xticks([])
    ax.set_yticks([])
    return ax


@draws("overlaps")
def plot_filmstrip(recall: Any, shape: Any, *, frames: int | None = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw a recall step by step: a row for each probe, from what it was given on the left to what it recalled.

    Parameters
    ----------
    recall : Recall
        With its trace (``record=True``).
    shape : tuple of int, or two of them
        (rows, columns) of pixels of one picture. The layers of a BAM are drawn one above the other: with two shapes, or
        with that of layer a, whose columns layer b then has.
    frames : int, optional
        How many moments at most, the first and the last among them; by default all up to 12. Fewer than there are are
        dense early, where sweeps change most, and even where single units change one by one. A cycle is shown step by
        step, once around from the start on.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.imshow`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, patterns
    >>> xi = patterns.random(2, 20, rng=0)
    >>> recall = DiscreteHopfield.from_patterns(xi).recall(patterns.flip(xi, 0.2, rng=1), rng=2, record=True)
    >>> ax = plotting.plot_filmstrip(recall, (4, 5))
    """
    if recall.trace is None:
        raise ValueError("`recall` has no trace; pass record=True to `recall`.")
    moments = _moments(recall, MOST_FRAMES if frames is None else max(2, as_count(frames, "frames", minimum=1)))
    layers = _layers(recall, shape)
    common = max(each[0] for _, each, _ in layers), max(each[1] for _, each, _ in layers)
    lines, names = [], []
    for probe in range(len(recall.states)):
        for units, each, name in layers:
            film = np.asarray(recall.trace.states[probe, units][:, moments].T, dtype=float)
            lines.append(_centred(pictures_of(_filled(film, each), each), common))
            names.append(f"{probe}{name}")
    ax, centres = _mosaic(lines, common, ax, style)
    ax.set_xticks(centres[1], [str(moment) for moment in moments])
    ax.set_yticks(centres[0], names)
    ax.set_xlabel(STEPS[recall.trace.step])
    ax.set_ylabel("probe")
    return ax


def _moments(recall: Any, frames: int) -> Any:
    """The sweeps that are shown."""
    last, period = recall.trace.states.shape[2] - 1, int(recall.periods.max(initial=0))
    if period > 1:
        return np.arange(min(last, period) + 1)
    if frames > last:
        return np.arange(last + 1)
    power = 1 if recall.trace.step == "change" else 2
    return np.unique(np.rint(last * np.linspace(0, 1, frames) ** power).astype(int))


def _layers(recall: Any, shape: Any) -> list[tuple[slice, tuple[int, int], str]]:
    """The units, the shape and the name of each layer that is drawn."""
    if recall.layers is None:
        return [(slice(None), shape, "")]
    n = recall.layers[0]
    parts = as_items(shape, "shape")
    if len(parts) == 2 and all(dimensions(part) == 1 for part in parts):
        return [(slice(0, n), tuple(shape[0]), " a"), (slice(n, None), tuple(shape[1]), " b")]
    columns = as_count(parts[-1], "shape[1]", minimum=1)
    below = -(-recall.layers[1] // columns), columns
    return [(slice(0, n), shape, " a"), (slice(n, None), below, " b")]


def _filled(film: Any, shape: tuple[int, int]) -> Any:
    """Rows of states (T, N) with nothing behind them up to the pixels of a shape that layer b was given."""
    spare = shape[0] * shape[1] - film.shape[1] if all(isinstance(side, int) for side in shape) else 0
    return np.pad(film, [(0, 0), (0, spare)], constant_values=np.nan) if 0 < spare < shape[1] else film


def _centred(pictures: Any, common: tuple[int, int]) -> Any:
    """Pictures (T, rows, columns) with a border of nothing up to a common shape."""
    spare = [common[k] - pictures.shape[k + 1] for k in (0, 1)]
    return np.pad(pictures, [(0, 0), *((n // 2, n - n // 2) for n in spare)], constant_values=np.nan)


def pictures_of(rows: Any, shape: tuple[int, int]) -> Any:
    """Return rows of pixels (K, N) as pictures (K, rows, columns)."""
    sides = [as_count(side, f"shape[{k}]", minimum=1) for k, side in enumerate(as_items(shape, "shape"))]
    if len(sides) != 2 or rows.ndim != 2 or not len(rows) or rows.shape[1] != sides[0] * sides[1]:
        raise ValueError(f"`shape` must be (rows, columns) of the pixels of `patterns` {rows.shape}; got {shape}.")
    return rows.reshape(-1, *sides)


def _mosaic(lines: Any, shape: tuple[int, int], ax: Axes | None, style: dict[str, Any]) -> tuple[Axes, Any]:
    """One image of all pictures with gaps between them, and where their centres are, down and across."""
    counts = len(lines), max(map(len, lines))
    steps = shape[0] + GAP, shape[1] + GAP
    canvas = np.full((counts[0] * steps[0] - GAP, counts[1] * steps[1] - GAP), np.nan)
    for i, line in enumerate(lines):
        for j, picture in enumerate(line):
            canvas[i * steps[0] : i * steps[0] + shape[0], j * steps[1] : j * steps[1] + shape[1]] = picture
    tall = INCHES * shape[0] / shape[1]
    ax = axes_or_new(ax, size=(0.8 + INCHES * counts[1], 0.7 + tall * counts[0]))
    ax.imshow(canvas, **with_defaults(style, cmap="gray_r", interpolation="nearest"))
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_facecolor("#D9E2EC")  # gaps are no pixels
    return ax, [np.arange(n) * step + (size - 1) / 2 for n, step, size in zip(counts, steps, shape, strict=True)]
