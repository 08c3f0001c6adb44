"""Names and pictures call each other up: a bidirectional memory of four digits."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from hopfield import GradedBAM, patterns

SHAPE, SMALL = (14, 10), (9, 7)
NAMES = ("ONE", "TWO", "SIX", "TEN")
PICTURES = "126X"


def figure(noise: float = 0.2, seed: int = 3) -> Figure:
    """From noisy pictures to names, and from names to pictures."""
    pictures = patterns.letters(PICTURES, SHAPE)
    spelled = np.concatenate([patterns.letters(name, SMALL).reshape(1, -1) for name in NAMES])
    memory = GradedBAM.from_pairs(pictures, spelled, "bam_pseudo_inverse", gain=4.0)  # Hebb's rule mixes what is alike
    given = patterns.flip(pictures, noise, rng=seed)
    named, drawn = memory.recall(a=given), memory.recall(b=spelled)

    fig = plt.figure(figsize=(9, 3.8), layout="constrained")
    axes = fig.subplots(2, 2, width_ratios=(1, 1.7))
    rows = ((given, SHAPE, "given: noisy pictures"), (_side_by_side(named.b), (SMALL[0], SMALL[1] * 3), "recalled: names"))
    rows += ((drawn.a, SHAPE, "recalled: pictures"), (_side_by_side(spelled), (SMALL[0], SMALL[1] * 3), "given: names"))
    for ax, (states, shape, title) in zip(axes.flat, rows, strict=True):
        plotting.plot_patterns(states, shape, columns=4, ax=ax)
        ax.set_title(title, loc="left", color=plotting.series_color(0 if title.startswith("given") else 2))
    fig.axes[2].set_xlabel("layer a: pictures")
    fig.axes[3].set_xlabel("layer b: three letters each")
    return fig


def _side_by_side(spelled: np.ndarray) -> np.ndarray:
    """Letters of a name in a row: (p, letters * rows * columns) to pictures of rows x (letters columns)."""
    letters = np.asarray(spelled, dtype=float).reshape(len(spelled), -1, *SMALL)
    return letters.transpose(0, 2, 1, 3).reshape(len(spelled), -1)
