"""How much can be cut: retrieval with lost connections beside the theory, and basins with and without the diagonal."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from hopfield import DiscreteHopfield, basin_radii, damage_curve, patterns


def figure(size: int = 500, load: float = 0.05, points: int = 9, trials: int = 4) -> Figure:
    """A memory of random patterns that loses connections; and how far from a pattern the pseudo-inverse finds back."""
    fig = plt.figure(figsize=(13.0, 4.2), layout="constrained")
    left, right = fig.subplots(1, 2)
    net = DiscreteHopfield.from_patterns(patterns.random(round(load * size), size, rng=0))
    curve = damage_curve(net, np.linspace(0, 0.95, points), symmetric=False, probes=25, rng=1)
    curve.plot(ax=left)
    left.set_title("Hebb's rule", loc="left")

    xi = patterns.random(size // 2, size, rng=2)
    for diagonal, color in ((False, "#0072B2"), (True, "#D55E00")):
        known = DiscreteHopfield.from_patterns(xi, "pseudo_inverse", diagonal=diagonal)
        found = basin_radii(known, patterns=10, trials=trials, rng=3)
        name = f"diagonal {'kept' if diagonal else 'zero'}: radius {found.mean:.2f}"
        right.plot(1 - found.rings, found.recalled.mean(axis=1), color=color, marker=".", label=name)
    right.set_title("pseudo-inverse, half as many patterns as units", loc="left")
    right.set_xlabel("distance 1 - m of the cue")
    right.set_ylabel("share recalled")
    right.legend(frameon=False)
    return fig
