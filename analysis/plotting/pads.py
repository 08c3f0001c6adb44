"""A memory to play with: pixels that a click turns over, and buttons that spoil and recall."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.widgets import Button
from numpy.typing import ArrayLike, NDArray

from analysis.plotting.axes import new_figure
from analysis.plotting.given import draws
from analysis.plotting.palette import series_color
from neurodynamics.validation import as_count, as_generator, as_items, as_number

BUTTONS = ("next", "noise", "step", "recall")


class LetterPad:
    """A network's state as a picture that can be drawn on; see :func:`letter_pad`.

    Attributes
    ----------
    state : ndarray of int8, shape (N,)
        What is shown.
    figure : matplotlib.figure.Figure
    """

    def __init__(self, network: Any, shape: tuple[int, int], noise: float, rng: Any) -> None:
        self.network, self.shape = network, shape
        self._noise, self._rng, self._number = noise, rng, 0
        self.figure = new_figure((7.0, 4.6))
        grid = self.figure.add_gridspec(2, 2 * len(BUTTONS), height_ratios=(8, 1))
        self._pad: Axes = self.figure.add_subplot(grid[0, : len(BUTTONS)])
        self._bars: Axes = self.figure.add_subplot(grid[0, len(BUTTONS) :])
        self.state: NDArray[Any] = np.array(network.patterns[0])
        self._image = self._pad.imshow(self._pixels(), cmap="gray_r", vmin=network.patterns.min(), vmax=1)
        self._pad.set_xticks([])
        self._pad.set_yticks([])
        count = len(network.patterns)
        self._lines = self._bars.barh(np.arange(count), np.zeros(count), color=[series_color(k) for k in range(count)])
        self._bars.set(xlim=(-1, 1), xlabel="overlap", ylabel="pattern", yticks=range(count))
        self._bars.invert_yaxis()
        self.buttons: dict[str, Button] = {}
        for k, name in enumerate(BUTTONS):
            self.buttons[name] = Button(self.figure.add_subplot(grid[1, 2 * k : 2 * k + 2]), name)
            self.buttons[name].on_clicked(functools.partial(self._pressed, name))
        self.figure.canvas.mpl_connect("button_press_event", self._clicked)
        self._show()

    def next(self) -> None:
        """Show the next pattern."""
        self._number = (self._number + 1) % len(self.network.patterns)
        self._set(self.network.patterns[self._number])

    def noise(self) -> None:
        """Turn over a share of the pixels."""
        other = self.network.patterns.min() + 1 - self.state
        self._set(np.where(self._rng.random(self.state.size) < self._noise, other, self.state))

    def step(self) -> None:
        """Let each unit have its turn once."""
        self._set(self.network.recall(self.state, max_sweeps=1, rng=self._rng).states[0])

    def recall(self) -> None:
        """Let the network settle."""
        self._set(self.network.recall(self.state, rng=self._rng).states[0])

    def turn(self, pixel: int) -> None:
        """Turn over one pixel."""
        self.state[pixel] = self.network.patterns.min() + 1 - self.state[pixel]
        self._show()

    def _pressed(self, name: str, event: Any) -> None:
        getattr(self, name)()

    def _clicked(self, event: Any) -> None:
        if event.inaxes is self._pad:
            row, column = round(event.ydata), round(event.xdata)
            self.turn(row * self.shape[1] + column)

    def _set(self, state: ArrayLike) -> None:
        self.state = np.array(state)
        self._show()

    def _pixels(self) -> NDArray[Any]:
        return np.asarray(self.state).reshape(self.shape)

    def _show(self) -> None:
        self._image.set_data(self._pixels())
        for bar, overlap in zip(self._lines, self.network.overlaps(self.state)[0], strict=True):
            bar.set_width(overlap)
        energy = f"E = {self.network.energy(self.state):.4g}" if self.network.couplings.symmetric else "no energy"
        kind = "at rest" if self.network.is_stable(self.state) else "moves"
        self._pad.set_title(f"{energy}, {kind}", fontsize="medium")
        self.figure.canvas.draw_idle()


@draws("patterns")
def letter_pad(network: Any, shape: tuple[int, int], *, noise: float = 0.15, rng: Any = None) -> LetterPad:
    """Return a pad on which a discrete network's state is drawn with the mouse, spoilt and recalled.

    In a notebook it needs a backend that listens: ``%matplotlib widget`` (package ipympl); windows do.

    Parameters
    ----------
    network : DiscreteHopfield
        One that knows its patterns.
    shape : tuple of int
        (rows, columns) of pixels.
    noise : float
        Share of the pixels that the button "noise" turns over.
    rng : Generator, int or None

    Returns
    -------
    LetterPad
        Keep it while it is shown.

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, patterns
    >>> net = DiscreteHopfield.from_patterns(patterns.letters("ABC", (8, 6)), "pseudo_inverse", diagonal=False)
    >>> pad = plotting.letter_pad(net, (8, 6), rng=0)
    >>> pad.noise()
    >>> pad.recall()
    >>> bool((pad.state == net.patterns[0]).all())
    True
    """
    sides = tuple(as_count(side, f"shape[{k}]", minimum=1) for k, side in enumerate(as_items(shape, "shape")))
    if network.patterns is None:
        raise ValueError("`network` must know its patterns; build it with from_patterns or pass `patterns`.")
    if len(sides) != 2 or sides[0] * sides[1] != network.size:
        raise ValueError(f"`shape` must be (rows, columns) of {network.size} pixels; got {shape}.")
    share = as_number(noise, "noise", minimum=0.0)
    return LetterPad(network, sides, share, as_generator(rng))
