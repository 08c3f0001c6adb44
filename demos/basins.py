"""Where two neurons go from every state: basins of attraction, with the separatrices between them on top."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis import basins, find_attractors, separatrix
from ctrnn import CTRNN

INK = "#222222"
NETWORKS = {
    "four states of rest": CTRNN([[8.0, -1.0], [-1.0, 8.0]], biases=-3.5),
    "a state of rest and a cycle": CTRNN([[4.5, -3.0], [2.8, 8.4]], biases=[0.3, -6.2]),
}


def figure(resolution: int = 500) -> Figure:
    """Cells are coloured by what their trajectories come to; the lines are stable manifolds of the saddles."""
    fig = plt.figure(figsize=(11, 4.6), layout="constrained")
    for panel, (title, net) in zip(fig.subplots(1, 2), NETWORKS.items(), strict=True):
        found = basins(find_attractors(net), resolution=resolution)
        found.plot(panel)
        borders = separatrix(net, found.attractors.points, which="stable")
        for branch in borders:
            panel.plot(*branch.y.T, color="white", linewidth=3.0)
            panel.plot(*branch.y.T, color=INK, linewidth=1.4)
        for saddle in borders.points.x[borders.points.index == 1]:
            panel.plot(*saddle, "D", color="#BBBBBB", markeredgecolor=INK, markersize=6)
        panel.set_title(title, loc="left")
        names = panel.get_legend().legend_handles
        panel.legend(handles=names, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, frameon=False)
    return fig
