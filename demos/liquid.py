"""A liquid of spiking neurons: the same circuit answers different inputs with waves that stay apart."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from neurodynamics import Pulse, simulate
from recurrent import LiquidState


def figure(units: int = 40, duration: float = 250.0) -> Figure:
    """Spikes under two inputs, and the distance of the states over the distance of the inputs."""
    net = LiquidState.random(units, 1, strength=1.5, rng=3).replace(synaptic_time=10.0)
    t = np.linspace(0, duration, 300)

    def answer(height: float):
        return simulate(net, duration, net.rest(), t_eval=t, inputs=[Pulse(50.0, 60.0, height)], max_step=2.0)

    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    runs = [answer(height) for height in (1.0, 1.05, 1.5, 3.0)]
    for ax, run, height in zip(axes, (runs[0], runs[3]), (1.0, 3.0), strict=False):
        ax.axvspan(50, 110, color="#dddddd")
        for neuron, times in enumerate(run.t_events):
            ax.plot(times, np.full(len(times), neuron), "|", color="#222222", markersize=4)
        ax.set(xlabel="time (ms)", ylabel="neuron", xlim=(0, duration), title=f"spikes, a pulse of {height:g}")
    for k, (run, height) in enumerate(zip(runs[1:], (1.05, 1.5, 3.0), strict=True)):
        distance = np.linalg.norm(run.outputs - runs[0].outputs, axis=0)
        axes[2].plot(t, distance, color=plotting.series_color(k), label=f"inputs {height - 1:.2g} apart")
    axes[2].set(xlabel="time (ms)", ylabel="distance of synaptic currents", title="separation")
    axes[2].legend(frameon=False)
    return fig
