"""Two neurons and six pairs of biases: with the same weights they rest, remember, choose or oscillate."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis import phase_portrait
from ctrnn import CTRNN

NETWORK = CTRNN(weights=[[6.0, -1.0], [1.0, 6.0]])
REGIONS = {  # biases
    "rest": (-1.6, -3.5),
    "neuron 1 remembers": (-3.7, -3.05),
    "excitable: small kicks make large loops": (-2.35, -3.5),
    "oscillation": (-2.5, -3.5),
    "two attractors among five equilibria": (-2.65, -4.1),
    "neuron 0 remembers": (-3.0, -4.7),
}
COLUMNS = 3


def figure(regions: int = 6, trajectories: int = 8) -> Figure:
    """A phase portrait for each pair of biases, in one scale."""
    chosen = list(REGIONS.items())[:regions]
    rows = -(-len(chosen) // COLUMNS)
    fig = plt.figure(figsize=(12.5, 3.8 * rows + 0.7), layout="constrained")
    panels = list(fig.subplots(rows, COLUMNS, squeeze=False).ravel())
    seen = {}
    for panel, (title, biases) in zip(panels, chosen, strict=False):
        portrait = phase_portrait(NETWORK.replace(biases=biases), trajectories=trajectories)
        portrait.plot(panel, legend=False)
        panel.set_title(f"{title}\nbiases {biases[0]:g}, {biases[1]:g}", loc="left", fontsize="medium")
        seen |= dict(zip(*reversed(panel.get_legend_handles_labels()), strict=True))
    for panel in panels[len(chosen) :]:
        panel.remove()
    fig.legend(list(seen.values()), list(seen), loc="outside lower center", ncols=6, frameon=False)
    return fig
