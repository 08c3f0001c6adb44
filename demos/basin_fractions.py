"""What two neurons settle into, and how often, while the bias of one of them is raised."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import BasinSweep, basin_sweep, plotting
from ctrnn import CTRNN

NETWORK = CTRNN(weights=[[6.0, -2.0], [2.0, 6.0]], biases=[-2.4, -4.0])


def figure(values: int = 121, samples: int = 1000) -> Figure:
    """Shares of the basins above, where the attractors are below, each in its colour."""
    found = basin_sweep(NETWORK, "biases[1]", np.linspace(-4.8, -2.4, values), samples=samples)

    fig = plt.figure(figsize=(8.5, 6.2), layout="constrained")
    top, bottom = fig.subplots(2, 1, sharex=True, height_ratios=[1.2, 1.0])
    found.plot(top)
    top.set(xlabel="", title="share of the starts that each attractor draws")
    draw_ranges(bottom, found)
    bottom.set(xlabel="bias of neuron 1", ylabel="state y of neuron 1", title="where the attractors are")
    handles, labels = top.get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return fig


def draw_ranges(ax: plt.Axes, found: BasinSweep) -> None:
    """Draw the range of neuron 1 on each attractor: a point where it rests, a line where it oscillates."""
    for v, value in enumerate(found.values):
        for number in range(found.count):
            record = found.record(v, number)
            if record is not None:
                y = record.points[:, 1]
                style = {"color": plotting.attractor_color(number), "solid_capstyle": "round", "linewidth": 2.5}
                ax.plot([value, value], [y.min(), y.max()], marker="." if len(y) == 1 else "", **style)
