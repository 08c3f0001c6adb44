"""What else a memory remembers: all minima of five stored letters, and at which energy they are joined."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import energy_landscape
from hopfield import GradedHopfield, patterns

SHAPE = (12, 9)
TEXT = "ABCDE"


def figure(samples: int = 1000) -> Figure:
    """The disconnectivity tree; below each leaf the outputs at the minimum."""
    letters = patterns.letters(TEXT, SHAPE)
    network = GradedHopfield.from_patterns(letters, "pseudo_inverse", gain=4.0)
    land = energy_landscape(network, samples=samples)
    fig = plt.figure(figsize=(13.0, 6.0), layout="constrained")
    ax = fig.add_subplot()
    land.plot_tree(ax=ax)
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.22 * (high - low), high)
    for k, text in enumerate(ax.texts):
        _picture(ax, text.xy[0], land.outputs[k], low - 0.2 * (high - low))
    spurious = sum(label.kind not in ("pattern", "reversed") for label in land.labels)
    ax.set_title(
        f"{len(TEXT)} letters in {network.state_dim} units: {len(land.minima)} minima, {spurious} of them spurious, and "
        f"{len(land.saddles)} saddles between them; that these are all is proved",
        loc="left",
    )
    return fig


def _picture(ax, x, outputs, y):
    low, high = ax.get_ylim()
    panel = ax.inset_axes([x - 0.42, y, 0.84, 0.16 * (high - low)], transform=ax.transData)
    panel.imshow(np.reshape(outputs, SHAPE), cmap="gray_r", vmin=-1, vmax=1)
    panel.set_xticks([])
    panel.set_yticks([])
