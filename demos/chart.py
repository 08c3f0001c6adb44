"""Where two neurons rest, choose or oscillate: all folds and Hopf points in closed form, and a portrait of each region."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis import bifurcation_chart
from ctrnn import CTRNN

NETWORK = CTRNN(weights=[[11.0, -10.0], [7.0, -1.0]])
PLANE, BOUNDS = ("biases[0]", "biases[1]"), [(-8.0, 6.0), (-10.0, 3.0)]
REGIONS = {  # biases
    "A: it oscillates": (-0.5, -3.0),
    "B: one equilibrium attracts": (-7.0, 0.0),
    "C: two attract": (-5.0, -8.0),
    "D: two, and a small cycle": (-3.9, -5.55),
}


def figure(resolution: int = 200, trajectories: int = 6) -> Figure:
    """The chart in the middle, phase portraits of its regions beside it."""
    chart = bifurcation_chart(NETWORK, PLANE, BOUNDS, resolution=resolution)
    fig = plt.figure(figsize=(13, 6.4), layout="constrained")
    left, right = fig.subfigures(1, 2, width_ratios=(1.15, 1.0))
    ax = left.subplots()
    chart.plot(ax)
    handles = ax.get_legend().legend_handles
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False)
    for title, place in REGIONS.items():
        ax.text(*place, title[0], fontsize="large", fontweight="bold", ha="center", va="center", zorder=10)
    for panel, (title, place) in zip(right.subplots(2, 2).ravel(), REGIONS.items(), strict=True):
        chart.at(*place, trajectories=trajectories).plot(panel, legend=False)
        panel.set_title(title, loc="left", fontsize="medium")
    return fig
