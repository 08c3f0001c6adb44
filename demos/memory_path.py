"""From one memory to another over the lowest barrier: the way bends round the mountain that lies between."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import energy_along, energy_landscape
from hopfield import GradedHopfield, patterns

SHAPE = (12, 9)
TEXT = "ABCDE"


def figure(start: int = 0, end: int = 4, frames: int = 11) -> Figure:
    """Energy along the way and along the straight line, and what the units show on the way."""
    letters = patterns.letters(TEXT, SHAPE)
    network = GradedHopfield.from_patterns(letters, "pseudo_inverse", gain=4.0)
    land = energy_landscape(network, samples=0)
    names = [label.name for label in land.labels]
    a, b = (names.index(f"pattern {k}") for k in (start, end))
    way = land.path(a, b)
    straight = energy_along(network, land.x[a], land.x[b], variables="outputs")

    fig = plt.figure(figsize=(11.0, 5.6), layout="constrained")
    above, below = fig.subfigures(2, 1, height_ratios=(2.6, 1.0))
    ax = above.subplots()
    ax.plot(straight.s, straight.energy, color="#E69F00", linestyle="--", label="straight from one memory to the other")
    way.plot(ax, label="over the lowest passes")
    ax.set_ylim(top=straight.top + 0.12 * (straight.top - way.energy.min()))
    ax.legend(frameon=False, loc="upper left")
    ax.set_title(
        f"from {TEXT[start]} to {TEXT[end]}: {way.height:.2f} up over the lowest passes, {straight.height:.2f} straight",
        loc="left",
    )
    _film(below, network, way, frames)
    return fig


def _film(fig, network, way, frames):
    rows = np.searchsorted(way.s, np.linspace(0.0, way.s[-1], frames)).clip(max=len(way.s) - 1)
    for panel, row in zip(fig.subplots(1, frames), rows, strict=True):
        panel.imshow(network.outputs(way.states[row]).reshape(SHAPE), cmap="gray_r", vmin=-1, vmax=1)
        panel.set_title(f"{way.s[row]:.1f}", fontsize="small")
        panel.set_xticks([])
        panel.set_yticks([])
