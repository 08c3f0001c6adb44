"""One weight is varied over 200 networks at once: rest, oscillation, rest."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import CTRNN, simulate_ensemble

NETWORK = CTRNN(weights=[[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
NAME = "weights[0, 1]"


def figure(members: int = 200, duration: float = 400.0) -> Figure:
    """What each neuron does in the long run, against the strength of the connection from neuron 1 to neuron 0."""
    weights = np.linspace(-1.0, 4.0, members)
    t = np.linspace(0.0, duration, 2001)
    ensemble = simulate_ensemble(NETWORK, duration, [0.0, 0.0], params={NAME: weights}, t_eval=t)

    fig = plt.figure(figsize=(8, 5.4), layout="constrained")
    for panel, neuron in zip(fig.subplots(2, 1, sharex=True), (0, 1), strict=True):
        plotting.plot_sweep(ensemble, weights, neuron=neuron, label=NAME, ax=panel)
        panel.axvline(NETWORK.param(NAME), linestyle="--", color="#222222", linewidth=0.9)
    fig.axes[0].set_xlabel("")
    fig.axes[0].set_title(f"in the long run: a band is an oscillation; dashed: the published {NAME}", loc="left")
    return fig
