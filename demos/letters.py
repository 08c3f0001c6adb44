"""Letters recalled from noise: a memory of ten letters takes a quarter of wrong pixels away."""

import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from hopfield import GradedHopfield, patterns

SHAPE = (16, 12)
TEXT = "ABCDEHKNST"


def figure(noise: float = 0.25, seed: int = 1, shown: int = 5) -> Figure:
    """Each probe on its way from what it was given to what is recalled."""
    letters = patterns.letters(TEXT, SHAPE)
    network = GradedHopfield.from_patterns(letters, "pseudo_inverse", diagonal=False, gain=4.0)
    probes = patterns.flip(letters, noise, rng=seed)
    recall = network.recall(probes, record=True)
    right = (np.sign(recall.states) == letters).all(axis=1).sum()

    films = network.recall(probes[:shown], record=True)
    ax = plotting.plot_filmstrip(films, SHAPE, frames=8, vmin=-1, vmax=1)
    ax.set_title(
        f"{noise:.0%} of the pixels are wrong at first; {right} of {len(letters)} letters come out right", loc="left"
    )
    return ax.figure
