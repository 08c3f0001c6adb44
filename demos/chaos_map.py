"""Where three neurons are chaotic: the largest exponent of a thousand networks over two weights."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import lyapunov_map
from ctrnn import library

CIRCUIT = library.load("three_neuron_chaos")
NAMES = ("weights[0, 2]", "weights[2, 0]")


def figure(columns: int = 36, rows: int = 30, duration: float = 1500.0) -> Figure:
    """Chaos is an island in a sea of cycles; a circle marks the published circuit."""
    grid = dict(zip(NAMES, (np.linspace(2.5, 3.1, columns), np.linspace(0.4, 0.8, rows)), strict=True))
    found = lyapunov_map(CIRCUIT.net, grid, duration=duration, y0=CIRCUIT.y0, rng=0)

    fig = plt.figure(figsize=(7, 5), layout="constrained")
    panel = found.plot(ax=fig.add_subplot())
    panel.plot(*(CIRCUIT.net.param(name) for name in NAMES), "o", markersize=10, markerfacecolor="none",
               markeredgecolor="#222222", markeredgewidth=1.5)  # fmt: skip
    panel.set_title("orange: chaos; white: cycles; dark: rest")
    return fig
